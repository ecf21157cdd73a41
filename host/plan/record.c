/* record.c - what a plan chose, as decisions: a resume asks for the same. */
#include <string.h>

#include "base/status.h"
#include "graph/key.h"
#include "plan/plan.h"

static int record_node(struct scl_decisions *record, const struct scl_plan *plan,
                       const struct scl_decided *by)
{
    char device[SCL_KEY_BYTES], driver[SCL_DRIVER_BYTES], key[SCL_NODE_KEY_BYTES];
    char hash[SCL_KERNEL_HASH_BYTES];
    int rc;

    SCL_TRY(scl_kernel_hash(hash, by->launch));
    scl_device_key(device, sizeof device, plan->facts);
    scl_node_key(key, by->node);
    rc = scl_decisions_put(
        record, &(struct scl_decision){ .device = device,
                                        .driver = scl_driver_text(driver, plan->facts),
                                        .node = key,
                                        .plan = by->chosen,
                                        .numeric = scl_class_text(by->candidate->numeric),
                                        .ms = -1,
                                        .max_error = -1,
                                        .share = -1,
                                        .hash = hash,
                                        .origin = by->origin,
                                        .from = by->from,
                                        .version = SCL_VERSION });
out:
    return rc;
}

int scl_plan_record(struct scl_decisions *record, const struct scl_plan *plan)
{
    int rc = SCL_OK;

    for (int i = 0; i < plan->n_decided; i++)
        SCL_TRY(record_node(record, plan, &plan->decided[i]));
out:
    return rc;
}

const char *scl_plan_remark(char out[SCL_PLAN_REMARK_BYTES], const struct scl_plan *plan)
{
    out[0] = '\0';
    if (plan->is_record && plan->n_unkept > 0)
        snprintf(out, SCL_PLAN_REMARK_BYTES,
                 "%d nodes cannot be computed as before, %.80s the first: from here on the bits of "
                 "this run do not repeat",
                 plan->n_unkept, plan->unkept->name);
    else if (plan->is_record && plan->n_stale > 0)
        snprintf(out, SCL_PLAN_REMARK_BYTES,
                 "%d of the recorded choices have other kernels than before: from here on the bits "
                 "of this run do not repeat",
                 plan->n_stale);
    else if (plan->n_stale > 0)
        snprintf(out, SCL_PLAN_REMARK_BYTES,
                 "%d decision%s of the tuning database %s for older kernels and not used; scorecl "
                 "tune CONFIG renews them",
                 plan->n_stale, plan->n_stale == 1 ? "" : "s", plan->n_stale == 1 ? "is" : "are");
    return out;
}
