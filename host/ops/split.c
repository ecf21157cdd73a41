/* split.c - dealing work to groups, and sums that are split between them. */
#include "ops/split_impl.h"

#include "base/status.h"
#include "ops/launch_impl.h"

size_t scl_enough_groups(const struct scl_lowering *l)
{
    return 8 * (size_t)(l->facts->compute_units > 0 ? l->facts->compute_units : 1);
}

int scl_split_scratch(struct scl_lowering *l, const struct scl_node *y, size_t splits)
{
    if (splits < 2)
        return -1;
    return scl_lower_scratch(l, splits * scl_shape_count(y->shape) * sizeof(float));
}

void scl_split_output(struct scl_lowering *l, const struct scl_node *y, int part)
{
    if (part < 0)
        scl_lower_value(l, y);
    else
        scl_lower_use(l, part);
}

/* An item to a few floats of y would leave a GPU idle while it adds many splits one by one. */
static bool begin_column(struct scl_lowering *l, size_t n, size_t splits)
{
    static const char *const key = "split_sum.tile";
    const int lanes = scl_lower_param(l, key, "LANES"), ci = scl_lower_param(l, key, "CI");
    const int ri = scl_lower_param(l, key, "RI");

    if (2 * splits < (size_t)ri)
        return false;
    scl_lower_begin(l, "split_sum", "split_column");
    scl_lower_define(l, "LANES", lanes);
    scl_lower_define(l, "CI", ci);
    scl_lower_define(l, "RI", ri);
    scl_lower_groups(l, scl_divide_up(n, (size_t)(lanes * ci)), 1, 1, (size_t)(ci * ri));
    return true;
}

void scl_split_add(struct scl_lowering *l, const struct scl_node *y, int part, size_t splits,
                   bool adds, const char *key)
{
    const size_t n = scl_shape_count(y->shape);

    if (part < 0)
        return;
    if (scl_lower_param(l, key, "WG") == 1 || !begin_column(l, n, splits))
        scl_launch_spans(l, "split_sum", "split_sum", key, n);
    scl_lower_value(l, y);
    scl_lower_use(l, part);
    scl_lower_int(l, (int)n);
    scl_lower_int(l, (int)splits);
    scl_lower_int(l, adds);
}

void scl_split_sum(struct scl_lowering *l, const struct scl_node *y, int part, size_t splits,
                   const char *key)
{
    scl_split_add(l, y, part, splits, false, key);
}

/* What TILE_PRODUCT takes for granted; matrix units take warps of 8 RM by 4 RN. */
static void check_tile(struct scl_lowering *l, const struct scl_tile *t, const char *key)
{
    const int items = (int)t->items, loads = items * t->VW;
    const bool warps =
        t->by != SCL_BY_WARPS || (t->TM % (8 * t->RM) == 0 && t->TN % (4 * t->RN) == 0 &&
                                  t->RM % 2 == 0 && t->RN % 2 == 0 && t->TK % 8 == 0);

    if (t->TM % t->RM == 0 && t->TN % t->RN == 0 && t->RN % t->LV == 0 && t->TK % t->VW == 0 &&
        t->TM * t->TK % loads == 0 && t->TN * t->TK % loads == 0 && items % (t->TK / t->VW) == 0 &&
        warps)
        return;
    l->rc = scl_fail(SCL_CONFIG,
                     "%s: TM=%d TN=%d TK=%d RM=%d RN=%d VW=%d LV=%d: %d items cannot share the "
                     "tiles evenly",
                     key, t->TM, t->TN, t->TK, t->RM, t->RN, t->VW, t->LV, items);
}

/* A sub-group's tile follows from what its items have; their columns lie as they are loaded. */
struct scl_tile scl_tile_get(struct scl_lowering *l, const char *key, bool in_fours,
                             enum scl_tile_by by)
{
    const bool sub = by == SCL_BY_SUBGROUP, items = by == SCL_BY_ITEMS;
    const int size = sub ? scl_lower_param(l, key, "SUB") : 0;
    struct scl_tile t = { .TM = sub ? 0 : scl_lower_param(l, key, "TM"),
                          .TN = sub ? 0 : scl_lower_param(l, key, "TN"),
                          .TK = scl_lower_param(l, key, "TK"),
                          .RM = scl_lower_param(l, key, "RM"),
                          .RN = scl_lower_param(l, key, "RN"),
                          .VW = scl_lower_param(l, key, "VW"),
                          .LV = items ? scl_lower_param(l, key, "LV") : 1,
                          .PAD = items ? scl_lower_param(l, key, "PAD") : 0,
                          .BUFFERS = sub ? 1 : scl_lower_param(l, key, "BUFFERS"),
                          .by = by };

    if (!in_fours)
        t.VW = 1;
    if (sub) {
        t.TM = t.RM;
        t.TN = t.RN * size;
        t.LV = t.VW;
        t.PAD = 1;
    }
    t.m = (size_t)t.TM;
    t.n = (size_t)t.TN;
    t.items = (size_t)(t.TM / t.RM) * (size_t)(t.TN / t.RN);
    if (l->rc == SCL_OK)
        check_tile(l, &t, key);
    return t;
}

void scl_tile_begin(struct scl_lowering *l, const struct scl_tile *tile, const char *file,
                    const char *kernel)
{
    scl_lower_begin(l, file, kernel);
    scl_lower_define(l, "TM", tile->TM);
    scl_lower_define(l, "TN", tile->TN);
    scl_lower_define(l, "TK", tile->TK);
    scl_lower_define(l, "RM", tile->RM);
    scl_lower_define(l, "RN", tile->RN);
    scl_lower_define(l, "VW", tile->VW);
    if (tile->by == SCL_BY_WARPS) {
        scl_lower_define(l, "MMA", 1);
    } else {
        scl_lower_define(l, "LV", tile->LV);
        scl_lower_define(l, "PAD", tile->PAD);
    }
    if (tile->by == SCL_BY_SUBGROUP)
        scl_lower_define(l, "SUB", (int)tile->items);
    scl_lower_define(l, "BUFFERS", tile->BUFFERS);
}

void scl_tile_slice(struct scl_lowering *l, double flops)
{
    const double most = 1e9 * scl_lower_param(l, "slice.tile", "GFLOP");

    scl_lower_slices(l, (size_t)(flops / most) + 1);
}

bool scl_tile_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    (void)y;
    return facts->max_group >= 256 && facts->local_bytes >= 16384;
}

bool scl_subgroup_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    return (facts->has_subgroups || facts->is_cpu) && scl_tile_accepts(y, facts);
}

bool scl_mma_accepts(const struct scl_node *y, const struct scl_facts *facts)
{
    return (facts->has_tf32 || facts->is_cpu) && scl_tile_accepts(y, facts) &&
           facts->local_bytes >= 32768;
}

/* A split sums at least 256 terms, or its second pass costs more than it gains. */
size_t scl_tile_splits(const struct scl_lowering *l, size_t groups, size_t depth)
{
    const size_t wanted = scl_divide_up(scl_enough_groups(l), groups);

    return scl_larger(1, scl_smaller(wanted, depth / 256));
}
