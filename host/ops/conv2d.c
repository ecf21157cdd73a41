/* conv2d.c - convolution of images: shapes, gradients, cases.
 *
 * Kernels and formulas: cl_kernels/conv2d/. Launches: conv2d_vec.c, conv2d_tile.c and, by
 * Winograd's transforms, conv2d_winograd.c and conv2d_winograd_tile.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "graph/case.h"
#include "graph/key.h"
#include "ops/conv2d_impl.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

/* in[0], in[1]: x, w forward; dy, w for dx; x, dy for dw. */
struct scl_conv2d_size scl_conv2d_size(const struct scl_node *y)
{
    const struct scl_conv2d_attr *attr = y->attr;
    const struct scl_shape out = y->shape, a = y->in[0]->shape, b = y->in[1]->shape;
    const bool of_x = y->op == &scl_op_conv2d_grad_x, of_w = y->op == &scl_op_conv2d_grad_w;
    const struct scl_shape x = of_x ? out : a, w = of_w ? out : b;
    const struct scl_shape image = of_x ? a : of_w ? b : out;

    return (struct scl_conv2d_size){
        .N = x.dim[0],
        .H = x.dim[1],
        .W = x.dim[2],
        .C = x.dim[3],
        .P = image.dim[1],
        .Q = image.dim[2],
        .K = w.dim[3],
        .R = w.dim[0],
        .S = w.dim[1],
        .stride = attr->stride,
        .padding = attr->padding,
    };
}

struct scl_conv2d_size scl_conv2d_turned(struct scl_conv2d_size z)
{
    return (struct scl_conv2d_size){ .N = z.N,
                                     .H = z.P,
                                     .W = z.Q,
                                     .C = z.K,
                                     .P = z.H,
                                     .Q = z.W,
                                     .K = z.C,
                                     .R = z.R,
                                     .S = z.S,
                                     .stride = 1,
                                     .padding = z.R - 1 - z.padding };
}

struct scl_conv2d_gather scl_conv2d_gather(const struct scl_node *y)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);

    if (y->op != &scl_op_conv2d_grad_x)
        return (struct scl_conv2d_gather){ z, z.stride, 1, z.padding, z.padding, false };
    return (struct scl_conv2d_gather){ scl_conv2d_turned(z), 1,   z.stride, z.R - 1 - z.padding,
                                       z.S - 1 - z.padding,  true };
}

void scl_conv2d_gather_sizes(struct scl_lowering *l, const struct scl_conv2d_gather *s)
{
    const struct scl_conv2d_size *z = &s->z;
    const int sizes[] = { z->N, z->H, z->W,         z->C,          z->P,     z->Q,    z->K,
                          z->R, z->S, s->in_stride, s->out_stride, s->pad_h, s->pad_w };

    scl_lower_ints(l, sizes, sizeof sizes / sizeof *sizes);
}

static int output_shape(struct scl_shape *y, const char *name, struct scl_shape x,
                        struct scl_shape w, const struct scl_conv2d_attr *attr)
{
    const int pad = attr->padding, u = attr->stride;

    if (x.rank != 4)
        return scl_fail(SCL_SHAPE, "%s: x is %s, not [N, H, W, C]", name, scl_shape_text(x));
    if (w.rank != 4)
        return scl_fail(SCL_SHAPE, "%s: w is %s, not [R, S, C, K]", name, scl_shape_text(w));
    if (w.dim[2] != x.dim[3])
        return scl_fail(SCL_SHAPE, "%s: x is %s and w is %s: %d channels, and weights for %d", name,
                        scl_shape_text(x), scl_shape_text(w), x.dim[3], w.dim[2]);
    if (u < 1 || pad < 0 || u > 1024 || pad > 1024)
        return scl_fail(SCL_SHAPE, "%s: stride %d, padding %d; 1 to 1024 and 0 to 1024 can be",
                        name, u, pad);
    if (x.dim[1] + 2 * pad < w.dim[0] || x.dim[2] + 2 * pad < w.dim[1])
        return scl_fail(SCL_SHAPE, "%s: x is %s with padding %d, smaller than the kernel %s", name,
                        scl_shape_text(x), pad, scl_shape_text(w));
    *y = SCL_SHAPE4(x.dim[0], (x.dim[1] + 2 * pad - w.dim[0]) / u + 1,
                    (x.dim[2] + 2 * pad - w.dim[1]) / u + 1, w.dim[3]);
    return SCL_OK;
}

static int infer(struct scl_node *y)
{
    const struct scl_shape w = y->in[1]->shape;
    const int rc = output_shape(&y->shape, "conv2d", y->in[0]->shape, w, y->attr);

    if (rc < 0)
        return rc;
    if (y->n_in > 3)
        return scl_fail(SCL_SHAPE, "conv2d: %d inputs; x, w and a bias", y->n_in);
    if (y->n_in == 3 && !scl_shape_equal(y->in[2]->shape, SCL_SHAPE1(w.dim[3])))
        return scl_fail(SCL_SHAPE, "conv2d: the bias is %s, not [%d]",
                        scl_shape_text(y->in[2]->shape), w.dim[3]);
    return SCL_OK;
}

/* Both gradients: the shape wanted must have led to this dy. */
static int infer_grad(struct scl_node *y)
{
    const struct scl_conv2d_attr *attr = y->attr;
    const bool of_x = y->op == &scl_op_conv2d_grad_x;
    const struct scl_shape dy = y->in[of_x ? 0 : 1]->shape;
    const struct scl_shape x = of_x ? attr->shape : y->in[0]->shape;
    const struct scl_shape w = of_x ? y->in[1]->shape : attr->shape;
    struct scl_shape want;
    const int rc = output_shape(&want, y->op->name, x, w, attr);

    if (rc < 0)
        return rc;
    if (!scl_shape_equal(dy, want))
        return scl_fail(SCL_SHAPE, "%s: dy is %s, where x %s and w %s give %s", y->op->name,
                        scl_shape_text(dy), scl_shape_text(x), scl_shape_text(w),
                        scl_shape_text(want));
    y->shape = attr->shape;
    return SCL_OK;
}

static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    const struct scl_conv2d_attr *attr = y->attr;
    struct scl_node *x = y->in[0], *w = y->in[1];

    if (want[0])
        dx[0] = scl_conv2d_grad_x(g, dy, w, x->shape, attr->stride, attr->padding);
    if (want[1])
        dx[1] = scl_conv2d_grad_w(g, x, dy, w->shape, attr->stride, attr->padding);
    if (y->n_in == 3 && want[2])
        dx[2] = scl_column_sum(g, dy);
    return scl_graph_check(g);
}

/* A multiply-add for each pixel of y, tap and pair of channels, in all three. */
static double flops(const struct scl_node *y)
{
    const struct scl_conv2d_size s = scl_conv2d_size(y);

    return 2.0 * s.N * s.P * s.Q * s.R * s.S * s.C * s.K;
}

struct scl_node *scl_conv2d(struct scl_graph *g, struct scl_node *x, struct scl_node *w,
                            struct scl_node *bias, int stride, int padding)
{
    const struct scl_conv2d_attr attr = { .stride = stride, .padding = padding };
    struct scl_node *in[] = { x, w, bias };

    return scl_apply(g, &scl_op_conv2d, bias ? 3 : 2, in, &attr, sizeof attr);
}

struct scl_node *scl_conv2d_grad_x(struct scl_graph *g, struct scl_node *dy, struct scl_node *w,
                                   struct scl_shape x, int stride, int padding)
{
    const struct scl_conv2d_attr attr = { .stride = stride, .padding = padding, .shape = x };
    struct scl_node *in[] = { dy, w };

    return scl_apply(g, &scl_op_conv2d_grad_x, 2, in, &attr, sizeof attr);
}

struct scl_node *scl_conv2d_grad_w(struct scl_graph *g, struct scl_node *x, struct scl_node *dy,
                                   struct scl_shape w, int stride, int padding)
{
    const struct scl_conv2d_attr attr = { .stride = stride, .padding = padding, .shape = w };
    struct scl_node *in[] = { x, dy };

    return scl_apply(g, &scl_op_conv2d_grad_w, 2, in, &attr, sizeof attr);
}

static int from_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_IMAGE);
    struct scl_node *w = scl_case_input(g, c, "weight", SCL_CASE_KERNEL);
    struct scl_node *bias = scl_case_optional(g, c, "bias", SCL_CASE_PLAIN);
    const int stride = scl_case_int(c, "stride", 1), padding = scl_case_int(c, "padding", 0);

    scl_case_output(g, c, "y", scl_conv2d(g, x, w, bias, stride, padding), SCL_CASE_IMAGE);
    return scl_graph_check(g);
}

/* The whole of its sizes; p is one padding, as there is one. */
static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);
    const char *const what = y->op == &scl_op_conv2d ? "fwd" : strchr(y->op->name, '_') + 1;

    snprintf(out, size, "conv2d.%s n%dh%dw%dc%dk%dr%ds%du%dp%d%s", what, z.N, z.H, z.W, z.C, z.K,
             z.R, z.S, z.stride, z.padding, y->n_in == 3 ? "b" : "");
}

/* Whether these are the statistics of y's channels: they are gathered while it is written. */
static bool gathers(const struct scl_node *y, const struct scl_node *other, bool written)
{
    return y->op == &scl_op_conv2d && scl_moments_absorbs(y, other, written);
}

/* The ways of one direction: Winograd's, 36 products for 144 or 16 for 36, of which one that is not
 * finite is all over a tile; the definition's; dense products, in which zeros stand outside the
 * image; and Fourier transforms, which reach all of it (`work` is about that of 7 by 7). */
#define WINOGRAD(tile, share, lowered, good)                                                       \
    {                                                                                              \
        .name = "winograd" #tile ".vec", .family = SCL_VEC,                                        \
        .accepts = scl_conv2d_winograd_accepts, .suits = (good), .work = (share), .spreads = true, \
        .absorbs = gathers, .lower = (lowered)                                                     \
    }
#define OTHERS(direction)                                                                          \
    { .name = "direct.vec", .family = SCL_VEC, .absorbs = gathers, .lower = scl_conv2d_vec },      \
        { .name = "winograd4.tile",                                                                \
          .family = SCL_TILE,                                                                      \
          .accepts = scl_conv2d_winograd_tile_accepts,                                             \
          .suits = scl_conv2d_winograd4_suits,                                                     \
          .work = 0.25,                                                                            \
          .spreads = true,                                                                         \
          .lower = scl_conv2d_winograd_tile##direction },                                          \
        { .name = "direct.tile",                                                                   \
          .family = SCL_TILE,                                                                      \
          .accepts = scl_tile_accepts,                                                             \
          .lower = scl_conv2d_tile },                                                              \
        { .name = "direct.mma",                                                                    \
          .family = SCL_MMA,                                                                       \
          .numeric = SCL_CLASS_TF32,                                                               \
          .accepts = scl_mma_accepts,                                                              \
          .lower = scl_conv2d_mma },                                                               \
        { .name = "direct.subgroup",                                                               \
          .family = SCL_SUBGROUP,                                                                  \
          .accepts = scl_subgroup_accepts,                                                         \
          .lower = scl_conv2d_subgroup },                                                          \
        { .name = "im2col.vec",                                                                    \
          .family = SCL_VEC,                                                                       \
          .spreads = true,                                                                         \
          .lower = scl_conv2d_im2col_vec##direction },                                             \
        { .name = "im2col.tile",                                                                   \
          .family = SCL_TILE,                                                                      \
          .accepts = scl_tile_accepts,                                                             \
          .spreads = true,                                                                         \
          .lower = scl_conv2d_im2col_tile##direction },                                            \
        { .name = "im2col.clblast",                                                                \
          .family = SCL_CLBLAST,                                                                   \
          .accepts = scl_conv2d_im2col_clblast_accepts,                                            \
          .spreads = true,                                                                         \
          .lower = scl_conv2d_im2col_clblast##direction },                                         \
        { .name = "transform.fft",                                                                 \
          .family = SCL_FFT,                                                                       \
          .accepts = scl_conv2d_fft_accepts,                                                       \
          .work = 0.05,                                                                            \
          .spreads = true,                                                                         \
          .lower = scl_conv2d_fft##direction },                                                    \
    {                                                                                              \
        .name = NULL                                                                               \
    }

static const struct scl_candidate forward[] = {
    WINOGRAD(4, 0.25, scl_conv2d_winograd4, scl_conv2d_winograd4_suits),
    WINOGRAD(2, 4.0 / 9, scl_conv2d_winograd2, scl_conv2d_winograd2_suits),
    OTHERS(),
};

static const struct scl_candidate backward_x[] = {
    WINOGRAD(4, 0.25, scl_conv2d_winograd4_grad_x, scl_conv2d_winograd4_suits),
    WINOGRAD(2, 4.0 / 9, scl_conv2d_winograd2_grad_x, scl_conv2d_winograd2_suits),
    OTHERS(_grad_x),
};

static const struct scl_candidate backward_w[] = {
    WINOGRAD(4, 0.25, scl_conv2d_winograd_grad_w, scl_conv2d_winograd4_suits),
    OTHERS(_grad_w),
};

const struct scl_op scl_op_conv2d = {
    .name = "conv2d",
    .n_in = -1,
    .product = true,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = forward,
    .reference = scl_conv2d_reference,
    .flops = flops,
    .from_case = from_case,
};

const struct scl_op scl_op_conv2d_grad_x = {
    .name = "conv2d_grad_x",
    .n_in = 2,
    .infer = infer_grad,
    .key = node_key,
    .candidates = backward_x,
    .reference = scl_conv2d_reference_grad_x,
    .flops = flops,
};

const struct scl_op scl_op_conv2d_grad_w = {
    .name = "conv2d_grad_w",
    .n_in = 2,
    .infer = infer_grad,
    .key = node_key,
    .candidates = backward_w,
    .reference = scl_conv2d_reference_grad_w,
    .flops = flops,
};
