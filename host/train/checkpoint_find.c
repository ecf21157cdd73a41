/* checkpoint_find.c - which checkpoints a run has, and which of them is the newest.
 *
 * Only a file of the very name that a save gives it counts. Copies under other names are
 * their owner's: neither taken for the newest nor removed.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "train/checkpoint_impl.h"

const char *scl_checkpoint_name(char out[SCL_CHECKPOINT_NAME_BYTES], enum scl_phase phase, int step)
{
    snprintf(out, SCL_CHECKPOINT_NAME_BYTES, "%s-%08d.safetensors", scl_phase_text(phase), step);
    return out;
}

/* Phase and step of the name, if it is one that scl_checkpoint_name() gives. */
static bool read_name(struct scl_checkpoint *out, const char *name)
{
    const char *dash = strchr(name, '-');
    const long step = dash ? strtol(dash + 1, NULL, 10) : -1;
    char ours[SCL_CHECKPOINT_NAME_BYTES];

    if (step < 0 || step > INT_MAX)
        return false;
    *out = (struct scl_checkpoint){ .step = (int)step };
    for (int phase = SCL_PHASE_SCORE; phase <= SCL_PHASE_ENCODER; phase++) {
        out->phase = (enum scl_phase)phase;
        if (strcmp(name, scl_checkpoint_name(ours, out->phase, out->step)) == 0)
            return true;
    }
    return false;
}

static int newest_first(const void *a, const void *b)
{
    struct scl_checkpoint x, y;

    read_name(&x, ((const struct scl_folder_entry *)a)->name);
    read_name(&y, ((const struct scl_folder_entry *)b)->name);
    if (x.phase != y.phase)
        return x.phase > y.phase ? -1 : 1;
    return (x.step < y.step) - (x.step > y.step);
}

/* The run's checkpoints, the newest first: encoders before scores, by number. */
static int list(struct scl_folder *out, char **folder, const char *run_folder)
{
    struct scl_checkpoint place;
    size_t n = 0;
    int rc;

    if (!(*folder = scl_path_join(run_folder, "checkpoints")))
        return SCL_NOMEM;
    if ((rc = scl_folder_load(out, *folder)) < 0)
        return rc;
    for (size_t i = 0; i < out->n; i++) {
        if (read_name(&place, out->entry[i].name))
            out->entry[n++] = out->entry[i];
        else
            free(out->entry[i].name);
    }
    out->n = n;
    if (n > 1)
        qsort(out->entry, n, sizeof *out->entry, newest_first);
    return SCL_OK;
}

/* Whether entry i is of the phase, and the newest of it or due. */
static bool is_due(const struct scl_folder *names, size_t i, enum scl_phase phase, int every)
{
    struct scl_checkpoint place, newer;

    read_name(&place, names->entry[i].name);
    if (place.phase != phase || place.step % every == 0)
        return place.phase == phase;
    return i == 0 || !read_name(&newer, names->entry[i - 1].name) || newer.phase != phase;
}

int scl_checkpoint_remove_old(const char *run_folder, enum scl_phase phase,
                              const struct scl_train_config *train)
{
    struct scl_folder names = { 0 };
    struct scl_checkpoint place;
    char *folder = NULL;
    int rc, due = 0, others = 0, n_due = 0;

    SCL_TRY(list(&names, &folder, run_folder));
    for (size_t i = 0; i < names.n; i++)
        n_due += is_due(&names, i, phase, train->checkpoint_every);
    for (size_t i = 0; i < names.n; i++) {
        char *path;

        read_name(&place, names.entry[i].name);
        if (place.phase != phase)
            continue;
        if (is_due(&names, i, phase, train->checkpoint_every) ? ++due <= train->keep
                                                              : ++others <= train->keep - n_due)
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

/* Whether the file is whole, and what its name says it is. */
static int check_file(const char *path, const char *name)
{
    struct scl_checkpoint place, info;
    struct scl_safetensors file;
    int rc = scl_checkpoint_open(&file, path);

    if (rc < 0)
        return rc;
    read_name(&place, name);
    rc = scl_checkpoint_read_info(&info, &file, path);
    if (rc == SCL_OK && (info.phase != place.phase || info.step != place.step))
        rc = scl_fail(SCL_DATA, "%s: metadata: found %s step %d, wanted what the file's name says",
                      path, scl_phase_text(info.phase), info.step);
    scl_safetensors_fini(&file);
    return rc;
}

/* The newest is damaged: the one before it is offered, not taken. */
static int refuse_damaged(const struct scl_folder *names, const char *folder)
{
    char words[SCL_ERROR_BYTES], older[1200];

    snprintf(words, sizeof words, "%s", scl_error());
    for (size_t i = 1; i < names->n; i++) {
        snprintf(older, sizeof older, "%s/%s", folder, names->entry[i].name);
        if (check_file(older, names->entry[i].name) == SCL_OK)
            return scl_fail(SCL_DATA,
                            "%s; %s is whole: remove the damaged file to go on from there", words,
                            older);
    }
    return scl_fail(SCL_DATA, "%s; there is no older whole one", words);
}

int scl_checkpoint_find(char *path, size_t size, const char *run_folder)
{
    struct scl_folder names = { 0 };
    char *folder = NULL;
    int rc;

    path[0] = '\0';
    SCL_TRY(list(&names, &folder, run_folder));
    if (names.n == 0)
        goto out;
    snprintf(path, size, "%s/%s", folder, names.entry[0].name);
    if ((rc = check_file(path, names.entry[0].name)) < 0)
        rc = refuse_damaged(&names, folder);
out:
    scl_folder_fini(&names);
    free(folder);
    return rc;
}
