/* phase.c - batches, draws and inputs. */
#include "train/phase.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"

static int count_steps(struct scl_phase_run *p, uint32_t count)
{
    const struct scl_train_config *t = &p->config->train;
    const int n = count > 0 ? (int)count : p->batch;
    struct scl_schedule *s = &p->schedule;

    if (p->batch > n)
        return scl_fail(SCL_CONFIG, "%s is %d, more than the %d images of the data set",
                        p->id == SCL_PHASE_SCORE ? "score.batch" : "train.batch", p->batch, n);
    s->per_epoch = n / p->batch;
    if (p->id == SCL_PHASE_SCORE) {
        s->total = p->config->score.steps;
        return SCL_OK;
    }
    if (t->steps == 0 && t->epochs > INT_MAX / s->per_epoch)
        return scl_fail(SCL_CONFIG, "train.epochs is %d: more than %d steps", t->epochs, INT_MAX);
    s->total = t->steps > 0 ? t->steps : t->epochs * s->per_epoch;
    if (t->steps > 0 && t->epochs > 0 && t->epochs < (s->total + s->per_epoch - 1) / s->per_epoch)
        s->total = t->epochs * s->per_epoch;
    return SCL_OK;
}

static int make_staging(struct scl_phase_run *p)
{
    const size_t n = (size_t)p->batch;

    p->sigma = calloc(n, sizeof *p->sigma);
    p->permutation = calloc(n, sizeof *p->permutation);
    p->order = calloc(n, sizeof *p->order);
    if (!p->sigma || !p->permutation || !p->order)
        return scl_fail(SCL_NOMEM, "out of memory for a batch of %d", p->batch);
    return scl_view_tables_init(&p->tables, p->batch * p->n_views);
}

int scl_phase_init(struct scl_phase_run *p, enum scl_phase id, const struct scl_config *config,
                   const struct scl_extent *images)
{
    const bool score = id == SCL_PHASE_SCORE;
    int rc;

    *p = (struct scl_phase_run){ .id = id,
                                 .config = config,
                                 .batch = score ? config->score.batch : config->train.batch,
                                 .n_views = score ? 1 : config->method.views };
    SCL_TRY(count_steps(p, images->count));
    SCL_TRY(make_staging(p));
    SCL_TRY(score ? scl_score_step(&p->graph, config, images)
                  : scl_encoder_step(&p->graph, config, images));
    if (!score)
        p->tables.piece = p->batch / p->graph.n_piece;
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
    free(p->permutation);
    free(p->order);
    *p = (struct scl_phase_run){ 0 };
}

enum scl_class scl_phase_class(const struct scl_config *config)
{
    return config->precision == SCL_PRECISION_TF32 ? SCL_CLASS_TF32 : SCL_CLASS_F32;
}

int scl_phase_plan(struct scl_phase_run *p, const struct scl_facts *facts,
                   const struct scl_profile *profile, const struct scl_tuning *tuning)
{
    const struct scl_step_graph *s = &p->graph;
    struct scl_node *const wanted[] = { s->loss, s->weight_stats, s->spread, s->probe_loss };
    struct scl_node *keep[4];
    int n = 0;

    for (int i = 0; i < 4; i++)
        if (wanted[i])
            keep[n++] = wanted[i];
    return scl_plan_new(&p->plan, s->g,
                        &(struct scl_plan_spec){ .facts = facts,
                                                 .profile = profile,
                                                 .tuning = tuning,
                                                 .n_keep = n,
                                                 .keep = keep,
                                                 .numeric = scl_phase_class(p->config) });
}

int scl_phase_bind(struct scl_phase_run *p, struct scl_device *device, struct scl_store *store,
                   void (*progress)(void *user, int done, int of, const char *program), void *user)
{
    return scl_exec_new(&p->exec, device, store, p->plan, progress, user);
}

int scl_phase_seek(struct scl_phase_run *p, struct scl_dataset *data, int step)
{
    const struct scl_loader_spec spec = { .batch = (uint32_t)p->batch,
                                          .seed = p->config->seed,
                                          .threads = p->config->data.threads };
    int rc;

    if (!p->loader && (rc = scl_loader_open(&p->loader, data, &spec)) < 0)
        return rc;
    return scl_loader_seek(p->loader, (uint32_t)(step / p->schedule.per_epoch),
                           (uint32_t)(step % p->schedule.per_epoch));
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

/* A permutation of the batch's rows. `use` keeps the two that a step may want apart. */
static void draw_permutation(struct scl_phase_run *p, uint32_t *out, uint32_t use)
{
    const struct scl_batch *b = p->images;
    struct scl_rng rng = scl_rng_at(p->config->seed, SCL_RNG_PERMUTATION, b->epoch, b->index, use);

    for (int i = 0; i < p->batch; i++)
        out[i] = (uint32_t)i;
    scl_rng_shuffle(&rng, out, (uint32_t)p->batch);
}

static void draw_encoder(struct scl_phase_run *p, int step)
{
    const struct scl_config *c = p->config;
    const int epoch = step / p->schedule.per_epoch;

    scl_view_tables_fill(&p->tables, &c->augment, c->seed, p->images->epoch, p->batch, p->n_views,
                         p->images->image, p->images->size);
    if (p->graph.method.permutation)
        draw_permutation(p, p->permutation, 0);
    if (p->graph.order)
        draw_permutation(p, p->order, 1);
    p->lr = (float)scl_schedule_lr(c, c->optim.lr, step, &p->schedule);
    p->static_lr = (float)c->optim.lr;
    p->probe_lr = (float)scl_schedule_lr(c, c->probe.lr, step, &p->schedule);
    p->decay = (float)scl_schedule_momentum(c, step, p->schedule.total);
    p->gate = epoch >= c->method.freeze_epochs ? 1.0f : 0.0f;
    p->teacher_temperature = (float)scl_schedule_teacher(c, epoch);
}

int scl_phase_prepare(struct scl_phase_run *p, int step)
{
    const int rc = scl_loader_next(p->loader, &p->images);

    if (rc < 0)
        return rc;
    if (p->id == SCL_PHASE_SCORE)
        draw_score(p, step);
    else
        draw_encoder(p, step);
    return SCL_OK;
}

/* A node that the graph has, and its values. */
struct input {
    const struct scl_node *node;
    const void *values;
};

static int write_inputs(struct scl_phase_run *p, const struct input input[], size_t n)
{
    int rc = SCL_OK;

    for (size_t i = 0; i < n; i++)
        if (input[i].node)
            SCL_TRY(scl_exec_write(p->exec, input[i].node, input[i].values, true));
out:
    return rc;
}

/* The draws of a piece's views. */
static int write_piece(struct scl_phase_run *p, int piece)
{
    const struct scl_view_inputs *views = &p->graph.views[piece];
    const size_t first = (size_t)piece * (size_t)p->tables.piece * (size_t)p->n_views;
    const struct input input[] = {
        { views->unpack, p->tables.unpack + first * SCL_UNPACK_COLUMNS },
        { views->color, p->tables.color + first * SCL_COLOR_COLUMNS },
        { views->crop, p->tables.crop + first * SCL_CROP_COLUMNS },
        { views->sigma, p->tables.sigma + first },
        { views->threshold, p->tables.threshold + first },
    };

    return write_inputs(p, input, sizeof input / sizeof *input);
}

int scl_phase_upload(struct scl_phase_run *p)
{
    const struct scl_step_graph *s = &p->graph;
    const struct input input[] = {
        { s->pixels, p->images->pixels },
        { s->lr, &p->lr },
        { s->table, p->tables.crop },
        { s->sigma, p->sigma },
        { s->draw, p->draw },
        { s->index, p->images->image },
        { s->decay, &p->decay },
        { s->static_lr, &p->static_lr },
        { s->probe_lr, &p->probe_lr },
        { s->gate, &p->gate },
        { s->parameters, p->tables.parameters },
        { s->order, p->order },
        { s->labels, p->images->label },
        { s->method.permutation, p->permutation },
        { s->method.teacher_temperature, &p->teacher_temperature },
    };
    int rc;

    p->lr_used = p->lr;
    for (int i = 0; i < s->n_piece; i++)
        SCL_TRY(write_piece(p, i));
    rc = write_inputs(p, input, sizeof input / sizeof *input);
out:
    return rc;
}
