/* optim.c - the refusals that the optimisers share. */
#include "ops/optim_impl.h"

#include "base/status.h"

int scl_optim_check(const char *op, const struct scl_node *y, int tensors, int scalars)
{
    for (int i = 0; i < tensors; i++)
        if (y->in[i]->type != SCL_F32 || y->in[i]->shape.rank == 0 ||
            !scl_shape_equal(y->in[i]->shape, y->in[0]->shape))
            return scl_fail(SCL_SHAPE, "%s: %s is %s, not %s in fp32 like %s", op, y->in[i]->name,
                            scl_shape_text(y->in[i]->shape), scl_shape_text(y->in[0]->shape),
                            y->in[0]->name);
    for (int i = scalars; i < y->n_in; i++)
        if (y->in[i]->type != SCL_F32 || scl_shape_count(y->in[i]->shape) != 1)
            return scl_fail(SCL_SHAPE, "%s: %s is %s, not one number", op, y->in[i]->name,
                            scl_shape_text(y->in[i]->shape));
    return SCL_OK;
}
