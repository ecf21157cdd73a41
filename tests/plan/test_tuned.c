/* test_tuned.c - plans by the decisions of a tuning database, and what is made of bad ones. */
#include <stdlib.h>
#include <string.h>

#include "backend/tuning.h"
#include "base/status.h"
#include "graph/key.h"
#include "ops/ops.h"
#include "plan/plan.h"
#include "support/temp_folder.h"

#define ME "pocl:haswell-test:2cu"
#define KIN "#@ pocl:near:4cu | AuthenticAMD | pocl-avx2 | cpu | 1048576\n"

static struct scl_facts facts;
static struct scl_profile *profile;
static struct scl_tuning *tuning;
static struct scl_graph *g;
static struct scl_node *y;
static struct scl_plan *plan;
static enum scl_class loosest; /* of what is planned */
static char key[SCL_NODE_KEY_BYTES];

/* A convolution whose default is Winograd's. */
static void setup(void)
{
    struct scl_node *x, *w;

    facts = (struct scl_facts){ .platform = "Portable Computing Language",
                                .vendor = "AuthenticAMD",
                                .name = "pthread-haswell-test",
                                .driver = "3.1",
                                .is_cpu = true,
                                .compute_units = 2,
                                .vector_width = 8,
                                .max_group = 4096,
                                .local_bytes = 1 << 20,
                                .global_bytes = (size_t)1 << 30,
                                .max_alloc_bytes = (size_t)1 << 28,
                                .align_bytes = 128 };
    temp_folder_open();
    ck_assert_int_eq(scl_profile_open(&profile, &facts), SCL_OK);
    ck_assert_str_eq(scl_profile_name(profile), "pocl-avx2");
    ck_assert_ptr_nonnull(g = scl_graph_new());
    x = scl_input(g, "x", SCL_F32, SCL_SHAPE4(2, 16, 16, 64));
    w = scl_state(g, "w", SCL_SHAPE4(3, 3, 64, 64), (struct scl_init){ 0 });
    ck_assert_ptr_nonnull(y = scl_conv2d(g, x, w, NULL, 1, 1));
    scl_node_key(key, y);
}

static void teardown(void)
{
    scl_plan_free(plan);
    scl_tuning_close(tuning);
    scl_graph_free(g);
    scl_profile_close(profile);
    plan = NULL;
    tuning = NULL;
    loosest = SCL_CLASS_F32;
    temp_folder_close();
}

static int make(struct scl_plan **out, const struct scl_tuning *with)
{
    return scl_plan_new(out, g,
                        &(struct scl_plan_spec){ .facts = &facts,
                                                 .profile = profile,
                                                 .tuning = with,
                                                 .numeric = loosest,
                                                 .n_keep = 1,
                                                 .keep = &y });
}

/* The digits of a candidate's kernels as they are. */
static const char *hash_of(const char *candidate)
{
    static char hash[SCL_KERNEL_HASH_BYTES];
    struct scl_plan *forced;

    ck_assert_msg(scl_plan_new(&forced, g,
                               &(struct scl_plan_spec){ .facts = &facts,
                                                        .profile = profile,
                                                        .n_keep = 1,
                                                        .keep = &y,
                                                        .force_op = y->op,
                                                        .force_candidate = candidate }) == SCL_OK,
                  "%s", scl_error());
    ck_assert_int_eq(scl_kernel_hash(hash, forced->step[0].launch), SCL_OK);
    scl_plan_free(forced);
    return hash;
}

/* A line of the database; `hash` NULL: of the kernels as they are. */
static void add(char *text, const char *device, const char *what, const char *ms, const char *hash,
                const char *origin)
{
    char candidate[64];

    snprintf(candidate, sizeof candidate, "%.*s", (int)strcspn(what, " "), what);
    sprintf(text + strlen(text), "%s | 3.1 | %s | %s | %s | %s | - | - | %s | %s | 1\n", device,
            key, what, strcmp(candidate, "direct.mma") == 0 ? "tf32" : "f32", ms,
            hash ? hash : hash_of(candidate), origin);
}

static void plan_with(const char *text)
{
    struct scl_decisions list = { 0 };

    ck_assert_msg(scl_decisions_parse(&list, "t", text, false) == SCL_OK, "%s", scl_error());
    ck_assert_int_eq(scl_tuning_new(&tuning, &list, &facts, profile), SCL_OK);
    ck_assert_msg(make(&plan, tuning) == SCL_OK, "%s", scl_error());
}

static void check_choice(const char *chosen, enum scl_origin origin)
{
    ck_assert_str_eq(plan->step[0].by->chosen, chosen);
    ck_assert_int_eq(plan->step[0].by->origin, origin);
}

static void check_default(void)
{
    ck_assert_str_eq(plan->step[0].by->candidate->name, "winograd4.vec");
    ck_assert_int_eq(plan->step[0].by->origin, SCL_DEFAULT);
}

START_TEST(without_a_decision_the_profile_decides)
{
    plan_with("");
    check_default();
    check_choice("winograd4.vec MR=6 NV=1 TILES=48 DEPTH=256 STREAM=32768", SCL_DEFAULT);
}
END_TEST

START_TEST(decision_is_used_with_its_parameters)
{
    char text[4096] = "";

    add(text, ME, "direct.vec MR=4 NV=2", "1", NULL, "tuned");
    plan_with(text);
    check_choice("direct.vec MR=4 NV=2 SPAN=16 CACHE=256", SCL_TUNED);
    ck_assert_ptr_nonnull(strstr(plan->step[1].launch->defines, "-DMR=4 -DNV=2"));
    ck_assert_int_eq(plan->n_stale, 0);
}
END_TEST

/* The same device, as a GPU with matrix units. */
static void use_matrix_units(void)
{
    scl_profile_close(profile);
    facts.is_cpu = false;
    facts.has_tf32 = true;
    ck_assert_int_eq(scl_profile_open_named(&profile, "nvidia-gpu"), SCL_OK);
}

static const struct {
    enum scl_class loosest;
    const char *f32_ms, *tf32_ms; /* NULL: nothing is known */
    const char *candidate;
    enum scl_origin origin;
} classes[] = {
    { SCL_CLASS_F32, NULL, NULL, "winograd4.tile", SCL_DEFAULT },
    { SCL_CLASS_TF32, NULL, NULL, "direct.mma", SCL_DEFAULT },
    { SCL_CLASS_F32, "2", "1", "direct.tile", SCL_TUNED },
    { SCL_CLASS_TF32, "2", "1", "direct.mma", SCL_TUNED },
    { SCL_CLASS_TF32, "1", "2", "direct.tile", SCL_TUNED },
    { SCL_CLASS_F32, NULL, "1", "winograd4.tile", SCL_DEFAULT },
    { SCL_CLASS_TF32, NULL, "1", "direct.mma", SCL_TUNED },
    /* what was not measured in tf32 may still be faster */
    { SCL_CLASS_TF32, "1", NULL, "direct.mma", SCL_DEFAULT },
};

START_TEST(class_of_the_run_and_the_times_decide)
{
    char text[4096] = "", self[SCL_KEY_BYTES];

    use_matrix_units();
    scl_device_key(self, sizeof self, &facts);
    if (classes[_i].f32_ms)
        add(text, self, "direct.tile", classes[_i].f32_ms, NULL, "tuned");
    if (classes[_i].tf32_ms)
        add(text, self, "direct.mma TK=16", classes[_i].tf32_ms, NULL, "tuned");
    loosest = classes[_i].loosest;
    plan_with(text);
    ck_assert_str_eq(plan->step[0].by->candidate->name, classes[_i].candidate);
    ck_assert_int_eq(plan->step[0].by->origin, classes[_i].origin);
    ck_assert_int_eq(plan->n_stale, 0);
}
END_TEST

START_TEST(plan_outlives_the_tuning)
{
    char text[4096] = KIN;

    add(text, "pocl:near:4cu", "direct.vec MR=4", "1", NULL, "tuned");
    plan_with(text);
    scl_tuning_close(tuning);
    tuning = NULL;
    check_choice("direct.vec MR=4 NV=1 SPAN=16 CACHE=256", SCL_RELATIVE);
    ck_assert_str_eq(plan->step[0].by->from, "pocl:near:4cu");
}
END_TEST

START_TEST(stale_decision_is_not_used_and_said_so)
{
    char text[4096] = "", remark[SCL_PLAN_REMARK_BYTES];

    add(text, ME, "direct.vec MR=4", "1", "00000000", "tuned");
    plan_with(text);
    check_default();
    ck_assert_int_eq(plan->n_stale, 1);
    ck_assert_str_eq(scl_plan_remark(remark, plan),
                     "1 decision of the tuning database is for older kernels and not used; scorecl "
                     "tune CONFIG renews them");
}
END_TEST

START_TEST(next_decision_is_used_where_the_first_is_stale)
{
    char text[4096] = "";

    add(text, ME, "direct.vec MR=4", "1", "00000000", "tuned");
    add(text, ME, "direct.vec MR=5", "1", NULL, "imported");
    plan_with(text);
    check_choice("direct.vec MR=5 NV=1 SPAN=16 CACHE=256", SCL_IMPORTED);
    ck_assert_int_eq(plan->n_stale, 1);
}
END_TEST

/* Plans that this device, or this program, cannot run. */
static const char *const unusable[] = {
    "nothing.vec",                         /* no such candidate */
    "direct.vec WIDTH=4",                  /* no such parameter */
    "direct.tile RM=1 RN=1 TM=128 TN=128", /* groups of 16384 items */
    "direct.vec NV=16777215",              /* scratch larger than any buffer */
};

START_TEST(decision_that_cannot_be_used_is_passed_over)
{
    char text[4096] = "", remark[SCL_PLAN_REMARK_BYTES];

    add(text, ME, unusable[_i], "1", hash_of("direct.vec"), "tuned");
    plan_with(text);
    check_default();
    ck_assert_int_eq(plan->n_stale, 0);
    ck_assert_str_eq(scl_plan_remark(remark, plan), "");
}
END_TEST

START_TEST(candidate_that_refuses_the_node_is_passed_over)
{
    struct scl_node *x = scl_input(g, "x5", SCL_F32, SCL_SHAPE4(2, 16, 16, 64));
    struct scl_node *w = scl_state(g, "w5", SCL_SHAPE4(5, 5, 64, 64), (struct scl_init){ 0 });
    char text[4096] = "";

    y = scl_conv2d(g, x, w, NULL, 1, 2); /* no 3x3: none for Winograd */
    scl_node_key(key, y);
    add(text, ME, "winograd4.vec", "1", "00000000", "tuned");
    plan_with(text);
    ck_assert_str_eq(plan->step[0].by->candidate->name, "direct.vec");
    ck_assert_int_eq(plan->step[0].by->origin, SCL_DEFAULT);
}
END_TEST

START_TEST(nearest_relative_is_asked)
{
    char text[4096] = KIN "#@ pocl:far:64cu | GenuineIntel | pocl-avx2 | cpu | 1048576\n";

    add(text, "pocl:far:64cu", "direct.vec MR=3", "1", NULL, "tuned");
    add(text, "pocl:near:4cu", "direct.vec MR=4", "1", NULL, "tuned");
    plan_with(text);
    check_choice("direct.vec MR=4 NV=1 SPAN=16 CACHE=256", SCL_RELATIVE);
}
END_TEST

START_TEST(default_that_failed_here_is_passed_over)
{
    char text[4096] = "";

    add(text, ME, "winograd4.vec", "wrong", NULL, "measured");
    plan_with(text);
    ck_assert_str_eq(plan->step[0].by->candidate->name, "winograd2.vec");
    ck_assert_int_eq(plan->step[0].by->origin, SCL_DEFAULT);
}
END_TEST

START_TEST(default_that_failed_with_all_its_parameters_named_is_the_same)
{
    char text[4096] = "";

    add(text, ME, "winograd4.vec MR=6 NV=1 TILES=48 DEPTH=256 STREAM=32768", "crashed", NULL,
        "measured");
    plan_with(text);
    ck_assert_str_eq(plan->step[0].by->candidate->name, "winograd2.vec");
}
END_TEST

START_TEST(failure_of_older_kernels_says_nothing)
{
    char text[4096] = "";

    add(text, ME, "winograd4.vec", "wrong", "00000000", "measured");
    plan_with(text);
    check_default();
}
END_TEST

START_TEST(node_of_which_everything_failed_is_refused)
{
    struct scl_decisions list = { 0 };
    char text[8192] = "";

    for (const struct scl_candidate *c = y->op->candidates; c->name; c++)
        if (!c->accepts || c->accepts(y, &facts))
            add(text, ME, c->name, c->family == SCL_VEC ? "wrong" : "crashed", NULL, "measured");
    ck_assert_int_eq(scl_decisions_parse(&list, "t", text, false), SCL_OK);
    ck_assert_int_eq(scl_tuning_new(&tuning, &list, &facts, profile), SCL_OK);
    ck_assert_int_eq(make(&plan, tuning), SCL_SHAPE);
    ck_assert_ptr_nonnull(strstr(scl_error(), ", or it failed when it was tuned"));
}
END_TEST

/* ---- the record of a run ------------------------------------------------------------------ */

/* Writes the plan's record, and opens it as the tuning. */
static void reopen_record(void)
{
    struct scl_decisions record = { 0 };

    ck_assert_int_eq(scl_plan_record(&record, plan), SCL_OK);
    ck_assert_msg(scl_decisions_save(&record, temp_path("tuning.txt")) == SCL_OK, "%s",
                  scl_error());
    scl_decisions_fini(&record);
    scl_tuning_close(tuning);
    ck_assert_msg(scl_tuning_open_record(&tuning, temp_path("tuning.txt"), &facts, profile) ==
                      SCL_OK,
                  "%s", scl_error());
}

START_TEST(record_repeats_the_plan_under_another_profile)
{
    char text[4096] = KIN, first[17], again[17], remark[SCL_PLAN_REMARK_BYTES];

    add(text, "pocl:near:4cu", "direct.vec MR=4", "1", NULL, "tuned");
    y = scl_relu(g, y); /* a default beside the decision */
    plan_with(text);
    scl_plan_hash(first, plan);
    reopen_record();
    scl_plan_free(plan);
    scl_profile_close(profile);
    ck_assert_int_eq(scl_profile_open_named(&profile, "pocl-avx512"), SCL_OK);
    ck_assert_msg(make(&plan, tuning) == SCL_OK, "%s", scl_error());
    scl_plan_hash(again, plan);
    ck_assert_str_eq(first, again);
    check_choice("direct.vec MR=4 NV=1 SPAN=16 CACHE=256", SCL_RELATIVE);
    ck_assert_str_eq(plan->step[0].by->from, "pocl:near:4cu");
    ck_assert_int_eq(plan->step[plan->n_step - 1].by->origin, SCL_DEFAULT);
    ck_assert_str_eq(scl_plan_remark(remark, plan), "");
}
END_TEST
START_TEST(record_holds_under_another_driver_and_not_on_another_device)
{
    plan_with("");
    strcpy(facts.driver, "5.0");
    reopen_record();
    ck_assert_ptr_nonnull(tuning);
    facts.compute_units = 4;
    scl_tuning_close(tuning);
    ck_assert_int_eq(scl_tuning_open_record(&tuning, temp_path("tuning.txt"), &facts, profile),
                     SCL_OK);
    ck_assert_ptr_null(tuning);
}
END_TEST

START_TEST(record_whose_kernels_changed_is_used_and_said_so)
{
    char text[4096] = "", remark[SCL_PLAN_REMARK_BYTES];

    add(text, ME, "direct.vec MR=4 NV=1 SPAN=16 CACHE=256", "-", "00000000", "tuned");
    write_file(temp_path("tuning.txt"), text, strlen(text));
    ck_assert_int_eq(scl_tuning_open_record(&tuning, temp_path("tuning.txt"), &facts, profile),
                     SCL_OK);
    ck_assert_int_eq(make(&plan, tuning), SCL_OK);
    check_choice("direct.vec MR=4 NV=1 SPAN=16 CACHE=256", SCL_TUNED);
    ck_assert_ptr_nonnull(strstr(scl_plan_remark(remark, plan),
                                 "1 of the recorded choices have other kernels than before"));
}
END_TEST

START_TEST(node_that_the_record_lacks_is_named)
{
    char text[4096] = "", remark[SCL_PLAN_REMARK_BYTES];

    add(text, ME, "gone.vec", "-", "00000000", "default");
    write_file(temp_path("tuning.txt"), text, strlen(text));
    ck_assert_int_eq(scl_tuning_open_record(&tuning, temp_path("tuning.txt"), &facts, profile),
                     SCL_OK);
    ck_assert_int_eq(make(&plan, tuning), SCL_OK);
    check_default();
    ck_assert_ptr_nonnull(
        strstr(scl_plan_remark(remark, plan), "1 nodes cannot be computed as before, conv2d"));
}
END_TEST

const char *const suite_name = "plan/tuned";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, without_a_decision_the_profile_decides);
    tcase_add_test(tc, decision_is_used_with_its_parameters);
    tcase_add_test(tc, plan_outlives_the_tuning);
    tcase_add_loop_test(tc, class_of_the_run_and_the_times_decide, 0,
                        (int)(sizeof classes / sizeof *classes));
    tcase_add_test(tc, stale_decision_is_not_used_and_said_so);
    tcase_add_test(tc, next_decision_is_used_where_the_first_is_stale);
    tcase_add_loop_test(tc, decision_that_cannot_be_used_is_passed_over, 0,
                        sizeof unusable / sizeof *unusable);
    tcase_add_test(tc, candidate_that_refuses_the_node_is_passed_over);
    tcase_add_test(tc, nearest_relative_is_asked);
    tcase_add_test(tc, default_that_failed_here_is_passed_over);
    tcase_add_test(tc, default_that_failed_with_all_its_parameters_named_is_the_same);
    tcase_add_test(tc, failure_of_older_kernels_says_nothing);
    tcase_add_test(tc, node_of_which_everything_failed_is_refused);
    tcase_add_test(tc, record_repeats_the_plan_under_another_profile);
    tcase_add_test(tc, record_holds_under_another_driver_and_not_on_another_device);
    tcase_add_test(tc, record_whose_kernels_changed_is_used_and_said_so);
    tcase_add_test(tc, node_that_the_record_lacks_is_named);
}
