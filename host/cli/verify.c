/* verify.c - `scorecl verify`: conformance cases on a device. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "device/compile.h"
#include "eval/verify.h"
#include "graph/case_run.h"
#include "plan/plan.h"

static int find_class(enum scl_class *out, const char *name)
{
    for (int i = SCL_CLASS_F32; i <= SCL_CLASS_F16; i++)
        if (strcmp(name, scl_class_text((enum scl_class)i)) == 0) {
            *out = (enum scl_class)i;
            return SCL_OK;
        }
    return scl_fail(SCL_USAGE, "verify: --class: found '%s', wanted f32, tf32 or f16", name);
}

static void print_line(void *user, const struct scl_verify_line *l)
{
    char op[SCL_ERROR_BYTES], path[SCL_ERROR_BYTES];

    (void)user;
    printf("%s %s %s %s", l->held ? "PASS" : "FAIL", scl_line_text(op, sizeof op, l->op),
           scl_line_text(path, sizeof path, l->path), l->candidate);
    if (l->words)
        printf(" %s\n", l->words);
    else
        printf(" abs %.3g rel %.3g %s\n", l->abs_error, l->rel_error, l->tensor);
    fflush(stdout);
}

struct json_lines {
    cJSON *list;
    bool failed; /* out of memory */
};

static void add_line(void *user, const struct scl_verify_line *l)
{
    struct json_lines *lines = user;
    cJSON *o = cJSON_CreateObject();
    bool whole = cJSON_AddBoolToObject(o, "held", l->held) &&
                 cJSON_AddStringToObject(o, "op", l->op) &&
                 cJSON_AddStringToObject(o, "file", l->path) &&
                 cJSON_AddStringToObject(o, "candidate", l->candidate);

    if (whole && l->words)
        whole = cJSON_AddStringToObject(o, "words", l->words);
    else if (whole)
        whole = cJSON_AddNumberToObject(o, "abs_error", l->abs_error) &&
                cJSON_AddNumberToObject(o, "rel_error", l->rel_error) &&
                cJSON_AddStringToObject(o, "tensor", l->tensor);
    if (!cJSON_AddItemToArray(lines->list, o))
        cJSON_Delete(o);
    lines->failed |= !whole;
}

static int print_json(cJSON *list, bool failed, const char *device,
                      const struct scl_verify_summary *summary)
{
    cJSON *json = cJSON_CreateObject();
    const bool whole = !failed && cJSON_AddStringToObject(json, "device", device) &&
                       cJSON_AddNumberToObject(json, "cases", summary->n_case) &&
                       cJSON_AddNumberToObject(json, "held", summary->n_held) &&
                       cJSON_AddNumberToObject(json, "failed", summary->n_failed) &&
                       cJSON_AddItemToObject(json, "lines", list);

    if (!whole)
        cJSON_Delete(list);
    return scl_json_print(json, whole);
}

/* A path that leads nowhere is a wrong command line, not a case that fails. */
static int check_paths(int n, char **path)
{
    for (int i = 0; i < n; i++)
        if (scl_path_kind(path[i]) == SCL_PATH_NONE &&
            strncmp(path[i], SCL_CASE_BUILTIN, strlen(SCL_CASE_BUILTIN)) != 0)
            return scl_fail(SCL_USAGE, "verify: %s: there is no such file or folder", path[i]);
    return SCL_OK;
}

static int verify(struct scl_device *device, const struct scl_verify_spec *spec, bool json, int n,
                  char **path)
{
    struct json_lines lines = { .list = json ? cJSON_CreateArray() : NULL };
    struct scl_verify_summary summary = { 0 };
    char key[320];
    int rc;

    for (int i = 0; i < n; i++)
        if ((rc = scl_verify_run(&summary, device, path[i], spec, json ? add_line : print_line,
                                 &lines)) < 0) {
            cJSON_Delete(lines.list);
            return rc;
        }
    scl_device_key(key, sizeof key, scl_device_facts(device));
    if (!json)
        printf("cases %d held %d failed %d\n", summary.n_case, summary.n_held, summary.n_failed);
    else if ((rc = print_json(lines.list, lines.failed, key, &summary)) < 0)
        return rc;
    return summary.n_case > 0 && summary.n_failed == 0 ? 0 : 1;
}

static int run(int argc, char **argv, bool *started)
{
    const char *key = "", *class = "f32";
    bool json = false;
    struct scl_verify_spec spec = { 0 };
    const struct scl_option options[] = { { "device", .text = &key },
                                          { "all-candidates", .flag = &spec.all_candidates },
                                          { "class", .text = &class },
                                          { "json", .flag = &json },
                                          { 0 } };
    char builtin[] = SCL_CASE_BUILTIN, *own[] = { builtin }, **path = own;
    struct scl_device *device = NULL;
    int rc, first, n = 1;

    SCL_TRY(first = scl_options_read(argc, argv, options, 0, -1));
    if (first < argc) {
        path = argv + first;
        n = argc - first;
    }
    SCL_TRY(find_class(&spec.numeric, class));
    SCL_TRY(check_paths(n, path));
    scl_compilers_set(NULL); /* a case needs few programs, and their start takes longer */
    SCL_TRY(scl_device_open(&device, key, 0));
    *started = true;
    rc = verify(device, &spec, json, n, path);
out:
    scl_device_close(device);
    return rc;
}

const struct scl_command scl_command_verify = {
    .name = "verify",
    .summary = "runs conformance cases on a device against stored results",
    .help =
        "usage: scorecl verify [OPTION...] [PATH...]\n\n"
        "Runs each case (*.safetensors, and all of them below a folder) and compares what\n"
        "comes out with what the file says must. Without a PATH, the cases that the program\n"
        "carries. One line a case and candidate; 0 is returned only if one ran and all held.\n\n"
        "    --device KEY        which device (scorecl devices); the best one\n"
        "    --all-candidates    every candidate of every operator, not only the chosen one\n"
        "    --class CLASS       candidates of this precision: f32 (default), tf32, f16\n"
        "    --json              the same as one JSON object, at the end\n\n"
        "example: scorecl verify --all-candidates tests/cases/conv2d\n",
    .run = run,
};
