/* eval_recipe.c - the accuracy of a linear layer, and how it was trained. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "cli/eval_impl.h"

void scl_eval_recipe_print(const struct scl_evaluation *e)
{
    const uint32_t all = scl_dataset_count(e->bank);
    char text[SCL_RECIPE_BYTES];

    printf("accuracy %.2f %%\ntop-5    %.2f %%\n", e->accuracy.top1, e->accuracy.top5);
    printf("protocol: %s\n", scl_recipe_text(text, &e->recipe));
    if (e->subset.n > 0)
        printf("trained on: %d %% of each class, %u of the %u images of train", e->percent,
               e->subset.n, all);
    else
        printf("trained on: %u images of train", all);
    printf("; tested on: %u of %s\n", scl_dataset_count(e->query), e->query_split);
}

static bool add_schedule(cJSON *o, const struct scl_recipe *r)
{
    if (r->fall < 1)
        return cJSON_AddStringToObject(o, "schedule", "exponential") &&
               scl_json_number(o, "lr_end", r->optim.lr * r->fall);
    return cJSON_AddStringToObject(o, "schedule", "drops") &&
           scl_json_number(o, "drop_factor", r->drop) &&
           cJSON_AddItemToObject(o, "drop_epochs", cJSON_CreateIntArray(r->drop_epoch, 2));
}

static bool add_optimizer(cJSON *o, const struct scl_recipe *r)
{
    const struct scl_optim_config *c = &r->optim;

    if (!cJSON_AddStringToObject(o, "optimizer", scl_config_word("optim.kind", c->kind)) ||
        !scl_json_number(o, "lr", c->lr) ||
        (r->lr_encoder > 0 && !scl_json_number(o, "lr_encoder", r->lr_encoder)) ||
        !add_schedule(o, r) || !scl_json_number(o, "weight_decay", c->weight_decay))
        return false;
    if (c->kind == SCL_OPTIM_ADAM)
        return scl_json_number(o, "beta1", c->beta1) && scl_json_number(o, "beta2", c->beta2) &&
               scl_json_number(o, "eps", c->eps);
    return scl_json_number(o, "momentum", c->momentum) &&
           cJSON_AddBoolToObject(o, "nesterov", c->nesterov);
}

bool scl_eval_recipe_add(cJSON *o, const struct scl_evaluation *e)
{
    const struct scl_recipe *r = &e->recipe;
    const uint32_t all = scl_dataset_count(e->bank);

    return scl_json_number(o, "accuracy", e->accuracy.top1) &&
           scl_json_number(o, "top5", e->accuracy.top5) &&
           (!e->protocol || cJSON_AddStringToObject(o, "protocol", e->protocol)) &&
           cJSON_AddStringToObject(o, "encoder", r->lr_encoder > 0 ? "trained" : "frozen") &&
           cJSON_AddStringToObject(o, "trained_on",
                                   r->on_rows
                                       ? "features, extracted once"
                                       : "crops of 0.08 to 1 and 3/4 to 4/3, flips of 0.5") &&
           add_optimizer(o, r) && scl_json_number(o, "epochs", r->epochs) &&
           scl_json_number(o, "batch", r->batch) &&
           scl_json_number(o, "classes", scl_dataset_classes(e->bank)) &&
           scl_json_split(o, "bank", "train", e->subset.n > 0 ? e->subset.n : all) &&
           (e->subset.n == 0 || scl_json_number(o, "labels_percent", e->percent)) &&
           scl_json_split(o, "query", e->query_split, scl_dataset_count(e->query));
}
