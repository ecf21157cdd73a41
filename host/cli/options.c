/* options.c - getopt_long behind a table, and JSON to stdout. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/cli.h"

enum { MAX_OPTIONS = 16 };

static int read_number(const char *command, const struct scl_option *o, const char *text)
{
    char *end;
    uint64_t value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[strspn(text, "0123456789")] != '\0' || end == text || errno != 0 ||
        (o->max && value > o->max))
        return scl_fail(SCL_USAGE, "%s: --%s: found '%s', wanted a whole number from 0 to %llu",
                        command, o->name, text, (unsigned long long)(o->max ? o->max : UINT64_MAX));
    *o->number = value;
    return SCL_OK;
}

static int set(const char *command, const struct scl_option *o, char *value)
{
    if (o->flag)
        *o->flag = true;
    else if (o->text)
        *o->text = value;
    else if (o->number)
        return read_number(command, o, value);
    else if (o->texts->n == SCL_MAX_TEXTS)
        return scl_fail(SCL_USAGE, "%s: --%s is given more than %d times", command, o->name,
                        SCL_MAX_TEXTS);
    else
        o->texts->text[o->texts->n++] = value;
    return SCL_OK;
}

static int check_count(const char *command, int n, int min, int max)
{
    if (n >= min && (max < 0 || n <= max))
        return SCL_OK;
    if (min == max)
        return scl_fail(SCL_USAGE, "%s: found %d arguments, wanted %d; see scorecl %s --help",
                        command, n, min, command);
    return scl_fail(SCL_USAGE, "%s: found %d arguments, wanted %d to %d; see scorecl %s --help",
                    command, n, min, max, command);
}

int scl_options_read(int argc, char **argv, const struct scl_option option[], int min, int max)
{
    struct option table[MAX_OPTIONS + 1] = { 0 };
    int n = 0, found, rc;

    for (; option[n].name && n < MAX_OPTIONS; n++)
        table[n] = (struct option){ option[n].name,
                                    option[n].flag ? no_argument : required_argument, NULL, n + 1 };
    optind = 0; /* GNU: forget what an earlier call kept */
    opterr = 0;
    while ((found = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        if (found == ':')
            return scl_fail(SCL_USAGE, "%s: %s wants a value", argv[0], argv[optind - 1]);
        if (found == '?')
            return scl_fail(SCL_USAGE, "%s: there is no option %s; see scorecl %s --help", argv[0],
                            argv[optind - 1], argv[0]);
        if ((rc = set(argv[0], &option[found - 1], optarg)) < 0)
            return rc;
    }
    rc = check_count(argv[0], argc - optind, min, max);
    return rc < 0 ? rc : optind;
}

int scl_options_config(struct scl_config *out, const char *path, const struct scl_texts *set,
                       const char *device)
{
    const int rc = scl_config_load(out, path, set->n, set->text);

    if (rc < 0 || !device)
        return rc;
    if (strlen(device) >= sizeof out->device)
        return scl_fail(SCL_USAGE, "--device: found %zu bytes, wanted fewer than %zu",
                        strlen(device), sizeof out->device);
    snprintf(out->device, sizeof out->device, "%s", device);
    return SCL_OK;
}

int scl_json_print(struct cJSON *json, bool whole)
{
    char *text = whole && json ? cJSON_Print(json) : NULL;

    cJSON_Delete(json);
    if (!text)
        return scl_fail(SCL_NOMEM, "out of memory for the answer");
    puts(text);
    cJSON_free(text);
    return SCL_OK;
}
