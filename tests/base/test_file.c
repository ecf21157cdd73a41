/* test_file.c - bounds, atomic writing, folders and paths. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "support/temp_folder.h"

static void check_content(const char *path, const char *want)
{
    size_t size = 0;
    char *bytes = read_file(&size, path);

    ck_assert_uint_eq(size, strlen(want));
    ck_assert_str_eq(bytes, want); /* so there is a zero byte at the end */
    free(bytes);
}

static size_t count_names(const char *path)
{
    struct scl_folder folder = { 0 };
    size_t n;

    ck_assert_int_eq(scl_folder_load(&folder, path), SCL_OK);
    n = folder.n;
    scl_folder_fini(&folder);
    return n;
}

START_TEST(written_bytes_are_read_back)
{
    const char *path = temp_path("a file");

    ck_assert_int_eq(scl_file_write(path, "first", 5), SCL_OK);
    check_content(path, "first");
    ck_assert_int_eq(scl_file_write(path, "second, longer", 14), SCL_OK);
    check_content(path, "second, longer");
    ck_assert_int_eq(scl_file_write(path, "", 0), SCL_OK);
    check_content(path, "");
    ck_assert_uint_eq(count_names(temp_path(".")), 1); /* no temporary file is left */
}
END_TEST

START_TEST(parts_are_written_one_after_the_other)
{
    const struct scl_bytes parts[] = { { "one ", 4 }, { "", 0 }, { "two", 3 } };

    ck_assert_int_eq(scl_file_write_parts(temp_path("parts"), 3, parts), SCL_OK);
    check_content(temp_path("parts"), "one two");
}
END_TEST

START_TEST(file_over_the_limit_is_refused_in_words)
{
    const char *path = temp_path("long");
    char *bytes = NULL;
    char want[600];
    size_t size;

    write_file(path, "12345", 5);
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 5), SCL_OK);
    free(bytes);
    bytes = NULL;
    ck_assert_int_eq(scl_file_read(&bytes, &size, path, 4), SCL_IO);
    snprintf(want, sizeof want, "%s: is 5 bytes long, more than the 4 that are allowed", path);
    ck_assert_str_eq(scl_error(), want);
    ck_assert_ptr_null(bytes);
}
END_TEST

START_TEST(missing_file_folder_and_pipe_are_refused)
{
    char *bytes = NULL;
    size_t size;

    ck_assert_int_eq(scl_file_read(&bytes, &size, temp_path("none"), 9), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "none: cannot be opened: No such file"));
    ck_assert_int_eq(scl_file_read(&bytes, &size, temp_path("."), 9), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "is a folder, not a file"));
    ck_assert_int_eq(mkfifo(temp_path("pipe"), 0600), 0);
    ck_assert_int_eq(scl_file_read(&bytes, &size, temp_path("pipe"), 9), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "is a device, a pipe or a socket, not a file"));
}
END_TEST

START_TEST(failed_write_leaves_the_old_file)
{
    static char bytes[1 << 16];
    const struct rlimit small = { 1 << 12, RLIM_INFINITY };
    struct rlimit old;

    write_file(temp_path("kept"), "old", 3);
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN); /* write() then fails with EFBIG, as it would on a full disk */
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ small.rlim_cur, old.rlim_max });
    ck_assert_int_eq(scl_file_write(temp_path("kept"), bytes, sizeof bytes), SCL_IO);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    ck_assert_ptr_nonnull(strstr(scl_error(), "kept: cannot be written"));
    check_content(temp_path("kept"), "old");
    ck_assert_uint_eq(count_names(temp_path(".")), 1);
    ck_assert_int_eq(scl_file_write(temp_path("no/such/folder"), "x", 1), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "no/such/folder: cannot be created"));
}
END_TEST

START_TEST(folders_are_made_with_those_above)
{
    ck_assert_int_eq(scl_folder_make(temp_path("a/b c//d/")), SCL_OK);
    ck_assert_int_eq(scl_folder_make(temp_path("a/b c/d")), SCL_OK);
    ck_assert_int_eq(scl_path_kind(temp_path("a/b c/d")), SCL_PATH_FOLDER);
    write_file(temp_path("a/file"), "", 0);
    ck_assert_int_eq(scl_path_kind(temp_path("a/file")), SCL_PATH_FILE);
    ck_assert_int_eq(scl_path_kind(temp_path("a/none")), SCL_PATH_NONE);
    ck_assert_int_eq(scl_folder_make(temp_path("a/file/e")), SCL_IO);
    ck_assert_ptr_nonnull(strstr(scl_error(), "a/file: the folder cannot be created"));
    ck_assert_int_eq(scl_folder_make(""), SCL_IO);
}
END_TEST

START_TEST(names_are_sorted_by_their_bytes)
{
    static const char *const names[] = { "B", "a", "a b", "a.x", "z", "\xC3\xA9" };
    struct scl_folder folder = { 0 };

    for (int i = 5; i >= 0; i--)
        write_file(temp_path("list/%s", names[i]), "", 0);
    ck_assert_int_eq(scl_folder_make(temp_path("list/sub")), SCL_OK);
    ck_assert_int_eq(symlink("list", temp_path("list/to_nothing")), 0);
    ck_assert_int_eq(symlink("sub", temp_path("list/to_sub")), 0);
    ck_assert_int_eq(scl_folder_load(&folder, temp_path("list")), SCL_OK);
    ck_assert_uint_eq(folder.n, 9);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(folder.entry[i].name, names[i]);
    ck_assert_int_eq(folder.entry[4].kind, SCL_PATH_FOLDER);
    ck_assert_int_eq(folder.entry[5].kind, SCL_PATH_NONE);
    ck_assert_int_eq(folder.entry[6].kind, SCL_PATH_FOLDER);
    ck_assert_str_eq(folder.entry[8].name, names[5]);
    scl_folder_fini(&folder);
    ck_assert_int_eq(scl_folder_load(&folder, temp_path("list/z")), SCL_IO);
}
END_TEST

/* The number of a process that has ended. */
static long ended_process(void)
{
    const pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return pid;
}

START_TEST(what_killed_processes_left_is_swept_and_nothing_else)
{
    const long ended = ended_process();

    write_file(temp_path("x.tmp-%ld-0", ended), "", 0);
    write_file(temp_path("x.tmp-%ld-7", (long)getpid()), "", 0);
    write_file(temp_path("a.tmp-y.tmp-%ld-12", ended), "", 0);
    ck_assert_uint_eq(count_names(temp_path(".")), 3);
    write_file(temp_path("x"), "", 0);
    write_file(temp_path("x.tmp-%ld-0", (long)getppid()), "", 0); /* at work */
    write_file(temp_path("x.tmp-%ld-0.png", ended), "", 0);
    write_file(temp_path("x.tmp-%ld", ended), "", 0);
    write_file(temp_path("x.tmp-0-0"), "", 0);
    ck_assert_int_eq(scl_folder_make(temp_path("y.tmp-%ld-0", ended)), SCL_OK);
    scl_folder_sweep(temp_path("."));
    ck_assert_uint_eq(count_names(temp_path(".")), 6);
    ck_assert_int_eq(scl_path_kind(temp_path("x.tmp-%ld-0", ended)), SCL_PATH_NONE);
    ck_assert_int_eq(scl_path_kind(temp_path("x.tmp-%ld-7", (long)getpid())), SCL_PATH_NONE);
    ck_assert_int_eq(scl_path_kind(temp_path("a.tmp-y.tmp-%ld-12", ended)), SCL_PATH_NONE);
    scl_folder_sweep(temp_path("no/such/folder"));
}
END_TEST

static void check_join(const char *folder, const char *name, const char *want)
{
    char *path = scl_path_join(folder, name);

    ck_assert_str_eq(path, want);
    free(path);
}

START_TEST(joined_path_has_one_slash)
{
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("", "b", "b");
    check_join("/", "b", "/b");
    check_join("a", "/b", "/b");
}
END_TEST

const char *const suite_name = "base/file";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, temp_folder_open, temp_folder_close);
    tcase_add_test(tc, written_bytes_are_read_back);
    tcase_add_test(tc, parts_are_written_one_after_the_other);
    tcase_add_test(tc, file_over_the_limit_is_refused_in_words);
    tcase_add_test(tc, missing_file_folder_and_pipe_are_refused);
    tcase_add_test(tc, failed_write_leaves_the_old_file);
    tcase_add_test(tc, folders_are_made_with_those_above);
    tcase_add_test(tc, names_are_sorted_by_their_bytes);
    tcase_add_test(tc, what_killed_processes_left_is_swept_and_nothing_else);
    tcase_add_test(tc, joined_path_has_one_slash);
}
