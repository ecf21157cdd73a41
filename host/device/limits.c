/* limits.c - measured limits in the user's cache folder: declared in measure.h.
 *
 * Text, a line a value, that names its device, driver and program, and ends with XXH3 of what
 * stands before. It is believed when the values that it holds give the very same bytes again.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/file.h"
#include "base/status.h"
#include "device/device_impl.h"
#include "device/measure.h"

enum { MAX_BYTES = 2048 };

static int print_head(char out[MAX_BYTES], const struct scl_facts *facts)
{
    char key[SCL_KEY_BYTES];

    scl_device_key(key, sizeof key, facts);
    return snprintf(out, MAX_BYTES, "device %s\ndriver %s\nversion %s\nscorecl %s\n", key,
                    facts->driver, facts->version, SCL_VERSION);
}

static void print_file(char out[MAX_BYTES], const struct scl_facts *facts,
                       const struct scl_limits *l)
{
    int n = print_head(out, facts);

    n += snprintf(out + n, MAX_BYTES - (size_t)n,
                  "measured %s\ngflops %.17g\ncopy_gbps %.17g\nlaunch_us %.17g\n"
                  "write_gbps %.17g\nread_gbps %.17g\ncores %.17g\n",
                  l->date, l->gflops, l->copy_gbps, l->launch_us, l->write_gbps, l->read_gbps,
                  l->cores);
    snprintf(out + n, MAX_BYTES - (size_t)n, "xxh3 %016" PRIx64 "\n",
             (uint64_t)XXH3_64bits(out, (size_t)n));
}

static bool find_path(char *out, size_t size, const struct scl_facts *facts)
{
    char folder[768], head[MAX_BYTES];
    const int n = print_head(head, facts);

    if (!scl_cache_make(folder, sizeof folder, "limits"))
        return false;
    snprintf(out, size, "%s/%016" PRIx64 ".txt", folder, (uint64_t)XXH3_64bits(head, (size_t)n));
    return true;
}

static bool read_values(struct scl_limits *out, const char *text)
{
    const char *at = strstr(text, "\nmeasured ");
    double *const value[] = { &out->gflops,     &out->copy_gbps, &out->launch_us,
                              &out->write_gbps, &out->read_gbps, &out->cores };

    if (!at || sscanf(at,
                      " measured %23s gflops %lf copy_gbps %lf launch_us %lf write_gbps %lf "
                      "read_gbps %lf cores %lf",
                      out->date, value[0], value[1], value[2], value[3], value[4], value[5]) != 7)
        return false;
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        if (!isfinite(*value[i]) || *value[i] <= 0)
            return false;
    return true;
}

bool scl_limits_find(struct scl_limits *out, const struct scl_facts *facts)
{
    char path[1024], again[MAX_BYTES], *text = NULL;
    size_t size;
    bool found;

    *out = (struct scl_limits){ 0 };
    if (!find_path(path, sizeof path, facts) || scl_path_kind(path) != SCL_PATH_FILE ||
        scl_file_read(&text, &size, path, MAX_BYTES) < 0)
        return false;
    if ((found = read_values(out, text)))
        print_file(again, facts, out);
    found = found && size == strlen(again) && memcmp(text, again, size) == 0;
    free(text);
    if (!found)
        *out = (struct scl_limits){ 0 };
    out->is_kept = found;
    return found;
}

void scl_limits_save(const struct scl_limits *limits, const struct scl_facts *facts)
{
    char path[1024], text[MAX_BYTES];

    if (!find_path(path, sizeof path, facts))
        return;
    print_file(text, facts, limits);
    (void)scl_file_write(path, text, strlen(text));
}

int scl_limits_get(struct scl_limits *out, struct scl_device *device, double least_cores)
{
    if (scl_limits_find(out, &device->facts) && out->cores >= least_cores)
        return SCL_OK;
    return scl_limits_measure(out, device);
}
