/* test_verify.c - our own cases by the host's references; damaged ones fail in words. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "eval/verify.h"
#include "graph/case_run.h"
#include "support/temp_folder.h"

static const struct scl_verify_spec by_reference = { .reference = true };

/* What the last line said, and the first one that failed. */
static char words[1024], failure[1024];
static int n_lines;

static void setup(void)
{
    temp_folder_open();
    words[0] = failure[0] = '\0';
    n_lines = 0;
}

static void note(void *user, const struct scl_verify_line *line)
{
    (void)user;
    n_lines++;
    snprintf(words, sizeof words, "%s", line->words ? line->words : "");
    if (!line->held && !failure[0])
        snprintf(failure, sizeof failure, "%s %s: %s (abs %g, rel %g)", line->path,
                 line->words ? line->words : "", line->tensor, line->abs_error, line->rel_error);
}

static struct scl_verify_summary verified(const char *path)
{
    struct scl_verify_summary summary = { 0 };

    ck_assert_msg(scl_verify_run(&summary, NULL, path, &by_reference, note, NULL) == SCL_OK, "%s",
                  scl_error());
    ck_assert_int_eq(summary.n_case, summary.n_held + summary.n_failed);
    return summary;
}

START_TEST(own_cases_hold_by_the_references)
{
    const struct scl_verify_summary summary = verified(SCL_CASE_BUILTIN);

    ck_assert_msg(summary.n_failed == 0, "%s", failure);
    ck_assert_int_gt(summary.n_case, 500);
}
END_TEST

/* The case tests/cases/PATH with `from` in its header, which must be there, replaced. */
static void write_damaged(const char *to_path, const char *path, const char *from, const char *to)
{
    char name[256];
    size_t size, payload, header, room;
    char *bytes, *text, *at, *out;

    snprintf(name, sizeof name, "tests/cases/%s.safetensors", path);
    bytes = read_file(&size, name);
    memcpy(&header, bytes, 8);
    payload = size - 8 - header;
    text = strndup(bytes + 8, header);
    at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s: has no '%s'", path, from);
    room = header + strlen(to) - strlen(from);
    out = malloc(8 + room + 1 + payload);
    memcpy(out, &room, 8);
    snprintf(out + 8, room + 1, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    memcpy(out + 8 + room, bytes + 8 + header, payload);
    write_file(to_path, out, 8 + room + payload);
    free(out);
    free(text);
    free(bytes);
}

#define CONV "conv2d/stem_7x7"
#define KNN "knn/ties"
#define WMSE "loss.wmse/half"
#define CROP "augment.resized_crop/bicubic_smaller"
#define Q "\\\"" /* in the metadata's JSON within JSON */

static const struct {
    const char *path, *from, *to, *words;
} damaged[] = {
    /* the file */
    { CONV, "{\"__meta", "[\"__meta", "no JSON object in the header" },
    { CONV, "scorecl-case/1", "scorecl-case/2", "format is 'scorecl-case/2', not" },
    { CONV, "\"format\"", "\"farmat\"", "format is '', not 'scorecl-case/1'" },
    { CONV, "\"op\":\"conv2d\"", "\"op\":\"conv3d\"", "there is no operation 'conv3d'" },
    { CONV, "\"op\":\"conv2d\"", "\"op\":\"loss\"", "there is no operation 'loss'" },
    { CONV, "\"op\":\"conv2d\",", "", "names no op" },
    { CONV, "\"source\":\"", "\"rtol\":\"1e-4 or so", "rtol is '1e-4 or so" },
    { CONV, "\"source\":\"PyTorch, float64, tools/golden", "\"atol\":\"-1", "atol is '-1'" },
    { CONV, "\"source\":\"PyTorch, float64, tools/golden", "\"rtol\":\"nan", "rtol is 'nan'" },
    { CONV, "\"in.x\"", "\"in.y\"", "there is no tensor in.x" },
    { CONV, "\"in.weight\"", "\"in.wight\"", "there is no tensor in.weight" },
    { CONV, "\"in.x\":{\"dtype\":\"F32\"", "\"in.x\":{\"dtype\":\"I32\"",
      "in.x is I32; F32 or F64 is wanted" },
    { CONV, "\"in.x\":{\"dtype\":\"F32\"", "\"in.x\":{\"dtype\":\"F64\"",
      "found 3432 bytes between its offsets, wanted 6864" },
    { CONV, "\"in.x\":{\"dtype\":\"F32\"", "\"in.x\":{\"dtype\":\"F33\"", "found dtype F33" },
    { CONV, "[2,3,13,11]", "[3,2,13,11]", "2 channels, and weights for 3" },
    { CONV, "[2,3,13,11]", "[2,3,143]", "x is [2, 3, 143], not [N, H, W, C]" },
    { CONV, "[2,3,13,11]", "[858,1,1,1,1]", "in.x has rank 5; at most 4 is wanted" },
    { CONV, "[2,3,13,11]", "[-2,3,13,11]", "something that is not a whole number" },
    { CONV, "[2,3,13,11]", "[2,3,13,4000000000]", "found 3432 bytes between its offsets" },
    { CONV, "\"cot.y\":{\"dtype\":\"F32\",\"shape\":[2,8,7,6]",
      "\"cot.y\":{\"dtype\":\"F32\",\"shape\":[2,8,6,7]",
      "cot.y is [2, 8, 6, 7]; [2, 8, 7, 6] is wanted" },
    { CONV, "\"cot.y\":{\"dtype\":\"F32\"", "\"cot.y\":{\"dtype\":\"I32\"",
      "cot.y is I32; F32 or F64 is wanted" },
    { CONV, "\"out.y\":{\"dtype\":\"F32\",\"shape\":[2,8,7,6]",
      "\"out.y\":{\"dtype\":\"F32\",\"shape\":[672]", "out.y is [672]; [2, 8, 7, 6] is wanted" },
    { CONV, "\"out.y\":{\"dtype\":\"F32\"", "\"out.y\":{\"dtype\":\"U32\"",
      "out.y is U32; F32 or F64 is wanted" },
    { CONV, "\"out.y\"", "\"out.z\"", "conv2d has no result out.z" },
    { CONV, "\"grad.in.x\"", "\"grad.in.q\"", "conv2d has no result grad.in.q" },
    { CONV, "\"grad.in.x\"", "\"grad.param.x\"", "conv2d has no result grad.param.x" },
    { CONV, "\"grad.in.x\":{\"dtype\":\"F32\",\"shape\":[2,3,13,11]",
      "\"grad.in.x\":{\"dtype\":\"F32\",\"shape\":[2,3,11,13]",
      "grad.in.x is [2, 3, 11, 13]; [2, 3, 13, 11] is wanted" },
    { "augment.hue/half", "\"out.y\"", "\"not.y\"", "it stores no result" },

    /* attributes */
    { CONV, "{" Q "padding", Q "padding", "attrs are no JSON object" },
    { CONV, "{" Q "padding" Q ": 3, " Q "stride" Q ": 2}", "[3, 2]", "attrs are no JSON object" },
    { CONV, Q "stride" Q ": 2}", Q "stride" Q ": 2} and more", "attrs are no JSON object" },
    { CONV, Q "stride" Q ": 2", Q "stride" Q ": " Q "two" Q, "stride is not a whole number" },
    { CONV, Q "stride" Q ": 2", Q "stride" Q ": 2.5", "stride is not a whole number" },
    { CONV, Q "stride" Q ": 2", Q "stride" Q ": [2, 2]", "stride is not a whole number" },
    { CONV, Q "stride" Q ": 2", Q "stride" Q ": 1e30", "stride is not a whole number" },
    { CONV, Q "stride" Q ": 2", Q "stride" Q ": 0", "stride 0, padding 3; 1 to 1024 and" },
    { CONV, Q "padding" Q ": 3", Q "padding" Q ": 2000000000", "padding 2000000000; 1 to 1024" },
    { CONV, Q "padding" Q ": 3", Q "padding" Q ": -1", "padding -1; 1 to 1024" },
    { "max_pool2d/rest", Q "kernel" Q ": 3", Q "kernel" Q ": 2147483647", "kernel 2147483647" },
    { "max_pool2d/rest", Q "kernel" Q ": 3", Q "kernel" Q ": 0", "max_pool2d: kernel 0" },
    { "max_pool2d/rest", Q "kernel" Q ": 3", Q "kernel" Q ": 9", "smaller than the kernel of 9" },
    { "upsample_nearest/twice", Q "scale" Q ": 2", Q "scale" Q ": 2000000000", "cannot be scaled" },
    { "upsample_nearest/twice", Q "scale" Q ": 2", Q "scale" Q ": 0", "cannot be scaled by 0" },
    { "batch_norm/train_2_views", Q "views" Q ": 2", Q "views" Q ": 4", "divide into 4 views" },
    { "batch_norm/train_2_views", Q "views" Q ": 2", Q "views" Q ": 0", "divide into 0 views" },
    { "batch_norm/train_2_views", Q "training" Q ": true", Q "training" Q ": " Q "yes" Q,
      "training is not true or false" },
    { "batch_norm/train_2_views", "\"in.running_var\"", "\"in.running_std\"",
      "there is no tensor in.running_var" },
    { "batch_norm/train_2_views", "\"in.bias\"", "\"in.shift\"", "gamma and beta go together" },
    { "batch_norm/eval", "\"in.running_mean\"", "\"in.mean\"",
      "there is no tensor in.running_mean" },
    { "group_norm/odd", Q "groups" Q ": 3", Q "groups" Q ": 5", "do not divide into 5 groups" },
    { "group_norm/odd", Q "groups" Q ": 3", Q "groups" Q ": -3", "do not divide into -3 groups" },
    { "group_norm/odd", Q "eps" Q ": 1e-05", Q "eps" Q ": " Q "small" Q, "eps is not a number" },

    /* indices, views, weights */
    { "softmax_cross_entropy/odd", "\"in.labels\":{\"dtype\":\"I32\"",
      "\"in.labels\":{\"dtype\":\"F32\"", "in.labels is F32; I32 or I64 is wanted" },
    { "softmax_cross_entropy/odd", "\"shape\":[5],", "\"shape\":[5,1],", "not an integer to each" },
    { KNN, Q "k" Q ": 4", Q "k" Q ": 41", "found k 41, wanted at most the bank's 40 rows" },
    { KNN, Q "k" Q ": 4", Q "k" Q ": 0", "knn: k 0" },
    { KNN, "euclidean", "manhattan", "metric: found \"manhattan\", wanted euclidean or cosine" },
    { KNN, "majority", "minority", "vote: found \"minority\", wanted majority or exp" },
    { KNN, "\"out.prediction\":{\"dtype\":\"I32\"", "\"out.prediction\":{\"dtype\":\"F32\"",
      "out.prediction is F32; I32 or I64 is wanted" },
    { "loss.simclr/odd_weighted", "\"in.z1\"", "\"in.y1\"", "there is no tensor in.z1" },
    { "loss.simclr/odd_weighted", "\"in.z1\":{\"dtype\":\"F32\",\"shape\":[5,17]",
      "\"in.z1\":{\"dtype\":\"F32\",\"shape\":[17,5]", "in.z1 is [17, 5]; [5, 17] is wanted" },
    { "loss.simclr/odd_weighted", "\"shape\":[5],", "\"shape\":[5,1],",
      "in.weight is [5, 1]; [1, 5] is wanted of 2 views" },
    { "loss.simclr/odd_weighted", Q "temperature" Q ": 0.5", Q "temperature" Q ": 0",
      "temperature is 0, not above 0" },
    { "loss.simclr/4_views_weighted", "\"shape\":[6,7]", "\"shape\":[7,6]",
      "in.weight is [7, 6]; [6, 7] is wanted of 4 views" },
    { "loss.vicreg/odd", "\"in.z1\":{\"dtype\":\"F32\",\"shape\":[5,17]",
      "\"in.z1\":{\"dtype\":\"F32\",\"shape\":[85,1]", "in.z1 is [85, 1]; [5, 17] is wanted" },
    { WMSE, "\"in.permutation\":{\"dtype\":\"I32\",\"shape\":[16]",
      "\"in.permutation\":{\"dtype\":\"I32\",\"shape\":[4,4]", "[4, 4]; [16] is wanted" },
    { WMSE, Q "whitening_size" Q ": 8", Q "whitening_size" Q ": 0", "slices of 0" },
    { WMSE, Q "whitening_size" Q ": 8", Q "whitening_size" Q ": 7", "slices of 7" },
    { WMSE, Q "whitening_size" Q ": 8", Q "whitening_size" Q ": 2", "a singular covariance" },
    { WMSE, Q "eps" Q ": 0.0", Q "eps" Q ": 2", "eps is 2, not from 0 to 1" },
    { "weight/score_l2_mean", "score_l2", "score_l3", "kind is \"score_l3\", which is not known" },
    { "weight/score_l2_mean", Q "mean" Q, Q "mode" Q, "map is \"mode\", which is not known" },
    { "weight/score_l2_mean", Q "kind" Q, Q "sort" Q, "attribute kind is not a text" },
    { "weight/score_l2_mean", "\"in.score1\":{\"dtype\":\"F32\",\"shape\":[6,3,4,5]",
      "\"in.score1\":{\"dtype\":\"F32\",\"shape\":[5,3,4,6]", "not alike" },

    /* models, optimisers, augmentations */
    { "model.resnet18/cifar_eval", "cifar", "sifar", "stem is \"sifar\", which is not known" },
    { "model.resnet18/cifar_eval", Q "width" Q ": 2", Q "width" Q ": 3",
      "param.conv1.weight is [2, 3, 3, 3]; [3, 3, 3, 3] is wanted" },
    { "model.resnet18/cifar_eval", Q "width" Q ": 2", Q "width" Q ": 0", "width: found 0" },
    { "model.resnet18/cifar_eval", Q "width" Q ": 2", Q "width" Q ": 1000000000", "width: found" },
    { "model.resnet18/cifar_eval", "\"param.layer2.0.bn1.weight\"", "\"param.layer2\"",
      "there is no tensor param.layer2.0.bn1.weight" },
    { "model.score_unet/width8", Q "width" Q ": 8", Q "width" Q ": -8", "width: found -8" },
    { "model.score_unet/width8", Q "width" Q ": 8", Q "width" Q ": 9", "the width 9" },
    { "model.score_unet/width8", "[3,3,8,12]", "[3,3,6,16]", "sides must be multiples of 4" },
    { "optim.sgd/momentum", "\"in.param\"", "\"in.params\"", "there is no tensor in.param" },
    { "optim.sgd/momentum", "\"in.grads\"", "\"in.grad\"", "there is no tensor in.grads" },
    { "optim.sgd/momentum", "\"shape\":[4,5,7]", "\"shape\":[4,7,5]",
      "in.grads is [4, 7, 5]; [steps, 5, 7] is wanted" },
    { "optim.sgd/momentum", Q "lr" Q ": 0.1", Q "lr" Q ": null, " Q "momentum" Q ": [1]",
      "momentum is not a number" },
    { CROP, Q "left" Q ": 3", Q "left" Q ": 7", "found 10 by 11 at (2, 7), wanted one inside" },
    { CROP, Q "top" Q ": 2", Q "top" Q ": -1", "at (-1, 3), wanted one inside 13 by 17" },
    { CROP, Q "size" Q ": 5", Q "size" Q ": 0", "size 0 by 0" },
    { CROP, Q "size" Q ": 5", Q "size" Q ": 2147483647", "too many pixels" },
    { CROP, "bicubic", "lanczos", "interpolation: found \"lanczos\", wanted bicubic or bilinear" },
    { "augment.gaussian_blur/soft", Q "kernel_size" Q ": 7", Q "kernel_size" Q ": 6", "kernel 6" },
    { "augment.gaussian_blur/soft", Q "kernel_size" Q ": 7", Q "kernel_size" Q ": 17",
      "kernel 17" },
    { "augment.normalize/cifar10", "[0.4914, ", "[", "mean is not a list of 3 numbers" },
    { "augment.hue/half", "[2,3,5,7]", "[3,2,5,7]", "wanted [N, H, W, 3]" },
};

START_TEST(damaged_case_fails_in_words)
{
    const char *path = temp_path("damaged.safetensors");
    struct scl_verify_summary summary;

    write_damaged(path, damaged[_i].path, damaged[_i].from, damaged[_i].to);
    summary = verified(path);
    ck_assert_msg(summary.n_failed == 1 && n_lines == 1 && words[0], "row %d, %s, %s: held", _i,
                  damaged[_i].path, damaged[_i].to);
    ck_assert_msg(strstr(words, damaged[_i].words) != NULL, "row %d: found '%s', wanted '%s'", _i,
                  words, damaged[_i].words);
}
END_TEST

/* At every length there is a refusal, and none reads beyond the file's end. */
START_TEST(truncated_case_fails_in_words)
{
    size_t size;
    char *bytes = read_file(&size, "tests/cases/add/odd.safetensors");

    for (size_t cut = 0; cut < size; cut += cut < 700 ? 7 : 501) {
        const char *path = temp_path("cut.safetensors");

        write_file(path, bytes, cut);
        ck_assert_int_eq(verified(path).n_failed, 1);
        ck_assert_ptr_nonnull(strstr(words, "cut.safetensors: "));
    }
    free(bytes);
}
END_TEST

START_TEST(file_of_other_things_fails_in_words)
{
    static const char text[] = "This is a text, and it is long enough to have a length in front.";
    const char *path = temp_path("text.safetensors");

    write_file(path, text, sizeof text);
    ck_assert_int_eq(verified(path).n_failed, 1);
    ck_assert_ptr_nonnull(strstr(words, "found a header of "));
}
END_TEST

START_TEST(cases_beside_a_damaged_one_still_run)
{
    size_t size;
    char *bytes = read_file(&size, "tests/cases/add/odd.safetensors");
    struct scl_verify_summary summary;

    write_file(temp_path("a/whole.safetensors"), bytes, size);
    write_damaged(temp_path("b/damaged.safetensors"), CONV, "conv2d", "conv3d");
    write_file(temp_path("c/whole.safetensors"), bytes, size);
    write_file(temp_path("c/notes.txt"), bytes, size);
    summary = verified(temp_path("."));
    ck_assert_int_eq(summary.n_held, 2);
    ck_assert_int_eq(summary.n_failed, 1);
    free(bytes);
}
END_TEST

START_TEST(folder_without_cases_has_none)
{
    write_file(temp_path("empty/notes.txt"), "", 0);
    ck_assert_int_eq(verified(temp_path("empty")).n_case, 0);
}
END_TEST

/* A value apart from zero where nothing leads: the stored gradient is not passed over. */
START_TEST(gradient_of_a_target_is_held_to_zero)
{
    const char *path = temp_path("target.safetensors");

    write_damaged(path, "loss.byol/odd", "\"grad.in.p0\"", "\"grad.in.z0\"");
    ck_assert_int_eq(verified(path).n_failed, 1);
    ck_assert_ptr_nonnull(strstr(failure, "grad.in.z0"));
}
END_TEST

const char *const suite_name = "eval/verify";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, temp_folder_close);
    tcase_add_test(tc, own_cases_hold_by_the_references);
    tcase_add_loop_test(tc, damaged_case_fails_in_words, 0, sizeof damaged / sizeof *damaged);
    tcase_add_test(tc, truncated_case_fails_in_words);
    tcase_add_test(tc, file_of_other_things_fails_in_words);
    tcase_add_test(tc, cases_beside_a_damaged_one_still_run);
    tcase_add_test(tc, folder_without_cases_has_none);
    tcase_add_test(tc, gradient_of_a_target_is_held_to_zero);
}
