/* whiten_lower.c - the launches of whitening's products: cl_kernels/whiten/vec.cl, tile.cl. */
#include <math.h>

#include "graph/graph.h"
#include "graph/key.h"
#include "ops/split_impl.h"
#include "ops/whiten_impl.h"

#define VEC "whiten/vec"
#define TILE "whiten/tile"

struct scl_whiten_size scl_whiten_size(const struct scl_node *y)
{
    const struct scl_shape x = y->in[0]->shape;
    const int size = ((const struct scl_whiten *)y->attr)->size;

    return (struct scl_whiten_size){ .slices = (size_t)(x.dim[0] / size),
                                     .rows = (size_t)size,
                                     .E = (size_t)x.dim[1] };
}

void scl_whiten_key(char *out, size_t size, const struct scl_node *y)
{
    scl_node_key_with(out, size, y, "s%d", ((const struct scl_whiten *)y->attr)->size);
}

size_t scl_whiten_factor_floats(struct scl_whiten_size z)
{
    return (2 * z.E + 1) * z.E;
}

/* The factor of a matrix S is that of one which differs from S[i,j] by (E + 1) 2^-24
 * sqrt(S[i,i] S[j,j]) at most (Higham 2002, theorem 10.3): so far a pivot may be from the
 * true one, over its diagonal, and twice that leaves room for the roundings of S. */
double scl_whiten_limit(size_t E)
{
    return ldexp((double)E, -23);
}

static void argument(struct scl_lowering *l, struct scl_whiten_matrix matrix)
{
    if (matrix.node)
        scl_lower_value(l, matrix.node);
    else
        scl_lower_use(l, matrix.scratch);
}

static int define(struct scl_lowering *l, const char *file, const char *name)
{
    const int value = scl_lower_param(l, file, name);

    scl_lower_define(l, name, value);
    return value;
}

/* Begins the launch and sets its groups, which take a block of `down` by `across`: of the
 * gram matrix [E, E] or of the product [rows, E]. */
static void begin(struct scl_lowering *l, enum scl_family family, const char *kernel,
                  struct scl_whiten_size z, bool gram)
{
    size_t across = 16, down, items = 1;

    scl_lower_begin(l, family == SCL_VEC ? VEC : TILE, kernel);
    if (family == SCL_VEC) {
        const int gr = define(l, VEC, "GR"), rows = define(l, VEC, "ROWS");

        define(l, VEC, "MR");
        down = (size_t)(gram ? gr : rows);
    } else {
        across = down = (size_t)define(l, TILE, "T");
        define(l, TILE, "TK");
        items = across * across;
    }
    scl_lower_groups(l, scl_divide_up(z.E, across), scl_divide_up(gram ? z.E : z.rows, down),
                     z.slices, items);
}

void scl_whiten_gram(struct scl_lowering *l, enum scl_family family, struct scl_whiten_size z,
                     const struct scl_whiten_gram *p)
{
    begin(l, family, "whiten_gram", z, true);
    scl_lower_use(l, p->c);
    scl_lower_value(l, p->a);
    scl_lower_value(l, p->b);
    scl_lower_int(l, (int)z.rows);
    scl_lower_int(l, (int)z.E);
    scl_lower_float(l, (float)p->scale);
    scl_lower_float(l, (float)p->diagonal);
}

void scl_whiten_product(struct scl_lowering *l, enum scl_family family, struct scl_whiten_size z,
                        const struct scl_whiten_product *p)
{
    begin(l, family, "whiten_product", z, false);
    argument(l, p->y);
    argument(l, p->a);
    argument(l, p->b);
    argument(l, p->base ? (struct scl_whiten_matrix){ .node = p->base } : p->a);
    scl_lower_int(l, (int)z.rows);
    scl_lower_int(l, (int)z.E);
    scl_lower_int(l, (int)p->first);
    scl_lower_int(l, (int)p->stride);
    scl_lower_int(l, p->triangle);
    scl_lower_int(l, p->base != NULL);
    scl_lower_float(l, (float)p->alpha);
}
