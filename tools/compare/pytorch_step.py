#!/usr/bin/env python3
"""PyTorch's training step, timed: what tools/compare/steps.py holds `scorecl bench` against.

    tools/compare/pytorch_step.py --method simclr --width 64 --batch 128 --layout channels_last

ResNet-18 with the CIFAR stem, batch norm per view, HT's head, NT-Xent at 0.5 and Adam; two
views of `batch` random images, made beforehand: augmentation is not timed. ScoreCL adds the score
network on both views and the weights |s(a) - s(b)| over their mean. Prints one JSON object: the
seconds of each step but the first, which warms up.
"""
import argparse
import json
import os
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
import nets  # noqa: E402 - its folder is known only now

SIGMA = 0.1  # the level at which views are scored


class Block(nn.Module):
    def __init__(self, inside, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Identity()
        if stride != 1 or inside != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(h)) + self.shortcut(x), inplace=True)


class ResNet18(nn.Module):
    def __init__(self, width):
        super().__init__()
        layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width),
                  nn.ReLU(inplace=True)]
        inside = width
        for stage in range(4):
            for block in range(2):
                out = width << stage
                layers.append(Block(inside, out, 2 if stage and not block else 1))
                inside = out
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return self.body(x).mean(dim=(2, 3))


class Score(nn.Module):
    """The score network of tools/golden: its definition, with parameters drawn anew."""

    def __init__(self, width, batch, layout):
        super().__init__()
        self.t = {"param." + name: torch.randn(shape) * 0.05
                  for name, shape in nets.score_unet_shapes(width).items()}
        for name, value in self.t.items():
            if value.dim() == 4:
                self.t[name] = value.contiguous(memory_format=layout)
        self.t["in.sigma"] = torch.full((2 * batch,), SIGMA)

    def forward(self, x):
        return nets.score_unet({**self.t, "in.x": x})


def pair_weights(score, views):
    """Constants of the step: gradients stop here."""
    with torch.no_grad():
        a, b = score(torch.cat(views)).chunk(2)
        d = SIGMA * (a - b).flatten(1).norm(dim=1)
        return d / d.mean()


def simclr_loss(z0, z1, temperature, weight):
    u = F.normalize(torch.cat([z0, z1]))
    s = u @ u.T / temperature
    s = s.masked_fill(torch.eye(len(s), dtype=torch.bool), -1e9)
    n = len(z0)
    loss = F.cross_entropy(s, torch.arange(2 * n).roll(n), reduction="none")
    return (loss if weight is None else loss * weight.repeat(2)).mean()


def time_steps(args):
    torch.manual_seed(0)
    layout = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[args.layout]
    encoder = ResNet18(args.width).to(memory_format=layout)
    head = nn.Sequential(nn.Linear(8 * args.width, 1024), nn.BatchNorm1d(1024),
                         nn.ReLU(inplace=True), nn.Linear(1024, 64), nn.BatchNorm1d(64))
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=3e-3,
                                 weight_decay=1e-6)
    views = [torch.rand(args.batch, 3, 32, 32).contiguous(memory_format=layout) for _ in range(2)]
    score = Score(args.score_width, args.batch, layout) if args.method == "scorecl" else None
    if args.compile:
        encoder, head = torch.compile(encoder), torch.compile(head)
        score = score and torch.compile(score)
    seconds = []
    for step in range(args.steps + 1):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        weight = pair_weights(score, views) if score else None
        h = torch.cat([encoder(v) for v in views])  # statistics of their own for each view
        z = head(h)
        simclr_loss(z[:args.batch], z[args.batch:], 0.5, weight).backward()
        optimiser.step()
        if step:
            seconds.append(time.perf_counter() - start)
    return seconds


parser = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--method", choices=("simclr", "scorecl"), default="simclr")
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--score-width", type=int, default=32)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--layout", choices=("nchw", "channels_last"), default="channels_last")
parser.add_argument("--compile", action="store_true")
args = parser.parse_args()

torch.set_num_threads(len(os.sched_getaffinity(0)))
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(),
                  "seconds": time_steps(args)}))
