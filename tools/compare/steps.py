#!/usr/bin/env python3
"""Our training step against PyTorch's, one after the other on the same machine.

    tools/compare/steps --method simclr --width 16 --batch 128
    tools/compare/steps --cuda --device nvidia:nvidia-h100-80gb-hbm3:132cu

Each round times `scorecl bench` and then PyTorch in all its ways (NCHW and channels_last, plain
and, from PyTorch 2 on, compiled), each in a process of its own. Prints for each method, width and
batch the seconds of a step (medians), how many times ours PyTorch's best way takes (median of the
rounds, with least and most), and the largest resident memory of both processes. Without --method,
--width or --batch: all of them. With --cuda on a GPU: our fp32 against PyTorch's, our tf32 against
its tf32 and its mixed precision, and the memory of the step on the device.
"""
import argparse
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WAYS = [("nchw",), ("channels_last",), ("nchw", "compile"), ("channels_last", "compile")]
AGAINST = {"fp32": "fp32", "tf32": "tf32", "mixed": "tf32"}  # PyTorch's precision, and ours


def answer(command):
    """The JSON that a command prints, and its largest resident memory in MiB; None: it failed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        out, err = child.stdout.read(), child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        return None, (err.decode().strip().splitlines() or ["nothing said"])[-1]
    return json.loads(out), usage.ru_maxrss / 1024


def ours(args, method, width, batch, precision, steps):
    command = [args.scorecl, "bench", str(ROOT / "configs/bench/resnet18-simclr.yaml"), "--json",
               "--steps", str(steps), "--set", f"encoder.width={width}",
               "--set", f"train.batch={batch}", "--set", f"data.train_size={2 * batch}",
               "--set", f"precision={precision}",
               *(["--device", args.device] if args.device else [])]
    if method == "scorecl":
        command += ["--set", "weight.kind=score_l2", "--set", "weight.sigma=0.1",
                    "--set", f"score.width={args.score_width}"]
    found, memory = answer(command)
    if not found:
        sys.exit(f"steps: {' '.join(command)}: {memory}")
    if args.cuda:
        memory = (found["workspace_bytes"] + found["state_bytes"]) / 2**20
    return found["step_seconds"], memory


def theirs(args, method, width, batch, precision, way):
    """None where this way does not work, with why on a line."""
    command = [sys.executable, str(ROOT / "tools/compare/pytorch_step.py"), "--method", method,
               "--width", str(width), "--batch", str(batch), "--steps", str(args.steps),
               "--score-width", str(args.score_width), "--layout", way[0],
               *(f"--{word}" for word in way[1:]),
               *(["--device", "cuda", "--precision", precision] if args.cuda else [])]
    found, memory = answer(command)
    if not found:
        print(f"# PyTorch {' '.join(way)} does not work here: {memory}", flush=True)
        return None
    return statistics.median(found["seconds"]), found.get("memory_mib", memory), found["torch"]


def compare(args, method, width, batch, precision):
    our_precision = AGAINST[precision]
    ours(args, method, width, batch, our_precision, 1)  # compiles and measures: not compared
    our, ways = [], {way: [] for way in WAYS if len(way) == 1 or not args.eager}
    for _ in range(args.rounds):
        our.append(ours(args, method, width, batch, our_precision, args.steps))
        for way in list(ways):
            found = None
            if (precision, way) not in args.broken:
                found = theirs(args, method, width, batch, precision, way)
            if found:
                ways[way].append(found)
            else:
                args.broken.add((precision, way))
                del ways[way]
    if not ways:
        sys.exit("steps: PyTorch does not run here: tools/compare/README.md says how it is had")
    median = {way: statistics.median(run[0] for run in runs) for way, runs in ways.items()}
    best = min(ways, key=median.get)
    ratio = [their[0] / mine[0] for their, mine in zip(ways[best], our)]
    memory = [min(run[1] for run in runs) for runs in (our, ways[best])]
    listed = ", ".join(f"{' '.join(way)} {seconds:.3f}" for way, seconds in median.items())
    kind = f" {our_precision} against {precision}" if args.cuda else ""
    our_median = statistics.median(run[0] for run in our)
    print(f"{method} width {width} batch {batch}{kind}: {our_median:.3f} s, "
          f"PyTorch {ways[best][0][2]} {listed}\n"
          f"    against {' '.join(best)}: speed {statistics.median(ratio):.2f} x ({min(ratio):.2f} to "
          f"{max(ratio):.2f}, {args.rounds} rounds of {args.steps} steps), memory "
          f"{memory[0] / memory[1]:.2f} x ({memory[0]:.0f} of {memory[1]:.0f} MiB)", flush=True)


parser = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--method", choices=("simclr", "scorecl"))
parser.add_argument("--width", type=int, help="of the encoder; 16 and 64")
parser.add_argument("--batch", type=int, help="images of two views; 128 and 512")
parser.add_argument("--score-width", type=int, default=32)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=5, help="of each process of each round")
parser.add_argument("--eager", action="store_true", help="PyTorch without torch.compile")
parser.add_argument("--cuda", action="store_true", help="PyTorch on a GPU, in all precisions")
parser.add_argument("--device", help="ours: a key of scorecl devices")
parser.add_argument("--scorecl", default=str(ROOT / "build/scorecl"))
args = parser.parse_args()
args.broken = set()

for case in itertools.product([args.method] if args.method else ["simclr", "scorecl"],
                              [args.width] if args.width else [16, 64],
                              [args.batch] if args.batch else [128, 512],
                              AGAINST if args.cuda else ["fp32"]):
    compare(args, *case)
