/* ranking_impl.h - what a query's distances say of its ranking; for host/eval only. */
#ifndef SCL_EVAL_RANKING_IMPL_H
#define SCL_EVAL_RANKING_IMPL_H

#include <stdint.h>

struct scl_ranking {
    int first;                /* rank, from 1 on, of the first image of the class; 0: none */
    double average_precision; /* 0 to 1; 0 where there is none */
};

/* distance [n], none below 0, and label [n] of the gallery; of equal distances the first
 * comes first. Fails only for want of memory. */
int scl_ranking_find(struct scl_ranking *out, const float *distance, const int32_t *label, int n,
                     int32_t wanted);

#endif
