/* matmul_lower.c - the launches of a dense product: cl_kernels/matmul/vec.cl, tile.cl, CLBlast. */
#include "backend/gemm_params.h"
#include "ops/matmul_impl.h"
#include "ops/split_impl.h"

#define VEC "matmul/vec"
#define TILE "matmul/tile"

/* One packed operand: panels of `width` of its n, [ceil(n / width)][K][width]. */
struct packed {
    const struct scl_node *node;
    int K, n, stride_k, stride_n, width;
};

/* Parameters that every launch of vec.cl is built with. */
struct vec_param {
    int MR, NV, DEPTH, PACK;
};

static void begin_vec(struct scl_lowering *l, const struct vec_param *p, const char *kernel)
{
    scl_lower_begin(l, VEC, kernel);
    scl_lower_define(l, "MR", p->MR);
    scl_lower_define(l, "NV", p->NV);
    scl_lower_define(l, "DEPTH", p->DEPTH);
    scl_lower_define(l, "PACK", p->PACK);
}

/* Returns the scratch that holds the panels. */
static int pack(struct scl_lowering *l, const struct vec_param *p, const struct packed *in)
{
    const size_t panels = scl_divide_up((size_t)in->n, (size_t)in->width);
    const size_t floats = panels * (size_t)in->width * (size_t)in->K;
    const int scratch = scl_lower_scratch(l, floats * sizeof(float));

    begin_vec(l, p, "matmul_pack");
    scl_lower_use(l, scratch);
    scl_lower_value(l, in->node);
    scl_lower_int(l, in->K);
    scl_lower_int(l, in->n);
    scl_lower_int(l, in->stride_k);
    scl_lower_int(l, in->stride_n);
    scl_lower_int(l, in->width);
    scl_lower_groups(l, panels, scl_divide_up((size_t)in->K, (size_t)p->PACK), 1, 1);
    return scratch;
}

/* How the product is dealt out: blocks of rows to a group, and parts of K. */
static void deal_out(struct scl_lowering *l, const struct scl_matmul_size *z,
                     const struct vec_param *p, size_t *span, size_t *splits)
{
    const size_t most = (size_t)scl_lower_param(l, VEC, "SPAN");
    const size_t panels = scl_divide_up((size_t)z->N, 16 * (size_t)p->NV);
    const size_t blocks = scl_divide_up((size_t)z->M, (size_t)p->MR);
    const size_t wanted = scl_enough_groups(l);
    const size_t fit = scl_larger(1, scl_smaller(most, blocks * panels / wanted));

    *span = scl_divide_up(blocks, scl_divide_up(blocks, fit)); /* equal shares */
    *splits = scl_divide_up(wanted, panels * scl_divide_up(blocks, *span));
    *splits = scl_larger(1, scl_smaller(*splits, (size_t)(z->K / p->DEPTH)));
}

int scl_matmul_vec(const struct scl_node *y, struct scl_lowering *l)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_matmul_size z = scl_matmul_size(y);
    const struct vec_param p = { .MR = scl_lower_param(l, VEC, "MR"),
                                 .NV = scl_lower_param(l, VEC, "NV"),
                                 .DEPTH = scl_lower_param(l, VEC, "DEPTH"),
                                 .PACK = scl_lower_param(l, VEC, "PACK") };
    const struct packed a = { y->in[0], z.K, z.M, z.M, 1, p.MR };
    const struct packed b = { y->in[1], z.K, z.N, attr->trans_b ? 1 : z.N, attr->trans_b ? z.K : 1,
                              16 * p.NV };
    const int a_panels = attr->trans_a ? pack(l, &p, &a) : -1;
    const int b_panels = pack(l, &p, &b);
    size_t span, splits;
    int part;

    deal_out(l, &z, &p, &span, &splits);
    part = scl_split_scratch(l, y, splits);
    begin_vec(l, &p, "matmul_main");
    scl_split_output(l, y, part);
    if (attr->trans_a)
        scl_lower_use(l, a_panels);
    else
        scl_lower_value(l, y->in[0]);
    scl_lower_use(l, b_panels);
    scl_lower_value(l, y->n_in == 3 ? y->in[2] : y->in[1]);
    scl_lower_int(l, z.M);
    scl_lower_int(l, z.N);
    scl_lower_int(l, z.K);
    scl_lower_int(l, attr->trans_a);
    scl_lower_int(l, y->n_in == 3);
    scl_lower_int(l, (int)span);
    scl_lower_groups(l, scl_divide_up((size_t)z.N, (size_t)b.width),
                     scl_divide_up(scl_divide_up((size_t)z.M, (size_t)p.MR), span), splits, 1);
    scl_split_sum(l, y, part, splits, "elementwise.vec");
    return scl_lower_end(l);
}

bool scl_matmul_tile_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)y;
    return scl_tile_fits(facts);
}

int scl_matmul_tile(const struct scl_node *y, struct scl_lowering *l)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_matmul_size z = scl_matmul_size(y);
    const struct scl_tile tile = scl_tile_get(l, TILE);
    const size_t across = scl_divide_up((size_t)z.N, tile.n);
    const size_t down = scl_divide_up((size_t)z.M, tile.m);
    const size_t splits = scl_tile_splits(l, across * down, (size_t)z.K);
    const int part = scl_split_scratch(l, y, splits);

    scl_tile_begin(l, &tile, TILE, "matmul_tile");
    scl_split_output(l, y, part);
    scl_lower_value(l, y->in[0]);
    scl_lower_value(l, y->in[1]);
    scl_lower_value(l, y->n_in == 3 ? y->in[2] : y->in[1]);
    scl_lower_int(l, z.M);
    scl_lower_int(l, z.N);
    scl_lower_int(l, z.K);
    scl_lower_int(l, attr->trans_a);
    scl_lower_int(l, attr->trans_b);
    scl_lower_int(l, y->n_in == 3);
    scl_lower_groups(l, across, down, splits, tile.items);
    scl_split_sum(l, y, part, splits, "elementwise.tile");
    return scl_lower_end(l);
}

bool scl_matmul_clblast_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)facts;
    return y->n_in == 2;
}

int scl_matmul_clblast(const struct scl_node *y, struct scl_lowering *l)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_matmul_size z = scl_matmul_size(y);

    scl_lower_gemm(l,
                   (struct scl_gemm){ .m = z.M,
                                      .n = z.N,
                                      .k = z.K,
                                      .trans_a = attr->trans_a,
                                      .trans_b = attr->trans_b,
                                      .alpha = 1.0f },
                   y, y->in[0], y->in[1]);
    for (const struct scl_gemm_kernel *k = scl_gemm_kernels; k->name; k++)
        for (int i = 0; k->param[i]; i++)
            scl_lower_define(l, k->param[i], scl_lower_param(l, k->profile, k->param[i]));
    return scl_lower_end(l);
}
