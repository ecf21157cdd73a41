"""weights.py - weights of pairs, from what lies between the views."""
import itertools

import numpy as np
import torch
import torch.nn.functional as F

from case import case, f32, normal, uniform


def ssim(a, b):
    """Wang et al. 2004, for values in [0, 1]: a number an image, over channels and "valid" windows.

    The window is square, 11 wide or the largest odd width that fits; variances are weighted
    population ones.
    """
    side = min(11, *a.shape[2:])
    side -= 1 - side % 2
    taps = torch.exp(-(torch.arange(side, dtype=a.dtype) - side // 2) ** 2 / (2 * 1.5 ** 2))
    taps = taps / taps.sum()
    window = (taps[:, None] * taps[None])[None, None]

    def mean(x):
        return F.conv2d(x.flatten(0, 1)[:, None], window)

    mean_a, mean_b, c1, c2 = mean(a), mean(b), 0.01 ** 2, 0.03 ** 2
    var_a, var_b = mean(a * a) - mean_a ** 2, mean(b * b) - mean_b ** 2
    both = mean(a * b) - mean_a * mean_b
    each = ((2 * mean_a * mean_b + c1) * (2 * both + c2)
            / ((mean_a ** 2 + mean_b ** 2 + c1) * (var_a + var_b + c2)))
    return each.reshape(len(a), -1).mean(1)


def difference(kind, a, b, sigma):
    """d [N] of the views (their scores, pixels, features) a and b."""
    if kind == "score_norm":
        return sigma * (a.flatten(1).norm(dim=1) - b.flatten(1).norm(dim=1)).abs()
    if kind == "score_l2":
        return sigma * (a - b).flatten(1).norm(dim=1)
    if kind == "pixel_l2":
        return (a - b).flatten(1).norm(dim=1)
    if kind == "ssim":
        return (1 - ssim(a, b)).clamp_min(0)
    cosine = (F.normalize(a, dim=1, eps=1e-12) * F.normalize(b, dim=1, eps=1e-12)).sum(1)
    return (1 - cosine).clamp_min(0)


def mapped(d, map, power, temperature, lambda_, clip):
    """Differences [N] to weights [N]."""
    e = d ** power
    if (d == d[0]).all() or (e == e[0]).all():
        w = torch.ones_like(d)
    else:
        deviation = e.std(unbiased=False)
        if map == "mean":
            w = e / e.mean()
        elif map == "softmax":
            w = len(e) * torch.softmax(e / (temperature * deviation), 0)
        else:
            w = (1 + lambda_ * (e - e.mean()) / deviation).clamp_min(0)
    return w.clamp_max(clip) if clip > 0 else w


def weight_case(name, kind, map, draw, views=2, sigma=None, power=1.0, temperature=1.0,
                lambda_=0.3, clip=0.0):
    """One case: draw(rng) gives the views in order; the pairs are (0,1), (0,2), ..., (1,2), ...."""
    part = {"score_norm": "score", "score_l2": "score", "feature": "feature"}.get(kind, "view")
    names = [f"in.{part}{i}" for i in range(views)]
    attrs = {"kind": kind, "map": map, "power": power, "temperature": temperature,
             "lambda": lambda_, "clip": clip}
    if sigma is not None:
        attrs["sigma"] = sigma

    def run(t):
        w = [mapped(difference(kind, t[a], t[b], sigma), map, power, temperature, lambda_, clip)
             for a, b in itertools.combinations(names, 2)]
        return {"weight": w[0] if views == 2 else torch.stack(w)}
    case("weight", name, attrs, lambda rng: dict(zip(names, draw(rng))), run, gradients=False)


def scores():
    def one(name, kind, map, shape=(6, 3, 4, 5), sigma=0.1, views=2, equal=None, **options):
        def draw(rng):
            out = [normal(rng, *shape, scale=3 + 2 * i) for i in range(views)]
            if equal == "same":    # every pair is the same pair
                out = [x[:1].repeat(shape[0], 0) for x in out]
            elif equal == "zero":  # all views have the same score
                out = [out[0]] * views
            elif equal == "some":  # of every third image only
                for x in out[1:]:
                    x[::3] = out[0][::3]
            return out
        weight_case(f"{kind}_{map}{name}", kind, map, draw, views, sigma, **options)

    for kind in ("score_norm", "score_l2"):
        for map in ("mean", "softmax", "affine"):
            one("", kind, map)
            one("_power2", kind, map, power=2.0)
            one("_root", kind, map, power=0.5)
            one("_inverse", kind, map, power=-1.0)
            one("_clip", kind, map, clip=1.1)
            one("_same", kind, map, equal="same")
            one("_same_clip", kind, map, (3, 1, 2, 2), equal="same", clip=0.5)
            one("_zero", kind, map, equal="zero")
            one("_some_zero", kind, map, (7, 1, 3, 3), equal="some", power=0.5)
            one("_all", kind, map, (17, 3, 3, 1), power=2.0, temperature=0.5, lambda_=0.7,
                clip=1.5)
            one("_power0", kind, map, (5, 1, 3, 3), power=0.0)
            one("_4_views", kind, map, (5, 3, 3, 4), views=4)
            one("_4_views_all", kind, map, (33, 3, 2, 2), views=4, power=0.5, temperature=2.0,
                lambda_=-0.7, clip=1.2)
        one("_cold", kind, "softmax", temperature=0.1)
        one("_colder", kind, "softmax", (33, 3, 2, 1), temperature=0.05)
        one("_warm", kind, "softmax", temperature=10.0)
        one("_floor", kind, "affine", lambda_=2.0)
        one("_negative", kind, "affine", lambda_=-0.5)
        one("_negative_floor", kind, "affine", (9, 3, 2, 3), lambda_=-3.0)
        for map in ("mean", "softmax", "affine"):
            one("_one_pair", kind, map, shape=(1, 3, 2, 2))
        one("_batch_33", kind, "mean", shape=(33, 1, 3, 3), sigma=0.01)
        one("_batch_130", kind, "affine", shape=(130, 1, 2, 2), sigma=0.5)
        for map in ("mean", "softmax", "affine"):
            one("_two_pairs", kind, map, shape=(2, 3, 1, 1), sigma=1.0)
        one("_3_views", kind, "mean", (5, 3, 2, 3), views=3)
        one("_4_views_same", kind, "mean", (4, 3, 2, 2), views=4, equal="same")
        one("_4_views_zero", kind, "softmax", (4, 3, 2, 2), views=4, equal="zero")


def pixels():
    """Identical views are a kink of 1 - SSIM, where rounding makes noise of 0."""
    def one(name, kind, map, shape=(6, 3, 12, 13), views=2, equal=None, **options):
        def draw(rng):
            out = [uniform(rng, *shape)]
            strength = np.linspace(0.1, 1, shape[0])[:, None, None, None]
            for _ in range(1, views):
                noise = strength * rng.standard_normal(shape)
                out.append(f32(np.clip(out[0] + noise, 0, 1)))
            if equal == "same":
                out = [x[:1].repeat(shape[0], 0) for x in out]
            return [out[0]] * views if equal == "zero" else out
        weight_case(f"{kind}_{map}{name}", kind, map, draw, views, **options)

    for kind in ("pixel_l2", "ssim"):
        one("", kind, "mean")
        one("", kind, "softmax", temperature=0.5)
        one("", kind, "affine", lambda_=-0.5)
        one("_all", kind, "mean", (17, 3, 5, 7), power=2.0, clip=1.5)
        one("_inverse", kind, "softmax", (7, 3, 8, 8), power=-1.0)
        one("_narrow", kind, "mean", (5, 3, 9, 14))
        one("_low", kind, "affine", (4, 3, 33, 10))
        one("_square", kind, "softmax", (3, 3, 32, 32))
        one("_tiny", kind, "mean", (5, 3, 3, 2))
        one("_one_pixel", kind, "mean", (5, 3, 1, 1))
        one("_one_pair", kind, "affine", (1, 3, 11, 11))
        one("_batch_33", kind, "mean", (33, 3, 4, 3))
        one("_same", kind, "softmax", (3, 3, 12, 11), equal="same")
        one("_3_views", kind, "softmax", (4, 3, 11, 9), views=3)
        one("_4_views", kind, "mean", (5, 3, 6, 7), views=4, power=0.5)
    one("_zero", "pixel_l2", "mean", (3, 3, 4, 5), equal="zero")


def features():
    """Identical features are a kink, as in pixels()."""
    def one(name, map, shape=(6, 17), views=2, equal=None, scale=1.0, **options):
        def draw(rng):
            out = [normal(rng, *shape, scale=scale)]
            strength = np.linspace(0.2, 2, shape[0])[:, None]
            for _ in range(1, views):
                out.append(f32(out[0] + scale * strength * rng.standard_normal(shape)))
            if equal == "same":
                out = [x[:1].repeat(shape[0], 0) for x in out]
            elif equal == "zero":  # a row of zeros has no direction: d is 1
                out[0][1], out[1][2] = 0, 0
            return out
        weight_case(f"feature_{map}{name}", "feature", map, draw, views, **options)

    for map in ("mean", "softmax", "affine"):
        one("", map)
        one("_all", map, (33, 65), power=0.5, temperature=0.3, lambda_=-2.0, clip=1.7)
    one("_power2", "mean", (5, 64), power=2.0)
    one("_inverse", "mean", (7, 3), power=-1.0)
    one("_long_rows", "mean", (9, 130), scale=1000)
    one("_short_rows", "softmax", (4, 130), scale=2.0 ** -14)
    one("_zero_rows", "affine", (5, 3), equal="zero")
    one("_one_pair", "mean", (1, 3))
    one("_two_pairs", "softmax", (2, 3))
    one("_one_column", "mean", (8, 1))
    one("_same", "mean", (4, 17), equal="same")
    one("_3_views", "mean", (5, 17), views=3)
    one("_4_views", "affine", (7, 65), views=4, clip=1.5)


def make():
    scores()
    pixels()
    features()
