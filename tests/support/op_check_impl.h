/* op_check_impl.h - what the files of op_check.h share. */
#ifndef SCL_SUPPORT_OP_CHECK_IMPL_H
#define SCL_SUPPORT_OP_CHECK_IMPL_H

#include "device/exec.h"
#include "device/store.h"
#include "graph/evaluate.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

/* Values for inputs and states that a float has exactly, so that host and device begin alike. */
void check_draw(struct scl_values *v);

/* Those values to a device; store: the states'. */
void check_upload(struct scl_exec *exec, struct scl_store *store, const struct scl_values *start);

/* The values of y that `candidate` gave, in y's type, against those wanted. With `spreads`, what is
 * not finite may be in more elements than are wanted. */
void check_compare(const struct scl_node *y, const void *got, const double *want,
                   const char *candidate, bool spreads, double tolerance);

/* Every candidate of every operator, against the references, by what out[n] hold. */
void check_all(struct scl_graph *g, int n, struct scl_node *const out[], double tolerance);

#endif
