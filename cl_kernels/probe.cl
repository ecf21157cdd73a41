// probe.cl -- a kernel that any device must be able to build and run
//
//   y[i] = 2 x[i] + i
//
//   y x        [n] fp32
//   work       an item an element, groups as the driver likes
//   local      none
//   numerics   exact for small whole numbers; NaN stays NaN
//   source     -

__kernel void probe(__global float *restrict y, __global const float *restrict x)
{
    const size_t i = get_global_id(0);

    y[i] = 2.0f * x[i] + (float)i;
}
