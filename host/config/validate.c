/* validate.c - what one key asks of another. */
#include "config/config_impl.h"

#include <string.h>

#include "base/status.h"

/* How a refusal of `key` begins. */
static const char *at(const struct scl_entries *e, const char *key)
{
    return scl_entries_find(e, key)->origin;
}

static int check_name(const struct scl_config *c, const struct scl_entries *e)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (!*c->name || *c->name == '.' || c->name[strspn(c->name, good)])
        return scl_fail(SCL_CONFIG,
                        "%s: found \"%s\", wanted letters, digits and . _ - with no dot first",
                        at(e, "name"), c->name);
    if (!*c->runs)
        return scl_fail(SCL_CONFIG, "%s: found nothing, wanted a folder", at(e, "runs"));
    return SCL_OK;
}

static int check_order(const struct scl_entries *e, const char *key, const double pair[2])
{
    if (pair[0] > pair[1])
        return scl_fail(SCL_CONFIG, "%s: found [%g, %g], wanted the smaller number first",
                        at(e, key), pair[0], pair[1]);
    return SCL_OK;
}

static int check_data(const struct scl_config *c, const struct scl_entries *e)
{
    const struct scl_data_config *d = &c->data;

    if (d->kind != SCL_DATA_SYNTHETIC && !*d->root)
        return scl_fail(SCL_CONFIG, "%s: found nothing, wanted the folder of the data set %s",
                        at(e, "data.root"), scl_config_word("data.kind", d->kind));
    if (d->kind == SCL_DATA_SYNTHETIC && d->train_size - d->validation < c->train.batch)
        return scl_fail(SCL_CONFIG,
                        "%s: found %d (validation: %d), wanted at least the %d of train.batch left "
                        "to train on",
                        at(e, "data.train_size"), d->train_size, d->validation, c->train.batch);
    if (*d->classes && d->kind != SCL_DATA_IMAGE_FOLDER)
        return scl_fail(SCL_CONFIG,
                        "%s: found \"%s\", wanted nothing unless data.kind is image_folder",
                        at(e, "data.classes"), scl_clean_text(d->classes));
    if (d->max_side > 0 && d->kind != SCL_DATA_IMAGE_FOLDER)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted 0 unless data.kind is image_folder",
                        at(e, "data.max_side"), d->max_side);
    if (d->labels == SCL_LABELS_COARSE && d->kind != SCL_DATA_CIFAR100)
        return scl_fail(SCL_CONFIG, "%s: found coarse, wanted fine unless data.kind is cifar100",
                        at(e, "data.labels"));
    return SCL_OK;
}

bool scl_config_needs_score(const struct scl_config *c)
{
    return c->weight.kind == SCL_WEIGHT_SCORE_NORM || c->weight.kind == SCL_WEIGHT_SCORE_L2 ||
           c->weight.kind == SCL_WEIGHT_RANDOM;
}

/* A covariance of few images is singular; twice as many as its side is HT's bound. */
static int check_whitening(const struct scl_config *c, const struct scl_entries *e)
{
    const int size = c->method.whitening_size;

    if (size < 2 * c->head.out)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted at least twice head.out, which is %d",
                        at(e, "method.whitening_size"), size, c->head.out);
    if (c->train.batch % size)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted a divisor of train.batch, which is %d",
                        at(e, "method.whitening_size"), size, c->train.batch);
    return SCL_OK;
}

static int check_method(const struct scl_config *c, const struct scl_entries *e)
{
    const char *const name = scl_config_word("method.kind", c->method.kind);
    const bool many = c->method.kind == SCL_METHOD_SIMCLR || c->method.kind == SCL_METHOD_WMSE;

    if (c->method.views > 2 && !many)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted 2: %s compares two views",
                        at(e, "method.views"), c->method.views, name);
    if (c->augment.n_blur > c->method.views || c->augment.n_solarize > c->method.views)
        return scl_fail(
            SCL_CONFIG, "%s: found a list of %d, wanted at most one for each of the %d views",
            at(e, c->augment.n_blur > c->method.views ? "augment.blur" : "augment.solarize"),
            c->augment.n_blur > c->method.views ? c->augment.n_blur : c->augment.n_solarize,
            c->method.views);
    if (c->method.kind == SCL_METHOD_BARLOW && c->weight.kind != SCL_WEIGHT_UNIFORM)
        return scl_fail(SCL_CONFIG,
                        "%s: found %s, wanted uniform: no term of %s's loss belongs to a pair",
                        at(e, "weight.kind"), scl_config_word("weight.kind", c->weight.kind), name);
    return c->method.kind == SCL_METHOD_WMSE ? check_whitening(c, e) : SCL_OK;
}

/* The score network halves its input twice and normalises in 8 groups. */
static int check_score(const struct scl_config *c, const struct scl_entries *e)
{
    const int size =
        c->augment.size < c->weight.score_size ? c->augment.size : c->weight.score_size;

    if (c->score.width % 8)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted a multiple of 8", at(e, "score.width"),
                        c->score.width);
    if (c->score.sigma_min > c->score.sigma_max)
        return scl_fail(SCL_CONFIG, "%s: found %g, wanted at most score.sigma_max, which is %g",
                        at(e, "score.sigma_min"), c->score.sigma_min, c->score.sigma_max);
    if (!scl_config_needs_score(c))
        return SCL_OK;
    if (c->weight.sigma < c->score.sigma_min || c->weight.sigma > c->score.sigma_max)
        return scl_fail(
            SCL_CONFIG,
            "%s: found %g, wanted a sigma that the network is trained on, from %g to %g",
            at(e, "weight.sigma"), c->weight.sigma, c->score.sigma_min, c->score.sigma_max);
    if (size % 4)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted a multiple of 4 for the score network",
                        at(e, size == c->weight.score_size ? "weight.score_size" : "augment.size"),
                        size);
    return SCL_OK;
}

int scl_config_blocks(const struct scl_config *c)
{
    return c->encoder.kind == SCL_ENCODER_RESNET18 ? 9 : 17;
}

static int check_training(const struct scl_config *c, const struct scl_entries *e)
{
    const struct scl_schedule_config *s = &c->schedule;

    if (c->train.epochs == 0 && c->train.steps == 0)
        return scl_fail(SCL_CONFIG, "%s: found 0 (train.steps: 0), wanted one of the two above 0",
                        at(e, "train.epochs"));
    if (c->train.micro_batch > 0 && c->train.batch % c->train.micro_batch)
        return scl_fail(SCL_CONFIG,
                        "%s: found %d, wanted 0 or a divisor of train.batch, which is %d",
                        at(e, "train.micro_batch"), c->train.micro_batch, c->train.batch);
    if (c->train.recompute > scl_config_blocks(c))
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted at most the %d blocks of %s",
                        at(e, "train.recompute"), c->train.recompute, scl_config_blocks(c),
                        scl_config_word("encoder.kind", c->encoder.kind));
    for (int i = 1; i < s->n_drop_epochs; i++)
        if (s->drop_epochs[i] <= s->drop_epochs[i - 1])
            return scl_fail(SCL_CONFIG, "%s: found %d after %d, wanted rising epochs",
                            at(e, "schedule.drop_epochs"), s->drop_epochs[i],
                            s->drop_epochs[i - 1]);
    if (s->min_lr > c->optim.lr)
        return scl_fail(SCL_CONFIG, "%s: found %g, wanted at most optim.lr, which is %g",
                        at(e, "schedule.min_lr"), s->min_lr, c->optim.lr);
    if (c->optim.nesterov && c->optim.momentum == 0)
        return scl_fail(SCL_CONFIG, "%s: found true, wanted false while optim.momentum is 0",
                        at(e, "optim.nesterov"));
    return SCL_OK;
}

/* A central crop larger than the image would be filled up with what is not there. */
static int check_evaluation(const struct scl_config *c, const struct scl_entries *e)
{
    if (c->eval.resize != 0 && c->eval.resize < c->augment.size)
        return scl_fail(SCL_CONFIG, "%s: found %d, wanted 0, or at least augment.size, which is %d",
                        at(e, "eval.resize"), c->eval.resize, c->augment.size);
    return SCL_OK;
}

int scl_config_validate(const struct scl_config *c, const struct scl_entries *e)
{
    int rc;

    SCL_TRY(check_name(c, e));
    SCL_TRY(check_data(c, e));
    SCL_TRY(check_order(e, "augment.crop_scale", c->augment.crop_scale));
    SCL_TRY(check_order(e, "augment.crop_ratio", c->augment.crop_ratio));
    SCL_TRY(check_order(e, "augment.blur_sigma", c->augment.blur_sigma));
    SCL_TRY(check_method(c, e));
    SCL_TRY(check_score(c, e));
    SCL_TRY(check_training(c, e));
    SCL_TRY(check_evaluation(c, e));
out:
    return rc;
}
