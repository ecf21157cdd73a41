/* file.c - POSIX calls, each checked. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

static int fail_errno(const char *path, const char *what)
{
    return scl_fail(SCL_IO, "%s: %s: %s", path, what, strerror(errno));
}

/* Reads until `size` bytes or the end; the count read, or -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        const ssize_t n = read(fd, bytes + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

int scl_file_read(char **out, size_t *size, const char *path, size_t limit)
{
    /* O_NONBLOCK: opening a pipe by mistake must not wait for its writer. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *bytes = NULL;
    struct stat st;
    ssize_t n;
    int rc = SCL_OK;

    if (fd < 0)
        return fail_errno(path, "cannot be opened");
    if (fstat(fd, &st) < 0) {
        rc = fail_errno(path, "cannot be read");
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = scl_fail(SCL_IO, "%s: is %s, not a file", path,
                      S_ISDIR(st.st_mode) ? "a folder" : "a device, a pipe or a socket");
        goto out;
    }
    if ((uintmax_t)st.st_size > limit) {
        rc = scl_fail(SCL_IO, "%s: is %jd bytes long, more than the %zu that are allowed", path,
                      (intmax_t)st.st_size, limit);
        goto out;
    }
    bytes = malloc((size_t)st.st_size + 1);
    if (!bytes) {
        rc = scl_fail(SCL_NOMEM, "%s: no memory for %jd bytes", path, (intmax_t)st.st_size);
        goto out;
    }
    n = read_all(fd, bytes, (size_t)st.st_size);
    if (n < 0) {
        rc = fail_errno(path, "cannot be read");
        goto out;
    }
    bytes[n] = '\0'; /* a file that shrank meanwhile is as long as what was read */
    *out = bytes;
    *size = (size_t)n;
    bytes = NULL;
out:
    free(bytes);
    close(fd);
    return rc;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/* The rename itself is on the disk only when the folder is. Some file systems
 * refuse to flush a folder (EINVAL): there is nothing more to do on those. */
static int flush_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    char *folder = length ? strndup(path, length) : strdup(".");
    int fd, rc = SCL_OK;

    if (!folder)
        return scl_fail(SCL_NOMEM, "%s: no memory for its folder's name", path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        rc = fail_errno(folder, "the folder cannot be flushed to the disk");
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

/* A new file beside `path`: PATH.tmp-PROCESS-NUMBER, so that neither another
 * process nor another thread writes the same one. Its name goes to `name`. */
static int open_beside(char *name, size_t size, const char *path)
{
    static atomic_uint number;
    int fd;

    do {
        snprintf(name, size, "%s.tmp-%ld-%u", path, (long)getpid(), atomic_fetch_add(&number, 1u));
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (fd < 0 && (errno == EEXIST || errno == EINTR));
    return fd;
}

int scl_file_write(const char *path, const void *bytes, size_t size)
{
    return scl_file_write_parts(path, 1, &(struct scl_bytes){ bytes, size });
}

int scl_file_write_parts(const char *path, int n, const struct scl_bytes parts[])
{
    const size_t length = strlen(path) + 48;
    char *name = malloc(length);
    int fd, rc = SCL_OK;

    if (!name)
        return scl_fail(SCL_NOMEM, "%s: no memory for a temporary name", path);
    fd = open_beside(name, length, path);
    if (fd < 0) {
        rc = fail_errno(path, "cannot be created");
        goto out;
    }
    for (int i = 0; i < n && rc == SCL_OK; i++)
        if (write_all(fd, parts[i].at, parts[i].size) < 0)
            rc = fail_errno(path, "cannot be written");
    if (rc == SCL_OK && fsync(fd) < 0)
        rc = fail_errno(path, "cannot be written");
    if (close(fd) < 0 && rc == SCL_OK)
        rc = fail_errno(path, "cannot be written");
    if (rc == SCL_OK && rename(name, path) < 0)
        rc = fail_errno(path, "cannot be replaced");
    if (rc < 0)
        unlink(name);
    else
        rc = flush_folder_of(path);
out:
    free(name);
    return rc;
}

int scl_file_lock(int fd)
{
    int rc;

    do
        rc = flock(fd, LOCK_EX);
    while (rc < 0 && errno == EINTR);
    return rc;
}
