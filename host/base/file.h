/* file.h - whole files, whole folders, and paths.
 *
 * Reading is bounded: the caller says how large the file may be, because nothing
 * from outside is believed before it is measured. Writing is atomic: after any
 * crash the path holds the old bytes or the new ones, never a part of them.
 *
 *     char *text = NULL;
 *     size_t size;
 *     SCL_TRY(scl_file_read(&text, &size, path, 1 << 20));
 *     ...
 *     SCL_TRY(scl_file_write(path, text, size));
 *     ...
 * out:
 *     free(text);
 */
#ifndef SCL_BASE_FILE_H
#define SCL_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum scl_path_kind {
    SCL_PATH_NONE, /* nothing there, or a link to nothing */
    SCL_PATH_FILE,
    SCL_PATH_FOLDER,
    SCL_PATH_OTHER, /* a device, a pipe, a socket */
};

/* One name in a folder, without the folder's path. */
struct scl_folder_entry {
    char *name;
    enum scl_path_kind kind; /* of what a link leads to */
};

/* The names in a folder, by their bytes; scl_folder_fini() frees them. */
struct scl_folder {
    struct scl_folder_entry *entry;
    size_t n;
};

/* The bytes of a file, yours to free, with a zero byte after the last (not
 * counted in *size). Refuses what is not a regular file, and one of more than
 * `limit` bytes. */
int scl_file_read(char **out, size_t *size, const char *path, size_t limit);

/* Replaces or creates the file: a temporary name in the same folder, written,
 * flushed to the disk, renamed, and the folder flushed. On failure the old file
 * is as it was and the temporary one is gone. Replaces what a link leads to by a
 * file of its own. */
int scl_file_write(const char *path, const void *bytes, size_t size);

/* Bytes that lie elsewhere. */
struct scl_bytes {
    const void *at;
    size_t size;
};

/* The same from `n` parts, one after the other, so that a large file needs no
 * copy of what it is made of. */
int scl_file_write_parts(const char *path, int n, const struct scl_bytes parts[]);

/* What is there; links are followed. */
enum scl_path_kind scl_path_kind(const char *path);

/* "folder/name", yours to free; an absolute name stays as it is, and so does a
 * name in the folder "". NULL, with words, when memory is out. */
char *scl_path_join(const char *folder, const char *name);

/* Creates the folder and those above it (mode 0777 less the umask); one that
 * exists is no error, a file in its place is. */
int scl_folder_make(const char *path);

/* Everything in the folder but "." and "..", sorted by bytes, whatever the
 * locale. The caller starts with a zeroed struct or one that was fini'd. */
int scl_folder_load(struct scl_folder *out, const char *path);
void scl_folder_fini(struct scl_folder *folder);

/* Where files of the user's lie, of the values of three variables (NULL: not set): SET/name, else
 * XDG/scorecl/name, else HOME/hidden/scorecl/name (".cache", "kernels"). False when nowhere: `set`
 * is empty, or none is set. */
bool scl_user_folder(char *out, size_t size, const char *set, const char *xdg, const char *home,
                     const char *hidden, const char *name);

/* Waits until no other process holds the lock of the open file, and takes it: closing the file
 * gives it back. -1 with errno on failure. */
int scl_file_lock(int fd);

/* Removes the temporary files that scl_file_write() left in the folder in processes which were
 * killed meanwhile: those that carry the number of no process there is, or of this one, which
 * must not be writing there. What cannot be removed stays. */
void scl_folder_sweep(const char *path);

#endif
