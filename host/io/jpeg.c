/* jpeg.c - libjpeg decodes; grey and CMYK become RGB here, as PIL does it.
 *
 * libjpeg reports an error by a call that must not return: it jumps back to the
 * setjmp() of this file. What must survive the jump lives in a struct of the
 * caller of the function that called setjmp().
 */
#include "io/jpeg.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

#include "base/status.h"
#include "io/image.h"

/* A progressive file can ask for any number of passes over the whole image with a
 * few bytes each. Encoders write about ten. */
#define MAX_SCANS 500

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    const char *path;
    uint8_t *row;
    struct scl_image image;
};

static void fail(struct jpeg_common_struct *jpeg)
{
    struct reader *r = jpeg->client_data;
    char words[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, words);
    scl_fail(jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? SCL_NOMEM : SCL_DATA,
             "%s: damaged JPEG: %s", r->path, words);
    longjmp(r->back, 1);
}

/* level -1 is a warning: libjpeg would go on and make pixels up. Those few that
 * leave every pixel as it was encoded are let pass; ImageNet has them. */
static void message(struct jpeg_common_struct *jpeg, int level)
{
    const int code = jpeg->err->msg_code;

    if (level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR ||
        code == JWRN_ADOBE_XFORM || code == JWRN_BOGUS_ICC)
        return;
    fail(jpeg);
}

static void silence(struct jpeg_common_struct *jpeg)
{
    (void)jpeg;
}

static void limit_scans(struct jpeg_common_struct *jpeg)
{
    struct reader *r = jpeg->client_data;

    if (r->jpeg.input_scan_number > MAX_SCANS) {
        scl_fail(SCL_DATA, "%s: has more than %d scans", r->path, MAX_SCANS);
        longjmp(r->back, 1);
    }
}

/* x * y / 255, rounded, for bytes; the same for all 65536 pairs. */
static int mul_255(int x, int y)
{
    const int t = x * y + 128;

    return ((t >> 8) + t) >> 8;
}

/* Adobe stores inks inverted: `raw` is 255 - ink. PIL's cmyk2rgb() on the inks. */
static void convert_row(uint8_t *rgb, const uint8_t *raw, int width, int channels)
{
    for (int x = 0; x < width; x++, rgb += 3, raw += channels) {
        if (channels == 1) {
            memset(rgb, raw[0], 3);
            continue;
        }
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(raw[3] - mul_255(255 - raw[c], raw[3]));
    }
}

static void read_pixels(struct reader *r)
{
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    const int channels = jpeg->num_components;

    jpeg->out_color_space = channels == 3 ? JCS_RGB : channels == 1 ? JCS_GRAYSCALE : JCS_CMYK;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *rgb = r->image.pixels + (size_t)jpeg->output_scanline * (size_t)r->image.width * 3;
        uint8_t *row = channels == 3 ? rgb : r->row;

        jpeg_read_scanlines(jpeg, &row, 1);
        if (channels != 3)
            convert_row(rgb, row, r->image.width, channels);
    }
    jpeg_finish_decompress(jpeg); /* reads on to the end mark, so a lost one is noticed */
}

static int open_image(struct reader *r, bool header_only)
{
    const struct jpeg_decompress_struct *jpeg = &r->jpeg;
    const int channels = jpeg->num_components;
    int rc;

    if (channels != 1 && channels != 3 && channels != 4)
        return scl_fail(SCL_DATA, "%s: has %d colour channels, not 1, 3 or 4", r->path, channels);
    if (header_only) {
        r->image = (struct scl_image){ (int)jpeg->image_height, (int)jpeg->image_width, NULL };
        return scl_image_check(jpeg->image_height, jpeg->image_width, r->path);
    }
    rc = scl_image_init(&r->image, jpeg->image_height, jpeg->image_width, r->path);
    if (rc < 0)
        return rc;
    r->row = malloc((size_t)jpeg->image_width * 4);
    return r->row ? SCL_OK : scl_fail(SCL_NOMEM, "%s: no memory for a row", r->path);
}

/* Everything that libjpeg may jump out of. */
static int guarded(struct reader *r, FILE *file, bool header_only)
{
    int rc;

    if (setjmp(r->back))
        return r->errors.msg_code == JERR_OUT_OF_MEMORY ? SCL_NOMEM : SCL_DATA;
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.progress = &r->progress;
    jpeg_stdio_src(&r->jpeg, file);
    jpeg_read_header(&r->jpeg, TRUE);
    rc = open_image(r, header_only);
    if (rc < 0 || header_only)
        return rc;
    read_pixels(r);
    return SCL_OK;
}

int scl_jpeg_read(struct scl_image *out, FILE *file, const char *path, bool header_only)
{
    struct reader r = { .path = path };
    int rc;

    r.jpeg.client_data = &r;
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = fail;
    r.errors.emit_message = message;
    r.errors.output_message = silence;
    r.progress.progress_monitor = limit_scans;
    rc = guarded(&r, file, header_only);
    jpeg_destroy_decompress(&r.jpeg);
    free(r.row);
    if (rc < 0)
        scl_image_fini(&r.image);
    else
        *out = r.image;
    return rc;
}
