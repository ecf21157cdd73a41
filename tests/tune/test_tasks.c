/* test_tasks.c - each kind of node of a run's steps finds itself in the steps of fewer images and
 * of fewer channels, whatever is computed again or kept as half.
 */
#include <stdlib.h>

#include "base/status.h"
#include "tune/tune_impl.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const char *const keys[] = {
    "train.recompute=0",    "train.recompute_norms=false", "train.recompute=3",
    "precision=storage16",  "encoder.kind=resnet50",       "encoder.stem=imagenet",
    "weight.kind=score_l2", "train.micro_batch=64",
};

static struct scl_config config;
static const struct scl_tune_spec spec = { .config = &config };
static struct scl_tuner *t;

static void setup(void)
{
    ck_assert_ptr_nonnull(t = calloc(1, sizeof *t));
    *t = (struct scl_tuner){ .spec = &spec,
                             .facts = { .platform = "Portable Computing Language",
                                        .name = "pthread-haswell-test",
                                        .is_cpu = true,
                                        .compute_units = 2,
                                        .vector_width = 8,
                                        .max_group = 4096,
                                        .local_bytes = (size_t)1 << 20,
                                        .max_alloc_bytes = (size_t)1 << 32,
                                        .align_bytes = 128 } };
    MUST(scl_profile_open(&t->profile, &t->facts));
}

static void teardown(void)
{
    scl_tuner_close(t);
}

START_TEST(every_node_is_found_in_small_and_narrow_steps)
{
    char *set[] = { (char *)keys[_i] };

    MUST(scl_config_load(&config, "configs/bench/resnet18-simclr.yaml", 1, set));
    MUST(scl_tuner_open_phases(t));
    MUST(scl_tuner_list_tasks(t));
    ck_assert_int_gt(t->n_task, 50);
    for (int i = 0; i < t->n_task; i++) {
        const struct scl_task *s = &t->task[i];

        ck_assert_msg(s->small && s->small->op == s->node->op && s->small->n_in == s->node->n_in,
                      "%s: not found with fewer images", s->key);
        ck_assert_msg(s->narrow && s->narrow->op == s->node->op && s->narrow->n_in == s->node->n_in,
                      "%s: not found with fewer channels", s->key);
        ck_assert_int_eq(s->small->shape.rank, s->node->shape.rank);
        ck_assert_int_eq(s->narrow->shape.rank, s->node->shape.rank);
    }
}
END_TEST

const char *const suite_name = "tune/tasks";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, every_node_is_found_in_small_and_narrow_steps, 0,
                        sizeof keys / sizeof *keys);
}
