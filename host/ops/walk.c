/* walk.c - dealing the rows of matrices to groups. */
#include "ops/walk_impl.h"

#include "ops/split_impl.h"

int scl_walk_begin(struct scl_lowering *l, const char *file, const char *kernel, const char *key,
                   size_t rows, size_t cols, size_t count)
{
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t floats = wg * (size_t)scl_lower_param(l, key, "SPAN");
    const size_t height = scl_smaller(rows, scl_divide_up(floats, cols));

    scl_lower_begin(l, file, kernel);
    scl_lower_define(l, "WG", (int)wg);
    scl_lower_define(l, "LANES", scl_lower_param(l, key, "LANES"));
    scl_lower_groups(l, scl_divide_up(rows, height), count, 1, wg);
    return (int)height;
}

struct scl_walk scl_walk_blocks(struct scl_lowering *l, const char *file, const char *kernel,
                                const char *key, size_t rows, size_t cols)
{
    const size_t wg = (size_t)scl_lower_param(l, key, "WG");
    const size_t floats = wg * (size_t)scl_lower_param(l, key, "SPAN");
    const int lanes = scl_lower_param(l, key, "LANES");
    const size_t width = scl_smaller(cols, floats);
    const size_t height = scl_smaller(rows, scl_divide_up(floats, width));

    scl_lower_begin(l, file, kernel);
    scl_lower_define(l, "WG", (int)wg);
    scl_lower_define(l, "LANES", cols < (size_t)lanes ? 1 : lanes);
    scl_lower_groups(l, scl_divide_up(rows, height), scl_divide_up(cols, width), 1, wg);
    return (struct scl_walk){ (int)height, (int)width };
}
