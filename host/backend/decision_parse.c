/* decision_parse.c - lines of the tuning database, of which nothing is believed unseen. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/bars_impl.h"
#include "backend/decision.h"
#include "base/file.h"
#include "base/status.h"

enum {
    DEVICE,
    DRIVER,
    NODE,
    PLAN,
    CLASS,
    MS,
    MAX_ERROR,
    SHARE,
    HASH,
    ORIGIN,
    VERSION,
    N_FIELD,
    KIN_DEVICE = 0,
    KIN_VENDOR,
    KIN_PROFILE,
    KIN_TYPE,
    KIN_LOCAL,
    N_KIN_FIELD,
    LINE_BYTES = 1536,
    MAX_FILE_BYTES = 1 << 23,
    MAX_PARAM = 1 << 24
};

/* Where the reader is. */
struct place {
    const char *path;
    int line;
    bool record;
};

static int refuse(const struct place *p, const char *field, const char *found, const char *wanted)
{
    return scl_fail(SCL_CONFIG, "%s:%d: %s: found \"%.80s\", wanted %s", p->path, p->line, field,
                    found, wanted);
}

static bool is_made_of(const char *text, const char *more)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(more, *text))
            return false;
    return true;
}

/* "platform:name:12cu" in small letters, as scl_device_key() writes it. */
static bool is_device(const char *text)
{
    const char *first = strchr(text, ':'), *last = strrchr(text, ':');
    size_t digits;

    if (strlen(text) >= SCL_KEY_BYTES || !is_made_of(text, ":-") || !first || first == text)
        return false;
    for (const char *c = text; *c; c++)
        if (isupper((unsigned char)*c))
            return false;
    digits = strspn(last + 1, "0123456789");
    return last > first + 1 && strchr(first + 1, ':') == last && digits > 0 && digits < 8 &&
           strcmp(last + 1 + digits, "cu") == 0;
}

/* Printed characters, without bars: they are what cut the line. */
static bool is_text(const char *text, size_t size)
{
    if (!*text || strlen(text) >= size)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            return false;
    return true;
}

/* "NAME=12" or "kernel.vec:NAME=12" up to a blank or the end; its length, or 0. */
static size_t param_length(const char *text)
{
    const size_t kernel = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_./");
    size_t n = kernel > 0 && text[kernel] == ':' ? kernel + 1 : 0, name, digits;
    long value;

    name = strspn(text + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (name == 0 || isdigit((unsigned char)text[n]) || text[n + name] != '=')
        return 0;
    n += name + 1;
    digits = strspn(text + n, "0123456789");
    value = digits > 0 && digits < 9 ? strtol(text + n, NULL, 10) : 0;
    n += digits;
    return value >= 1 && value <= MAX_PARAM && (text[n] == ' ' || text[n] == '\0') ? n : 0;
}

/* "direct.vec NAME=12 NAME=3": a blank between two, each name once. */
static bool is_plan(const char *text)
{
    const char *const params = text + strcspn(text, " ");

    if (!is_text(text, SCL_PLAN_BYTES) || params == text)
        return false;
    for (const char *c = text; c < params; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '.' && *c != '_')
            return false;
    for (const char *at = params; *at;) {
        const size_t n = param_length(at + 1), name = strcspn(at + 1, "=") + 1;

        if (n == 0)
            return false;
        for (const char *seen = params; seen < at; seen += 1 + strcspn(seen + 1, " "))
            if (strncmp(seen + 1, at + 1, name) == 0)
                return false;
        at += 1 + n;
    }
    return true;
}

static bool is_hash(const char *text)
{
    return strlen(text) == 8 && strspn(text, "0123456789abcdef") == 8;
}

/* A finite number that is not negative; "-", which is -1, for one that is not known. */
static bool read_number(double *out, const char *text)
{
    char *end;

    if (strcmp(text, "-") == 0) {
        *out = -1;
        return true;
    }
    if (!isdigit((unsigned char)*text) || text[strspn(text, "0123456789.eE+-")])
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

static bool read_verdict(struct scl_decision *d, const char *text)
{
    for (int v = SCL_TIMED + 1; v < SCL_N_VERDICT; v++)
        if (strcmp(text, scl_verdict_text((enum scl_verdict)v)) == 0) {
            d->verdict = (enum scl_verdict)v;
            d->ms = -1;
            return true;
        }
    d->verdict = SCL_TIMED;
    return read_number(&d->ms, text);
}

static bool read_origin(struct scl_decision *d, char *text, bool record)
{
    const size_t word = strcspn(text, ":");

    for (int o = 0; o < (record ? SCL_N_ORIGIN : SCL_RELATIVE); o++) {
        const char *name = scl_origin_text((enum scl_origin)o);

        if (strlen(name) != word || strncmp(name, text, word) != 0)
            continue;
        d->origin = (enum scl_origin)o;
        d->from = o == SCL_RELATIVE && text[word] ? text + word + 1 : NULL;
        return o == SCL_RELATIVE ? d->from && is_device(d->from) : text[word] == '\0';
    }
    return false;
}

/* The texts of the line. */
static int check_texts(const struct place *p, char *const f[N_FIELD])
{
    if (!is_device(f[DEVICE]))
        return refuse(p, "device", f[DEVICE], "a key, as scorecl devices prints them");
    if (!is_text(f[DRIVER], SCL_DRIVER_BYTES))
        return refuse(p, "driver", f[DRIVER], "a version of up to 127 bytes, or -");
    if (!is_text(f[NODE], SCL_NODE_KEY_BYTES))
        return refuse(p, "operator and shape", f[NODE], "a text of up to 255 bytes");
    if (!is_plan(f[PLAN]))
        return refuse(p, "plan", f[PLAN],
                      "a candidate, and for each parameter NAME=NUMBER, 1 to 16777216");
    if (strcmp(f[CLASS], "f32") != 0 && strcmp(f[CLASS], "tf32") != 0 &&
        strcmp(f[CLASS], "f16") != 0)
        return refuse(p, "class", f[CLASS], "f32, tf32 or f16");
    if (!is_hash(f[HASH]))
        return refuse(p, "kernel hash", f[HASH], "8 hexadecimal digits in small letters");
    if (!*f[VERSION] || strlen(f[VERSION]) > 31 || !is_made_of(f[VERSION], ".+-~"))
        return refuse(p, "tool version", f[VERSION], "a version, as in 0.1.0");
    return SCL_OK;
}

static int check_numbers(struct scl_decision *d, const struct place *p, char *const f[N_FIELD])
{
    if (!read_verdict(d, f[MS]))
        return refuse(p, "ms", f[MS], "milliseconds, wrong, crashed, hung or build-error");
    if (!read_number(&d->max_error, f[MAX_ERROR]))
        return refuse(p, "max error", f[MAX_ERROR], "a number, or -");
    if (!read_number(&d->share, f[SHARE]))
        return refuse(p, "share of peak", f[SHARE], "a number, or -");
    if (!read_origin(d, f[ORIGIN], p->record))
        return refuse(p, "source", f[ORIGIN], "tuned, measured or imported");
    if (d->verdict == SCL_TIMED && d->ms <= 0 && !p->record)
        return refuse(p, "ms", f[MS], "the time that was measured");
    if (d->verdict != SCL_TIMED && d->origin == SCL_TUNED)
        return refuse(p, "source", f[ORIGIN], "measured or imported of a plan that failed");
    return SCL_OK;
}

static int parse_line(struct scl_decisions *out, const struct place *p, char *line)
{
    struct scl_decision d = { 0 };
    char *f[N_FIELD];
    const int n = scl_bars_split(f, N_FIELD, line);
    int rc;

    if (n != N_FIELD)
        return scl_fail(SCL_CONFIG, "%s:%d: found %d fields between bars, wanted %d", p->path,
                        p->line, n, N_FIELD);
    SCL_TRY(check_texts(p, f));
    SCL_TRY(check_numbers(&d, p, f));
    d.device = f[DEVICE];
    d.driver = f[DRIVER];
    d.node = f[NODE];
    d.plan = f[PLAN];
    d.numeric = f[CLASS];
    d.hash = f[HASH];
    d.version = f[VERSION];
    rc = scl_decisions_put(out, &d);
out:
    return rc;
}

static int parse_kin(struct scl_decisions *out, const struct place *p, char *line)
{
    char *f[N_KIN_FIELD], *end;
    const int n = scl_bars_split(f, N_KIN_FIELD, line);
    struct scl_kin kin;

    if (n != N_KIN_FIELD)
        return scl_fail(SCL_CONFIG, "%s:%d: found %d fields between bars behind #@, wanted %d",
                        p->path, p->line, n, N_KIN_FIELD);
    if (!is_device(f[KIN_DEVICE]))
        return refuse(p, "device", f[KIN_DEVICE], "a key, as scorecl devices prints them");
    if (!is_text(f[KIN_VENDOR], 128))
        return refuse(p, "vendor", f[KIN_VENDOR], "a text of up to 127 bytes, or -");
    if (!is_text(f[KIN_PROFILE], 64))
        return refuse(p, "profile", f[KIN_PROFILE], "a profile's name");
    if (strcmp(f[KIN_TYPE], "cpu") != 0 && strcmp(f[KIN_TYPE], "gpu") != 0)
        return refuse(p, "type", f[KIN_TYPE], "cpu or gpu");
    kin = (struct scl_kin){ .device = f[KIN_DEVICE],
                            .vendor = f[KIN_VENDOR],
                            .profile = f[KIN_PROFILE],
                            .is_cpu = f[KIN_TYPE][0] == 'c',
                            .local_bytes = (size_t)strtoull(f[KIN_LOCAL], &end, 10) };
    if (!isdigit((unsigned char)f[KIN_LOCAL][0]) || *end || strlen(f[KIN_LOCAL]) > 15)
        return refuse(p, "local memory", f[KIN_LOCAL], "bytes, a whole number");
    return scl_decisions_put_kin(out, &kin);
}

static int parse_any(struct scl_decisions *out, struct place *p, const char *text, size_t length)
{
    char line[LINE_BYTES];

    if (length >= sizeof line)
        return scl_fail(SCL_CONFIG, "%s:%d: found %zu bytes, wanted fewer than %d", p->path,
                        p->line, length, LINE_BYTES);
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    line[strcspn(line, "\r")] = '\0';
    if (strncmp(line, "#@", 2) == 0)
        return parse_kin(out, p, line + 2);
    return line[0] == '#' || line[0] == '\0' ? SCL_OK : parse_line(out, p, line);
}

int scl_decisions_parse(struct scl_decisions *list, const char *path, const char *text, bool record)
{
    struct place p = { .path = path, .record = record };
    int rc = SCL_OK;

    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        p.line++;
        SCL_TRY(parse_any(list, &p, text, length));
    }
out:
    return rc;
}

int scl_decisions_load(struct scl_decisions *list, const char *path, bool record)
{
    char *text = NULL;
    size_t size;
    int rc;

    if (scl_path_kind(path) == SCL_PATH_NONE)
        return SCL_OK;
    SCL_TRY(scl_file_read(&text, &size, path, MAX_FILE_BYTES));
    if (strlen(text) != size)
        rc = scl_fail(SCL_CONFIG, "%s: has a zero byte, wanted a decision a line", path);
    else
        rc = scl_decisions_parse(list, path, text, record);
out:
    free(text);
    return rc;
}
