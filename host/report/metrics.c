/* metrics.c - objects to lines, and what a resumed run keeps of them. */
#include "report/metrics.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "report/lines.h"

enum { MAX_BYTES = 1 << 30 };

struct scl_metrics {
    struct scl_lines lines;
    const struct scl_field *field;
};

static int fail_memory(void)
{
    return scl_fail(SCL_NOMEM, "out of memory for a line of metrics");
}

/* The first line, without an end; malloc'd. */
static char *header_text(const struct scl_field field[])
{
    cJSON *json = cJSON_CreateObject(), *fields;
    char *text = NULL;
    bool whole = cJSON_AddStringToObject(json, "format", "scorecl-metrics/1") &&
                 (fields = cJSON_AddObjectToObject(json, "fields")) &&
                 cJSON_AddStringToObject(fields, "phase", "") &&
                 cJSON_AddStringToObject(fields, "step", "");

    for (; whole && field->name; field++)
        whole = cJSON_AddStringToObject(fields, field->name, field->unit);
    if (whole)
        text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

/* Whether the line belongs to what is kept; `seen` is whether one of `phase` came
 * before it. */
static bool keeps(const char *line, size_t size, const char *phase, int step, bool *seen)
{
    cJSON *json = cJSON_ParseWithLength(line, size);
    const char *of = cJSON_GetStringValue(cJSON_GetObjectItem(json, "phase"));
    const cJSON *at = cJSON_GetObjectItem(json, "step");
    bool keep = of && cJSON_IsNumber(at);

    if (keep && strcmp(of, phase) == 0) {
        *seen = true;
        keep = at->valuedouble <= step;
    } else {
        keep = keep && !*seen;
    }
    cJSON_Delete(json);
    return keep;
}

/* Bytes from `body` on that stay. */
static size_t kept_bytes(const char *body, const char *phase, int step)
{
    const char *line = body, *end;
    bool seen = false;

    for (; (end = strchr(line, '\n')); line = end + 1)
        if (!keeps(line, (size_t)(end - line), phase, step, &seen))
            break;
    return (size_t)(line - body);
}

/* Writes the file anew: our header, and what is kept of the old lines. */
static int begin(const char *path, const struct scl_field field[], const char *phase, int step)
{
    char *header = header_text(field), *old = NULL;
    const char *body = NULL;
    size_t size, kept = 0;
    int rc = SCL_OK;

    if (!header)
        return fail_memory();
    if (phase && scl_path_kind(path) != SCL_PATH_NONE) {
        SCL_TRY(scl_file_read(&old, &size, path, MAX_BYTES));
        if ((body = strchr(old, '\n')))
            kept = kept_bytes(++body, phase, step);
    }
    rc = scl_file_write_parts(path, 3,
                              (const struct scl_bytes[]){ { header, strlen(header) },
                                                          { "\n", 1 },
                                                          { body ? body : "", kept } });
out:
    free(old);
    cJSON_free(header);
    return rc;
}

int scl_metrics_open(struct scl_metrics **out, const char *path, const struct scl_field field[],
                     const char *phase, int step)
{
    struct scl_metrics *m = calloc(1, sizeof *m);
    int rc;

    *out = NULL;
    if (!m)
        return fail_memory();
    m->field = field;
    SCL_TRY(begin(path, field, phase, step));
    SCL_TRY(scl_lines_open(&m->lines, path));
    *out = m;
    m = NULL;
out:
    scl_metrics_close(m);
    return rc;
}

void scl_metrics_close(struct scl_metrics *m)
{
    if (!m)
        return;
    scl_lines_close(&m->lines);
    free(m);
}

static bool is_field(const struct scl_metrics *m, const char *name)
{
    const struct scl_field *f = m->field;

    while (f->name && strcmp(f->name, name) != 0)
        f++;
    return f->name;
}

int scl_metrics_push(struct scl_metrics *m, const char *phase, int step, int n,
                     const struct scl_metric metric[])
{
    cJSON *json = cJSON_CreateObject();
    char *text = NULL;
    bool whole = cJSON_AddStringToObject(json, "phase", phase) &&
                 cJSON_AddNumberToObject(json, "step", step);
    int rc;

    for (int i = 0; whole && i < n; i++) {
        assert(is_field(m, metric[i].name));
        whole = cJSON_AddNumberToObject(json, metric[i].name, metric[i].value);
    }
    if (whole)
        text = cJSON_PrintUnformatted(json);
    rc = text ? scl_lines_push(&m->lines, text) : fail_memory();
    cJSON_free(text);
    cJSON_Delete(json);
    return rc;
}

int scl_metrics_flush(struct scl_metrics *m)
{
    return scl_lines_flush(&m->lines);
}
