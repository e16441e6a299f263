"""Growth: what a step costs as the network gets deeper, the stack larger or the sequence longer.

Beside the times stands the memory: for lib what NumPy holds at the most, for PyTorch what its
profiler saw. The last line of each table says from where on lib is no longer ahead; of the stack,
which is made of SideBySideLinear, also where plain Linear is.
"""

from __future__ import annotations

import numpy as np

from benchmarks import workloads
from benchmarks.timing import duration, interleave, peak_of_numpy, peak_of_torch, ratio

# name: the unit, sizes, quick sizes, the race for one size
TABLES = {
    "growth: depth": (
        "hidden layers of 16, ReLU, batch 32",
        (10, 30, 100, 300, 1000),
        (10, 30),
        lambda depth: workloads.deep(depth, 16),
    ),
    "growth: networks": (
        "stacked XOR networks",
        (1, 4, 16, 64, 256, 1024, 4096),
        (1, 4),
        lambda count: workloads.xor(count, only=("vmap", "bmm")),
    ),
    "growth: time": (
        "steps of an LSTM, N = 32, H = 32",
        (10, 30, 100, 300, 1000),
        (10, 30),
        lambda steps: workloads.lstm(steps, 32),
    ),
}


def table(name: str, effort: dict, quick: bool):
    """Print the rows of one table, one for each size and peer, and where lib stops being ahead."""
    unit, sizes, quick_sizes, make = TABLES[name]
    print(f"\n{name} ({unit}), one step")
    columns = f"{'lib':>9}{'peer':>9}  {'peer / lib':24}{'lib MiB':>9}{'peer MiB':>9}"
    print(f"{'size':>6}  {'peer':13}{columns}")
    ratios: dict[str, list] = {}
    for size in quick_sizes if quick else sizes:
        race = make(size)
        race.check()
        times = interleave({"lib": race.lib, **race.peers}, **effort)
        ours = peak_of_numpy(race.lib)
        for peer, call in race.peers.items():
            middle, low, high = ratio(times[peer], times["lib"])
            ratios.setdefault(peer, []).append((size, middle))
            columns = duration(np.median(times["lib"])), duration(np.median(times[peer]))
            spread = f"{middle:.3g} [{low:.3g}, {high:.3g}]"
            memory = peak_of_numpy if peer.startswith("lib") else peak_of_torch
            print(
                f"{size:6}  {peer:13}{columns[0]:>9}{columns[1]:>9}  {spread:24}"
                f"{ours:9.2f}{memory(call):9.2f}",
                flush=True,
            )
    for peer, found in ratios.items():
        print(f"Against {peer}: {where_it_ends(found)}")


def where_it_ends(found: list[tuple[int, float]]) -> str:
    """From (size, ratio) in order of size: where the ratio is below 1, in a sentence."""
    if len(found) == 1:
        return f"the ratio at the one size measured, {found[0][0]}, is {found[0][1]:.3g}."
    behind = [size for size, value in found if value < 1]
    ahead = [size for size, value in found if value >= 1]
    if not behind:
        return f"lib is ahead at every size measured, {found[0][0]} to {found[-1][0]}."
    if not ahead:
        return f"lib is behind at every size measured, {found[0][0]} to {found[-1][0]}."
    if max(ahead) < min(behind):
        return f"lib is ahead up to {max(ahead)}, and no longer from {min(behind)} on."
    return f"lib is ahead at {', '.join(map(str, ahead))}, not at {', '.join(map(str, behind))}."
