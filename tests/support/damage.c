/* damage.c - bytes put in and taken out; chunks and markers found. */
#include "support/damage.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/file.h"
#include "base/status.h"
#include "io/image.h"
#include "support/temp_folder.h"

struct damage damage_load(const char *path)
{
    struct damage d;

    d.bytes = (uint8_t *)read_file(&d.size, path);
    return d;
}

void damage_fini(struct damage *d)
{
    free(d->bytes);
    *d = (struct damage){ 0 };
}

void damage_replace(struct damage *d, size_t at, size_t n, const void *bytes, size_t n_new)
{
    const size_t size = d->size - n + n_new;
    uint8_t *all = malloc(size + 1);

    ck_assert_uint_le(at + n, d->size);
    ck_assert_ptr_nonnull(all);
    memcpy(all, d->bytes, at);
    if (bytes)
        memcpy(all + at, bytes, n_new);
    else
        memset(all + at, 0, n_new);
    memcpy(all + at + n_new, d->bytes + at + n, d->size - at - n);
    free(d->bytes);
    *d = (struct damage){ all, size };
}

void damage_put(struct damage *d, size_t at, uint32_t value, int n)
{
    ck_assert_uint_le(at + (size_t)n, d->size);
    for (int i = 0; i < n; i++)
        d->bytes[at + (size_t)i] = (uint8_t)(value >> 8 * (n - 1 - i));
}

size_t png_length(const struct damage *d, size_t at)
{
    const uint8_t *b = d->bytes + at;

    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

size_t png_chunk(const struct damage *d, const char *type, int nth)
{
    for (size_t at = 8; at + 12 <= d->size; at += 12 + png_length(d, at))
        if (memcmp(d->bytes + at + 4, type, 4) == 0 && nth-- == 0)
            return at;
    ck_abort_msg("there is no chunk %s", type);
    return 0;
}

void png_mend_checksums(struct damage *d)
{
    for (size_t at = 8; at + 12 <= d->size && png_length(d, at) <= d->size - at - 12;) {
        const size_t length = png_length(d, at);

        damage_put(d, at + 8 + length, (uint32_t)crc32(0, d->bytes + at + 4, (uInt)(4 + length)),
                   4);
        at += 12 + length;
    }
}

/* In what is coded 0xFF is followed by 0. */
size_t jpeg_marker(const struct damage *d, uint8_t code, int nth)
{
    for (size_t at = 0; at + 1 < d->size; at++)
        if (d->bytes[at] == 0xFF && d->bytes[at + 1] == code && nth-- == 0)
            return at;
    ck_abort_msg("there is no marker FF %02X", code);
    return 0;
}

struct damage image_damage(const char *name)
{
    char *path = scl_path_join(IMAGES, name);
    struct damage d = damage_load(path);

    free(path);
    return d;
}

void check_image_refused(const struct damage *d, const char *words)
{
    const char *path = temp_path("image");
    struct scl_image image = { 0 };

    write_file(path, d->bytes, d->size);
    ck_assert_msg(scl_image_load(&image, path) == SCL_DATA, "not refused: %s", words);
    ck_assert_ptr_null(image.pixels);
    check_said(path, words);
}

void check_image_same(const struct damage *d, const char *name)
{
    struct scl_image image = { 0 }, want = { 0 };
    char *path = scl_path_join(IMAGES, name);

    write_file(temp_path("image"), d->bytes, d->size);
    ck_assert_msg(scl_image_load(&image, temp_path("image")) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_image_load(&want, path), SCL_OK);
    ck_assert(image.height == want.height && image.width == want.width);
    ck_assert_mem_eq(image.pixels, want.pixels, scl_image_bytes(&want));
    scl_image_fini(&image);
    scl_image_fini(&want);
    free(path);
}

void check_said(const char *path, const char *words)
{
    const char *said = scl_error();
    const size_t n = strlen(path);

    ck_assert_msg(strncmp(said, path, n) == 0 && said[n] == ':', "'%s' does not begin with %s",
                  said, path);
    ck_assert_msg(strstr(said + n, words) && strlen(said) > n + 4, "'%s' lacks '%s'", said, words);
    for (const char *c = said; *c; c++)
        ck_assert_msg((unsigned char)*c >= ' ' && *c != 0x7F, "'%s' is not one line", said);
}

long peak_kib(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}
