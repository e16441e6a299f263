"""The headline: `python -m benchmarks.headline` trains the sources' ten-layer XOR in both ways.

TensorFlow runs the sources' experiment as they wrote it, one process and one network at a time
(`xor_tensorflow.py` says what was changed), in an environment that this command makes once; `lib`
trains the same network alone, and 200 of them side by side (`xor_lib.py`). Same machine, in turn,
one thread each, the same initial weights; the losses must agree. Printed: networks trained for
20,001 steps per minute, their ratio, and how far that is from what the arithmetic allows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from time import perf_counter

import numpy as np

import benchmarks
from benchmarks.timing import interleave
from lib.experiments import xor_network
from lib.seeds import generators

ROOT = Path(benchmarks.__file__).parents[1]
TENSORFLOW = "2.21.0"
NUMPY = "2.4.6"  # with it; that of lib is the one in constraints.txt
STEPS, TOLERANCE = 20_001, 1e-3  # of losses in float32 after that many steps
KINDS = {"whole": "the whole process", "CPU": "its CPU time", "loop": "the loop alone"}
WAYS = ("the script in TensorFlow", "lib, one network", "lib, stacked")


def environment(folder: Path) -> Path:
    """The Python of an environment with TensorFlow, which is made if it is not there yet."""
    python = folder / "bin" / "python"
    said = "from importlib.metadata import version; print(version('tensorflow-cpu'))"
    ready = python.exists() and subprocess.run([python, "-c", said], capture_output=True, text=True)
    if not ready or ready.stdout.strip() != TENSORFLOW:
        print(f"Making {folder} with tensorflow-cpu {TENSORFLOW} (some 300 MB to download) ...")
        venv.create(folder, with_pip=True, clear=True)
        wanted = [f"tensorflow-cpu=={TENSORFLOW}", f"numpy=={NUMPY}"]
        made = subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted])
        if made.returncode:
            sys.exit(f"benchmarks.headline: pip could not install {', '.join(wanted)}; see above")
    return python


def write_weights(path: Path, networks: int):
    """The initial weights of all networks, one array per parameter, (networks, rows, columns)."""
    net, _ = xor_network("tanh", "naive", generators(17_500, networks))
    np.savez(path, **{name: p.data for name, p in net.named_parameters().items()})


def timed(command: list) -> dict:
    """What a training process printed, and its seconds: of the whole, of its CPU, of the loop."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    run = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    whole, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"benchmarks.headline: {command[1:3]} failed:\n{run.stderr[-2000:]}")
    found = json.loads(run.stdout.splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    times = {"whole": whole, "CPU": cpu, "loop": found["seconds"]}
    return {"losses": np.array(found["losses"]), "version": found["version"], "times": times}


def agree(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest relative difference of losses (networks, looks); SystemExit where too large."""
    error = np.max(np.abs(found - expected) / np.abs(expected))
    if not error <= TOLERANCE:
        sys.exit(f"benchmarks.headline: the losses differ by {error:.1e}, more than {TOLERANCE}")
    return error


def limit(steps: int) -> float:
    """Seconds for the arithmetic of one network, at the speed NumPy reaches on larger arrays.

    The products of 2-5-...-5-1 with four examples, forward and twice back, at the rate of a large
    matrix product; each tanh, and each other operation of the units (five) and of the parameters
    (two), at the rate of an array that stays in the cache. No call costs anything.
    """
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 512, 512)).astype(np.float32)
    h = rng.normal(size=(200, 4, 5)).astype(np.float32)
    calls = {"product": lambda: a @ b, "tanh": lambda: np.tanh(h), "other": lambda: h * h}
    times = {name: min(t) for name, t in interleave(calls, 15, 0.01).items()}
    each = {"product": times["product"] / a.size / len(a)}
    each |= {name: times[name] / h.size for name in ("tanh", "other")}
    weights, units, parameters = 2 * 5 + 8 * 25 + 5, 4 * (9 * 5 + 1), 8 * 30 + 15 + 6
    products = 4 * (3 * weights - 2 * 5)  # the inputs need no gradient
    operations = {"product": products, "tanh": units, "other": 5 * units + 2 * parameters}
    return steps * sum(each[name] * count for name, count in operations.items())


def race(python: Path, networks: int, rounds: int, steps: int) -> dict[str, list[dict]]:
    """Every way in turn, `rounds` times; what `timed` says of each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        write_weights(path, networks)
        script = [python, ROOT / "benchmarks" / "xor_tensorflow.py", path]
        ours = [sys.executable, "-m", "benchmarks.xor_lib", path]
        found: dict[str, list[dict]] = {name: [] for name in WAYS}
        for number in range(rounds):
            commands = [*script, number], [*ours, number, 1], [*ours, 0, networks]
            for name, command in zip(WAYS, commands, strict=True):
                found[name].append(timed([str(part) for part in [*command, steps]]))
    return found


def report(found: dict[str, list[dict]], networks: int, steps: int):
    """Check the losses and print the table; the ratios are medians over the rounds."""
    script, alone, stacked = found.values()
    pairs = [(s["losses"], a["losses"]) for s, a in zip(script, alone, strict=True)]
    error = max(agree(one, other) for one, other in pairs)
    pairs = [(many["losses"][i : i + 1], alone[i]["losses"]) for i, many in enumerate(stacked)]
    within = max(agree(one, other) for one, other in pairs)
    print(f"TensorFlow {script[0]['version']}, NumPy {alone[0]['version']}, {steps:,} steps, one")
    print(f"thread each, {len(script)} rounds; load of the machine {os.getloadavg()[0]:.1f} on")
    print(f"{os.cpu_count()} cores. Losses by step, largest relative difference: script and lib")
    print(f"{error:.0e}, alone and stacked {within:.0e}. Medians over the rounds; 'times' is")
    print(
        "networks per minute over those of the script, 'limit' the seconds over the arithmetic's."
    )
    for kind in ("whole", "CPU", "loop"):
        print(f"\n{KINDS[kind]:34}{'seconds':>9}{'networks/min':>14}{'times':>8}{'limit':>8}")
        floor = limit(steps)
        base = np.array([run["times"][kind] for run in script])
        for name, runs in found.items():
            count = networks if name == WAYS[2] else 1
            seconds = np.array([run["times"][kind] for run in runs])
            rate, times = 60 * count / np.median(seconds), np.median(base * count / seconds)
            left = np.median(seconds / count) / floor
            title = f"{name}: {count}" if count > 1 else name
            print(f"{title:34}{np.median(seconds):9.2f}{rate:14,.1f}{times:8.1f}{left:8.1f}")
        most = np.median(base) / floor
        print(
            f"{'what the arithmetic allows':34}{floor:9.4f}{60 / floor:14,.1f}{most:8.1f}{1:8.1f}"
        )


def main(arguments: list[str] | None = None):
    """The command line; an error is one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.headline", description=__doc__)
    add = parser.add_argument
    add("--networks", type=int, default=200, help="in the stack")
    add("--rounds", type=int, default=5)
    add("--steps", type=int, default=STEPS, help="fewer for a smoke test")
    add("--environment", type=Path, default=ROOT / ".nox" / "tensorflow", help="made if need be")
    given = parser.parse_args(arguments)
    if not 1 <= given.rounds <= given.networks or given.networks < 2 or given.steps < 1:
        parser.error(
            "expected at least 2 networks, at least 1 step, and between 1 round and as many as "
            f"there are networks; given {given.networks}, {given.steps}, {given.rounds}"
        )
    found = race(environment(given.environment), given.networks, given.rounds, given.steps)
    report(found, given.networks, given.steps)


if __name__ == "__main__":
    main()
