/* shrink.c - large images at a smaller size. */
#include "io/image.h"

#include <math.h>

#include "base/status.h"

void scl_image_shrunk_size(int32_t size[2], int longest)
{
    const int most = size[0] > size[1] ? size[0] : size[1];

    if (most <= longest)
        return;
    for (int i = 0; i < 2; i++) {
        const int32_t side = (int32_t)lround((double)size[i] * longest / most);

        size[i] = side > 0 ? side : 1;
    }
}

/* What new pixel i of n covers of the `from` old ones. */
struct cover {
    double begin, end;
};

static struct cover cover(int i, int from, int n)
{
    return (struct cover){ (double)i * from / n, (double)(i + 1) * from / n };
}

/* How much of old pixel a that is. */
static double share(struct cover c, int a)
{
    return fmin(a + 1, c.end) - fmax(a, c.begin);
}

static void mean(uint8_t out[3], const struct scl_image *image, struct cover rows,
                 struct cover cols)
{
    const double area = (rows.end - rows.begin) * (cols.end - cols.begin);
    double sum[3] = { 0 };

    for (int a = (int)rows.begin; a < rows.end && a < image->height; a++)
        for (int b = (int)cols.begin; b < cols.end && b < image->width; b++) {
            const uint8_t *pixel =
                image->pixels + 3 * ((size_t)a * (size_t)image->width + (size_t)b);
            const double weight = share(rows, a) * share(cols, b);

            for (int c = 0; c < 3; c++)
                sum[c] += weight * pixel[c];
        }
    for (int c = 0; c < 3; c++)
        out[c] = (uint8_t)lround(fmin(sum[c] / area, 255));
}

int scl_image_shrink(struct scl_image *image, int longest)
{
    int32_t size[2] = { image->height, image->width };
    struct scl_image small;
    int rc;

    scl_image_shrunk_size(size, longest);
    if (size[0] == image->height && size[1] == image->width)
        return SCL_OK;
    if ((rc = scl_image_init(&small, (uint32_t)size[0], (uint32_t)size[1], "a smaller image")) < 0)
        return rc;
    for (int i = 0; i < small.height; i++)
        for (int j = 0; j < small.width; j++)
            mean(small.pixels + 3 * ((size_t)i * (size_t)small.width + (size_t)j), image,
                 cover(i, image->height, small.height), cover(j, image->width, small.width));
    scl_image_fini(image);
    *image = small;
    return SCL_OK;
}
