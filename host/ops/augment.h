/* augment.h - the operators that make views of images.
 *
 * What differs from view to view is drawn on the host (data/augment.h) and comes
 * in as a table with a row a view, so that one launch serves a batch. Values are
 * floats in [0, 1], never rounded between two steps; grey is
 * 0.2989 R + 0.587 G + 0.114 B, as in torchvision. None has a gradient.
 *
 * Stored images are [N, bytes] in SCL_U8 or [N, H, W, 3] in SCL_F32: image n
 * begins with row n, its pixels side by side at its own width; what lies behind
 * them in the row is not read.
 */
#ifndef SCL_OPS_AUGMENT_H
#define SCL_OPS_AUGMENT_H

#include "graph/case.h"
#include "graph/op.h"

/* Columns of the int32 table of scl_augment_crop(). The source is a row of x; its
 * own height and width; the crop lies inside it. */
enum scl_crop_column {
    SCL_CROP_SOURCE,
    SCL_CROP_SOURCE_H,
    SCL_CROP_SOURCE_W,
    SCL_CROP_TOP,
    SCL_CROP_LEFT,
    SCL_CROP_H,
    SCL_CROP_W,
    SCL_CROP_FLIP, /* 1: mirrored left to right, after the crop */
    SCL_CROP_COLUMNS
};

/* The crops of table [M, SCL_CROP_COLUMNS], resampled: y [M, h, w, 3]. Bicubic
 * (a = -0.5) or bilinear, antialiased where it shrinks, weights normalised
 * inside the crop, clamped to [0, 1] at the end. No source is larger than
 * max_side either way. Source: Pillow's Resample.c, without its rounding. */
struct scl_node *scl_augment_crop(struct scl_graph *g, struct scl_node *x, struct scl_node *table,
                                  int h, int w, bool cubic, int max_side);

/* Columns of the int32 table of scl_augment_unpack(). */
enum scl_unpack_column {
    SCL_UNPACK_SOURCE,
    SCL_UNPACK_H,
    SCL_UNPACK_W,
    SCL_UNPACK_FLIP,
    SCL_UNPACK_COLUMNS
};

/* Whole images of table [M, SCL_UNPACK_COLUMNS] as floats: y [M, h, w, 3], bytes
 * over 255. An image of h by w fills its row; a smaller one (in pixels) is stored at the
 * row's begin, with zeros behind it. */
struct scl_node *scl_augment_unpack(struct scl_graph *g, struct scl_node *x, struct scl_node *table,
                                    int h, int w);

/* The four operations of colour jitter. */
enum scl_color_op {
    SCL_COLOR_NONE,
    SCL_COLOR_BRIGHTNESS, /* clamp(f x) */
    SCL_COLOR_CONTRAST,   /* clamp(f x + (1 - f) mean of the image's grey) */
    SCL_COLOR_SATURATION, /* clamp(f x + (1 - f) grey) */
    SCL_COLOR_HUE,        /* f turns in HSV */
};

/* Columns of the fp32 table of scl_augment_color(). */
enum scl_color_column {
    SCL_COLOR_PIXELS,     /* of the image: those that the mean is of */
    SCL_COLOR_FIRST,      /* enum scl_color_op, in the order in which they are done */
    SCL_COLOR_FACTOR = 5, /* of brightness, contrast, saturation, hue: in this order */
    SCL_COLOR_GREY = 9,   /* 1: grey at the end */
    SCL_COLOR_COLUMNS
};

/* x [M, H, W, 3] with the jitter of table [M, SCL_COLOR_COLUMNS]. */
struct scl_node *scl_augment_color(struct scl_graph *g, struct scl_node *x, struct scl_node *table);

/* Gaussian blur of x [M, H, W, 3] by sigma [M] px: taps exp(-d^2 / 2 sigma^2) over
 * kernel x kernel (odd, at most 2 side - 1), normalised, borders reflected. Sigma
 * 0: the image as it is. */
struct scl_node *scl_augment_blur(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                  int kernel);

/* 1 - x where x >= threshold [M]; a threshold above 1 leaves the image as it is. */
struct scl_node *scl_augment_solarize(struct scl_graph *g, struct scl_node *x,
                                      struct scl_node *threshold);

/* (x - mean) / std, channel by channel. */
struct scl_node *scl_augment_normalize(struct scl_graph *g, struct scl_node *x, const float mean[3],
                                       const float std[3]);

extern const struct scl_op scl_op_augment_crop, scl_op_augment_unpack, scl_op_augment_color,
    scl_op_augment_blur, scl_op_augment_solarize, scl_op_augment_normalize;

/* The cases "augment.resized_crop", "augment.hflip" ...; ended by a NULL name. */
extern const struct scl_composite scl_augment_cases[];

#endif
