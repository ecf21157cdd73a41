/* test_checkpoint.c - what is saved comes back; what is damaged is refused by name. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
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
    ck_assert_int_eq(scl_checkpoint_info(&info, path), SCL_OK);
    ck_assert_int_eq(info.step, 11);
    ck_assert_str_eq(info.plan, "0123456789abcdef");
    ck_assert_int_eq(scl_folder_load(&names, folder), SCL_OK);
    ck_assert_uint_eq(names.n, 2);
    scl_folder_fini(&names);
    free(folder);
}
END_TEST

START_TEST(any_altered_byte_is_refused_and_the_one_before_is_offered)
{
    char path[1200], *bytes;
    size_t size;

    save(1);
    save(2);
    find(path);
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 1 << 20), SCL_OK);
    for (size_t at = 0; at < size; at += 97) {
        char found[1200];

        bytes[at] ^= 4;
        ck_assert_int_eq(scl_file_write(path, bytes, size), SCL_OK);
        ck_assert_msg(scl_checkpoint_find(found, sizeof found, temp_path("run")) == SCL_DATA,
                      "byte %zu", at);
        ck_assert_ptr_nonnull(strstr(scl_error(), "encoder-00000002.safetensors"));
        ck_assert_ptr_nonnull(strstr(scl_error(), "encoder-00000001.safetensors is whole"));
        bytes[at] ^= 4;
    }
    free(bytes);
}
END_TEST

START_TEST(truncated_file_is_refused)
{
    char path[1200], *bytes;
    size_t size;

    save(1);
    find(path);
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 1 << 20), SCL_OK);
    for (size_t cut = 0; cut < size; cut += 131) {
        char found[1200];

        ck_assert_int_eq(scl_file_write(path, bytes, cut), SCL_OK);
        ck_assert_int_eq(scl_checkpoint_find(found, sizeof found, temp_path("run")), SCL_DATA);
    }
    free(bytes);
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
    tcase_add_test(tc, every_state_comes_back_bit_for_bit);
    tcase_add_test(tc, newest_is_found_and_only_as_many_stay_as_asked);
    tcase_add_test(tc, any_altered_byte_is_refused_and_the_one_before_is_offered);
    tcase_add_test(tc, truncated_file_is_refused);
    tcase_add_test(tc, missing_and_misshapen_states_are_named);
}
