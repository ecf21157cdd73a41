#!/usr/bin/env python3
"""PyTorch's SimCLR training step, for comparison with `scorecl bench` on the same machine.

    tools/compare/pytorch_step.py --width 64 --batch 128 --steps 5

ResNet-18 with the CIFAR stem, batch norm per view, HT's head, NT-Xent at 0.5 and Adam; two
views of `batch` random images, made beforehand: augmentation is not timed. Prints one line a
memory format: median seconds a step, views a second, and the spread.
"""
import argparse
import os
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


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


def simclr_loss(z0, z1, temperature):
    u = F.normalize(torch.cat([z0, z1]))
    s = u @ u.T / temperature
    s.fill_diagonal_(-1e9)
    n = len(z0)
    return F.cross_entropy(s, torch.arange(2 * n).roll(n))


def time_steps(args, memory_format):
    torch.manual_seed(0)
    encoder = ResNet18(args.width).to(memory_format=memory_format)
    head = nn.Sequential(nn.Linear(8 * args.width, 1024), nn.BatchNorm1d(1024),
                         nn.ReLU(inplace=True), nn.Linear(1024, 64), nn.BatchNorm1d(64))
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=3e-3,
                                 weight_decay=1e-6)
    views = [torch.randn(args.batch, 3, 32, 32).contiguous(memory_format=memory_format)
             for _ in range(2)]
    seconds = []
    for step in range(args.steps + 1):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        h = torch.cat([encoder(v) for v in views])  # statistics of their own for each view
        z = head(h)
        simclr_loss(z[:args.batch], z[args.batch:], 0.5).backward()
        optimiser.step()
        if step:  # the first one warms up
            seconds.append(time.perf_counter() - start)
    return seconds


parser = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--steps", type=int, default=5)
args = parser.parse_args()

torch.set_num_threads(len(os.sched_getaffinity(0)))
print(f"# PyTorch {torch.__version__}, {torch.get_num_threads()} threads, "
      f"width {args.width}, batch {args.batch}")
for name, memory_format in (("nchw", torch.contiguous_format),
                            ("channels_last", torch.channels_last)):
    seconds = time_steps(args, memory_format)
    median = statistics.median(seconds)
    print(f"{name:13s} {median:8.3f} s/step {2 * args.batch / median:8.1f} views/s "
          f"({min(seconds):.3f} to {max(seconds):.3f})", flush=True)
