/* checkpoint.c - states and metadata, to a file and back. */
#include "train/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/status.h"
#include "graph/layout.h"
#include "io/safetensors.h"

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

static int name_order(const void *a, const void *b)
{
    const struct scl_folder_entry *x = a, *y = b;

    return strcmp(y->name, x->name);
}

/* The run's checkpoints, the newest first: encoders before scores, by number. */
static int list(struct scl_folder *out, char **folder, const char *run_folder)
{
    int rc;

    if (!(*folder = scl_path_join(run_folder, "checkpoints")))
        return SCL_NOMEM;
    if ((rc = scl_folder_load(out, *folder)) < 0)
        return rc;
    if (out->n > 1)
        qsort(out->entry, out->n, sizeof *out->entry, name_order);
    for (size_t i = 0, n = 0; i < out->n; i++) {
        struct scl_folder_entry *e = &out->entry[i];

        if (strncmp(e->name, "encoder-", 8) == 0) {
            const struct scl_folder_entry moved = *e;

            memmove(&out->entry[n + 1], &out->entry[n], (i - n) * sizeof *e);
            out->entry[n++] = moved;
        }
    }
    return SCL_OK;
}

static bool is_checkpoint(const char *name, const char *phase)
{
    const char *end = strrchr(name, '.');

    return end && strcmp(end, ".safetensors") == 0 && strncmp(name, phase, strlen(phase)) == 0;
}

int scl_checkpoint_remove_old(const char *run_folder, enum scl_phase phase, int keep)
{
    struct scl_folder names = { 0 };
    char *folder = NULL;
    int rc, seen = 0;

    SCL_TRY(list(&names, &folder, run_folder));
    for (size_t i = 0; i < names.n; i++) {
        char *path;

        if (!is_checkpoint(names.entry[i].name, scl_phase_text(phase)) || ++seen <= keep)
            continue;
        if ((path = scl_path_join(folder, names.entry[i].name)))
            remove(path);
        free(path);
    }
out:
    scl_folder_fini(&names);
    free(folder);
    return rc;
}

int scl_checkpoint_save(struct scl_store *store, const char *run_folder,
                        const struct scl_checkpoint *info, const struct scl_config *config)
{
    const int n = scl_store_count(store);
    struct scl_arena arena = { 0 };
    struct scl_tensor *tensor = scl_arena_alloc(&arena, ((size_t)n + 1) * sizeof *tensor);
    char *text = scl_config_text(config), step[16];
    const char *path = scl_arena_text(&arena, "%s/checkpoints/%s-%08d.safetensors", run_folder,
                                      scl_phase_text(info->phase), info->step);
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
    rc = scl_checkpoint_remove_old(run_folder, info->phase, config->train.keep);
out:
    free(text);
    scl_arena_fini(&arena);
    return rc;
}

static int open_file(struct scl_safetensors *file, const char *path)
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

/* The newest is damaged: the one before it is offered, not taken. */
static int refuse_damaged(const struct scl_folder *names, const char *folder, size_t damaged)
{
    char words[1024], older[1200];

    snprintf(words, sizeof words, "%s", scl_error());
    for (size_t i = damaged + 1; i < names->n; i++) {
        struct scl_safetensors file;

        snprintf(older, sizeof older, "%s/%s", folder, names->entry[i].name);
        if (!is_checkpoint(names->entry[i].name, "") || open_file(&file, older) < 0)
            continue;
        scl_safetensors_fini(&file);
        return scl_fail(SCL_DATA, "%s; %s is whole: remove the damaged file to go on from there",
                        words, older);
    }
    return scl_fail(SCL_DATA, "%s; there is no older whole one", words);
}

int scl_checkpoint_find(char *path, size_t size, const char *run_folder)
{
    struct scl_folder names = { 0 };
    struct scl_safetensors file;
    char *folder = NULL;
    int rc;

    path[0] = '\0';
    SCL_TRY(list(&names, &folder, run_folder));
    for (size_t i = 0; i < names.n; i++) {
        if (!is_checkpoint(names.entry[i].name, ""))
            continue;
        snprintf(path, size, "%s/%s", folder, names.entry[i].name);
        if ((rc = open_file(&file, path)) == SCL_OK)
            scl_safetensors_fini(&file);
        else
            rc = refuse_damaged(&names, folder, i);
        goto out;
    }
out:
    scl_folder_fini(&names);
    free(folder);
    return rc;
}

int scl_checkpoint_info(struct scl_checkpoint *out, const char *path)
{
    struct scl_safetensors file;
    const char *phase, *step, *plan, *device;
    int rc = open_file(&file, path);

    if (rc < 0)
        return rc;
    phase = scl_safetensors_meta(&file, "phase");
    step = scl_safetensors_meta(&file, "step");
    plan = scl_safetensors_meta(&file, "plan");
    device = scl_safetensors_meta(&file, "device");
    *out = (struct scl_checkpoint){ 0 };
    if (!phase || !step || !plan || !device || sscanf(step, "%d", &out->step) != 1 || out->step < 0)
        rc = scl_fail(SCL_DATA, "%s: phase, step, plan or device is missing in the metadata", path);
    if (rc == SCL_OK) {
        out->phase = strcmp(phase, "score") == 0 ? SCL_PHASE_SCORE : SCL_PHASE_ENCODER;
        snprintf(out->plan, sizeof out->plan, "%s", plan);
        snprintf(out->device, sizeof out->device, "%s", device);
    }
    scl_safetensors_fini(&file);
    return rc;
}

static int write_state(struct scl_store *store, const struct scl_store_entry *e,
                       const struct scl_tensor *t, const char *path)
{
    const size_t n = scl_shape_count(e->shape);
    float *torch = malloc((n + 1) * sizeof *torch), *ours = malloc((n + 1) * sizeof *ours);
    struct scl_shape want;
    bool fits;
    int rc;

    if (!torch || !ours) {
        rc = scl_fail(SCL_NOMEM, "out of memory for %s", e->name);
        goto out;
    }
    want = scl_layout_torch_shape(e->shape);
    fits = t->rank == want.rank;
    for (int d = 0; fits && d < want.rank; d++)
        fits = t->dim[d] == want.dim[d];
    if (!fits) {
        rc = scl_fail(SCL_DATA, "%s: %s has another shape there than this configuration's %s", path,
                      e->name, scl_shape_text(want));
        goto out;
    }
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
    int rc = open_file(&file, path);

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
out:
    scl_safetensors_fini(&file);
    return rc;
}

int scl_checkpoint_load_states(struct scl_store *store, const char *path)
{
    return scl_checkpoint_load(store, path, "encoder.");
}
