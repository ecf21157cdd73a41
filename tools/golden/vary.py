"""vary.py - the ways in which one and the same case may be stored (CASES.md), drawn at random."""
import numpy as np

from case import narrow

# What an absent attribute means.
DEFAULTS = {
    "conv2d": {"stride": 1, "padding": 0},
    "matmul": {"trans_a": False, "trans_b": False},
    "batch_norm": {"eps": 1e-5, "momentum": 0.1},
    "group_norm": {"eps": 1e-5},
    "max_pool2d": {"padding": 0},
    "l2_normalize": {"eps": 1e-12},
    "whiten": {"eps": 0},
    "loss.wmse": {"eps": 0},
    "weight": {"power": 1, "clip": 0},
    "model.resnet18": {"width": 64},
    "model.score_unet": {"width": 32},
    "optim.sgd": {"momentum": 0, "weight_decay": 0, "nesterov": False},
    "optim.adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0},
    "optim.lars": {"weight_decay": 0, "exclude": False},
}


class Vary:
    """Chooses anew for each case; `fair`: how much better than asked float32 must be."""
    attempts = 8

    def __init__(self, seed, fair):
        self.rng, self.fair = np.random.RandomState(seed), fair
        self.wide, self.scalar_cotangent = False, 1

    def one_in(self, n):
        return self.rng.randint(n) == 0

    def begin(self, op, gradients, constant):
        """How the next case is drawn, and which gradients it asks for: of targets and weights too."""
        self.wide = self.one_in(8)
        self.scalar_cotangent = self.rng.uniform(-2, 2) if self.one_in(3) else 1
        if gradients is not False and self.one_in(6):
            return False, ()
        if gradients is not False and not op.startswith("model.") and self.one_in(3):
            return True, ()
        return gradients, constant

    def stored(self, op, tensors, attrs, metadata):
        tensors = self._some_gradients(self._no_cotangent(dict(tensors)))
        tensors = {n: self._retyped(n, a) for n, a in tensors.items()}
        attrs = {k: self._number(v) for k, v in attrs.items()
                 if k not in DEFAULTS.get(op, {}) or v != DEFAULTS[op][k] or self.one_in(2)}
        if self.one_in(3):
            metadata = {}
        if self.one_in(3):
            metadata.update(rtol="1e-4", atol="0.000001")
        names = list(tensors)
        self.rng.shuffle(names)
        return {n: tensors[n] for n in names}, attrs, metadata

    def _some_gradients(self, tensors):
        for name in [n for n in tensors if n.startswith("grad.")] if self.one_in(3) else ():
            if self.one_in(2):
                del tensors[name]
        return tensors

    def _no_cotangent(self, tensors):
        """An absent cotangent of more than one element is 0, and so are the gradients."""
        stored = [n for n in tensors if n.startswith("cot.")]
        if stored and all(tensors[n].size > 1 for n in stored) and self.one_in(10):
            for name in stored:
                del tensors[name]
            for name in tensors:
                if name.startswith("grad."):
                    tensors[name] = np.zeros_like(tensors[name])
        return tensors

    def _retyped(self, name, array):
        array = np.asarray(array)
        if array.size == 1 and not name.startswith("in.") and array.ndim < 2:
            array = array.reshape((1,) if self.one_in(2) else ())
        if array.dtype.kind == "i":
            return array.astype("<i8" if self.one_in(2) else "<i4")
        if self.wide or self.one_in(4):
            return array.astype("<f8")
        return narrow({name: array})[name]

    def _number(self, value):
        """A whole number may be written as a float, and the other way."""
        if isinstance(value, bool):
            return int(value) if self.one_in(8) else value
        if isinstance(value, int) and self.one_in(4):
            return float(value)
        if isinstance(value, float) and value == int(value) and self.one_in(2):
            return int(value)
        return value
