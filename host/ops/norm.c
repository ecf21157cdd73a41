/* norm.c - what the operators of a normalisation share: the view of x as [views, rows,
 * channels], the refusals, the launches that walk over all of x.
 */
#include <limits.h>
#include <math.h>

#include "base/status.h"
#include "graph/key.h"
#include "ops/norm_impl.h"
#include "ops/split_impl.h"
#include "ops/walk_impl.h"

struct scl_norm_in scl_norm_inputs(const struct scl_node *y)
{
    const struct scl_norm *norm = y->attr;
    struct scl_norm_in in = { .x = y->in[0], .stats = y->in[1] };

    if (norm->affine) {
        in.gamma = y->in[2];
        in.beta = y->in[3];
    }
    if (norm->residual)
        in.residual = y->in[y->n_in - 1];
    return in;
}

int scl_norm_channels(const struct scl_node *x)
{
    return x->shape.dim[x->shape.rank - 1];
}

static int check_channels(const char *what, const struct scl_node *p, const struct scl_node *x)
{
    if (p && (p->shape.rank != 1 || p->shape.dim[0] != scl_norm_channels(x)))
        return scl_fail(SCL_SHAPE, "%s: %s is %s, and %s is %s; it has a value for each channel",
                        what, p->name, scl_shape_text(p->shape), x->name, scl_shape_text(x->shape));
    return SCL_OK;
}

int scl_norm_check(struct scl_norm *norm, const char *what, const struct scl_norm_in *in)
{
    const struct scl_node *x = in->x;
    const struct scl_shape shape = x->shape;
    int rc;

    if ((shape.rank != 4 && shape.rank != 2) || x->type != SCL_F32 || !scl_shape_count(shape))
        return scl_fail(SCL_SHAPE, "%s: %s is %s, not [N, H, W, C] or [N, C] in fp32", what,
                        x->name, scl_shape_text(shape));
    if (scl_shape_count(shape) > INT_MAX)
        return scl_fail(SCL_SHAPE, "%s: %s is %s, which is %zu elements; 1 to 2^31 - 1 fit", what,
                        x->name, scl_shape_text(shape), scl_shape_count(shape));
    if (norm->views < 1 || shape.dim[0] % norm->views != 0)
        return scl_fail(SCL_SHAPE, "%s: %s is %s, which does not divide into %d views", what,
                        x->name, scl_shape_text(shape), norm->views);
    norm->rows = (int)(scl_shape_count(shape) / (size_t)scl_norm_channels(x)) / norm->views;
    if (!in->gamma != !in->beta)
        return scl_fail(SCL_SHAPE, "%s: gamma and beta go together", what);
    SCL_TRY(check_channels(what, in->gamma, x));
    SCL_TRY(check_channels(what, in->beta, x));
    if (in->residual && !scl_shape_equal(in->residual->shape, shape))
        return scl_fail(SCL_SHAPE, "%s: the residual %s is %s, and %s is %s; they have one shape",
                        what, in->residual->name, scl_shape_text(in->residual->shape), x->name,
                        scl_shape_text(shape));
    rc = SCL_OK;
out:
    return rc;
}

double scl_act_value(enum scl_act act, double v)
{
    if (act == SCL_ACT_RELU)
        return v < 0 ? 0 : v;
    return act == SCL_ACT_SILU ? v / (1 + exp(-v)) : v;
}

double scl_act_slope(enum scl_act act, double v)
{
    const double s = 1 / (1 + exp(-v));

    if (act == SCL_ACT_RELU)
        return v <= 0 ? 0 : 1;
    return act == SCL_ACT_SILU ? s * (1 + v * (1 - s)) : 1;
}

void scl_norm_key(char *out, size_t size, const struct scl_node *y)
{
    const struct scl_norm *norm = y->attr;

    scl_node_key_with(out, size, y, "v%dg%da%d%s%s%sl%d", norm->views, norm->together,
                      (int)norm->act, norm->affine ? "w" : "", norm->residual ? "r" : "",
                      norm->frozen ? "f" : "", norm->line);
}

int scl_norm_walk(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                  const struct scl_node *x, const struct scl_norm *norm)
{
    const int height = scl_walk_begin(l, file, kernel, key, (size_t)norm->rows,
                                      (size_t)scl_norm_channels(x), (size_t)norm->views);

    scl_lower_define(l, "ACT", (int)norm->act);
    scl_lower_define(l, "AFFINE", norm->affine);
    return height;
}

struct scl_norm_grid scl_norm_grid(struct scl_lowering *l, const char *key,
                                   const struct scl_node *x, const struct scl_norm *norm)
{
    struct scl_norm_grid grid = { .lanes = scl_lower_param(l, key, "LANES"),
                                  .nv = scl_lower_param(l, key, "NV"),
                                  .ci = scl_lower_param(l, key, "CI"),
                                  .ri = scl_lower_param(l, key, "RI"),
                                  .at_once = scl_lower_param(l, key, "ROWS"),
                                  .rows = norm->rows,
                                  .channels = scl_norm_channels(x),
                                  .views = norm->views };
    size_t parts, most, subs, width;

    while (grid.nv > 1 && grid.channels % (grid.lanes * grid.nv) != 0)
        grid.nv /= 2;
    width = (size_t)(grid.lanes * grid.nv * grid.ci);
    grid.most_blocks = scl_lower_param(l, key, "BLOCKS");
    grid.blocks =
        (int)scl_smaller((size_t)grid.most_blocks, scl_divide_up((size_t)grid.channels, width));
    width *= (size_t)grid.blocks;
    grid.sub = (int)scl_divide_up((size_t)scl_lower_param(l, key, "SPAN"), width);
    parts = scl_divide_up((size_t)grid.channels, width);
    most = scl_divide_up((size_t)scl_lower_param(l, key, "GROUPS"), parts * (size_t)grid.views);
    subs = scl_divide_up((size_t)grid.rows, (size_t)grid.sub);
    grid.chunk = grid.sub * (int)scl_divide_up(subs, most);
    grid.chunks = (int)scl_divide_up((size_t)grid.rows, (size_t)grid.chunk);
    return grid;
}

void scl_norm_begin(struct scl_lowering *l, const char *file, const char *kernel,
                    const struct scl_norm_grid *grid, bool join)
{
    const int of_item = grid->lanes * (join ? 1 : grid->nv * grid->blocks);
    const size_t width = (size_t)(of_item * grid->ci);

    scl_lower_begin(l, file, kernel);
    scl_lower_define(l, "LANES", grid->lanes);
    scl_lower_define(l, "NV", grid->nv);
    scl_lower_define(l, "BLOCKS", grid->most_blocks);
    scl_lower_define(l, "ROWS", grid->at_once);
    scl_lower_define(l, "CI", grid->ci);
    scl_lower_define(l, "RI", grid->ri);
    scl_lower_groups(l, join ? 1 : (size_t)grid->chunks,
                     scl_divide_up((size_t)grid->channels, width), (size_t)grid->views,
                     (size_t)(grid->ci * grid->ri));
}
