"""sweep.py - cases of every operation with attributes and shapes drawn at random.

For `make.py --sweep`: what the tables of the other files say by hand is drawn here, where it
hurts: one pixel, odd sides, one more than a tile, kernels larger than the image.
"""
import numpy as np

import augment
import knn
import losses
import models
import ops
import optim
import weights
import whitening
from case import normal, uniform

CHANNELS = (1, 2, 3, 4, 5, 8, 16, 17, 33, 65, 130)
ROWS = (1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 65)
COLUMNS = (1, 2, 3, 5, 8, 16, 17, 31, 33, 64, 65, 127, 130)
SIDES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 17, 20)


class Draw:
    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)

    def of(self, *choices):
        return choices[self.rng.randint(len(choices))]

    def upto(self, n):
        return self.rng.randint(1, n + 1)

    def yes(self):
        return bool(self.rng.randint(2))

    def number(self, low, high):
        return float(self.rng.uniform(low, high))

    def image(self, most=6000, channels=CHANNELS, least=1):
        """[N, C, H, W] of at most `most` elements."""
        while True:
            shape = (self.of(1, 1, 2, 3, 5), self.of(*channels), self.of(*SIDES), self.of(*SIDES))
            if np.prod(shape) <= most and min(shape[2:]) >= least:
                return shape


def conv2d(d, name):
    n, c, h, w = d.image(3000)
    size = d.of(1, 1, 2, 3, 3, 3, 4, 5, 7, 11)
    r, s = (size, size) if d.of(0, 0, 0, 1) == 0 else (d.upto(5), d.upto(5))
    least = max(0, -(-(max(r - h, s - w)) // 2))
    padding = max(least, d.of(0, 0, size // 2, size // 2, size - 1, size, size + 2))
    while True:
        k = d.of(*CHANNELS)
        if k * c * r * s <= 40000:
            break
    ops.one_conv2d(name, (n, c, h, w), (k, c, r, s), d.of(1, 1, 1, 2, 2, 3, 4), padding, d.yes())


def linear(d, name):
    ops.one_linear(name, d.of(*ROWS), d.of(*COLUMNS), d.of(*COLUMNS), d.yes())


def matmul(d, name):
    ops.one_matmul(name, d.of(*ROWS), d.of(*COLUMNS), d.of(*COLUMNS), d.yes(), d.yes())


def batch_norm(d, name):
    views, training = d.of(1, 1, 1, 2, 3, 4), d.of(True, True, False)
    n, c, h, w = d.image(5000)
    shape = (n, c) if d.of(0, 0, 1) else (n, c, h, w)
    if training:
        shape = (views * max(shape[0], 2 if np.prod(shape[2:]) < 2 else 1),) + shape[1:]
    else:
        views = 1
    ops.one_batch_norm(name, shape, training, views, d.of(1e-5, 1e-5, 1e-3, 0.1, 1e-8),
                       d.of(0.1, 0.1, 0.0, 1.0, 0.01, 0.9), d.of(0, 0, 3, -20),
                       not training or d.of(True, True, False))


def group_norm(d, name):
    n, c, h, w = d.image(5000)
    groups = d.of(*[g for g in range(1, c + 1) if c % g == 0])
    shape = (n, c) if d.of(0, 0, 0, 1) else (n, c, h, w)
    if n * c // groups * np.prod(shape[2:]) == 1:
        shape = (2,) + shape[1:]
    ops.one_group_norm(name, shape, groups, d.of(0, 0, 3, -20), d.of(1e-5, 1e-5, 1e-6, 1e-2))


def element_wise(d, name):
    ops.one_of_each(name, d.of(d.image(3000), d.image(3000)[:2], d.image(3000)[:3], (d.upto(400),)))


def max_pool2d(d, name):
    n, c, h, w = d.image(4000)
    kernel = d.of(1, 2, 2, 3, 3, 5, 7)
    padding = max(d.rng.randint(kernel // 2 + 1), -(-(kernel - min(h, w)) // 2))
    if padding > kernel // 2:
        h, w, padding = kernel, kernel, kernel // 2
    ops.one_max_pool2d(name, (n, c, h, w), kernel, d.of(1, 2, 2, 3, kernel, kernel + 1), padding,
                       d.of(0, 0, -9))


def global_avg_pool(d, name):
    ops.one_global_avg_pool(name, d.image())


def upsample_nearest(d, name):
    ops.one_upsample_nearest(name, d.image(1200), d.of(1, 2, 2, 3, 4, 5))


def l2_normalize(d, name):
    shape, scale = (d.of(*ROWS), d.of(*COLUMNS)), d.of(1, 1, 1, 1e-3, 1e3)
    ops.one_l2_normalize(name, d.of(1e-12, 1e-12, 1e-8, 1e-5, 0.5),
                         lambda rng: {"in.x": normal(rng, *shape, scale=scale)})


def cross_entropy(d, name):
    ops.one_cross_entropy(name, d.of(*ROWS), d.of(*COLUMNS, 1000), d.of(1, 1, 5, 60))


def whiten(d, name):
    e, eps = d.of(1, 2, 3, 5, 8, 16, 17, 33, 64), d.of(0.0, 0.0, 1e-4, 1e-3, 0.01, 0.1, 1.0)
    rows = e + d.of(1, 2, e, e, 3 * e, 17) if eps < 1e-3 else max(2, d.upto(3 * e))
    whitening.one_whiten(name, rows, e, eps, d.of(0, 0, 1, 10), d.of(1, 1, 4))


def simclr(d, name):
    views = d.of(2, 2, 2, 3, 4)
    draw = losses.rows(*(f"z{i}" for i in range(views)), scale=d.of(1, 1, 0.01, 100),
                       weighted=d.of(None, losses.of_pairs(views)))
    losses.one_simclr(name, d.of(*ROWS[1:]), d.of(*COLUMNS[1:]), views, d.of(0.05, 0.1, 0.2, 0.5, 1),
                      draw)


def predictors(d, name):
    for op in "loss.simsiam", "loss.byol":
        losses.one_predictor(op, name, d.of(*ROWS), d.of(*COLUMNS[1:]), d.of(1, 1, 0.01, 100),
                             d.of(None, ()))


def mocov3(d, name):
    losses.one_mocov3(name, d.of(*ROWS), d.of(*COLUMNS[1:]), d.of(0.1, 0.2, 0.5, 1),
                      d.of(1, 1, 100), d.of(None, ()))


def dino(d, name):
    losses.one_dino(name, d.of(*ROWS), d.of(*COLUMNS), d.of(0.1, 0.2, 1), d.of(0.04, 0.07, 0.5),
                    d.of(None, ()))


def wmse(d, name):
    e, slices, eps = d.of(1, 2, 3, 5, 8, 16, 17, 33), d.of(1, 1, 2, 3, 4), d.of(0.0, 0.0, 1e-3, 0.1)
    size = e + d.of(1, 2, e, 2 * e, 17) if eps < 0.1 else max(2, d.upto(2 * e))
    whitening.one_wmse(name, size * slices, e, slices, d.of(2, 2, 3, 4), eps, d.yes())


def vicreg(d, name):
    whitening.one_vicreg(name, max(2, d.of(*ROWS)), d.of(*COLUMNS), d.of(25, 25, 10.0, 1, 0),
                         d.of(25, 25, 10, 0.0), d.of(1, 1, 0.5, 0), d.of(0, 0, 3),
                         d.of((0.5, 1.5), (0.3, 2), (0.01, 0.1)), d.yes())


def barlow(d, name):
    whitening.one_barlow(name, max(3, d.of(*ROWS)), d.of(*COLUMNS), d.of(0.0051, 0.005, 0.1, 1, 0),
                         d.of(0.1, 1, 0.024), d.of(0, 0, 3), d.of(1, 1, 0.01))


def dsm(d, name):
    losses.one_dsm(name, d.image())


def weight(d, name):
    kind = d.of("score_norm", "score_norm", "score_l2", "score_l2", "pixel_l2", "ssim", "feature")
    views, power = d.of(2, 2, 2, 3, 4), d.of(1, 1, 1, 2, 0.5, -1, -0.5, 3, 0)
    n, c, h, w = d.image(3000, (3,) if kind in ("pixel_l2", "ssim") else (1, 3))
    n, scale = d.of(1, 2, 3, 5, 16, 17, 33) if c * h * w < 800 else n, d.of(1, 5, 100)
    shape = (n, d.of(*COLUMNS[1:])) if kind == "feature" else (n, c, h, w)

    def draw(rng):
        if kind in ("pixel_l2", "ssim"):
            return [uniform(rng, *shape) for _ in range(views)]
        return [normal(rng, *shape, scale=scale * (1 + i)) for i in range(views)]
    weights.weight_case(name, kind, d.of("mean", "softmax", "affine"), draw, views,
                        d.of(0.01, 0.1, 0.215, 1) if kind.startswith("score") else None, power,
                        d.of(1, 0.5, 0.1, 2, 10), d.of(0.3, 1, -0.3, 3), d.of(0, 0, 1, 0.5, 2, 1.1))


def resnet(d, name):
    """Wide enough that no norm sees one channel alone; one value each is refused by PyTorch."""
    depth, stem, training = d.of(18, 18, 50), d.of("cifar", "cifar_pad2", "imagenet"), d.yes()
    low, high = (33, 50) if stem == "imagenet" else (5, 20)
    n, h, w = d.of(1, 2, 3), d.rng.randint(low, high), d.rng.randint(low, high)
    if training:
        n = max(n, 2)
    models.one_resnet(name, depth, stem, d.of(1, 2, 3) if depth == 18 else d.of(1, 2),
                      (n, 3, h, w), training,
                      lambda key: "running" not in key and ("bn" in key or "x" in key))


def score_unet(d, name):
    n, width = d.of(1, 2, 3), d.of(8, 8, 16, 24)
    sigma = [d.of(0.01, 0.0278, 0.1, 0.215, 0.5, 1.0, 1.7) for _ in range(n)]
    models.one_score(name, width, sigma, (n, 3, 4 * d.upto(4), 4 * d.upto(4)))


def optimisers(d, name):
    shape = d.of((1,), (17,), (130,), (5, 7), (33, 3), (4, 3, 3, 3), (2, 3, 5))
    n, scale, zero = d.of(1, 2, 3, 5, 8), d.of(1, 1e-3, 10), d.of(None, None, 0)
    decay, momentum = d.of(0.0, 0.0, 1e-6, 1e-4, 0.1, 0.5), d.of(0.0, 0.5, 0.9, 0.99)
    optim.one("optim.sgd", name, optim.sgd,
              {"lr": d.of(0.1, 0.03, 1.0), "momentum": momentum, "weight_decay": decay,
               "nesterov": momentum > 0 and d.yes()}, shape, n, scale, zero)
    optim.one("optim.adam", name, optim.adam,
              {"lr": d.of(3e-3, 1e-3, 0.1), "beta1": d.of(0.9, 0.5, 0.0), "beta2": d.of(0.999, 0.9, 0.99),
               "eps": d.of(1e-8, 1e-8, 1e-3), "weight_decay": decay}, shape, n, scale, zero)
    optim.one("optim.lars", name, optim.lars,
              {"lr": d.of(0.4, 0.1, 3e-3), "momentum": momentum, "weight_decay": decay,
               "eta": d.of(0.02, 0.001), "clip": d.yes(), "exclude": d.of(False, False, True)},
              shape, n, scale, zero, d.of(1.0, 1.0, 0.0, 0.01))


def crop(d, name):
    n, _, h, w = d.image(9000, (3,))
    height, width = d.upto(h), d.upto(w)
    augment.one_crop(name, d.of("bicubic", "bilinear"), (n, 3, h, w),
                     d.rng.randint(h - height + 1), d.rng.randint(w - width + 1), height, width,
                     d.of(1, 2, 3, 4, 5, 8, 13, 16, 17, 32))


def colours(d, name):
    shape = d.image(3000, (3,))
    for op in "brightness", "contrast", "saturation":
        augment.one_colour(op, name, d.of(0.0, 0.2, 0.6, 1.0, 1.4, 1.8, 3.0, d.number(0, 2)), shape)
    augment.one_colour("hue", name, d.of(-0.5, -0.1, 0.0, 0.1, 0.25, 0.5, d.number(-0.5, 0.5)), shape)
    augment.one("grayscale", name, {}, augment.grayscale, shape)
    augment.one("hflip", name, {}, augment.TV.hflip, shape)


def blur(d, name):
    shape = d.image(3000, (3,))
    most = 2 * min(shape[2:]) - 1
    size = d.of(1, most, 2 * d.rng.randint((most + 1) // 2) + 1)
    augment.one_blur(name, d.of(0.1, 0.05, 0.5, 1.0, 2.0, 5.0, d.number(0.1, 2)), size, shape)


def simple(d, name):
    shape, threshold = d.image(3000, (3,)), d.of(0.0, 0.5, 1.0, d.number(0, 1))
    augment.one("solarize", name, {"threshold": threshold},
                lambda x: augment.TV.solarize(x, threshold), shape)
    mean, std = ([round(d.number(low, 0.6), 3) for _ in range(3)] for low in (0.0, 0.2))
    augment.one_normalize(name, d.of(mean, [0, 0, 0]), d.of(std, [1, 1, 1]), shape)


def neighbours(d, name):
    m = d.of(1, 2, 3, 5, 9, 17, 33, 65, 130, 257)
    k = d.of(*[k for k in (1, 2, 5, 5, 10, 20, 200, m) if k <= m])
    metric, vote = d.of("euclidean", "cosine"), d.of("majority", "exp")
    knn.one(name, m, d.of(*COLUMNS[1:]), d.of(*ROWS), k, d.of(1, 2, 3, 10, 100), metric, vote,
            d.of(0.07, 0.1, 0.5, 1.0))


ALL = (conv2d, conv2d, linear, matmul, batch_norm, group_norm, element_wise, max_pool2d,
       global_avg_pool, upsample_nearest, l2_normalize, cross_entropy, whiten, simclr, predictors,
       mocov3, dino, wmse, vicreg, barlow, dsm, weight, optimisers, crop, colours, blur, simple,
       neighbours)
LARGE = (resnet, score_unet)  # once for every eighth of the others


def make(seed, count):
    for i in range(count):
        for k, draw in enumerate(ALL + (LARGE if i % 8 == 0 else ())):
            draw(Draw(seed * 1000003 + i * 1009 + k), f"seed{seed}_{i}" + "b" * (k == 1))
