/* graph_impl.h - the graph's own struct; for host/graph only. */
#ifndef SCL_GRAPH_GRAPH_IMPL_H
#define SCL_GRAPH_GRAPH_IMPL_H

#include "base/arena.h"
#include "graph/graph.h"

#define SCL_MAX_SCOPE 512

struct scl_graph {
    struct scl_arena arena;
    struct scl_node **node;
    int n_node, room;
    int rc;                    /* the first refusal */
    char scope[SCL_MAX_SCOPE]; /* "layer1.0." */
};

#endif
