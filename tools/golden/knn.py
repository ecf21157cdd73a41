"""knn.py - nearest neighbours by looking at all of them.

Neighbours and votes are kept clear of ties that rounding could break; ties of votes that
count alike are wanted, and go to the smallest label.
"""
import torch
import torch.nn.functional as F

from case import case, margin, normal


def predict(t, k, metric, vote, temperature):
    bank, query, labels = t["in.bank"], t["in.query"], t["in.labels"]
    if metric == "cosine":
        near = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
        value = near / temperature
    else:
        near = -(query[:, None] - bank[None]).square().sum(2).sqrt()
        value = near / temperature
    order = near.sort(1, descending=True)
    if k < len(bank):
        margin(order.values[:, k - 1] - order.values[:, k])
    chosen = order.indices[:, :k]
    each = torch.ones_like(value) if vote == "majority" else value.exp()
    votes = torch.zeros(len(query), int(labels.max()) + 1, dtype=bank.dtype)
    votes.scatter_add_(1, labels[chosen], each.gather(1, chosen))
    if vote == "exp":
        top = votes.sort(1, descending=True).values
        if top.shape[1] > 1:
            margin((top[:, 0] - top[:, 1]) / top[:, 0])
    best = votes.max(1, keepdim=True).values
    return {"prediction": (votes == best).int().argmax(1).int()}


def one(name, m, d, q, k, classes, metric, vote, temperature):
    def draw(rng):
        labels = rng.randint(0, classes, m).astype("int32")
        centres = normal(rng, classes, d)
        return {"in.bank": (centres[labels] + normal(rng, m, d)).astype("f4").astype("f8"),
                "in.labels": labels, "in.query": normal(rng, q, d, scale=1.4)}
    case("knn", name, {"k": k, "metric": metric, "vote": vote, "temperature": temperature}, draw,
         lambda t: predict(t, k, metric, vote, temperature), gradients=False)


def make():
    #        name              M    D   Q   k   classes metric       vote        T
    table = [("one",           1,   1,  1,  1,  1,  "euclidean", "majority", 1.0),
             ("nearest",       20,  3,  7,  1,  5,  "euclidean", "majority", 1.0),
             ("ht",            100, 17, 33, 5,  10, "euclidean", "majority", 1.0),
             ("ties",          40,  2,  20, 4,  3,  "euclidean", "majority", 1.0),
             ("all",           9,   5,  6,  9,  4,  "euclidean", "majority", 1.0),
             ("weighted",      100, 33, 20, 20, 10, "cosine",    "exp",      0.1),
             ("cold",          65,  8,  9,  65, 7,  "cosine",    "exp",      0.07),
             ("cosine_majority", 50, 16, 11, 5, 6,  "cosine",    "majority", 1.0),
             ("distance",      50,  4,  17, 10, 5,  "euclidean", "exp",      0.5),
             ("all_distance",  33,  3,  9,  33, 4,  "euclidean", "exp",      0.2),
             ("all_cosine",    17,  5,  7,  17, 4,  "cosine",    "majority", 1.0),
             ("cosine_ties",   40,  3,  20, 4,  3,  "cosine",    "majority", 1.0),
             ("two_of_two",    2,   17, 5,  2,  2,  "cosine",    "exp",      0.1),
             ("one_weighted",  1,   3,  2,  1,  1,  "euclidean", "exp",      0.1),
             ("nearest_cosine", 65, 64, 9,  1,  10, "cosine",    "exp",      0.07),
             ("one_query",     130, 17, 1,  20, 10, "euclidean", "exp",      0.1),
             ("many_classes",  130, 9,  17, 33, 100, "cosine",   "exp",      0.2),
             ("large_bank",    1025, 3, 17, 20, 10, "euclidean", "exp",      0.3),
             ("five",          5,   3,  17, 5,  3,  "euclidean", "majority", 1.0),
             ("five_ties",     65,  1,  33, 5,  3,  "euclidean", "majority", 1.0),
             ("five_cosine",   33,  127, 31, 5, 2,  "cosine",    "exp",      0.07),
             ("large_k",       260, 5,  3,  200, 10, "cosine",   "exp",      0.1)]
    for row in table:
        one(*row)
