"""case.py - one conformance case: draw inputs, compute in float64, check, write.

A case is a function of named tensors. It is computed twice, in float64 for the file and
in float32 to see that the tolerance is fair: a case whose float32 result is not five times
better than the tolerance is drawn again, and so is one with a ReLU input or a pooling
runner-up closer to its kink than MARGIN, because there rounding would decide.
"""
import json
import pathlib
import struct
import zlib

import numpy as np
import torch

MARGIN = 2e-5
RTOL, ATOL = 1e-4, 1e-6
ATTEMPTS = 50

torch.set_num_threads(1)  # one order of summation
_margins = []
_folder = pathlib.Path(__file__).resolve().parents[2] / "tests" / "cases"
_written = []


def margin(distance):
    """Notes how far values stay from a kink."""
    if distance.numel():
        _margins.append(float(distance.detach().min()))


def f32(array):
    """Values that float32 holds exactly, so that file and computation agree."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def normal(rng, *shape, scale=1.0, mean=0.0):
    return f32(mean + scale * rng.standard_normal(shape))


def uniform(rng, *shape, low=0.0, high=1.0):
    return f32(rng.uniform(low, high, shape))


def write(path, tensors, metadata):
    """A safetensors file: length, JSON header, bytes in the order given."""
    header, payload = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        kind = {"f": "F32", "i": "I32"}[array.dtype.kind]
        data = np.ascontiguousarray(array, dtype={"F32": "<f4", "I32": "<i4"}[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape),
                        "data_offsets": [len(payload), len(payload) + len(data)]}
        payload += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + payload)
    _written.append(path)


def _tensors(inputs, dtype):
    out = {}
    for name, array in inputs.items():
        tensor = torch.from_numpy(np.array(array))
        out[name] = tensor.to(dtype) if tensor.is_floating_point() else tensor.long()
    return out


def _run(function, inputs, cotangents, wanted, dtype):
    """Outputs and the gradients of sum(cotangent * output) by the inputs in `wanted`."""
    tensors = _tensors(inputs, dtype)
    for name in wanted:
        tensors[name].requires_grad_(True)
    out = function(tensors)
    results = {"out." + name: value.detach().numpy() for name, value in out.items()}
    if wanted:
        total = sum((torch.as_tensor(cotangents[name]).to(dtype) * value).sum()
                    for name, value in out.items() if name in cotangents)
        gradients = torch.autograd.grad(total, [tensors[name] for name in wanted])
        results.update({"grad." + n: g.numpy() for n, g in zip(wanted, gradients)})
    return results


def _is_fair(exact, rounded):
    """float32 by PyTorch is five times better than what a case asks for."""
    for name, want in exact.items():
        if want.dtype.kind != "f":
            if not np.array_equal(want, rounded[name]):
                return False
        elif want.size:
            allowed = ATOL + RTOL * np.abs(want).max()
            if not np.abs(want - rounded[name]).max() <= allowed / 5:
                return False
    return True


def case(op, name, attrs, draw, function, gradients=True, constant=(), source="PyTorch"):
    """Writes tests/cases/OP/NAME.safetensors.

    draw(rng) gives the inputs by full name ("in.x", "param.conv1.weight"); function(t)
    the results by short name. `gradients`: True for all float inputs not in `constant`,
    False for none, or a function of a name that says which. Results that are not in the
    graph (running statistics) have no cotangent.
    """
    for attempt in range(ATTEMPTS):
        rng = np.random.RandomState(zlib.crc32(f"{op}/{name}/{attempt}".encode()))
        inputs = draw(rng)
        chosen = gradients if callable(gradients) else lambda n: gradients and n not in constant
        wanted = [n for n, a in inputs.items() if np.asarray(a).dtype.kind == "f" and chosen(n)]
        probe = function(_tensors({n: a for n, a in inputs.items()}, torch.float64))
        cotangents = {}
        for result, value in probe.items() if wanted else ():
            if value.ndim == 0:
                cotangents[result] = np.float64(1)
            elif not result.startswith("running_"):
                cotangents[result] = normal(rng, *value.shape)
        _margins.clear()
        exact = _run(function, inputs, cotangents, wanted, torch.float64)
        near = min(_margins, default=1.0)
        if near >= MARGIN and _is_fair(
                exact, _run(function, inputs, cotangents, wanted, torch.float32)):
            break
    else:
        raise SystemExit(f"{op}/{name}: no fair draw in {ATTEMPTS} attempts")
    tensors = {n: np.asarray(a) for n, a in inputs.items()}
    tensors.update({"cot." + n: c for n, c in cotangents.items() if c.ndim})
    tensors.update(exact)
    for n, array in tensors.items():
        assert array.dtype.kind != "f" or np.isfinite(array).all(), (op, name, n)
    write(_folder / op / f"{name}.safetensors", tensors,
          {"format": "scorecl-case/1", "op": op, "attrs": json.dumps(attrs, sort_keys=True),
           "source": source + ", float64, tools/golden"})


def finish():
    """Removes cases that these scripts made once and make no more; says what there is."""
    for folder in {path.parent for path in _written}:
        for path in folder.glob("*.safetensors"):
            if path not in _written:
                path.unlink()
    sizes = [path.stat().st_size for path in _written]
    print(f"{len(sizes)} cases, {sum(sizes)} bytes, the largest {max(sizes)}")
