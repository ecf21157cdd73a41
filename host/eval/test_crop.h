/* test_crop.h - which part of an image is looked at when nothing is drawn.
 *
 *     scl_test_crop(row, config, i, height, width);
 *
 * The whole is one crop and one resampling from the original, for scl_augment_crop():
 *   eval.resize 0    the largest central square, brought to augment.size
 *   eval.resize R    torchvision's Resize(R), CenterCrop(augment.size): of an image whose
 *                    shorter side is s, the central square of side size s / R
 * The two steps of torchvision differ from the one only by rounding: the region is whole
 * pixels of the original here (theirs is whole pixels of the resized image), no byte is
 * rounded on the way, and what lies outside of the region is not looked at.
 */
#ifndef SCL_EVAL_TEST_CROP_H
#define SCL_EVAL_TEST_CROP_H

#include "config/config.h"
#include "ops/augment.h"

/* The row for an image of h by w pixels in row `source` of the batch. */
void scl_test_crop(int32_t row[SCL_CROP_COLUMNS], const struct scl_config *config, int source,
                   int h, int w);

/* "largest central square at 32 x 32", "shorter side to 256, central 224 x 224"; returns
 * `out`. */
enum { SCL_TEST_CROP_BYTES = 64 };
const char *scl_test_crop_text(char out[SCL_TEST_CROP_BYTES], const struct scl_config *config);

#endif
