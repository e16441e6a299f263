"""The headline: `python -m benchmarks.headline` trains the sources' ten-layer XOR in both ways.

TensorFlow runs the sources' experiment as they wrote it, one process and one network at a time
(`xor_tensorflow.py` says what was changed), in an environment that this command makes once; `lib`
trains the same network alone, and 1,000 of them side by side (`xor_lib.py`). Same machine, in
turn, one thread each, the same initial weights; the losses must agree as far as rounding allows.
Printed: networks trained for 20,001 steps per minute, their ratio, and how far that is from what
the arithmetic allows.
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
STEPS = 20_001
NUDGES, MARGIN = 4, 5  # copies with another last digit; how much more than theirs is too much
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


def write_weights(path: Path, networks: int, raced: int):
    """The initial weights of all networks, one array per parameter, (networks, rows, columns).

    Behind them stand NUDGES copies of each of the first `raced`, every number moved to the next
    float32 up or down: how far apart these end is what rounding does to that network.
    """
    net, _ = xor_network("tanh", "naive", generators(17_500, networks))
    signs, arrays = np.random.default_rng(1), {}
    for name, p in net.named_parameters().items():
        copies = np.concatenate([p.data[:raced]] * NUDGES)
        ends = np.where(signs.random(copies.shape) < 0.5, -np.inf, np.inf).astype(np.float32)
        arrays[name] = np.concatenate([p.data, np.nextafter(copies, ends)])
    np.savez(path, **arrays)


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


def apart(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The largest relative difference of losses over the looks: (..., networks, looks) to (...)."""
    return np.max(np.abs(found - expected) / np.abs(expected), axis=-1)


def check(name: str, differences: np.ndarray, rounding: np.ndarray):
    """SystemExit unless each network differs by at most MARGIN times what rounding does to it."""
    for number in np.flatnonzero(~(differences <= MARGIN * rounding)):
        sys.exit(
            f"benchmarks.headline: {name}: the losses of network {number} differ by "
            f"{differences[number]:.1e}; rounding alone makes {rounding[number]:.1e}"
        )


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


def race(python: Path, networks: int, rounds: int, steps: int) -> tuple[dict, np.ndarray]:
    """What `timed` says of every way, in turn, `rounds` times; and the losses of the nudged copies.

    The copies' losses have shape (NUDGES, rounds, looks).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        write_weights(path, networks, rounds)
        script = [python, ROOT / "benchmarks" / "xor_tensorflow.py", path]
        ours = [sys.executable, "-m", "benchmarks.xor_lib", path]
        found: dict[str, list[dict]] = {name: [] for name in WAYS}
        for number in range(rounds):
            commands = [*script, number], [*ours, number, 1], [*ours, 0, networks]
            for name, command in zip(WAYS, commands, strict=True):
                found[name].append(timed([str(part) for part in [*command, steps]]))
        copies = timed([str(part) for part in [*ours, networks, NUDGES * rounds, steps]])
    return found, copies["losses"].reshape(NUDGES, rounds, -1)


def show_losses(found: dict[str, list[dict]], copies: np.ndarray):
    """Check the losses of the raced networks and print the last ones, one line per network."""
    script, alone = (np.concatenate([r["losses"] for r in found[name]]) for name in WAYS[:2])
    rounding = apart(copies, alone).max(axis=0)
    check("the script and lib", apart(script, alone), rounding)
    for run in found[WAYS[2]]:
        check("alone and stacked", apart(run["losses"][: len(alone)], alone), rounding)
    print("\nThe loss at the last look, the largest relative difference on the way, and what")
    print("another last digit in the initial weights does to it:")
    print(f"{'network':9}{'script':>14}{'lib':>14}{'differ':>10}{'rounding':>10}")
    for number, row in enumerate(zip(script, alone, rounding, strict=True)):
        one, other, noise = row
        differ = apart(one, other)
        print(f"{number:<9}{one[-1]:14.8f}{other[-1]:14.8f}{differ:10.0e}{noise:10.0e}")


def show_times(found: dict[str, list[dict]], networks: int, steps: int):
    """Print seconds and networks per minute, medians over the rounds, and the arithmetic's."""
    script = found[WAYS[0]]
    print("Medians over the rounds; 'times' is networks per minute over those of the script,")
    print("'limit' the seconds of a network over those of its arithmetic alone.")
    for kind, title in KINDS.items():
        print(f"\n{title:34}{'seconds':>9}{'networks/min':>14}{'times':>10}{'limit':>10}")
        floor = limit(steps)
        base = np.array([run["times"][kind] for run in script])
        for name, runs in found.items():
            count = networks if name == WAYS[2] else 1
            seconds = np.array([run["times"][kind] for run in runs])
            rate, times = 60 * count / np.median(seconds), np.median(base * count / seconds)
            left = np.median(seconds / count) / floor
            title = f"{name}: {count}" if count > 1 else name
            print(f"{title:34}{np.median(seconds):9.2f}{rate:14,.1f}{times:10.1f}{left:10.1f}")
        most = np.median(base) / floor
        print(
            f"{'what the arithmetic allows':34}{floor:9.4f}{60 / floor:14,.1f}{most:10.1f}{1:10.1f}"
        )


def main(arguments: list[str] | None = None):
    """The command line; an error is one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.headline", description=__doc__)
    add = parser.add_argument
    add("--networks", type=int, default=1000, help="in the stack")
    add("--rounds", type=int, default=5)
    add("--steps", type=int, default=STEPS, help="fewer for a smoke test")
    add("--environment", type=Path, default=ROOT / ".nox" / "tensorflow", help="made if need be")
    given = parser.parse_args(arguments)
    if not 1 <= given.rounds <= given.networks or given.networks < 2 or given.steps < 1:
        parser.error(
            "expected at least 2 networks, at least 1 step, and between 1 round and as many as "
            f"there are networks; given {given.networks}, {given.steps}, {given.rounds}"
        )
    python = environment(given.environment)
    found, copies = race(python, given.networks, given.rounds, given.steps)
    versions = [found[name][0]["version"] for name in WAYS]
    print(f"TensorFlow {versions[0]}, NumPy {versions[1]}; {given.steps:,} steps, one thread each,")
    print(f"{given.rounds} rounds; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    show_times(found, given.networks, given.steps)
    show_losses(found, copies)


if __name__ == "__main__":
    main()
