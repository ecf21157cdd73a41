// knn_vote.cl -- the label that a query's nearest neighbours agree on
//
//   w_j         majority: 1;  exp of cosines: exp((c_j - c_0) / T), c = 1 - value / 2
//               exp of distances: exp((d_0 - d_j) / T), d = sqrt(value)
//   y[i]        the label l with the largest sum of w_j over label_j = l; of equal sums, the
//               smallest label; -1 where there is no neighbour
//
//   y           [Q] int
//   value label [Q, k] fp32: squared distances, ascending, and labels; -1: no neighbour
//   vote        0 majority, 1 exp of distances, 2 exp of cosines
//   work        Q / WG groups of WG items: an item to a query
//   WG          items in a group                                          64
//   local       none
//   numerics    fp32 sums in the order of the neighbours; weights are relative to the nearest's,
//               which changes no order and cannot overflow
//   source      Wu et al. 2018, section 3.4

#ifndef WG
#define WG 64
#endif

inline float weight(const int vote, const float nearest, const float value, const float temperature)
{
    if (vote == 0)
        return 1.0f;
    if (vote == 1)
        return exp((sqrt(nearest) - sqrt(value)) / temperature);
    return exp(0.5f * (nearest - value) / temperature);
}

__kernel GROUP(WG) void knn_vote(__global int *restrict y, __global const float *restrict value,
                                 __global const float *restrict label, const int Q, const int k,
                                 const int vote, const float temperature)
{
    const int i = get_global_id(0);

    if (i >= Q)
        return;
    __global const float *values = value + i * (size_t)k, *labels = label + i * (size_t)k;
    float most = 0.0f, best = -1.0f;

    for (int j = 0; j < k && labels[j] >= 0.0f; j++) {
        float sum = 0.0f;

        for (int n = 0; n < k; n++)
            if (labels[n] == labels[j])
                sum += weight(vote, values[0], values[n], temperature);
        if (sum > most || (sum == most && labels[j] < best)) {
            most = sum;
            best = labels[j];
        }
    }
    y[i] = (int)best;
}
