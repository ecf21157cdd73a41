/* groups.h - the groups of a configuration: one struct each, one member a key.
 *
 * The comments give unit and meaning, and the default in brackets; keys without
 * one must be given. See config.h.
 */
#ifndef SCL_CONFIG_GROUPS_H
#define SCL_CONFIG_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#define SCL_NAME_BYTES 64   /* of a run's name, with its end */
#define SCL_PATH_BYTES 1024 /* of a path or a list of devices, with its end */
#define SCL_MAX_VIEWS 4     /* of an image in a step */
#define SCL_MAX_DROPS 8     /* epochs at which the learning rate may drop */

// clang-format off
enum scl_determinism     { SCL_DETERMINISM_FAST, SCL_DETERMINISM_REPEATABLE };
enum scl_precision       { SCL_PRECISION_FP32, SCL_PRECISION_STORAGE16, SCL_PRECISION_TF32 };
enum scl_data_kind       { SCL_DATA_SYNTHETIC, SCL_DATA_IMAGE_FOLDER, SCL_DATA_CIFAR10, SCL_DATA_CIFAR100 };
enum scl_data_labels     { SCL_LABELS_FINE, SCL_LABELS_COARSE };
/* HT: jitter, grey, crop, flip, blur, solarise (htdt/self-supervised, which never solarises);
 * SL: crop, jitter, grey, blur, solarise, flip (solo-learn). */
enum scl_augment_order   { SCL_ORDER_HT, SCL_ORDER_SL };
enum scl_interpolation   { SCL_BICUBIC, SCL_BILINEAR };
enum scl_encoder_kind    { SCL_ENCODER_RESNET18, SCL_ENCODER_RESNET50 };
enum scl_encoder_stem    { SCL_STEM_CIFAR, SCL_STEM_CIFAR_PAD2, SCL_STEM_IMAGENET };
enum scl_head_norm       { SCL_HEAD_HT, SCL_HEAD_SL }; /* of SimCLR: HT: BN after each layer; SL: no BN */
enum scl_method_kind     { SCL_METHOD_SIMCLR, SCL_METHOD_SIMSIAM, SCL_METHOD_WMSE, SCL_METHOD_VICREG, SCL_METHOD_BYOL, SCL_METHOD_BARLOW, SCL_METHOD_MOCOV3, SCL_METHOD_DINO };
enum scl_weight_kind     { SCL_WEIGHT_UNIFORM, SCL_WEIGHT_SCORE_NORM, SCL_WEIGHT_SCORE_L2, SCL_WEIGHT_PIXEL_L2, SCL_WEIGHT_SSIM, SCL_WEIGHT_AUGMENTATION, SCL_WEIGHT_FEATURE, SCL_WEIGHT_RANDOM };
enum scl_weight_map      { SCL_MAP_MEAN, SCL_MAP_SOFTMAX, SCL_MAP_AFFINE };
enum scl_optim_kind      { SCL_OPTIM_ADAM, SCL_OPTIM_SGD, SCL_OPTIM_LARS };
enum scl_schedule_kind   { SCL_SCHEDULE_HT, SCL_SCHEDULE_SL, SCL_SCHEDULE_CONSTANT };
enum scl_schedule_unit   { SCL_UNIT_STEP, SCL_UNIT_EPOCH };
enum scl_knn_protocol    { SCL_KNN_HT, SCL_KNN_WEIGHTED };
enum scl_linear_protocol { SCL_LINEAR_HT, SCL_LINEAR_SL };

struct scl_data_config {
    int kind;                  /* enum scl_data_kind */
    char root[SCL_PATH_BYTES]; /* folder; needed unless kind is synthetic      [""] */
    char classes[SCL_PATH_BYTES]; /* file: the class folders to use, a name a line; "": all; image_folder only [""] */
    int labels;                /* enum scl_data_labels: 100 or 20, cifar100 only [fine] */
    int max_side;              /* longer images are shrunk to it when decoded, px; 0: none; image_folder only [0] */
    int train_size, test_size; /* images, synthetic only             [10000, 2000] */
    uint64_t seed;             /* of the synthetic images and the validation split [1] */
    int validation;            /* training images held out                      [0] */
    int threads;               /* that decode images                            [2] */
    uint64_t cache_bytes;      /* of decoded images kept in memory          [2 GiB] */
};

struct scl_augment_config {
    int order;               /* enum scl_augment_order                        [ht] */
    int size;                /* side of a view, px                            [32] */
    double crop_scale[2];    /* share of the area                       [0.2, 1.0] */
    double crop_ratio[2];    /* width / height                          [3/4, 4/3] */
    int interpolation;       /* enum scl_interpolation                   [bicubic] */
    double flip;             /* probability                                  [0.5] */
    double jitter;           /* probability of the four below together       [0.8] */
    double brightness, contrast, saturation; /* half range of the factor     [0.4] */
    double hue;              /* half range, turns                            [0.1] */
    double grayscale;        /* probability                                  [0.1] */
    double blur[SCL_MAX_VIEWS]; int n_blur; /* probability: an item a view, the last for those after it [0] */
    double blur_sigma[2];    /* px                                      [0.1, 2.0] */
    double solarize[SCL_MAX_VIEWS]; int n_solarize; /* likewise; the threshold is 0.5 [0] */
    double mean[3], std[3];  /* of the normalisation      [CIFAR-10 as HT gives it] */
};

struct scl_encoder_config {
    int kind, stem;          /* enum scl_encoder_kind, _stem    [resnet18, cifar] */
    int width;               /* channels of the stem                          [64] */
    bool zero_init_residual; /*                                            [false] */
};

struct scl_head_config {
    int hidden, out, norm;   /* widths; enum scl_head_norm          [1024, 64, ht] */
    int predictor;           /* hidden width: simsiam, byol, mocov3          [512] */
    int prototypes;          /* outputs of dino's last layer                [4096] */
};

struct scl_method_config {
    int kind;                /* enum scl_method_kind */
    int views;               /* of each image; more than 2: simclr, wmse       [2] */
    double temperature;      /* simclr, mocov3; dino's student               [0.5] */
    int whitening_size;      /* wmse: images whitened together               [128] */
    double whitening_eps;    /* wmse: share of the identity in a covariance    [0] */
    double sim, std, cov;    /* vicreg: shares of its three terms      [25, 25, 1] */
    double lambda, scale;    /* barlow: of the off-diagonal, of all [0.0051, 0.1] */
    double momentum;         /* byol, mocov3, dino: of the target, at first [0.99] */
    double momentum_end;     /* and at the end, by a cosine over the steps   [1.0] */
    double teacher_temperature; /* dino                                     [0.07] */
    double teacher_start;    /* dino: teacher's temperature at first        [0.04] */
    int teacher_epochs;      /* dino: epochs from the one to the other         [0] */
    double center_momentum;  /* dino: of the centre                          [0.9] */
    int freeze_epochs;       /* dino: epochs in which the last layer rests     [1] */
};

struct scl_probe_config {
    bool online;             /* a linear layer on the features, beside    [false] */
    double lr;               /* its own learning rate; the schedule is shared [0.1] */
};

struct scl_score_config {
    int width, steps, batch; /* channels, steps, images             [32, 3000, 64] */
    double lr;               /* of Adam                                     [1e-3] */
    double sigma_min, sigma_max; /* of the noise; equal: one level    [0.01, 1.0] */
    double clip_norm;        /* of the gradient; 0: off                      [1.0] */
    double ema;              /* decay min(ema, (1 + n) / (10 + n))         [0.999] */
    char checkpoint[SCL_PATH_BYTES]; /* trained network; "": train it first   [""] */
};

struct scl_weight_config {
    int kind, map;           /* enum scl_weight_kind, _map         [uniform, mean] */
    double sigma;            /* at which scores are read                     [0.1] */
    double power;            /* of the difference; may be negative           [1.0] */
    double temperature;      /* of map softmax                               [1.0] */
    double lambda;           /* of map affine; may be negative               [0.3] */
    double clip;             /* largest weight; 0: off                         [0] */
    int score_size;          /* larger views are averaged down: score_*, random, pixel_l2, ssim, px [32] */
};

struct scl_optim_config {
    int kind;                /* enum scl_optim_kind                         [adam] */
    double lr, weight_decay; /*                                       [3e-3, 1e-6] */
    double momentum;         /* of sgd and lars                              [0.9] */
    double beta1, beta2, eps; /* of adam                       [0.9, 0.999, 1e-8] */
    bool nesterov;           /* of sgd                                     [false] */
    double eta;              /* of lars                                     [0.02] */
    bool clip_lr;            /* of lars                                     [true] */
    bool exclude_bias_norm;  /* no decay, no lars scaling for them         [false] */
    bool static_predictor;   /* the predictor's learning rate stays lr     [false] */
};

struct scl_schedule_config {
    int kind;                /* enum scl_schedule_kind                        [ht] */
    int unit;                /* enum scl_schedule_unit: when lr moves, sl only [step] */
    int warmup_steps;        /* where warmup_epochs is 0                     [500] */
    int warmup_epochs;       /*                                                [0] */
    double warmup_start;     /* lr of step 0, sl only                       [3e-5] */
    int drop_epochs[SCL_MAX_DROPS], n_drop_epochs; /* 0-based first epoch of each lower lr, ht [none] */
    double drop_factor;      /* ht only                                      [0.2] */
    double min_lr;           /* at the end, sl only                            [0] */
};

struct scl_train_config {
    int batch;               /* images, method.views views each              [256] */
    int epochs, steps;       /* steps 0: epochs decide; one must be above 0 [0, 0] */
    int log_every, checkpoint_every; /* steps                            [10, 500] */
    int keep;                /* checkpoints that stay                          [2] */
    int micro_batch;         /* images whose views are computed together, a divisor of batch: the gradient is that of the whole batch's loss, the encoder's batch statistics are each piece's own; 0: all [0] */
    int recompute;           /* blocks of the encoder, the stem the first, that the backward pass computes again: less memory, more time, the same bits; resnet18 has 9, resnet50 17 [0] */
    bool recompute_norms;    /* of the other blocks the backward pass computes normalisations and activations again: the same bits [true] */
};

struct scl_eval_config {
    int knn_every;           /* epochs; 0: never                               [1] */
    int k;                   /* neighbours of protocol ht                      [5] */
    int batch;               /* images                                       [256] */
    int protocol;            /* enum scl_knn_protocol                         [ht] */
    int knn_k;               /* neighbours of protocol weighted              [200] */
    double knn_temperature;  /* of protocol weighted                         [0.1] */
    int resize;              /* shorter side before the central crop, px; 0: its largest square [0] */
};

/* A linear layer on a frozen encoder; eval/recipe.h has the protocols. */
struct scl_linear_config {
    int protocol;            /* enum scl_linear_protocol                      [ht] */
    int epochs, batch;       /* 0: the protocol's, ht 500 and 1000, sl 100 and 256 [0, 0] */
    double lr;               /* at first; 0: the protocol's, which for sl is the method's [0] */
};

/* Encoder and linear layer together; eval/recipe.h. */
struct scl_finetune_config {
    int epochs, batch;       /*                                          [20, 256] */
    double lr_encoder;       /* at first; 0: VICReg's, 0.03 with 1 % of the labels, else 0.01 [0] */
    double lr_classifier;    /* at first; 0: VICReg's, 0.08 with 1 % of the labels, else 0.1 [0] */
    double drop_factor;      /* of both, after 60 % and 80 % of the epochs; SwAV's [0.2] */
};
// clang-format on

#endif
