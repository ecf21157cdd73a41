/* test_embedded.c - what the program carries is what the source tree holds. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"

static const struct scl_embedded *const tables[] = { scl_embedded_files, scl_embedded_cases };

/* The bytes of a file of the source tree, which is where tests run. */
static unsigned char *bytes_of(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    unsigned char *bytes;
    long end;

    ck_assert_msg(file, "%s is not in the tree", name);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    end = ftell(file);
    ck_assert_int_ge(end, 0);
    rewind(file);
    bytes = malloc((size_t)end + 1);
    ck_assert_ptr_nonnull(bytes);
    *size = fread(bytes, 1, (size_t)end + 1, file);
    fclose(file);
    return bytes;
}

START_TEST(every_file_has_the_bytes_of_the_tree)
{
    ck_assert_ptr_nonnull(tables[_i][0].name);
    for (const struct scl_embedded *f = tables[_i]; f->name; f++) {
        size_t size;
        unsigned char *bytes = bytes_of(f->name, &size);

        ck_assert_msg(f->size == size && memcmp(f->data, bytes, size) == 0,
                      "%s differs from the tree", f->name);
        free(bytes);
    }
}
END_TEST

START_TEST(every_file_ends_with_a_nul_that_is_not_counted)
{
    for (const struct scl_embedded *f = tables[_i]; f->name; f++)
        ck_assert_int_eq(f->data[f->size], 0);
}
END_TEST

START_TEST(every_file_is_found_by_its_name)
{
    for (const struct scl_embedded *f = tables[_i]; f->name; f++)
        ck_assert_ptr_eq(scl_embedded_find(f->name), f);
}
END_TEST

START_TEST(a_name_that_is_not_there_finds_nothing)
{
    ck_assert_ptr_null(scl_embedded_find("cl_kernels/absent.cl"));
    ck_assert_ptr_null(scl_embedded_find(""));
}
END_TEST

const char *const suite_name = "base/embedded";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, every_file_has_the_bytes_of_the_tree, 0, 2);
    tcase_add_loop_test(tc, every_file_ends_with_a_nul_that_is_not_counted, 0, 2);
    tcase_add_loop_test(tc, every_file_is_found_by_its_name, 0, 2);
    tcase_add_test(tc, a_name_that_is_not_there_finds_nothing);
}
