/* area_average.c - images at a smaller size, by the mean of what each pixel covers.
 *
 * Kernels and formulas: cl_kernels/area_average.cl.
 */
#include <limits.h>

#include "base/status.h"
#include "ops/launch_impl.h"
#include "ops/ops.h"

static int infer(struct scl_node *y)
{
    const struct scl_node *x = y->in[0];
    const int size = *(const int *)y->attr;

    if (x->shape.rank != 4)
        return scl_fail(SCL_SHAPE, "area_average: %s is %s, not [N, H, W, C]", x->name,
                        scl_shape_text(x->shape));
    if (size < 1 || size > x->shape.dim[1] || size > x->shape.dim[2] ||
        x->shape.dim[1] > SHRT_MAX || x->shape.dim[2] > SHRT_MAX)
        return scl_fail(SCL_SHAPE, "area_average: %s is %s; it cannot shrink to %d by %d", x->name,
                        scl_shape_text(x->shape), size, size);
    y->shape = SCL_SHAPE4(x->shape.dim[0], size, size, x->shape.dim[3]);
    return SCL_OK;
}

static int lower(const struct scl_node *y, struct scl_lowering *l, const char *key)
{
    const struct scl_shape x = y->in[0]->shape;
    const int size = y->shape.dim[1];

    scl_launch_rows(l, "area_average", "area_average", key, (size_t)x.dim[0] * (size_t)size);
    scl_lower_value(l, y);
    scl_lower_value(l, y->in[0]);
    scl_lower_int(l, x.dim[1]);
    scl_lower_int(l, x.dim[2]);
    scl_lower_int(l, size);
    scl_lower_int(l, x.dim[3]);
    return scl_lower_end(l);
}

static int lower_vec(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.vec");
}

static int lower_tile(const struct scl_node *y, struct scl_lowering *l)
{
    return lower(y, l, "rowwise.tile");
}

static const struct scl_candidate candidates[] = {
    { .name = "window.vec", .family = SCL_VEC, .lower = lower_vec },
    { .name = "window.tile", .family = SCL_TILE, .lower = lower_tile },
    { .name = NULL },
};

/* Pixel i of `size` covers first ... end - 1 of n. */
struct cover {
    int first, end;
};

static struct cover cover(int i, int n, int size)
{
    return (struct cover){ i * n / size, ((i + 1) * n + size - 1) / size };
}

static double mean(const double *x, int width, int channels, struct cover rows, struct cover cols)
{
    double sum = 0;

    for (int a = rows.first; a < rows.end; a++)
        for (int b = cols.first; b < cols.end; b++)
            sum += x[(a * width + b) * channels];
    return sum / (rows.end - rows.first) / (cols.end - cols.first);
}

static void reference(const struct scl_node *y, double *const in[], double *out)
{
    const struct scl_shape x = y->in[0]->shape;
    const int size = y->shape.dim[1], channels = x.dim[3];

    for (int n = 0; n < x.dim[0]; n++)
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
                for (int c = 0; c < channels; c++)
                    *out++ = mean(in[0] + (size_t)n * scl_shape_inner(x, 0) + c, x.dim[2], channels,
                                  cover(i, x.dim[1], size), cover(j, x.dim[2], size));
}

static double flops(const struct scl_node *y)
{
    return (double)scl_shape_count(y->in[0]->shape);
}

struct scl_node *scl_area_average(struct scl_graph *g, struct scl_node *x, int size)
{
    return scl_apply(g, &scl_op_area_average, 1, &x, &size, sizeof size);
}

const struct scl_op scl_op_area_average = {
    .name = "area_average",
    .n_in = 1,
    .infer = infer,
    .candidates = candidates,
    .reference = reference,
    .flops = flops,
};
