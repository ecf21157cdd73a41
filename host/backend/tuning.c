/* tuning.c - the decisions that a device may use, the nearest first. */
#include "backend/tuning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/tuning_impl.h"
#include "base/status.h"

static int by_node(const void *a, const void *b)
{
    const struct scl_offer *x = a, *y = b;
    int order = strcmp(x->decision->node, y->decision->node);

    if (order || (order = (x->distance > y->distance) - (x->distance < y->distance)) ||
        (order = strcmp(x->decision->device, y->decision->device)))
        return order;
    return x->decision < y->decision ? -1 : 1;
}

/* A plan that failed here, with the kernels that the offer is for. */
static bool has_failed(const struct scl_tuning *t, const struct scl_decision *d)
{
    const struct scl_decision *here = scl_tuning_tried(t, d->node, d->plan, d->numeric);

    return here && here->verdict != SCL_TIMED && strcmp(here->hash, d->hash) == 0;
}

/* Lists what can be offered; `decision` of the list may have moved since the last time. */
static int make_offers(struct scl_tuning *t)
{
    struct scl_offer *offer = malloc(((size_t)t->list.n + 1) * sizeof *offer);

    if (!offer)
        return scl_fail(SCL_NOMEM, "out of memory for %d decisions", t->list.n);
    free(t->offer);
    t->offer = offer;
    t->n_offer = 0;
    for (int i = 0; i < t->list.n; i++) {
        const struct scl_decision *d = &t->list.decision[i];
        const double distance = scl_decision_wins(d) ? scl_tuning_distance(t, d) : INFINITY;

        if (isfinite(distance) && !has_failed(t, d))
            offer[t->n_offer++] = (struct scl_offer){ d, distance };
    }
    qsort(offer, (size_t)t->n_offer, sizeof *offer, by_node);
    return SCL_OK;
}

int scl_tuning_new(struct scl_tuning **out, struct scl_decisions *list,
                   const struct scl_facts *facts, const struct scl_profile *profile)
{
    struct scl_tuning *t = calloc(1, sizeof *t);
    char key[SCL_KEY_BYTES];
    int rc;

    *out = NULL;
    if (!t)
        return scl_fail(SCL_NOMEM, "out of memory for the tuning of a device");
    scl_device_key(key, sizeof key, facts);
    scl_driver_text(t->driver, facts);
    SCL_TRY(scl_decisions_put_kin(list, &(struct scl_kin){ .device = key,
                                                           .vendor = facts->vendor,
                                                           .profile = scl_profile_name(profile),
                                                           .is_cpu = facts->is_cpu,
                                                           .local_bytes = facts->local_bytes }));
    t->list = *list;
    *list = (struct scl_decisions){ 0 };
    t->self = *scl_decisions_find_kin(&t->list, key);
    SCL_TRY(make_offers(t));
    *out = t;
    t = NULL;
out:
    scl_tuning_close(t);
    return rc;
}

void scl_tuning_close(struct scl_tuning *t)
{
    if (!t)
        return;
    free(t->offer);
    scl_decisions_fini(&t->list);
    free(t);
}

const char *scl_tuning_device(const struct scl_tuning *t)
{
    return t->self.device;
}

const char *scl_tuning_driver(const struct scl_tuning *t)
{
    return t->driver;
}

const struct scl_decision *scl_tuning_find(const struct scl_tuning *t, const char *node,
                                           const struct scl_decision *after)
{
    int low = 0, high = t->n_offer;

    while (low < high) {
        const int middle = low + (high - low) / 2;

        if (strcmp(t->offer[middle].decision->node, node) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (after) {
        while (t->offer[low].decision != after)
            low++;
        low++;
    }
    return low < t->n_offer && strcmp(t->offer[low].decision->node, node) == 0
               ? t->offer[low].decision
               : NULL;
}

const struct scl_decision *scl_tuning_tried(const struct scl_tuning *t, const char *node,
                                            const char *plan, const char *numeric)
{
    const struct scl_decision *d =
        scl_decisions_find(&t->list, &(struct scl_decision){ .device = t->self.device,
                                                             .driver = t->driver,
                                                             .node = node,
                                                             .plan = plan,
                                                             .numeric = numeric });

    return d && d->origin == SCL_IMPORTED && d->verdict == SCL_TIMED ? NULL : d;
}

bool scl_tuning_is_record(const struct scl_tuning *t)
{
    return t->is_record;
}

enum scl_origin scl_tuning_origin(const char **from, const struct scl_tuning *t,
                                  const struct scl_decision *d)
{
    const double distance = scl_tuning_distance(t, d);

    *from = t->is_record ? d->from : distance < 2 ? NULL : d->device;
    if (t->is_record)
        return d->origin;
    return distance < 1 ? SCL_TUNED : distance < 2 ? SCL_IMPORTED : SCL_RELATIVE;
}

const char *scl_why_text(char out[SCL_WHY_BYTES], enum scl_origin origin, const char *from)
{
    snprintf(out, SCL_WHY_BYTES, "%s%s%s", scl_origin_text(origin), from ? ":" : "",
             from ? from : "");
    return out;
}

struct scl_tuning_count scl_tuning_count(const struct scl_tuning *t)
{
    struct scl_tuning_count count = { 0 };
    double least = INFINITY;

    for (int i = 0; i < t->n_offer; i++) {
        const double distance = t->offer[i].distance;

        count.tuned += distance < 1;
        count.imported += distance >= 1 && distance < 2;
        count.relative += distance >= 2;
        if (distance >= 2 && distance < least) {
            least = distance;
            count.nearest = t->offer[i].decision->device;
        }
    }
    return count;
}

int scl_tuning_save(struct scl_tuning *t, int n, const struct scl_decision d[])
{
    struct scl_decisions ours = { 0 };
    int rc;

    SCL_TRY(scl_decisions_put_kin(&ours, &t->self));
    for (int i = 0; i < n; i++) {
        struct scl_decision one = d[i];

        one.device = one.device ? one.device : t->self.device;
        one.driver = one.driver ? one.driver : t->driver;
        one.version = one.version ? one.version : SCL_VERSION;
        SCL_TRY(scl_decisions_put(&ours, &one));
        SCL_TRY(scl_decisions_put(&t->list, &one));
    }
    SCL_TRY(make_offers(t));
    rc = scl_tuning_store(&ours);
out:
    scl_decisions_fini(&ours);
    return rc;
}
