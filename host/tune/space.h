/* space.h - the ways to compute a node: its candidates, and what a profile's `search` says is
 * worth trying of their parameters.
 *
 *     SCL_TRY(scl_way_open(&way, node, candidate, "", facts, profile));
 *     scl_way_find_axes(way);
 *     for (int i = 0; i < way->n_axis; i++)
 *         for (int k = 0; k < way->axis[i].search->n_value; k++)
 *             if (scl_way_step(params, way, i, k) == SCL_OK)
 *                 ... params: the same with axis i at its value k ...
 *     scl_way_close(way);
 *
 * No device is asked: what is possible follows from facts and profile.
 */
#ifndef SCL_TUNE_SPACE_H
#define SCL_TUNE_SPACE_H

#include <stdbool.h>

#include "backend/decision.h"
#include "backend/facts.h"
#include "backend/profile.h"
#include "graph/op.h"

enum { SCL_MAX_AXIS = 24 };

/* Parameters that vary together. */
struct scl_axis {
    const struct scl_search *search;
    bool compiles; /* another value is another program */
};

/* A candidate with parameters. */
struct scl_way {
    const struct scl_node *node;
    const struct scl_candidate *candidate;
    const struct scl_facts *facts;
    const struct scl_profile *profile;
    struct scl_arena arena;
    struct scl_asked **asked; /* in the order of asking */
    int n_asked;
    const struct scl_launch *first; /* its launches */
    char params[SCL_PLAN_BYTES];    /* those that are not the profile's, in the order of asking */
    char plan[SCL_PLAN_BYTES];      /* for the database: scl_lower_plan_text() */
    struct scl_axis axis[SCL_MAX_AXIS]; /* those that compile last */
    int n_axis;
};

/* SCL_SHAPE or another failure, with words, where the candidate cannot have these parameters:
 * a group or a local tile is too large, or it does not lower. */
int scl_way_open(struct scl_way **out, const struct scl_node *node,
                 const struct scl_candidate *candidate, const char *params,
                 const struct scl_facts *facts, const struct scl_profile *profile);
void scl_way_close(struct scl_way *way);

/* Fills the axes: until then there are none. */
void scl_way_find_axes(struct scl_way *way);

/* The parameters of the way with axis i at its value k. They may be those that it has. SCL_SHAPE
 * where they are too many for a line of the database. */
int scl_way_step(char out[SCL_PLAN_BYTES], const struct scl_way *way, int i, int k);

/* Whether a tuner may choose the candidate for the node: it accepts it, and its class is no looser
 * than `numeric`. */
bool scl_candidate_fits(const struct scl_candidate *candidate, const struct scl_node *node,
                        const struct scl_facts *facts, enum scl_class numeric);

#endif
