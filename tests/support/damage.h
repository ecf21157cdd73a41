/* damage.h - a file's bytes to be damaged, and what a refusal must be.
 *
 *     struct damage d = damage_load("tests/io/images/grey8.png");
 *     d.bytes[png_chunk(&d, "IHDR", 0) + 8] = 3;
 *     png_mend_checksums(&d);
 *     write_file(path, d.bytes, d.size);
 *     ... a loader refuses it ...
 *     check_said(path, "damaged PNG");
 *     damage_fini(&d);
 */
#ifndef SCL_SUPPORT_DAMAGE_H
#define SCL_SUPPORT_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

struct damage {
    uint8_t *bytes;
    size_t size;
};

struct damage damage_load(const char *path);
void damage_fini(struct damage *d);

/* `n` bytes at `at` become `n_new` other ones; NULL: zeros. */
void damage_replace(struct damage *d, size_t at, size_t n, const void *bytes, size_t n_new);

/* A number of `n` bytes, the most significant first. */
void damage_put(struct damage *d, size_t at, uint32_t value, int n);

/* Where the chunk's length stands; the type is 4 bytes on, the data 8. The chunk is there. */
size_t png_chunk(const struct damage *d, const char *type, int nth);

/* Bytes of data in the chunk at `at`. */
size_t png_length(const struct damage *d, size_t at);

/* Every checksum is right again, as far as chunks can be followed. */
void png_mend_checksums(struct damage *d);

/* Where the marker's 0xFF stands: of segment `code` (0xC0 is SOF0). It is there. */
size_t jpeg_marker(const struct damage *d, uint8_t code, int nth);

/* The golden images, and one of them. */
#define IMAGES "tests/io/images"

struct damage image_damage(const char *name);

/* An image file of these bytes is refused, with such words, and leaves nothing. */
void check_image_refused(const struct damage *d, const char *words);

/* It has the same pixels as the golden file `name`. */
void check_image_same(const struct damage *d, const char *name);

/* What was said last is one line that begins with `path` and a colon, and holds `words`. */
void check_said(const char *path, const char *words);

/* The most memory that this process has had, in KiB. */
long peak_kib(void);

#endif
