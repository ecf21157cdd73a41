/* lines.c - a write, and the way back from half of one. */
#include "report/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

static int fail_errno(const char *path)
{
    return scl_fail(SCL_IO, "%s: cannot be written: %s", path, strerror(errno));
}

/* A process that is killed, or a machine that loses power, leaves half a line behind. */
static int cut_half_line(int fd)
{
    struct stat st;
    off_t end;
    char c;

    if (fstat(fd, &st) < 0)
        return -1;
    if (S_ISFIFO(st.st_mode)) {
        errno = ESPIPE; /* or lines would be gone with their reader */
        return -1;
    }
    for (end = st.st_size; end > 0; end--) {
        if (pread(fd, &c, 1, end - 1) < 0)
            return -1;
        if (c == '\n')
            break;
    }
    return end < st.st_size ? ftruncate(fd, end) : 0;
}

int scl_lines_open(struct scl_lines *out, const char *path)
{
    out->fd = -1;
    if (!(out->path = strdup(path)))
        return scl_fail(SCL_NOMEM, "%s: no memory for its name", path);
    out->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    /* What looks like half a line may be one that another process is writing just now. */
    if (out->fd < 0 || scl_file_lock(out->fd) < 0 || cut_half_line(out->fd) < 0)
        return fail_errno(path);
    return SCL_OK;
}

void scl_lines_close(struct scl_lines *lines)
{
    if (lines->path && lines->fd >= 0)
        close(lines->fd);
    free(lines->path);
    lines->path = NULL;
    lines->fd = -1;
}

int scl_lines_push(struct scl_lines *lines, const char *text)
{
    const struct iovec parts[] = { { (void *)text, strlen(text) }, { "\n", 1 } };
    const size_t size = parts[0].iov_len + 1;
    struct stat before;
    ssize_t n;

    if (fstat(lines->fd, &before) < 0)
        return fail_errno(lines->path);
    do
        n = writev(lines->fd, parts, 2);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)size)
        return SCL_OK;
    if (n >= 0) {
        errno = ENOSPC; /* what a short write to a file means */
        if (ftruncate(lines->fd, before.st_size) < 0)
            return scl_fail(SCL_IO, "%s: cannot be written, and ends with half a line: %s",
                            lines->path, strerror(errno));
        errno = ENOSPC;
    }
    return fail_errno(lines->path);
}

int scl_lines_flush(struct scl_lines *lines)
{
    return fsync(lines->fd) < 0 ? fail_errno(lines->path) : SCL_OK;
}
