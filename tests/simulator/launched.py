#!/usr/bin/env python3
"""launched.py LIST_LAUNCHES FOLDER - what ran in the simulator, against what can be asked for.

FOLDER holds what the tests wrote down as they ran under oclgrind (tests/support/launch_log.c).
Every kernel function of cl_kernels/ and backends/ must be there, and every set of options that a
plan can ask for (tests/kernels/list_launches.c), but for sizes of images and matrices: of these
any small one stands for all.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from lint_kernels import launches  # noqa: E402 - its folder is known only now

KERNEL = re.compile(r"^__kernel .*\bvoid (\w+)\(", re.M)
SIZES = ("-DK=", "-DWIDTH=", "-DCOLS=", "-DBC=", "-DBK=")


def kernel_functions():
    """The file of each kernel function."""
    return {name: path.relative_to(ROOT)
            for top in ("cl_kernels", "backends") for path in sorted((ROOT / top).rglob("*.cl"))
            for name in KERNEL.findall(path.read_text())}


def launched(folder):
    """The (kernel, options) pairs of all logs, each of which names the simulator."""
    found = set()
    for path in sorted(folder.glob("*.txt")):
        device, *lines = path.read_text().splitlines()
        if device != "# Oclgrind Simulator":
            sys.exit(f"{path}: found {device}, wanted # Oclgrind Simulator")
        for kernel, *options in map(str.split, lines):
            found.add((kernel, tuple(o for o in options if o.startswith("-D"))))
    return found


def without_sizes(pairs):
    return {(kernel, tuple(o for o in options if not o.startswith(SIZES)))
            for kernel, options in pairs}


def main(program, folder):
    functions, ran = kernel_functions(), launched(pathlib.Path(folder))
    wanted = {(kernel, options) for _, kernel, options in launches(program)}
    names = {kernel for kernel, _ in ran}
    faults = [f"{path}: {name} never ran in the simulator"
              for name, path in functions.items() if name not in names]
    faults += [f"{functions[kernel]}: {kernel} never ran in the simulator with {' '.join(options)}"
               for kernel, options in sorted(without_sizes(wanted) - without_sizes(ran))
               if kernel in names]
    print("\n".join(faults) or
          f"simulator: {len(functions)} kernels with {len(ran)} sets of options, ok; "
          f"{len(wanted & ran)} of the {len(wanted)} that plans can ask for, sizes and all")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
