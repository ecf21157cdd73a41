/* cache.c - built programs on disk, so that the next start compiles nothing.
 *
 * Drivers accept damaged binaries, so the file carries a checksum of its own:
 * "SCLK", 4 bytes of version, 8 of XXH3 of the payload (its seed is made of the file's
 * name, which is the key, so that no file passes for another), the payload. Failing
 * to use the cache is never an error. SCL_CACHE_DIR names another folder; empty, it
 * turns the cache off.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/file.h"
#include "device/device_impl.h"

enum { VERSION = 2, HEADER_BYTES = 16, MAX_BYTES = 64 << 20 };

bool scl_cache_folder(char *out, size_t size, const char *name, const char *set, const char *xdg,
                      const char *home)
{
    return scl_user_folder(out, size, set, xdg, home, ".cache", name);
}

/* What was compiled and measured on this machine, by nobody but the user: mode 0700. */
bool scl_cache_make(char *out, size_t size, const char *name)
{
    if (!scl_cache_folder(out, size, name, getenv("SCL_CACHE_DIR"), getenv("XDG_CACHE_HOME"),
                          getenv("HOME")))
        return false;
    if (scl_path_kind(out) == SCL_PATH_FOLDER)
        return true;
    return scl_folder_make(out) == 0 && chmod(out, 0700) == 0;
}

void scl_cache_sweep(void)
{
    char folder[768];

    if (scl_cache_make(folder, sizeof folder, "kernels"))
        scl_folder_sweep(folder);
}

void scl_cache_path(char *out, size_t size, const struct scl_facts *f, const char *source,
                    const char *options)
{
    char folder[768], key[2048];
    XXH128_hash_t a;
    XXH64_hash_t b;

    out[0] = '\0';
    if (!scl_cache_make(folder, sizeof folder, "kernels"))
        return;
    snprintf(key, sizeof key, "%s|%s|%s|%s|%s|%s|%s|%d", f->platform, f->vendor, f->name, f->driver,
             f->version, options, SCL_VERSION, VERSION);
    a = XXH3_128bits(source, strlen(source));
    b = XXH3_64bits(key, strlen(key));
    snprintf(out, size, "%s/%016" PRIx64 "%016" PRIx64 "%016" PRIx64 ".clbin", folder,
             (uint64_t)a.high64, (uint64_t)a.low64, (uint64_t)b);
}

static uint64_t checksum(const char *path, const void *payload, size_t size)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    return XXH3_64bits_withSeed(payload, size, XXH3_64bits(name, strlen(name)));
}

unsigned char *scl_cache_load(const char *path, size_t *size)
{
    char *bytes = NULL;
    size_t all;
    uint32_t version;
    uint64_t sum;

    if (scl_path_kind(path) != SCL_PATH_FILE || scl_file_read(&bytes, &all, path, MAX_BYTES) < 0)
        return NULL;
    if (all > HEADER_BYTES && memcmp(bytes, "SCLK", 4) == 0) {
        memcpy(&version, bytes + 4, 4);
        memcpy(&sum, bytes + 8, 8);
        *size = all - HEADER_BYTES;
        if (version == VERSION && sum == checksum(path, bytes + HEADER_BYTES, *size)) {
            memmove(bytes, bytes + HEADER_BYTES, *size);
            return (unsigned char *)bytes;
        }
    }
    free(bytes);
    return NULL;
}

void scl_cache_save(const char *path, const unsigned char *bytes, size_t size)
{
    const uint32_t version = VERSION;
    const uint64_t sum = checksum(path, bytes, size);
    unsigned char *file = malloc(HEADER_BYTES + size);

    if (!file)
        return;
    memcpy(file, "SCLK", 4);
    memcpy(file + 4, &version, 4);
    memcpy(file + 8, &sum, 8);
    memcpy(file + HEADER_BYTES, bytes, size);
    (void)scl_file_write(path, file, HEADER_BYTES + size);
    free(file);
}
