"""losses.py - losses of pairs by their formulas, and denoising score matching.

A weight multiplies the term of its pair; the sum is divided by N, whatever the weights' mean.
"""
import itertools

import numpy as np
import torch
import torch.nn.functional as F

from case import case, f32, normal, uniform


def unit(v):
    return F.normalize(v, dim=1, eps=1e-12)


def cosine(a, b):
    return (unit(a) * unit(b)).sum(1)


def weighted_mean(t, each):
    """(1/N) sum_k w_k each_k."""
    return (t["in.weight"] * each if "in.weight" in t else each).mean()


def rows(*names, weighted=None, scale=1.0):
    """A draw of named [N, D] and, where wanted, N weights with some zeros, of mean far from 1."""
    def draw(rng, n_rows, d):
        out = {"in." + name: normal(rng, n_rows, d, scale=scale) for name in names}
        if weighted is not None:
            out["in.weight"] = uniform(rng, *weighted, n_rows, low=0, high=5)
            out["in.weight"][..., 1::4] = 0
        return out
    return draw


def nt_xent(z0, z1, temperature):
    """(l0_k + l1_k) / 2 by k: over all 2N rows but the anchor itself."""
    z = unit(torch.cat([z0, z1]))
    pairs = len(z0)
    logits = z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(2 * pairs, dtype=torch.bool), -float("inf"))
    partner = torch.arange(2 * pairs).roll(pairs)
    each = torch.logsumexp(logits, 1) - logits[torch.arange(2 * pairs), partner]
    return (each[:pairs] + each[pairs:]) / 2


def simclr(t, temperature):
    """Two views: SimCLR. More: the mean over pairs of views (htdt/self-supervised)."""
    views = [t[name] for name in sorted(t) if name.startswith("in.z")]
    pairs = list(itertools.combinations(views, 2))
    total = 0
    for p, (a, b) in enumerate(pairs):
        each = nt_xent(a, b, temperature)
        if "in.weight" in t:
            each = (t["in.weight"] if len(pairs) == 1 else t["in.weight"][p]) * each
        total = total + each.sum() / len(each)
    return {"loss": total / len(pairs)}


def one_simclr(name, n_rows, d, views, temperature, draw, constant=("in.weight",)):
    """draw(rng, n_rows, d) as rows() makes it."""
    case("loss.simclr", name, {"temperature": temperature}, lambda rng: draw(rng, n_rows, d),
         lambda t: simclr(t, temperature), constant=constant)


def of_pairs(views):
    """The first dimensions of weights: none for two views."""
    return (views * (views - 1) // 2,) if views > 2 else ()


def contrast():
    for name, n_rows, d, temperature, scale, weighted in [
            ("two", 2, 3, 0.5, 1, False), ("odd", 5, 17, 0.5, 1, False),
            ("odd_weighted", 5, 17, 0.5, 1, True), ("cold", 8, 16, 0.07, 1, False),
            ("cold_weighted", 8, 16, 0.07, 1, True), ("many", 33, 65, 0.2, 1, True),
            ("long_rows", 4, 8, 0.5, 50, False)]:
        def draw(rng, n_rows, d):
            out = rows("z0", "z1", scale=scale)(rng, n_rows, d)
            if weighted:
                out["in.weight"] = uniform(rng, n_rows, low=0, high=2)
            return out
        one_simclr(name, n_rows, d, 2, temperature, draw)
    #        name       N   D    views temperature
    table = [("n2",     2,  17,  2, 0.2), ("n3", 3, 3, 2, 0.1), ("n16", 16, 64, 2, 0.2),
             ("n17",    17, 130, 2, 0.5), ("n32", 32, 17, 2, 0.1), ("n33", 33, 3, 2, 0.5),
             ("3_views", 5, 17,  3, 0.5), ("4_views", 7, 3, 4, 0.2),
             ("4_views_n16", 16, 65, 4, 0.1), ("n31", 31, 127, 2, 0.2), ("n65", 65, 2, 2, 0.5)]
    for name, n_rows, d, views, temperature in table:
        names = [f"z{i}" for i in range(views)]
        one_simclr(name, n_rows, d, views, temperature, rows(*names))
        one_simclr(name + "_weighted", n_rows, d, views, temperature,
                   rows(*names, weighted=of_pairs(views)))
    for views in 2, 3:
        one_simclr(f"{views}_views_and_weights", 5, 17, views, 0.5,
                   rows(*(f"z{i}" for i in range(views)), weighted=of_pairs(views)), constant=())


def simsiam(t):
    p0, p1, z0, z1 = (t["in." + name] for name in ("p0", "p1", "z0", "z1"))
    return {"loss": -weighted_mean(t, (cosine(p0, z1.detach()) + cosine(p1, z0.detach())) / 2)}


def byol(t):
    p0, p1, z0, z1 = (t["in." + name] for name in ("p0", "p1", "z0", "z1"))
    return {"loss": weighted_mean(t, 2 - 2 * cosine(p0, z1.detach())
                                  + 2 - 2 * cosine(p1, z0.detach()))}


def mocov3(t, temperature):
    """solo-learn's: 2 temperature times the cross-entropy of query k among all keys."""
    def each(q, k):
        logits = unit(q) @ unit(k.detach()).T / temperature
        return F.cross_entropy(logits, torch.arange(len(q)), reduction="none")
    both = each(t["in.q0"], t["in.k1"]) + each(t["in.q1"], t["in.k0"])
    return {"loss": weighted_mean(t, 2 * temperature * both)}


def dino(t, temperature, teacher_temperature):
    """H(q, p) = -sum q log p of a teacher's view and the student's other view."""
    def entropy(teacher, student):
        q = F.softmax((teacher - t["in.center"]).detach() / teacher_temperature, 1)
        return -(q * F.log_softmax(student / temperature, 1)).sum(1)
    both = entropy(t["in.t0"], t["in.s1"]) + entropy(t["in.t1"], t["in.s0"])
    return {"loss": weighted_mean(t, both / 2)}


def one_predictor(op, name, n_rows, d, scale, weighted):
    """Losses whose one side is a target: no gradient to it."""
    draw = rows("p0", "p1", "z0", "z1", weighted=weighted, scale=scale)
    case(op, name, {}, lambda rng: draw(rng, n_rows, d),
         simsiam if op == "loss.simsiam" else byol, gradients=lambda key: key.startswith("in.p"))


def predictors():
    #        name          N   D    scale
    table = [("one",       1,  3,   1), ("two", 2, 17, 1), ("odd", 5, 64, 1), ("many", 33, 65, 1),
             ("wide",      7,  130, 1), ("long_rows", 4, 17, 1000),
             ("short_rows", 6, 3, 2.0 ** -14)]
    for name, n_rows, d, scale in table:
        for suffix, weighted in ("", None), ("_weighted", ()):
            for op in "loss.simsiam", "loss.byol":
                one_predictor(op, name + suffix, n_rows, d, scale, weighted)


def one_mocov3(name, n_rows, d, temperature, scale, weighted):
    draw = rows("q0", "q1", "k0", "k1", weighted=weighted, scale=scale)
    case("loss.mocov3", name, {"temperature": temperature}, lambda rng: draw(rng, n_rows, d),
         lambda t: mocov3(t, temperature), gradients=lambda key: key.startswith("in.q"))


def queries():
    #        name          N   D    temperature scale
    table = [("two",       2,  3,   0.2, 1), ("odd", 5, 17, 0.5, 1), ("cold", 9, 64, 0.1, 1),
             ("many",      33, 65,  0.2, 1), ("wide", 8, 130, 1.0, 1),
             ("long_rows", 4, 17, 0.2, 1000)]
    for name, *row in table:
        one_mocov3(name, *row, None)
        one_mocov3(name + "_weighted", *row, ())


def one_dino(name, n_rows, k, temperature, teacher, weighted):
    def draw(rng):
        out = rows("s0", "s1", "t0", "t1", weighted=weighted, scale=0.4)(rng, n_rows, k)
        return {**out, "in.center": normal(rng, k, scale=0.2)}
    case("loss.dino", name, {"temperature": temperature, "teacher_temperature": teacher}, draw,
         lambda t: dino(t, temperature, teacher), gradients=lambda key: key.startswith("in.s"))


def prototypes():
    #        name          N   K    temperature teacher's
    table = [("one",       1,  3,   0.1, 0.07), ("two", 2, 17, 0.1, 0.04),
             ("odd",       5,  64,  0.2, 0.07), ("many", 33, 65, 0.1, 0.04),
             ("wide",      7,  130, 0.1, 0.07), ("warm", 4, 17, 1.0, 0.5)]
    for name, *row in table:
        one_dino(name, *row, None)
        one_dino(name + "_weighted", *row, ())


def one_dsm(name, shape, constant=("in.sigma", "in.noise")):
    def draw(rng):
        sigma = f32(np.exp(rng.uniform(np.log(0.01), 0, shape[0])))
        score = normal(rng, *shape) / sigma[:, None, None, None]
        return {"in.score": f32(score), "in.noise": normal(rng, *shape), "in.sigma": sigma}

    def run(t):
        each = t["in.sigma"][:, None, None, None] * t["in.score"] + t["in.noise"]
        return {"loss": 0.5 * each.square().sum((1, 2, 3)).mean()}
    case("loss.dsm", name, {}, draw, run, constant=constant)


def score_matching():
    for row in [("one", (1, 1, 1, 1)), ("odd", (3, 3, 5, 7)), ("square", (4, 3, 8, 8))]:
        one_dsm(*row)
    one_dsm("all", (3, 3, 4, 5), ())


def make():
    contrast()
    predictors()
    queries()
    prototypes()
    score_matching()
