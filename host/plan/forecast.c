/* forecast.c - how fast a plan could run at best. */
#include "plan/plan.h"

static double bytes_of(const struct scl_node *y)
{
    return (double)scl_shape_count(y->shape) * (double)scl_dtype_bytes(y->type);
}

double scl_node_forecast(const struct scl_node *y, const struct scl_candidate *candidate,
                         double gflops, double copy_gbps)
{
    const double work = candidate->work > 0 ? candidate->work : 1;
    const double arithmetic = work * scl_node_flops(y) * 1e-9 / gflops;
    double bytes = bytes_of(y), traffic;

    for (int i = 0; i < y->n_in; i++)
        bytes += bytes_of(y->in[i]);
    traffic = bytes * 1e-9 / copy_gbps;
    return arithmetic > traffic ? arithmetic : traffic;
}

double scl_plan_forecast(const struct scl_plan *plan, double gflops, double copy_gbps)
{
    const struct scl_node *last = NULL;
    double seconds = 0;

    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_step *step = &plan->step[s];

        if (step->node != last)
            seconds += scl_node_forecast(step->node, step->candidate, gflops, copy_gbps);
        last = step->node;
    }
    return seconds;
}
