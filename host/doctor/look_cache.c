/* look_cache.c - the kernel cache's folder: whether it can be written, and how full it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/status.h"
#include "device/device.h"
#include "doctor/look_impl.h"

static unsigned long long size_of(struct scl_machine *m, const char *path)
{
    const char *whole = scl_look_path(m, path);
    struct scl_folder folder;
    unsigned long long sum = 0;

    scl_look_folder(&folder, m, path);
    for (size_t i = 0; whole && i < folder.n; i++) {
        char file[2048];
        struct stat st;

        snprintf(file, sizeof file, "%s/%s", whole, folder.entry[i].name);
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
            sum += (unsigned long long)st.st_size;
    }
    scl_folder_fini(&folder);
    return sum;
}

/* The folder, or the one above it that exists: there it would be made. */
static void find_existing(char *path)
{
    while (scl_path_kind(path) == SCL_PATH_NONE) {
        char *slash = strrchr(path, '/');

        if (!slash || slash == path) {
            strcpy(path, slash ? "/" : ".");
            return;
        }
        *slash = '\0';
    }
}

int scl_look_cache(struct scl_machine *m)
{
    struct statvfs disk;
    char path[2048];

    if (!scl_cache_folder(
            m->cache, sizeof m->cache, "kernels", scl_machine_variable(m, "SCL_CACHE_DIR"),
            scl_machine_variable(m, "XDG_CACHE_HOME"), scl_machine_variable(m, "HOME"))) {
        m->cache[0] = '\0';
        return SCL_OK;
    }
    snprintf(path, sizeof path, "%s%s", m->root, m->cache);
    find_existing(path);
    if (scl_path_kind(path) != SCL_PATH_FOLDER)
        m->cache_error = ENOTDIR;
    else if (access(path, W_OK | X_OK) < 0)
        m->cache_error = errno;
    if (statvfs(path, &disk) == 0)
        m->cache_free_bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
    m->cache_bytes = size_of(m, m->cache);
    return SCL_OK;
}
