/* rng.c - Philox4x32-10 and the draws made from it. */
#include "base/rng.h"

#include <math.h>

void scl_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        const uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;

        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

struct scl_rng scl_rng_at(uint64_t seed, enum scl_rng_purpose purpose, uint32_t epoch,
                          uint32_t index, uint32_t view)
{
    return (struct scl_rng){
        .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
        .counter = { 0, index, epoch, (uint32_t)purpose << 24 | (view & 0xFFFFFFu) },
    };
}

uint32_t scl_rng_word(struct scl_rng *rng)
{
    if (rng->left == 0) {
        scl_philox(rng->word, rng->counter, rng->key);
        rng->counter[0]++;
        rng->left = 4;
    }
    return rng->word[4 - rng->left--];
}

float scl_rng_unit(struct scl_rng *rng)
{
    return (float)(scl_rng_word(rng) >> 8) * 0x1p-24f;
}

float scl_rng_uniform(struct scl_rng *rng, float low, float high)
{
    return low + (high - low) * scl_rng_unit(rng);
}

uint32_t scl_rng_below(struct scl_rng *rng, uint32_t n)
{
    /* Lemire's rejection: the words that would make some values likelier are
     * drawn again. */
    const uint32_t threshold = (0u - n) % n;
    uint64_t product;

    do {
        product = (uint64_t)scl_rng_word(rng) * n;
    } while ((uint32_t)product < threshold);
    return (uint32_t)(product >> 32);
}

float scl_rng_normal(struct scl_rng *rng)
{
    /* 1 - u lies in (0, 1], where the logarithm is finite. */
    const float radius = sqrtf(-2.0f * logf(1.0f - scl_rng_unit(rng)));

    return radius * cosf(6.2831853071795865f * scl_rng_unit(rng));
}

void scl_rng_shuffle(struct scl_rng *rng, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t j = scl_rng_below(rng, i), t = order[i - 1];

        order[i - 1] = order[j];
        order[j] = t;
    }
}
