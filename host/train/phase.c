/* phase.c - batches, draws and inputs. */
#include "train/phase.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "train/schedule.h"

static int count_steps(struct scl_phase_run *p)
{
    const struct scl_train_config *t = &p->config->train;
    const int n = (int)scl_dataset_count(p->data);

    if (p->batch > n)
        return scl_fail(SCL_CONFIG, "%s is %d, more than the %d images of the data set",
                        p->id == SCL_PHASE_SCORE ? "score.batch" : "train.batch", p->batch, n);
    p->per_epoch = n / p->batch;
    if (p->id == SCL_PHASE_SCORE) {
        p->total = p->config->score.steps;
        return SCL_OK;
    }
    if (t->steps == 0 && t->epochs > INT_MAX / p->per_epoch)
        return scl_fail(SCL_CONFIG, "train.epochs is %d: more than %d steps", t->epochs, INT_MAX);
    p->total = t->steps > 0 ? t->steps : t->epochs * p->per_epoch;
    if (t->steps > 0 && t->epochs > 0 && t->epochs < (p->total + p->per_epoch - 1) / p->per_epoch)
        p->total = t->epochs * p->per_epoch;
    return SCL_OK;
}

int scl_phase_init(struct scl_phase_run *p, enum scl_phase id, const struct scl_config *config,
                   struct scl_dataset *data)
{
    const bool score = id == SCL_PHASE_SCORE;
    struct scl_source source;
    int h, w, rc;

    *p = (struct scl_phase_run){ .id = id,
                                 .config = config,
                                 .data = data,
                                 .batch = score ? config->score.batch : config->train.batch,
                                 .n_views = score ? 1 : 2 };
    SCL_TRY(count_steps(p));
    if (scl_dataset_max_bytes(data) > INT_MAX / 4)
        return scl_fail(SCL_DATA, "the data set's largest image has %zu bytes; at most %d fit",
                        scl_dataset_max_bytes(data), INT_MAX / 4);
    scl_dataset_max_size(data, &h, &w);
    source =
        (struct scl_source){ .bytes = (int)scl_dataset_max_bytes(data), .max_side = h > w ? h : w };
    SCL_TRY(scl_view_tables_init(&p->tables, p->batch * p->n_views));
    if (!(p->sigma = calloc((size_t)p->batch, sizeof *p->sigma))) {
        rc = scl_fail(SCL_NOMEM, "out of memory for a batch of %d", p->batch);
        goto out;
    }
    rc = score ? scl_score_step(&p->graph, config, source)
               : scl_encoder_step(&p->graph, config, source);
out:
    if (rc < 0)
        scl_phase_fini(p);
    return rc;
}

void scl_phase_fini(struct scl_phase_run *p)
{
    scl_loader_close(p->loader);
    scl_exec_free(p->exec);
    scl_plan_free(p->plan);
    scl_step_graph_fini(&p->graph);
    scl_view_tables_fini(&p->tables);
    free(p->sigma);
    *p = (struct scl_phase_run){ 0 };
}

int scl_phase_plan(struct scl_phase_run *p, const struct scl_facts *facts,
                   const struct scl_profile *profile)
{
    struct scl_node *const keep[] = { p->graph.loss, p->graph.weight_stats };

    return scl_plan_new(
        &p->plan, p->graph.g,
        &(struct scl_plan_spec){
            .facts = facts, .profile = profile, .n_keep = keep[1] ? 2 : 1, .keep = keep });
}

int scl_phase_bind(struct scl_phase_run *p, struct scl_device *device, struct scl_store *store,
                   void (*progress)(void *user, int done, int of, const char *program), void *user)
{
    return scl_exec_new(&p->exec, device, store, p->plan, progress, user);
}

int scl_phase_seek(struct scl_phase_run *p, int step)
{
    const struct scl_loader_spec spec = { .batch = (uint32_t)p->batch,
                                          .seed = p->config->seed,
                                          .threads = p->config->data.threads };
    int rc;

    if (!p->loader && (rc = scl_loader_open(&p->loader, p->data, &spec)) < 0)
        return rc;
    return scl_loader_seek(p->loader, (uint32_t)(step / p->per_epoch),
                           (uint32_t)(step % p->per_epoch));
}

/* Noise levels and random flips of the score network's images: DESIGN.md 5. */
static void draw_score(struct scl_phase_run *p, int step)
{
    const struct scl_score_config *c = &p->config->score;
    const struct scl_batch *b = p->images;
    const double low = log(c->sigma_min), high = log(c->sigma_max);
    const uint32_t seed[2] = { (uint32_t)p->config->seed, (uint32_t)(p->config->seed >> 32) };

    for (int i = 0; i < p->batch; i++) {
        struct scl_rng rng = scl_rng_at(p->config->seed, SCL_RNG_SIGMA, b->epoch, b->image[i], 0);

        p->sigma[i] = (float)exp(low + (high - low) * (double)scl_rng_unit(&rng));
        scl_view_whole(p->tables.crop + i * SCL_CROP_COLUMNS, i, b->size[i][0], b->size[i][1],
                       scl_rng_unit(&rng) < 0.5f);
    }
    p->draw[0] = (int32_t)seed[0];
    p->draw[1] = (int32_t)seed[1];
    p->draw[2] = (int32_t)b->epoch;
    p->draw[3] = (int32_t)((uint32_t)SCL_RNG_NOISE << 24);
    p->lr = (float)c->lr;
    p->decay = (float)fmin(c->ema, (1.0 + step) / (10.0 + step));
}

int scl_phase_prepare(struct scl_phase_run *p, int step)
{
    const int rc = scl_loader_next(p->loader, &p->images);

    if (rc < 0)
        return rc;
    if (p->id == SCL_PHASE_SCORE) {
        draw_score(p, step);
        return SCL_OK;
    }
    scl_view_tables_fill(&p->tables, &p->config->augment, p->config->seed, p->images->epoch,
                         p->batch, p->n_views, p->images->image, p->images->size);
    p->lr = (float)scl_schedule_lr(p->config, step, p->per_epoch, p->total);
    return SCL_OK;
}

/* A node that the graph has, and its values. */
struct input {
    const struct scl_node *node;
    const void *values;
};

int scl_phase_upload(struct scl_phase_run *p)
{
    const struct scl_step_graph *s = &p->graph;
    const struct input input[] = {
        { s->pixels, p->images->pixels },
        { s->lr, &p->lr },
        { s->views.unpack, p->tables.unpack },
        { s->views.color, p->tables.color },
        { s->views.crop, p->tables.crop },
        { s->views.sigma, p->tables.sigma },
        { s->views.threshold, p->tables.threshold },
        { s->table, p->tables.crop },
        { s->sigma, p->sigma },
        { s->draw, p->draw },
        { s->index, p->images->image },
        { s->decay, &p->decay },
    };
    int rc = SCL_OK;

    p->lr_used = p->lr;
    for (size_t i = 0; i < sizeof input / sizeof *input; i++)
        if (input[i].node)
            SCL_TRY(scl_exec_write(p->exec, input[i].node, input[i].values, true));
out:
    return rc;
}
