/* temp_folder.c - made by mkdtemp(), removed with what is in it. */
#include "support/temp_folder.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"

static char root[] = "/tmp/scorecl-test-XXXXXX";

void temp_folder_open(void)
{
    memset(root + sizeof root - 7, 'X', 6);
    ck_assert_ptr_nonnull(mkdtemp(root));
}

/* remove() takes a link away, never what it leads to; only a full folder is left. */
static void remove_all(const char *path)
{
    struct scl_folder folder = { 0 };

    if (remove(path) == 0 || scl_folder_load(&folder, path) < 0)
        return;
    for (size_t i = 0; i < folder.n; i++) {
        char *inside = scl_path_join(path, folder.entry[i].name);

        remove_all(inside);
        free(inside);
    }
    scl_folder_fini(&folder);
    remove(path);
}

void temp_folder_close(void)
{
    remove_all(root);
}

const char *temp_path(const char *format, ...)
{
    static char buffer[8][1024];
    static unsigned turn;
    char *path = buffer[turn++ % 8];
    const int length = snprintf(path, sizeof *buffer, "%s/", root);
    va_list args;

    va_start(args, format);
    vsnprintf(path + length, sizeof *buffer - (size_t)length, format, args);
    va_end(args);
    return path;
}

void write_file(const char *path, const void *bytes, size_t size)
{
    char *folder = strdup(path);
    FILE *file;

    *strrchr(folder, '/') = '\0';
    ck_assert_msg(scl_folder_make(folder) == SCL_OK, "%s", scl_error());
    free(folder);
    file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s cannot be created", path);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

char *read_file(size_t *size, const char *path)
{
    char *bytes = NULL;

    ck_assert_msg(scl_file_read(&bytes, size, path, (size_t)1 << 26) == SCL_OK, "%s", scl_error());
    return bytes;
}
