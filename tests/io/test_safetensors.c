/* test_safetensors.c - round trip, bytes, hash, and every field of a header gone wrong. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "support/suite.h"

#define PATH "test_safetensors.tmp"

static struct scl_safetensors file;

/* A file in memory: length, `header`, `payload` zero bytes. */
static int load_header(const char *header, size_t payload)
{
    const uint64_t length = strlen(header);
    const size_t size = sizeof length + length + payload;
    char *bytes = calloc(1, size);

    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + sizeof length, header, length);
    return scl_safetensors_load_bytes(&file, "x.safetensors", bytes, size);
}

static int save_three(bool hash)
{
    static const float a[6] = { 1, 2, 3, 4, 5, 6 };
    static const double b[1] = { 0.5 };
    static const int32_t c[2] = { -1, 7 };
    const struct scl_tensor tensor[] = {
        { "z", SCL_TENSOR_I32, 1, { 2 }, c },
        { "a \"quoted\"\n", SCL_TENSOR_F32, 2, { 2, 3 }, a },
        { "scalar", SCL_TENSOR_F64, 0, { 0 }, b },
        { "empty", SCL_TENSOR_U8, 2, { 0, 4 }, NULL },
    };
    const struct scl_meta meta[] = { { "step", "12" }, { "config", "name: \"x\"\n" } };

    return scl_safetensors_save(PATH, 4, tensor, 2, meta, hash);
}

static void load_saved(void)
{
    ck_assert_msg(scl_safetensors_load(&file, PATH) == SCL_OK, "%s", scl_error());
}

START_TEST(what_was_saved_is_loaded)
{
    const struct scl_tensor *t;
    float a[6];
    double d[1];
    int c[2];

    ck_assert_msg(save_three(_i) == SCL_OK, "%s", scl_error());
    load_saved();
    ck_assert_uint_eq(file.n_tensors, 4);
    ck_assert(file.hashed == _i);
    ck_assert_str_eq(scl_safetensors_meta(&file, "config"), "name: \"x\"\n");
    ck_assert_ptr_null(scl_safetensors_meta(&file, "other"));
    ck_assert_ptr_null(scl_safetensors_find(&file, "other"));
    t = scl_safetensors_find(&file, "a \"quoted\"\n");
    ck_assert_ptr_nonnull(t);
    ck_assert_int_eq(t->rank, 2);
    ck_assert_int_eq(t->dim[1], 3);
    ck_assert_int_eq(scl_tensor_floats(a, t), SCL_OK);
    ck_assert_float_eq(a[5], 6);
    ck_assert_int_eq(scl_tensor_doubles(d, scl_safetensors_find(&file, "scalar")), SCL_OK);
    ck_assert_double_eq(d[0], 0.5);
    ck_assert_int_eq(scl_tensor_ints(c, scl_safetensors_find(&file, "z")), SCL_OK);
    ck_assert_int_eq(c[0], -1);
    ck_assert_uint_eq(scl_tensor_count(scl_safetensors_find(&file, "empty")), 0);
    scl_safetensors_fini(&file);
}
END_TEST

START_TEST(order_of_the_arguments_does_not_change_the_bytes)
{
    static const float x[3] = { 1, 2, 3 };
    struct scl_tensor tensor[] = { { "b", SCL_TENSOR_F32, 1, { 3 }, x },
                                   { "a", SCL_TENSOR_F32, 1, { 1 }, x } };
    struct scl_meta meta[] = { { "k", "1" }, { "j", "2" } };
    char *first = NULL, *second = NULL;
    size_t n_first, n_second;

    ck_assert_int_eq(scl_safetensors_save(PATH, 2, tensor, 2, meta, true), SCL_OK);
    ck_assert_int_eq(scl_file_read(&first, &n_first, PATH, 4096), SCL_OK);
    tensor[1] = tensor[0];
    tensor[0] = (struct scl_tensor){ "a", SCL_TENSOR_F32, 1, { 1 }, x };
    meta[0] = (struct scl_meta){ "j", "2" };
    meta[1] = (struct scl_meta){ "k", "1" };
    ck_assert_int_eq(scl_safetensors_save(PATH, 2, tensor, 2, meta, true), SCL_OK);
    ck_assert_int_eq(scl_file_read(&second, &n_second, PATH, 4096), SCL_OK);
    ck_assert_uint_eq(n_first, n_second);
    ck_assert_mem_eq(first, second, n_first);
    ck_assert_uint_eq(((unsigned char)first[0] + 256u * (unsigned char)first[1]) % 8, 0);
    free(first);
    free(second);
}
END_TEST

START_TEST(no_bit_of_a_hashed_file_flips_unseen)
{
    char *bytes = NULL, *copy;
    size_t size;

    ck_assert_int_eq(save_three(true), SCL_OK);
    ck_assert_int_eq(scl_file_read(&bytes, &size, PATH, 4096), SCL_OK);
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            copy = malloc(size);
            memcpy(copy, bytes, size);
            copy[i] ^= (char)(1 << bit);
            /* a flip in the key's own name leaves a valid file without a hash */
            if (scl_safetensors_load_bytes(&file, "x", copy, size) == SCL_OK) {
                ck_assert_msg(!file.hashed, "byte %zu bit %d", i, bit);
                scl_safetensors_fini(&file);
            }
        }
    free(bytes);
}
END_TEST

START_TEST(no_prefix_of_a_file_is_accepted)
{
    char *bytes = NULL, *copy;
    size_t size;

    ck_assert_int_eq(save_three(false), SCL_OK);
    ck_assert_int_eq(scl_file_read(&bytes, &size, PATH, 4096), SCL_OK);
    for (size_t n = 0; n < size; n++) {
        copy = malloc(n + 1);
        memcpy(copy, bytes, n);
        ck_assert_int_eq(scl_safetensors_load_bytes(&file, "x", copy, n), SCL_DATA);
    }
    free(bytes);
}
END_TEST

#define T(dtype, shape, offsets)                                                                   \
    "{\"t\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TWO(first, second)                                                                         \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" first                              \
    "},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" second "}}"

static const struct {
    const char *header;
    size_t payload;
    const char *words; /* after the file's name */
} refused[] = {
    { "", 0, "found no JSON object in the header" },
    { "[]", 0, "found no JSON object in the header" },
    { "{", 0, "found no JSON object in the header" },
    { "{}x", 0, "found no JSON object in the header" },
    { "{}{}", 0, "found no JSON object in the header" },
    { "{\"t\":}", 0, "found no JSON object in the header" },
    { "{\"t\"}", 0, "found no JSON object in the header" },
    { "{t:1}", 0, "found no JSON object in the header" },
    { "{'t':1}", 0, "found no JSON object in the header" },
    { "{\"t:1}", 0, "found no JSON object in the header" },
    { "{\"\\x\":1}", 0, "found no JSON object in the header" },
    { "{\"\\ud800\":1}", 0, "found no JSON object in the header" },
    { "{\"t\":[1,]}", 0, "found no JSON object in the header" },
    { T("\"F32\"", "[1]", "[0,4],"), 4, "found no JSON object in the header" },
    { T("\"F32\"", "[1]", "[0,4"), 4, "found no JSON object in the header" },
    { "null", 0, "found no JSON object in the header" },
    { "{\"t\":null}", 0, "t: is not an object of dtype, shape and data_offsets" },
    { "{\"t\":[]}", 0, "t: is not an object of dtype, shape and data_offsets" },
    { T("null", "[1]", "[0,4]"), 4, "t: dtype is no text" },
    { T("\"f32\"", "[1]", "[0,4]"), 4, "t: found dtype f32, wanted one such as F32" },
    { T("\"F16\"", "[1]", "[0,4]"), 4, "t: found 4 bytes between its offsets, wanted 2" },
    { T("\"F32\"", "null", "[0,4]"), 4, "t: shape is no list" },
    { T("\"F32\"", "[null]", "[0,4]"), 4, "t: shape holds something that is not a whole number" },
    { T("\"F32\"", "[0]", "[0,4]"), 4, "t: found 4 bytes between its offsets, wanted 0" },
    { T("\"F32\"", "[1]", "null"), 4, "t: data_offsets is not two whole numbers" },
    { T("\"F32\"", "[1]", "[0.5,4.5]"), 4, "t: data_offsets is not two whole numbers" },
    { T("\"F32\"", "[1]", "[\"0\",\"4\"]"), 4, "t: data_offsets is not two whole numbers" },
    { "{}", 1, "found 1 bytes after the last tensor, wanted none" },
    { "{\"t\":3}", 0, "t: is not an object of dtype, shape and data_offsets" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[]}}", 4,
      "t: is not an object of dtype, shape and data_offsets" },
    { "{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[]}}", 4,
      "t: data_offsets is not two whole numbers" },
    { T("3", "[1]", "[0,4]"), 4, "t: dtype is no text" },
    { T("\"F31\"", "[1]", "[0,4]"), 4, "t: found dtype F31, wanted one such as F32" },
    { T("\"F32\"", "1", "[0,4]"), 4, "t: shape is no list" },
    { T("\"F32\"", "[-1]", "[0,4]"), 4, "t: shape holds something that is not a whole number" },
    { T("\"F32\"", "[1.5]", "[0,4]"), 4, "t: shape holds something that is not a whole number" },
    { T("\"F32\"", "[\"1\"]", "[0,4]"), 4, "t: shape holds something that is not a whole number" },
    { T("\"F32\"", "[1e300]", "[0,4]"), 4, "t: shape holds something that is not a whole number" },
    { T("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, "t: shape has more than 8 dimensions" },
    { T("\"F32\"", "[4294967296,4294967296]", "[0,0]"), 0, "t: shape is too large for memory" },
    { T("\"F32\"", "[4294967296,1073741824]", "[0,0]"), 0, "t: shape is too large for memory" },
    { T("\"F32\"", "[2]", "[0,4]"), 4, "t: found 4 bytes between its offsets, wanted 8" },
    { T("\"F32\"", "[1]", "[0,8]"), 8, "t: found 8 bytes between its offsets, wanted 4" },
    { T("\"F32\"", "[1]", "[0]"), 4, "t: data_offsets is not two whole numbers" },
    { T("\"F32\"", "[1]", "[0,4,4]"), 4, "t: data_offsets is not two whole numbers" },
    { T("\"F32\"", "[1]", "[-4,0]"), 4, "t: data_offsets is not two whole numbers" },
    { T("\"F32\"", "[1]", "[4,0]"), 4,
      "t: found data_offsets [4, 0], wanted them inside the payload of 4 bytes" },
    { T("\"F32\"", "[1]", "[4,8]"), 4,
      "t: found data_offsets [4, 8], wanted them inside the payload of 4 bytes" },
    { T("\"F32\"", "[1]", "[18446744073709551612,18446744073709551616]"), 4,
      "t: data_offsets is not two whole numbers" },
    { TWO("[0,4]", "[0,4]"), 4, "b: begins at byte 0 of the payload, inside another tensor" },
    { TWO("[0,4]", "[2,6]"), 6, "b: begins at byte 2 of the payload, inside another tensor" },
    { TWO("[0,4]", "[8,12]"), 12, "b: begins at byte 8 of the payload, after a gap" },
    { TWO("[4,8]", "[8,12]"), 12, "a: begins at byte 4 of the payload, after a gap" },
    { TWO("[0,4]", "[4,8]"), 12, "found 4 bytes after the last tensor, wanted none" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
      8, "a: is there twice" },
    { "{\"__metadata__\":[]}", 0, "__metadata__: is no object" },
    { "{\"__metadata__\":{\"k\":1}}", 0, "k: metadata is no text" },
    { "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "k: metadata is there twice" },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__: is there twice" },
    { "{\"__metadata__\":{\"xxh3\":\"12\"}}", 0, "xxh3: metadata is not 16 hexadecimal digits" },
};

START_TEST(fault_in_a_header_is_named)
{
    char words[256];

    ck_assert_int_eq(load_header(refused[_i].header, refused[_i].payload), SCL_DATA);
    snprintf(words, sizeof words, "x.safetensors: %s", refused[_i].words);
    ck_assert_str_eq(scl_error(), words);
}
END_TEST

START_TEST(wrong_hash_is_damage)
{
    ck_assert_int_eq(load_header("{\"__metadata__\":{\"xxh3\":\"0123456789abcdef\"}}", 0),
                     SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "x.safetensors: is damaged: found the hash "));
}
END_TEST

START_TEST(length_of_the_header_is_bounded)
{
    static const uint64_t lengths[] = { 3, 100000001, UINT64_MAX, UINT64_MAX - 7 };
    char *bytes = malloc(10);

    memcpy(bytes, &lengths[_i], 8);
    memcpy(bytes + 8, "{}", 2);
    ck_assert_int_eq(scl_safetensors_load_bytes(&file, "x", bytes, 10), SCL_DATA);
    ck_assert_ptr_nonnull(strstr(scl_error(), "wanted at most 100000000 and inside the file"));
}
END_TEST

START_TEST(header_of_too_many_values_is_refused)
{
    const size_t n = 4000010;
    char *header = malloc(n + 1);

    memset(header, ',', n);
    header[n] = '\0';
    ck_assert_int_eq(load_header(header, 0), SCL_DATA);
    free(header);
}
END_TEST

START_TEST(header_of_deeply_nested_lists_is_refused)
{
    const size_t n = 1000000;
    char *header = malloc(n + 1);

    memset(header, '[', n);
    header[n] = '\0';
    ck_assert_int_eq(load_header(header, 0), SCL_DATA);
    ck_assert_str_eq(scl_error(), "x.safetensors: found no JSON object in the header");
    free(header);
}
END_TEST

START_TEST(blanks_and_unknown_types_of_other_writers_are_read)
{
    ck_assert_msg(load_header("{ \"t\" : { \"shape\" : [ 2 ] , \"dtype\" : \"BF16\" , "
                              "\"data_offsets\" : [ 0 , 4 ] } }   ",
                              4) == SCL_OK,
                  "%s", scl_error());
    ck_assert_int_eq(scl_tensor_floats(NULL, scl_safetensors_find(&file, "t")), SCL_DATA);
    ck_assert_str_eq(scl_error(), "t: found type BF16, wanted F32 or F64");
    scl_safetensors_fini(&file);
}
END_TEST

START_TEST(tensors_without_alignment_are_read)
{
    double d;

    ck_assert_int_eq(load_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                 "\"b\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[1,9]}} ",
                                 9),
                     SCL_OK);
    ck_assert_int_eq(scl_tensor_doubles(&d, scl_safetensors_find(&file, "b")), SCL_OK);
    ck_assert_double_eq(d, 0);
    scl_safetensors_fini(&file);
}
END_TEST

START_TEST(int_that_does_not_fit_is_refused)
{
    const int64_t big = INT64_C(1) << 31;
    const struct scl_tensor t = { "t", SCL_TENSOR_I64, 0, { 0 }, &big };
    int out;

    ck_assert_int_eq(scl_tensor_ints(&out, &t), SCL_DATA);
    ck_assert_str_eq(scl_error(), "t: found 2147483648 at 0, wanted a number of 32 bits");
}
END_TEST

START_TEST(what_could_not_be_read_back_is_not_written)
{
    const float x[4] = { 0 };
    const struct scl_tensor twice[] = { { "a", SCL_TENSOR_F32, 1, { 1 }, x },
                                        { "a", SCL_TENSOR_F32, 1, { 2 }, x } };
    const struct scl_tensor huge = { "h", SCL_TENSOR_F32, 2, { INT64_MAX, 2 }, x };
    const struct scl_tensor named = { "__metadata__", SCL_TENSOR_F32, 1, { 1 }, x };
    const struct scl_meta meta[] = { { "xxh3", "1" } };

    remove(PATH);
    ck_assert_int_eq(scl_safetensors_save(PATH, 2, twice, 0, NULL, false), SCL_DATA);
    ck_assert_str_eq(scl_error(), "tensor a: given twice");
    ck_assert_int_eq(scl_safetensors_save(PATH, 1, &huge, 0, NULL, false), SCL_DATA);
    ck_assert_int_eq(scl_safetensors_save(PATH, 1, &named, 0, NULL, false), SCL_DATA);
    ck_assert_int_eq(scl_safetensors_save(PATH, 0, NULL, 1, meta, true), SCL_DATA);
    ck_assert_str_eq(scl_error(), "metadata xxh3: given twice");
    ck_assert_int_eq(scl_path_kind(PATH), SCL_PATH_NONE);
}
END_TEST

START_TEST(file_of_no_tensors_is_a_file)
{
    ck_assert_int_eq(scl_safetensors_save(PATH, 0, NULL, 0, NULL, _i), SCL_OK);
    load_saved();
    ck_assert_uint_eq(file.n_tensors, 0);
    scl_safetensors_fini(&file);
}
END_TEST

START_TEST(file_of_another_writer_is_read_tensor_by_tensor)
{
    float y[1];

    ck_assert_msg(scl_safetensors_load(&file, "tests/cases/relu/one.safetensors") == SCL_OK, "%s",
                  scl_error());
    ck_assert_str_eq(scl_safetensors_meta(&file, "format"), "scorecl-case/1");
    ck_assert_int_eq(scl_safetensors_find(&file, "in.x")->rank, 4);
    ck_assert_int_eq(scl_tensor_floats(y, scl_safetensors_find(&file, "out.y")), SCL_OK);
    ck_assert_float_ge(y[0], 0);
    scl_safetensors_fini(&file);
}
END_TEST

static void teardown(void)
{
    remove(PATH);
}

const char *const suite_name = "io/safetensors";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_loop_test(tc, what_was_saved_is_loaded, 0, 2);
    tcase_add_test(tc, order_of_the_arguments_does_not_change_the_bytes);
    tcase_add_test(tc, no_bit_of_a_hashed_file_flips_unseen);
    tcase_add_test(tc, no_prefix_of_a_file_is_accepted);
    tcase_add_loop_test(tc, fault_in_a_header_is_named, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tc, wrong_hash_is_damage);
    tcase_add_loop_test(tc, length_of_the_header_is_bounded, 0, 4);
    tcase_add_test(tc, header_of_too_many_values_is_refused);
    tcase_add_test(tc, header_of_deeply_nested_lists_is_refused);
    tcase_add_test(tc, blanks_and_unknown_types_of_other_writers_are_read);
    tcase_add_test(tc, tensors_without_alignment_are_read);
    tcase_add_test(tc, int_that_does_not_fit_is_refused);
    tcase_add_test(tc, what_could_not_be_read_back_is_not_written);
    tcase_add_test(tc, file_of_another_writer_is_read_tensor_by_tensor);
    tcase_add_loop_test(tc, file_of_no_tensors_is_a_file, 0, 2);
}
