/* disk_shim.c - preloaded: a disk that is full, read-only or broken, for some paths.
 *
 *     LD_PRELOAD=fault_disk.so SCL_DISK_PATH=/checkpoints SCL_DISK_ROOM=1000 scorecl train x.yaml
 *     LD_PRELOAD=fault_disk.so SCL_DISK_PATH=log.txt SCL_DISK_FAULT=open:2:13 scorecl train x.yaml
 *
 * Of files whose path holds SCL_DISK_PATH, SCL_DISK_ROOM bytes can be written: a write that goes
 * beyond is cut short, and the next fails with ENOSPC. SCL_DISK_FAULT is CALL:N:ERRNO: the N-th
 * and every later open (to write or create), read (an open only to read), mkdir, fsync or rename
 * of such a path fails. All this binds root too. SCL_DISK_COUNT names a file that gets the bytes
 * written when the process ends.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_size_t written;

static bool is_meant(const char *path)
{
    const char *part = getenv("SCL_DISK_PATH");

    return part && strstr(path, part);
}

static bool is_meant_fd(int fd)
{
    char link[40], path[4096];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return false;
    path[n] = '\0';
    return is_meant(path);
}

/* Whether this call fails; errno says why. */
static bool is_due(const char *call, bool meant)
{
    static atomic_int count;
    const char *fault = getenv("SCL_DISK_FAULT");
    char name[16];
    int at, code;

    if (!meant || !fault || sscanf(fault, "%15[^:]:%d:%d", name, &at, &code) != 3 ||
        strcmp(name, call) != 0 || atomic_fetch_add(&count, 1) + 1 < at)
        return false;
    errno = code;
    return true;
}

/* How many of `size` bytes there is room for; -1, with errno, when there is none. */
static ssize_t take_room(int fd, size_t size)
{
    const char *room = getenv("SCL_DISK_ROOM");
    const size_t used = written;
    size_t left, take;

    if (!is_meant_fd(fd))
        return (ssize_t)size;
    left = room ? strtoull(room, NULL, 10) : SIZE_MAX;
    left = left > used ? left - used : 0;
    take = size < left ? size : left;
    if (take == 0 && size > 0) {
        errno = ENOSPC;
        return -1;
    }
    written += take;
    return (ssize_t)take;
}

#define REAL(type, call, parameters)                                                               \
    type(*real) parameters;                                                                        \
    *(void **)&real = dlsym(RTLD_NEXT, call)

ssize_t write(int fd, const void *bytes, size_t size)
{
    const ssize_t take = take_room(fd, size);

    REAL(ssize_t, "write", (int, const void *, size_t));
    return take < 0 ? -1 : real(fd, bytes, (size_t)take);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    const ssize_t take = take_room(fd, size);

    REAL(ssize_t, "pwrite", (int, const void *, size_t, off_t));
    return take < 0 ? -1 : real(fd, bytes, (size_t)take, at);
}

ssize_t writev(int fd, const struct iovec *part, int n)
{
    struct iovec cut[8];
    ssize_t take, size = 0;

    REAL(ssize_t, "writev", (int, const struct iovec *, int));
    for (int i = 0; i < n; i++)
        size += (ssize_t)part[i].iov_len;
    if ((take = take_room(fd, (size_t)size)) < 0)
        return -1;
    for (int i = 0; i < n && n <= 8; i++) {
        cut[i] = part[i];
        if (cut[i].iov_len > (size_t)take)
            cut[i].iov_len = (size_t)take;
        take -= (ssize_t)cut[i].iov_len;
    }
    return real(fd, n <= 8 ? cut : part, n);
}

int fsync(int fd)
{
    REAL(int, "fsync", (int));
    return is_due("fsync", is_meant_fd(fd)) ? -1 : real(fd);
}

int rename(const char *from, const char *to)
{
    REAL(int, "rename", (const char *, const char *));
    return is_due("rename", is_meant(to)) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, "mkdir", (const char *, mode_t));
    return is_due("mkdir", is_meant(path)) ? -1 : real(path, mode);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode = 0;

    REAL(int, "open", (const char *, int, ...));
    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    if (is_due(flags & (O_CREAT | O_WRONLY | O_RDWR) ? "open" : "read", is_meant(path)))
        return -1;
    return real(path, flags, mode);
}

__attribute__((destructor)) static void save_count(void)
{
    const char *path = getenv("SCL_DISK_COUNT");
    FILE *out = path ? fopen(path, "w") : NULL;

    if (!out)
        return;
    fprintf(out, "%zu\n", (size_t)written);
    fclose(out);
}
