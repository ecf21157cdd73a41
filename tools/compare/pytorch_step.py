#!/usr/bin/env python3
"""PyTorch's training step, timed: what tools/compare/steps.py holds `scorecl bench` against.

    tools/compare/pytorch_step.py --method simclr --width 64 --batch 128 --layout channels_last
    tools/compare/pytorch_step.py --device cuda --precision tf32

ResNet-18 with the CIFAR stem, batch norm per view, HT's head, NT-Xent at 0.5 and Adam; two
views of `batch` random images, made beforehand: augmentation is not timed. ScoreCL adds the score
network on both views and the weights |s(a) - s(b)| over their mean. Precision is that of products
and convolutions: fp32; tf32, a GPU's matrix units on rounded operands; mixed, autocast to fp16.
Prints one JSON object: the seconds of each step but the first three, which warm up, and on a GPU
the most memory that PyTorch held, in MiB.
"""
import argparse
import contextlib
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
WARM_UP = 3  # steps; PyTorch's allocator and cuDNN's choices settle in them


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

    def __init__(self, width, batch, layout, device):
        super().__init__()
        self.t = {"param." + name: torch.randn(shape, device=device) * 0.05
                  for name, shape in nets.score_unet_shapes(width).items()}
        for name, value in self.t.items():
            if value.dim() == 4:
                self.t[name] = value.contiguous(memory_format=layout)
        self.t["in.sigma"] = torch.full((2 * batch,), SIGMA, device=device)

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
    s = s.masked_fill(torch.eye(len(s), dtype=torch.bool, device=s.device), -1e9)
    n = len(z0)
    loss = F.cross_entropy(s, torch.arange(2 * n, device=s.device).roll(n), reduction="none")
    return (loss if weight is None else loss * weight.repeat(2)).mean()


def time_steps(args):
    torch.manual_seed(0)
    cuda = args.device == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = \
        args.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    layout = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[args.layout]
    encoder = ResNet18(args.width).to(args.device, memory_format=layout)
    head = nn.Sequential(nn.Linear(8 * args.width, 1024), nn.BatchNorm1d(1024),
                         nn.ReLU(inplace=True), nn.Linear(1024, 64),
                         nn.BatchNorm1d(64)).to(args.device)
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=3e-3,
                                 weight_decay=1e-6)
    views = [torch.rand(args.batch, 3, 32, 32, device=args.device).contiguous(memory_format=layout)
             for _ in range(2)]
    score = None
    if args.method == "scorecl":
        score = Score(args.score_width, args.batch, layout, args.device)
    if args.compile:
        encoder, head = torch.compile(encoder), torch.compile(head)
    if args.compile and score is not None:  # a compiled module has no truth value
        score = torch.compile(score)
    mixed = args.precision == "mixed"
    scaler = torch.cuda.amp.GradScaler(enabled=mixed)
    seconds = []
    for step in range(args.steps + WARM_UP):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.float16) if mixed else contextlib.nullcontext():
            weight = pair_weights(score, views) if score is not None else None
            h = torch.cat([encoder(v) for v in views])  # statistics of their own for each view
            z = head(h)
        z = z.float()
        loss = simclr_loss(z[:args.batch], z[args.batch:], 0.5, weight)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()
        if cuda:
            torch.cuda.synchronize()
        if step >= WARM_UP:
            seconds.append(time.perf_counter() - start)
    return {"seconds": seconds,
            **({"memory_mib": torch.cuda.max_memory_allocated() / 2**20} if cuda else {})}


parser = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--method", choices=("simclr", "scorecl"), default="simclr")
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--score-width", type=int, default=32)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--layout", choices=("nchw", "channels_last"), default="channels_last")
parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
parser.add_argument("--precision", choices=("fp32", "tf32", "mixed"), default="fp32",
                    help="tf32 and mixed: on a GPU")
parser.add_argument("--compile", action="store_true")
args = parser.parse_args()

if args.device == "cpu" and args.precision != "fp32":
    parser.error(f"--precision {args.precision} is for --device cuda")
torch.set_num_threads(len(os.sched_getaffinity(0)))
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(),
                  **time_steps(args)}))
