/* conv2d_im2col.c - the convolution as a dense product: the launches of
 * cl_kernels/conv2d/im2col.cl and of matmul/.
 *
 * With X [pixels of y, taps and channels] the matrix of what meets each pixel of y:
 * y = X w, dX = dy w^T, dw = X^T dy. X is made in pieces of PIECE KiB, so that its memory does not
 * grow with the batch; of a 1x1 convolution that skips nothing, X is x itself.
 */
#include "ops/conv2d_impl.h"
#include "ops/matmul_impl.h"
#include "ops/split_impl.h"
#include "ops/walk_impl.h"

#define KEY "conv2d/im2col"

/* Who computes the products. */
struct way {
    const char *key; /* of the launches around them */
    size_t (*splits)(struct scl_lowering *l, const struct scl_product *p);
    void (*product)(struct scl_lowering *l, struct scl_product *p, size_t splits);
};

static const struct way vec = { "elementwise.vec", scl_product_vec_splits, scl_product_vec };
static const struct way tile = { "elementwise.tile", scl_product_tile_splits, scl_product_tile };

static struct way clblast(const struct scl_lowering *l)
{
    return (struct way){ l->facts->is_cpu ? vec.key : tile.key, NULL, scl_product_clblast };
}

/* A convolution, and how it is cut. */
struct cut {
    struct scl_conv2d_size z;
    size_t depth;  /* taps and channels */
    size_t pixels; /* of y, in all */
    size_t piece;  /* of them in a piece */
    bool plain;    /* X is x */
    int columns;   /* the scratch of a piece of X, unless plain */
};

static bool is_plain(const struct scl_conv2d_size *z)
{
    return z->R == 1 && z->S == 1 && z->stride == 1 && z->padding == 0;
}

/* Pieces are of a multiple of `step` pixels. */
static struct cut cut_up(struct scl_lowering *l, const struct scl_node *y, size_t step)
{
    struct cut c = { .z = scl_conv2d_size(y) };
    const struct scl_conv2d_size *z = &c.z;
    const size_t most = (size_t)scl_lower_param(l, KEY, "PIECE") * 1024 / sizeof(float);

    c.depth = (size_t)(z->R * z->S) * (size_t)z->C;
    c.pixels = (size_t)z->N * (size_t)z->P * (size_t)z->Q;
    c.piece = scl_smaller(c.pixels, scl_larger(1, most / c.depth / step) * step);
    c.plain = is_plain(z);
    c.columns = c.plain ? -1 : scl_lower_scratch(l, c.piece * c.depth * sizeof(float));
    return c;
}

/* Begins im2col or col2im over `rows` rows of C channels; of a piece that has `n` of what it
 * counts, from `first` on. */
static void columns_sizes(struct scl_lowering *l, const struct cut *c, size_t first, size_t rows,
                          int span)
{
    const struct scl_conv2d_size *z = &c->z;
    const int sizes[] = { z->H, z->W,      z->C,       z->P,       z->Q,      z->R,
                          z->S, z->stride, z->padding, (int)first, (int)rows, span };

    scl_lower_ints(l, sizes, sizeof sizes / sizeof *sizes);
}

/* The `n` rows of X from `first` on: made, unless they are x's. */
static struct scl_matrix columns_of(struct scl_lowering *l, const struct cut *c,
                                    const struct scl_node *x, const char *key, size_t first,
                                    size_t n)
{
    int span;

    if (c->plain)
        return scl_matrix_rows(x, first, n, c->depth);
    span = scl_walk_begin(l, KEY, "im2col", key, n * (size_t)(c->z.R * c->z.S), (size_t)c->z.C, 1);
    scl_lower_use(l, c->columns);
    scl_lower_value(l, x);
    columns_sizes(l, c, first, n, span);
    return (struct scl_matrix){ .scratch = c->columns };
}

static int forward(const struct scl_node *y, struct scl_lowering *l, const struct way *way)
{
    const struct cut c = cut_up(l, y, scl_lower_align(l));
    struct scl_product p = { .N = c.z.K,
                             .K = (int)c.depth,
                             .b = { .node = y->in[1] },
                             .bias = y->n_in == 3 ? y->in[2] : NULL };

    for (size_t first = 0; first < c.pixels; first += c.piece) {
        const size_t n = scl_smaller(c.piece, c.pixels - first);

        p.M = (int)n;
        p.a = columns_of(l, &c, y->in[0], way->key, first, n);
        p.y = scl_matrix_rows(y, first, n, (size_t)c.z.K);
        way->product(l, &p, 1);
    }
    return scl_lower_end(l);
}

static size_t common_divisor(size_t a, size_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

/* Pieces are of whole images, and as many that a piece of dy may begin where it does; without X
 * there is nothing to cut. */
static int grad_x(const struct scl_node *dx, struct scl_lowering *l, const struct way *way)
{
    const struct scl_conv2d_size z = scl_conv2d_size(dx);
    const size_t image = (size_t)z.P * (size_t)z.Q, align = scl_lower_align(l);
    const size_t images = align / common_divisor(align, image * (size_t)z.K);
    const struct cut c = cut_up(l, dx, image * (is_plain(&z) ? (size_t)z.N : images));
    struct scl_product p = {
        .N = (int)c.depth, .K = z.K, .trans_b = true, .b = { .node = dx->in[1] }
    };

    for (size_t first = 0; first < c.pixels; first += c.piece) {
        const size_t n = scl_smaller(c.piece, c.pixels - first);
        const size_t rows = n / image * (size_t)z.H * (size_t)z.W;

        p.M = (int)n;
        p.a = scl_matrix_rows(dx->in[0], first, n, (size_t)z.K);
        p.y = c.plain ? scl_matrix_rows(dx, first, n, c.depth)
                      : (struct scl_matrix){ .scratch = c.columns };
        way->product(l, &p, 1);
        if (!c.plain) {
            const int span = scl_walk_begin(l, KEY, "col2im", way->key, rows, (size_t)z.C, 1);

            scl_lower_value(l, dx);
            scl_lower_use(l, c.columns);
            columns_sizes(l, &c, first / image, rows, span);
        }
    }
    return scl_lower_end(l);
}

/* Each piece's sum goes to a scratch, from which it joins those before it. */
static int grad_w(const struct scl_node *dw, struct scl_lowering *l, const struct way *way)
{
    const struct cut c = cut_up(l, dw, scl_lower_align(l));
    struct scl_product p = { .M = (int)c.depth, .N = c.z.K, .K = (int)c.piece, .trans_a = true };
    const size_t most = way->splits ? way->splits(l, &p) : 1;
    const bool whole = most == 1 && c.piece == c.pixels;
    const int part = whole ? -1 : scl_lower_scratch(l, most * c.depth * (size_t)c.z.K * 4);

    p.y = whole ? (struct scl_matrix){ .node = dw } : (struct scl_matrix){ .scratch = part };
    for (size_t first = 0; first < c.pixels; first += c.piece) {
        const size_t n = scl_smaller(c.piece, c.pixels - first);
        size_t splits;

        p.K = (int)n;
        p.a = columns_of(l, &c, dw->in[0], way->key, first, n);
        p.b = scl_matrix_rows(dw->in[1], first, n, (size_t)c.z.K);
        splits = way->splits ? scl_smaller(most, way->splits(l, &p)) : 1;
        way->product(l, &p, splits);
        scl_split_add(l, dw, part, splits, first > 0, way->key);
    }
    return scl_lower_end(l);
}

bool scl_conv2d_im2col_clblast_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)facts;
    return y->n_in == 2;
}

int scl_conv2d_im2col_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return forward(y, l, &vec);
}

int scl_conv2d_im2col_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return forward(y, l, &tile);
}

int scl_conv2d_im2col_clblast(const struct scl_node *y, struct scl_lowering *l)
{
    const struct way way = clblast(l);

    return forward(y, l, &way);
}

int scl_conv2d_im2col_vec_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    return grad_x(dx, l, &vec);
}

int scl_conv2d_im2col_tile_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    return grad_x(dx, l, &tile);
}

int scl_conv2d_im2col_clblast_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    const struct way way = clblast(l);

    return grad_x(dx, l, &way);
}

int scl_conv2d_im2col_vec_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    return grad_w(dw, l, &vec);
}

int scl_conv2d_im2col_tile_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    return grad_w(dw, l, &tile);
}

int scl_conv2d_im2col_clblast_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    const struct way way = clblast(l);

    return grad_w(dw, l, &way);
}
