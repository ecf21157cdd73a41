/* bench_rows.c - where a step's time goes, node by node or together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/bench_impl.h"

/* Whether two choices of a candidate were made for one reason. */
static bool is_from_same(const struct scl_decided *a, const struct scl_decided *b)
{
    return a->origin == b->origin && (!a->from || strcmp(a->from, b->from) == 0);
}

static bool is_of(const struct bench_row *row, const struct scl_step *s, enum bench_by by)
{
    if (by == BENCH_BY_NODE)
        return row->step->node == s->node;
    return row->step->node->op == s->node->op &&
           (by == BENCH_BY_OPERATOR ||
            (row->step->by->candidate == s->by->candidate && is_from_same(row->step->by, s->by)));
}

static struct bench_row *find_row(struct bench_row row[], int *n, const struct scl_step *s,
                                  enum bench_by by)
{
    for (int i = 0; i < *n; i++)
        if (is_of(&row[i], s, by))
            return &row[i];
    row[*n] = (struct bench_row){ .step = s };
    return &row[(*n)++];
}

static void add_cost(struct bench_row *row, const struct scl_step *s,
                     const struct scl_limits *limits)
{
    const struct scl_cost cost = scl_step_cost(s);
    bool is_traffic;
    const double ms = 1e3 * scl_cost_seconds(&cost, limits->gflops, limits->copy_gbps, &is_traffic);

    row->n_node++;
    row->cost.flops += cost.flops;
    row->cost.least_flops += cost.least_flops;
    row->cost.bytes += cost.bytes;
    row->bound_ms += ms;
    row->traffic_ms += is_traffic ? ms : 0;
}

static int longest_first(const void *a, const void *b)
{
    const double x = ((const struct bench_row *)a)->ms, y = ((const struct bench_row *)b)->ms;

    return (x < y) - (x > y);
}

int bench_rows(struct bench_row **out, int *n, const struct bench *b, enum bench_by by)
{
    const struct scl_plan *plan = b->phase.plan;
    struct bench_row *row = calloc((size_t)plan->n_step + 1, sizeof *row);
    const struct scl_node *last = NULL;

    *n = 0;
    if (!(*out = row))
        return scl_fail(SCL_NOMEM, "out of memory for %d launches", plan->n_step);
    for (int i = 0; i < plan->n_step; i++) {
        const struct scl_step *s = &plan->step[i];
        struct bench_row *r = find_row(row, n, s, by);

        r->ms += b->ms[i];
        if (by == BENCH_BY_NODE && b->ms[i] > r->longest_ms) {
            r->longest_ms = b->ms[i];
            r->step = s;
        }
        if (s->node != last) /* one that takes several launches costs once */
            add_cost(r, s, &b->limits);
        last = s->node;
    }
    qsort(row, (size_t)*n, sizeof *row, longest_first);
    return SCL_OK;
}

struct bench_row bench_total(const struct bench_row row[], int n)
{
    struct bench_row all = { 0 };

    for (int i = 0; i < n; i++) {
        all.n_node += row[i].n_node;
        all.ms += row[i].ms;
        all.cost.flops += row[i].cost.flops;
        all.cost.least_flops += row[i].cost.least_flops;
        all.cost.bytes += row[i].cost.bytes;
        all.bound_ms += row[i].bound_ms;
        all.traffic_ms += row[i].traffic_ms;
    }
    return all;
}

const char *bench_row_name(const struct bench_row *row, enum bench_by by)
{
    return by == BENCH_BY_NODE ? row->step->node->name : row->step->node->op->name;
}

const char *bench_row_params(char *out, size_t size, const struct bench_row *row)
{
    const char *from = row->step->launch->defines;
    size_t n = 0;

    for (; from && *from && n + 1 < size; from++) {
        if (strncmp(from, "-D", 2) == 0)
            from += 2;
        out[n++] = *from;
    }
    out[n - (n > 0 && out[n - 1] == ' ')] = '\0';
    return out;
}
