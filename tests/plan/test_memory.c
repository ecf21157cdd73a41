/* test_memory.c - where tenants lie: random ones, in random time. */
#include <stdbool.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "plan/plan_impl.h"

#define MIB ((size_t)1 << 20)

static struct scl_facts facts = { .max_alloc_bytes = 64 * MIB, .align_bytes = 128 };

static bool meet(const struct scl_tenant *a, const struct scl_tenant *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static bool overlap(const struct scl_tenant *a, const struct scl_tenant *b)
{
    return a->buffer == b->buffer && a->offset < b->offset + b->bytes &&
           b->offset < a->offset + a->bytes;
}

/* Random tenants in random time; every tenth is large. */
static int draw_tenants(struct scl_tenant *t, int most, int seed)
{
    struct scl_rng rng = scl_rng_at(1, SCL_RNG_TEST, 0, (uint32_t)seed, 0);
    const int n = 1 + (int)scl_rng_below(&rng, (uint32_t)most);

    for (int i = 0; i < n; i++) {
        const int first = (int)scl_rng_below(&rng, 50);
        const uint32_t range = scl_rng_below(&rng, 10) ? 3000 : 100000;

        t[i] = (struct scl_tenant){ .bytes = 1 + scl_rng_below(&rng, range),
                                    .first = first,
                                    .last = first + (int)scl_rng_below(&rng, 12) };
    }
    return n;
}

static void check_places(const struct scl_plan *plan, const struct scl_tenant *t, int n)
{
    for (int i = 0; i < n; i++) {
        ck_assert_int_lt(t[i].buffer, plan->n_buffer);
        ck_assert_uint_eq(t[i].offset % 512, 0);
        ck_assert_uint_le(t[i].offset + t[i].bytes, plan->buffer_bytes[t[i].buffer]);
        for (int k = 0; k < i; k++)
            if (meet(&t[i], &t[k]) && overlap(&t[i], &t[k]))
                ck_abort_msg("tenants %d and %d lie in the same bytes at the same time", i, k);
    }
    for (int b = 0; b < plan->n_buffer; b++)
        ck_assert_uint_le(plan->buffer_bytes[b], plan->facts->max_alloc_bytes);
}

/* The most that is alive at once: no placement takes less. */
static size_t alive_bytes(const struct scl_tenant *t, int n)
{
    size_t most = 0;

    for (int time = 0; time < 64; time++) {
        size_t sum = 0;

        for (int i = 0; i < n; i++)
            if (t[i].first <= time && time <= t[i].last)
                sum += t[i].bytes;
        most = sum > most ? sum : most;
    }
    return most;
}

START_TEST(guards_stand_before_and_behind_each_tenant)
{
    struct scl_tenant t[30];
    struct scl_plan plan = { .facts = &facts, .guard_bytes = 4096 };
    const int n = draw_tenants(t, 30, 1);

    facts.max_alloc_bytes = 64 * MIB;
    ck_assert_msg(scl_memory_place(&plan, t, n, true) == SCL_OK, "%s", scl_error());
    check_places(&plan, t, n);
    ck_assert_int_eq(plan.n_buffer, n);
    for (int i = 0; i < n; i++) {
        ck_assert_uint_eq(t[i].offset, 4096);
        ck_assert_uint_eq(plan.buffer_bytes[t[i].buffer], t[i].bytes + 8192);
    }
    scl_arena_fini(&plan.arena);
}
END_TEST

START_TEST(tenants_that_meet_never_share_bytes)
{
    struct scl_tenant t[60];

    facts.max_alloc_bytes = _i % 2 ? 100000 : 64 * MIB;
    for (int seed = 100 * _i; seed < 100 * (_i + 1); seed++) {
        struct scl_plan plan = { .facts = &facts };
        const int n = draw_tenants(t, 60, seed);

        ck_assert_msg(scl_memory_place(&plan, t, n, false) == SCL_OK, "%s", scl_error());
        check_places(&plan, t, n);
        ck_assert_uint_ge(scl_plan_bytes(&plan), alive_bytes(t, n));
        scl_arena_fini(&plan.arena);
    }
}
END_TEST

START_TEST(separate_tenants_have_a_buffer_each)
{
    struct scl_plan plan = { .facts = &facts };
    struct scl_tenant t[60];
    const int n = draw_tenants(t, 60, 1);

    ck_assert_int_eq(scl_memory_place(&plan, t, n, true), SCL_OK);
    ck_assert_int_eq(plan.n_buffer, n);
    for (int i = 0; i < n; i++)
        ck_assert_uint_eq(t[i].offset, 0);
    scl_arena_fini(&plan.arena);
}
END_TEST

const char *const suite_name = "plan/memory";

void suite_fill(TCase *tc)
{
    tcase_add_test(tc, guards_stand_before_and_behind_each_tenant);
    tcase_add_loop_test(tc, tenants_that_meet_never_share_bytes, 0, 4);
    tcase_add_test(tc, separate_tenants_have_a_buffer_each);
}
