/* png.h - the PNG side of image.h, by libpng. Only image.c reads with it. */
#ifndef SCL_IO_PNG_H
#define SCL_IO_PNG_H

#include <stdbool.h>
#include <stdio.h>

struct scl_image;

/* Decodes a PNG from the start of `file`; `path` is for messages. With
 * `header_only` sets the size and no pixels. Source: PNG specification, third
 * edition; values as PIL's convert("RGB"). */
int scl_png_read(struct scl_image *out, FILE *file, const char *path, bool header_only);

#endif
