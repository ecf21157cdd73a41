/* tuning_distance.c - which devices are alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/tuning_impl.h"

/* The compute units at the end of a key. */
static double units_of(const char *device)
{
    const double units = strtod(strrchr(device, ':') + 1, NULL);

    return units > 0 ? units : 1;
}

/* Doublings between two sizes. */
static double doublings(double a, double b)
{
    return fabs(log2((a > 0 ? a : 1) / (b > 0 ? b : 1)));
}

/* What comes before the compute units. */
static bool is_same_model(const char *a, const char *b)
{
    const size_t n = (size_t)(strrchr(a, ':') - a);

    return strncmp(a, b, n + 1) == 0;
}

/* A profile is an architecture: parameters that fill the registers of one do harm on another. Of
 * one profile, the model counts most, then the maker, then how much more there is of the same. */
static double between(const struct scl_kin *a, const struct scl_kin *b)
{
    if (a->is_cpu != b->is_cpu || strcmp(a->profile, b->profile) != 0)
        return INFINITY;
    return (is_same_model(a->device, b->device) ? 0 : 8) +
           (strcasecmp(a->vendor, b->vendor) == 0 ? 0 : 4) +
           doublings(units_of(a->device), units_of(b->device)) +
           doublings((double)a->local_bytes, (double)b->local_bytes) / 2;
}

double scl_tuning_distance(const struct scl_tuning *tuning, const struct scl_decision *d)
{
    const bool same_driver = strcmp(d->driver, tuning->driver) == 0;
    const struct scl_kin *kin;

    if (strcmp(d->device, tuning->self.device) == 0)
        return same_driver && d->origin != SCL_IMPORTED ? 0 : same_driver ? 1 : 1.5;
    kin = scl_decisions_find_kin(&tuning->list, d->device);
    return kin ? 2 + between(&tuning->self, kin) : INFINITY;
}
