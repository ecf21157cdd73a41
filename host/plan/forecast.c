/* forecast.c - how fast a plan could run at best. */
#include "plan/plan.h"

struct scl_cost scl_step_cost(const struct scl_step *step)
{
    const struct scl_node *y = step->node;
    const double work = step->candidate->work;
    struct scl_cost cost = { .flops = scl_node_flops(y), .bytes = (double)scl_node_bytes(y) };

    cost.least_flops = (work > 0 ? work : 1) * cost.flops;
    for (int i = 0; i < y->n_in; i++) /* what is changed where it lies is read and written */
        cost.bytes += (y->op->writes >> i & 1 ? 2 : 1) * (double)scl_node_bytes(y->in[i]);
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
