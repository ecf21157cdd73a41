/* image.h - colour images in memory, read from PNG and JPEG, written as PNG.
 *
 * Every image is [height, width, 3] of 8 bits, red first, rows without padding:
 * what PIL's Image.open(path).convert("RGB") gives, value for value. Grey becomes
 * three equal channels, a palette its colours, alpha and tRNS are dropped, of 16
 * bits the high byte is kept (but 16-bit grey without alpha is cut off at 255),
 * CMYK is taken as Adobe writes it, and an EXIF rotation is not applied.
 *
 *     struct scl_image image = { 0 };
 *     SCL_TRY(scl_image_load(&image, "cat.png"));
 *     ...
 * out:
 *     scl_image_fini(&image);
 */
#ifndef SCL_IO_IMAGE_H
#define SCL_IO_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* The longest side of a JPEG, and pixels that still fit where sizes are int. */
#define SCL_IMAGE_MAX_SIDE 65500
#define SCL_IMAGE_MAX_PIXELS (1 << 28)

struct scl_image {
    int height, width;
    uint8_t *pixels;
};

/* Decodes a file; its content says which format it has, not its name. A file that
 * is damaged or ends early is refused, also where decoders only warn and fill in
 * grey. Refuses sides above SCL_IMAGE_MAX_SIDE and more than SCL_IMAGE_MAX_PIXELS
 * before it allocates. */
int scl_image_load(struct scl_image *out, const char *path);

/* Height and width from the file's header; pixels becomes NULL. The rest of the
 * file may still be damaged. */
int scl_image_info(struct scl_image *out, const char *path);

/* 8-bit RGB. Removes the file again when it cannot be written whole. */
int scl_image_save_png(const char *path, const struct scl_image *image);

/* An image of this size with undefined pixels; `what` names it when the size is
 * refused. */
int scl_image_init(struct scl_image *out, uint32_t height, uint32_t width, const char *what);

/* Whether scl_image_init() would take the size; its words if not. */
int scl_image_check(uint32_t height, uint32_t width, const char *what);

/* The size, height first, of an image whose longer side is brought down to `longest` px, which
 * is not below 1; one that is no longer is left as it is. */
void scl_image_shrunk_size(int32_t size[2], int longest);

/* Brings the longer side down to `longest` px: each new pixel is the mean of the area that it
 * covers, rounded. */
int scl_image_shrink(struct scl_image *image, int longest);

/* Frees the pixels; the image is empty again. */
void scl_image_fini(struct scl_image *image);

static inline size_t scl_image_bytes(const struct scl_image *image)
{
    return (size_t)image->height * (size_t)image->width * 3;
}

#endif
