"""losses.py - SimCLR and denoising score matching by their formulas, and the pair weights."""
import numpy as np
import torch
import torch.nn.functional as F

from case import case, normal, uniform


def simclr(t, temperature):
    """facts of htdt/self-supervised: l0_k + l1_k over all rows but the anchor itself."""
    z = F.normalize(torch.cat([t["in.z0"], t["in.z1"]]), dim=1, eps=1e-12)
    n = len(z) // 2
    logits = z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -float("inf"))
    partner = torch.arange(2 * n).roll(n)
    each = torch.logsumexp(logits, 1) - logits[torch.arange(2 * n), partner]
    weight = t.get("in.weight", torch.ones(n, dtype=z.dtype))
    return {"loss": (weight * (each[:n] + each[n:]) / 2).sum() / n}


def contrast():
    for name, n, d, temperature, scale, weighted in [
            ("two", 2, 3, 0.5, 1, False), ("odd", 5, 17, 0.5, 1, False),
            ("odd_weighted", 5, 17, 0.5, 1, True), ("cold", 8, 16, 0.07, 1, False),
            ("cold_weighted", 8, 16, 0.07, 1, True), ("many", 33, 65, 0.2, 1, True),
            ("long_rows", 4, 8, 0.5, 50, False)]:
        def draw(rng):
            out = {"in.z0": normal(rng, n, d, scale=scale), "in.z1": normal(rng, n, d, scale=scale)}
            if weighted:
                out["in.weight"] = uniform(rng, n, low=0, high=2)
            return out
        case("loss.simclr", name, {"temperature": temperature}, draw,
             lambda t: simclr(t, temperature), constant=("in.weight",))


def score_matching():
    for name, shape in [("one", (1, 1, 1, 1)), ("odd", (3, 3, 5, 7)), ("square", (4, 3, 8, 8))]:
        def draw(rng):
            sigma = np.exp(rng.uniform(np.log(0.01), 0, shape[0]))
            sigma = sigma.astype(np.float32).astype(np.float64)
            score = normal(rng, *shape) / sigma[:, None, None, None]
            return {"in.score": score.astype(np.float32).astype(np.float64),
                    "in.noise": normal(rng, *shape), "in.sigma": sigma}

        def run(t):
            each = t["in.sigma"][:, None, None, None] * t["in.score"] + t["in.noise"]
            return {"loss": 0.5 * each.square().sum((1, 2, 3)).mean()}
        case("loss.dsm", name, {}, draw, run, constant=("in.sigma", "in.noise"))


def pair_weight(t, kind, sigma, power, temperature, lambda_, clip, map):
    a, b = (t[n].flatten(1) for n in ("in.score0", "in.score1"))
    d = sigma * ((a.norm(dim=1) - b.norm(dim=1)).abs() if kind == "score_norm"
                 else (a - b).norm(dim=1))
    if (d == d[0]).all():
        w = torch.ones_like(d)
    else:
        d = d ** power
        deviation = d.std(unbiased=False)
        if map == "mean":
            w = d / d.mean()
        elif map == "softmax":
            w = len(d) * torch.softmax(d / (temperature * deviation), 0)
        else:
            w = (1 + lambda_ * (d - d.mean()) / deviation).clamp_min(0)
    return {"weight": w.clamp_max(clip) if clip > 0 else w}


def weights():
    def one(name, kind, map, shape=(6, 3, 4, 5), sigma=0.1, power=1.0, temperature=1.0,
            lambda_=0.3, clip=0.0, equal=None):
        def draw(rng):
            a, b = normal(rng, *shape, scale=3), normal(rng, *shape, scale=5)
            if equal == "same":    # every pair is the same pair
                a, b = a[:1].repeat(shape[0], 0), b[:1].repeat(shape[0], 0)
            elif equal == "zero":  # both views have the same score
                b = a
            return {"in.score0": a, "in.score1": b}
        attrs = {"kind": kind, "map": map, "sigma": sigma, "power": power,
                 "temperature": temperature, "lambda": lambda_, "clip": clip}
        case("weight", f"{kind}_{map}{name}", attrs, draw,
             lambda t: pair_weight(t, kind, sigma, power, temperature, lambda_, clip, map),
             gradients=False)

    for kind in ("score_norm", "score_l2"):
        for map in ("mean", "softmax", "affine"):
            one("", kind, map)
            one("_power2", kind, map, power=2.0)
            one("_root", kind, map, power=0.5)
            one("_inverse", kind, map, power=-1.0)
            one("_clip", kind, map, clip=1.1)
            one("_same", kind, map, equal="same")
            one("_zero", kind, map, equal="zero")
        one("_cold", kind, "softmax", temperature=0.1)
        one("_warm", kind, "softmax", temperature=10.0)
        one("_floor", kind, "affine", lambda_=2.0)
        one("_negative", kind, "affine", lambda_=-0.5)
        one("_one_pair", kind, "mean", shape=(1, 3, 2, 2))
        one("_batch_33", kind, "mean", shape=(33, 1, 3, 3), sigma=0.01)
        one("_two_pairs", kind, "softmax", shape=(2, 3, 1, 1), sigma=1.0)


def make():
    contrast()
    score_matching()
    weights()
