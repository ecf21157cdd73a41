/* defaults.c - what a key is when a configuration does not give it.
 *
 * The recipe is HT's SimCLR on CIFAR-10 (facts of htdt/self-supervised), the score
 * network's numbers are the design's. Absent on purpose, hence required: name,
 * data.kind, method.kind.
 */
#include "config/config_impl.h"

#include <string.h>

#include "base/status.h"

static const char defaults[] = "runs: runs\n"
                               "seed: 1\n"
                               "device: ''\n"
                               "memory_bytes: 0\n"
                               "determinism: repeatable\n"
                               "precision: fp32\n"
                               "data:\n"
                               "  root: ''\n"
                               "  classes: ''\n"
                               "  labels: fine\n"
                               "  max_side: 0\n"
                               "  train_size: 10000\n"
                               "  test_size: 2000\n"
                               "  seed: 1\n"
                               "  validation: 0\n"
                               "  threads: 2\n"
                               "  cache_bytes: 2147483648\n"
                               "augment:\n"
                               "  order: ht\n"
                               "  size: 32\n"
                               "  crop_scale: [0.2, 1.0]\n"
                               "  crop_ratio: [0.75, 1.3333333333333333]\n"
                               "  interpolation: bicubic\n"
                               "  flip: 0.5\n"
                               "  jitter: 0.8\n"
                               "  brightness: 0.4\n"
                               "  contrast: 0.4\n"
                               "  saturation: 0.4\n"
                               "  hue: 0.1\n"
                               "  grayscale: 0.1\n"
                               "  blur: 0\n"
                               "  blur_sigma: [0.1, 2.0]\n"
                               "  solarize: 0\n"
                               "  mean: [0.4914, 0.4822, 0.4465]\n"
                               "  std: [0.2023, 0.1994, 0.2010]\n"
                               "encoder:\n"
                               "  kind: resnet18\n"
                               "  stem: cifar\n"
                               "  width: 64\n"
                               "  zero_init_residual: false\n"
                               "head:\n"
                               "  hidden: 1024\n"
                               "  out: 64\n"
                               "  norm: ht\n"
                               "  predictor: 512\n"
                               "  prototypes: 4096\n"
                               "method:\n"
                               "  views: 2\n"
                               "  temperature: 0.5\n"
                               "  whitening_size: 128\n"
                               "  whitening_eps: 0\n"
                               "  sim: 25\n"
                               "  std: 25\n"
                               "  cov: 1\n"
                               "  lambda: 0.0051\n"
                               "  scale: 0.1\n"
                               "  momentum: 0.99\n"
                               "  momentum_end: 1.0\n"
                               "  teacher_temperature: 0.07\n"
                               "  teacher_start: 0.04\n"
                               "  teacher_epochs: 0\n"
                               "  center_momentum: 0.9\n"
                               "  freeze_epochs: 1\n"
                               "probe:\n"
                               "  online: false\n"
                               "  lr: 0.1\n"
                               "score:\n"
                               "  width: 32\n"
                               "  steps: 3000\n"
                               "  batch: 64\n"
                               "  lr: 1e-3\n"
                               "  sigma_min: 0.01\n"
                               "  sigma_max: 1.0\n"
                               "  clip_norm: 1.0\n"
                               "  ema: 0.999\n"
                               "  checkpoint: ''\n"
                               "weight:\n"
                               "  kind: uniform\n"
                               "  map: mean\n"
                               "  sigma: 0.1\n"
                               "  power: 1.0\n"
                               "  temperature: 1.0\n"
                               "  lambda: 0.3\n"
                               "  clip: 0\n"
                               "  score_size: 32\n"
                               "optim:\n"
                               "  kind: adam\n"
                               "  lr: 3e-3\n"
                               "  weight_decay: 1e-6\n"
                               "  momentum: 0.9\n"
                               "  beta1: 0.9\n"
                               "  beta2: 0.999\n"
                               "  eps: 1e-8\n"
                               "  nesterov: false\n"
                               "  eta: 0.02\n"
                               "  clip_lr: true\n"
                               "  exclude_bias_norm: false\n"
                               "  static_predictor: false\n"
                               "schedule:\n"
                               "  kind: ht\n"
                               "  unit: step\n"
                               "  warmup_steps: 500\n"
                               "  warmup_epochs: 0\n"
                               "  warmup_start: 3e-5\n"
                               "  drop_epochs: []\n"
                               "  drop_factor: 0.2\n"
                               "  min_lr: 0\n"
                               "train:\n"
                               "  batch: 256\n"
                               "  epochs: 0\n"
                               "  steps: 0\n"
                               "  log_every: 10\n"
                               "  checkpoint_every: 500\n"
                               "  keep: 2\n"
                               "  micro_batch: 0\n"
                               "  recompute: 0\n"
                               "  recompute_norms: true\n"
                               "eval:\n"
                               "  knn_every: 1\n"
                               "  k: 5\n"
                               "  batch: 256\n"
                               "  protocol: ht\n"
                               "  knn_k: 200\n"
                               "  knn_temperature: 0.1\n"
                               "  resize: 0\n"
                               "linear:\n"
                               "  protocol: ht\n"
                               "  epochs: 0\n"
                               "  batch: 0\n"
                               "  lr: 0\n"
                               "finetune:\n"
                               "  epochs: 20\n"
                               "  batch: 256\n"
                               "  lr_encoder: 0\n"
                               "  lr_classifier: 0\n"
                               "  drop_factor: 0.2\n";

int scl_entries_defaults(struct scl_entries *e)
{
    struct scl_entries all = { .arena = e->arena };
    int rc;

    SCL_TRY(scl_entries_load(&all, "defaults", defaults, sizeof defaults - 1));
    for (int i = 0; i < all.n; i++) {
        const struct scl_entry *from = all.item[i];
        struct scl_entry *to;

        if (from->form == SCL_ENTRY_GROUP || scl_entries_find(e, from->key))
            continue;
        to = scl_entries_push(e, from->key);
        if (!to)
            return SCL_CONFIG;
        *to = *from;
        to->origin = scl_arena_text(e->arena, "%s: %s", e->source, from->key);
        if (!to->origin)
            return SCL_NOMEM;
    }
out:
    return rc;
}
