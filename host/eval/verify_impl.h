/* verify_impl.h - one case with one choice of candidates. */
#ifndef SCL_EVAL_VERIFY_IMPL_H
#define SCL_EVAL_VERIFY_IMPL_H

#include "eval/verify.h"
#include "graph/case_run.h"
#include "plan/plan.h"

struct scl_verify_choice {
    const struct scl_op *op; /* with `candidate`: all nodes of this operator use it */
    const char *candidate;
    const char *family; /* or: this family wherever it can */
    bool reference;     /* or: the host's references */
    enum scl_class numeric;
    char text[160];
};

/* The graph of a case, without values; yours to free. */
int scl_verify_graph(struct scl_graph **out, bool *is_composite, const char *path);

/* Runs and compares. Fills line's errors and `held`; op[128] and tensor[256] get
 * names. Negative, with words, when it cannot be run. */
int scl_verify_one(struct scl_verify_line *line, char *op, char *tensor, struct scl_device *device,
                   const struct scl_verify_choice *choice);

#endif
