/* rng.h - random numbers from a counter: Philox4x32-10.
 *
 * There is no state. A value is a function of who asks: the run's seed, the
 * epoch, the image's index in its data set, the view, and what the number is
 * for. So draws do not depend on the order of a batch, on threads, devices or
 * ranks, and a resumed run draws what an uninterrupted one would have drawn.
 * cl_kernels/random.clh is the same function on the device.
 *
 *     struct scl_rng rng = scl_rng_at(seed, SCL_RNG_CROP, epoch, image, view);
 *     float scale = scl_rng_uniform(&rng, 0.2f, 1.0f);
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
#ifndef SCL_BASE_RNG_H
#define SCL_BASE_RNG_H

#include <stdint.h>

/* What a draw is for; part of the counter, so the streams never meet. The values
 * are part of what makes a run repeatable: append, never renumber. */
enum scl_rng_purpose {
    SCL_RNG_SHUFFLE = 1,
    SCL_RNG_AUGMENT = 2,
    SCL_RNG_INIT = 3,
    SCL_RNG_NOISE = 4,
    SCL_RNG_SIGMA = 5,
    SCL_RNG_SYNTH = 6,
    SCL_RNG_WEIGHT = 7,
    SCL_RNG_TEST = 8,
    SCL_RNG_SPLIT = 9,
    SCL_RNG_PERMUTATION = 10,
};

/* One stream of draws. `counter[0]` numbers the blocks of four words in it. */
struct scl_rng {
    uint32_t key[2], counter[4], word[4];
    int left; /* words of `word` not yet handed out */
};

/* The ten rounds: out = philox(counter, key). */
void scl_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* The stream of (seed, purpose, epoch, index, view). `view` is below 2^24 and
 * purpose below 2^8: they share a word. */
struct scl_rng scl_rng_at(uint64_t seed, enum scl_rng_purpose purpose, uint32_t epoch,
                          uint32_t index, uint32_t view);

uint32_t scl_rng_word(struct scl_rng *rng);

/* Uniform in [0, 1), a multiple of 2^-24. */
float scl_rng_unit(struct scl_rng *rng);

/* Uniform in [low, high). */
float scl_rng_uniform(struct scl_rng *rng, float low, float high);

/* Uniform among 0 ... n - 1, without bias; n >= 1. */
uint32_t scl_rng_below(struct scl_rng *rng, uint32_t n);

/* Standard normal, by Box and Muller. */
float scl_rng_normal(struct scl_rng *rng);

/* order[0 ... n - 1] becomes a random permutation of 0 ... n - 1. */
void scl_rng_shuffle(struct scl_rng *rng, uint32_t *order, uint32_t n);

#endif
