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

/* What a case leads to, without values. */
struct scl_case_graph {
    struct scl_case *c;
    struct scl_graph *g;
    struct scl_node **grad; /* by entry; NULL: not stored, or 0 */
    bool is_composite;      /* no operator's own case */
};

/* Types and shapes that the case stores are compared with those that its attributes lead to. After
 * a failure out->c may be there, for its operation's name; scl_case_graph_fini() in any case. */
int scl_case_graph_open(struct scl_case_graph *out, const char *path);
void scl_case_graph_fini(struct scl_case_graph *r);

/* The tensor of an entry that is no output. */
const struct scl_tensor *scl_case_graph_stored(const struct scl_case_graph *r,
                                               const struct scl_case_entry *e);

/* "grad.param" or "grad.in": how the names of an entry's gradients begin. */
const char *scl_case_gradient_kind(const struct scl_case_entry *e);

/* Type and shape are the node's; of a tensor with a row for each run, from number `skip` on. */
int scl_case_graph_check(const struct scl_case_graph *r, const struct scl_tensor *t, int skip,
                         const struct scl_node *node, enum scl_case_layout layout);

/* Runs and compares. Fills line's errors and `held`; op[128] and tensor[256] get
 * names. Negative, with words, when it cannot be run. */
int scl_verify_one(struct scl_verify_line *line, char *op, char *tensor, struct scl_device *device,
                   const struct scl_verify_choice *choice);

#endif
