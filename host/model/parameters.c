/* parameters.c - which states of a network are trained. */
#include <string.h>

#include "model/model.h"

static bool ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

int scl_model_parameters(const struct scl_graph *g, const char *prefix, struct scl_node *list[])
{
    int n = 0;

    for (int id = 0; id < scl_graph_count(g); id++) {
        struct scl_node *y = scl_graph_node(g, id);

        if (y->role != SCL_STATE || strncmp(y->name, prefix, strlen(prefix)) != 0)
            continue;
        if (!ends_with(y->name, ".weight") && !ends_with(y->name, ".bias"))
            continue;
        if (list)
            list[n] = y;
        n++;
    }
    return n;
}
