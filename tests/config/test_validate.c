/* test_validate.c - values that are right alone and wrong with another. */
#include <check.h>

#include "support/config_text.h"

#define SMALL_REST "data: { kind: synthetic }\nmethod: { kind: simclr }\ntrain: { epochs: 2 }\n"

static const struct config_refusal refused[] = {
    { "name: .\n" SMALL_REST,
      "run.yaml:1: name: found \".\", wanted letters, digits and . _ - with no dot first" },
    { "name: .hidden\n" SMALL_REST,
      "run.yaml:1: name: found \".hidden\", wanted letters, digits and . _ - with no dot first" },
    { "name: a b\n" SMALL_REST,
      "run.yaml:1: name: found \"a b\", wanted letters, digits and . _ - with no dot first" },
    { "name: \xc3\xa9\n" SMALL_REST,
      "run.yaml:1: name: found \"é\", wanted letters, digits and . _ - with no dot first" },
    { "name: ''\n" SMALL_REST,
      "run.yaml:1: name: found \"\", wanted letters, digits and . _ - with no dot first" },
    { SMALL "runs: ''\n", "run.yaml:5: runs: found nothing, wanted a folder" },
    { SMALL "augment: { crop_ratio: [2, 1] }\n",
      "run.yaml:5: augment.crop_ratio: found [2, 1], wanted the smaller number first" },
    { SMALL "augment: { blur_sigma: [2, 1] }\n",
      "run.yaml:5: augment.blur_sigma: found [2, 1], wanted the smaller number first" },
    { SMALL "augment: { blur: [0, 0, 0.1] }\n",
      "run.yaml:5: augment.blur: found a list of 3, wanted at most one for each of the 2 views" },
    { METHOD("byol, views: 4"),
      "run.yaml:3: method.views: found 4, wanted 2: byol compares two views" },
    { SMALL "weight: { kind: random, sigma: 0.001 }\n",
      "run.yaml:5: weight.sigma: found 0.001, wanted a sigma that the network is trained on, from "
      "0.01 to 1" },
    { SMALL "weight: { kind: score_norm, score_size: 30 }\naugment: { size: 64 }\n",
      "run.yaml:5: weight.score_size: found 30, wanted a multiple of 4 for the score network" },
    { SMALL "schedule: { drop_epochs: [3, 2] }\n",
      "run.yaml:5: schedule.drop_epochs: found 2 after 3, wanted rising epochs" },
    { "name: a\ndata: { kind: image_folder, root: '' }\nmethod: { kind: simclr }\n",
      "run.yaml:2: data.root: found nothing, wanted the folder of the data set image_folder" },
    { "name: a\ndata: { kind: cifar10 }\nmethod: { kind: simclr }\ntrain: { epochs: 1 }\n",
      "run.yaml: data.root: found nothing, wanted the folder of the data set cifar10" },
    { HEAD, "run.yaml: train.epochs: found 0 (train.steps: 0), wanted one of the two above 0" },
    { SMALL "augment: { crop_scale: [0.5, 0.2] }\n",
      "run.yaml:5: augment.crop_scale: found [0.5, 0.2], wanted the smaller number first" },
    { SMALL "score: { sigma_min: 2 }\n",
      "run.yaml:5: score.sigma_min: found 2, wanted at most score.sigma_max, which is 1" },
    { METHOD("simsiam, views: 3"),
      "run.yaml:3: method.views: found 3, wanted 2: simsiam compares two views" },
    { SMALL "augment: { solarize: [0, 0.2, 0.1] }\n",
      "run.yaml:5: augment.solarize: found a list of 3, wanted at most one for each of the 2 "
      "views" },
    { "name: run\ndata: { kind: synthetic, max_side: 64 }\nmethod: { kind: simclr }\n"
      "train: { epochs: 2 }\n",
      "run.yaml:2: data.max_side: found 64, wanted 0 unless data.kind is image_folder" },
    { METHOD("barlow") "weight: { kind: ssim }\n",
      "run.yaml:5: weight.kind: found ssim, wanted uniform: no term of barlow's loss belongs to a "
      "pair" },
    { METHOD("wmse, whitening_size: 120"),
      "run.yaml:3: method.whitening_size: found 120, wanted at least twice head.out, which is 64" },
    { METHOD("wmse, whitening_size: 130"),
      "run.yaml:3: method.whitening_size: found 130, wanted a divisor of train.batch, which is "
      "256" },
    { SMALL "score: { width: 12 }\n", "run.yaml:5: score.width: found 12, wanted a multiple of 8" },
    { SMALL "weight: { kind: score_l2, sigma: 2 }\n",
      "run.yaml:5: weight.sigma: found 2, wanted a sigma that the network is trained on, from "
      "0.01 to 1" },
    { SMALL "weight: { kind: score_l2 }\naugment: { size: 30 }\n",
      "run.yaml:6: augment.size: found 30, wanted a multiple of 4 for the score network" },
    { SMALL "schedule: { drop_epochs: [3, 3] }\n",
      "run.yaml:5: schedule.drop_epochs: found 3 after 3, wanted rising epochs" },
    { SMALL "schedule: { min_lr: 1 }\n",
      "run.yaml:5: schedule.min_lr: found 1, wanted at most optim.lr, which is 0.003" },
    { HEAD "train: { epochs: 2, batch: 24, micro_batch: 16 }\n",
      "run.yaml:4: train.micro_batch: found 16, wanted 0 or a divisor of train.batch, which is "
      "24" },
    { HEAD "train: { epochs: 2, recompute: 10 }\n",
      "run.yaml:4: train.recompute: found 10, wanted at most the 9 blocks of resnet18" },
    { SMALL "eval: { resize: 31 }\n",
      "run.yaml:5: eval.resize: found 31, wanted 0, or at least augment.size, which is 32" },
    { SMALL "optim: { nesterov: true, momentum: 0 }\n",
      "run.yaml:5: optim.nesterov: found true, wanted false while optim.momentum is 0" },
    { "name: a/b\ndata: { kind: synthetic }\nmethod: { kind: simclr }\ntrain: { steps: 1 }\n",
      "run.yaml:1: name: found \"a/b\", wanted letters, digits and . _ - with no dot first" },
    { "name: a\ndata: { kind: synthetic, train_size: 100 }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.train_size: found 100 (validation: 0), wanted at least the 256 of "
      "train.batch left to train on" },
    { "name: a\ndata: { kind: cifar10, root: d, labels: coarse }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.labels: found coarse, wanted fine unless data.kind is cifar100" },
    { "name: a\ndata: { kind: cifar10, root: d, classes: list.txt }\nmethod: { kind: simclr }\n"
      "train: { steps: 1 }\n",
      "run.yaml:2: data.classes: found \"list.txt\", wanted nothing unless data.kind is "
      "image_folder" },
};

START_TEST(values_that_do_not_go_together_are_named)
{
    config_check_refused(&refused[_i]);
}
END_TEST

const char *const suite_name = "config/validate";

void suite_fill(TCase *tc)
{
    tcase_add_loop_test(tc, values_that_do_not_go_together_are_named, 0,
                        (int)(sizeof refused / sizeof *refused));
}
