/* graph_impl.h - the graph's own struct; for host/graph only. */
#ifndef SCL_GRAPH_GRAPH_IMPL_H
#define SCL_GRAPH_GRAPH_IMPL_H

#include "base/arena.h"
#include "graph/graph.h"

#define SCL_MAX_SCOPE 512 /* bytes */
#define SCL_MAX_SCOPES 32

struct scl_graph {
    struct scl_arena arena;
    struct scl_node **node;
    int n_node, room;
    int rc;                       /* the first refusal */
    char scope[SCL_MAX_SCOPE];    /* "encoder.layer1.0." */
    size_t outer[SCL_MAX_SCOPES]; /* bytes of it before each push */
    int n_scope;
    struct scl_recompute *recompute; /* the innermost block that is open */
};

#endif
