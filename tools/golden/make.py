#!/usr/bin/python3
"""make.py - writes every conformance case below tests/cases; the same bytes each time.

    tools/golden/make.py            needs PyTorch, torchvision and NumPy
"""
import augment
import case
import knn
import losses
import models
import ops
import optim
import weights
import whitening

for group in (ops, losses, whitening, weights, models, optim, augment, knn):
    group.make()
case.finish()
