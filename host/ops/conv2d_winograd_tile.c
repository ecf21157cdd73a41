/* conv2d_winograd_tile.c - 3x3 convolutions of stride 1 on GPUs: the launches of
 * cl_kernels/conv2d/winograd4_tile.cl, and of matmul/tile.cl for the products between them.
 */
#include "ops/conv2d_impl.h"
#include "ops/matmul_impl.h"
#include "ops/split_impl.h"

#define FILE_NAME "conv2d/winograd4_tile"

enum { POINTS = 36, TILE = 4 };

struct job {
    struct scl_lowering *l;
    struct scl_conv2d_size z; /* as the kernels see it */
    int images;               /* of a chunk; the last may have fewer */
    size_t of_image;          /* tiles */
    size_t wg;
    int left, right, product; /* scratch: operands of the products, and these */
};

/* As many images to a chunk as KIB KiB of operands and products let in, and one at least. */
static int images_of(struct scl_lowering *l, const struct job *j)
{
    const size_t most = (size_t)scl_lower_param(l, FILE_NAME, "KIB") << 10;
    const size_t bytes = j->of_image * (size_t)(j->z.C + j->z.K) * POINTS * sizeof(float);

    return (int)scl_larger(1, scl_smaller(most / bytes, (size_t)j->z.N));
}

static struct job begin(struct scl_lowering *l, const struct scl_node *y, bool turned)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);
    struct job j = { .l = l, .z = turned ? scl_conv2d_turned(z) : z };

    j.wg = (size_t)scl_lower_param(l, FILE_NAME, "WG");
    j.of_image = scl_divide_up((size_t)j.z.P, TILE) * scl_divide_up((size_t)j.z.Q, TILE);
    j.images = images_of(l, &j);
    return j;
}

/* Tiles of the chunk that begins with image `first`. */
static int tiles_from(const struct job *j, int first)
{
    const int left = j->z.N - first;

    return (int)j->of_image * (j->images < left ? j->images : left);
}

static int scratch(const struct job *j, size_t rows, int columns)
{
    return scl_lower_scratch(j->l, POINTS * rows * (size_t)columns * sizeof(float));
}

static void begin_kernel(const struct job *j, const char *kernel)
{
    scl_lower_begin(j->l, FILE_NAME, kernel);
    scl_lower_define(j->l, "WG", (int)j->wg);
}

/* Ends the launch with these arguments, an item for each of rows by columns. */
static void end_kernel(const struct job *j, const int value[], size_t n, size_t rows, int columns)
{
    scl_lower_ints(j->l, value, n);
    scl_lower_groups(j->l, scl_divide_up(rows * (size_t)columns, j->wg), 1, 1, j->wg);
}

/* left right, or left^T right, for each of the 36: rows by K, summed over `depth`. */
static struct scl_product product_of(const struct job *j, int rows, int depth, bool trans_a)
{
    return (struct scl_product){ .M = rows,
                                 .N = j->z.K,
                                 .K = depth,
                                 .trans_a = trans_a,
                                 .batch = POINTS,
                                 .y = { .scratch = j->product },
                                 .a = { .scratch = j->left },
                                 .b = { .scratch = j->right } };
}

static void put_inputs(const struct job *j, const struct scl_node *x, int first, int tiles)
{
    begin_kernel(j, "winograd_tile_inputs");
    scl_lower_use(j->l, j->left);
    scl_lower_value(j->l, x);
    end_kernel(j,
               (const int[]){ first, tiles, j->z.H, j->z.W, j->z.C, j->z.P, j->z.Q, j->z.padding },
               8, (size_t)tiles, j->z.C);
}

static void put_weights(const struct job *j, const struct scl_node *w, bool turned)
{
    begin_kernel(j, "winograd_tile_weights");
    scl_lower_use(j->l, j->right);
    scl_lower_value(j->l, w);
    end_kernel(j, (const int[]){ j->z.C, j->z.K, turned }, 3, (size_t)j->z.C, j->z.K);
}

static void take_outputs(const struct job *j, const struct scl_node *y, int first, int tiles)
{
    const struct scl_node *bias = y->n_in == 3 ? y->in[2] : y->in[1];

    begin_kernel(j, "winograd_tile_outputs");
    scl_lower_value(j->l, y);
    scl_lower_use(j->l, j->product);
    scl_lower_value(j->l, bias);
    end_kernel(j, (const int[]){ first, tiles, j->z.P, j->z.Q, j->z.K, y->n_in == 3 }, 6,
               (size_t)tiles, j->z.K);
}

static int lower_gather(const struct scl_node *y, struct scl_lowering *l, bool turned)
{
    struct job j = begin(l, y, turned);
    const size_t most = (size_t)j.images * j.of_image;
    struct scl_product product;

    j.left = scratch(&j, most, j.z.C);
    j.right = scratch(&j, (size_t)j.z.C, j.z.K);
    j.product = scratch(&j, most, j.z.K);
    put_weights(&j, y->in[1], turned);
    for (int first = 0; first < j.z.N; first += j.images) {
        const int tiles = tiles_from(&j, first);

        put_inputs(&j, y->in[0], first, tiles);
        product = product_of(&j, tiles, j.z.C, false);
        scl_product_tile(l, &product, 1);
        take_outputs(&j, y, first, tiles);
    }
    return scl_lower_end(l);
}

bool scl_conv2d_winograd_tile_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    return scl_tile_accepts(y, facts) && scl_conv2d_winograd_accepts(y, facts);
}

int scl_conv2d_winograd_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_gather(y, l, false);
}

int scl_conv2d_winograd_tile_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_gather(dx, l, true);
}

static void put_grads(const struct job *j, const struct scl_node *dy, int first, int tiles)
{
    begin_kernel(j, "winograd_tile_grads");
    scl_lower_use(j->l, j->right);
    scl_lower_value(j->l, dy);
    end_kernel(j, (const int[]){ first, tiles, j->z.P, j->z.Q, j->z.K }, 5, (size_t)tiles, j->z.K);
}

static void take_product(const struct job *j, const struct scl_node *dw, size_t splits,
                         bool goes_on)
{
    begin_kernel(j, "winograd_tile_grad_w");
    scl_lower_value(j->l, dw);
    scl_lower_use(j->l, j->product);
    end_kernel(j, (const int[]){ (int)splits, j->z.C, j->z.K, goes_on }, 4, (size_t)j->z.C, j->z.K);
}

int scl_conv2d_winograd_tile_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    struct job j = begin(l, dw, false);
    const size_t most = (size_t)j.images * j.of_image;
    struct scl_product product = product_of(&j, j.z.C, (int)most, true);
    const size_t splits = scl_product_tile_splits(l, &product);

    j.left = scratch(&j, most, j.z.C);
    j.right = scratch(&j, most, j.z.K);
    j.product = scratch(&j, splits * (size_t)j.z.C, j.z.K);
    for (int first = 0; first < j.z.N; first += j.images) {
        const int tiles = tiles_from(&j, first);

        put_inputs(&j, dw->in[0], first, tiles);
        put_grads(&j, dw->in[1], first, tiles);
        product = product_of(&j, j.z.C, tiles, true);
        scl_product_tile(l, &product, splits);
        take_product(&j, dw, splits, first > 0);
    }
    return scl_lower_end(l);
}
