/* choose.c - which candidate computes a node: in the order of the profile's families the first
 * that accepts and suits it, else the first that accepts it.
 */
#include <string.h>

#include "base/status.h"
#include "plan/plan_impl.h"

static const char *const family_name[SCL_N_FAMILY] = {
    [SCL_VEC] = "vec", [SCL_TILE] = "tile",       [SCL_SUBGROUP] = "subgroup",
    [SCL_MMA] = "mma", [SCL_CLBLAST] = "clblast", [SCL_FFT] = "fft",
};

const char *scl_family_text(enum scl_family family)
{
    return family_name[family];
}

static bool accepts(const struct scl_candidate *c, const struct scl_node *y,
                    const struct scl_facts *facts)
{
    return !c->accepts || c->accepts(y, facts);
}

static const struct scl_candidate *of_family(const struct scl_node *y, const char *family,
                                             const struct scl_facts *facts)
{
    const struct scl_candidate *first = NULL;

    for (const struct scl_candidate *c = y->op->candidates; c->name; c++) {
        if (c->numeric != SCL_CLASS_F32 || strcmp(scl_family_text(c->family), family) != 0 ||
            !accepts(c, y, facts))
            continue;
        if (!c->suits || c->suits(y))
            return c;
        first = first ? first : c;
    }
    return first;
}

static const struct scl_candidate *forced(const struct scl_node *y,
                                          const struct scl_plan_spec *spec)
{
    for (const struct scl_candidate *c = y->op->candidates; c->name; c++)
        if (strcmp(c->name, spec->force_candidate) == 0 && accepts(c, y, spec->facts))
            return c;
    scl_fail(SCL_SHAPE, "%s: candidate %s does not accept %s", y->op->name, spec->force_candidate,
             scl_shape_text(y->shape));
    return NULL;
}

const struct scl_candidate *scl_choose(const struct scl_node *y, const struct scl_plan_spec *spec)
{
    const struct scl_candidate *found;
    char families[128], *word, *rest = families;

    if (y->op == spec->force_op)
        return forced(y, spec);
    if (spec->family && (found = of_family(y, spec->family, spec->facts)))
        return found;
    snprintf(families, sizeof families, "%s", scl_profile_families(spec->profile));
    while ((word = strsep(&rest, " ")))
        if (*word && (found = of_family(y, word, spec->facts)))
            return found;
    scl_fail(SCL_SHAPE, "%s: no candidate of the families '%s' computes %s %s", y->op->name,
             scl_profile_families(spec->profile), y->name, scl_shape_text(y->shape));
    return NULL;
}
