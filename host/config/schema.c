/* schema.c - the keys and their types, as libcyaml reads them. */
#include "config/config_impl.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define INT(m) CYAML_FIELD_INT(#m, CYAML_FLAG_DEFAULT, S, m)
#define BYTES(m) CYAML_FIELD_UINT(#m, CYAML_FLAG_DEFAULT, S, m)
#define REAL(m) CYAML_FIELD_FLOAT(#m, CYAML_FLAG_DEFAULT, S, m)
#define BOOL(m) CYAML_FIELD_BOOL(#m, CYAML_FLAG_DEFAULT, S, m)
#define WORD(m, words) CYAML_FIELD_ENUM(#m, CYAML_FLAG_STRICT, S, m, words, COUNT(words))
#define TEXT(m) CYAML_FIELD_STRING(#m, CYAML_FLAG_DEFAULT, S, m, 0)
#define REALS(m, n) CYAML_FIELD_SEQUENCE_FIXED(#m, CYAML_FLAG_DEFAULT, S, m, &real, n)
#define REALS_TO(m, n) /* one to n of them, n_m says how many */                                   \
    CYAML_FIELD_SEQUENCE_COUNT(#m, CYAML_FLAG_DEFAULT, S, m, n_##m, &real, 1, n)
#define GROUP_OF(m) CYAML_FIELD_MAPPING(#m, CYAML_FLAG_DEFAULT, struct scl_config, m, m##_fields)

static const cyaml_schema_value_t real = { CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double) };
static const cyaml_schema_value_t epoch = { CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int) };

// clang-format off
static const cyaml_strval_t determinism[] = {
    { "fast", SCL_DETERMINISM_FAST }, { "repeatable", SCL_DETERMINISM_REPEATABLE } };
static const cyaml_strval_t precisions[] = {
    { "fp32", SCL_PRECISION_FP32 }, { "storage16", SCL_PRECISION_STORAGE16 },
    { "tf32", SCL_PRECISION_TF32 } };
static const cyaml_strval_t data_kinds[] = {
    { "synthetic", SCL_DATA_SYNTHETIC }, { "image_folder", SCL_DATA_IMAGE_FOLDER }, { "cifar10", SCL_DATA_CIFAR10 },
    { "cifar100", SCL_DATA_CIFAR100 } };
static const cyaml_strval_t labels[] = { { "fine", SCL_LABELS_FINE }, { "coarse", SCL_LABELS_COARSE } };
static const cyaml_strval_t orders[] = { { "ht", SCL_ORDER_HT }, { "sl", SCL_ORDER_SL } };
static const cyaml_strval_t interpolations[] = { { "bicubic", SCL_BICUBIC }, { "bilinear", SCL_BILINEAR } };
static const cyaml_strval_t encoders[] = { { "resnet18", SCL_ENCODER_RESNET18 }, { "resnet50", SCL_ENCODER_RESNET50 } };
static const cyaml_strval_t stems[] = {
    { "cifar", SCL_STEM_CIFAR }, { "cifar_pad2", SCL_STEM_CIFAR_PAD2 }, { "imagenet", SCL_STEM_IMAGENET } };
static const cyaml_strval_t norms[] = { { "ht", SCL_HEAD_HT }, { "sl", SCL_HEAD_SL } };
static const cyaml_strval_t methods[] = {
    { "simclr", SCL_METHOD_SIMCLR }, { "simsiam", SCL_METHOD_SIMSIAM }, { "wmse", SCL_METHOD_WMSE }, { "vicreg", SCL_METHOD_VICREG },
    { "byol", SCL_METHOD_BYOL }, { "barlow", SCL_METHOD_BARLOW }, { "mocov3", SCL_METHOD_MOCOV3 }, { "dino", SCL_METHOD_DINO } };
static const cyaml_strval_t weights[] = {
    { "uniform", SCL_WEIGHT_UNIFORM }, { "score_norm", SCL_WEIGHT_SCORE_NORM }, { "score_l2", SCL_WEIGHT_SCORE_L2 },
    { "pixel_l2", SCL_WEIGHT_PIXEL_L2 }, { "ssim", SCL_WEIGHT_SSIM }, { "augmentation", SCL_WEIGHT_AUGMENTATION },
    { "feature", SCL_WEIGHT_FEATURE }, { "random", SCL_WEIGHT_RANDOM } };
static const cyaml_strval_t maps[] = { { "mean", SCL_MAP_MEAN }, { "softmax", SCL_MAP_SOFTMAX }, { "affine", SCL_MAP_AFFINE } };
static const cyaml_strval_t optims[] = { { "adam", SCL_OPTIM_ADAM }, { "sgd", SCL_OPTIM_SGD }, { "lars", SCL_OPTIM_LARS } };
static const cyaml_strval_t schedules[] = {
    { "ht", SCL_SCHEDULE_HT }, { "sl", SCL_SCHEDULE_SL }, { "constant", SCL_SCHEDULE_CONSTANT } };
static const cyaml_strval_t units[] = { { "step", SCL_UNIT_STEP }, { "epoch", SCL_UNIT_EPOCH } };
static const cyaml_strval_t protocols[] = { { "ht", SCL_KNN_HT }, { "weighted", SCL_KNN_WEIGHTED } };
static const cyaml_strval_t linear_protocols[] = { { "ht", SCL_LINEAR_HT }, { "sl", SCL_LINEAR_SL } };

#define S struct scl_data_config
static const cyaml_schema_field_t data_fields[] = {
    WORD(kind, data_kinds), TEXT(root), TEXT(classes), WORD(labels, labels), INT(max_side), INT(train_size), INT(test_size),
    BYTES(seed), INT(validation), INT(threads), BYTES(cache_bytes), CYAML_FIELD_END };
#undef S
#define S struct scl_augment_config
static const cyaml_schema_field_t augment_fields[] = {
    WORD(order, orders), INT(size), REALS(crop_scale, 2), REALS(crop_ratio, 2), WORD(interpolation, interpolations),
    REAL(flip), REAL(jitter), REAL(brightness), REAL(contrast), REAL(saturation), REAL(hue), REAL(grayscale),
    REALS_TO(blur, SCL_MAX_VIEWS), REALS(blur_sigma, 2), REALS_TO(solarize, SCL_MAX_VIEWS), REALS(mean, 3), REALS(std, 3), CYAML_FIELD_END };
#undef S
#define S struct scl_encoder_config
static const cyaml_schema_field_t encoder_fields[] = {
    WORD(kind, encoders), WORD(stem, stems), INT(width), BOOL(zero_init_residual), CYAML_FIELD_END };
#undef S
#define S struct scl_head_config
static const cyaml_schema_field_t head_fields[] = {
    INT(hidden), INT(out), WORD(norm, norms), INT(predictor), INT(prototypes), CYAML_FIELD_END };
#undef S
#define S struct scl_method_config
static const cyaml_schema_field_t method_fields[] = {
    WORD(kind, methods), INT(views), REAL(temperature), INT(whitening_size), REAL(whitening_eps), REAL(sim), REAL(std),
    REAL(cov), REAL(lambda), REAL(scale), REAL(momentum), REAL(momentum_end), REAL(teacher_temperature),
    REAL(teacher_start), INT(teacher_epochs), REAL(center_momentum), INT(freeze_epochs), CYAML_FIELD_END };
#undef S
#define S struct scl_probe_config
static const cyaml_schema_field_t probe_fields[] = { BOOL(online), REAL(lr), CYAML_FIELD_END };
#undef S
#define S struct scl_score_config
static const cyaml_schema_field_t score_fields[] = {
    INT(width), INT(steps), INT(batch), REAL(lr), REAL(sigma_min), REAL(sigma_max), REAL(clip_norm), REAL(ema),
    TEXT(checkpoint), CYAML_FIELD_END };
#undef S
#define S struct scl_weight_config
static const cyaml_schema_field_t weight_fields[] = {
    WORD(kind, weights), WORD(map, maps), REAL(sigma), REAL(power), REAL(temperature), REAL(lambda), REAL(clip),
    INT(score_size), CYAML_FIELD_END };
#undef S
#define S struct scl_optim_config
static const cyaml_schema_field_t optim_fields[] = {
    WORD(kind, optims), REAL(lr), REAL(weight_decay), REAL(momentum), REAL(beta1), REAL(beta2), REAL(eps),
    BOOL(nesterov), REAL(eta), BOOL(clip_lr), BOOL(exclude_bias_norm), BOOL(static_predictor), CYAML_FIELD_END };
#undef S
#define S struct scl_schedule_config
static const cyaml_schema_field_t schedule_fields[] = {
    WORD(kind, schedules), WORD(unit, units), INT(warmup_steps), INT(warmup_epochs), REAL(warmup_start),
    CYAML_FIELD_SEQUENCE_COUNT("drop_epochs", CYAML_FLAG_DEFAULT, S, drop_epochs, n_drop_epochs, &epoch, 0, SCL_MAX_DROPS),
    REAL(drop_factor), REAL(min_lr), CYAML_FIELD_END };
#undef S
#define S struct scl_train_config
static const cyaml_schema_field_t train_fields[] = {
    INT(batch), INT(epochs), INT(steps), INT(log_every), INT(checkpoint_every), INT(keep), INT(micro_batch),
    INT(recompute), BOOL(recompute_norms), CYAML_FIELD_END };
#undef S
#define S struct scl_eval_config
static const cyaml_schema_field_t eval_fields[] = {
    INT(knn_every), INT(k), INT(batch), WORD(protocol, protocols), INT(knn_k), REAL(knn_temperature),
    INT(resize), CYAML_FIELD_END };
#undef S
#define S struct scl_linear_config
static const cyaml_schema_field_t linear_fields[] = {
    WORD(protocol, linear_protocols), INT(epochs), INT(batch), REAL(lr), CYAML_FIELD_END };
#undef S
#define S struct scl_finetune_config
static const cyaml_schema_field_t finetune_fields[] = {
    INT(epochs), INT(batch), REAL(lr_encoder), REAL(lr_classifier), REAL(drop_factor), CYAML_FIELD_END };
#undef S
#define S struct scl_config
static const cyaml_schema_field_t top_fields[] = {
    TEXT(name), TEXT(runs), BYTES(seed), TEXT(device), BYTES(memory_bytes), WORD(determinism, determinism),
    WORD(precision, precisions),
    GROUP_OF(data), GROUP_OF(augment), GROUP_OF(encoder), GROUP_OF(head), GROUP_OF(method), GROUP_OF(probe), GROUP_OF(score),
    GROUP_OF(weight), GROUP_OF(optim), GROUP_OF(schedule), GROUP_OF(train), GROUP_OF(eval),
    GROUP_OF(linear), GROUP_OF(finetune), CYAML_FIELD_END };
#undef S
// clang-format on

const cyaml_schema_value_t scl_config_schema = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_POINTER, struct scl_config, top_fields) };

bool scl_leaf_next(struct scl_leaf *leaf)
{
    const bool started = leaf->field != NULL;
    const cyaml_schema_field_t *top = &top_fields[leaf->group];

    if (started && top->value.type == CYAML_MAPPING &&
        top->value.mapping.fields[leaf->index + 1].key) {
        leaf->index++;
    } else if (started) {
        leaf->index = 0;
        top = &top_fields[++leaf->group];
    }
    if (!top->key)
        return false;
    if (top->value.type == CYAML_MAPPING) {
        leaf->field = &top->value.mapping.fields[leaf->index];
        leaf->offset = top->data_offset + leaf->field->data_offset;
        snprintf(leaf->key, sizeof leaf->key, "%s.%s", top->key, leaf->field->key);
    } else {
        leaf->field = top;
        leaf->offset = top->data_offset;
        snprintf(leaf->key, sizeof leaf->key, "%s", top->key);
    }
    return true;
}

bool scl_leaf_find(struct scl_leaf *leaf, const char *key)
{
    *leaf = (struct scl_leaf){ 0 };
    while (scl_leaf_next(leaf))
        if (!strcmp(leaf->key, key))
            return true;
    return false;
}

bool scl_leaf_is_group(const char *key)
{
    for (const cyaml_schema_field_t *f = top_fields; f->key; f++)
        if (f->value.type == CYAML_MAPPING && !strcmp(f->key, key))
            return true;
    return false;
}

const cyaml_schema_value_t *scl_leaf_item(const struct scl_leaf *leaf)
{
    const cyaml_schema_value_t *v = &leaf->field->value;

    return v->type == CYAML_SEQUENCE || v->type == CYAML_SEQUENCE_FIXED ? v->sequence.entry : v;
}
