/* jpeg.h - the JPEG side of image.h, by libjpeg-turbo. Only image.c reads with it. */
#ifndef SCL_IO_JPEG_H
#define SCL_IO_JPEG_H

#include <stdbool.h>
#include <stdio.h>

struct scl_image;

/* Decodes a JPEG from the start of `file`; `path` is for messages. With
 * `header_only` sets the size and no pixels. Grey, colour and CMYK; baseline and
 * progressive; the accurate integer transform, as PIL decodes. */
int scl_jpeg_read(struct scl_image *out, FILE *file, const char *path, bool header_only);

#endif
