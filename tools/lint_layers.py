#!/usr/bin/env python3
"""lint_layers.py - host/ may only include downwards. The order below is the architecture.

Only host/device sees OpenCL, CLBlast and clFFT; a header *_impl.h is private to its
folder; the public host/scorecl.h may use everything below cli; every operator stands in
host/ops/registry.c, once.
"""
import pathlib
import re
import sys

ORDER = """base io config backend graph ops data model method plan device report eval train
           tune doctor cli""".split()
OPENCL = re.compile(r'#include [<"](CL/|clblast|clFFT)')
OURS = re.compile(r'#include "(\w+)/(\w+)\.h"')
HOST = pathlib.Path(__file__).resolve().parent.parent / "host"
faults = []


def check_file(path, here):
    rank = ORDER.index(here)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"host/{path.relative_to(HOST)}:{number}:"
        if OPENCL.match(line) and here != "device":
            faults.append(f"{where} only host/device includes OpenCL, CLBlast and clFFT")
        found = OURS.match(line)
        if not found or found[1] == here:
            continue
        if found[1] not in ORDER[:rank]:
            faults.append(f"{where} {here} may not include {found[1]}/")
        elif found[2].endswith("_impl"):
            faults.append(f"{where} {found[0].split()[1]} is private to host/{found[1]}")


def check_registry():
    text = (HOST / "ops" / "registry.c").read_text()
    listed = re.findall(r"&(scl_op_\w+)", text)
    defined = []
    for path in sorted((HOST / "ops").glob("*.c")):
        defined += re.findall(r"^const struct scl_op (scl_op_\w+) =", path.read_text(), re.M)
    for op in sorted(set(defined + listed)):
        if listed.count(op) != 1:
            faults.append(f"host/ops/registry.c: {op} stands here {listed.count(op)} times, not once")


for folder in sorted(p.name for p in HOST.iterdir() if p.is_dir()):
    if folder not in ORDER:
        faults.append(f"host/{folder}: not a folder of the order in tools/lint_layers.py")
        continue
    for path in sorted((HOST / folder).glob("*.[ch]")):
        check_file(path, folder)
if (HOST / "scorecl.h").exists():
    check_file(HOST / "scorecl.h", "cli")
check_registry()

print("\n".join(faults) or "layers: ok")
sys.exit(bool(faults))
