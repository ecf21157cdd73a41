/* augment_impl.h - what the files of the augmentation share. */
#ifndef SCL_DATA_AUGMENT_IMPL_H
#define SCL_DATA_AUGMENT_IMPL_H

#include <stdint.h>

/* From a list of n probabilities with an item a view, the last for all after it;
 * without an item it never happens. */
double scl_view_probability(const double list[], int n, uint32_t view);

#endif
