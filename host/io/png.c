/* png.c - libpng unpacks, this file turns samples into RGB.
 *
 * libpng reports an error by calling error(), which must not return: it jumps
 * back to the setjmp() of this file. What must survive the jump lives in a struct
 * of the caller of the function that called setjmp().
 */
#include "io/png.h"

#include <png.h>
#include <setjmp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "io/image.h"

struct reader {
    const char *path;
    FILE *file;
    png_struct *png;
    png_info *info;
    uint8_t *raw; /* one row, or all of them when they come interlaced */
    struct scl_image image;
    int rc;
};

_Noreturn static void error(png_struct *png, const char *words)
{
    struct reader *r = png_get_error_ptr(png);

    r->rc = scl_fail(SCL_DATA, "%s: damaged PNG: %s", r->path, words);
    png_longjmp(png, 1);
}

/* Warnings are about things that do not change a pixel: profiles, text, order of
 * chunks. A wrong checksum is made an error below, in every chunk. */
static void warning(png_struct *png, const char *words)
{
    (void)png;
    (void)words;
}

static void read_bytes(png_struct *png, png_byte *bytes, size_t n)
{
    const struct reader *r = png_get_io_ptr(png);

    if (fread(bytes, 1, n, r->file) != n)
        png_error(png, ferror(r->file) ? strerror(errno) : "the file ends early");
}

/* One row of samples as they are in the file, but at least a byte each, to RGB. */
static void convert_row(const struct reader *r, uint8_t *rgb, const uint8_t *raw)
{
    const int type = png_get_color_type(r->png, r->info);
    const int depth = png_get_bit_depth(r->png, r->info);
    const int channels = png_get_channels(r->png, r->info);
    const int bytes = depth == 16 ? 2 : 1; /* big-endian: the first is the high one */
    const int scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
    png_color *palette = NULL;
    int n_palette = 0;

    png_get_PLTE(r->png, r->info, &palette, &n_palette);
    for (int x = 0; x < r->image.width; x++, rgb += 3, raw += channels * bytes) {
        if (type & PNG_COLOR_MASK_PALETTE) {
            const png_color none = { 0, 0, 0 }; /* an index beyond the palette */
            const png_color c = raw[0] < n_palette ? palette[raw[0]] : none;

            rgb[0] = c.red;
            rgb[1] = c.green;
            rgb[2] = c.blue;
        } else if (type & PNG_COLOR_MASK_COLOR) {
            for (int c = 0; c < 3; c++)
                rgb[c] = raw[c * bytes];
        } else if (type == PNG_COLOR_TYPE_GRAY && depth == 16) {
            memset(rgb, raw[0] ? 255 : raw[1], 3);
        } else {
            memset(rgb, raw[0] * scale, 3);
        }
    }
}

static void read_pixels(struct reader *r)
{
    size_t row_bytes, stride;
    int passes;

    png_set_packing(r->png);
    passes = png_set_interlace_handling(r->png);
    png_start_read_image(r->png);
    row_bytes = (size_t)r->image.width * png_get_channels(r->png, r->info) *
                (png_get_bit_depth(r->png, r->info) == 16 ? 2 : 1);
    stride = passes > 1 ? row_bytes : 0;
    r->raw = calloc(passes > 1 ? (size_t)r->image.height : 1, row_bytes);
    if (!r->raw) {
        r->rc = scl_fail(SCL_NOMEM, "%s: no memory for %d x %d pixels", r->path, r->image.width,
                         r->image.height);
        png_longjmp(r->png, 1);
    }
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < r->image.height; y++) {
            uint8_t *raw = r->raw + (size_t)y * stride;

            png_read_row(r->png, raw, NULL);
            if (pass == passes - 1)
                convert_row(r, r->image.pixels + (size_t)y * (size_t)r->image.width * 3, raw);
        }
    png_read_end(r->png, NULL);
}

/* Everything that libpng may jump out of. */
static int guarded(struct reader *r, bool header_only)
{
    uint32_t width, height;
    int rc;

    if (setjmp(png_jmpbuf(r->png)))
        return r->rc;
    png_set_read_fn(r->png, r, read_bytes);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    /* No profile and no text is unpacked: a small file could fill the memory with them. */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    /* Its own limit is lower for sides; scl_image_check() has ours. */
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(r->png, r->info);
    width = png_get_image_width(r->png, r->info);
    height = png_get_image_height(r->png, r->info);
    if (header_only) {
        r->image = (struct scl_image){ (int)height, (int)width, NULL };
        return scl_image_check(height, width, r->path);
    }
    rc = scl_image_init(&r->image, height, width, r->path);
    if (rc == SCL_OK)
        read_pixels(r);
    return rc;
}

int scl_png_read(struct scl_image *out, FILE *file, const char *path, bool header_only)
{
    struct reader r = { .path = path, .file = file };
    int rc = SCL_NOMEM;

    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, error, warning);
    if (r.png)
        r.info = png_create_info_struct(r.png);
    if (r.info)
        rc = guarded(&r, header_only);
    else
        scl_fail(SCL_NOMEM, "%s: no memory to read a PNG", path);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.raw);
    if (rc < 0)
        scl_image_fini(&r.image);
    else
        *out = r.image;
    return rc;
}

struct writer {
    const char *path;
    FILE *file;
};

_Noreturn static void write_error(png_struct *png, const char *words)
{
    const struct writer *w = png_get_error_ptr(png);

    scl_fail(SCL_IO, "%s: cannot be written: %s", w->path, errno ? strerror(errno) : words);
    png_longjmp(png, 1);
}

static void write_bytes(png_struct *png, png_byte *bytes, size_t n)
{
    const struct writer *w = png_get_io_ptr(png);

    if (fwrite(bytes, 1, n, w->file) != n)
        png_error(png, "short write");
}

static void flush_bytes(png_struct *png)
{
    (void)png; /* fclose() flushes */
}

static int guarded_write(png_struct *png, png_info *info, struct writer *w,
                         const struct scl_image *image)
{
    if (setjmp(png_jmpbuf(png)))
        return SCL_IO;
    errno = 0;
    png_set_write_fn(png, w, write_bytes, flush_bytes);
    png_set_IHDR(png, info, (uint32_t)image->width, (uint32_t)image->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < image->height; y++)
        png_write_row(png, image->pixels + (size_t)y * (size_t)image->width * 3);
    png_write_end(png, info);
    return SCL_OK;
}

int scl_image_save_png(const char *path, const struct scl_image *image)
{
    struct writer w = { path, fopen(path, "wbe") };
    png_struct *png = NULL;
    png_info *info = NULL;
    int rc = SCL_NOMEM;

    if (!w.file)
        return scl_fail(SCL_IO, "%s: cannot be created: %s", path, strerror(errno));
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, write_error, warning);
    if (png)
        info = png_create_info_struct(png);
    if (info)
        rc = guarded_write(png, info, &w, image);
    else
        scl_fail(SCL_NOMEM, "%s: no memory to write a PNG", path);
    png_destroy_write_struct(&png, &info);
    if (fclose(w.file) != 0 && rc == SCL_OK)
        rc = scl_fail(SCL_IO, "%s: cannot be written: %s", path, strerror(errno));
    if (rc < 0)
        remove(path);
    return rc;
}
