/* verify.h - conformance cases run on a device, and what came of them.
 *
 *     SCL_TRY(scl_verify_run(&summary, device, "tests/cases", &spec, print_line, stdout));
 *
 * A case is run with the plan's own choice, or with every candidate of every
 * operator in its graph (composites: with every family). Cases that cannot be run
 * are failures that say why; the rest still run. What the host's references make of a case
 * tells a case that is wrong from a device that is.
 */
#ifndef SCL_EVAL_VERIFY_H
#define SCL_EVAL_VERIFY_H

#include <stdbool.h>

#include "device/device.h"
#include "graph/op.h"

struct scl_verify_spec {
    bool all_candidates;
    bool reference;         /* on the host, by the operators' references: needs no device */
    enum scl_class numeric; /* which candidates */
};

/* One case with one candidate. */
struct scl_verify_line {
    bool held;
    const char *op, *path;
    const char *candidate;       /* "conv2d=direct.vec", "family=vec", "plan", or "reference" */
    double abs_error, rel_error; /* the largest of all tensors */
    const char *tensor;          /* the one that failed, or has the largest error */
    const char *words;           /* why it could not be run, or NULL */
};

struct scl_verify_summary {
    int n_case, n_held, n_failed;
};

/* `path` is a case, or a folder with cases below it, or "builtin:": the cases that the
 * program carries in itself. Adds to the summary. SCL_OK also when cases fail. */
int scl_verify_run(struct scl_verify_summary *summary, struct scl_device *device, const char *path,
                   const struct scl_verify_spec *spec,
                   void (*line)(void *user, const struct scl_verify_line *line), void *user);

#endif
