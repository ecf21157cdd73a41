/* image.c - which decoder a file is for, and what all of them refuse. */
#include "io/image.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "io/jpeg.h"
#include "io/png.h"

int scl_image_check(uint32_t height, uint32_t width, const char *what)
{
    if (height == 0 || width == 0)
        return scl_fail(SCL_DATA, "%s: is %u x %u pixels, an empty image", what, width, height);
    if (height > SCL_IMAGE_MAX_SIDE || width > SCL_IMAGE_MAX_SIDE)
        return scl_fail(SCL_DATA, "%s: is %u x %u pixels; a side may have at most %d", what, width,
                        height, SCL_IMAGE_MAX_SIDE);
    if ((uint64_t)height * width > SCL_IMAGE_MAX_PIXELS)
        return scl_fail(SCL_DATA, "%s: is %u x %u pixels, more than %d in all", what, width, height,
                        SCL_IMAGE_MAX_PIXELS);
    return SCL_OK;
}

int scl_image_init(struct scl_image *out, uint32_t height, uint32_t width, const char *what)
{
    const int rc = scl_image_check(height, width, what);
    struct scl_image image = { (int)height, (int)width, NULL };

    if (rc < 0)
        return rc;
    image.pixels = malloc(scl_image_bytes(&image));
    if (!image.pixels)
        return scl_fail(SCL_NOMEM, "%s: no memory for %u x %u pixels", what, width, height);
    *out = image;
    return SCL_OK;
}

void scl_image_fini(struct scl_image *image)
{
    free(image->pixels);
    *image = (struct scl_image){ 0 };
}

static int read_image(struct scl_image *out, const char *path, bool header_only)
{
    static const uint8_t png[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };
    static const uint8_t jpeg[3] = { 0xFF, 0xD8, 0xFF };
    const enum scl_path_kind kind = scl_path_kind(path);
    uint8_t head[8] = { 0 };
    FILE *file;
    size_t n;
    int rc, failed;

    /* A pipe named like an image would keep fopen() waiting. */
    if (kind == SCL_PATH_FOLDER || kind == SCL_PATH_OTHER)
        return scl_fail(SCL_IO, "%s: is a %s, not an image file", path,
                        kind == SCL_PATH_FOLDER ? "folder" : "device, a pipe or a socket");
    file = fopen(path, "rbe");
    if (!file)
        return scl_fail(SCL_IO, "%s: cannot be opened: %s", path, strerror(errno));
    n = fread(head, 1, sizeof head, file);
    failed = ferror(file) ? errno : 0;
    rewind(file);
    if (failed)
        rc = scl_fail(SCL_IO, "%s: cannot be read: %s", path, strerror(failed));
    else if (n < sizeof head)
        rc =
            scl_fail(SCL_DATA, "%s: is %zu bytes long, too short for a PNG or JPEG image", path, n);
    else if (memcmp(head, png, sizeof png) == 0)
        rc = scl_png_read(out, file, path, header_only);
    else if (memcmp(head, jpeg, sizeof jpeg) == 0)
        rc = scl_jpeg_read(out, file, path, header_only);
    else
        rc = scl_fail(SCL_DATA, "%s: begins with %02x %02x %02x, neither a PNG nor a JPEG image",
                      path, head[0], head[1], head[2]);
    fclose(file);
    return rc;
}

int scl_image_load(struct scl_image *out, const char *path)
{
    return read_image(out, path, false);
}

int scl_image_info(struct scl_image *out, const char *path)
{
    return read_image(out, path, true);
}
