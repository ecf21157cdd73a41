"""nets.py - operators and the two networks by their definitions, for any float type."""
import math

import torch
import torch.nn.functional as F

from case import margin

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}  # of each layer


def relu(x):
    margin(x.abs())
    return F.relu(x)


def max_pool(x, kernel, stride, padding):
    """With the distance from each window's largest value to the next one noted."""
    padded = F.pad(x, [padding] * 4, value=-math.inf)
    windows = padded.unfold(2, kernel, stride).unfold(3, kernel, stride)
    top = windows.reshape(*windows.shape[:4], -1).sort(-1).values
    if top.shape[-1] > 1:
        margin((top[..., -1] - top[..., -2]).reshape(-1))
    return F.max_pool2d(x, kernel, stride, padding)


def batch_norm(x, weight, bias, mean, var, training, eps=1e-5):
    """Running statistics are read in evaluation, and left alone in training."""
    return F.batch_norm(x, None if training else mean, None if training else var, weight, bias,
                        training, 0.0, eps)


def resnet(t, depth, stem, training):
    """torchvision's network without fc: t["in.x"], t["param.*"] to the features."""
    def p(name):
        return t["param." + name]

    def norm(x, name):
        return batch_norm(x, p(name + ".weight"), p(name + ".bias"), p(name + ".running_mean"),
                          p(name + ".running_var"), training)

    def step(x, name, index, stride=1):
        weight = p(f"{name}.conv{index}.weight")
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)
        return norm(x, f"{name}.bn{index}")

    def block(x, name, stride):
        if depth == 18:  # BasicBlock
            h = step(relu(step(x, name, 1, stride)), name, 2)
        else:  # Bottleneck; the stride is that of its 3x3
            h = step(relu(step(relu(step(x, name, 1)), name, 2, stride)), name, 3)
        if "param." + name + ".downsample.0.weight" in t:
            x = norm(F.conv2d(x, p(name + ".downsample.0.weight"), stride=stride),
                     name + ".downsample.1")
        return relu(h + x)

    stride, padding = {"cifar": (1, 1), "cifar_pad2": (1, 2), "imagenet": (2, 3)}[stem]
    h = relu(norm(F.conv2d(t["in.x"], p("conv1.weight"), stride=stride, padding=padding), "bn1"))
    if stem == "imagenet":
        h = max_pool(h, 3, 2, 1)
    for layer in range(1, 5):
        for index in range(BLOCKS[depth][layer - 1]):
            h = block(h, f"layer{layer}.{index}", 2 if layer > 1 and index == 0 else 1)
    return h.mean((2, 3))


def resnet_shapes(depth, stem, width):
    """Parameters by torchvision's names, in the order of its state_dict."""
    shapes = {}

    def conv_norm(conv, norm, *shape):
        shapes[conv + ".weight"] = shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{norm}.{part}"] = (shape[0],)

    size = 7 if stem == "imagenet" else 3
    conv_norm("conv1", "bn1", width, 3, size, size)
    channels = width
    for layer in range(1, 5):
        inner = width << (layer - 1)
        #        out, kernel of each convolution
        steps = ([(inner, 3), (inner, 3)] if depth == 18
                 else [(inner, 1), (inner, 3), (4 * inner, 1)])
        for index in range(BLOCKS[depth][layer - 1]):
            name, before = f"layer{layer}.{index}", channels
            for i, (out, kernel) in enumerate(steps, 1):
                conv_norm(f"{name}.conv{i}", f"{name}.bn{i}", out, channels, kernel, kernel)
                channels = out
            if index == 0 and (layer > 1 or channels != before):
                conv_norm(name + ".downsample.0", name + ".downsample.1", channels, before, 1, 1)
    return shapes


def score_unet(t):
    """The compact U-Net: t["in.x"], t["in.sigma"], t["param.*"] to the score of x."""
    def p(name):
        return t["param." + name]

    def conv(x, name, stride=1):
        weight = p(name + ".weight")
        return F.conv2d(x, weight, p(name + ".bias"), stride, weight.shape[-1] // 2)

    def norm(x, name):
        return F.group_norm(x, 8, p(name + ".weight"), p(name + ".bias"), 1e-5)

    def linear(x, name):
        return F.linear(x, p(name + ".weight"), p(name + ".bias"))

    def res(x, name):
        h = conv(F.silu(norm(x, name + ".norm1")), name + ".conv1")
        h = h + linear(e, name + ".embed")[:, :, None, None]
        h = conv(F.silu(norm(h, name + ".norm2")), name + ".conv2")
        return h + (conv(x, name + ".skip") if "param." + name + ".skip.weight" in t else x)

    def up(x):
        return F.interpolate(x, scale_factor=2, mode="nearest")

    sigma = t["in.sigma"]
    phase = 2 * math.pi * sigma.log()[:, None] * p("embed.freq")
    e = linear(torch.cat([phase.sin(), phase.cos()], 1), "embed.0")
    e = F.silu(linear(F.silu(e), "embed.2"))
    a = res(conv(2 * t["in.x"] - 1, "in"), "down1")
    b = res(conv(a, "pool1", 2), "down2")
    c = res(conv(b, "pool2", 2), "down3")
    h = res(c, "mid")
    h = up(res(torch.cat([h, c], 1), "up3"))
    h = up(res(torch.cat([h, b], 1), "up2"))
    h = res(torch.cat([h, a], 1), "up1")
    h = conv(F.silu(norm(h, "out.0")), "out.2")
    return h / sigma[:, None, None, None]


def score_unet_shapes(w):
    """Parameters by name."""
    shapes = {"embed.freq": (64,)}

    def layer(name, *shape):
        shapes[name + ".weight"] = shape
        shapes[name + ".bias"] = shape[:1]

    def res(name, n_in, n_out):
        layer(name + ".norm1", n_in)
        layer(name + ".conv1", n_out, n_in, 3, 3)
        layer(name + ".embed", n_out, 128)
        layer(name + ".norm2", n_out)
        layer(name + ".conv2", n_out, n_out, 3, 3)
        if n_in != n_out:
            layer(name + ".skip", n_out, n_in, 1, 1)

    layer("embed.0", 128, 128)
    layer("embed.2", 128, 128)
    layer("in", w, 3, 3, 3)
    res("down1", w, w)
    layer("pool1", w, w, 3, 3)
    res("down2", w, 2 * w)
    layer("pool2", 2 * w, 2 * w, 3, 3)
    res("down3", 2 * w, 2 * w)
    res("mid", 2 * w, 2 * w)
    res("up3", 4 * w, 2 * w)
    res("up2", 4 * w, w)
    res("up1", 2 * w, w)
    layer("out.0", w)
    layer("out.2", 3, w, 3, 3)
    return shapes
