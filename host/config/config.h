/* config.h - every knob of a run: typed, with its unit and its default.
 *
 * A configuration is plain data without pointers: copy it by assignment, free
 * nothing. It comes from a YAML file and from `--set key.path=value`:
 *
 *     struct scl_config config;
 *     char *set[] = { "optim.lr=1e-3" };
 *
 *     SCL_TRY(scl_config_load(&config, "configs/quickstart/simclr.yaml", 1, set));
 *
 * A member is the key of the same name, a struct is a group: `config.optim.lr`
 * is `optim.lr`; the groups are in groups.h. Defaults are written once, in
 * defaults.c, types in schema.c, permitted ranges in check.c, what keys ask of each
 * other in validate.c.
 */
#ifndef SCL_CONFIG_CONFIG_H
#define SCL_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/groups.h"

// clang-format off
struct scl_config {
    char name[SCL_NAME_BYTES]; /* of the run: letters, digits and . _ - */
    char runs[SCL_PATH_BYTES]; /* folder of run folders; this run's is RUNS/NAME ["runs"] */
    uint64_t seed;             /*                                              [1] */
    char device[SCL_PATH_BYTES]; /* key; "": the best device found            [""] */
    uint64_t memory_bytes;     /* instead of what the driver reports; 0: as reported [0] */
    int determinism;           /* enum scl_determinism                [repeatable] */
    int precision;             /* enum scl_precision: with storage16 what the encoder's backward pass
                                * wants of the forward pass lies there as half in between; with
                                * tf32 products and convolutions of training steps may round
                                * their factors to 10 bits of fraction, where a device has
                                * matrix units for that; all other arithmetic is fp32 [fp32] */
    struct scl_data_config data;
    struct scl_augment_config augment;
    struct scl_encoder_config encoder;
    struct scl_head_config head;
    struct scl_method_config method;
    struct scl_probe_config probe;
    struct scl_score_config score;
    struct scl_weight_config weight;
    struct scl_optim_config optim;
    struct scl_schedule_config schedule;
    struct scl_train_config train;
    struct scl_eval_config eval;
    struct scl_linear_config linear;
    struct scl_finetune_config finetune;
};
// clang-format on

/* Reads `path`, puts each of the `n_set` texts "key.path=value" in place of what
 * the file says, fills in the defaults and checks every value. Refused with
 * SCL_CONFIG, in one line: FILE:LINE: key.path: found X, wanted Y. An override is
 * named `--set key.path=value` instead. */
int scl_config_load(struct scl_config *out, const char *path, int n_set, char *const set[]);

/* The same from `size` bytes in memory, called `source` in errors. */
int scl_config_load_text(struct scl_config *out, const char *source, const char *text, size_t size,
                         int n_set, char *const set[]);

/* Writes every key, defaults included; loading it gives an equal struct. */
int scl_config_save(const struct scl_config *c, const char *path);

/* The same as text for the caller to free; NULL, with words, when memory is out. */
char *scl_config_text(const struct scl_config *c);

/* Calls `differs` (which may be NULL) for each key whose values differ, in the
 * order of the schema, and returns how many there are. */
int scl_config_diff(const struct scl_config *a, const struct scl_config *b,
                    void (*differs)(void *user, const char *key, const char *in_a,
                                    const char *in_b),
                    void *user);

/* Whether the pair weights are made of scores, so that a score network is wanted. */
bool scl_config_needs_score(const struct scl_config *c);

/* The encoder's blocks, its stem among them: what train.recompute counts. */
int scl_config_blocks(const struct scl_config *c);

/* Calls `each` for every key of the group, "data", in the order of the schema: the whole key, its
 * value, and whether that is one number. */
int scl_config_each(const struct scl_config *c, const char *group,
                    void (*each)(void *user, const char *key, const char *value, bool is_number),
                    void *user);

/* The key's word for an enum's value, such as "adam" for "optim.kind"; NULL when
 * `key` is no enum or has no such value. For logs and plans. */
const char *scl_config_word(const char *key, int value);

#endif
