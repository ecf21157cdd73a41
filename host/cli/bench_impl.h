/* bench_impl.h - what the files of `scorecl bench` share: timed steps, and rows of a table. */
#ifndef SCL_CLI_BENCH_IMPL_H
#define SCL_CLI_BENCH_IMPL_H

#include "cli/cli.h"
#include "device/measure.h"
#include "train/phase.h"

/* What a row stands for. */
enum bench_by { BENCH_BY_NODE, BENCH_BY_CANDIDATE, BENCH_BY_OPERATOR };

/* Nodes of one operator (and candidate, chosen for one reason), or one node. */
struct bench_row {
    const struct scl_step *step; /* the first; of one node the one that took longest */
    int n_node;
    double ms, longest_ms;
    struct scl_cost cost;
    double bound_ms, traffic_ms; /* by the device's limits; the part of it that is traffic */
};

struct bench {
    struct scl_config config;
    struct scl_dataset *data;
    struct scl_device *device;
    struct scl_store *store;
    struct scl_phase_run phase;
    struct scl_limits limits;
    double *ms;      /* of each launch of a step */
    double *seconds; /* of each timed step, in rising order */
    int n_step;
};

/* Rows of one step, the longest first: yours to free. */
int bench_rows(struct bench_row **out, int *n, const struct bench *b, enum bench_by by);

/* The sum of them. */
struct bench_row bench_total(const struct bench_row row[], int n);

/* "conv2d": how a row of this kind begins. */
const char *bench_row_name(const struct bench_row *row, enum bench_by by);

/* "MR=4 NV=2 ": what the row's kernel was built with. */
const char *bench_row_params(char *out, size_t size, const struct bench_row *row);

static inline double bench_median(const struct bench *b)
{
    return b->seconds[b->n_step / 2];
}

int bench_print_text(const struct bench *b, enum bench_by by);
int bench_print_json(const struct bench *b, enum bench_by by);

#endif
