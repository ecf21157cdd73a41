/* augment.h - what is drawn for a view, and the tables that bring it to the device.
 *
 * A view's draws are a function of (seed, epoch, image, view) alone: batches,
 * threads and resumes do not change them. Every draw is made whether it is used or
 * not, so that two configurations differ only where they differ.
 *
 *     struct scl_view_tables tables;
 *     SCL_TRY(scl_view_tables_init(&tables, 2 * n));
 *     scl_view_tables_fill(&tables, &config.augment, seed, epoch, n, 2, index, size);
 *     ...                              write tables.crop to the node that wants it
 *     scl_view_tables_fini(&tables);
 *
 * The operators that read the tables: ops/augment.h; the nodes: model/augment.h.
 */
#ifndef SCL_DATA_AUGMENT_H
#define SCL_DATA_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ops/augment.h"

/* Whether any view may change in colour, and whether it does so before the crop:
 * then pixels are unpacked to a row for each view, and the crop reads that row. */
bool scl_views_color(const struct scl_augment_config *config);
bool scl_views_unpack(const struct scl_augment_config *config);

/* Whether one of `n_views` views may be blurred, or solarised. */
bool scl_views_blur(const struct scl_augment_config *config, int n_views);
bool scl_views_solarize(const struct scl_augment_config *config, int n_views);

/* One view's parameters. */
struct scl_view_draw {
    int top, left, height, width; /* of the crop */
    bool flip, grey;
    enum scl_color_op order[4]; /* SCL_COLOR_NONE: not done */
    float factor[4];            /* of brightness, contrast, saturation, hue */
    float sigma;                /* of the blur, px; 0: none */
    float threshold;            /* of solarise; 2: none */
};

/* Draws view `view` of image `index`, which is h by w. The crop is torchvision's
 * RandomResizedCrop: ten tries of an area and a ratio, else the largest central
 * crop whose ratio is allowed. */
void scl_view_draw(struct scl_view_draw *out, const struct scl_augment_config *config,
                   uint64_t seed, uint32_t epoch, uint32_t index, uint32_t view, int h, int w);

/* Columns of a view's parameters: what was drawn, each in [0, 1] over the range that the
 * configuration can draw, so that the distance of two rows tells how differently two
 * views of an image were made. What cannot differ is 0. */
enum scl_view_parameter {
    SCL_VIEW_AREA,       /* share of the image's area */
    SCL_VIEW_RATIO,      /* log of width / height */
    SCL_VIEW_X,          /* middle of the crop, from the leftmost that fits to the rightmost */
    SCL_VIEW_Y,          /* from the topmost to the lowest */
    SCL_VIEW_FLIP,       /* 1: mirrored */
    SCL_VIEW_BRIGHTNESS, /* factor of each; 1 (hue: 0) where it is not done */
    SCL_VIEW_CONTRAST,
    SCL_VIEW_SATURATION,
    SCL_VIEW_HUE,
    SCL_VIEW_GREY,     /* 1: grey */
    SCL_VIEW_BLUR,     /* sigma; 0 where it is not done */
    SCL_VIEW_SOLARIZE, /* 1: solarised */
    SCL_VIEW_PARAMETERS
};

/* The parameters of a draw for an image of h by w, one of `n_views` views. */
void scl_view_parameters(float out[SCL_VIEW_PARAMETERS], const struct scl_augment_config *config,
                         int n_views, const struct scl_view_draw *draw, int h, int w);

/* Tables for M views, a row each. */
struct scl_view_tables {
    int n_row;
    int piece;         /* images whose views are made together; 0: of all */
    int32_t *crop;     /* [M, SCL_CROP_COLUMNS] */
    int32_t *unpack;   /* [M, SCL_UNPACK_COLUMNS], never mirrored: the crop does that */
    float *color;      /* [M, SCL_COLOR_COLUMNS] */
    float *sigma;      /* [M] */
    float *threshold;  /* [M] */
    float *parameters; /* [M, SCL_VIEW_PARAMETERS] */
};

int scl_view_tables_init(struct scl_view_tables *t, int n_row);
void scl_view_tables_fini(struct scl_view_tables *t);

/* Views 0 ... n_views - 1 of n images, size[i] = { height, width }; row v n + i is
 * view v of image index[i], whose pixels are row i of the batch. n_views n is at
 * most the tables' rows. With pieces of m images, which divide n, the first V m rows are those
 * of images 0 ... m - 1 alone, row v m + i view v of image i, and so on. */
void scl_view_tables_fill(struct scl_view_tables *t, const struct scl_augment_config *config,
                          uint64_t seed, uint32_t epoch, int n, int n_views, const uint32_t index[],
                          const int32_t size[][2]);

/* Row of a crop table for a whole image, mirrored or not: evaluation, score training. */
void scl_view_whole(int32_t row[SCL_CROP_COLUMNS], int source, int h, int w, bool flip);

#endif
