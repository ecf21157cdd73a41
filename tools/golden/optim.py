"""optim.py - several steps of an optimiser from given gradients."""
import torch

from case import case, normal


def steps(t, update):
    """Calls update(parameter, gradient, step from 1) for each row of in.grads."""
    p = t["in.param"]
    for i, g in enumerate(t["in.grads"], 1):
        p = update(p, g, i)
    return {"param": p}


def sgd(t, lr, momentum, weight_decay, nesterov):
    p = torch.nn.Parameter(t["in.param"].clone())
    optimiser = torch.optim.SGD([p], lr, momentum, 0, weight_decay, nesterov)
    return torch_steps(t, p, optimiser)


def adam(t, lr, beta1, beta2, eps, weight_decay):
    p = torch.nn.Parameter(t["in.param"].clone())
    optimiser = torch.optim.Adam([p], lr, (beta1, beta2), eps, weight_decay)
    return torch_steps(t, p, optimiser)


def torch_steps(t, p, optimiser):
    for g in t["in.grads"]:
        p.grad = g.clone()
        optimiser.step()
    return {"param": p.detach()}


def lars(t, lr, momentum, weight_decay, eta, clip, exclude=False):
    """solo-learn's of today: the rate enters after the momentum."""
    velocity = torch.zeros_like(t["in.param"])

    def update(p, g, step):
        nonlocal velocity
        if not exclude and p.norm() > 0 and g.norm() > 0:
            q = eta * p.norm() / (g.norm() + weight_decay * p.norm() + 1e-8)
            if clip:
                q = torch.clamp_max(q / lr, 1)
            g = (g + weight_decay * p) * q
        velocity = momentum * velocity + g
        return p - lr * velocity
    return steps(t, update)


def one(op, name, function, attrs, shape=(5, 7), n=4, scale=1.0, zero=None, start=1.0):
    def draw(rng):
        grads = normal(rng, n, *shape, scale=scale)
        if zero is not None:
            grads[zero] = 0
        return {"in.param": normal(rng, *shape, scale=start), "in.grads": grads}
    case(op, name, attrs, draw, lambda t: function(t, **attrs), gradients=False)


def make():
    base = {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.0, "nesterov": False}
    one("optim.sgd", "plain", sgd, base)
    one("optim.sgd", "momentum", sgd, {**base, "momentum": 0.9})
    one("optim.sgd", "decay", sgd, {**base, "momentum": 0.9, "weight_decay": 0.01}, (33,))
    one("optim.sgd", "nesterov", sgd, {**base, "momentum": 0.9, "weight_decay": 0.01,
                                       "nesterov": True}, (3, 2, 3, 3))
    one("optim.sgd", "one", sgd, {**base, "momentum": 0.5}, (1,), 1)
    one("optim.sgd", "decay_alone", sgd, {**base, "weight_decay": 0.1}, (17, 3))
    one("optim.sgd", "nesterov_alone", sgd, {**base, "momentum": 0.9, "nesterov": True}, (130,), 6)
    one("optim.sgd", "nesterov_zero_gradient", sgd, {**base, "momentum": 0.5, "weight_decay": 0.1,
                                                     "nesterov": True}, (3, 5), 4, 1.0, 1)

    base = {"lr": 3e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    one("optim.adam", "plain", adam, base)
    one("optim.adam", "decay", adam, {**base, "weight_decay": 0.1}, (65,))
    one("optim.adam", "betas", adam, {**base, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, (3, 2, 3, 3), 7)
    one("optim.adam", "small_gradients", adam, base, (17,), 3, 1e-6)
    one("optim.adam", "zero_gradient", adam, base, (4,), 3, 1.0, 0)
    one("optim.adam", "one", adam, base, (1,), 1)
    one("optim.adam", "decay_small", adam, {**base, "weight_decay": 1e-6}, (3, 2, 3, 3), 6)
    one("optim.adam", "decay_betas", adam, {**base, "lr": 0.05, "beta1": 0.5, "beta2": 0.9,
                                            "weight_decay": 0.5}, (130,), 5)
    one("optim.adam", "decay_zero_gradient", adam, {**base, "weight_decay": 0.1}, (17, 3), zero=0)

    base = {"lr": 0.4, "momentum": 0.9, "weight_decay": 1e-4, "eta": 0.02, "clip": True}
    one("optim.lars", "scaled", lars, base)
    one("optim.lars", "clipped", lars, base, (6, 3), 4, 1e-3)
    one("optim.lars", "no_clip", lars, {**base, "clip": False}, (33, 2))
    one("optim.lars", "decay", lars, {**base, "weight_decay": 0.5}, (4, 3, 3, 3))
    one("optim.lars", "excluded", lars, {**base, "exclude": True}, (17,), 4, 1e-2)
    one("optim.lars", "zero_gradient", lars, base, (3, 5), 4, 1.0, 1)
    one("optim.lars", "no_momentum", lars, {**base, "momentum": 0.0}, (2, 2), 3)
    one("optim.lars", "zero_first_gradient", lars, base, (3, 5), 4, 1.0, 0)
    one("optim.lars", "zero_parameter", lars, {**base, "weight_decay": 0.1}, (4, 5), start=0)
    one("optim.lars", "zero_parameter_no_clip", lars, {**base, "clip": False}, (17,), 3, 0.1,
        start=0)
    one("optim.lars", "excluded_decay", lars, {**base, "exclude": True, "weight_decay": 0.5},
        (65,))
    one("optim.lars", "excluded_no_clip", lars, {**base, "exclude": True, "clip": False}, (3,),
        4, 0.1)
    one("optim.lars", "decay_clipped", lars, {**base, "lr": 0.003, "weight_decay": 0.5}, (130,),
        5, 0.1)
    one("optim.lars", "small_eta", lars, {**base, "eta": 0.001, "momentum": 0.5}, (17, 3), 6)
    one("optim.lars", "one", lars, base, (1,), 2)
