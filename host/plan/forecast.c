/* forecast.c - how fast a plan could run at best. */
#include "plan/plan.h"

static double bytes_of(const struct scl_node *y)
{
    return (double)scl_shape_count(y->shape) * (double)scl_dtype_bytes(y->type);
}

double scl_plan_forecast(const struct scl_plan *plan, double gflops, double copy_gbps)
{
    const struct scl_node *last = NULL;
    double seconds = 0;

    for (int s = 0; s < plan->n_step; s++) {
        const struct scl_node *y = plan->step[s].node;
        const double work = plan->step[s].candidate->work;
        double bytes = bytes_of(y), arithmetic, traffic;

        if (y == last)
            continue;
        last = y;
        for (int i = 0; i < y->n_in; i++)
            bytes += bytes_of(y->in[i]);
        arithmetic = (work > 0 ? work : 1) * scl_node_flops(y) * 1e-9 / gflops;
        traffic = bytes * 1e-9 / copy_gbps;
        seconds += arithmetic > traffic ? arithmetic : traffic;
    }
    return seconds;
}
