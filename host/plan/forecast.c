/* forecast.c - how fast a plan could run at best. */
#include "plan/plan.h"

static bool is_on_the_way(const struct scl_step *step, const struct scl_node *x)
{
    const struct scl_absorbed *a = step->absorbed;

    while (a && a->node != x)
        a = a->next;
    return a || x == step->node;
}

/* What is changed where it lies is read and written; what is computed on the way is not read. */
static double bytes_read(const struct scl_step *step, const struct scl_node *y)
{
    double bytes = 0;

    for (int i = 0; i < y->n_in; i++)
        if (!is_on_the_way(step, y->in[i]))
            bytes += (y->op->writes >> i & 1 ? 2 : 1) * (double)scl_node_bytes(y->in[i]);
    return bytes;
}

struct scl_cost scl_step_cost(const struct scl_step *step)
{
    const struct scl_node *y = step->node;
    const double work = step->by->candidate->work;
    struct scl_cost cost = { .flops = scl_node_flops(y), .bytes = bytes_read(step, y) };

    cost.least_flops = (work > 0 ? work : 1) * cost.flops;
    if (!step->unread)
        cost.bytes += (double)scl_node_bytes(y);
    for (const struct scl_absorbed *a = step->absorbed; a; a = a->next) {
        cost.flops += scl_node_flops(a->node);
        cost.least_flops += scl_node_flops(a->node);
        cost.bytes +=
            bytes_read(step, a->node) + (a->written ? (double)scl_node_bytes(a->node) : 0);
    }
    return cost;
}

double scl_cost_seconds(const struct scl_cost *cost, double gflops, double copy_gbps,
                        bool *is_traffic)
{
    const double arithmetic = cost->least_flops * 1e-9 / gflops;
    const double traffic = cost->bytes * 1e-9 / copy_gbps;

    if (is_traffic)
        *is_traffic = traffic > arithmetic;
    return arithmetic > traffic ? arithmetic : traffic;
}

double scl_plan_forecast(const struct scl_plan *plan, double gflops, double copy_gbps)
{
    const struct scl_node *last = NULL;
    double seconds = 0;

    for (int s = 0; s < plan->n_step; s++) {
        struct scl_cost cost;

        if (plan->step[s].node == last)
            continue;
        last = plan->step[s].node;
        cost = scl_step_cost(&plan->step[s]);
        seconds += scl_cost_seconds(&cost, gflops, copy_gbps, NULL);
    }
    return seconds;
}
