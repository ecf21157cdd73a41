/* view_parameters.c - a view's draw as a row of numbers that can be compared. */
#include <math.h>

#include "data/augment.h"
#include "data/augment_impl.h"

struct range {
    double low, high;
};

/* Where x lies in its range. A range of one value has one place. Whole pixels may
 * be a little outside of what was drawn. */
static float place(double x, struct range r)
{
    return r.high > r.low ? (float)fmin(fmax((x - r.low) / (r.high - r.low), 0), 1) : 0.0f;
}

/* Of the middle of a crop that begins at `begin` on an axis of `side` px, where none
 * is shorter than `least`. In half pixels, which are whole. */
static float middle(int begin, int length, double least, int side)
{
    const double shortest = fmin(fmax(rint(least), 1), side);

    return place(2 * begin + length, (struct range){ shortest, 2 * side - shortest });
}

static void set_crop(float out[], const struct scl_augment_config *c, const struct scl_view_draw *d,
                     int h, int w)
{
    const double area = (double)h * w, least = c->crop_scale[0] * area;
    const struct range share = { c->crop_scale[0], c->crop_scale[1] };
    const struct range ratio = { log(c->crop_ratio[0]), log(c->crop_ratio[1]) };

    out[SCL_VIEW_AREA] = place((double)d->height * d->width / area, share);
    out[SCL_VIEW_RATIO] = place(log((double)d->width / d->height), ratio);
    out[SCL_VIEW_X] = middle(d->left, d->width, sqrt(least * c->crop_ratio[0]), w);
    out[SCL_VIEW_Y] = middle(d->top, d->height, sqrt(least / c->crop_ratio[1]), h);
}

/* An operation that is not done leaves the image as factor 1 does, hue as 0. */
static void set_color(float out[], const struct scl_augment_config *c,
                      const struct scl_view_draw *d)
{
    const double half[] = { c->brightness, c->contrast, c->saturation, c->hue };

    for (int k = 0; k < 4; k++) {
        const double reach = c->jitter > 0 ? half[k] : 0, neutral = k == 3 ? 0 : 1;
        const struct range r = { k == 3 ? -reach : fmax(0, 1 - reach), neutral + reach };
        double factor = neutral;

        for (int i = 0; i < 4; i++)
            if (d->order[i] == (enum scl_color_op)(SCL_COLOR_BRIGHTNESS + k))
                factor = d->factor[k];
        out[SCL_VIEW_BRIGHTNESS + k] = place(factor, r);
    }
}

/* How likely it is in the view where it is least so, and most so. */
static struct range chances(const double list[], int n, int n_views)
{
    struct range r = { 1, 0 };

    for (int v = 0; v < n_views; v++) {
        const double p = scl_view_probability(list, n, (uint32_t)v);

        r.low = fmin(r.low, p);
        r.high = fmax(r.high, p);
    }
    return r;
}

/* What an operation's strength can be: 0 where it may be left out. */
static struct range strengths(struct range chance, double low, double high)
{
    return (struct range){ chance.low < 1 ? 0 : low, chance.high > 0 ? high : 0 };
}

void scl_view_parameters(float out[SCL_VIEW_PARAMETERS], const struct scl_augment_config *config,
                         int n_views, const struct scl_view_draw *draw, int h, int w)
{
    const struct scl_augment_config *c = config;
    const struct range flip = { c->flip, c->flip }, grey = { c->grayscale, c->grayscale };
    const struct range blur = chances(c->blur, c->n_blur, n_views);
    const struct range solarize = chances(c->solarize, c->n_solarize, n_views);

    set_crop(out, c, draw, h, w);
    set_color(out, c, draw);
    out[SCL_VIEW_FLIP] = place(draw->flip, strengths(flip, 1, 1));
    out[SCL_VIEW_GREY] = place(draw->grey, strengths(grey, 1, 1));
    out[SCL_VIEW_BLUR] = place(draw->sigma, strengths(blur, c->blur_sigma[0], c->blur_sigma[1]));
    out[SCL_VIEW_SOLARIZE] = place(draw->threshold < 1, strengths(solarize, 1, 1));
}
