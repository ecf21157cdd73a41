"""ops.py - cases of the plain operators."""
import numpy as np
import torch
import torch.nn.functional as F

import nets
from case import case, margin, normal, uniform


def image(rng, *shape):
    return {"in.x": normal(rng, *shape)}


def one_conv2d(name, shape, kernel, stride, padding, bias):
    """shape of x [N, C, H, W] and of the kernel [K, C, R, S]."""
    def draw(rng):
        out = image(rng, *shape)
        out["in.weight"] = normal(rng, *kernel, scale=np.prod(kernel[1:]) ** -0.5)
        if bias:
            out["in.bias"] = normal(rng, kernel[0])
        return out
    case("conv2d", name, {"stride": stride, "padding": padding}, draw,
         lambda t: {"y": F.conv2d(t["in.x"], t["in.weight"], t.get("in.bias"), stride, padding)})


def conv2d():
    #        name               x                  K   size stride padding bias
    table = [("one",            (1, 1, 1, 1),      1,  1, 1, 0, True),
             ("one_padded",     (1, 3, 1, 1),      5,  3, 1, 1, False),
             ("stem_7x7",       (2, 3, 13, 11),    8,  7, 2, 3, False),
             ("stem_3x3",       (2, 3, 5, 7),      17, 3, 1, 1, False),
             ("stem_pad2",      (1, 3, 9, 10),     8,  3, 1, 2, False),
             ("shortcut",       (2, 4, 7, 7),      6,  1, 2, 0, False),
             ("halving",        (1, 17, 7, 5),     3,  3, 2, 1, False),
             ("halving_even",   (2, 8, 8, 6),      16, 3, 2, 1, False),
             ("wide_1x1",       (1, 33, 5, 6),     65, 1, 1, 0, True),
             ("many_channels",  (1, 65, 3, 3),     3,  3, 1, 1, True),
             ("winograd_tiles", (3, 16, 8, 8),     16, 3, 1, 1, False),
             ("winograd_rests", (1, 16, 7, 9),     17, 3, 1, 1, True),
             ("no_padding",     (2, 5, 6, 4),      7,  3, 1, 0, True),
             ("5x5_stride3",    (2, 5, 8, 7),      4,  5, 3, 2, True),
             ("3x3_stride3",    (1, 3, 11, 8),     9,  3, 3, 0, False),
             ("7x7_stride1",    (1, 2, 9, 10),     3,  7, 1, 3, True),
             ("two_by_two",     (4, 12, 2, 2),     12, 3, 1, 1, False),
                 ("one_pixel_7x7",  (2, 3, 1, 1),      5,  7, 2, 3, True),
                 ("above_image",    (1, 2, 2, 3),      3,  5, 1, 2, True),
                 ("11x11",          (2, 3, 9, 6),      4,  11, 2, 5, False),
                 ("two_wide",       (2, 5, 6, 5),      17, 2, 1, 1, False),
                 ("padded_1x1",     (1, 3, 3, 4),      33, 1, 2, 2, True),
                 ("padded_far",     (1, 4, 3, 2),      3,  3, 2, 5, False),
                 ("stride_above",   (2, 3, 8, 9),      16, 2, 3, 0, True),
                 ("row",            (2, 16, 1, 19),    8,  3, 1, 1, True),
                 ("column",         (1, 17, 19, 1),    5,  5, 3, 2, False),
                 ("one_channel",    (3, 1, 5, 17),     1,  3, 1, 1, True),
                 ("from_130",       (1, 130, 3, 4),    5,  3, 1, 1, False),
                 ("to_130",         (1, 5, 4, 3),      130, 3, 2, 1, True),
                 ("1x1_130",        (2, 65, 2, 3),     130, 1, 1, 0, False),
                 ("33_to_33",       (1, 33, 5, 4),     33, 3, 1, 1, True)]
    for name, shape, k, size, stride, padding, bias in table:
        one_conv2d(name, shape, (k, shape[1], size, size), stride, padding, bias)
    one_conv2d("high_kernel", (2, 3, 6, 5), (4, 3, 3, 1), 1, 1, True)
    one_conv2d("wide_kernel", (1, 5, 4, 9), (17, 5, 1, 5), 2, 2, False)


def one_linear(name, n, i, o, bias):
    def draw(rng):
        out = {"in.x": normal(rng, n, i), "in.weight": normal(rng, o, i, scale=i ** -0.5)}
        if bias:
            out["in.bias"] = normal(rng, o)
        return out
    case("linear", name, {}, draw,
         lambda t: {"y": F.linear(t["in.x"], t["in.weight"], t.get("in.bias"))})


def one_matmul(name, m, k, n, a_t, b_t):
    def draw(rng):
        return {"in.a": normal(rng, *((k, m) if a_t else (m, k))),
                "in.b": normal(rng, *((n, k) if b_t else (k, n)))}

    def run(t):
        a, b = t["in.a"], t["in.b"]
        return {"y": (a.T if a_t else a) @ (b.T if b_t else b)}
    case("matmul", name, {"trans_a": a_t, "trans_b": b_t}, draw, run)


def dense():
    for row in [("one", 1, 1, 1, True), ("odd", 5, 17, 33, True), ("one_out", 3, 65, 1, True),
                ("no_bias", 7, 16, 10, False), ("one_row", 1, 33, 65, True),
                ("one_in", 17, 1, 130, True), ("many", 33, 130, 65, True),
                ("wide", 2, 127, 33, False)]:
        one_linear(*row)
    for m, k, n in [(1, 1, 1), (5, 17, 3), (17, 9, 33), (65, 33, 1), (1, 130, 65), (33, 2, 130)]:
        for a_t in (False, True):
            for b_t in (False, True):
                one_matmul(f"m{m}k{k}n{n}{'_ta' * a_t}{'_tb' * b_t}", m, k, n, a_t, b_t)


def one_batch_norm(name, shape, training, views, eps, momentum, mean, running):
    attrs = {"eps": eps, "momentum": momentum, "training": training}
    if views > 1:
        attrs["views"] = views

    def draw(rng):
        c = shape[1]
        out = {"in.x": normal(rng, *shape, mean=mean),
               "in.weight": normal(rng, c, mean=1, scale=0.5), "in.bias": normal(rng, c)}
        if running is True:
            out["in.running_mean"] = normal(rng, c)
            out["in.running_var"] = uniform(rng, c, low=0.5, high=2)
        return out

    def run(t):
        # running statistics are moved in place, group after group; a new layer's are 0 and 1
        new = torch.zeros(shape[1], dtype=t["in.x"].dtype)
        stats = [t.get("in." + n, start).detach().clone() if running else None
                 for n, start in (("running_mean", new), ("running_var", new + 1))]
        y = [F.batch_norm(x, *stats, t["in.weight"], t["in.bias"], training, momentum, eps)
             for x in t["in.x"].chunk(views)]
        out = {"y": torch.cat(y)}
        if training and running:
            out["running_mean"], out["running_var"] = stats
        return out
    case("batch_norm", name, attrs, draw, run, constant=("in.running_mean", "in.running_var"))


def batch_norm():
    #        name               x               training views eps   momentum mean running
    table = [("train",          (3, 5, 4, 3),   True,  1, 1e-5, 0.1, 0,  True),
             ("train_17",       (5, 17, 1, 2),  True,  1, 1e-5, 0.1, 0,  True),
             ("train_rows",     (9, 33),        True,  1, 1e-5, 0.1, 0,  True),
             ("train_offset",   (4, 3, 5, 5),   True,  1, 1e-5, 0.1, 30, True),
             ("train_momentum", (2, 8, 4, 4),   True,  1, 1e-3, 0.3, 0,  True),
             ("train_no_running", (3, 1, 2, 3), True,  1, 1e-5, 0.1, 0,  False),
             ("train_2_views",  (6, 3, 3, 4),   True,  2, 1e-5, 0.1, 0,  True),
             ("train_2_views_rows", (16, 17),   True,  2, 1e-5, 0.1, 0,  True),
             ("train_4_views",  (8, 4, 3, 3),   True,  4, 1e-5, 0.2, 0,  True),
             ("train_3_views",  (6, 17, 1, 1),  True,  3, 1e-5, 0.1, 3,  True),
             ("train_one_pixel", (2, 65, 1, 1), True,  1, 1e-5, 0.1, 0,  True),
             ("train_one_channel", (1, 1, 3, 5), True, 1, 1e-5, 0.1, 0,  True),
             ("train_130",      (3, 130, 1, 3), True,  1, 1e-5, 0.1, 0,  True),
             ("train_keeps",    (3, 4, 2, 2),   True,  1, 1e-5, 0.0, 0,  True),
             ("train_replaces", (4, 4, 2, 2),   True,  2, 1e-5, 1.0, 0,  True),
             ("train_new",      (5, 3, 2, 3),   True,  1, 1e-5, 0.1, 2,  "new"),
             ("eval_130",       (2, 130, 1, 1), False, 1, 1e-5, 0.1, 0,  True),
             ("eval",           (2, 5, 3, 3),   False, 1, 1e-5, 0.1, 0,  True),
             ("eval_one",       (1, 3, 1, 1),   False, 1, 1e-5, 0.1, 0,  True),
             ("eval_rows",      (3, 65),        False, 1, 1e-3, 0.1, 0,  True)]
    for row in table:
        one_batch_norm(*row)


def one_group_norm(name, shape, groups, mean, eps=1e-5):
    def draw(rng):
        return {"in.x": normal(rng, *shape, mean=mean),
                "in.weight": normal(rng, shape[1], mean=1, scale=0.5),
                "in.bias": normal(rng, shape[1])}
    case("group_norm", name, {"groups": groups, "eps": eps}, draw,
         lambda t: {"y": F.group_norm(t["in.x"], groups, t["in.weight"], t["in.bias"], eps)})


def group_norm():
    for row in [("channel_each", (2, 8, 3, 3), 8, 0), ("two_each", (2, 16, 5, 4), 8, 0),
                ("odd", (1, 33, 4, 5), 3, 0), ("one_group", (3, 5, 2, 2), 1, 0),
                ("rows", (3, 65), 5, 0), ("one_pixel", (2, 8, 1, 1), 2, 0),
                ("two_groups", (1, 130, 1, 3), 2, 0), ("pairs", (2, 130, 2, 1), 65, 3),
                ("offset", (2, 8, 4, 4), 4, 30)]:
        one_group_norm(*row)


def one_of_each(name, shape):
    for op, function in ("relu", nets.relu), ("silu", F.silu), ("gelu", F.gelu):
        case(op, name, {}, lambda rng: image(rng, *shape), lambda t: {"y": function(t["in.x"])})
    case("add", name, {}, lambda rng: {"in.a": normal(rng, *shape), "in.b": normal(rng, *shape)},
         lambda t: {"y": t["in.a"] + t["in.b"]})


def element_wise():
    shapes = [("one", (1, 1, 1, 1)), ("odd", (2, 3, 5, 7)), ("rows", (3, 17)),
              ("many", (2, 33, 4, 4))]
    for name, shape in shapes:
        one_of_each(name, shape)
    case("silu", "large", {},
         lambda rng: {"in.x": np.array([[-1e4, -100.0, -20.0, 0.0, 20.0, 100.0, 1e4]])},
         lambda t: {"y": F.silu(t["in.x"])})
    case("gelu", "large", {},
         lambda rng: {"in.x": np.array([[-1e4, -100.0, -6.0, 0.0, 6.0, 100.0, 1e4]])},
         lambda t: {"y": F.gelu(t["in.x"])})
    case("gelu", "wide", {}, lambda rng: {"in.x": normal(rng, 5, 130, scale=3)},
         lambda t: {"y": F.gelu(t["in.x"])})
    case("gelu", "tail", {}, lambda rng: {"in.x": uniform(rng, 3, 65, low=-5, high=-2)},
         lambda t: {"y": F.gelu(t["in.x"])})


def one_max_pool2d(name, shape, kernel, stride, padding, mean=0):
    case("max_pool2d", name, {"kernel": kernel, "stride": stride, "padding": padding},
         lambda rng: {"in.x": normal(rng, *shape, mean=mean)},
         lambda t: {"y": nets.max_pool(t["in.x"], kernel, stride, padding)})


def one_global_avg_pool(name, shape):
    case("global_avg_pool", name, {}, lambda rng: image(rng, *shape),
         lambda t: {"y": t["in.x"].mean((2, 3))})


def one_upsample_nearest(name, shape, scale):
    case("upsample_nearest", name, {"scale": scale}, lambda rng: image(rng, *shape),
         lambda t: {"y": F.interpolate(t["in.x"], scale_factor=scale, mode="nearest")})


def pooling():
    for row in [("imagenet", (2, 3, 7, 9), 3, 2, 1), ("pairs", (1, 5, 6, 4), 2, 2, 0),
                ("overlap", (2, 2, 5, 5), 3, 1, 1), ("one", (1, 3, 1, 1), 3, 2, 1),
                ("rest", (1, 17, 8, 7), 3, 3, 0), ("negative", (1, 3, 6, 5), 3, 2, 1, -9),
                ("single", (2, 3, 4, 5), 1, 2, 0), ("5x5", (2, 33, 9, 4), 5, 3, 2),
                ("above_image", (1, 3, 4, 5), 7, 2, 3), ("apart", (1, 65, 8, 5), 2, 3, 1),
                ("row", (3, 1, 1, 17), 3, 2, 1), ("many", (1, 130, 5, 3), 3, 1, 1)]:
        one_max_pool2d(*row)
    for row in [("one", (1, 1, 1, 1)), ("odd", (2, 17, 5, 3)), ("many", (3, 65, 4, 4)),
                ("one_pixel", (5, 130, 1, 1)), ("column", (1, 33, 17, 1)),
                ("one_channel", (2, 1, 13, 11))]:
        one_global_avg_pool(*row)
    for row in [("one", (1, 1, 1, 1), 2), ("twice", (2, 3, 3, 5), 2), ("thrice", (1, 17, 2, 3), 3),
                ("same", (1, 3, 4, 3), 1), ("five", (2, 2, 3, 1), 5), ("many", (1, 130, 1, 2), 2),
                ("odd", (3, 33, 1, 3), 4)]:
        one_upsample_nearest(*row)


def one_l2_normalize(name, eps, draw):
    def run(t):
        margin((t["in.x"].norm(dim=1) - eps).abs())
        return {"y": F.normalize(t["in.x"], dim=1, eps=eps)}
    case("l2_normalize", name, {"eps": eps}, draw, run)


def normalize():
    for name, n, d, eps in [("odd", 5, 17, 1e-12), ("many", 3, 65, 1e-12),
                            ("one_column", 4, 1, 1e-6), ("one_row", 1, 130, 1e-12),
                            ("tall", 33, 127, 1e-8), ("pairs", 65, 2, 1e-12)]:
        one_l2_normalize(name, eps, lambda rng: {"in.x": normal(rng, n, d)})

    def short_rows(rng):
        x = normal(rng, 4, 6)
        x[1] = x[1] * 2.0 ** -8
        x[2] = 0
        return {"in.x": x}
    one_l2_normalize("short_rows", 0.5, short_rows)
    case("l2_normalize", "zero_row", {"eps": 1e-12}, short_rows,
         lambda t: {"y": F.normalize(t["in.x"], dim=1, eps=1e-12)}, gradients=False)


def one_cross_entropy(name, n, k, scale):
    def draw(rng):
        return {"in.logits": normal(rng, n, k, scale=scale),
                "in.labels": rng.randint(0, k, n).astype(np.int32)}
    case("softmax_cross_entropy", name, {}, draw,
         lambda t: {"loss": F.cross_entropy(t["in.logits"], t["in.labels"])})


def cross_entropy():
    for row in [("two", 1, 2, 1), ("odd", 5, 17, 1), ("many", 3, 65, 1), ("large_logits", 6, 10, 60),
                ("one_class", 3, 1, 1), ("tall", 130, 3, 1), ("wide", 2, 1000, 3)]:
        one_cross_entropy(*row)


def make():
    conv2d()
    dense()
    batch_norm()
    group_norm()
    element_wise()
    pooling()
    normalize()
    cross_entropy()
