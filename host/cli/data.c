/* data.c - `scorecl data`: what a data set holds, and the built-in one as files. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/cli.h"
#include "data/configured.h"
#include "data/dataset.h"

/* Where the images are: a configuration says so, or a folder is looked into. */
struct source {
    const char *folder;       /* NULL: as the configuration says */
    struct scl_config config; /* without a folder */
    const char *kind;         /* with a folder */
};

static bool is_there(const char *folder, const char *name)
{
    char *path = scl_path_join(folder, name);
    const bool there = path && scl_path_kind(path) != SCL_PATH_NONE;

    free(path);
    return there;
}

static int find_source(struct source *s, const char *path, const struct scl_texts *set)
{
    if (scl_path_kind(path) != SCL_PATH_FOLDER)
        return scl_options_config(&s->config, path, set, NULL);
    if (set->n > 0)
        return scl_fail(SCL_USAGE, "data info: --set goes with a configuration, not with a folder");
    s->folder = path;
    s->kind = "image_folder";
    if (is_there(path, "cifar-10-batches-bin") || is_there(path, "data_batch_1.bin") ||
        is_there(path, "test_batch.bin"))
        s->kind = "cifar10";
    else if (is_there(path, "cifar-100-binary") || is_there(path, "train.bin") ||
             is_there(path, "test.bin"))
        s->kind = "cifar100";
    return SCL_OK;
}

static int has_split(bool *out, const struct source *s, const char *split)
{
    const struct scl_data_config *data = &s->config.data;

    *out = true;
    if (strcmp(split, "validation") == 0)
        *out = !s->folder && data->validation > 0;
    else if (strcmp(split, "test") == 0 && !s->folder)
        return scl_dataset_has_test(out, data);
    else if (strcmp(split, "test") == 0)
        *out = strcmp(s->kind, "image_folder") != 0 || is_there(s->folder, "test");
    return SCL_OK;
}

static int open_split(struct scl_dataset **out, const struct source *s, const char *split)
{
    const struct scl_data_spec spec = { .kind = s->kind, .root = s->folder, .split = split };

    return s->folder ? scl_dataset_open(out, &spec)
                     : scl_dataset_open_configured(out, &s->config.data, split);
}

/* What is said of a split. */
struct found {
    const char *split; /* NULL: there is no such split */
    uint32_t images;
    int classes, height, width;
    bool same_size;
};

static int look_into(struct found *out, const struct source *s, const char *split)
{
    struct scl_dataset *d = NULL;
    int rc;

    SCL_TRY(open_split(&d, s, split));
    *out = (struct found){ .split = split,
                           .images = scl_dataset_count(d),
                           .classes = scl_dataset_classes(d),
                           .same_size = scl_dataset_same_size(d) };
    scl_dataset_max_size(d, &out->height, &out->width);
out:
    scl_dataset_close(d);
    return rc;
}

static void print_split(const struct found *f)
{
    printf("%-10s  %8u images, %4d classes, %s%d x %d pixels\n", f->split, f->images, f->classes,
           f->same_size ? "" : "at most ", f->width, f->height);
}

static bool add_split(cJSON *json, const struct found *f)
{
    cJSON *o = cJSON_AddObjectToObject(json, f->split);

    return o && cJSON_AddNumberToObject(o, "images", f->images) &&
           cJSON_AddNumberToObject(o, "classes", f->classes) &&
           cJSON_AddNumberToObject(o, "max_height", f->height) &&
           cJSON_AddNumberToObject(o, "max_width", f->width) &&
           cJSON_AddBoolToObject(o, "same_size", f->same_size);
}

static int print_json(const struct found found[], int n)
{
    cJSON *json = cJSON_CreateObject();
    bool whole = json != NULL;

    for (int i = 0; whole && i < n; i++)
        if (found[i].split)
            whole = add_split(json, &found[i]);
    return scl_json_print(json, whole);
}

static int run_info(int argc, char **argv)
{
    static const char *const splits[] = { "train", "validation", "test" };
    enum { N_SPLITS = sizeof splits / sizeof *splits };
    struct scl_texts set = { 0 };
    bool is_json = false, there;
    const struct scl_option options[] = { { "set", .texts = &set },
                                          { "json", .flag = &is_json },
                                          { 0 } };
    struct source source = { 0 };
    struct found found[N_SPLITS] = { 0 };
    int rc, first;

    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    SCL_TRY(find_source(&source, argv[first], &set));
    /* All of them first: of a set that is refused nothing is said but why. */
    for (int i = 0; i < N_SPLITS; i++) {
        SCL_TRY(has_split(&there, &source, splits[i]));
        if (there)
            SCL_TRY(look_into(&found[i], &source, splits[i]));
    }
    if (is_json)
        return print_json(found, N_SPLITS);
    for (int i = 0; i < N_SPLITS; i++)
        if (found[i].split)
            print_split(&found[i]);
    rc = SCL_OK;
out:
    return rc;
}

static int run_synth(int argc, char **argv)
{
    uint64_t n_train = 5000, n_test = 1000, seed = 1;
    const struct scl_option options[] = { { "train", .number = &n_train, .max = 1000000 },
                                          { "test", .number = &n_test, .max = 1000000 },
                                          { "seed", .number = &seed },
                                          { 0 } };
    int rc, first;

    SCL_TRY(first = scl_options_read(argc, argv, options, 1, 1));
    SCL_TRY(scl_data_synth_save(argv[first], (uint32_t)n_train, (uint32_t)n_test, seed));
    printf("%s: %llu images to train, %llu to test\n", argv[first], (unsigned long long)n_train,
           (unsigned long long)n_test);
out:
    return rc;
}

static int run(int argc, char **argv, bool *started)
{
    (void)started;
    if (argc > 1 && strcmp(argv[1], "info") == 0)
        return run_info(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "synth") == 0)
        return run_synth(argc - 1, argv + 1);
    if (argc > 1)
        return scl_fail(SCL_USAGE, "data: there is no '%s'; see scorecl data --help", argv[1]);
    return scl_fail(SCL_USAGE, "data: found nothing to do, wanted info or synth; see scorecl data "
                               "--help");
}

const struct scl_command scl_command_data = {
    .name = "data",
    .summary = "what a data set holds; the built-in one as files",
    .help = "usage: scorecl data info [--set KEY=VALUE] [--json] CONFIG|FOLDER\n"
            "       scorecl data synth [--train N] [--test N] [--seed S] FOLDER\n\n"
            "info says how many images, classes and pixels each split has. A folder holds PNG or\n"
            "JPEG files (train/CLASS/NAME.png, test/...) or CIFAR's binary files.\n\n"
            "synth writes the built-in images, drawn from a seed, as PNG files into a new folder;\n"
            "5000 to train and 1000 to test by default.\n\n"
            "example: scorecl data info configs/quickstart/simclr.yaml\n"
            "example: scorecl data synth shapes --train 2000 --test 500\n",
    .run = run,
};
