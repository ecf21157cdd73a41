/* memory.c - who lies where: lifetimes first, then offsets. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "plan/plan_impl.h"

static size_t round_up(size_t bytes, size_t align)
{
    return (bytes + align - 1) / align * align;
}

static int larger_first(const void *a, const void *b)
{
    const struct scl_tenant *x = *(struct scl_tenant *const *)a,
                            *y = *(struct scl_tenant *const *)b;

    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x > y) - (x < y); /* in the order of the graph: the plan is the same each time */
}

static int lower_first(const void *a, const void *b)
{
    const struct scl_tenant *x = *(struct scl_tenant *const *)a,
                            *y = *(struct scl_tenant *const *)b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The lowest offset in `buffer` where t fits among those placed before it. */
static size_t lowest_gap(const struct scl_tenant *t, int buffer, struct scl_tenant **placed,
                         int n_placed, struct scl_tenant **near, size_t align)
{
    size_t at = 0;
    int n = 0;

    for (int i = 0; i < n_placed; i++)
        if (placed[i]->buffer == buffer && placed[i]->first <= t->last &&
            t->first <= placed[i]->last)
            near[n++] = placed[i];
    qsort(near, (size_t)n, sizeof(struct scl_tenant *), lower_first);
    for (int i = 0; i < n; i++) {
        if (at + t->bytes <= near[i]->offset)
            break;
        if (near[i]->offset + near[i]->bytes > at)
            at = round_up(near[i]->offset + near[i]->bytes, align);
    }
    return at;
}

static int refuse_size(const struct scl_tenant *t, size_t limit)
{
    return scl_fail(SCL_CONFIG,
                    "%s needs %.1f MiB in one piece, and the device gives %.1f MiB; a smaller "
                    "train.batch would fit",
                    t->node ? t->node->name : "scratch", (double)t->bytes / 0x1p20,
                    (double)limit / 0x1p20);
}

int scl_memory_place(struct scl_plan *plan, struct scl_tenant *tenant, int n, bool separate)
{
    const size_t align = scl_facts_align(plan->facts);
    const size_t limit = plan->facts->max_alloc_bytes, guard = plan->guard_bytes;
    struct scl_tenant **order = malloc((size_t)(n + 1) * sizeof *order);
    struct scl_tenant **near = malloc((size_t)(n + 1) * sizeof *near);
    int rc = SCL_OK;

    plan->buffer_bytes = scl_arena_alloc(&plan->arena, (size_t)(n + 1) * sizeof(size_t));
    if (!order || !near || !plan->buffer_bytes) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a plan of %d values", n);
        goto out;
    }
    for (int i = 0; i < n; i++)
        order[i] = &tenant[i];
    qsort(order, (size_t)n, sizeof *order, larger_first);
    for (int i = 0; i < n; i++) {
        struct scl_tenant *t = order[i];

        if (t->bytes + 2 * guard > limit) {
            rc = refuse_size(t, limit);
            goto out;
        }
        t->buffer = separate ? plan->n_buffer : 0;
        while ((t->offset = lowest_gap(t, t->buffer, order, i, near, align)) + t->bytes +
                   2 * guard >
               limit)
            t->buffer++;
        t->offset += guard;
        if (t->buffer >= plan->n_buffer)
            plan->n_buffer = t->buffer + 1;
        if (plan->buffer_bytes[t->buffer] < t->offset + t->bytes + guard)
            plan->buffer_bytes[t->buffer] = t->offset + t->bytes + guard;
    }
out:
    free(near);
    free(order);
    return rc;
}
