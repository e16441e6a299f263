"""Activations: forward and backward of each on a million numbers, beside PyTorch and a plain copy.

`np.copyto` shows what the memory allows: one array read, one written. What an activation takes in
units of it says how often it goes through memory, or how dear its arithmetic is.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import agree, torch
from benchmarks.timing import duration, interleave, ratio
from lib.activations import REGISTRY
from lib.learned import PReLU

NAME = "activations"
ONE_PASS = ("Identity", "ReLU", "ReLU6")  # their forward is one operation of NumPy
TOLERANCE = 1e-5


def pair(name: str, x, dy):
    """Forward and backward in lib and in PyTorch; each returns dL/dx."""
    ours = (REGISTRY | {"PReLU": lambda: PReLU(dtype=np.float32)})[name]()
    theirs, xt, dyt = (
        getattr(torch.nn, name)(),
        torch.tensor(x, requires_grad=True),
        torch.tensor(dy),
    )

    def lib():
        ours.zero_grad()
        ours.forward(x)
        return ours.backward(dy)

    def pytorch():
        theirs.zero_grad()
        xt.grad = None
        theirs(xt).backward(dyt)
        return xt.grad

    return ours, lib, pytorch


def table(effort: dict, size: int):
    """Print, for each activation, both times, their ratio, and lib's in units of a copy."""
    rng = np.random.default_rng(3)
    x, dy = rng.normal(size=(2, size // 100, 100)).astype(np.float32)
    copy = np.empty_like(x)
    print(f"\nActivations, forward + backward on {size:,} float32. Aims: peer / lib >= 0.5;")
    print("where the forward is one pass (last column), at most 3 copies.")
    print(
        f"{'':12}{'lib':>9}{'PyTorch':>9}  {'PyTorch / lib':24}{'aim':9}{'copies':>7}{'forward':>9}"
    )
    for name in [*REGISTRY, "PReLU"]:
        layer, lib, pytorch = pair(name, x, dy)
        agree(pytorch(), lib(), TOLERANCE)
        runs = {"lib": lib, "peer": pytorch, "copy": lambda: np.copyto(copy, x)}
        runs["forward"] = lambda layer=layer: layer.forward(x)
        times = interleave(runs, **effort)
        middle, low, high = ratio(times["peer"], times["lib"])
        both, forward = (ratio(times[key], times["copy"])[0] for key in ("lib", "forward"))
        columns = duration(np.median(times["lib"])), duration(np.median(times["peer"]))
        spread, aim = f"{middle:.3g} [{low:.3g}, {high:.3g}]", "met" if middle >= 0.5 else "not met"
        one = f"{forward:9.1f} {'met' if forward <= 3 else 'not met'}" if name in ONE_PASS else ""
        print(
            f"{name:12}{columns[0]:>9}{columns[1]:>9}  {spread:24}{aim:9}{both:7.1f}{one}",
            flush=True,
        )
