// adam.cl -- a step of Adam
//
//   t           = step[0] + 1
//   h           = g + decay p
//   m           = beta1 m + (1 - beta1) h
//   v           = beta2 v + (1 - beta2) h^2
//   p           = p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
//   adam_step   step[0] = t, when all of that is done
//
//   p m v g     [n] fp32: parameters and both moments, changed; gradient
//   step lr     [1] fp32;  log_beta = log(beta)
//   work        adam: an item takes SPAN floats; adam_step: one item
//   SPAN        floats of an item                                         4096
//   LANES       floats an item takes at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    fp32; 1 - beta^t as -expm1(t log beta), which loses no digits at beta near 1;
//               t counts exactly to 2^24
//   source      Kingma and Ba 2015; PyTorch's Adam: decay is part of the gradient

#ifndef SPAN
#define SPAN 4096
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

__kernel GROUP(WG) void adam(__global float *restrict p, __global float *restrict m,
                             __global float *restrict v, __global const float *restrict g,
                             __global const float *restrict step, __global const float *restrict lr,
                             const int n, const float rest_beta1, const float log_beta1,
                             const float rest_beta2, const float log_beta2, const float eps,
                             const float decay)
{
    const size_t first = get_global_id(0) * (size_t)SPAN, end = min(first + SPAN, (size_t)n);
    const float t = step[0] + 1.0f;
    const float rate = lr[0] / -expm1(t * log_beta1);
    const float scale = 1.0f / sqrt(-expm1(t * log_beta2));

    for (size_t i = first; i < end; i += LANES) {
        const int left = (int)(end - i);
        const lanes w = load_lanes(p + i, left, 0.0f);
        const lanes h = load_lanes(g + i, left, 0.0f) + decay * w;
        lanes a = load_lanes(m + i, left, 0.0f), b = load_lanes(v + i, left, 0.0f);

        a += rest_beta1 * (h - a);
        b += rest_beta2 * (h * h - b);
        store_lanes(a, m + i, left);
        store_lanes(b, v + i, left);
        store_lanes(w - rate * a / (sqrt(b) * scale + eps), p + i, left);
    }
}

__kernel GROUP(1) void adam_step(__global float *restrict step)
{
    step[0] += 1.0f;
}
