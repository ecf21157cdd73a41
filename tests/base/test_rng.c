/* test_rng.c - Philox against its authors' vectors; the draws made from it. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/rng.h"

/* Random123 1.14, tests/kat_vectors, philox4x32 with 10 rounds. */
static const struct {
    uint32_t counter[4], key[2], out[4];
} known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

START_TEST(philox_gives_its_authors_vectors)
{
    uint32_t out[4];

    scl_philox(out, known[_i].counter, known[_i].key);
    for (int w = 0; w < 4; w++)
        ck_assert_uint_eq(out[w], known[_i].out[w]);
}
END_TEST

START_TEST(stream_is_the_blocks_of_its_counter)
{
    struct scl_rng rng = scl_rng_at(0x299f31d0a4093822u, SCL_RNG_AUGMENT, 3, 17, 1);
    const uint32_t key[2] = { 0xa4093822, 0x299f31d0 };
    uint32_t out[4];

    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t counter[4] = { block, 17, 3, SCL_RNG_AUGMENT << 24 | 1 };

        scl_philox(out, counter, key);
        for (int w = 0; w < 4; w++)
            ck_assert_uint_eq(scl_rng_word(&rng), out[w]);
    }
}
END_TEST

START_TEST(each_coordinate_makes_another_stream)
{
    struct scl_rng rng[] = {
        scl_rng_at(1, SCL_RNG_AUGMENT, 1, 1, 1),
        scl_rng_at(2, SCL_RNG_AUGMENT, 1, 1, 1),
        scl_rng_at((uint64_t)1 << 32 | 1, SCL_RNG_AUGMENT, 1, 1, 1),
        scl_rng_at(1, SCL_RNG_NOISE, 1, 1, 1),
        scl_rng_at(1, SCL_RNG_AUGMENT, 2, 1, 1),
        scl_rng_at(1, SCL_RNG_AUGMENT, 1, 2, 1),
        scl_rng_at(1, SCL_RNG_AUGMENT, 1, 1, 2),
    };
    uint32_t word[7];

    for (int i = 0; i < 7; i++) {
        word[i] = scl_rng_word(&rng[i]);
        for (int j = 0; j < i; j++)
            ck_assert_uint_ne(word[i], word[j]);
    }
}
END_TEST

START_TEST(uniform_stays_in_its_interval)
{
    struct scl_rng rng = scl_rng_at(5, SCL_RNG_TEST, 0, 0, 0);
    double sum = 0, squares = 0;

    for (int i = 0; i < 100000; i++) {
        const float x = scl_rng_unit(&rng), y = scl_rng_uniform(&rng, -3, 5);

        ck_assert(x >= 0 && x < 1);
        ck_assert(y >= -3 && y < 5);
        sum += x;
        squares += (double)x * x;
    }
    /* Five standard errors: 5 sqrt(1/12 / 1e5) = 0.0046 and 5 sqrt(4/45 / 1e5) = 0.0047. */
    ck_assert_double_eq_tol(sum / 1e5, 0.5, 0.005);
    ck_assert_double_eq_tol(squares / 1e5, 1.0 / 3, 0.005);
}
END_TEST

START_TEST(below_is_even_and_stays_below)
{
    struct scl_rng rng = scl_rng_at(6, SCL_RNG_TEST, 0, 0, 0);
    int count[7] = { 0 };

    ck_assert_uint_eq(scl_rng_below(&rng, 1), 0);
    for (int i = 0; i < 70000; i++) {
        const uint32_t x = scl_rng_below(&rng, 7);

        ck_assert_uint_lt(x, 7);
        count[x]++;
    }
    for (int i = 0; i < 7; i++) /* five standard deviations: 5 sqrt(70000 6/49) = 463 */
        ck_assert(abs(count[i] - 10000) < 463);
}
END_TEST

START_TEST(normal_has_mean_0_and_variance_1)
{
    struct scl_rng rng = scl_rng_at(7, SCL_RNG_TEST, 0, 0, 0);
    double sum = 0, squares = 0;

    for (int i = 0; i < 100000; i++) {
        const float x = scl_rng_normal(&rng);

        ck_assert(isfinite(x));
        sum += x;
        squares += (double)x * x;
    }
    /* Five standard errors: 5 sqrt(1 / 1e5) = 0.016 and 5 sqrt(2 / 1e5) = 0.022. */
    ck_assert_double_eq_tol(sum / 1e5, 0, 0.016);
    ck_assert_double_eq_tol(squares / 1e5, 1, 0.022);
}
END_TEST

START_TEST(shuffle_is_a_permutation_that_repeats)
{
    enum { N = 1000 };
    struct scl_rng rng = scl_rng_at(8, SCL_RNG_TEST, 0, 0, 0), same = rng;
    uint32_t order[N], again[N];
    bool seen[N] = { 0 };
    int fixed = 0;

    scl_rng_shuffle(&rng, order, N);
    scl_rng_shuffle(&same, again, N);
    ck_assert_mem_eq(order, again, sizeof order);
    for (uint32_t i = 0; i < N; i++) {
        ck_assert_uint_lt(order[i], N);
        ck_assert(!seen[order[i]]);
        seen[order[i]] = true;
        fixed += order[i] == i;
    }
    ck_assert_int_lt(fixed, 10); /* one is expected; ten has a chance of 1e-7 */
}
END_TEST

const char *const suite_name = "base/rng";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, philox_gives_its_authors_vectors, 0, 3);
    tcase_add_test(tc, stream_is_the_blocks_of_its_counter);
    tcase_add_test(tc, each_coordinate_makes_another_stream);
    tcase_add_test(tc, uniform_stays_in_its_interval);
    tcase_add_test(tc, below_is_even_and_stays_below);
    tcase_add_test(tc, normal_has_mean_0_and_variance_1);
    tcase_add_test(tc, shuffle_is_a_permutation_that_repeats);
}
