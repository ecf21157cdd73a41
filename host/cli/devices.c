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

enum { N_COLUMNS = 10, CELL_BYTES = SCL_KEY_BYTES };

static const char *const title[N_COLUMNS] = { "key",     "type",   "units",  "memory",   "largest",
                                              "profile", "tuning", "device", "platform", "driver" };

struct row {
    char cell[N_COLUMNS][CELL_BYTES];
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
    return rc;
}

/* Numbers to the right, text to the left; nothing behind the last. */
static void print_cell(const char *text, int column, int width)
{
    if (column >= 2 && column <= 4)
        printf("%*s  ", width, text);
    else if (column < N_COLUMNS - 1)
        printf("%-*s  ", width, text);
    else
        puts(text);
}

static void print_table(const struct row row[], int n)
{
    int width[N_COLUMNS];

    for (int c = 0; c < N_COLUMNS; c++) {
        width[c] = (int)strlen(title[c]);
        for (int i = 0; i < n; i++)
            if ((int)strlen(row[i].cell[c]) > width[c])
                width[c] = (int)strlen(row[i].cell[c]);
    }
    for (int c = 0; c < N_COLUMNS; c++)
        print_cell(title[c], c, width[c]);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < N_COLUMNS; c++)
            print_cell(row[i].cell[c], c, width[c]);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < row[i].n_known; k++)
            printf("warning: %s: %s: %s\n", row[i].cell[0], row[i].known[k].what,
                   row[i].known[k].mend);
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
                cJSON_AddStringToObject(d, "version", f->version) && add_warnings(d, &row[i]);
        if (!cJSON_AddItemToArray(list, d))
            cJSON_Delete(d);
    }
    return scl_json_print(json, whole);
}

static int run(int argc, char **argv, bool *started)
{
    bool json = false;
    const struct scl_option options[] = { { "json", .flag = &json }, { 0 } };
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
    for (int i = 0; i < n; i++)
        SCL_TRY(fill(&row[i], facts, i));
    rc = SCL_OK;
    if (json)
        rc = print_json(facts, row, n);
    else
        print_table(row, n);
out:
    free(row);
    free(facts);
    return rc;
}

const struct scl_command scl_command_devices = {
    .name = "devices",
    .summary = "every OpenCL device: its key, profile and limits",
    .help = "usage: scorecl devices [--json]\n\n"
            "Lists every device of every platform. The key is what --device and the\n"
            "configuration's `device` take. `largest` is the largest single buffer, `profile`\n"
            "the file under backends/ that says how the device is used, and `tuning` where the\n"
            "choice of its kernels comes from: decisions of scorecl tune here, imported ones,\n"
            "those of the nearest relative, or the profile's defaults. A driver that is known to "
            "be bad is warned\n"
            "of below.\n\n"
            "    --json    the same as one JSON object\n\n"
            "example: scorecl devices\n",
    .run = run,
};
