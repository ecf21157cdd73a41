"""whitening.py - whitening, and the losses that look at columns: W-MSE, VICReg, Barlow Twins."""
import itertools

import numpy as np
import torch
import torch.nn.functional as F

from case import case, f32, margin, normal, uniform
from losses import cosine, of_pairs, weighted_mean


def whiten(x, eps):
    """Rows [w, e] to mean 0 and covariance I, by the inverse of its Cholesky factor."""
    centred = x - x.mean(0)
    identity = torch.eye(x.shape[1], dtype=x.dtype)
    covariance = centred.T @ centred / (len(x) - 1)
    factor = torch.linalg.cholesky((1 - eps) * covariance + eps * identity)
    return centred @ torch.linalg.solve_triangular(factor, identity, upper=False).T


def correlated(rng, n, d, mean=0.0, spread=1.0):
    """Rows whose columns depend on each other, of scales 1/spread to spread."""
    mixing = np.eye(d) + 0.3 * rng.standard_normal((d, d)) / d ** 0.5
    return f32(mean + rng.standard_normal((n, d)) @ mixing * np.geomspace(1 / spread, spread, d))


def one_whiten(name, w, e, eps, mean, spread):
    case("whiten", name, {"eps": eps}, lambda rng: {"in.x": correlated(rng, w, e, mean, spread)},
         lambda t: {"z": whiten(t["in.x"], eps)})


def whitenings():
    #        name          w    e   eps   mean spread
    table = [("one_column", 3, 1,  0.0,  0,  1), ("least", 4, 3, 0.0, 0, 1),
             ("odd",       7,   3,  0.0,  0,  1), ("odd_17", 34, 17, 0.0, 0, 1),
             ("sixteen",   33,  16, 0.0,  0,  1), ("recipe", 128, 64, 0.0, 0, 1),
             ("many",      130, 65, 0.01, 0,  1), ("tall", 130, 3, 0.0, 0, 1),
             ("offset",    17,  5,  0.0,  30, 1), ("scales", 24, 8, 0.0, 0, 16),
             ("eps_small", 18,  9,  1e-4, 0,  1), ("eps", 8, 3, 0.01, 0, 1),
             ("eps_wide",  5,   9,  0.1,  0,  1), ("eps_scales", 33, 17, 0.01, 2, 4),
             ("eps_one",   9,   4,  1.0,  0,  1)]
    for row in table:
        one_whiten(*row)


def wmse(t, size, eps):
    """Slice s is rows permutation[s size ... (s+1) size - 1], for each view by itself."""
    order = t["in.permutation"]
    views = []
    for name in sorted(t):
        if name.startswith("in.h"):
            slices = [whiten(t[name][part], eps) for part in order.split(size)]
            views.append(torch.cat(slices)[order.argsort()])
    pairs = list(itertools.combinations(views, 2))
    weight = t.get("in.weight", torch.ones(len(pairs), len(order), dtype=views[0].dtype))
    each = torch.stack([2 - 2 * cosine(a, b) for a, b in pairs])
    return {"loss": (weight * each).sum(1).mean() / len(order)}


def one_wmse(name, n, e, slices, views, eps, weighted):
    def draw(rng):
        base = correlated(rng, n, e)
        out = {f"in.h{i}": f32(base + 0.7 * rng.standard_normal((n, e))) for i in range(views)}
        out["in.permutation"] = rng.permutation(n).astype(np.int32)
        if weighted:
            out["in.weight"] = uniform(rng, *of_pairs(views), n, low=0, high=3)
        return out
    case("loss.wmse", name, {"whitening_size": n // slices, "eps": eps}, draw,
         lambda t: wmse(t, n // slices, eps), constant=("in.weight",))


def whitened_pairs():
    #        name          N   E   slices views eps
    table = [("whole",     8,  3,  1, 2, 0.0), ("half", 16, 3, 2, 2, 0.0),
             ("quarter",   32, 4,  4, 2, 0.0), ("odd", 34, 17, 1, 2, 0.0),
             ("thirds",    33, 5,  3, 2, 0.0),
             ("many",      130, 65, 1, 2, 0.0), ("recipe_half", 64, 16, 2, 2, 0.0),
             ("eps",       18, 7,  2, 2, 0.01), ("eps_wide", 12, 9, 4, 2, 0.1),
             ("3_views",   14, 7,  1, 3, 0.0), ("3_views_half", 20, 5, 2, 3, 0.0),
             ("4_views",   17, 3,  1, 4, 0.0), ("4_views_half", 32, 8, 2, 4, 0.0),
             ("4_views_quarter", 32, 3, 4, 4, 0.0), ("4_views_eps", 33, 17, 1, 4, 0.01)]
    for name, n, *row in table:
        one_wmse(name, n, *row, False)
        if n <= 100:
            one_wmse(name + "_weighted", n, *row, True)


def vicreg(t, sim, std, cov):
    """Invariance by pair, so weighted; variance (half of each view's) and covariance by column."""
    z0, z1 = t["in.z0"], t["in.z1"]
    n, d = z0.shape

    def variance(z):
        hinge = 1 - (z.var(0) + 1e-4).sqrt()
        margin(hinge.abs())
        return F.relu(hinge).mean()

    def covariance(z):
        centred = z - z.mean(0)
        c = centred.T @ centred / (n - 1)
        return (c * (1 - torch.eye(d, dtype=z.dtype))).square().sum() / d
    invariance = weighted_mean(t, (z0 - z1).square().mean(1))
    return {"loss": sim * invariance + std * (variance(z0) + variance(z1)) / 2
            + cov * (covariance(z0) + covariance(z1))}


def one_vicreg(name, n, d, sim, std, cov, mean, widths, weighted):
    def draw(rng):
        base, scale = rng.standard_normal((n, d)), np.linspace(*widths, d)
        out = {f"in.z{i}": f32(mean + scale * (base + 0.5 * rng.standard_normal((n, d))))
               for i in range(2)}
        if weighted:
            out["in.weight"] = uniform(rng, n, low=0, high=3)
        return out
    case("loss.vicreg", name, {"sim": sim, "std": std, "cov": cov}, draw,
         lambda t: vicreg(t, sim, std, cov), constant=("in.weight",))


def column_losses():
    #        name          N   D    sim std cov mean widths of columns
    table = [("two",       2,  3,   25, 25, 1, 0, (0.5, 2)),
             ("odd",       5,  17,  25, 25, 1, 0, (0.3, 1.8)),
             ("sl",        9,  64,  25, 50, 1, 0, (0.5, 1.5)),
             ("many",      33, 65,  25, 25, 1, 0, (0.3, 1.8)),
             ("wide",      8,  130, 25, 25, 1, 0, (0.3, 1.8)),
             ("offset",    17, 5,   25, 25, 1, 5, (0.5, 1.5)),
             ("narrow",    12, 8,   25, 25, 1, 0, (0.01, 0.1)),
             ("invariance", 6, 3,   1,  0,  0, 0, (1, 1)),
             ("variance",  7,  17,  0,  1,  0, 0, (0.5, 1.5)),
             ("covariance", 7, 17,  0,  0,  1, 0, (1, 1)),
             ("constant_column", 6, 5, 10, 10, 0.5, 0, (0, 2))]
    for name, *row in table:
        one_vicreg(name, *row, False)
        one_vicreg(name + "_weighted", *row, True)


def barlow(t, lambda_, scale):
    """The cross-correlation of standardised columns: 1 on its diagonal, 0 beside it."""
    z0, z1 = (F.batch_norm(t["in." + name], None, None, training=True) for name in ("z0", "z1"))
    c = z0.T @ z1 / len(z0)
    diagonal = c.diagonal()
    rest = c.square().sum() - diagonal.square().sum()
    return {"loss": scale * ((diagonal - 1).square().sum() + lambda_ * rest)}


def one_barlow(name, n, d, lambda_, scale, mean, width):
    def draw(rng):
        base = rng.standard_normal((n, d))
        return {f"in.z{i}": f32(mean + width * (base + 0.7 * rng.standard_normal((n, d))))
                for i in range(2)}
    case("loss.barlow", name, {"lambda": lambda_, "scale": scale}, draw,
         lambda t: barlow(t, lambda_, scale))


def correlations():
    #        name     N   D    lambda  scale mean width
    table = [("three", 3, 3,   0.0051, 0.1, 0, 1), ("odd", 5, 17, 0.0051, 0.1, 0, 1),
             ("sixteen", 16, 64, 0.005, 1.0, 0, 1), ("many", 33, 65, 0.0051, 0.1, 0, 1),
             ("wide",  9, 130, 0.0051, 0.1, 0, 1), ("offset", 17, 5, 0.0051, 0.1, 5, 1),
             ("narrow", 12, 8, 0.0051, 0.1, 0, 0.01), ("heavy", 8, 17, 1.0, 1.0, 0, 3)]
    for row in table:
        one_barlow(*row)
    # two rows standardise to 1 and -1 whatever they are: the gradient is rounding
    case("loss.barlow", "two", {"lambda": 0.0051, "scale": 0.1},
         lambda rng: {"in.z0": normal(rng, 2, 3), "in.z1": normal(rng, 2, 3)},
         lambda t: barlow(t, 0.0051, 0.1), gradients=False)


def make():
    whitenings()
    whitened_pairs()
    column_losses()
    correlations()
