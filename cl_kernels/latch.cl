// latch.cl -- the first value that is not zero stays
//
//   latch       if state[0] = 0, state[0] = x[0]
//
//   state x     [1] fp32; state is changed; NaN is not zero
//   work        one group of one item
//   local       none
//   numerics    copies bits
//   source      -

__kernel GROUP(1) void latch(__global float *restrict state, __global const float *restrict x)
{
    if (state[0] == 0.0f)
        state[0] = x[0];
}
