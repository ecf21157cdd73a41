/* test_crop.c - Resize and CenterCrop as one square of the original. */
#include "eval/test_crop.h"

#include <stdio.h>
#include <string.h>

/* Of an image whose shorter side is s: size s / R to the nearest pixel. */
static int side_of(const struct scl_config *config, int s)
{
    const int64_t size = config->augment.size, resize = config->eval.resize;
    int64_t side;

    if (resize == 0)
        return s;
    side = (2 * size * s + resize) / (2 * resize);
    return side < 1 ? 1 : (int)side;
}

void scl_test_crop(int32_t row[SCL_CROP_COLUMNS], const struct scl_config *config, int source,
                   int h, int w)
{
    const int side = side_of(config, h < w ? h : w);
    const int32_t crop[SCL_CROP_COLUMNS] = {
        [SCL_CROP_SOURCE] = source,
        [SCL_CROP_SOURCE_H] = h,
        [SCL_CROP_SOURCE_W] = w,
        [SCL_CROP_TOP] = (h - side) / 2,
        [SCL_CROP_LEFT] = (w - side) / 2,
        [SCL_CROP_H] = side,
        [SCL_CROP_W] = side,
    };

    memcpy(row, crop, sizeof crop);
}

const char *scl_test_crop_text(char out[SCL_TEST_CROP_BYTES], const struct scl_config *config)
{
    const int size = config->augment.size, resize = config->eval.resize;

    if (resize == 0)
        snprintf(out, SCL_TEST_CROP_BYTES, "largest central square at %d x %d", size, size);
    else
        snprintf(out, SCL_TEST_CROP_BYTES, "shorter side to %d, central %d x %d", resize, size,
                 size);
    return out;
}
