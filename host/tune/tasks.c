/* tasks.c - the graphs of a run, and their nodes by what they compute. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/configured.h"
#include "graph/key.h"
#include "tune/tune_impl.h"

enum { FULL, SMALL, NARROW };
enum { MIN_WIDTH = 8 };

/* Where nothing was measured: a device that nobody would call fast. */
#define SOME_GFLOPS 100.0
#define SOME_GBPS 10.0

static int divided(int width)
{
    return width / 8 > MIN_WIDTH ? width / 8 : MIN_WIDTH < width ? MIN_WIDTH : width;
}

static void make_narrow(struct scl_config *c)
{
    c->encoder.width = divided(c->encoder.width);
    c->head.hidden = divided(c->head.hidden);
    c->head.out = divided(c->head.out);
    c->head.predictor = divided(c->head.predictor);
    c->head.prototypes = divided(c->head.prototypes);
    c->score.width = divided(c->score.width);
}

/* Whether the nodes of both graphs correspond. */
static bool same_nodes(const struct scl_graph *a, const struct scl_graph *b)
{
    bool same = scl_graph_count(a) == scl_graph_count(b);

    for (int id = 0; same && id < scl_graph_count(a); id++)
        same = scl_graph_node(a, id)->op == scl_graph_node(b, id)->op;
    return same;
}

/* The graph again with `batch` images; or more, until the method takes them. */
static int open_small(struct scl_tuned_phase *p, int which, enum scl_phase id, int batch,
                      const struct scl_extent *images)
{
    struct scl_config *c = &p->config[which];
    const int most = p->run[FULL].batch;
    int rc = SCL_SHAPE;

    for (; rc != SCL_OK && batch < 2 * most; batch *= 2) {
        c->train.batch = c->score.batch = batch < most ? batch : most;
        if ((rc = scl_phase_init(&p->run[which], id, c, images)) < 0)
            continue;
        p->n_run = which + 1;
        if (!same_nodes(p->run[FULL].graph.g, p->run[which].graph.g)) {
            scl_phase_fini(&p->run[which]);
            p->n_run = which;
            rc = scl_fail(SCL_SHAPE, "a step of %d images has other nodes than one of %d", batch,
                          most);
        }
    }
    return rc;
}

static int open_phase(struct scl_tuner *t, enum scl_phase id)
{
    struct scl_tuned_phase *p = &t->phase[t->n_phase];
    int rc;

    p->config[FULL] = p->config[SMALL] = p->config[NARROW] = *t->spec->config;
    make_narrow(&p->config[NARROW]);
    SCL_TRY(scl_phase_init(&p->run[FULL], id, &p->config[FULL], &t->images));
    p->n_run = 1;
    t->n_phase++;
    SCL_TRY(open_small(p, SMALL, id, 2, &t->images));
    SCL_TRY(open_small(p, NARROW, id, 2, &t->images));
    rc = scl_phase_plan(&p->run[FULL], &t->facts, t->profile, NULL);
out:
    return rc;
}

static int find_images(struct scl_tuner *t)
{
    struct scl_data_config config = t->spec->config->data;
    struct scl_dataset *data;
    int rc;

    config.cache_bytes = 0; /* sizes of images are looked at, pixels are not */
    if ((rc = scl_dataset_open_configured(&data, &config, "train")) < 0)
        return rc;
    rc = scl_dataset_extent(&t->images, data);
    scl_dataset_close(data);
    return rc;
}

int scl_tuner_open_phases(struct scl_tuner *t)
{
    const struct scl_config *config = t->spec->config;
    int rc;

    SCL_TRY(find_images(t));
    SCL_TRY(open_phase(t, SCL_PHASE_ENCODER));
    t->phase[0].weight = 1;
    if (!scl_config_needs_score(config) || config->score.checkpoint[0])
        return SCL_OK;
    SCL_TRY(open_phase(t, SCL_PHASE_SCORE));
    t->phase[1].weight =
        (double)t->phase[1].run[FULL].schedule.total / t->phase[0].run[FULL].schedule.total;
out:
    return rc;
}

void scl_tuner_close_phases(struct scl_tuner *t)
{
    for (int i = 0; i < t->n_phase; i++) {
        for (int k = 0; k < t->phase[i].n_run; k++)
            scl_phase_fini(&t->phase[i].run[k]);
        free(t->phase[i].ms);
    }
}

static struct scl_task *find_task(struct scl_tuner *t, const struct scl_tuned_phase *p,
                                  const struct scl_step *step)
{
    const struct scl_node *y = step->node;
    char key[SCL_NODE_KEY_BYTES];
    struct scl_task *s;

    scl_node_key(key, y);
    for (int i = 0; i < t->n_task; i++)
        if (strcmp(t->task[i].key, key) == 0)
            return &t->task[i];
    s = &t->task[t->n_task++];
    *s = (struct scl_task){ .node = y,
                            .small = scl_graph_node(p->run[SMALL].graph.g, y->id),
                            .narrow = scl_graph_node(p->run[NARROW].graph.g, y->id),
                            .usual = -1,
                            .best = -1 };
    memcpy(s->key, key, sizeof s->key);
    return s;
}

static double floor_ms(const struct scl_tuner *t, const struct scl_step *step)
{
    const struct scl_cost cost = scl_step_cost(step);

    return 1e3 * scl_cost_seconds(&cost, t->gflops > 0 ? t->gflops : SOME_GFLOPS,
                                  t->copy_gbps > 0 ? t->copy_gbps : SOME_GBPS, NULL);
}

/* A launch of a phase's plan counts for the task of its node. */
static void count_launch(struct scl_tuner *t, const struct scl_tuned_phase *p, int k)
{
    const struct scl_step *step = &p->run[FULL].plan->step[k];
    struct scl_task *s = find_task(t, p, step);
    const bool is_first = k == 0 || step[-1].node != step->node;
    const double least = is_first ? p->weight * floor_ms(t, step) : 0;

    s->n_node += is_first;
    s->floor_ms += least;
    s->step_ms += p->ms ? p->weight * p->ms[k] : least;
    if (p->ms && step->node == s->node) /* the first of them */
        s->node_ms += p->ms[k];
}

int scl_tuner_list_tasks(struct scl_tuner *t)
{
    size_t room = 1;

    for (int i = 0; i < t->n_phase; i++)
        room += (size_t)t->phase[i].run[FULL].plan->n_step;
    if (!(t->task = calloc(room, sizeof *t->task)))
        return scl_fail(SCL_NOMEM, "out of memory for %zu nodes", room);
    for (int i = 0; i < t->n_phase; i++)
        for (int k = 0; k < t->phase[i].run[FULL].plan->n_step; k++)
            count_launch(t, &t->phase[i], k);
    return SCL_OK;
}
