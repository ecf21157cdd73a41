/* test_source.c - text from the program or from the source tree that a variable names. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "base/status.h"
#include "support/temp_folder.h"

static void setup(void)
{
    temp_folder_open();
    unsetenv("SCL_SOURCE_DIR");
}

static void teardown(void)
{
    unsetenv("SCL_SOURCE_DIR");
    temp_folder_close();
}

START_TEST(program_carries_its_kernels)
{
    char *text = NULL;

    ck_assert_msg(scl_source_load(&text, "cl_kernels/scale.cl") == SCL_OK, "%s", scl_error());
    ck_assert_ptr_nonnull(strstr(text, "void scale("));
    free(text);
}
END_TEST

START_TEST(empty_variable_is_none)
{
    char *text = NULL;

    setenv("SCL_SOURCE_DIR", "", 1);
    ck_assert_int_eq(scl_source_load(&text, "cl_kernels/scale.cl"), SCL_OK);
    free(text);
}
END_TEST

START_TEST(source_tree_comes_before_the_program)
{
    char *text = NULL;

    write_file(temp_path("cl_kernels/scale.cl"), "mine", 4);
    setenv("SCL_SOURCE_DIR", temp_path("."), 1);
    ck_assert_msg(scl_source_load(&text, "cl_kernels/scale.cl") == SCL_OK, "%s", scl_error());
    ck_assert_str_eq(text, "mine");
    free(text);
}
END_TEST

/* The tile's kernel, behind what multiplies it in another way. */
START_TEST(kernel_by_subgroups_is_the_tiles_behind_another_header)
{
    static const char *const wanted[] = { "\"cl_kernels/tile.clh\"", "\"cl_kernels/subgroup.clh\"",
                                          "\"cl_kernels/matmul/tile.cl\"" };
    char *text = NULL, *at;

    ck_assert_msg(scl_source_kernel(&text, "matmul/subgroup") == SCL_OK, "%s", scl_error());
    at = text;
    for (int i = 0; i < 3; i++)
        ck_assert_msg(at = strstr(at, wanted[i]), "%s is not there, or too early", wanted[i]);
    free(text);
    ck_assert_int_eq(scl_source_kernel(&text, "matmul/tile"), SCL_OK);
    ck_assert_ptr_null(strstr(text, wanted[1]));
    free(text);
    ck_assert_int_lt(scl_source_kernel(&text, "scale_subgroup"), 0);
}
END_TEST

START_TEST(file_that_is_nowhere_is_refused_by_name)
{
    char *text = NULL;

    ck_assert_int_eq(scl_source_load(&text, "cl_kernels/absent.cl"), SCL_BUILD);
    ck_assert_str_eq(scl_error(),
                     "cl_kernels/absent.cl is not among the files that the program carries");
    setenv("SCL_SOURCE_DIR", temp_path("."), 1);
    ck_assert_int_eq(scl_source_load(&text, "cl_kernels/scale.cl"), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "cl_kernels/scale.cl: cannot be opened"));
    ck_assert_ptr_null(text);
}
END_TEST

static int list_paths(void *user, const char *path, const char *text, size_t size)
{
    char *list = user;

    ck_assert_uint_eq(strlen(text), size);
    strcat(strcat(list, strrchr(path, '/') + 1), "=");
    strcat(strncat(list, text, 8), " ");
    return strcmp(text, "stop") == 0 ? SCL_DATA : SCL_OK;
}

START_TEST(walk_visits_the_files_of_a_suffix_in_all_folders)
{
    char list[256] = "";

    write_file(temp_path("backends/b/tuned/two.txt"), "2", 1);
    write_file(temp_path("backends/b/one.yaml"), "1", 1);
    write_file(temp_path("backends/a.txt"), "a", 1);
    write_file(temp_path("other/c.txt"), "c", 1);
    setenv("SCL_SOURCE_DIR", temp_path("."), 1);
    ck_assert_int_eq(scl_source_walk("backends", ".txt", list_paths, list), SCL_OK);
    ck_assert_str_eq(list, "a.txt=a two.txt=2 ");
}
END_TEST

START_TEST(walk_ends_with_the_first_failure)
{
    char list[256] = "";

    write_file(temp_path("backends/a.txt"), "stop", 4);
    write_file(temp_path("backends/b.txt"), "b", 1);
    setenv("SCL_SOURCE_DIR", temp_path("."), 1);
    ck_assert_int_eq(scl_source_walk("backends", ".txt", list_paths, list), SCL_DATA);
    ck_assert_str_eq(list, "a.txt=stop ");
}
END_TEST

START_TEST(walk_finds_what_the_program_carries)
{
    char list[4096] = "";

    ck_assert_int_eq(scl_source_walk("backends", ".yaml", list_paths, list), SCL_OK);
    ck_assert_ptr_nonnull(strstr(list, "generic.yaml="));
    ck_assert_ptr_nonnull(strstr(list, "pocl-avx2.yaml="));
}
END_TEST

const char *const suite_name = "base/source";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, program_carries_its_kernels);
    tcase_add_test(tc, empty_variable_is_none);
    tcase_add_test(tc, source_tree_comes_before_the_program);
    tcase_add_test(tc, kernel_by_subgroups_is_the_tiles_behind_another_header);
    tcase_add_test(tc, file_that_is_nowhere_is_refused_by_name);
    tcase_add_test(tc, walk_visits_the_files_of_a_suffix_in_all_folders);
    tcase_add_test(tc, walk_ends_with_the_first_failure);
    tcase_add_test(tc, walk_finds_what_the_program_carries);
}
