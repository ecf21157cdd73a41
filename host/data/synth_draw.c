/* synth_draw.c - one image of the built-in data set.
 *
 * The class is a shape or a texture. Colours, place, size, turn, background,
 * light and noise are drawn anew for each image and say nothing about the class,
 * so comparing pixels is nearly blind to it, while it survives what contrastive
 * training does to a view: crop, flip, colour jitter, grey.
 *
 * Each class is a function: a signed distance in pixels, negative inside; half a pixel on
 * either side of its zero is the antialiased edge.
 */
#include "data/dataset_impl.h"

#include <math.h>

#include "base/rng.h"

#define SIDE SCL_SYNTH_SIDE
#define TURN 6.2831853f

struct point {
    float x, y;
};

/* What is drawn at random, once an image. */
struct scene {
    float radius;              /* of the shape, px */
    float period;              /* of the texture, px */
    struct point centre, axis; /* axis: (cos, sin) of the turn */
    float front[3], back[2][3];
    struct point back_axis, light_axis;
    float light; /* how much brighter one side is than the middle */
};

static struct point draw_direction(struct scl_rng *rng)
{
    const float angle = scl_rng_uniform(rng, 0, TURN);

    return (struct point){ cosf(angle), sinf(angle) };
}

static float luma(const float c[3])
{
    return 0.299f * c[0] + 0.587f * c[1] + 0.114f * c[2];
}

/* Two colours apart enough to be told from each other in grey, and a third close
 * to the second for the background to run to. */
static void draw_colours(struct scene *s, struct scl_rng *rng)
{
    do {
        for (int c = 0; c < 3; c++) {
            s->front[c] = scl_rng_uniform(rng, 0.05f, 0.95f);
            s->back[0][c] = scl_rng_uniform(rng, 0.05f, 0.95f);
        }
    } while (fabsf(luma(s->front) - luma(s->back[0])) < 0.28f);
    for (int c = 0; c < 3; c++)
        s->back[1][c] = s->back[0][c] + scl_rng_uniform(rng, -0.15f, 0.15f);
}

static struct scene draw_scene(struct scl_rng *rng)
{
    struct scene s;

    s.radius = scl_rng_uniform(rng, 7.5f, 13.0f);
    s.period = scl_rng_uniform(rng, 6.0f, 10.0f);
    s.centre.x = scl_rng_uniform(rng, s.radius - 1, SIDE + 1 - s.radius);
    s.centre.y = scl_rng_uniform(rng, s.radius - 1, SIDE + 1 - s.radius);
    s.axis = draw_direction(rng);
    s.back_axis = draw_direction(rng);
    s.light_axis = draw_direction(rng);
    s.light = scl_rng_uniform(rng, 0.0f, 0.3f);
    draw_colours(&s, rng);
    return s;
}

static float disc(const struct scene *s, struct point p)
{
    return hypotf(p.x, p.y) - 0.9f * s->radius;
}

static float ring(const struct scene *s, struct point p)
{
    return fabsf(hypotf(p.x, p.y) - 0.78f * s->radius) - 0.2f * s->radius;
}

static float crescent(const struct scene *s, struct point p)
{
    const float r = s->radius;
    const float bite = hypotf(p.x - 0.55f * r, p.y) - 0.8f * r;

    return fmaxf(hypotf(p.x, p.y) - r, -bite);
}

/* A star with n tips at radius `tip` and notches between them at `notch`; with
 * notch = tip cos(pi/n), the regular polygon. */
static float star_of(struct point p, int n, float tip, float notch)
{
    const float part = TURN / (float)n, radius = hypotf(p.x, p.y);
    const float angle = fabsf(remainderf(atan2f(p.y, p.x), part));
    const struct point q = { radius * cosf(angle) - tip, radius * sinf(angle) };
    const struct point edge = { notch * cosf(part / 2) - tip, notch * sinf(part / 2) };

    /* To the line through tip and notch: the distance, but beyond a corner. */
    return (edge.y * q.x - edge.x * q.y) / hypotf(edge.x, edge.y);
}

static float square(const struct scene *s, struct point p)
{
    return star_of(p, 4, 1.1f * s->radius, 1.1f * s->radius * 0.70710678f);
}

static float triangle(const struct scene *s, struct point p)
{
    return star_of(p, 3, 1.2f * s->radius, 1.2f * s->radius * 0.5f);
}

static float cross(const struct scene *s, struct point p)
{
    const float x = fabsf(p.x), y = fabsf(p.y), r = s->radius, arm = 0.32f * r;

    return fminf(fmaxf(x - r, y - arm), fmaxf(y - r, x - arm));
}

static float star(const struct scene *s, struct point p)
{
    return star_of(p, 5, 1.15f * s->radius, 0.45f * s->radius);
}

/* How far x is from the middle of the nearest stripe, less half its width. */
static float to_stripe(float x, float period)
{
    return fabsf(remainderf(x, period)) - period / 4;
}

static float stripes(const struct scene *s, struct point p)
{
    return to_stripe(p.x, s->period);
}

/* Inside where the two rows of stripes agree. */
static float checkers(const struct scene *s, struct point p)
{
    const float a = to_stripe(p.x, 1.5f * s->period), b = to_stripe(p.y, 1.5f * s->period);
    const float distance = fminf(fabsf(a), fabsf(b));

    return (a < 0) == (b < 0) ? -distance : distance;
}

static float dots(const struct scene *s, struct point p)
{
    return hypotf(remainderf(p.x, s->period), remainderf(p.y, s->period)) - 0.3f * s->period;
}

/* The distance takes a point relative to the centre, in the shape's own axes. */
static const struct {
    const char *name;
    float (*distance)(const struct scene *s, struct point p);
} classes[SCL_SYNTH_CLASSES] = {
    { "disc", disc },         { "ring", ring },   { "crescent", crescent }, { "square", square },
    { "triangle", triangle }, { "cross", cross }, { "star", star },         { "stripes", stripes },
    { "checkers", checkers }, { "dots", dots },
};

const char *scl_synth_class_name(int class)
{
    return classes[class].name;
}

static uint8_t to_byte(float x)
{
    return (uint8_t)(fminf(fmaxf(x, 0), 1) * 255 + 0.5f);
}

/* From -1 to 1 across the image, along an axis. */
static float along(struct point axis, float x, float y)
{
    return ((x - SIDE / 2) * axis.x + (y - SIDE / 2) * axis.y) / (SIDE / 2 * 1.4142136f);
}

void scl_synth_draw(uint8_t pixels[SIDE * SIDE * 3], uint64_t seed, uint32_t split, uint32_t index)
{
    struct scl_rng rng = scl_rng_at(seed, SCL_RNG_SYNTH, split, index, 0);
    const struct scene s = draw_scene(&rng);
    float (*const distance)(const struct scene *, struct point) =
        classes[index % SCL_SYNTH_CLASSES].distance;

    for (int i = 0; i < SIDE * SIDE; i++) {
        const float x = (float)(i % SIDE) + 0.5f, y = (float)(i / SIDE) + 0.5f;
        const float dx = x - s.centre.x, dy = y - s.centre.y;
        const struct point p = { dx * s.axis.x + dy * s.axis.y, dy * s.axis.x - dx * s.axis.y };
        const float cover = fminf(fmaxf(0.5f - distance(&s, p), 0), 1);
        const float back = 0.5f + 0.5f * along(s.back_axis, x, y);
        const float light = 1 + s.light * along(s.light_axis, x, y);
        const uint32_t noise = scl_rng_word(&rng); /* a byte for each channel */

        for (int c = 0; c < 3; c++) {
            const float ground = s.back[0][c] + back * (s.back[1][c] - s.back[0][c]);
            const float grain = (float)(noise >> 8 * c & 255) / 255 - 0.5f;

            pixels[i * 3 + c] =
                to_byte(light * (ground + cover * (s.front[c] - ground)) + 0.06f * grain);
        }
    }
}
