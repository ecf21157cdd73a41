/* synthetic.c - the built-in data set as a kind: no file, any number of images.
 *
 * Image i of a split depends on the seed, the split and i alone, so a set of 100
 * images is the beginning of one of 1000. Classes follow each other in turn.
 */
#include "data/dataset_impl.h"

#include <string.h>

#include "base/status.h"
#include "io/image.h"

struct synthetic {
    uint64_t seed;
    uint32_t split;
};

/* The place of a split in this list is part of what its images are made from. */
static const struct {
    const char *name;
    uint32_t n;
} splits[] = { { "train", 10000 }, { "test", 2000 } };

static int find_split(uint32_t *out, const char *name)
{
    for (uint32_t i = 0; i < sizeof splits / sizeof *splits; i++)
        if (strcmp(splits[i].name, name) == 0) {
            *out = i;
            return SCL_OK;
        }
    return scl_fail(SCL_CONFIG, "data: synthetic has the splits 'train' and 'test', not '%s'",
                    name);
}

static int open_synthetic(struct scl_dataset *d, const struct scl_data_spec *spec)
{
    struct synthetic *own = scl_arena_alloc(&d->arena, sizeof *own);
    const char **names = scl_arena_alloc(&d->arena, SCL_SYNTH_CLASSES * sizeof *names);
    int32_t *label;
    int rc;

    if (!own || !names)
        return SCL_NOMEM;
    rc = find_split(&own->split, d->split);
    if (rc < 0)
        return rc;
    if (spec->n > INT32_MAX)
        return scl_fail(SCL_CONFIG, "data: %u synthetic images, more than %d", spec->n, INT32_MAX);
    own->seed = spec->seed;
    d->own = own;
    d->n = spec->n ? spec->n : splits[own->split].n;
    d->n_classes = SCL_SYNTH_CLASSES;
    d->height = d->width = SCL_SYNTH_SIDE;
    label = scl_arena_alloc(&d->arena, d->n * sizeof *label);
    if (!label)
        return SCL_NOMEM;
    for (uint32_t i = 0; i < d->n; i++)
        label[i] = (int32_t)(i % SCL_SYNTH_CLASSES);
    for (int c = 0; c < SCL_SYNTH_CLASSES; c++)
        names[c] = scl_synth_class_name(c);
    d->label = label;
    d->class_name = names;
    return SCL_OK;
}

static int decode(const struct scl_dataset *d, uint32_t index, struct scl_image *out)
{
    const struct synthetic *own = d->own;
    const int rc = scl_image_init(out, SCL_SYNTH_SIDE, SCL_SYNTH_SIDE, "synthetic");

    if (rc == SCL_OK)
        scl_synth_draw(out->pixels, own->seed, own->split, index);
    return rc;
}

const struct scl_dataset_kind scl_dataset_synthetic = {
    .name = "synthetic",
    .open = open_synthetic,
    .decode = decode,
};
