// philox_normal.cl -- standard normal numbers from a counter
//
//   element e of row i comes from words 2e and 2e + 1 of the stream (key, index_i):
//   block b of it, four words, is philox4x32-10 of the counter (b, index_i, draw[2], draw[3])
//   under the key (draw[0], draw[1]);
//   y[i,e] = sqrt(-2 log(1 - u)) cos(2 pi v),   u and v the upper 24 bits of the words / 2^24
//
//   y           [rows, cols] fp32;  draw [4] int;  index [rows] int; both hold unsigned words
//   work        (ceil(cols / SPAN / WG), rows) groups of WG items: an item takes SPAN floats
//   SPAN        floats of an item, a multiple of 2 LANES                  1024
//   LANES       blocks of four words at a time: 1, 4 or 16                16
//   WG          items in a group                                          1
//   local       none
//   numerics    integers exactly as host/base/rng.c; log and cos of the device
//   source      Salmon et al. 2011; Box and Muller 1958

#ifndef SPAN
#define SPAN 1024
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef WG
#define WG 1
#endif

#if LANES == 16
#define words uint16
#define TO_FLOAT convert_float16
#define SPREAD(v, p) vstore16(v, 0, p)
#define COUNT_UP (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#elif LANES == 4
#define words uint4
#define TO_FLOAT convert_float4
#define SPREAD(v, p) vstore4(v, 0, p)
#define COUNT_UP (uint4)(0, 1, 2, 3)
#else
#define words uint
#define TO_FLOAT convert_float
#define SPREAD(v, p) (p)[0] = (v)
#define COUNT_UP 0u
#endif

inline lanes unit(const words w)
{
    return TO_FLOAT(w >> 8) * 0x1p-24f;
}

inline lanes normal(const words w, const words x)
{
    return sqrt(-2.0f * log(1.0f - unit(w))) * cos(6.2831853071795865f * unit(x));
}

// The next 2 LANES elements at y, `left` of them at most.
inline void store_normals(__global float *y, const lanes even, const lanes odd, const int left)
{
    float a[LANES], b[LANES];

    SPREAD(even, a);
    SPREAD(odd, b);
    for (int i = 0; i < LANES; i++) {
        if (2 * i < left)
            y[2 * i] = a[i];
        if (2 * i + 1 < left)
            y[2 * i + 1] = b[i];
    }
}

__kernel GROUP(WG) void philox_normal(__global float *restrict y, __global const int *restrict draw,
                                      __global const int *restrict index, const int cols)
{
    const size_t row = get_global_id(1);
    const int first = get_global_id(0) * SPAN, end = min(cols, first + SPAN);

    for (int e = first; e < end; e += 2 * LANES) {
        words c0 = (uint)(e / 2) + COUNT_UP, c1 = (uint)index[row];
        words c2 = (uint)draw[2], c3 = (uint)draw[3];
        uint k0 = (uint)draw[0], k1 = (uint)draw[1];

        for (int round = 0; round < 10; round++) {
            const words n0 = mul_hi(c2, (words)(0xCD9E8D57u)) ^ c1 ^ k0;
            const words n2 = mul_hi(c0, (words)(0xD2511F53u)) ^ c3 ^ k1;

            c1 = c2 * 0xCD9E8D57u;
            c3 = c0 * 0xD2511F53u;
            c0 = n0;
            c2 = n2;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        store_normals(y + row * cols + e, normal(c0, c1), normal(c2, c3), end - e);
    }
}
