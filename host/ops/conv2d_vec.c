/* conv2d_vec.c - the launches of the convolution on CPUs: cl_kernels/conv2d/direct_vec.cl
 * and grad_w_vec.cl.
 */
#include "ops/conv2d_impl.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

#define DIRECT "conv2d/direct_vec"
#define GRAD_W "conv2d/grad_w_vec"

/* y's bias, or a value that the kernel does not read. */
static const struct scl_node *bias_of(const struct scl_node *y)
{
    return y->n_in == 3 ? y->in[2] : y->in[1];
}

static void pack_weights(struct scl_lowering *l, const struct scl_conv2d_gather *s,
                         const struct scl_node *y, int nv, int panels, size_t n_panel)
{
    const struct scl_conv2d_size *z = &s->z;
    const int sizes[] = { z->R,     z->S,     z->C,      z->K,        s->out_stride,
                          s->pad_h, s->pad_w, s->turned, y->n_in == 3 };

    scl_lower_begin(l, DIRECT, "direct_pack");
    scl_lower_define(l, "MR", scl_lower_param(l, DIRECT, "MR"));
    scl_lower_define(l, "NV", nv);
    scl_lower_use(l, panels);
    scl_lower_value(l, y->in[1]);
    scl_lower_value(l, bias_of(y));
    scl_lower_ints(l, sizes, sizeof sizes / sizeof *sizes);
    scl_lower_groups(l, n_panel, (size_t)(z->R * z->S), 1, 1);
}

static int gather(const struct scl_node *y, struct scl_lowering *l)
{
    struct scl_conv2d_gather s = scl_conv2d_gather(y);
    struct scl_conv2d_size *const z = &s.z;
    struct scl_moments moments = scl_moments_of(l, y);
    const int mr = scl_lower_param(l, DIRECT, "MR");
    const int nv = scl_vectors_for(scl_lower_param(l, DIRECT, "NV"), z->K);
    const size_t most = (size_t)scl_lower_param(l, DIRECT, "SPAN"), rows = (size_t)mr;
    const size_t cache = (size_t)scl_lower_param(l, DIRECT, "CACHE") << 10;
    const size_t width = 16 * (size_t)nv, n_panel = scl_divide_up((size_t)z->K, width);
    const size_t panel = width * (size_t)(z->R * z->S) * (size_t)z->C;
    const size_t chunk = scl_larger(1, scl_smaller(n_panel, cache / (panel * sizeof(float))));
    const size_t chunks = scl_divide_up(n_panel, chunk);
    const size_t phase = scl_divide_up((size_t)z->P, (size_t)s.out_stride) *
                         scl_divide_up((size_t)z->Q, (size_t)s.out_stride);
    const size_t views = (size_t)moments.views, images = (size_t)z->N / views;
    const size_t full = (images - 1) / rows, rest = images - full * rows;
    const size_t blocks = full * phase + scl_divide_up(phase * rest, rows);
    const size_t units = views * blocks * chunks;
    const size_t span = scl_larger(1, scl_smaller(most, units / scl_enough_groups(l)));
    const size_t spans = scl_divide_up(blocks, span);
    const size_t elements = n_panel * (panel + width) + (size_t)z->C;
    const int panels = scl_lower_scratch(l, elements * sizeof(float));

    z->N = (int)images;
    scl_moments_scratch(l, &moments, spans);
    pack_weights(l, &s, y, nv, panels, n_panel);
    scl_lower_begin(l, DIRECT, "direct_gather");
    scl_lower_define(l, "MR", mr);
    scl_lower_define(l, "NV", nv);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_use(l, panels);
    scl_moments_use(l, &moments, panels);
    scl_conv2d_gather_sizes(l, &s);
    scl_lower_int(l, (int)chunk);
    scl_lower_int(l, (int)span);
    scl_lower_int(l, moments.stats != NULL);
    scl_lower_groups(l, chunks, spans, views, 1);
    scl_moments_join_vec(l, &moments);
    return scl_lower_end(l);
}

/* How grad_w_vec.cl deals the work: its groups, and the box of y's pixels that is
 * packed at a time. */
struct deal {
    const char *kernel;
    size_t parts_c, splits;
    size_t box_n, box_p, box_q, panels;
    size_t scratch; /* floats */
};

static size_t splits(const struct scl_lowering *l, const struct scl_conv2d_size *z,
                     const struct deal *d)
{
    const size_t boxes = scl_divide_up((size_t)z->N, d->box_n) *
                         scl_divide_up((size_t)z->P, d->box_p) *
                         scl_divide_up((size_t)z->Q, d->box_q);

    return scl_larger(1, scl_smaller(boxes, scl_divide_up(scl_enough_groups(l), d->parts_c)));
}

static struct deal deal_out(struct scl_lowering *l, const struct scl_conv2d_size *z, size_t mr,
                            size_t width)
{
    const size_t R = (size_t)z->R, S = (size_t)z->S, C = (size_t)z->C, u = (size_t)z->stride;
    const size_t N = (size_t)z->N, P = (size_t)z->P, Q = (size_t)z->Q;
    const size_t pixels = (size_t)scl_lower_param(l, GRAD_W, "PIXELS");
    const size_t most = (size_t)scl_lower_param(l, GRAD_W, "PANELS");
    const size_t blocks = scl_divide_up(C, mr);
    /* Packing a panel of dy is worth its while for so many blocks of x. */
    const size_t few = scl_larger(4, 16 / (R * S));
    const bool by_taps = C < mr; /* or most of a block's rows would be empty */
    struct deal d = { .kernel = by_taps ? "grad_w_taps" : "grad_w_partial" };
    size_t x_floats;

    d.panels = scl_smaller(scl_divide_up((size_t)z->K, width), most);
    d.box_q = scl_smaller(Q, pixels);
    d.box_p = scl_smaller(P, scl_larger(1, pixels / d.box_q));
    d.box_n = d.box_p == P ? scl_smaller(N, scl_larger(1, pixels / (P * d.box_q))) : 1;
    /* Parts of C first: they share nothing but dy. Splits last: each costs a dw of memory. */
    d.parts_c = by_taps ? 1 : scl_larger(1, scl_smaller(scl_enough_groups(l), blocks / few));
    d.splits = splits(l, z, &d);
    if (by_taps)
        x_floats = d.box_n * ((d.box_p - 1) * u + R) * ((d.box_q - 1) * u + S) * C;
    else
        x_floats = scl_divide_up(blocks, d.parts_c) * scl_smaller(u, R) * (d.box_p + (R - 1) / u) *
                   scl_smaller(u, S) * (d.box_q + (S - 1) / u) * d.box_n * mr;
    d.scratch = d.parts_c * d.splits *
                (d.panels * d.box_n * d.box_p * d.box_q * width + scl_divide_up(x_floats, 16) * 16);
    return d;
}

static void grad_w_sizes(struct scl_lowering *l, const struct scl_conv2d_size *z,
                         const struct deal *d)
{
    const int sizes[] = { z->N,       z->H,          z->W,          z->C,          z->P,
                          z->Q,       z->K,          z->R,          z->S,          z->stride,
                          z->padding, (int)d->box_n, (int)d->box_p, (int)d->box_q, (int)d->panels };

    scl_lower_ints(l, sizes, sizeof sizes / sizeof *sizes);
    scl_lower_groups(l, d->parts_c, d->splits, 1, 1);
}

static int grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dw);
    const int mr = scl_lower_param(l, GRAD_W, "MR");
    const int nv = scl_vectors_for(scl_lower_param(l, GRAD_W, "NV"), z.K);
    const struct deal d = deal_out(l, &z, (size_t)mr, 16 * (size_t)nv);
    const int scratch = scl_lower_scratch(l, d.scratch * sizeof(float));
    const int partial = scl_split_scratch(l, dw, d.splits);

    scl_lower_begin(l, GRAD_W, d.kernel);
    scl_lower_define(l, "MR", mr);
    scl_lower_define(l, "NV", nv);
    scl_split_output(l, dw, partial);
    scl_lower_use(l, scratch);
    scl_lower_value(l, dw->in[0]);
    scl_lower_value(l, dw->in[1]);
    grad_w_sizes(l, &z, &d);
    scl_split_sum(l, dw, partial, d.splits, "elementwise.vec");
    return scl_lower_end(l);
}

int scl_conv2d_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return y->op == &scl_op_conv2d_grad_w ? grad_w(y, l) : gather(y, l);
}
