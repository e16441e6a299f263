"""How fast lib is: `python -m benchmarks.lib` prints it beside PyTorch, as ratios from one run.

Every workload is the same work in both, checked before it is timed, on one thread each, in turn.
A ratio is peer / lib, so above 1 lib is faster; in brackets the 10th and 90th percentile over the
rounds. Then come tables of the cost as it grows with depth, networks and time. Needs PyTorch.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np

from benchmarks import activations, growth, workloads
from benchmarks.timing import duration, interleave, ratio

SHORT = {"rounds": 3, "seconds": 0.002}  # for --quick
FULL = {"rounds": 15, "seconds": 0.02}

LOOP = "PyTorch loop"
HIDDEN, TIME, WIDTHS = 20, 100, (16, 32, 64)


def races(quick: bool) -> dict:
    """Every workload of the table by name, as a function that makes its Race with its aims."""
    many, stack, sequences, time = (4, 4, 2, 10) if quick else (256, 32, 16, TIME)
    found = {
        "XOR 2-5x9-1": lambda: workloads.xor(aims={"PyTorch": 3}),
        f"XOR 2-5x9-1, {many} networks": lambda: workloads.xor(many, {LOOP: 150, "vmap": 2}),
    }
    for w in WIDTHS[:2]:
        name = f"MLP {HIDDEN} x {w}, BatchNorm"
        mlp = partial(workloads.deep, HIDDEN, w, norm="batch")
        found[name] = partial(mlp, aims={"PyTorch": 2})
        found[f"{name}, {stack} networks"] = partial(mlp, stack, {LOOP: 8})
    for norm, name in ((None, ""), ("batch", ", BatchNorm")):
        found[f"residual MLP 50 x 32{name}"] = partial(
            workloads.residual, norm=norm, aims={"PyTorch": 1.5}
        )
    for w in WIDTHS:
        name = f"LSTM T={time} N=32 H={w}"
        found[name] = partial(workloads.lstm, time, w, aims={"PyTorch": 0.8})
        found[f"{name}, {sequences} networks"] = partial(
            workloads.lstm, time, w, sequences, {LOOP: 1.5}
        )
    return found


HEAD = f"{'workload':37}{'peer':14}{'lib':>9}{'peer':>9}  {'peer / lib':24}aim"


def show(name: str, race: workloads.Race, effort: dict):
    """Check one race, run it, and print a line for each peer."""
    error = race.check()
    times = interleave({"lib": race.lib, **race.peers}, **effort)
    for peer in race.peers:
        middle, low, high = ratio(times[peer], times["lib"])
        columns = duration(np.median(times["lib"])), duration(np.median(times[peer]))
        aim = race.aims.get(peer)
        verdict = f">= {aim:g}: {'met' if middle >= aim else 'not met'}" if aim else ""
        spread = f"{middle:.3g} [{low:.3g}, {high:.3g}]"
        print(f"{name:37}{peer:14}{columns[0]:>9}{columns[1]:>9}  {spread:24}{verdict}", flush=True)
        name = ""
    print(f"{'':37}(largest relative difference of the results: {error:.0e})")


def main(arguments: list[str] | None = None):
    """The command line; an error is one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lib", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="what has NAME in its name, e.g. LSTM")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: a smoke")
    given = parser.parse_args(arguments)
    effort = SHORT if given.quick else FULL

    def chosen(names):
        return [name for name in names if (given.only or "").lower() in name.lower()]

    table = races(given.quick)
    names = [*table, activations.NAME, *growth.TABLES]
    if not chosen(names):
        parser.error(f"expected --only to occur in one of: {', '.join(names)}; given {given.only}")
    if chosen(table):
        print(f"One step: forward, loss, backward, SGD; float32; {effort['rounds']} rounds.")
        print(HEAD)
    for name in chosen(table):
        show(name, table[name](), effort)
    if chosen([activations.NAME]):
        activations.table(effort, size=10_000 if given.quick else 1_000_000)
    for name in chosen(growth.TABLES):
        growth.table(name, effort, given.quick)


if __name__ == "__main__":
    main()
