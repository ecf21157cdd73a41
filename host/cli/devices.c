/* devices.c - `scorecl devices`: what there is to run on. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/known_driver.h"
#include "backend/profile.h"
#include "backend/tuning.h"
#include "base/status.h"
#include "cli/cli.h"
#include "device/device.h"
#include "device/measure.h"

enum { N_COLUMNS = 16, CELL_BYTES = SCL_KEY_BYTES };

/* Numbers to the right, text to the left. */
static const struct {
    const char *title;
    bool right;
} column[N_COLUMNS] = { { "key", 0 },       { "type", 0 },       { "units", 1 },
                        { "memory", 1 },    { "largest", 1 },    { "profile", 0 },
                        { "tuning", 0 },    { "device", 0 },     { "platform", 0 },
                        { "driver", 0 },    { "GFLOP/s", 1 },    { "copy GB/s", 1 },
                        { "launch us", 1 }, { "write GB/s", 1 }, { "read GB/s", 1 },
                        { "measured", 0 } };

/* Columns of the two tables, each ended by -1. */
static const int what_it_is[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1 };
static const int what_it_can[] = { 0, 10, 11, 12, 13, 14, 15, -1 };

struct row {
    char cell[N_COLUMNS][CELL_BYTES];
    struct scl_limits limits;                     /* gflops 0: not measured */
    struct scl_known_driver known[SCL_MAX_KNOWN]; /* what is bad of its driver */
    int n_known;
};

/* "tuned here (12)", "imported (3)", "relative KEY", "default". */
static int fill_tuning(char cell[CELL_BYTES], const struct scl_facts *facts,
                       const struct scl_profile *profile)
{
    struct scl_tuning *tuning;
    struct scl_tuning_count n;
    const int rc = scl_tuning_open(&tuning, facts, profile);

    if (rc < 0)
        return rc;
    n = scl_tuning_count(tuning);
    if (n.tuned)
        snprintf(cell, CELL_BYTES, "tuned here (%d)", n.tuned);
    else if (n.imported)
        snprintf(cell, CELL_BYTES, "imported (%d)", n.imported);
    else if (n.relative)
        snprintf(cell, CELL_BYTES, "relative %.300s", n.nearest);
    else
        snprintf(cell, CELL_BYTES, "default");
    scl_tuning_close(tuning);
    return SCL_OK;
}

static void fill_limits(struct row *row)
{
    const struct scl_limits *l = &row->limits;
    const double value[] = { l->gflops, l->copy_gbps, l->launch_us, l->write_gbps, l->read_gbps };

    for (int i = 0; i < 5; i++)
        snprintf(row->cell[10 + i], CELL_BYTES, l->gflops > 0 ? "%.1f" : "-", value[i]);
    snprintf(row->cell[15], CELL_BYTES, "%s", l->gflops > 0 ? l->date : "not yet");
}

static int measure(struct scl_limits *out, const char *key)
{
    struct scl_device *device;
    int rc;

    SCL_TRY(scl_device_open(&device, key, 0));
    rc = scl_limits_measure(out, device);
    scl_device_close(device);
out:
    return rc;
}

static int fill(struct row *row, const struct scl_facts facts[], int i)
{
    const struct scl_facts *f = &facts[i];
    struct scl_profile *profile = NULL;
    int rc;

    SCL_TRY(scl_profile_open(&profile, f));
    SCL_TRY(fill_tuning(row->cell[6], f, profile));
    scl_device_key_numbered(row->cell[0], CELL_BYTES, facts, sizeof *facts, i);
    snprintf(row->cell[1], CELL_BYTES, "%s", f->is_cpu ? "CPU" : "GPU");
    snprintf(row->cell[2], CELL_BYTES, "%d", f->compute_units);
    snprintf(row->cell[3], CELL_BYTES, "%.1f GiB", (double)f->global_bytes / 0x1p30);
    snprintf(row->cell[4], CELL_BYTES, "%.1f GiB", (double)f->max_alloc_bytes / 0x1p30);
    snprintf(row->cell[5], CELL_BYTES, "%s", scl_profile_name(profile));
    snprintf(row->cell[7], CELL_BYTES, "%s", f->name);
    snprintf(row->cell[8], CELL_BYTES, "%s", f->platform);
    snprintf(row->cell[9], CELL_BYTES, "%s", f->driver);
    rc = scl_known_driver_find(row->known, &row->n_known, f);
out:
    scl_profile_close(profile);
    scl_limits_find(&row->limits, f);
    return rc;
}

/* Nothing behind the last. */
static void print_cell(const char *text, bool right, int width, bool last)
{
    if (last)
        puts(text);
    else
        printf("%*s  ", right ? width : -width, text);
}

static void print_table(const struct row row[], int n, const int list[])
{
    int width[N_COLUMNS];

    for (int k = 0; list[k] >= 0; k++) {
        width[k] = (int)strlen(column[list[k]].title);
        for (int i = 0; i < n; i++)
            if ((int)strlen(row[i].cell[list[k]]) > width[k])
                width[k] = (int)strlen(row[i].cell[list[k]]);
    }
    for (int i = -1; i < n; i++)
        for (int k = 0; list[k] >= 0; k++)
            print_cell(i < 0 ? column[list[k]].title : row[i].cell[list[k]], column[list[k]].right,
                       width[k], list[k + 1] < 0);
}

static void print_warnings(const struct row *row)
{
    for (int k = 0; k < row->n_known; k++)
        printf("warning: %s: %s: %s\n", row->cell[0], row->known[k].what, row->known[k].mend);
    if (row->limits.gflops > 0 && row->limits.cores < SCL_MOST_CORES)
        printf("warning: %s: other programs ran while it was measured, and left it %.0f %% of its "
               "cores: scorecl devices --measure\n",
               row->cell[0], 100 * row->limits.cores);
}

static void print_text(const struct row row[], int n)
{
    bool measured = false;

    for (int i = 0; i < n; i++)
        measured = measured || row[i].limits.gflops > 0;
    print_table(row, n, what_it_is);
    if (measured) {
        putchar('\n');
        print_table(row, n, what_it_can);
    }
    for (int i = 0; i < n; i++)
        print_warnings(&row[i]);
}

/* Under "limits", what was measured; null: nothing yet. */
static bool add_limits(cJSON *device, const struct scl_limits *l)
{
    cJSON *limits;

    if (l->gflops <= 0)
        return cJSON_AddNullToObject(device, "limits");
    limits = cJSON_AddObjectToObject(device, "limits");
    return cJSON_AddNumberToObject(limits, "peak_gflops", l->gflops) &&
           cJSON_AddNumberToObject(limits, "copy_gbps", l->copy_gbps) &&
           cJSON_AddNumberToObject(limits, "launch_us", l->launch_us) &&
           cJSON_AddNumberToObject(limits, "write_gbps", l->write_gbps) &&
           cJSON_AddNumberToObject(limits, "read_gbps", l->read_gbps) &&
           cJSON_AddNumberToObject(limits, "cores", l->cores) &&
           cJSON_AddStringToObject(limits, "measured", l->date);
}

/* Under "warnings", what is known of the driver, each a line. */
static bool add_warnings(cJSON *device, const struct row *row)
{
    cJSON *list = cJSON_AddArrayToObject(device, "warnings");
    bool whole = list;

    for (int k = 0; whole && k < row->n_known; k++) {
        char text[sizeof row->known[k] + 4];

        snprintf(text, sizeof text, "%s: %s", row->known[k].what, row->known[k].mend);
        whole = cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
    return whole;
}

static int print_json(const struct scl_facts facts[], const struct row row[], int n)
{
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "devices");
    bool whole = list;

    for (int i = 0; whole && i < n; i++) {
        const struct scl_facts *f = &facts[i];
        cJSON *d = cJSON_CreateObject();

        whole = cJSON_AddStringToObject(d, "key", row[i].cell[0]) &&
                cJSON_AddStringToObject(d, "type", f->is_cpu ? "cpu" : "gpu") &&
                cJSON_AddNumberToObject(d, "compute_units", f->compute_units) &&
                cJSON_AddNumberToObject(d, "memory_bytes", (double)f->global_bytes) &&
                cJSON_AddNumberToObject(d, "max_alloc_bytes", (double)f->max_alloc_bytes) &&
                cJSON_AddStringToObject(d, "profile", row[i].cell[5]) &&
                cJSON_AddStringToObject(d, "tuning", row[i].cell[6]) &&
                cJSON_AddStringToObject(d, "name", f->name) &&
                cJSON_AddStringToObject(d, "vendor", f->vendor) &&
                cJSON_AddStringToObject(d, "platform", f->platform) &&
                cJSON_AddStringToObject(d, "driver", f->driver) &&
                cJSON_AddStringToObject(d, "version", f->version) &&
                add_limits(d, &row[i].limits) && add_warnings(d, &row[i]);
        if (!cJSON_AddItemToArray(list, d))
            cJSON_Delete(d);
    }
    return scl_json_print(json, whole);
}

static int run(int argc, char **argv, bool *started)
{
    bool json = false, measured = false;
    const struct scl_option options[] = { { "json", .flag = &json },
                                          { "measure", .flag = &measured },
                                          { 0 } };
    struct scl_facts *facts = NULL;
    struct row *row = NULL;
    int n = 0, rc;

    (void)started;
    SCL_TRY(scl_options_read(argc, argv, options, 0, 0));
    SCL_TRY(scl_device_list(&facts, &n));
    if (n == 0) {
        rc = scl_device_missing();
        goto out;
    }
    if (!(row = calloc((size_t)n, sizeof *row))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a table of devices");
        goto out;
    }
    for (int i = 0; i < n; i++) {
        SCL_TRY(fill(&row[i], facts, i));
        if (measured)
            SCL_TRY(measure(&row[i].limits, row[i].cell[0]));
        fill_limits(&row[i]);
    }
    rc = SCL_OK;
    if (json)
        rc = print_json(facts, row, n);
    else
        print_text(row, n);
out:
    free(row);
    free(facts);
    return rc;
}

const struct scl_command scl_command_devices = {
    .name = "devices",
    .summary = "every OpenCL device: its key, profile and limits",
    .help =
        "usage: scorecl devices [--measure] [--json]\n\n"
        "Lists every device of every platform. The key is what --device and the\n"
        "configuration's `device` take. `largest` is the largest single buffer, `profile`\n"
        "the file under backends/ that says how the device is used, and `tuning` where the\n"
        "parameters of its kernels come from. A driver that is known to be bad is warned\n"
        "of below.\n\n"
        "    --measure  measures what each can do at most: fused multiply-adds, copies, launches,\n"
        "               transfers; and keeps it for bench, plan and later lists\n"
        "    --json     the same as one JSON object\n\n"
        "example: scorecl devices --measure\n",
    .run = run,
};
