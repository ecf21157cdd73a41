/* test_space.c - what is worth trying of a candidate's parameters, from facts and profiles alone.
 */
#include "tune/space.h"

#include <string.h>

#include "backend/facts_file.h"
#include "base/status.h"
#include "ops/ops.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static struct scl_facts facts;
static struct scl_profile *profile;
static struct scl_graph *g;
static struct scl_way *way;

static void setup(void)
{
    MUST(scl_facts_load(&facts, "tests/devices/pocl-epyc-avx512.txt"));
    facts.max_group = 4096;
    MUST(scl_profile_open(&profile, &facts));
    ck_assert_ptr_nonnull(g = scl_graph_new());
}

static void teardown(void)
{
    scl_way_close(way);
    way = NULL;
    scl_graph_free(g);
    scl_profile_close(profile);
}

static struct scl_node *convolution(void)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(8, 16, 16, 64));
    struct scl_node *w = scl_input(g, "w", SCL_F32, SCL_SHAPE4(3, 3, 64, 64));

    return scl_conv2d(g, x, w, NULL, 1, 1);
}

static const struct scl_candidate *candidate(const struct scl_node *y, const char *name)
{
    const struct scl_candidate *c = y->op->candidates;

    while (strcmp(c->name, name) != 0)
        c++;
    return c;
}

static int open_way(const struct scl_node *y, const char *name, const char *params)
{
    const int rc = scl_way_open(&way, y, candidate(y, name), params, &facts, profile);

    if (rc == SCL_OK)
        scl_way_find_axes(way);
    return rc;
}

START_TEST(axes_that_need_no_compiler_come_first)
{
    MUST(open_way(convolution(), "winograd4.vec", ""));
    ck_assert_int_eq(way->n_axis, 2);
    ck_assert_str_eq(way->axis[0].search->params, "TILES");
    ck_assert(!way->axis[0].compiles);
    ck_assert_str_eq(way->axis[1].search->params, "MR NV");
    ck_assert(way->axis[1].compiles);
    ck_assert_str_eq(way->axis[1].search->value[0], "14 2"); /* this device's profile says so */
    ck_assert_str_eq(way->params, "");
    ck_assert_str_eq(way->plan, "winograd4.vec MR=6 NV=4 TILES=48 DEPTH=256 STREAM=32768");
}
END_TEST

START_TEST(step_changes_its_axis_and_keeps_the_others)
{
    char params[SCL_PLAN_BYTES];

    MUST(open_way(convolution(), "winograd4.vec", "TILES=96 MR=6"));
    ck_assert_str_eq(way->params, "TILES=96");
    MUST(scl_way_step(params, way, 1, 0));
    ck_assert_str_eq(params, "MR=14 NV=2 TILES=96");
    MUST(scl_way_step(params, way, 0, 0));
    ck_assert_str_eq(params, "TILES=12");
}
END_TEST

START_TEST(parameters_of_other_kernels_carry_its_name)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(16, 65536));
    struct scl_node *b = scl_input(g, "b", SCL_F32, SCL_SHAPE2(65536, 16));
    char params[SCL_PLAN_BYTES] = "";

    MUST(open_way(scl_matmul(g, a, b, false, false), "direct.vec", "SPAN=4"));
    for (int i = 0; i < way->n_axis; i++)
        if (strcmp(way->axis[i].search->kernel, "elementwise.vec") == 0)
            MUST(scl_way_step(params, way, i, 0));
    ck_assert_str_eq(params, "SPAN=4 elementwise.vec:SPAN=1024");
    ck_assert_str_eq(way->plan, "direct.vec MR=12 NV=2 DEPTH=512 PACK=128 SPAN=4");
}
END_TEST

START_TEST(tiles_that_items_cannot_share_are_refused)
{
    ck_assert_int_eq(open_way(convolution(), "direct.tile", "RM=128 VW=1"), SCL_CONFIG);
    ck_assert_str_eq(scl_error(), "conv2d/direct_tile: TM=64 TN=64 TK=16 RM=128 RN=4 VW=1 LV=4: 0 "
                                  "items cannot share the tiles evenly");
    ck_assert_ptr_null(way);
}
END_TEST

START_TEST(group_larger_than_the_devices_is_refused)
{
    const struct scl_node *y = convolution();

    facts.max_group = 256;
    MUST(open_way(y, "direct.tile", ""));
    scl_way_close(way);
    ck_assert_int_eq(open_way(y, "direct.tile", "RM=2 RN=2 VW=1 LV=2"), SCL_SHAPE);
    ck_assert_str_eq(scl_error(), "direct.tile: groups of 1024 items, and 1 to 256 can be");
    ck_assert_ptr_null(way);
}
END_TEST

/* Every set is one that CLBlast's constraints allow (clblast/src/tuning/kernels/xgemm.hpp). */
START_TEST(clblast_is_offered_no_set_that_it_cannot_compute)
{
    struct scl_node *a = scl_input(g, "a", SCL_F32, SCL_SHAPE2(256, 256));
    const struct scl_node *y = scl_matmul(g, a, a, false, false);
    int n = 0;

    MUST(open_way(y, "gemm.clblast", ""));
    ck_assert_int_eq(way->n_axis, 5);
    for (int i = 0; i < way->n_axis; i++)
        for (int k = 0; k < way->axis[i].search->n_value; k++, n++) {
            char params[SCL_PLAN_BYTES];
            struct scl_way *step;
            int v[42];

            MUST(scl_way_step(params, way, i, k));
            MUST(scl_way_open(&step, y, way->candidate, params, &facts, profile));
            ck_assert_int_eq(step->n_asked, 42);
            for (int p = 0; p < 42; p++)
                v[p] = step->asked[p]->value;
            enum {
                GEMMK,
                KREG,
                KWG,
                KWI,
                MDIMA,
                MDIMC,
                MWG,
                NDIMB,
                NDIMC,
                NWG,
                SA,
                SB,
                STRM,
                STRN,
                VWM,
                VWN
            };
            ck_assert_str_eq(step->asked[VWN]->param, "VWN");
            ck_assert_int_eq(v[KWG] % v[KWI], 0);
            ck_assert_int_eq(v[MWG] % (v[MDIMC] * v[VWM]), 0);
            ck_assert_int_eq(v[NWG] % (v[NDIMC] * v[VWN]), 0);
            ck_assert_int_eq(v[MWG] % (v[MDIMA] * v[VWM]), 0);
            ck_assert_int_eq(v[NWG] % (v[NDIMB] * v[VWN]), 0);
            if (v[GEMMK] == 0) {
                ck_assert_int_eq(v[KWG] % (v[MDIMC] * v[NDIMC] / v[MDIMA]), 0);
                ck_assert_int_eq(v[KWG] % (v[MDIMC] * v[NDIMC] / v[NDIMB]), 0);
            } else {
                ck_assert_int_eq(v[KREG] % v[VWN], 0);
                ck_assert(v[MDIMA] == v[MDIMC] && v[NDIMB] == v[NDIMC] && v[MWG] == v[NWG]);
            }
            scl_way_close(step);
        }
    ck_assert_int_gt(n, 15);
}
END_TEST

const char *const suite_name = "tune/space";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, axes_that_need_no_compiler_come_first);
    tcase_add_test(tc, step_changes_its_axis_and_keeps_the_others);
    tcase_add_test(tc, parameters_of_other_kernels_carry_its_name);
    tcase_add_test(tc, tiles_that_items_cannot_share_are_refused);
    tcase_add_test(tc, group_larger_than_the_devices_is_refused);
    tcase_add_test(tc, clblast_is_offered_no_set_that_it_cannot_compute);
}
