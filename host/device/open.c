/* open.c - choosing a device, its context and its queue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "device/device_impl.h"
#include "device/walk_impl.h"

enum { KEY_BYTES = 320 };

struct choice {
    const char *key;
    char seen[768]; /* the keys there are, for the refusal */
    char last_key[KEY_BYTES];
    int n_same;
    cl_device_id best;
    struct scl_facts facts; /* of the best */
};

static bool is_better(const struct scl_facts *a, const struct scl_facts *b)
{
    if (a->is_cpu != b->is_cpu)
        return b->is_cpu;
    return a->compute_units > b->compute_units;
}

static int consider(void *user, cl_platform_id platform, cl_device_id id)
{
    struct choice *c = user;
    struct scl_facts facts;
    char key[KEY_BYTES], numbered[KEY_BYTES + 16];
    const int rc = scl_facts_query(&facts, platform, id);
    const size_t used = strlen(c->seen);

    if (rc < 0)
        return rc;
    scl_device_key(key, sizeof key, &facts);
    c->n_same = strcmp(key, c->last_key) == 0 ? c->n_same + 1 : 0;
    snprintf(c->last_key, sizeof c->last_key, "%s", key);
    snprintf(numbered, sizeof numbered, "%s#%d", key, c->n_same);
    snprintf(c->seen + used, sizeof c->seen - used, "%s%s", used ? ", " : "",
             c->n_same ? numbered : key);
    if (c->key[0] && strcmp(c->key, numbered) != 0 && strcmp(c->key, key) != 0)
        return SCL_OK;
    if (c->best && (c->key[0] || !is_better(&facts, &c->facts)))
        return SCL_OK;
    c->best = id;
    c->facts = facts;
    return SCL_OK;
}

int scl_device_missing(void)
{
    return scl_fail(SCL_NO_DEVICE, "no OpenCL device was found; scorecl doctor says why, and what "
                                   "to install or set");
}

static int choose(struct choice *c, const char *key)
{
    int rc;

    c->key = key ? key : "";
    if ((rc = scl_devices_walk(consider, c)) < 0)
        return rc;
    if (c->best)
        return SCL_OK;
    if (c->seen[0])
        return scl_fail(SCL_USAGE, "there is no device '%s'; there are: %s", c->key, c->seen);
    return scl_device_missing();
}

int scl_device_open(struct scl_device **out, const char *key, size_t memory_bytes)
{
    struct choice choice = { 0 };
    struct scl_device *device = NULL;
    cl_int err;
    int rc;

    *out = NULL;
    SCL_TRY(choose(&choice, key));
    if (!(device = calloc(1, sizeof *device))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a device");
        goto out;
    }
    device->facts = choice.facts;
    device->id = choice.best;
    if (memory_bytes) {
        device->facts.global_bytes = memory_bytes;
        if (device->facts.max_alloc_bytes > memory_bytes)
            device->facts.max_alloc_bytes = memory_bytes;
    }
    SCL_TRY(scl_profile_open(&device->profile, &device->facts));
    device->context = clCreateContext(NULL, 1, &device->id, NULL, NULL, &err);
    SCL_TRY(scl_cl(err, "clCreateContext", device->facts.name));
    device->queue =
        clCreateCommandQueue(device->context, device->id, CL_QUEUE_PROFILING_ENABLE, &err);
    SCL_TRY(scl_cl(err, "clCreateCommandQueue", device->facts.name));
    *out = device;
    device = NULL;
out:
    scl_device_close(device);
    return rc == SCL_DEVICE ? SCL_NO_DEVICE : rc; /* one that does not open is not usable */
}

void scl_device_close(struct scl_device *device)
{
    if (!device)
        return;
    scl_programs_free(device);
    if (device->queue)
        clReleaseCommandQueue(device->queue);
    if (device->context)
        clReleaseContext(device->context);
    scl_tuning_close(device->tuning);
    scl_profile_close(device->profile);
    free(device);
}

const struct scl_facts *scl_device_facts(const struct scl_device *device)
{
    return &device->facts;
}

const struct scl_profile *scl_device_profile(const struct scl_device *device)
{
    return device->profile;
}

int scl_device_load_tuning(struct scl_device *device)
{
    return device->tuning ? SCL_OK
                          : scl_tuning_open(&device->tuning, &device->facts, device->profile);
}

const struct scl_tuning *scl_device_tuning(const struct scl_device *device)
{
    return device->tuning;
}

int scl_device_finish(struct scl_device *device)
{
    return scl_cl(clFinish(device->queue), "clFinish", NULL);
}
