/* training.c - the encoder's phase of a small configuration, step by step. */
#include "support/training.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/configured.h"
#include "support/op_check.h"

#define MUST(call) ck_assert_msg((call) >= 0, "%s", scl_error())

static const char base[] = "name: test\n"
                           "data: { kind: synthetic, train_size: 64, threads: 1 }\n"
                           "augment: { size: 16 }\n"
                           "encoder: { width: 4 }\n"
                           "head: { hidden: 24, out: 8, predictor: 12, prototypes: 20 }\n"
                           "score: { width: 8 }\n"
                           "schedule: { warmup_steps: 0 }\n"
                           "train: { batch: 16, epochs: 4 }\n";

void training_plan(struct training *t, const char *keys, const char *more)
{
    char text[512], kind[64], *set[24], *rest = NULL;
    struct scl_extent images;
    int n = 0;

    snprintf(text, sizeof text, "%s %s", keys, more);
    snprintf(kind, sizeof kind, "method.kind=%s", strtok_r(text, " ", &rest));
    set[n++] = kind;
    while ((set[n] = strtok_r(NULL, " ", &rest)))
        n++;
    *t = (struct training){ .step = 0 };
    MUST(scl_config_load_text(&t->config, "test", base, sizeof base - 1, n, set));
    MUST(scl_dataset_open_configured(&t->data, &t->config.data, "train"));
    MUST(scl_dataset_extent(&images, t->data));
    MUST(scl_phase_init(&t->phase, SCL_PHASE_ENCODER, &t->config, &images));
    MUST(scl_phase_plan(&t->phase, scl_device_facts(test_device()),
                        scl_device_profile(test_device()), NULL));
}

void training_open(struct training *t, const char *keys, const char *more)
{
    training_plan(t, keys, more);
    MUST(scl_store_new(&t->store, test_device(), 1, &t->phase.graph.g, t->config.seed));
    MUST(scl_phase_bind(&t->phase, test_device(), t->store, NULL, NULL));
    MUST(scl_phase_seek(&t->phase, t->data, 0));
}

void training_close(struct training *t)
{
    scl_phase_fini(&t->phase);
    scl_store_free(t->store);
    scl_dataset_close(t->data);
}

float training_value(const struct training *t, const struct scl_node *node)
{
    float value[8] = { 0 };

    MUST(scl_exec_read(t->phase.exec, node, value));
    return value[0];
}

float training_run(struct training *t, int n)
{
    for (int i = 0; i < n; i++, t->step++) {
        MUST(scl_phase_prepare(&t->phase, t->step));
        MUST(scl_phase_upload(&t->phase));
        MUST(scl_exec_run(t->phase.exec));
        MUST(scl_device_finish(test_device()));
    }
    return training_value(t, t->phase.graph.loss);
}

float *training_state(const struct training *t, const char *name)
{
    const struct scl_store_entry *e = scl_store_find(t->store, name);
    float *values;

    ck_assert_msg(e != NULL, "there is no state %s", name);
    values = malloc((scl_shape_count(e->shape) + 1) * sizeof *values);
    MUST(scl_store_read(t->store, e, values));
    return values;
}

bool training_state_is(const struct training *t, const char *name, const float *before)
{
    float *now = training_state(t, name);
    const bool same =
        memcmp(now, before, scl_shape_count(scl_store_find(t->store, name)->shape) * sizeof *now) ==
        0;

    free(now);
    return same;
}
