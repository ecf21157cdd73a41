#!/usr/bin/python3
"""make.py - writes every conformance case below tests/cases; the same bytes each time.

    tools/golden/make.py                                needs PyTorch, torchvision and NumPy
    tools/golden/make.py --sweep SEED COUNT FOLDER      COUNT random cases of each operation
"""
import sys

import augment
import case
import knn
import losses
import models
import ops
import optim
import sweep
import vary
import weights
import whitening

if sys.argv[1:2] == ["--sweep"] and len(sys.argv) == 5:
    seed, count = int(sys.argv[2]), int(sys.argv[3])
    case.begin_sweep(sys.argv[4], vary.Vary(seed, fair=1))
    sweep.make(seed, count)
elif len(sys.argv) == 1:
    for group in (ops, losses, whitening, weights, models, optim, augment, knn):
        group.make()
else:
    raise SystemExit(__doc__)
case.finish()
