/* test_subject.c - every node of a training step can stand alone, with values that its operator is
 * defined for. */
#include "tune/subject.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "data/configured.h"
#include "ops/ops.h"
#include "train/phase.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const char *const configs[] = {
    "configs/quickstart/scorecl-simclr.yaml", "configs/cifar10/barlow-small.yaml",
    "configs/cifar10/byol-small.yaml",        "configs/cifar10/dino-small.yaml",
    "configs/cifar10/mocov3-small.yaml",      "configs/cifar10/simsiam-small.yaml",
    "configs/cifar10/vicreg-small.yaml",      "configs/cifar10/wmse-small.yaml",
};

static void check_alone(const struct scl_node *y, const char *path)
{
    struct scl_subject *s;
    int n_state = 0;

    ck_assert_msg(scl_subject_new(&s, y, y) == SCL_OK, "%s: %s: %s", path, y->name, scl_error());
    ck_assert(s->small.y != y && scl_shape_equal(s->small.y->shape, y->shape));
    for (int i = 0; i < y->n_in; i++)
        n_state += y->op->writes >> i & 1;
    ck_assert_int_eq(s->small.n_out, n_state + (y->shape.rank > 0));
    for (int i = 0; i < s->small.n_out; i++) {
        const struct scl_node *out = s->small.out[i];

        for (size_t k = 0; k < scl_shape_count(out->shape); k++)
            if (!isfinite(s->want->of[out->id][k])) /* an assertion writes a line each */
                ck_abort_msg("%s: element %zu of %s is not finite", path, k, y->name);
    }
    scl_subject_free(s);
}

/* Nodes of one operator and shape are the same to a subject, or nearly: one of them is enough. */
static bool is_first(const struct scl_graph *g, const struct scl_node *y)
{
    for (int id = 0; id < y->id; id++) {
        const struct scl_node *other = scl_graph_node(g, id);

        if (other->op == y->op && scl_shape_equal(other->shape, y->shape) &&
            (y->n_in == 0 || scl_shape_equal(other->in[0]->shape, y->in[0]->shape)))
            return false;
    }
    return true;
}

static void check_phase(const struct scl_config *config, enum scl_phase id, const char *path)
{
    const struct scl_extent images = scl_dataset_expected(&config->data);
    struct scl_phase_run phase;
    int n = 0;

    MUST(scl_phase_init(&phase, id, config, &images));
    for (int i = 0; i < scl_graph_count(phase.graph.g); i++) {
        const struct scl_node *y = scl_graph_node(phase.graph.g, i);

        if (!y->op || !y->op->candidates || !is_first(phase.graph.g, y))
            continue;
        check_alone(y, path);
        n++;
    }
    ck_assert_int_gt(n, 20);
    scl_phase_fini(&phase);
}

START_TEST(every_node_of_a_step_stands_alone)
{
    char *set[] = { "data.kind=synthetic", "train.batch=16",
                    "encoder.width=8",     "head.hidden=16",
                    "head.out=8",          "head.predictor=8",
                    "head.prototypes=16",  "method.whitening_size=16",
                    "score.width=8",       "score.batch=2" };
    struct scl_config config;

    MUST(scl_config_load(&config, configs[_i], sizeof set / sizeof *set, set));
    check_phase(&config, SCL_PHASE_ENCODER, configs[_i]);
    if (scl_config_needs_score(&config))
        check_phase(&config, SCL_PHASE_SCORE, configs[_i]);
}
END_TEST

static struct scl_graph *g;

static void setup(void)
{
    ck_assert_ptr_nonnull(g = scl_graph_new());
}

static void teardown(void)
{
    scl_graph_free(g);
}

START_TEST(inputs_are_of_both_signs_where_the_operator_takes_them)
{
    struct scl_node *x = scl_input(g, "x", SCL_F32, SCL_SHAPE2(3, 5));
    struct scl_node *sigma = scl_input(g, "sigma", SCL_F32, SCL_SHAPE1(50));
    struct scl_node *frequency = scl_input(g, "frequency", SCL_F32, SCL_SHAPE1(4));
    struct scl_node *y = scl_relu(g, x), *log = scl_fourier(g, sigma, frequency);
    struct scl_subject *s;

    MUST(scl_subject_new(&s, y, y));
    ck_assert(s->is_signed);
    scl_subject_free(s);
    MUST(scl_subject_new(&s, log, log));
    ck_assert(!s->is_signed);
    scl_subject_free(s);
}
END_TEST

const char *const suite_name = "tune/subject";

void suite_fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, every_node_of_a_step_stands_alone, 0, sizeof configs / sizeof *configs);
    tcase_add_test(tc, inputs_are_of_both_signs_where_the_operator_takes_them);
}
