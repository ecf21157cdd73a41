/* pieces.c - rows that were computed in pieces of a batch, as those of the whole. */
#include "ops/ops.h"
#include "train/encoder_step_impl.h"

/* In halves: side by side one after another, the first would be copied for each of the others. */
struct scl_node *scl_pieces_join(struct scl_graph *g, int n_piece, struct scl_node *const piece[])
{
    const int half = n_piece / 2;

    if (n_piece == 1)
        return piece[0];
    return scl_concat(g, scl_pieces_join(g, half, piece),
                      scl_pieces_join(g, n_piece - half, piece + half), 0);
}

struct scl_node *scl_pieces_sort(struct scl_graph *g, struct scl_node *x, int n_piece, int n_views)
{
    const int rows = x ? x->shape.dim[0] : 0, n = rows / n_views, m = n / n_piece;
    int32_t *from;

    if (n_piece == 1 || !x)
        return x;
    if (!(from = scl_graph_keep(g, NULL, (size_t)rows * sizeof *from)))
        return NULL;
    for (int v = 0; v < n_views; v++)
        for (int i = 0; i < n; i++)
            from[v * n + i] = (i / m * n_views + v) * m + i % m;
    return scl_gather_rows(g, x, scl_constant(g, "pieces", SCL_I32, SCL_SHAPE1(rows), from));
}
