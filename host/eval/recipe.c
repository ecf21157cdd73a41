/* recipe.c - the protocols' numbers: facts/methods.md 4.2. */
#include "eval/recipe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

/* solo-learn's rates for ImageNet-100, by the words of method.kind. */
static const struct {
    const char *method;
    double lr;
} sl_rates[] = {
    { "simclr", 1.0 }, { "simsiam", 30 }, { "vicreg", 0.3 }, { "byol", 0.3 },
    { "barlow", 0.1 }, { "mocov3", 0.3 }, { "dino", 0.3 },
};

static int or_else(int value, int otherwise)
{
    return value > 0 ? value : otherwise;
}

/* After 60 % and 80 % of the epochs. */
static void set_drops(struct scl_recipe *r, double factor)
{
    r->drop = factor;
    for (int i = 0; i < 2; i++)
        r->drop_epoch[i] = ((3 + i) * r->epochs + 4) / 5;
}

struct scl_recipe scl_recipe_ht(const struct scl_linear_config *c)
{
    return (struct scl_recipe){
        .on_rows = true,
        .optim = { .kind = SCL_OPTIM_ADAM,
                   .lr = c->lr > 0 ? c->lr : 1e-2,
                   .weight_decay = 5e-6,
                   .beta1 = 0.9,
                   .beta2 = 0.999,
                   .eps = 1e-8 },
        .epochs = or_else(c->epochs, 500),
        .batch = or_else(c->batch, 1000),
        .fall = 1e-4,
        .drop = 1,
    };
}

static int find_rate(double *lr, const struct scl_config *config)
{
    const char *method = scl_config_word("method.kind", config->method.kind);

    *lr = config->linear.lr;
    for (size_t i = 0; *lr == 0 && i < sizeof sl_rates / sizeof *sl_rates; i++)
        if (strcmp(sl_rates[i].method, method) == 0)
            *lr = sl_rates[i].lr;
    return *lr > 0
               ? SCL_OK
               : scl_fail(SCL_CONFIG,
                          "linear.lr: found 0, wanted a rate: protocol sl has none for %s", method);
}

int scl_recipe_sl(struct scl_recipe *out, const struct scl_config *config)
{
    const struct scl_linear_config *c = &config->linear;

    *out = (struct scl_recipe){
        .optim = { .kind = SCL_OPTIM_SGD, .momentum = 0.9 },
        .epochs = or_else(c->epochs, 100),
        .batch = or_else(c->batch, 256),
        .fall = 1,
    };
    set_drops(out, 0.1);
    return find_rate(&out->optim.lr, config);
}

struct scl_recipe scl_recipe_finetune(const struct scl_finetune_config *c, int percent)
{
    const bool few = percent < 10;
    struct scl_recipe r = {
        .lr_encoder = c->lr_encoder > 0 ? c->lr_encoder
                      : few             ? 0.03
                                        : 0.01,
        .optim = { .kind = SCL_OPTIM_SGD,
                   .lr = c->lr_classifier > 0 ? c->lr_classifier
                         : few                ? 0.08
                                              : 0.1,
                   .momentum = 0.9,
                   .nesterov = true },
        .epochs = c->epochs,
        .batch = c->batch,
        .fall = 1,
    };

    set_drops(&r, c->drop_factor);
    return r;
}

double scl_recipe_scale(const struct scl_recipe *r, int epoch)
{
    double scale = pow(r->fall, (double)epoch / r->epochs);

    for (int i = 0; i < 2; i++)
        if (epoch >= r->drop_epoch[i])
            scale *= r->drop;
    return scale;
}

/* "lr 0.01 to 1e-06 over 500 epochs", "lr 0.1 (encoder 0.01), times 0.2 from epochs 12 and 16 of
 * 20". */
static int rates_text(char *out, size_t size, const struct scl_recipe *r)
{
    char encoder[48] = "";

    if (r->lr_encoder > 0)
        snprintf(encoder, sizeof encoder, " (encoder %g)", r->lr_encoder);
    if (r->fall < 1)
        return snprintf(out, size, "lr %g to %g over %d epochs", r->optim.lr, r->optim.lr * r->fall,
                        r->epochs);
    return snprintf(out, size, "lr %g%s, times %g from epochs %d and %d of %d", r->optim.lr,
                    encoder, r->drop, r->drop_epoch[0], r->drop_epoch[1], r->epochs);
}

const char *scl_recipe_text(char out[SCL_RECIPE_BYTES], const struct scl_recipe *r)
{
    const bool adam = r->optim.kind == SCL_OPTIM_ADAM;
    char optim[64] = "adam", rates[128];

    if (!adam)
        snprintf(optim, sizeof optim, "sgd with %smomentum %g",
                 r->optim.nesterov ? "nesterov " : "", r->optim.momentum);
    rates_text(rates, sizeof rates, r);
    snprintf(out, SCL_RECIPE_BYTES,
             "linear layer on %s, %s, %s, weight decay %g, batches of %d, after the last epoch",
             r->on_rows          ? "frozen features"
             : r->lr_encoder > 0 ? "an encoder that is trained too, random crops and flips"
                                 : "a frozen encoder, random crops and flips",
             optim, rates, r->optim.weight_decay, r->batch);
    return out;
}
