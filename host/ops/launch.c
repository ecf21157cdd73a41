/* launch.c - groups and parameters of row-wise, element-wise and two-stage launches. */
#include "ops/launch_impl.h"

#include "graph/graph.h"

/* Begins the launch, defines WG and LANES, and returns WG. */
static size_t begin(struct scl_lowering *l, const char *file, const char *kernel, const char *key)
{
    const int wg = scl_lower_param(l, key, "WG");

    scl_lower_begin(l, file, kernel);
    scl_lower_define(l, "WG", wg);
    scl_lower_define(l, "LANES", scl_lower_param(l, key, "LANES"));
    return (size_t)wg;
}

void scl_launch_rows(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                     size_t rows)
{
    const size_t wg = begin(l, file, kernel, key);

    scl_lower_groups(l, rows, 1, 1, wg);
}

void scl_launch_spans(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                      size_t n)
{
    const size_t wg = begin(l, file, kernel, key);
    const int span = scl_lower_param(l, key, "SPAN");
    const size_t of_group = (size_t)span * wg;

    scl_lower_define(l, "SPAN", span);
    scl_lower_groups(l, (n + of_group - 1) / of_group, 1, 1, wg);
}

void scl_launch_blocks(struct scl_lowering *l, const char *file, const char *kernel,
                       const char *key, size_t blocks)
{
    const size_t wg = begin(l, file, kernel, key);

    scl_lower_define(l, "BLOCK", scl_lower_param(l, key, "BLOCK"));
    scl_lower_groups(l, blocks, 1, 1, wg);
}

void scl_launch_past(struct scl_lowering *l, const char *key, const struct scl_node *y)
{
    const size_t kib = (size_t)scl_lower_param(l, key, "STREAM");
    const int width = y->shape.dim[y->shape.rank - 1];

    scl_lower_int(l, kib && scl_node_bytes(y) >> 10 >= kib && width % 16 == 0 && !y->base);
}

size_t scl_launch_block_count(struct scl_lowering *l, const char *key, size_t n)
{
    const size_t block = (size_t)scl_lower_param(l, key, "BLOCK");

    return (n + block - 1) / block;
}

void scl_launch_total(struct scl_lowering *l, const struct scl_node *y, int part, size_t n,
                      double scale, const char *key)
{
    scl_launch_rows(l, "total", "total", key, 1);
    scl_lower_value(l, y);
    scl_lower_use(l, part);
    scl_lower_int(l, (int)n);
    scl_lower_float(l, (float)scale);
}
