/* matmul_lower.c - the launches of a dense product: cl_kernels/matmul/vec.cl, tile.cl, CLBlast. */
#include "backend/gemm_params.h"
#include "ops/matmul_impl.h"
#include "ops/split_impl.h"

#define VEC "matmul/vec"

/* The kernel file, and the profile's block. */
static const struct {
    const char *file, *key;
} tile_names[SCL_N_TILE_BY] = {
    [SCL_BY_ITEMS] = { "matmul/tile", "matmul/tile" },
    [SCL_BY_WARPS] = { "matmul/tile", "matmul/mma" },
    [SCL_BY_SUBGROUP] = { "matmul/subgroup", "matmul/subgroup" },
};

struct scl_matrix scl_matrix_rows(const struct scl_node *node, size_t first, size_t n,
                                  size_t columns)
{
    return (struct scl_matrix){ .node = node, .first = first * columns, .count = n * columns };
}

static void add_matrix(struct scl_lowering *l, const struct scl_matrix *m)
{
    if (!m->node)
        scl_lower_use(l, m->scratch);
    else if (m->count > 0)
        scl_lower_part(l, m->node, m->first, m->count);
    else
        scl_lower_value(l, m->node);
}

/* One packed operand: panels of `width` of its n, [ceil(n / width)][K][width]. */
struct packed {
    const struct scl_matrix *matrix;
    int K, n, stride_k, stride_n, width;
};

/* Parameters that every launch of vec.cl is built with. */
struct vec_param {
    int MR, NV, DEPTH, PACK;
};

static struct vec_param vec_params(struct scl_lowering *l)
{
    return (struct vec_param){ .MR = scl_lower_param(l, VEC, "MR"),
                               .NV = scl_lower_param(l, VEC, "NV"),
                               .DEPTH = scl_lower_param(l, VEC, "DEPTH"),
                               .PACK = scl_lower_param(l, VEC, "PACK") };
}

static void begin_vec(struct scl_lowering *l, const struct vec_param *p, const char *kernel)
{
    scl_lower_begin(l, VEC, kernel);
    scl_lower_define(l, "MR", p->MR);
    scl_lower_define(l, "NV", p->NV);
    scl_lower_define(l, "DEPTH", p->DEPTH);
    scl_lower_define(l, "PACK", p->PACK);
}

/* Fills the panels, whose scratch is *held - 1, or is made. */
static void pack(struct scl_lowering *l, const struct vec_param *p, const struct packed *in,
                 int *held)
{
    const size_t panels = scl_divide_up((size_t)in->n, (size_t)in->width);
    const size_t floats = panels * (size_t)in->width * (size_t)in->K;

    if (*held == 0)
        *held = 1 + scl_lower_scratch(l, floats * sizeof(float));
    begin_vec(l, p, "matmul_pack");
    scl_lower_use(l, *held - 1);
    add_matrix(l, in->matrix);
    scl_lower_int(l, in->K);
    scl_lower_int(l, in->n);
    scl_lower_int(l, in->stride_k);
    scl_lower_int(l, in->stride_n);
    scl_lower_int(l, in->width);
    scl_lower_groups(l, panels, scl_divide_up((size_t)in->K, (size_t)p->PACK), 1, 1);
}

/* Blocks of rows to a group, in equal shares. */
static size_t span_of(struct scl_lowering *l, const struct scl_product *z,
                      const struct vec_param *p)
{
    const size_t most = (size_t)scl_lower_param(l, VEC, "SPAN");
    const size_t panels = scl_divide_up((size_t)z->N, 16 * (size_t)p->NV);
    const size_t blocks = scl_divide_up((size_t)z->M, (size_t)p->MR);
    const size_t fit = scl_larger(1, scl_smaller(most, blocks * panels / scl_enough_groups(l)));

    return scl_divide_up(blocks, scl_divide_up(blocks, fit));
}

size_t scl_product_vec_splits(struct scl_lowering *l, const struct scl_product *z)
{
    const struct vec_param p = vec_params(l);
    const size_t panels = scl_divide_up((size_t)z->N, 16 * (size_t)p.NV);
    const size_t blocks = scl_divide_up((size_t)z->M, (size_t)p.MR);
    const size_t groups = panels * scl_divide_up(blocks, span_of(l, z, &p));
    const size_t splits = scl_divide_up(scl_enough_groups(l), groups);

    return scl_larger(1, scl_smaller(splits, (size_t)(z->K / p.DEPTH)));
}

void scl_product_vec(struct scl_lowering *l, struct scl_product *z, size_t splits)
{
    const struct vec_param p = vec_params(l);
    const struct packed a = { &z->a, z->K, z->M, z->M, 1, p.MR };
    const struct packed b = { &z->b,    z->K, z->N, z->trans_b ? 1 : z->N, z->trans_b ? z->K : 1,
                              16 * p.NV };
    const size_t span = span_of(l, z, &p);

    if (z->trans_a)
        pack(l, &p, &a, &z->packed[0]);
    pack(l, &p, &b, &z->packed[1]);
    begin_vec(l, &p, "matmul_main");
    add_matrix(l, &z->y);
    if (z->trans_a)
        scl_lower_use(l, z->packed[0] - 1);
    else
        add_matrix(l, &z->a);
    scl_lower_use(l, z->packed[1] - 1);
    if (z->bias)
        scl_lower_value(l, z->bias);
    else
        add_matrix(l, &z->b);
    scl_lower_int(l, z->M);
    scl_lower_int(l, z->N);
    scl_lower_int(l, z->K);
    scl_lower_int(l, z->trans_a);
    scl_lower_int(l, z->bias != NULL);
    scl_lower_int(l, (int)span);
    scl_lower_groups(l, scl_divide_up((size_t)z->N, (size_t)b.width),
                     scl_divide_up(scl_divide_up((size_t)z->M, (size_t)p.MR), span), splits, 1);
}

/* Whether neighbours in memory come in fours in both operands. */
static bool is_in_fours(const struct scl_product *p)
{
    return (p->trans_a ? p->M : p->K) % 4 == 0 && (p->trans_b ? p->K : p->N) % 4 == 0;
}

static struct scl_tile tile_of(struct scl_lowering *l, const struct scl_product *p)
{
    return scl_tile_get(l, tile_names[p->by].key, is_in_fours(p), p->by);
}

static size_t batch_of(const struct scl_product *p)
{
    return p->batch > 0 ? (size_t)p->batch : 1;
}

size_t scl_product_tile_splits(struct scl_lowering *l, const struct scl_product *p)
{
    const struct scl_tile tile = tile_of(l, p);
    const size_t across = scl_divide_up((size_t)p->N, tile.n);
    const size_t down = scl_divide_up((size_t)p->M, tile.m);

    return scl_tile_splits(l, batch_of(p) * across * down, (size_t)p->K);
}

void scl_product_tile(struct scl_lowering *l, struct scl_product *p, size_t splits)
{
    const struct scl_tile tile = tile_of(l, p);

    scl_tile_begin(l, &tile, tile_names[p->by].file, "matmul_tile");
    scl_lower_define(l, "TRANS_A", p->trans_a);
    scl_lower_define(l, "TRANS_B", p->trans_b);
    add_matrix(l, &p->y);
    add_matrix(l, &p->a);
    add_matrix(l, &p->b);
    if (p->bias)
        scl_lower_value(l, p->bias);
    else
        add_matrix(l, &p->b);
    scl_lower_int(l, p->M);
    scl_lower_int(l, p->N);
    scl_lower_int(l, p->K);
    scl_lower_int(l, (int)splits);
    scl_lower_int(l, p->bias != NULL);
    scl_lower_groups(l, scl_divide_up((size_t)p->N, tile.n), scl_divide_up((size_t)p->M, tile.m),
                     batch_of(p) * splits, tile.items);
    scl_tile_slice(l, 2.0 * p->M * p->N * p->K * (double)batch_of(p));
}

void scl_product_clblast(struct scl_lowering *l, struct scl_product *p, size_t splits)
{
    (void)splits;
    scl_lower_gemm(l, (struct scl_gemm){ .m = p->M,
                                         .n = p->N,
                                         .k = p->K,
                                         .trans_a = p->trans_a,
                                         .trans_b = p->trans_b,
                                         .alpha = 1.0f });
    add_matrix(l, &p->y);
    add_matrix(l, &p->a);
    add_matrix(l, &p->b);
    for (const struct scl_gemm_kernel *k = scl_gemm_kernels; k->name; k++)
        for (int i = 0; k->param[i]; i++)
            scl_lower_define(l, k->param[i], scl_lower_param(l, k->profile, k->param[i]));
}

static struct scl_product product_of(const struct scl_node *y)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_matmul_size z = scl_matmul_size(y);

    return (struct scl_product){ .M = z.M,
                                 .N = z.N,
                                 .K = z.K,
                                 .trans_a = attr->trans_a,
                                 .trans_b = attr->trans_b,
                                 .y = { .node = y },
                                 .a = { .node = y->in[0] },
                                 .b = { .node = y->in[1] },
                                 .bias = y->n_in == 3 ? y->in[2] : NULL };
}

/* Where a product's first pass writes: y, or the scratch of the parts. */
static struct scl_matrix output_of(const struct scl_node *y, int part)
{
    return part < 0 ? (struct scl_matrix){ .node = y } : (struct scl_matrix){ .scratch = part };
}

int scl_matmul_vec(const struct scl_node *y, struct scl_lowering *l)
{
    struct scl_product p = product_of(y);
    const size_t splits = scl_product_vec_splits(l, &p);
    const int part = scl_split_scratch(l, y, splits);

    p.y = output_of(y, part);
    scl_product_vec(l, &p, splits);
    scl_split_sum(l, y, part, splits, "elementwise.vec");
    return scl_lower_end(l);
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l, enum scl_tile_by by)
{
    struct scl_product p = product_of(y);
    size_t splits;
    int part;

    p.by = by;
    splits = scl_product_tile_splits(l, &p);
    part = scl_split_scratch(l, y, splits);
    p.y = output_of(y, part);
    scl_product_tile(l, &p, splits);
    scl_split_sum(l, y, part, splits, "elementwise.tile");
    return scl_lower_end(l);
}

int scl_matmul_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_tile(y, l, SCL_BY_ITEMS);
}

int scl_matmul_mma(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_tile(y, l, SCL_BY_WARPS);
}

int scl_matmul_subgroup(const struct scl_node *y, struct scl_lowering *l)
{
    return lower_tile(y, l, SCL_BY_SUBGROUP);
}

bool scl_matmul_clblast_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)facts;
    return y->n_in == 2;
}

int scl_matmul_clblast(const struct scl_node *y, struct scl_lowering *l)
{
    struct scl_product p = product_of(y);

    scl_product_clblast(l, &p, 1);
    return scl_lower_end(l);
}
