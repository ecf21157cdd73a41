/* doctor.c - `scorecl doctor`: why a device is missing or unfit, and the line that mends it. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/cli.h"
#include "doctor/judge.h"

extern char **environ;

/* Lines below one another, each indented. */
static void print_mend(const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");

        printf("             %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

static void print_summary(const struct scl_diagnosis *v)
{
    const int problems = scl_findings_count(&v->findings, SCL_PROBLEM);
    const int warnings = scl_findings_count(&v->findings, SCL_WARNING);

    if (v->n_usable > 0)
        printf("%d usable device%s", v->n_usable, plural(v->n_usable));
    else
        printf("no usable device");
    printf("; %d problem%s, %d warning%s; ", problems, plural(problems), warnings,
           plural(warnings));
    if (v->n_usable > 0)
        printf("runs take %s\n", v->best);
    else
        printf("do what is indented, and run scorecl doctor again\n");
}

static void print_text(const struct scl_machine *m, const struct scl_diagnosis *v)
{
    const struct scl_findings *f = &v->findings;

    printf("%-8s  %s%s, %d processor%s, user %s%s\n", "system",
           m->name[0] ? m->name : "an unknown Linux", m->is_wsl ? " in WSL" : "", m->n_cpu,
           plural(m->n_cpu), m->user, m->is_container ? ", in a container" : "");
    for (int i = 0; i < f->n; i++) {
        printf("%-8s  %s\n", scl_severity_text(f->finding[i].severity), f->finding[i].found);
        print_mend(f->finding[i].mend);
    }
    print_summary(v);
}

static int print_json(const struct scl_diagnosis *v)
{
    const struct scl_findings *f = &v->findings;
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "findings");
    bool whole = list && cJSON_AddNumberToObject(json, "usable_devices", v->n_usable) &&
                 cJSON_AddStringToObject(json, "best", v->best) &&
                 cJSON_AddNumberToObject(json, "problems", scl_findings_count(f, SCL_PROBLEM)) &&
                 cJSON_AddNumberToObject(json, "warnings", scl_findings_count(f, SCL_WARNING));

    for (int i = 0; whole && i < f->n; i++) {
        cJSON *o = cJSON_CreateObject();

        whole = cJSON_AddStringToObject(o, "severity", scl_severity_text(f->finding[i].severity)) &&
                cJSON_AddStringToObject(o, "check", f->finding[i].check) &&
                cJSON_AddStringToObject(o, "found", f->finding[i].found) &&
                cJSON_AddStringToObject(o, "mend", f->finding[i].mend);
        if (!cJSON_AddItemToArray(list, o))
            cJSON_Delete(o);
    }
    return scl_json_print(json, whole);
}

static int run(int argc, char **argv, bool *started)
{
    bool json = false;
    const struct scl_option options[] = { { "json", .flag = &json }, { 0 } };
    struct scl_machine machine = { 0 };
    struct scl_diagnosis diagnosis = { 0 };
    int rc;

    SCL_TRY(scl_options_read(argc, argv, options, 0, 0));
    *started = true;
    SCL_TRY(scl_machine_look(&machine, "", environ));
    if (isatty(STDERR_FILENO))
        fputs("asking the drivers; one that hangs is given up after three minutes\n", stderr);
    SCL_TRY(scl_machine_ask(&machine));
    SCL_TRY(scl_doctor_judge(&diagnosis, &machine));
    if (json)
        SCL_TRY(print_json(&diagnosis));
    else
        print_text(&machine, &diagnosis);
    rc = diagnosis.n_usable > 0 ? 0 : 3; /* said already: no words of a failure */
out:
    scl_diagnosis_fini(&diagnosis);
    scl_machine_fini(&machine);
    return rc;
}

const struct scl_command scl_command_doctor = {
    .name = "doctor",
    .summary = "why a device is missing or unfit, and the line that mends it",
    .help =
        "usage: scorecl doctor [--json]\n\n"
        "Looks at the drivers that are registered with OpenCL, the GPUs on the bus and who may\n"
        "open them, settings, and each device: builds a kernel on it, runs it and compares, in\n"
        "processes of their own, as drivers crash and hang. One line for each thing found:\n\n"
        "    ok         as it should be\n"
        "    warning    works, but costs time or trust\n"
        "    problem    keeps a device from being used\n\n"
        "and indented below it the lines that mend it. Nothing is changed. Returns 0 when a "
        "device\n"
        "is usable, 3 when none is.\n\n"
        "    --json    the same as one JSON object\n\n"
        "example: scorecl doctor\n",
    .run = run,
};
