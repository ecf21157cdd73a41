/* test_checkpoint.c - what is saved comes back; what is damaged is refused by name. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "support/op_check.h"
#include "support/temp_folder.h"
#include "train/checkpoint.h"

static struct scl_graph *g;
static struct scl_store *store;
static struct scl_config config;
static const char text[] = "name: x\ndata: { kind: synthetic }\nmethod: { kind: simclr }\n"
                           "train: { epochs: 1, keep: 2 }\n";

static void setup(void)
{
    char *folder;

    temp_folder_open();
    folder = scl_path_join(temp_path("run"), "checkpoints");
    ck_assert_int_eq(scl_folder_make(folder), SCL_OK);
    free(folder);
    ck_assert_msg(scl_config_load_text(&config, "test", text, strlen(text), 0, NULL) == SCL_OK,
                  "%s", scl_error());
    g = scl_graph_new();
    scl_state(g, "encoder.conv1.weight", SCL_SHAPE4(3, 3, 2, 5),
              (struct scl_init){ SCL_INIT_NORMAL, 1 });
    scl_state(g, "encoder.fc.weight", SCL_SHAPE2(4, 7), (struct scl_init){ SCL_INIT_UNIFORM, 1 });
    scl_state(g, "encoder.fc.bias", SCL_SHAPE1(7), (struct scl_init){ SCL_INIT_CONSTANT, 2 });
    ck_assert_int_eq(scl_store_new(&store, test_device(), 1, &g, 7), SCL_OK);
}

static void teardown(void)
{
    scl_store_free(store);
    scl_graph_free(g);
    temp_folder_close();
}

static void save(int step)
{
    const struct scl_checkpoint info = {
        .phase = SCL_PHASE_ENCODER, .step = step, .plan = "0123456789abcdef", .device = "pocl:x:2cu"
    };

    ck_assert_msg(scl_checkpoint_save(store, temp_path("run"), &info, &config) == SCL_OK, "%s",
                  scl_error());
}

static void find(char path[1200])
{
    ck_assert_msg(scl_checkpoint_find(path, 1200, temp_path("run")) == SCL_OK, "%s", scl_error());
}

/* With and without the stop between them, the same ones stay. */
START_TEST(checkpoint_of_an_interruption_goes_with_the_next)
{
    static const struct {
        int saved[6]; /* 0: no more */
        const char *stay;
    } run[] = {
        { { 3, 6, 9, 10 }, "encoder-00000009 encoder-00000010 " },
        { { 3, 6, 8 }, "encoder-00000006 encoder-00000008 " },
        { { 3, 6, 8, 9 }, "encoder-00000006 encoder-00000009 " },
        { { 3, 6, 7, 8, 9, 10 }, "encoder-00000009 encoder-00000010 " },
        { { 1, 2, 3 }, "encoder-00000002 encoder-00000003 " },
    };
    struct scl_folder names = { 0 };
    char *folder = scl_path_join(temp_path("run"), "checkpoints"), stay[128] = "";

    config.train.checkpoint_every = 3;
    for (int i = 0; i < 6 && run[_i].saved[i]; i++)
        save(run[_i].saved[i]);
    ck_assert_int_eq(scl_folder_load(&names, folder), SCL_OK);
    for (size_t i = 0; i < names.n; i++)
        snprintf(stay + strlen(stay), sizeof stay - strlen(stay), "%.16s ", names.entry[i].name);
    ck_assert_str_eq(stay, run[_i].stay);
    scl_folder_fini(&names);
    free(folder);
}
END_TEST

START_TEST(every_state_comes_back_bit_for_bit)
{
    float want[90], got[90], zeros[90] = { 0 };
    char path[1200];

    save(3);
    find(path);
    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i);

        scl_store_draw(want, e, 7);
        ck_assert_int_eq(scl_store_write(store, e, zeros), SCL_OK);
    }
    ck_assert_msg(scl_checkpoint_load_states(store, path) == SCL_OK, "%s", scl_error());
    for (int i = 0; i < scl_store_count(store); i++) {
        const struct scl_store_entry *e = scl_store_entry(store, i);

        scl_store_draw(want, e, 7);
        ck_assert_int_eq(scl_store_read(store, e, got), SCL_OK);
        ck_assert_mem_eq(got, want, scl_shape_count(e->shape) * sizeof(float));
    }
}
END_TEST

START_TEST(newest_is_found_and_only_as_many_stay_as_asked)
{
    struct scl_checkpoint info;
    struct scl_folder names = { 0 };
    char path[1200], *folder = scl_path_join(temp_path("run"), "checkpoints");

    find(path);
    ck_assert_str_eq(path, "");
    for (int step = 8; step <= 11; step++)
        save(step);
    find(path);
    ck_assert_int_eq(scl_checkpoint_info(&info, NULL, path), SCL_OK);
    ck_assert_int_eq(info.step, 11);
    ck_assert_str_eq(info.plan, "0123456789abcdef");
    ck_assert_int_eq(scl_folder_load(&names, folder), SCL_OK);
    ck_assert_uint_eq(names.n, 2);
    scl_folder_fini(&names);
    free(folder);
}
END_TEST

/* What find() says of the newest, which is refused; the one before it is offered. */
static void check_offered(const char *what, size_t at)
{
    char found[1200];

    ck_assert_msg(scl_checkpoint_find(found, sizeof found, temp_path("run")) == SCL_DATA,
                  "%s %zu is taken", what, at);
    ck_assert_ptr_nonnull(strstr(scl_error(), "encoder-00000002.safetensors: "));
    ck_assert_msg(strstr(scl_error(), "encoder-00000001.safetensors is whole: remove the damaged "
                                      "file to go on from there"),
                  "%s %zu: %s", what, at, scl_error());
}

START_TEST(any_altered_byte_is_refused_and_the_one_before_is_offered)
{
    char path[1200], *bytes;
    uint64_t header;
    size_t size;

    save(1);
    save(2);
    find(path);
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 1 << 20), SCL_OK);
    memcpy(&header, bytes, sizeof header);
    /* Every byte of the length and of the header's last part, which has the tensors; the
     * metadata before it and the payload in steps. */
    for (size_t at = 0; at < size;
         at += at < 8 || (at + 400 > header && at < header + 8) ? 1 : 23) {
        for (int bit = 0; bit < 8; bit += 3) {
            bytes[at] ^= (char)(1 << bit);
            write_file(path, bytes, size);
            check_offered("altered byte", at);
            bytes[at] ^= (char)(1 << bit);
        }
    }
    write_file(path, bytes, size);
    find(path); /* put back, it is whole */
    free(bytes);
}
END_TEST

START_TEST(truncated_prolonged_and_empty_file_is_refused)
{
    char path[1200], *bytes;
    size_t size;

    save(1);
    save(2);
    find(path);
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 1 << 20), SCL_OK);
    for (size_t part = 0; part < 16; part++) {
        write_file(path, bytes, size * part / 16);
        check_offered("sixteenths", part);
    }
    write_file(path, bytes, size - 1);
    check_offered("all but one byte", 0);
    bytes = realloc(bytes, size + 8);
    memset(bytes + size, 0, 8);
    write_file(path, bytes, size + 8);
    check_offered("8 bytes more", 0);
    free(bytes);
}
END_TEST

START_TEST(folder_pipe_or_link_in_its_place_is_refused)
{
    char path[1200];

    save(1);
    save(2);
    find(path);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    check_offered("a folder", 0);
    ck_assert_ptr_nonnull(strstr(scl_error(), "is a folder, not a file"));
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_offered("a pipe", 0);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(symlink("nowhere", path), 0);
    check_offered("a link to nothing", 0);
}
END_TEST

/* The newest is written again, with a hash that is right: metadata `key` as `value` (NULL:
 * without it), and tensors as `alter` leaves them. */
static void rewrite(const char *path, const char *key, const char *value,
                    void (*alter)(struct scl_tensor *tensor, size_t *n))
{
    struct scl_safetensors file;
    struct scl_tensor tensor[8];
    struct scl_meta meta[16];
    size_t n = 0, n_tensors;

    ck_assert_msg(scl_safetensors_load(&file, path) == SCL_OK, "%s", scl_error());
    for (size_t i = 0; i < file.n_meta; i++)
        if (strcmp(file.meta[i].key, "xxh3") != 0 && (!key || strcmp(file.meta[i].key, key) != 0))
            meta[n++] = file.meta[i];
    if (value)
        meta[n++] = (struct scl_meta){ key, value };
    n_tensors = file.n_tensors;
    memcpy(tensor, file.tensor, n_tensors * sizeof *tensor);
    if (alter)
        alter(tensor, &n_tensors);
    ck_assert_msg(scl_safetensors_save(path, n_tensors, tensor, n, meta, true) == SCL_OK, "%s",
                  scl_error());
    scl_safetensors_fini(&file);
}

static const struct {
    const char *key, *value, *words;
} metadata[] = {
    { "format", NULL, "its format is '', not 'scorecl-checkpoint/1'" },
    { "format", "scorecl-checkpoint/2",
      "its format is 'scorecl-checkpoint/2', not 'scorecl-checkpoint/1'" },
    { "phase", NULL, "metadata has no phase, so it is no whole checkpoint" },
    { "phase", "decoder", "metadata: phase: found 'decoder', wanted score or encoder" },
    { "phase", "", "metadata: phase: found '', wanted score or encoder" },
    { "phase", "score", "metadata: found score step 2, wanted what the file's name says" },
    { "step", NULL, "metadata has no step, so it is no whole checkpoint" },
    { "step", "", "metadata: step: found '', wanted a whole number" },
    { "step", "two", "metadata: step: found 'two', wanted a whole number" },
    { "step", "2x", "metadata: step: found '2x', wanted a whole number" },
    { "step", "-2", "metadata: step: found '-2', wanted a whole number" },
    { "step", "2147483648", "metadata: step: found '2147483648', wanted a whole number" },
    { "step", "99999999999999999999",
      "metadata: step: found '99999999999999999999', wanted a whole number" },
    { "step", "3", "metadata: found encoder step 3, wanted what the file's name says" },
    { "plan", NULL, "metadata has no plan, so it is no whole checkpoint" },
    { "device", NULL, "metadata has no device, so it is no whole checkpoint" },
};

START_TEST(altered_metadata_is_named_though_the_hash_is_right)
{
    char path[1200], want[1400];

    save(1);
    save(2);
    find(path);
    rewrite(path, metadata[_i].key, metadata[_i].value, NULL);
    check_offered(metadata[_i].key, (size_t)_i);
    snprintf(want, sizeof want, "%s: %s; ", path, metadata[_i].words);
    ck_assert_msg(strncmp(scl_error(), want, strlen(want)) == 0, "found %s, wanted %s", scl_error(),
                  want);
}
END_TEST

START_TEST(file_without_a_hash_is_no_whole_checkpoint)
{
    struct scl_safetensors file;
    char path[1200];

    save(1);
    save(2);
    find(path);
    ck_assert_int_eq(scl_safetensors_load(&file, path), SCL_OK);
    ck_assert_str_eq(file.meta[file.n_meta - 1].key, "xxh3");
    ck_assert_int_eq(
        scl_safetensors_save(path, file.n_tensors, file.tensor, file.n_meta - 1, file.meta, false),
        SCL_OK);
    scl_safetensors_fini(&file);
    check_offered("no hash", 0);
    ck_assert_ptr_nonnull(strstr(scl_error(), "it has no checksum, so it is no whole checkpoint"));
}
END_TEST

static const struct {
    const char *value, *words;
} configurations[] = {
    { NULL, "metadata has no config, so it is no whole checkpoint" },
    { "", "found no keys at all, wanted a configuration" },
    { "name: x\n", "data.kind: found no such key, wanted one of synthetic, image_folder, cifar10, "
                   "cifar100" },
};

START_TEST(altered_configuration_is_refused)
{
    struct scl_checkpoint info;
    struct scl_config before;
    char path[1200], want[1400];

    save(1);
    find(path);
    ck_assert_msg(scl_checkpoint_info(&info, &before, path) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_config_diff(&before, &config, NULL, NULL), 0);
    rewrite(path, "config", configurations[_i].value, NULL);
    ck_assert_int_lt(scl_checkpoint_info(&info, &before, path), 0);
    snprintf(want, sizeof want, "%s: %s", path, configurations[_i].words);
    ck_assert_str_eq(scl_error(), want);
    ck_assert_int_eq(scl_checkpoint_info(&info, NULL, path), SCL_OK);
}
END_TEST

static void take_away(struct scl_tensor *tensor, size_t *n)
{
    (void)tensor;
    --*n;
}

static void rename_one(struct scl_tensor *tensor, size_t *n)
{
    (void)n;
    tensor[0].name = "encoder.conv2.weight";
}

static void add_one(struct scl_tensor *tensor, size_t *n)
{
    static const float value[2] = { 1, 2 };

    tensor[(*n)++] = (struct scl_tensor){ "encoder.more", SCL_TENSOR_F32, 1, { 2 }, value };
}

static void retype_one(struct scl_tensor *tensor, size_t *n)
{
    (void)n;
    tensor[1].type = SCL_TENSOR_I32;
}

static void turn_one(struct scl_tensor *tensor, size_t *n)
{
    const int64_t rows = tensor[*n - 1].dim[0];

    tensor[*n - 1].dim[0] = tensor[*n - 1].dim[1];
    tensor[*n - 1].dim[1] = rows;
}

static void flatten_one(struct scl_tensor *tensor, size_t *n)
{
    tensor[*n - 1].rank = 1;
    tensor[*n - 1].dim[0] *= tensor[*n - 1].dim[1];
}

/* In the file: encoder.conv1.weight [5, 2, 3, 3], encoder.fc.bias [7], encoder.fc.weight [7, 4]. */
static const struct {
    void (*alter)(struct scl_tensor *tensor, size_t *n);
    const char *words;
} tensors[] = {
    { take_away, "there is no encoder.fc.weight in it" },
    { rename_one, "there is no encoder.conv1.weight in it" },
    { add_one, "found encoder.more in it, which this configuration's model has not" },
    { retype_one, "encoder.fc.bias: found type I32, wanted F32" },
    { turn_one, "encoder.fc.weight has another shape there than this configuration's [7, 4]" },
    { flatten_one, "encoder.fc.weight has another shape there than this configuration's [7, 4]" },
};

START_TEST(altered_tensors_are_named_though_the_hash_is_right)
{
    char path[1200], want[1400];

    save(1);
    find(path);
    rewrite(path, NULL, NULL, tensors[_i].alter);
    find(path);
    ck_assert_int_eq(scl_checkpoint_load(store, path, ""), SCL_DATA);
    snprintf(want, sizeof want, "%s: %s", path, tensors[_i].words);
    ck_assert_str_eq(scl_error(), want);
    if (tensors[_i].alter == add_one) /* an encoder may have more beside it than is asked for */
        ck_assert_int_eq(scl_checkpoint_load_states(store, path), SCL_OK);
}
END_TEST

START_TEST(copies_under_other_names_are_neither_taken_nor_removed)
{
    static const char *const copy[] = { "encoder-00000009-copy.safetensors",
                                        "encoder-9.safetensors",
                                        "encoder-000000009.safetensors",
                                        "encoder-backup.safetensors",
                                        "encoder-00000009.safetensors.bak",
                                        "encoder-+0000009.safetensors",
                                        "decoder-00000009.safetensors",
                                        "score.safetensors",
                                        "notes.txt" };
    char path[1200];

    for (size_t i = 0; i < sizeof copy / sizeof *copy; i++)
        write_file(temp_path("run/checkpoints/%s", copy[i]), "words", 5);
    for (int step = 1; step <= 4; step++)
        save(step);
    find(path);
    ck_assert_str_eq(path, temp_path("run/checkpoints/encoder-00000004.safetensors"));
    for (size_t i = 0; i < sizeof copy / sizeof *copy; i++)
        ck_assert_int_eq(scl_path_kind(temp_path("run/checkpoints/%s", copy[i])), SCL_PATH_FILE);
}
END_TEST

START_TEST(steps_are_ordered_as_numbers)
{
    char path[1200];

    save(99999999);
    save(100000000);
    find(path);
    ck_assert_str_eq(path, temp_path("run/checkpoints/encoder-100000000.safetensors"));
}
END_TEST

START_TEST(missing_and_misshapen_states_are_named)
{
    struct scl_graph *other = scl_graph_new();
    struct scl_store *wide;
    char path[1200];

    save(1);
    find(path);
    scl_state(other, "encoder.fc.weight", SCL_SHAPE2(4, 8), (struct scl_init){ 0 });
    ck_assert_int_eq(scl_store_new(&wide, test_device(), 1, &other, 7), SCL_OK);
    ck_assert_int_eq(scl_checkpoint_load_states(wide, path), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "encoder.fc.weight has another shape"));
    scl_store_free(wide);
    scl_graph_free(other);

    other = scl_graph_new();
    scl_state(other, "encoder.bn1.weight", SCL_SHAPE1(8), (struct scl_init){ 0 });
    ck_assert_int_eq(scl_store_new(&wide, test_device(), 1, &other, 7), SCL_OK);
    ck_assert_int_eq(scl_checkpoint_load_states(wide, path), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "there is no encoder.bn1.weight"));
    scl_store_free(wide);
    scl_graph_free(other);
}
END_TEST

const char *const suite_name = "train/checkpoint";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, checkpoint_of_an_interruption_goes_with_the_next, 0, 5);
    tcase_add_test(tc, every_state_comes_back_bit_for_bit);
    tcase_add_test(tc, newest_is_found_and_only_as_many_stay_as_asked);
    tcase_add_test(tc, any_altered_byte_is_refused_and_the_one_before_is_offered);
    tcase_add_test(tc, truncated_prolonged_and_empty_file_is_refused);
    tcase_add_test(tc, folder_pipe_or_link_in_its_place_is_refused);
    tcase_add_loop_test(tc, altered_metadata_is_named_though_the_hash_is_right, 0,
                        (int)(sizeof metadata / sizeof *metadata));
    tcase_add_test(tc, file_without_a_hash_is_no_whole_checkpoint);
    tcase_add_loop_test(tc, altered_configuration_is_refused, 0,
                        (int)(sizeof configurations / sizeof *configurations));
    tcase_add_loop_test(tc, altered_tensors_are_named_though_the_hash_is_right, 0,
                        (int)(sizeof tensors / sizeof *tensors));
    tcase_add_test(tc, copies_under_other_names_are_neither_taken_nor_removed);
    tcase_add_test(tc, steps_are_ordered_as_numbers);
    tcase_add_test(tc, missing_and_misshapen_states_are_named);
}
