/* lock.c - one process a run folder, by flock(). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "report/run_impl.h"

void scl_lock_init(struct scl_lock *lock)
{
    lock->fd = -1;
}

/* The holder wrote its number into the file; it may be writing it just now. */
static int fail_held(int fd, const char *folder)
{
    char text[24] = "";
    const ssize_t n = pread(fd, text, sizeof text - 1, 0);
    const long pid = n > 0 ? strtol(text, NULL, 10) : 0;

    if (pid > 0)
        return scl_fail(SCL_USAGE, "%s: is in use by process %ld", folder, pid);
    return scl_fail(SCL_USAGE, "%s: is in use by another process", folder);
}

int scl_lock_open(struct scl_lock *lock, const char *folder)
{
    char *path = scl_path_join(folder, "lock"), text[24];
    int rc = SCL_OK, n;

    if (!path)
        return SCL_NOMEM;
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0) {
        rc = scl_fail(SCL_IO, "%s: cannot be created: %s", path, strerror(errno));
    } else if (flock(lock->fd, LOCK_EX | LOCK_NB) < 0) {
        rc = errno == EWOULDBLOCK
                 ? fail_held(lock->fd, folder)
                 : scl_fail(SCL_IO, "%s: cannot be locked: %s", path, strerror(errno));
    } else {
        n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
        if (ftruncate(lock->fd, 0) < 0 || pwrite(lock->fd, text, (size_t)n, 0) != n)
            rc = scl_fail(SCL_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (rc < 0)
        scl_lock_close(lock);
    free(path);
    return rc;
}

void scl_lock_close(struct scl_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}
