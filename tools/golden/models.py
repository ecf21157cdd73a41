"""models.py - whole networks with random weights, small enough to be stored."""
import numpy as np

import nets
from case import case, f32, normal, uniform


def parameter(rng, name, shape):
    """Weights that keep activations near 1, so that gradients of all layers matter."""
    if name.endswith("running_var"):
        return uniform(rng, *shape, low=0.5, high=1.5)
    if len(shape) == 1:
        return normal(rng, *shape, scale=0.2, mean=1.0 if name.endswith("weight") else 0.0)
    return normal(rng, *shape, scale=(2 / np.prod(shape[1:])) ** 0.5)


def tame(t, stem):
    """What a fair draw of ResNet-50 needs.

    Sixteen blocks whose branches weigh as much as their shortcuts make too much of rounding, and
    the pooling of a few channels meets windows where ReLU left only zeros, which is a tie.
    """
    for key in t:
        if key.endswith("bn3.weight"):
            t[key] = t[key] / 4
    if stem == "imagenet":
        t["param.bn1.bias"] = f32(t["param.bn1.bias"] + 1)


def one_resnet(name, depth, stem, width, shape, training, gradients):
    def draw(rng):
        out = {"in.x": normal(rng, *shape)}
        for key, dims in nets.resnet_shapes(depth, stem, width).items():
            out["param." + key] = parameter(rng, key, dims)
        if depth == 50:
            tame(out, stem)
        return out
    case(f"model.resnet{depth}", name, {"stem": stem, "width": width, "training": training}, draw,
         lambda t: {"features": nets.resnet(t, depth, stem, training)}, gradients=gradients)


def resnet():
    def some(name):
        """Of all norms, and of the first convolutions: files stay small."""
        return name == "in.x" or "running" not in name and any(part in name for part in (
            "bn1", "param.conv1", "layer1.0.", "downsample.1"))

    def all_trained(name):
        return "running" not in name

    def strided(name):
        """Not bn1's bias: where no pooled value is 0, the next norms take away what it adds."""
        return "running" not in name and any(part in name for part in (
            "in.x", "param.conv1", "param.bn1.weight", ".0.conv2", ".0.bn2", ".0.downsample"))

    def but_layer1(name):
        """A convolution of one input channel before a norm has a gradient of 0 by theory."""
        return "running" not in name and "layer1" not in name

    def but_layer4(name):
        """Without layer 4's convolutions, the largest."""
        return "running" not in name and not (
            "layer4" in name and ("conv" in name or "downsample.0" in name))

    #        name              depth stem         width x                training gradients
    table = [("cifar_train",    18, "cifar",      4, (3, 3, 12, 14), True,  some),
             ("cifar_eval",     18, "cifar",      2, (2, 3, 9, 8),   False, some),
             ("pad2_train",     18, "cifar_pad2", 2, (4, 3, 16, 13), True,  all_trained),
             ("pad2_eval",      18, "cifar_pad2", 3, (1, 3, 7, 8),   False, some),
             ("imagenet_train", 18, "imagenet",   2, (2, 3, 33, 37), True,  some),
             ("imagenet_eval",  18, "imagenet",   2, (1, 3, 33, 47), False, some),
             ("tiny_eval",      18, "cifar",      3, (1, 3, 1, 1),   False, some),
             ("low_train",      18, "cifar",      3, (3, 3, 5, 21),  True,  some),
             ("cifar_train",    50, "cifar",      2, (3, 3, 12, 14), True,  but_layer4),
             ("cifar_eval",     50, "cifar",      1, (2, 3, 9, 8),   False, all_trained),
             ("pad2_train",     50, "cifar_pad2", 1, (4, 3, 9, 13),  True,  but_layer1),
             ("imagenet_train", 50, "imagenet",   2, (3, 3, 33, 19), True,  strided),
             ("imagenet_eval",  50, "imagenet",   1, (1, 3, 33, 47), False, all_trained)]
    for row in table:
        one_resnet(*row)


def one_score(name, width, sigma, shape, more=()):
    """Where a group is one channel its norm takes away what is added to the channel, so the
    gradients of down1's, up1's and up2's conv1.bias and embed are zero but for rounding:
    not stored.
    """
    def gradients(name):
        return name == "in.x" or any(part in name for part in (
            ".in.", "down1.norm1", "down1.conv2", "pool1.", "mid.norm2", "mid.embed.bias",
            "up2.skip", "up1.norm", "out.", *more))

    def draw(rng):
        out = {"in.x": uniform(rng, *shape), "in.sigma": np.float64(sigma)}
        for key, dims in nets.score_unet_shapes(width).items():
            out["param." + key] = (normal(rng, *dims) if key == "embed.freq"
                                   else parameter(rng, key, dims))
        return out
    case("model.score_unet", name, {"width": width}, draw,
         lambda t: {"score": nets.score_unet(t)}, gradients=gradients)


def score():
    """Width 8 is the least that 8 groups allow; the embedding does not shrink with it."""
    one_score("width8", 8, [0.0625, 0.25, 1.0], (3, 3, 8, 12))
    one_score("least", 8, [0.0278, 0.215], (2, 3, 4, 8), ("in.sigma",))


def make():
    resnet()
    score()
