/* tuning_impl.h - what the files of the tuning database share; for host/backend only. */
#ifndef SCL_BACKEND_TUNING_IMPL_H
#define SCL_BACKEND_TUNING_IMPL_H

#include "backend/tuning.h"

/* A decision that wins somewhere, and how far from here that is. */
struct scl_offer {
    const struct scl_decision *decision;
    double distance;
};

struct scl_tuning {
    struct scl_decisions list;
    struct scl_kin self; /* its texts lie in the list's arena */
    char driver[SCL_DRIVER_BYTES];
    bool is_record;
    struct scl_offer *offer; /* by node, the nearest first */
    int n_offer;
};

/* Below 1: tuned here under this driver. Below 2: this device's, from another driver or elsewhere.
 * Others: 2 and how much the devices differ; infinite for one that is no relative. */
double scl_tuning_distance(const struct scl_tuning *tuning, const struct scl_decision *d);

#endif
