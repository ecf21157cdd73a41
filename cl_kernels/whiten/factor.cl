// whiten/factor.cl -- the inverse of a covariance's Cholesky factor, slice by slice
//
//   whiten_factor     for j = 0, 1, ...: with m[j,k] = U[k,j] / U[k,k],
//                       U[j,c] = U[j,c] - sum_{k<j} m[j,k] U[k,c]                  c >= j
//                       L[j,k] = m[j,k] sqrt(U[k,k]), L[j,j] = sqrt(U[j,j])        k < j
//                     so that L L^T is the covariance that U was;
//                     least = smallest U[j,j] over what it was, 0 where it was 0; it ends
//                     the loop when it is not above `limit`; NaN if the trace is not finite
//   whiten_invert     W = L^-1, and its transpose; NaN where `least` is not above `limit`
//   whiten_singular   y[0] = number of slices with a `least` up to `limit`; not NaN
//
//   f         [slices, 2 COLS + 1, COLS] fp32: W, W^T, and a row of `least`
//   u l       [slices, COLS, COLS] fp32; u comes with the covariance and is changed
//   work      groups of WG items.  whiten_factor: slices.  whiten_invert: (ceil(COLS / (WG LANES)),
//             slices), an item has LANES columns of W.  whiten_singular: one of one item
//   COLS      size of the covariance                                      64
//   WG        items in a group, a power of two                            1
//   LANES     columns an item takes at a time: 1, 4 or 16                 16
//   local     4 (WG + COLS) bytes
//   numerics  fp32 fma in the order of k; pivots without a root in their way, so that equal columns
//             cancel to a rounding of the quotient
//   source    Golub, Van Loan 2013, section 4.1.2 (L D L^T)

#ifndef COLS
#define COLS 64
#endif
#ifndef WG
#define WG 1
#endif
#ifndef LANES
#define LANES 16
#endif

#define F_FLOATS ((2 * COLS + 1) * COLS)
#define LEAST (2 * COLS * COLS) // where the row of `least` begins

// What other items have written is read from here on. A group of one needs no barrier.
#define SYNC()                                                                                     \
    if (WG > 1)                                                                                    \
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

__kernel GROUP(WG) void whiten_factor(__global float *restrict f, __global float *restrict l,
                                      __global float *restrict u, const float limit)
{
    __local float tmp[WG], m[COLS];
    const int item = get_local_id(0);
    const size_t slice = get_group_id(0);
    float trace = 0.0f, least;

    u += slice * COLS * COLS;
    l += slice * COLS * COLS;
    f += slice * F_FLOATS;
    for (int k = item; k < COLS; k += WG)
        trace += u[k * COLS + k];
    least = isfinite(group_sum(trace, tmp)) ? INFINITY : NAN;
    for (int j = 0; j < COLS && least > limit; j++) {
        const float whole = u[j * COLS + j];

        for (int k = item; k < j; k += WG) {
            m[k] = u[k * COLS + j] / u[k * COLS + k];
            l[j * COLS + k] = m[k] * sqrt(u[k * COLS + k]);
        }
        SYNC();
        // From the block with the diagonal on; what is left of that becomes rubbish, unread.
        for (int c = j / LANES * LANES + item * LANES; c < COLS; c += WG * LANES) {
            lanes row = load_lanes(u + j * COLS + c, COLS - c, 0.0f);

            for (int k = 0; k < j; k++)
                row = fma((lanes)(-m[k]), load_lanes(u + k * COLS + c, COLS - c, 0.0f), row);
            store_lanes(row, u + j * COLS + c, COLS - c);
        }
        SYNC();
        const float pivot = u[j * COLS + j];
        least = fmin(least, whole > 0.0f ? pivot / whole : 0.0f);
        if (item == 0)
            l[j * COLS + j] = sqrt(pivot);
    }
    for (int k = item; k < COLS; k += WG)
        f[LEAST + k] = least;
}

// Row i of W is (e_i - sum_{k<i} L[i,k] W[k,:]) / L[i,i].
__kernel GROUP(WG) void whiten_invert(__global float *restrict f, __global const float *restrict l,
                                      const float limit)
{
    const int c = get_global_id(0) * LANES, left = COLS - c;
    const size_t slice = get_group_id(1);

    if (left <= 0)
        return;
    l += slice * COLS * COLS;
    f += slice * F_FLOATS;
    const bool regular = f[LEAST] > limit;
    for (int i = 0; i < COLS; i++) {
        __global float *w = f + i * COLS + c;
        lanes row = regular ? 0.0f : NAN;

        store_lanes(row, w, left);
        if (!regular || i < c)
            continue;
        if (i < c + LANES)
            w[i - c] = 1.0f;
        row = load_lanes(w, left, 0.0f);
        for (int k = c; k < i; k++)
            row = fma((lanes)(-l[i * COLS + k]), load_lanes(f + k * COLS + c, left, 0.0f), row);
        store_lanes(row / l[i * COLS + i], w, left);
    }
    for (int n = 0; n < min(LANES, left); n++)
        for (int i = 0; i < COLS; i++)
            f[(COLS + c + n) * COLS + i] = f[i * COLS + c + n];
}

__kernel GROUP(1) void whiten_singular(__global float *restrict y, __global const float *restrict f,
                                       const int slices, const float limit)
{
    int n = 0;

    for (int s = 0; s < slices; s++)
        n += f[s * (size_t)F_FLOATS + LEAST] <= limit;
    y[0] = n;
}
