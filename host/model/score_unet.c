/* score_unet.c - the score network of facts/score.md: a compact U-Net conditioned
 * on log sigma, its output divided by sigma.
 */
#include "base/status.h"
#include "model/layers.h"
#include "model/model.h"
#include "ops/ops.h"

enum { N_FREQ = 64 };

static const struct scl_init zero = { SCL_INIT_CONSTANT, 0 };

static struct scl_node *conv(struct scl_graph *g, struct scl_node *x, const char *name, int out,
                             int size, int stride, bool from_zero)
{
    const struct scl_init init =
        from_zero || !x ? zero : scl_init_default(size * size * x->shape.dim[3]);

    return scl_layer_conv2d(g, x, name,
                            &(struct scl_conv_spec){ .out = out,
                                                     .size = size,
                                                     .stride = stride,
                                                     .padding = size / 2,
                                                     .bias = true,
                                                     .init = init,
                                                     .bias_init = init });
}

/* e = silu(embed.2(silu(embed.0([sin p, cos p])))),  p = 2 pi ln(sigma) freq */
static struct scl_node *embed(struct scl_graph *g, struct scl_node *sigma)
{
    struct scl_node *freq, *e;

    scl_scope_push(g, "embed");
    freq = scl_state(g, "freq", SCL_SHAPE1(N_FREQ), (struct scl_init){ SCL_INIT_NORMAL, 1 });
    e = scl_fourier(g, sigma, freq);
    e = scl_silu(g, scl_layer_linear(g, e, "0", 2 * N_FREQ, true, 0));
    e = scl_silu(g, scl_layer_linear(g, e, "2", 2 * N_FREQ, true, 0));
    scl_scope_pop(g);
    return e;
}

static struct scl_node *res(struct scl_graph *g, struct scl_node *x, struct scl_node *e,
                            const char *name, int out)
{
    struct scl_node *h, *skip = x;

    scl_scope_push(g, "%s", name);
    h = conv(g, scl_layer_group_norm_silu(g, x, "norm1"), "conv1", out, 3, 1, false);
    h = scl_add_rows(g, h, scl_layer_linear(g, e, "embed", out, true, 0));
    h = conv(g, scl_layer_group_norm_silu(g, h, "norm2"), "conv2", out, 3, 1, true);
    if (x && x->shape.dim[3] != out)
        skip = conv(g, x, "skip", out, 1, 1, false);
    h = scl_add(g, h, skip);
    scl_scope_pop(g);
    return h;
}

static struct scl_node *join(struct scl_graph *g, struct scl_node *h, struct scl_node *side)
{
    return scl_concat(g, h, side, 3);
}

struct scl_node *scl_score_unet(struct scl_graph *g, struct scl_node *x, struct scl_node *sigma,
                                int width)
{
    struct scl_node *e, *a, *b, *c, *h;
    const int w = width;

    if (x && (x->shape.rank != 4 || x->shape.dim[1] % 4 || x->shape.dim[2] % 4 || w % 8))
        return scl_graph_refuse(g, scl_fail(SCL_SHAPE,
                                            "score_unet: %s is %s and the width %d; sides must be "
                                            "multiples of 4 and the width of 8",
                                            x->name, scl_shape_text(x->shape), w));
    e = embed(g, sigma);
    h = conv(g, scl_scale(g, x, 2.0f, -1.0f), "in", w, 3, 1, false);
    a = res(g, h, e, "down1", w);
    b = res(g, conv(g, a, "pool1", w, 3, 2, false), e, "down2", 2 * w);
    c = res(g, conv(g, b, "pool2", 2 * w, 3, 2, false), e, "down3", 2 * w);
    h = res(g, c, e, "mid", 2 * w);
    h = scl_upsample_nearest(g, res(g, join(g, h, c), e, "up3", 2 * w), 2);
    h = scl_upsample_nearest(g, res(g, join(g, h, b), e, "up2", w), 2);
    h = res(g, join(g, h, a), e, "up1", w);
    h = conv(g, scl_layer_group_norm_silu(g, h, "out.0"), "out.2", 3, 3, 1, false);
    return scl_divide_rows(g, h, sigma);
}
