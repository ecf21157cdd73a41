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
_left_out = []
_vary = None  # in a sweep, which stores a case in one of the ways that there are: vary.py


def begin_sweep(folder, vary):
    """Cases go below another folder, as `vary` wants them; a draw that is not fair is left out."""
    global _folder, _vary
    _folder, _vary = pathlib.Path(folder), vary


def margin(distance):
    """Notes how far values stay from a kink."""
    if distance.numel():
        _margins.append(float(distance.detach().min()))


def f32(array):
    """Values that float32 holds exactly, so that file and computation agree."""
    if _vary and _vary.wide:
        return np.asarray(array, dtype=np.float64)
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def normal(rng, *shape, scale=1.0, mean=0.0):
    return f32(mean + scale * rng.standard_normal(shape))


def uniform(rng, *shape, low=0.0, high=1.0):
    return f32(rng.uniform(low, high, shape))


def narrow(tensors):
    """In 32 bits, as they are stored."""
    return {n: np.asarray(a, dtype=f"<{np.asarray(a).dtype.kind}4") for n, a in tensors.items()}


def write(path, tensors, metadata):
    """A safetensors file: length, JSON header, bytes in the order given."""
    header, payload = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": f"{array.dtype.kind.upper()}{8 * array.dtype.itemsize}",
                        "shape": list(array.shape),
                        "data_offsets": [len(payload), len(payload) + len(data)]}
        payload += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + payload
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != whole:  # the build looks at the time of a file
        path.write_bytes(whole)
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
        gradients = torch.autograd.grad(total, [tensors[name] for name in wanted],
                                        allow_unused=_vary is not None)
        results.update({"grad." + n: np.zeros(tensors[n].shape) if g is None else g.numpy()
                        for n, g in zip(wanted, gradients)})
    return results


def _is_fair(exact, rounded):
    """float32 by PyTorch is five times better than what a case asks for."""
    for name, want in exact.items():
        if want.dtype.kind != "f":
            if not np.array_equal(want, rounded[name]):
                return False
        elif want.size:
            allowed = ATOL + RTOL * np.abs(want).max()
            if not np.abs(want - rounded[name]).max() <= allowed / (_vary.fair if _vary else 5):
                return False
    return True


def case(op, name, attrs, draw, function, gradients=True, constant=(), source="PyTorch"):
    """Writes tests/cases/OP/NAME.safetensors.

    draw(rng) gives the inputs by full name ("in.x", "param.conv1.weight"); function(t)
    the results by short name. `gradients`: True for all float inputs not in `constant`,
    False for none, or a function of a name that says which. Results that are not in the
    graph (running statistics) have no cotangent.
    """
    if _vary:
        gradients, constant = _vary.begin(op, gradients, constant)
    for attempt in range(_vary.attempts if _vary else ATTEMPTS):
        rng = np.random.RandomState(zlib.crc32(f"{op}/{name}/{attempt}".encode()))
        inputs = draw(rng)
        chosen = gradients if callable(gradients) else lambda n: gradients and n not in constant
        wanted = [n for n, a in inputs.items() if np.asarray(a).dtype.kind == "f" and chosen(n)]
        probe = function(_tensors({n: a for n, a in inputs.items()}, torch.float64))
        cotangents = {}
        for result, value in probe.items() if wanted else ():
            if value.ndim == 0:
                cotangents[result] = np.float64(_vary.scalar_cotangent if _vary else 1)
            elif not result.startswith("running_"):
                cotangents[result] = normal(rng, *value.shape)
        _margins.clear()
        exact = _run(function, inputs, cotangents, wanted, torch.float64)
        near = min(_margins, default=1.0)
        if near >= MARGIN and _is_fair(
                exact, _run(function, inputs, cotangents, wanted, torch.float32)):
            break
    else:
        if not _vary:
            raise SystemExit(f"{op}/{name}: no fair draw in {ATTEMPTS} attempts")
        _left_out.append(f"{op}/{name}")
        return
    tensors = {n: np.asarray(a) for n, a in inputs.items()}
    tensors.update({"cot." + n: c for n, c in cotangents.items() if c.ndim or c != 1})
    tensors.update(exact)
    for n, array in tensors.items():
        assert array.dtype.kind != "f" or np.isfinite(array).all(), (op, name, n)
    metadata = {"source": source + ", float64, tools/golden"}
    if _vary:
        tensors, attrs, metadata = _vary.stored(op, tensors, attrs, metadata)
    else:
        tensors = narrow(tensors)
    write(_folder / op / f"{name}.safetensors", tensors,
          {"format": "scorecl-case/1", "op": op, "attrs": json.dumps(attrs, sort_keys=True),
           **metadata})


def finish():
    """Removes cases that these scripts made once and make no more; says what there is."""
    for folder in set() if _vary else {path.parent for path in _written}:
        for path in folder.glob("*.safetensors"):
            if path not in _written:
                path.unlink()
    sizes = [path.stat().st_size for path in _written]
    print(f"{len(sizes)} cases, {sum(sizes)} bytes, the largest {max(sizes)}"
          + "".join(f"\nleft out, no fair draw: {name}" for name in _left_out))
