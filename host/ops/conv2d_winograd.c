/* conv2d_winograd.c - 3x3 convolutions of stride 1 on CPUs: the launches of
 * cl_kernels/conv2d/winograd_vec.cl and winograd4_grad_w_vec.cl.
 */
#include "ops/conv2d_impl.h"
#include "ops/launch_impl.h"
#include "ops/norm_impl.h"
#include "ops/ops.h"
#include "ops/split_impl.h"

#define GATHER "conv2d/winograd_vec"
#define GRAD_W "conv2d/winograd4_grad_w_vec"

enum { POINTS = 36, TILE = 4 };

/* What is common to the launches of one node; z as the kernels see it. */
struct sizes {
    struct scl_conv2d_size z;
    const char *file;
    int MR, NV;
    size_t tiles;         /* in all */
    size_t panels, width; /* of K: how many, and the channels of one */
};

static struct sizes sizes_of(struct scl_lowering *l, const char *file, const struct scl_node *y,
                             bool turned)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);
    struct sizes s = { .z = turned ? scl_conv2d_turned(z) : z,
                       .file = file,
                       .MR = scl_lower_param(l, file, "MR") };

    s.NV = scl_vectors_for(scl_lower_param(l, file, "NV"), s.z.K);
    s.tiles =
        (size_t)s.z.N * scl_divide_up((size_t)s.z.P, TILE) * scl_divide_up((size_t)s.z.Q, TILE);
    s.width = 16 * (size_t)s.NV;
    s.panels = scl_divide_up((size_t)s.z.K, s.width);
    return s;
}

static void begin(struct scl_lowering *l, const struct sizes *s, const char *kernel)
{
    scl_lower_begin(l, s->file, kernel);
    scl_lower_define(l, "MR", s->MR);
    scl_lower_define(l, "NV", s->NV);
}

/* One of the 36 planes. The sets of a first cache repeat every 4096 bytes: planes of that size and
 * more begin in neighbouring lines of it, or all 36 would want the same one. */
static size_t plane(size_t floats)
{
    return floats < 1024 ? floats : scl_divide_up(floats, 1024) * 1024 + 16;
}

static size_t round_up(size_t n, size_t step)
{
    return scl_divide_up(n, step) * step;
}

/* How many blocks of register blocks the tiles go by in: about TILES to a block, or a quarter as
 * many as channels, for each block reads all weights; and as many blocks as make all compute units
 * finish together. */
static size_t blocks_of(struct scl_lowering *l, const struct sizes *s, size_t units)
{
    const size_t channels = scl_smaller((size_t)s->z.C, (size_t)s->z.K);
    const size_t tiles = scl_larger((size_t)scl_lower_param(l, GATHER, "TILES"), channels / 4);
    const size_t blocks = scl_larger(1, units / scl_larger(1, tiles / (size_t)s->MR));

    return scl_smaller(units, round_up(blocks, scl_larger(1, (size_t)l->facts->compute_units)));
}

static void begin_gather(struct scl_lowering *l, const struct sizes *s, const char *kernel,
                         size_t tile)
{
    begin(l, s, kernel);
    scl_lower_define(l, "TILE", (int)tile);
    scl_lower_define(l, "DEPTH", scl_lower_param(l, GATHER, "DEPTH"));
}

/* Tiles of `tile` by `tile` outputs. Half as many groups as would be enough: each has megabytes of
 * scratch. */
static int lower_gather(struct scl_lowering *l, const struct scl_node *y, bool turned, size_t tile)
{
    const struct sizes s = sizes_of(l, GATHER, y, turned);
    const struct scl_node *bias = y->n_in == 3 ? y->in[2] : NULL;
    const size_t points = (tile + 2) * (tile + 2);
    struct scl_moments moments = scl_moments_of(l, y);
    const size_t views = (size_t)moments.views, images = (size_t)s.z.N / views;
    const size_t all =
        images * scl_divide_up((size_t)s.z.P, tile) * scl_divide_up((size_t)s.z.Q, tile);
    const size_t units = scl_divide_up(all, (size_t)s.MR);
    const size_t blocks = scl_divide_up(blocks_of(l, &s, views * units), views);
    const size_t groups = scl_smaller(views * blocks, scl_enough_groups(l) / 2);
    const size_t tiles = scl_divide_up(units, blocks) * (size_t)s.MR;
    const size_t row = round_up((size_t)s.z.C, 16), columns = s.panels * s.width;
    const size_t plane_x = plane(tiles * row), plane_y = plane(tiles * columns);
    const size_t plane_w = plane(columns * (size_t)s.z.C);
    const size_t piece = points * (plane_x + plane_y) + row;
    const int panels = scl_lower_scratch(l, points * plane_w * sizeof(float));
    const int scratch = scl_lower_scratch(l, groups * piece * sizeof(float));

    scl_moments_scratch(l, &moments, blocks);
    begin_gather(l, &s, "winograd_weights", tile);
    scl_lower_use(l, panels);
    scl_lower_value(l, y->in[1]);
    scl_lower_ints(l, (const int[]){ s.z.C, s.z.K, turned, (int)plane_w }, 4);
    scl_lower_groups(l, s.panels,
                     scl_smaller((size_t)s.z.C, scl_divide_up(scl_enough_groups(l), s.panels)), 1,
                     1);

    begin_gather(l, &s, "winograd_gather", tile);
    scl_lower_value(l, y);
    scl_lower_use(l, scratch);
    scl_lower_value(l, y->in[0]);
    scl_lower_use(l, panels);
    if (bias)
        scl_lower_value(l, bias);
    else
        scl_lower_use(l, panels);
    scl_moments_use(l, &moments, panels);
    scl_lower_ints(l,
                   (const int[]){ (int)images, s.z.H, s.z.W, s.z.C, s.z.P, s.z.Q, s.z.K,
                                  s.z.padding, bias != NULL, moments.stats != NULL },
                   10);
    scl_lower_ints(
        l, (const int[]){ (int)blocks, moments.views, (int)plane_x, (int)plane_y, (int)plane_w },
        5);
    scl_launch_past(l, GATHER, y);
    scl_lower_groups(l, groups, 1, 1, 1);
    scl_moments_join_vec(l, &moments);
    return scl_lower_end(l);
}

bool scl_conv2d_winograd_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);

    (void)facts;
    return z.R == 3 && z.S == 3 && z.stride == 1 && z.padding <= 2;
}

/* With few channels the transforms cost what the products save; a map whose tiles hang over its
 * border by half wastes it, and of the definition's products for one of 2 x 2 pixels most meet
 * nothing but the border. */
static bool suits(const struct scl_node *y, size_t tile)
{
    const struct scl_conv2d_size z = scl_conv2d_size(y);
    const bool of_x = y->op == &scl_op_conv2d_grad_x;
    const size_t rows = (size_t)(of_x ? z.H : z.P), columns = (size_t)(of_x ? z.W : z.Q);

    return z.C >= 16 && z.K >= 16 && rows > 2 && columns > 2 &&
           2 * round_up(rows, tile) * round_up(columns, tile) <= 3 * rows * columns;
}

bool scl_conv2d_winograd4_suits(const struct scl_node *y)
{
    return suits(y, 4);
}

bool scl_conv2d_winograd2_suits(const struct scl_node *y)
{
    return suits(y, 2);
}

int scl_conv2d_winograd4(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_gather(l, y, false, 4);
}

int scl_conv2d_winograd4_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_gather(l, dx, true, 4);
}

int scl_conv2d_winograd2(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_gather(l, y, false, 2);
}

int scl_conv2d_winograd2_grad_x(const struct scl_node *dx, struct scl_lowering *l)
{
    return lower_gather(l, dx, true, 2);
}

/* Channels in each of as few blocks of `most` at most as hold them. */
static size_t block(size_t channels, size_t most, size_t step)
{
    return round_up(scl_divide_up(channels, scl_divide_up(channels, most)), step);
}

/* Half as many groups as would be enough: each has megabytes of scratch. */
int scl_conv2d_winograd_grad_w(const struct scl_node *dw, struct scl_lowering *l)
{
    const struct sizes s = sizes_of(l, GRAD_W, dw, false);
    const size_t C = (size_t)s.z.C, K = (size_t)s.z.K, most = scl_enough_groups(l) / 2;
    const size_t tiles = (size_t)scl_lower_param(l, GRAD_W, "TILES");
    const size_t BC = block(C, (size_t)scl_lower_param(l, GRAD_W, "BC"), 16);
    const size_t BK = block(K, (size_t)scl_lower_param(l, GRAD_W, "BK"), s.width);
    const size_t blocks = scl_divide_up(C, BC) * scl_divide_up(K, BK);
    const size_t splits = scl_smaller(scl_divide_up(s.tiles, tiles), scl_divide_up(most, blocks));
    const size_t groups = scl_smaller(blocks * splits, most);
    const size_t point = tiles * (BC + 16 + BK) + (BC + (size_t)s.MR) * BK + 16;
    const int scratch = scl_lower_scratch(l, groups * POINTS * point * sizeof(float));
    const int partial = scl_split_scratch(l, dw, splits);

    begin(l, &s, "winograd_grad_w");
    scl_lower_define(l, "BC", (int)BC);
    scl_lower_define(l, "BK", (int)BK);
    scl_lower_define(l, "TILES", (int)tiles);
    scl_split_output(l, dw, partial);
    scl_lower_use(l, scratch);
    scl_lower_value(l, dw->in[0]);
    scl_lower_value(l, dw->in[1]);
    scl_lower_ints(l, (const int[]){ s.z.H, s.z.W, s.z.C, s.z.P, s.z.Q, s.z.K, s.z.padding }, 7);
    scl_lower_ints(l, (const int[]){ (int)s.tiles, (int)splits }, 2);
    scl_lower_groups(l, groups, 1, 1, 1);
    scl_split_sum(l, dw, partial, splits, "elementwise.vec");
    return scl_lower_end(l);
}
