#!/usr/bin/env python3
"""lint_kernels.py - the form of a kernel file, and a second compiler's opinion.

The head begins with `// NAME.cl -- title`, NAME being the path below cl_kernels/ (or
backends/), and names every parameter that has an #ifndef on a line that ends with the
same default. ASCII, at most 350 lines, no #if on a vendor. Each file must
then build alone: clang reads it as OpenCL C 1.2, behind common.clh, its folder's, and
vec.clh or tile.clh where its name ends so; a tile file also with NVIDIA's assembly, and as
NAME_subgroup, which is NAME_tile.cl behind subgroup.clh, with Intel's extensions.

lint_kernels.py PROGRAM - clang reads the files with every set of options that plans can
ask for; PROGRAM is list_launches (tests/kernels).
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG = """clang -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target spir64
           -Wall -Wextra -Werror -fsyntax-only -I cl_kernels
           -include cl_kernels/common.clh""".split()
SUBGROUPS = tuple("""-include opencl-c.h
    -DSUBGROUPS -DSUB=16 -DTM=8 -DTN=32 -DTK=8 -DRM=8 -DRN=2""".split())
PTX = tuple("-target nvptx64 -DPTX -DMMA=1 -DTK=8 -DTM=64 -DTN=64 -DRM=8 -DRN=4".split())
VENDOR = re.compile(r"#\s*(?:if|ifdef|ifndef|elif)\b.*(?:amd|intel|nvidia|nv_|pocl|arm_|qcom)", re.I)
PARAMETER = re.compile(r"^#ifndef (\w+)\n#define \1 +(\S.*?)\s*$", re.M)


def form_faults(path):
    """What is wrong with the text of one file."""
    name = "/".join(path.relative_to(ROOT).parts[1:])
    text = path.read_bytes().decode("ascii", errors="replace")
    lines = text.split("\n")
    head = "\n".join(lines[: next((i for i, l in enumerate(lines) if l[:2] != "//"), 0)])

    if "\ufffd" in text:
        line = text[: text.index("\ufffd")].count("\n") + 1
        yield f"{line}: not ASCII"
    if not lines[0].startswith(f"// {name} -- "):
        yield f'1: the first line is not "// {name} -- title"'
    if len(lines) > 351:
        yield f"351: {len(lines) - 1} lines, more than 350"
    for parameter, default in PARAMETER.findall(text):
        if not re.search(rf"^//\s+{parameter}\s(?:.*\s)?{re.escape(default)}$", head, re.M):
            yield f"1: no line of the head names {parameter} and ends with its default {default}"
    for number, line in enumerate(lines, 1):
        if VENDOR.match(line):
            yield f"{number}: a vendor is not asked for; extensions come from the profile"


def compiler_words(path, options=()):
    """What clang says of a kernel file; empty when it is content."""
    common = (ROOT / path).parent / "common.clh"
    shared = ["-include", common] if common.parent.name != "cl_kernels" and common.exists() else []
    text = re.sub(r"subgroup\.cl$", "tile.cl", str(path))
    if text.endswith("vec.cl"):
        shared += ["-include", ROOT / "cl_kernels/vec.clh"]
    if text.endswith("tile.cl"):
        shared += ["-include", ROOT / "backends/nvidia/mma.clh",
                   "-include", ROOT / "cl_kernels/tile.clh"]
    if text != str(path):
        shared += ["-include", ROOT / "cl_kernels/subgroup.clh"]
    done = subprocess.run([*CLANG, *shared, *options, text], cwd=ROOT, capture_output=True,
                          text=True)
    return " ".join([str(path), *options]) + "\n" + done.stderr if done.returncode else ""


def compile_all(programs):
    """The faults of (path, options) pairs."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [words.rstrip() for words in pool.map(compiler_words, *zip(*programs)) if words]


def launches(program):
    """What plans can ask for, of all recorded devices, configurations and cases: the set of
    (file, kernel, options)."""
    patterns = ("tests/devices/*.txt", "configs/*/*.yaml", "tests/cases/*/*.safetensors")
    files = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    done = subprocess.run([program, *files], stdout=subprocess.PIPE, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {(line[0], line[1], tuple(line[2:])) for line in lines}


def lint_options(program):
    programs = sorted({(f"cl_kernels/{file}.cl", options)
                       for file, _, options in launches(program)})
    faults = compile_all(programs)
    print("\n".join(faults) or
          f"kernels: {len({path for path, _ in programs})} files, {len(programs)} option sets, ok")
    return bool(faults)


def lint_files():
    files = sorted(p for top in ("cl_kernels", "backends")
                   for p in (ROOT / top).rglob("*.cl*") if p.suffix in (".cl", ".clh"))
    kernels = [p.relative_to(ROOT) for p in files if p.suffix == ".cl"]
    faults = [f"{p.relative_to(ROOT)}:{fault}" for p in files for fault in form_faults(p)]

    faults += compile_all([(p, ()) for p in kernels])
    tiles = [str(p) for p in kernels if str(p).endswith("tile.cl")]
    faults += compile_all([(p, PTX) for p in tiles])
    faults += compile_all([(p[:-len("tile.cl")] + "subgroup.cl", SUBGROUPS) for p in tiles
                           if "TILE_PRODUCT" in (ROOT / p).read_text()])
    print("\n".join(faults) or f"kernels: ok, {len(files)} files")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(lint_options(sys.argv[1]) if len(sys.argv) == 2 else lint_files())
