/* check.c - each key by itself: does it exist, is it there, is its value of the
 * right type and in its range. */
#include "config/config_impl.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define WORDS_BYTES 512

/* Numbers; `above` excludes `min`. Not listed: whole numbers of bytes and seeds. */
static const struct range {
    const char *key;
    double min, max;
    bool above;
} ranges[] = {
    { "data.max_side", 0, 65500, false },
    { "data.train_size", 2, 1e7, false },
    { "data.test_size", 1, 1e7, false },
    { "data.validation", 0, 1e7, false },
    { "data.threads", 1, 256, false },
    { "augment.size", 4, 1024, false },
    { "augment.crop_scale", 0, 1, true },
    { "augment.crop_ratio", 0, 100, true },
    { "augment.flip", 0, 1, false },
    { "augment.jitter", 0, 1, false },
    { "augment.brightness", 0, 10, false },
    { "augment.contrast", 0, 10, false },
    { "augment.saturation", 0, 10, false },
    { "augment.hue", 0, 0.5, false },
    { "augment.grayscale", 0, 1, false },
    { "augment.blur", 0, 1, false },
    { "augment.blur_sigma", 0, 100, true },
    { "augment.solarize", 0, 1, false },
    { "augment.mean", -1000, 1000, false },
    { "augment.std", 0, 1000, true },
    { "encoder.width", 1, 4096, false },
    { "head.hidden", 1, 65536, false },
    { "head.out", 1, 65536, false },
    { "head.predictor", 1, 65536, false },
    { "head.prototypes", 1, 65536, false },
    { "method.views", 2, 4, false },
    { "method.temperature", 0, 1000, true },
    { "method.whitening_size", 2, 65536, false },
    { "method.whitening_eps", 0, 0.999999, false },
    { "method.sim", 0, 1e6, false },
    { "method.std", 0, 1e6, false },
    { "method.cov", 0, 1e6, false },
    { "method.lambda", 0, 1e6, false },
    { "method.scale", 0, 1e6, true },
    { "method.momentum", 0, 1, false },
    { "method.momentum_end", 0, 1, false },
    { "method.teacher_temperature", 0, 1000, true },
    { "method.teacher_start", 0, 1000, true },
    { "method.teacher_epochs", 0, 1e6, false },
    { "method.center_momentum", 0, 1, false },
    { "method.freeze_epochs", 0, 1e6, false },
    { "probe.lr", 0, 1000, false },
    { "score.width", 8, 4096, false },
    { "score.steps", 1, 1e9, false },
    { "score.batch", 1, 65536, false },
    { "score.lr", 0, 1000, false },
    { "score.sigma_min", 0, 1000, true },
    { "score.sigma_max", 0, 1000, true },
    { "score.clip_norm", 0, 1e9, false },
    { "score.ema", 0, 1, false },
    { "weight.sigma", 0, 1000, true },
    { "weight.power", -100, 100, false },
    { "weight.temperature", 0, 1e6, true },
    { "weight.lambda", -1000, 1000, false },
    { "weight.clip", 0, 1e9, false },
    { "weight.score_size", 4, 1024, false },
    { "optim.lr", 0, 1000, false },
    { "optim.weight_decay", 0, 1000, false },
    { "optim.momentum", 0, 0.999999, false },
    { "optim.beta1", 0, 0.999999, false },
    { "optim.beta2", 0, 0.99999999, false },
    { "optim.eps", 0, 1, true },
    { "optim.eta", 0, 1000, true },
    { "schedule.warmup_steps", 0, 1e9, false },
    { "schedule.warmup_epochs", 0, 1e6, false },
    { "schedule.warmup_start", 0, 1000, false },
    { "schedule.drop_epochs", 1, 1e6, false },
    { "schedule.drop_factor", 0, 1, true },
    { "schedule.min_lr", 0, 1000, false },
    { "train.batch", 2, 65536, false },
    { "train.epochs", 0, 1e6, false },
    { "train.steps", 0, 1e9, false },
    { "train.log_every", 1, 1e9, false },
    { "train.checkpoint_every", 1, 1e9, false },
    { "train.keep", 1, 1000, false },
    { "train.micro_batch", 0, 65536, false },
    { "train.recompute", 0, 17, false },
    { "eval.knn_every", 0, 1e6, false },
    { "eval.k", 1, 10000, false },
    { "eval.batch", 1, 65536, false },
    { "eval.knn_k", 1, 10000, false },
    { "eval.knn_temperature", 0, 1000, true },
    { "eval.resize", 0, 4096, false },
    { "linear.epochs", 0, 1e6, false },
    { "linear.batch", 0, 65536, false },
    { "linear.lr", 0, 1000, false },
    { "finetune.epochs", 1, 1e6, false },
    { "finetune.batch", 1, 65536, false },
    { "finetune.lr_encoder", 0, 1000, false },
    { "finetune.lr_classifier", 0, 1000, false },
    { "finetune.drop_factor", 0, 1, true },
};

static const struct range *range_of(const char *key)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (!strcmp(ranges[i].key, key))
            return &ranges[i];
    return NULL;
}

/* "a number above 0 to 1", "one of ht, sl": what the key takes. */
static void wanted(char *out, const struct scl_leaf *leaf)
{
    const cyaml_schema_value_t *v = &leaf->field->value, *item = scl_leaf_item(leaf);
    const struct range *r = range_of(leaf->key);
    size_t n = 0;

    if (v->type == CYAML_SEQUENCE_FIXED)
        n = (size_t)snprintf(out, WORDS_BYTES, "a list of %u, each ", v->sequence.max);
    else if (v->type == CYAML_SEQUENCE)
        n = (size_t)snprintf(out, WORDS_BYTES, "%sa list of at most %u, each ",
                             v->sequence.min == 1 ? "one or " : "", v->sequence.max);
    if (item->type == CYAML_STRING) {
        snprintf(out + n, WORDS_BYTES - n, "text of at most %u bytes", item->string.max);
    } else if (item->type == CYAML_BOOL) {
        snprintf(out + n, WORDS_BYTES - n, "true or false");
    } else if (item->type == CYAML_UINT) {
        snprintf(out + n, WORDS_BYTES - n, "a whole number from 0 to %llu", ULLONG_MAX);
    } else if (item->type == CYAML_ENUM) {
        n += (size_t)snprintf(out + n, WORDS_BYTES - n, "%s",
                              item->enumeration.count > 1 ? "one of " : "");
        for (uint32_t i = 0; i < item->enumeration.count && n < WORDS_BYTES; i++)
            n += (size_t)snprintf(out + n, WORDS_BYTES - n, "%s%s", i ? ", " : "",
                                  item->enumeration.strings[i].str);
    } else {
        snprintf(out + n, WORDS_BYTES - n, "%s %s %.10g %s %.10g",
                 item->type == CYAML_INT ? "a whole number" : "a number",
                 r->above ? "above" : "from", r->min, r->above ? "and up to" : "to", r->max);
    }
}

static int fail_value(const struct scl_entry *entry, const struct scl_leaf *leaf, const char *found)
{
    char words[WORDS_BYTES];

    wanted(words, leaf);
    return scl_fail(SCL_CONFIG, "%s: found %s, wanted %s", entry->origin, found, words);
}

/* Digits as JSON has them: no sign but minus, no leading zero that could mean octal. */
static bool is_whole(const char *text)
{
    const char *digits = text + (*text == '-');
    const size_t n = strspn(digits, "0123456789");

    return n > 0 && digits[n] == '\0' && (n == 1 || digits[0] != '0');
}

static bool is_number(const struct scl_leaf *leaf, const char *text)
{
    const struct range *r = range_of(leaf->key);
    const bool whole = scl_leaf_item(leaf)->type == CYAML_INT;
    char *end;
    double x;

    if (whole ? !is_whole(text) : text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    errno = 0;
    x = strtod(text, &end);
    return end != text && *end == '\0' && errno == 0 && isfinite(x) && x <= r->max &&
           (r->above ? x > r->min : x >= r->min);
}

static bool is_unsigned(const char *text)
{
    errno = 0;
    if (!is_whole(text) || *text == '-')
        return false;
    strtoull(text, NULL, 10);
    return errno == 0;
}

static bool is_word(const cyaml_schema_value_t *v, const char *text)
{
    for (uint32_t i = 0; i < v->enumeration.count; i++)
        if (!strcmp(v->enumeration.strings[i].str, text))
            return true;
    return false;
}

/* Control characters and line ends have no place in a name or a path. */
static bool is_text(const cyaml_schema_value_t *v, const char *text)
{
    for (const char *p = text; *p; p++)
        if (scl_control_bytes(p))
            return false;
    return strlen(text) <= v->string.max;
}

/* YAML's words for nothing: no text unless in quotes (and ~ is nobody's home). */
static bool is_null(const char *text)
{
    return !strcmp(text, "~") || !strcmp(text, "null") || !strcmp(text, "Null") ||
           !strcmp(text, "NULL");
}

static int check_item(const struct scl_entry *entry, const struct scl_leaf *leaf, int i)
{
    const cyaml_schema_value_t *v = scl_leaf_item(leaf);
    const char *text = entry->value[i];
    char found[96];
    bool good;

    if (v->type == CYAML_STRING)
        good = is_text(v, text) && (entry->quoted[i] || !is_null(text));
    else if (v->type == CYAML_ENUM)
        good = is_word(v, text);
    else if (entry->quoted[i])
        good = false;
    else if (v->type == CYAML_BOOL)
        good = !strcmp(text, "true") || !strcmp(text, "false");
    else if (v->type == CYAML_UINT)
        good = is_unsigned(text);
    else
        good = is_number(leaf, text);
    if (good)
        return SCL_OK;
    if (entry->quoted[i])
        snprintf(found, sizeof found, "the text \"%s\"", scl_clean_text(text));
    else
        snprintf(found, sizeof found, "%s", *text ? scl_clean_text(text) : "nothing");
    return fail_value(entry, leaf, found);
}

static int check_entry(const struct scl_entry *entry, const struct scl_leaf *leaf)
{
    const cyaml_schema_value_t *v = &leaf->field->value;
    const bool list = v->type == CYAML_SEQUENCE || v->type == CYAML_SEQUENCE_FIXED;
    char found[64];
    int rc = SCL_OK;

    if (entry->form == SCL_ENTRY_GROUP)
        return fail_value(entry, leaf, "keys of a group");
    if (entry->form == SCL_ENTRY_LIST &&
        (!list || entry->n < (int)v->sequence.min || entry->n > (int)v->sequence.max)) {
        snprintf(found, sizeof found, "a list of %d", entry->n);
        return fail_value(entry, leaf, found);
    }
    /* A list of one needs no brackets where it is the shortest. */
    if (entry->form == SCL_ENTRY_SCALAR && list && v->sequence.min != 1)
        return fail_value(entry, leaf,
                          *entry->value[0] ? scl_clean_text(entry->value[0]) : "nothing");
    for (int i = 0; i < entry->n && rc == SCL_OK; i++)
        rc = check_item(entry, leaf, i);
    return rc;
}

int scl_entries_check(const struct scl_entries *e)
{
    struct scl_leaf leaf;
    int rc = SCL_OK;

    for (int i = 0; i < e->n && rc == SCL_OK; i++) {
        const struct scl_entry *entry = e->item[i];

        if (scl_leaf_find(&leaf, entry->key))
            rc = check_entry(entry, &leaf);
        else if (!scl_leaf_is_group(entry->key))
            rc = scl_config_unknown(entry);
        else if (entry->form != SCL_ENTRY_GROUP)
            rc = scl_fail(SCL_CONFIG, "%s: found a value, wanted a group of keys below it",
                          entry->origin);
    }
    leaf = (struct scl_leaf){ 0 };
    while (rc == SCL_OK && scl_leaf_next(&leaf)) {
        char words[WORDS_BYTES];

        if (scl_entries_find(e, leaf.key))
            continue;
        wanted(words, &leaf);
        rc = scl_fail(SCL_CONFIG, "%s: %s: found no such key, wanted %s", e->source, leaf.key,
                      words);
    }
    return rc;
}
