/* test_cache.c - a kernel cache that is damaged, refused or not there: the program compiles
 * again, and nobody notices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "device/device_impl.h"
#include "device/exec.h"
#include "ops/ops.h"
#include "support/op_check.h"
#include "support/temp_folder.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const char *const variable[] = { "SCL_CACHE_DIR", "XDG_CACHE_HOME", "HOME" };
static char *before[3];

static void setup(void)
{
    temp_folder_open();
    for (int i = 0; i < 3; i++)
        before[i] = getenv(variable[i]) ? strdup(getenv(variable[i])) : NULL;
    setenv("SCL_CACHE_DIR", temp_path("."), 1);
}

static void teardown(void)
{
    for (int i = 0; i < 3; i++) {
        if (before[i])
            setenv(variable[i], before[i], 1);
        else
            unsetenv(variable[i]);
        free(before[i]);
    }
    temp_folder_close();
}

static bool is_taken(const char *path)
{
    size_t size;
    unsigned char *bytes = scl_cache_load(path, &size);
    const bool taken = bytes != NULL;

    free(bytes);
    return taken;
}

static char *save_some(size_t *size, const char *path)
{
    unsigned char payload[100];

    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (unsigned char)(i * 7);
    scl_cache_save(path, payload, sizeof payload);
    ck_assert(is_taken(path));
    return read_file(size, path);
}

START_TEST(no_bit_of_a_cached_program_flips_unseen)
{
    const char *path = temp_path("a.clbin");
    size_t size;
    char *bytes = save_some(&size, path);

    for (size_t i = 0; i < 8 * size; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        write_file(path, bytes, size);
        ck_assert_msg(!is_taken(path), "byte %zu bit %zu", i / 8, i % 8);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    write_file(path, bytes, size);
    ck_assert(is_taken(path));
    free(bytes);
}
END_TEST

START_TEST(part_of_a_cached_program_and_more_than_one_is_not_taken)
{
    const char *path = temp_path("a.clbin");
    size_t size;
    char *bytes = save_some(&size, path);

    for (size_t n = 0; n < size; n++) {
        write_file(path, bytes, n);
        ck_assert_msg(!is_taken(path), "the first %zu bytes", n);
    }
    bytes = realloc(bytes, size + 1);
    bytes[size] = '\0';
    write_file(path, bytes, size + 1);
    ck_assert(!is_taken(path));
    free(bytes);
}
END_TEST

START_TEST(cached_program_passes_for_no_other)
{
    const char *path = temp_path("a.clbin"), *other = temp_path("b.clbin");
    size_t size;

    free(save_some(&size, path));
    ck_assert_int_eq(rename(path, other), 0);
    ck_assert(!is_taken(other));
    MUST(scl_folder_make(temp_path("moved")));
    ck_assert_int_eq(rename(other, temp_path("moved/a.clbin")), 0);
    ck_assert(is_taken(temp_path("moved/a.clbin")));
}
END_TEST

START_TEST(what_is_no_file_is_not_taken)
{
    ck_assert(!is_taken(temp_path("absent")));
    MUST(scl_folder_make(temp_path("folder")));
    ck_assert(!is_taken(temp_path("folder")));
    ck_assert_int_eq(mkfifo(temp_path("pipe"), 0600), 0);
    ck_assert(!is_taken(temp_path("pipe")));
    ck_assert_int_eq(symlink("nowhere", temp_path("link")), 0);
    ck_assert(!is_taken(temp_path("link")));
}
END_TEST

static void count_program(void *user, int done, int of, const char *program)
{
    int *n = user;

    ck_assert_int_eq(done, *n);
    ck_assert_int_lt(done, of);
    ck_assert_ptr_nonnull(program);
    ++*n;
}

/* Runs on a device of its own, whose programs are not built yet; returns how many were not in the
 * cache. */
static int run_fresh(float out[3])
{
    struct scl_graph *g = scl_graph_new();
    const float values[3] = { -1, 0.5f, 3 };
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE1(3)), *y = scl_relu(g, x);
    struct scl_device *device;
    struct scl_exec *exec;
    struct scl_plan *plan;
    int n = 0;

    MUST(scl_device_open(&device, "", 0));
    MUST(scl_plan_new(&plan, g,
                      &(struct scl_plan_spec){ .facts = scl_device_facts(device),
                                               .profile = scl_device_profile(device),
                                               .n_keep = 1,
                                               .keep = &y }));
    MUST(scl_exec_new(&exec, device, NULL, plan, count_program, &n));
    MUST(scl_exec_write(exec, x, values, true));
    MUST(scl_exec_run(exec));
    MUST(scl_exec_read(exec, y, out));
    scl_device_cache_programs(device);
    scl_exec_free(exec);
    scl_plan_free(plan);
    scl_device_close(device);
    scl_graph_free(g);
    return n;
}

/* How many of its one program were told of as not being in the cache. */
static int check_relu(void)
{
    float out[3];
    const int n = run_fresh(out);

    ck_assert_float_eq(out[0], 0);
    ck_assert_float_eq(out[1], 0.5f);
    ck_assert_float_eq(out[2], 3);
    return n;
}

/* The one file in the cache. */
static const char *cached(void)
{
    struct scl_folder folder = { 0 };
    const char *path;

    MUST(scl_folder_load(&folder, temp_path("kernels")));
    ck_assert_uint_eq(folder.n, 1);
    path = temp_path("kernels/%s", folder.entry[0].name);
    scl_folder_fini(&folder);
    return path;
}

/* Header, payload, half of it, nothing; a binary that is whole, but of another compiler. */
START_TEST(damaged_cache_is_ignored_and_mended)
{
    char *whole, *bytes;
    struct stat st;
    size_t size, n;

    ck_assert_int_eq(check_relu(), 1);
    ck_assert_int_eq(check_relu(), 0);
    ck_assert_int_eq(stat(temp_path("kernels"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    whole = read_file(&size, cached());
    ck_assert_uint_gt(size, 16);
    for (int damage = 0; damage < 5; damage++) {
        bytes = read_file(&n, cached());
        if (damage < 2)
            bytes[damage ? n - 1 : 5] ^= 1;
        if (damage < 4)
            write_file(cached(), bytes, damage == 2 ? n / 2 : damage == 3 ? 0 : n);
        else
            scl_cache_save(cached(), (const unsigned char *)"stale", 5);
        free(bytes);
        check_relu();
        bytes = read_file(&n, cached());
        ck_assert_uint_gt(n, size / 2); /* it was built anew and saved */
        ck_assert_int_eq(memcmp(bytes, whole, 8), 0);
        free(bytes);
    }
    free(whole);
}
END_TEST

START_TEST(folder_in_the_place_of_a_cached_program_stays_and_does_no_harm)
{
    const char *path;

    check_relu();
    path = cached();
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    check_relu();
    ck_assert_str_eq(cached(), path); /* and no temporary file beside it */
    ck_assert_int_eq(scl_path_kind(path), SCL_PATH_FOLDER);
}
END_TEST

static void check_no_cache(const char *what)
{
    char path[1024];

    scl_cache_path(path, sizeof path, scl_device_facts(test_device()), "source", "options");
    ck_assert_msg(path[0] == '\0', "%s: %s", what, path);
    ck_assert_int_eq(check_relu(), 1);
}

START_TEST(cache_that_has_no_place_is_done_without)
{
    char name[1200];

    write_file(temp_path("file"), "words", 5);
    setenv("SCL_CACHE_DIR", temp_path("file"), 1);
    check_no_cache("a file in its place");
    setenv("SCL_CACHE_DIR", temp_path("file/below"), 1);
    check_no_cache("a place below a file");
    setenv("SCL_CACHE_DIR", "/proc/self/cache", 1);
    check_no_cache("a place where nobody may make a folder, root neither");
    strcpy(name, temp_path("kept"));
    while (strlen(name) < 1000)
        strcat(name, "/0123456789012345678901234567890123456789");
    setenv("SCL_CACHE_DIR", name, 1);
    check_no_cache("a path too long for us");
    ck_assert_int_eq(scl_path_kind(temp_path("kept")), SCL_PATH_NONE);
    setenv("SCL_CACHE_DIR", "", 1);
    check_no_cache("turned off");
    unsetenv("SCL_CACHE_DIR");
    setenv("XDG_CACHE_HOME", temp_path("file"), 1);
    check_no_cache("a file in the place of XDG_CACHE_HOME");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", temp_path("file"), 1);
    check_no_cache("a file in the place of HOME");
    unsetenv("HOME");
    check_no_cache("no HOME");
}
END_TEST

const char *const suite_name = "device/cache";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, no_bit_of_a_cached_program_flips_unseen);
    tcase_add_test(tc, part_of_a_cached_program_and_more_than_one_is_not_taken);
    tcase_add_test(tc, cached_program_passes_for_no_other);
    tcase_add_test(tc, what_is_no_file_is_not_taken);
    tcase_add_test(tc, damaged_cache_is_ignored_and_mended);
    tcase_add_test(tc, folder_in_the_place_of_a_cached_program_stays_and_does_no_harm);
    tcase_add_test(tc, cache_that_has_no_place_is_done_without);
}
