/* matmul.c - dense products of matrices: shapes, gradients, cases.
 *
 * Kernels and formulas: cl_kernels/matmul/. Launches: matmul_lower.c.
 */
#include "base/status.h"
#include "graph/case.h"
#include "graph/key.h"
#include "ops/matmul_impl.h"
#include "ops/ops.h"

struct scl_matmul_size scl_matmul_size(const struct scl_node *y)
{
    const struct scl_matmul_attr *attr = y->attr;

    return (struct scl_matmul_size){ .M = y->shape.dim[0],
                                     .N = y->shape.dim[1],
                                     .K = y->in[0]->shape.dim[attr->trans_a ? 0 : 1] };
}

/* Shared with linear, whose matrices lie as they are and which may have a bias. */
static int infer(struct scl_node *y)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_shape a = y->in[0]->shape, b = y->in[1]->shape;
    const int ta = attr->trans_a, tb = attr->trans_b;

    if (a.rank != 2 || b.rank != 2)
        return scl_fail(SCL_SHAPE, "%s: %s by %s; two matrices are wanted", y->op->name,
                        scl_shape_text(a), scl_shape_text(b));
    if (a.dim[!ta] != b.dim[tb])
        return scl_fail(SCL_SHAPE, "%s: %s%s by %s%s: sums over %d and over %d", y->op->name,
                        scl_shape_text(a), ta ? " transposed" : "", scl_shape_text(b),
                        tb ? " transposed" : "", a.dim[!ta], b.dim[tb]);
    y->shape = SCL_SHAPE2(a.dim[ta], b.dim[!tb]);
    if (y->n_in == 3 && !scl_shape_equal(y->in[2]->shape, SCL_SHAPE1(y->shape.dim[1])))
        return scl_fail(SCL_SHAPE, "%s: the bias is %s, not [%d]", y->op->name,
                        scl_shape_text(y->in[2]->shape), y->shape.dim[1]);
    return SCL_OK;
}

/* With Y = A B: dA = dY B^T, dB = A^T dY; a transposed operand wants the transpose. */
static int grad(struct scl_graph *g, struct scl_node *y, struct scl_node *dy, const bool want[],
                struct scl_node *dx[])
{
    const struct scl_matmul_attr *attr = y->attr;
    const bool ta = attr->trans_a, tb = attr->trans_b;
    struct scl_node *a = y->in[0], *b = y->in[1];

    if (want[0])
        dx[0] = ta ? scl_matmul(g, b, dy, tb, true) : scl_matmul(g, dy, b, false, !tb);
    if (want[1])
        dx[1] = tb ? scl_matmul(g, dy, a, true, ta) : scl_matmul(g, a, dy, !ta, false);
    if (y->n_in == 3 && want[2])
        dx[2] = scl_column_sum(g, dy);
    return scl_graph_check(g);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_matmul_attr *attr = y->attr;
    const struct scl_matmul_size z = scl_matmul_size(y);
    const size_t M = (size_t)z.M, N = (size_t)z.N, K = (size_t)z.K;

    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            double sum = y->n_in == 3 ? in[2][n] : 0;

            for (size_t k = 0; k < K; k++)
                sum += in[0][attr->trans_a ? k * M + m : m * K + k] *
                       in[1][attr->trans_b ? n * K + k : k * N + n];
            out[m * N + n] = sum;
        }
}

static double flops(const struct scl_node *y)
{
    const struct scl_matmul_size z = scl_matmul_size(y);

    return 2.0 * z.M * z.N * z.K;
}

static int matmul_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *a = scl_case_input(g, c, "a", SCL_CASE_PLAIN);
    struct scl_node *b = scl_case_input(g, c, "b", SCL_CASE_PLAIN);
    const bool trans_a = scl_case_bool(c, "trans_a", false);
    const bool trans_b = scl_case_bool(c, "trans_b", false);

    scl_case_output(g, c, "y", scl_matmul(g, a, b, trans_a, trans_b), SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

static int linear_case(struct scl_graph *g, struct scl_case *c)
{
    struct scl_node *x = scl_case_input(g, c, "x", SCL_CASE_PLAIN);
    struct scl_node *w = scl_case_input(g, c, "weight", SCL_CASE_LINEAR);
    struct scl_node *bias = scl_case_optional(g, c, "bias", SCL_CASE_PLAIN);

    scl_case_output(g, c, "y", scl_linear(g, x, w, bias), SCL_CASE_PLAIN);
    return scl_graph_check(g);
}

struct scl_node *scl_matmul(struct scl_graph *g, struct scl_node *a, struct scl_node *b,
                            bool trans_a, bool trans_b)
{
    const struct scl_matmul_attr attr = { .trans_a = trans_a, .trans_b = trans_b };
    struct scl_node *in[] = { a, b };

    return scl_apply(g, &scl_op_matmul, 2, in, &attr, sizeof attr);
}

struct scl_node *scl_linear(struct scl_graph *g, struct scl_node *x, struct scl_node *w,
                            struct scl_node *bias)
{
    const struct scl_matmul_attr attr = { .trans_a = false };
    struct scl_node *in[] = { x, w, bias };

    return scl_apply(g, &scl_op_linear, bias ? 3 : 2, in, &attr, sizeof attr);
}

static void node_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_matmul_attr *attr = y->attr;

    scl_node_key_with(out, size, y, "a%db%d", attr->trans_a, attr->trans_b);
}

static const struct scl_candidate candidates[] = {
    { .name = "direct.vec", .family = SCL_VEC, .lower = scl_matmul_vec },
    { .name = "direct.tile",
      .family = SCL_TILE,
      .accepts = scl_tile_accepts,
      .lower = scl_matmul_tile },
    { .name = "direct.mma",
      .family = SCL_MMA,
      .numeric = SCL_CLASS_TF32,
      .accepts = scl_mma_accepts,
      .lower = scl_matmul_mma },
    { .name = "direct.subgroup",
      .family = SCL_SUBGROUP,
      .accepts = scl_subgroup_accepts,
      .lower = scl_matmul_subgroup },
    { .name = "gemm.clblast",
      .family = SCL_CLBLAST,
      .accepts = scl_matmul_clblast_accepts,
      .lower = scl_matmul_clblast },
    { .name = NULL },
};

const struct scl_op scl_op_matmul = {
    .name = "matmul",
    .n_in = 2,
    .product = true,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
    .from_case = matmul_case,
};

const struct scl_op scl_op_linear = {
    .name = "linear",
    .n_in = -1,
    .product = true,
    .infer = infer,
    .grad = grad,
    .key = node_key,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
    .from_case = linear_case,
};
