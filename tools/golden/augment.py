"""augment.py - torchvision's float tensor transforms, one at a time."""
import numpy as np
import torch
import torch.nn.functional as F
from torchvision.transforms import functional as TV

from case import case, f32, uniform

SOURCE = "PyTorch, torchvision"


def one(op, name, attrs, function, shape=(2, 3, 7, 9), draw=None):
    case("augment." + op, name, attrs, draw or (lambda rng: {"in.x": uniform(rng, *shape)}),
         lambda t: {"y": function(t["in.x"])}, gradients=False, source=SOURCE)


def checkers(rng, *shape):
    """Hard edges between 0 and 1, where a cubic overshoots, and greys between."""
    x = uniform(rng, *shape)
    return {"in.x": f32(np.where(x < 0.4, 0, np.where(x > 0.6, 1, x)))}


def one_crop(name, kind, shape, top, left, height, width, size):
    def run(x):
        crop = x[:, :, top:top + height, left:left + width]
        return F.interpolate(crop, (size, size), mode=kind, align_corners=False,
                             antialias=True).clamp(0, 1)
    one("resized_crop", name, {"top": top, "left": left, "height": height, "width": width,
                               "size": size, "interpolation": kind}, run,
        draw=lambda rng: checkers(rng, *shape))


def resized_crop():
    #        name           H   W   top left height width size
    table = [("whole",      8,  8,  0, 0, 8,  8,  8),
             ("smaller",    13, 17, 2, 3, 10, 11, 5),
             ("larger",     9,  7,  1, 2, 4,  5,  11),
             ("recipe",     32, 32, 5, 3, 20, 17, 32),
             ("mixed",      16, 20, 0, 4, 16, 5,  9),
             ("one_pixel",  5,  6,  3, 2, 1,  1,  4),
             ("to_one",     9,  9,  0, 0, 9,  9,  1),
             ("corner",     12, 12, 6, 6, 6,  6,  12),
             ("much_smaller", 31, 25, 1, 0, 30, 25, 4)]
    for kind in ("bicubic", "bilinear"):
        for name, h, w, *row in table:
            one_crop(f"{kind}_{name}", kind, (1 if row[-1] > 11 else 2, 3, h, w), *row)


def colours(rng, *shape):
    """With greys, black, white, primaries and equal channels, where hue has corners."""
    x = uniform(rng, *shape)
    special = [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0], [0, 1, 0], [0, 0, 1],
               [1, 1, 0], [0.25, 0.75, 0.75], [0.75, 0.25, 0.25]]
    for i, colour in enumerate(special[:shape[2] * shape[3]]):
        x[0, :, i // shape[3], i % shape[3]] = colour
    return {"in.x": x}


def each_image(function):
    """torchvision's contrast already takes one mean an image; this says so for all."""
    return lambda x: torch.stack([function(image) for image in x])


def grayscale(x):
    return TV.rgb_to_grayscale(x, 3)


COLOURS = {"brightness": TV.adjust_brightness, "contrast": TV.adjust_contrast,
           "saturation": TV.adjust_saturation, "hue": TV.adjust_hue}


def one_colour(op, name, factor, shape=(2, 3, 5, 7)):
    one(op, name, {"factor": factor}, each_image(lambda x: COLOURS[op](x, factor)),
        draw=lambda rng: colours(rng, *shape))


def one_blur(name, sigma, size, shape):
    one("gaussian_blur", name, {"sigma": sigma, "kernel_size": size},
        lambda x: TV.gaussian_blur(x, [size, size], [sigma, sigma]), shape)


def one_normalize(name, mean, std, shape=(2, 3, 7, 9)):
    one("normalize", name, {"mean": mean, "std": std}, lambda x: TV.normalize(x, mean, std), shape)


def make():
    resized_crop()
    one("hflip", "odd", {}, TV.hflip)
    one("hflip", "one_column", {}, TV.hflip, (1, 3, 4, 1))
    one("hflip", "even", {}, TV.hflip, (1, 3, 3, 8))
    one("grayscale", "odd", {}, grayscale, draw=lambda rng: colours(rng, 2, 3, 5, 7))
    one("grayscale", "one_pixel", {}, grayscale, (1, 3, 1, 1))
    for name, factor in [("none", 0.0), ("less", 0.6), ("same", 1.0), ("more", 1.4), ("much", 1.8)]:
        for op in "brightness", "contrast", "saturation":
            one_colour(op, name, factor)
    for name, factor in [("back", -0.1), ("half_back", -0.5), ("none", 0.0), ("little", 0.03),
                         ("forward", 0.2), ("half", 0.5)]:
        one_colour("hue", name, factor)
    for row in [("sharp", 0.1, 5, (1, 3, 6, 7)), ("soft", 1.0, 7, (2, 3, 9, 8)),
                ("recipe", 2.0, 13, (1, 3, 16, 16)), ("widest", 2.0, 9, (1, 3, 5, 5)),
                ("one_tap", 0.5, 1, (1, 3, 3, 4))]:
        one_blur(*row)

    def with_threshold(rng):
        x = uniform(rng, 2, 3, 5, 6)
        x[0, 0, 0, :] = [0, 0.25, 0.5, 0.75, 1, np.nextafter(np.float32(0.5), np.float32(0))]
        return {"in.x": x}
    for name, threshold in [("half", 0.5), ("quarter", 0.25), ("all", 0.0), ("white", 1.0)]:
        one("solarize", name, {"threshold": threshold}, lambda x: TV.solarize(x, threshold),
            draw=with_threshold)
    one_normalize("cifar10", [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])
    one_normalize("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
