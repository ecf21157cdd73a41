// sgd.cl -- a step of gradient descent with momentum
//
//   h           = g + decay p
//   v           = momentum v + h
//   p           = p - lr (h + momentum v)      where nesterov
//   p           = p - lr v                     otherwise
//
//   p v g       [n] fp32: parameters and momentum, changed; gradient
//   lr          [1] fp32
//   work        an item takes SPAN floats
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    fp32
//   source      PyTorch's SGD with dampening 0: v starts at 0

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void sgd(__global float *restrict p, __global float *restrict v,
                            __global const float *restrict g, __global const float *restrict lr,
                            const int n, const int nesterov, const float momentum,
                            const float decay)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const float rate = lr[0];

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes w = load_lanes(p + i, left, 0.0f);
        const lanes h = load_lanes(g + i, left, 0.0f) + decay * w;
        const lanes u = momentum * load_lanes(v + i, left, 0.0f) + h;

        store_lanes(u, v + i, left);
        store_lanes(w - rate * (nesterov ? h + momentum * u : u), p + i, left);
    }
}
