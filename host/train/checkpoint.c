/* checkpoint.c - states and metadata, to a file and back. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "graph/layout.h"
#include "train/checkpoint_impl.h"

#define FORMAT "scorecl-checkpoint/1"

const char *scl_phase_text(enum scl_phase phase)
{
    return phase == SCL_PHASE_SCORE ? "score" : "encoder";
}

/* A state's values in PyTorch's layout, in the arena. */
static int read_state(struct scl_tensor *out, struct scl_store *store,
                      const struct scl_store_entry *e, struct scl_arena *arena)
{
    const size_t n = scl_shape_count(e->shape);
    float *ours = malloc((n + 1) * sizeof *ours);
    float *torch = scl_arena_alloc(arena, n * sizeof *torch);
    struct scl_shape shape;
    int rc;

    if (!ours || !torch) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s in a checkpoint", e->name);
        goto out;
    }
    SCL_TRY(scl_store_read(store, e, ours));
    shape = scl_layout_torch_shape(e->shape);
    scl_layout_to_torch(torch, ours, e->shape);
    *out = (struct scl_tensor){
        .name = e->name, .type = SCL_TENSOR_F32, .rank = shape.rank, .data = torch
    };
    for (int d = 0; d < shape.rank; d++)
        out->dim[d] = shape.dim[d];
out:
    free(ours);
    return rc;
}

int scl_checkpoint_save(struct scl_store *store, const char *run_folder,
                        const struct scl_checkpoint *info, const struct scl_config *config)
{
    const int n = scl_store_count(store);
    struct scl_arena arena = { 0 };
    struct scl_tensor *tensor = scl_arena_alloc(&arena, ((size_t)n + 1) * sizeof *tensor);
    char *text = scl_config_text(config), step[16];
    char name[SCL_CHECKPOINT_NAME_BYTES];
    const char *path = scl_arena_text(&arena, "%s/checkpoints/%s", run_folder,
                                      scl_checkpoint_name(name, info->phase, info->step));
    const struct scl_meta meta[] = {
        { "format", FORMAT },
        { "phase", scl_phase_text(info->phase) },
        { "step", step },
        { "plan", info->plan },
        { "device", info->device },
        { "determinism", scl_config_word("determinism", config->determinism) },
        { "version", SCL_VERSION },
        { "config", text },
    };
    int rc;

    if (!tensor || !text || !path) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a checkpoint");
        goto out;
    }
    snprintf(step, sizeof step, "%d", info->step);
    for (int i = 0; i < n; i++)
        SCL_TRY(read_state(&tensor[i], store, scl_store_entry(store, i), &arena));
    SCL_TRY(scl_safetensors_save(path, (size_t)n, tensor, sizeof meta / sizeof *meta, meta, true));
    rc = scl_checkpoint_remove_old(run_folder, info->phase, &config->train);
out:
    free(text);
    scl_arena_fini(&arena);
    return rc;
}

int scl_checkpoint_open(struct scl_safetensors *file, const char *path)
{
    const char *format;
    int rc = scl_safetensors_load(file, path);

    if (rc < 0)
        return rc;
    format = scl_safetensors_meta(file, "format");
    if (!format || strcmp(format, FORMAT) != 0)
        rc = scl_fail(SCL_DATA, "%s: its format is '%s', not '%s'", path, format ? format : "",
                      FORMAT);
    else if (!file->hashed)
        rc = scl_fail(SCL_DATA, "%s: it has no checksum, so it is no whole checkpoint", path);
    if (rc < 0)
        scl_safetensors_fini(file);
    return rc;
}

/* Metadata's text under `key`, which every checkpoint has. */
static int read_meta(const char **out, const struct scl_safetensors *file, const char *path,
                     const char *key)
{
    *out = scl_safetensors_meta(file, key);
    return *out ? SCL_OK
                : scl_fail(SCL_DATA, "%s: metadata has no %s, so it is no whole checkpoint", path,
                           key);
}

int scl_checkpoint_read_info(struct scl_checkpoint *out, const struct scl_safetensors *file,
                             const char *path)
{
    const char *phase, *step, *plan, *device;
    char *end;
    long number;
    int rc;

    SCL_TRY(read_meta(&phase, file, path, "phase"));
    SCL_TRY(read_meta(&step, file, path, "step"));
    SCL_TRY(read_meta(&plan, file, path, "plan"));
    SCL_TRY(read_meta(&device, file, path, "device"));
    *out = (struct scl_checkpoint){ .phase = SCL_PHASE_SCORE };
    if (strcmp(phase, scl_phase_text(SCL_PHASE_ENCODER)) == 0)
        out->phase = SCL_PHASE_ENCODER;
    else if (strcmp(phase, scl_phase_text(SCL_PHASE_SCORE)) != 0)
        return scl_fail(SCL_DATA, "%s: metadata: phase: found '%.32s', wanted score or encoder",
                        path, phase);
    errno = 0;
    number = strtol(step, &end, 10);
    if (end == step || *end || errno || number < 0 || number > INT_MAX)
        return scl_fail(SCL_DATA, "%s: metadata: step: found '%.32s', wanted a whole number", path,
                        step);
    out->step = (int)number;
    snprintf(out->plan, sizeof out->plan, "%s", plan);
    snprintf(out->device, sizeof out->device, "%s", device);
out:
    return rc;
}

int scl_checkpoint_info(struct scl_checkpoint *out, struct scl_config *config, const char *path)
{
    struct scl_safetensors file;
    const char *text;
    int rc = scl_checkpoint_open(&file, path);

    if (rc < 0)
        return rc;
    SCL_TRY(scl_checkpoint_read_info(out, &file, path));
    if (!config)
        goto out;
    SCL_TRY(read_meta(&text, &file, path, "config"));
    rc = scl_config_load_text(config, path, text, strlen(text), 0, NULL);
out:
    scl_safetensors_fini(&file);
    return rc;
}

static int check_shape(const struct scl_tensor *t, struct scl_shape want, const char *path)
{
    struct scl_shape found = { .rank = t->rank };
    bool fits = t->rank == want.rank;

    for (int d = 0; fits && d < want.rank; d++) {
        fits = t->dim[d] <= INT_MAX;
        found.dim[d] = (int)t->dim[d];
    }
    if (fits && t->type != SCL_TENSOR_F32)
        return scl_fail(SCL_DATA, "%s: %s: found type %s, wanted F32", path, t->name,
                        scl_tensor_type_text(t->type));
    if (fits && scl_shape_equal(found, want))
        return SCL_OK;
    return scl_fail(SCL_DATA, "%s: %s has another shape there than this configuration's %s", path,
                    t->name, scl_shape_text(want));
}

static int write_state(struct scl_store *store, const struct scl_store_entry *e,
                       const struct scl_tensor *t, const char *path)
{
    const size_t n = scl_shape_count(e->shape);
    float *torch = malloc((n + 1) * sizeof *torch), *ours = malloc((n + 1) * sizeof *ours);
    int rc;

    if (!torch || !ours) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", e->name);
        goto out;
    }
    SCL_TRY(check_shape(t, scl_layout_torch_shape(e->shape), path));
    SCL_TRY(scl_tensor_floats(torch, t));
    scl_layout_from_torch(ours, torch, e->shape);
    rc = scl_store_write(store, e, ours);
out:
    free(ours);
    free(torch);
    return rc;
}

int scl_checkpoint_load(struct scl_store *store, const char *path, const char *prefix)
{
    struct scl_safetensors file;
    int rc = scl_checkpoint_open(&file, path);

    if (rc < 0)
        return rc;
    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i);
        const struct scl_tensor *t = scl_safetensors_find(&file, e->name);

        if (strncmp(e->name, prefix, strlen(prefix)) != 0)
            continue;
        if (!t) {
            rc = scl_fail(SCL_DATA, "%s: there is no %s in it", path, e->name);
            goto out;
        }
        SCL_TRY(write_state(store, e, t, path));
    }
    for (size_t i = 0; !*prefix && i < file.n_tensors; i++)
        if (!scl_store_find(store, file.tensor[i].name)) {
            rc = scl_fail(SCL_DATA, "%s: found %s in it, which this configuration's model has not",
                          path, file.tensor[i].name);
            goto out;
        }
out:
    scl_safetensors_fini(&file);
    return rc;
}

int scl_checkpoint_load_states(struct scl_store *store, const char *path)
{
    return scl_checkpoint_load(store, path, "encoder.");
}
