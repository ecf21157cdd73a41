/* augment.c - draws of views: facts of the recipes are in the configuration. */
#include "data/augment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/augment_impl.h"

/* Above every value of an image. */
#define NO_THRESHOLD 2.0f

bool scl_views_color(const struct scl_augment_config *config)
{
    return config->jitter > 0 || config->grayscale > 0;
}

bool scl_views_unpack(const struct scl_augment_config *config)
{
    return config->order == SCL_ORDER_HT && scl_views_color(config);
}

double scl_view_probability(const double list[], int n, uint32_t view)
{
    return n == 0 ? 0 : list[view < (uint32_t)n ? view : (uint32_t)n - 1];
}

static bool of_any(const double list[], int n, int n_views)
{
    bool may = false;

    for (int v = 0; v < n_views; v++)
        may = may || scl_view_probability(list, n, (uint32_t)v) > 0;
    return may;
}

bool scl_views_blur(const struct scl_augment_config *config, int n_views)
{
    return of_any(config->blur, config->n_blur, n_views);
}

bool scl_views_solarize(const struct scl_augment_config *config, int n_views)
{
    return of_any(config->solarize, config->n_solarize, n_views);
}

static bool chance(struct scl_rng *rng, double p)
{
    return scl_rng_unit(rng) < (float)p;
}

/* The four in a random order, with factors around 1 (hue: around 0). */
static void draw_jitter(struct scl_view_draw *out, const struct scl_augment_config *c,
                        struct scl_rng *rng)
{
    const double range[] = { c->brightness, c->contrast, c->saturation, c->hue };
    const bool use = chance(rng, c->jitter);
    uint32_t order[4];

    scl_rng_shuffle(rng, order, 4);
    for (int k = 0; k < 4; k++) {
        const float low = k == 3 ? (float)-range[k] : fmaxf(0.0f, (float)(1 - range[k]));

        out->factor[k] = scl_rng_uniform(rng, low, (float)(range[k] + (k == 3 ? 0 : 1)));
        out->order[k] =
            use && range[order[k]] > 0 ? SCL_COLOR_BRIGHTNESS + (int)order[k] : SCL_COLOR_NONE;
    }
}

/* The central crop of the ratio nearest to the image's own that is allowed. */
static void central_crop(struct scl_view_draw *out, const double ratio[2], int h, int w)
{
    const double own = (double)w / h;

    out->height = own > ratio[1] ? h : own < ratio[0] ? (int)rint(w / ratio[0]) : h;
    out->width = own > ratio[1] ? (int)rint(h * ratio[1]) : w;
    out->height = out->height < 1 ? 1 : out->height > h ? h : out->height;
    out->width = out->width < 1 ? 1 : out->width > w ? w : out->width;
    out->top = (h - out->height) / 2;
    out->left = (w - out->width) / 2;
}

static void draw_crop(struct scl_view_draw *out, const struct scl_augment_config *c,
                      struct scl_rng *rng, int h, int w)
{
    const float low = (float)log(c->crop_ratio[0]), high = (float)log(c->crop_ratio[1]);

    for (int i = 0; i < 10; i++) {
        const double share = scl_rng_uniform(rng, (float)c->crop_scale[0], (float)c->crop_scale[1]);
        const double ratio = exp(scl_rng_uniform(rng, low, high)), area = share * h * w;
        const double width = rint(sqrt(area * ratio)), height = rint(sqrt(area / ratio));

        if (width < 1 || width > w || height < 1 || height > h)
            continue;
        out->height = (int)height;
        out->width = (int)width;
        out->top = (int)scl_rng_below(rng, (uint32_t)(h - out->height) + 1);
        out->left = (int)scl_rng_below(rng, (uint32_t)(w - out->width) + 1);
        return;
    }
    central_crop(out, c->crop_ratio, h, w);
}

/* The crop comes last, because it draws as often as it must. */
void scl_view_draw(struct scl_view_draw *out, const struct scl_augment_config *config,
                   uint64_t seed, uint32_t epoch, uint32_t index, uint32_t view, int h, int w)
{
    struct scl_rng rng = scl_rng_at(seed, SCL_RNG_AUGMENT, epoch, index, view);
    const double blur = scl_view_probability(config->blur, config->n_blur, view);
    const double solarize = scl_view_probability(config->solarize, config->n_solarize, view);
    float sigma;

    draw_jitter(out, config, &rng);
    out->grey = chance(&rng, config->grayscale);
    out->flip = chance(&rng, config->flip);
    sigma = scl_rng_uniform(&rng, (float)config->blur_sigma[0], (float)config->blur_sigma[1]);
    out->sigma = chance(&rng, blur) ? sigma : 0.0f;
    out->threshold = chance(&rng, solarize) ? 0.5f : NO_THRESHOLD;
    draw_crop(out, config, &rng, h, w);
}

int scl_view_tables_init(struct scl_view_tables *t, int n_row)
{
    const size_t n = (size_t)n_row;

    *t = (struct scl_view_tables){
        .n_row = n_row,
        .crop = calloc(n, SCL_CROP_COLUMNS * sizeof *t->crop),
        .unpack = calloc(n, SCL_UNPACK_COLUMNS * sizeof *t->unpack),
        .color = calloc(n, SCL_COLOR_COLUMNS * sizeof *t->color),
        .sigma = calloc(n, sizeof *t->sigma),
        .threshold = calloc(n, sizeof *t->threshold),
        .parameters = calloc(n, SCL_VIEW_PARAMETERS * sizeof *t->parameters),
    };
    if (t->crop && t->unpack && t->color && t->sigma && t->threshold && t->parameters)
        return SCL_OK;
    scl_view_tables_fini(t);
    return scl_fail(SCL_NOMEM, "out of memory for the draws of %d views", n_row);
}

void scl_view_tables_fini(struct scl_view_tables *t)
{
    free(t->crop);
    free(t->unpack);
    free(t->color);
    free(t->sigma);
    free(t->threshold);
    free(t->parameters);
    *t = (struct scl_view_tables){ 0 };
}

/* A source of h by w pixels: row `source` of the batch, and once unpacked row `unpacked` of the
 * piece. */
static void set_row(struct scl_view_tables *t, int row, int unpacked,
                    const struct scl_augment_config *config, const struct scl_view_draw *draw,
                    int source, int h, int w)
{
    const bool before = scl_views_unpack(config);
    const int32_t crop[SCL_CROP_COLUMNS] = { before ? unpacked : source,
                                             h,
                                             w,
                                             draw->top,
                                             draw->left,
                                             draw->height,
                                             draw->width,
                                             draw->flip };
    const int32_t unpack[SCL_UNPACK_COLUMNS] = { source, h, w, 0 };
    float *color = t->color + (size_t)row * SCL_COLOR_COLUMNS;

    memcpy(t->crop + (size_t)row * SCL_CROP_COLUMNS, crop, sizeof crop);
    memcpy(t->unpack + (size_t)row * SCL_UNPACK_COLUMNS, unpack, sizeof unpack);
    color[SCL_COLOR_PIXELS] = before ? (float)h * (float)w : (float)(config->size * config->size);
    for (int k = 0; k < 4; k++) {
        color[SCL_COLOR_FIRST + k] = (float)draw->order[k];
        color[SCL_COLOR_FACTOR + k] = draw->factor[k];
    }
    color[SCL_COLOR_GREY] = draw->grey;
    t->sigma[row] = draw->sigma;
    t->threshold[row] = draw->threshold;
}

void scl_view_tables_fill(struct scl_view_tables *t, const struct scl_augment_config *config,
                          uint64_t seed, uint32_t epoch, int n, int n_views, const uint32_t index[],
                          const int32_t size[][2])
{
    const int piece = t->piece > 0 ? t->piece : n;

    assert((size_t)n * (size_t)n_views <= (size_t)t->n_row && n % piece == 0);
    for (int v = 0; v < n_views; v++)
        for (int i = 0; i < n; i++) {
            const int within = v * piece + i % piece, row = i / piece * n_views * piece + within;
            struct scl_view_draw draw;

            scl_view_draw(&draw, config, seed, epoch, index[i], (uint32_t)v, size[i][0],
                          size[i][1]);
            set_row(t, row, within, config, &draw, i, size[i][0], size[i][1]);
            scl_view_parameters(t->parameters + (size_t)row * SCL_VIEW_PARAMETERS, config, n_views,
                                &draw, size[i][0], size[i][1]);
        }
}

void scl_view_whole(int32_t row[SCL_CROP_COLUMNS], int source, int h, int w, bool flip)
{
    const int32_t whole[SCL_CROP_COLUMNS] = { source, h, w, 0, 0, h, w, flip };

    memcpy(row, whole, sizeof whole);
}
