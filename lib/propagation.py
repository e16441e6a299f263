"""Propagation: signal and gradient by layer, measured and predicted, for a large grid of networks.

`measure` builds the networks and looks; `predict` says beforehand what it should see. The whole
grid is measured once, by `python -m lib.propagation`, and stored as small whole numbers, so that
the book can show every setting without a kernel. Chapters 03, 14, 15, 16 and a page of its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from lib import activations as a
from lib import init as i
from lib.layers import Layer, Residual
from lib.meanfield import expect, gradient_factor, next_variance
from lib.models import mlp
from lib.probes import dead_share, rms, saturated_share
from lib.seeds import generators

RESULTS = Path(__file__).parent / "results" / "microscope.json"
WIDTH, BATCH, SEEDS = 64, 64, 20
EPS = 1e-5  # of the normalisations
ACTIVATIONS = {
    "sigmoid": a.Sigmoid,
    "tanh": a.Tanh,
    "ReLU": a.ReLU,
    "Leaky ReLU": a.LeakyReLU,
    "ELU": a.ELU,
    "ReLU6": a.ReLU6,
    "SELU": a.SELU,
    "GELU": a.GELU,
    "SiLU": a.SiLU,
    "Softplus": a.Softplus,
}
INITS = {
    "zeros": (i.zeros, 0.0),
    "0.01": (partial(i.normal, std=0.01), WIDTH * 0.01**2),
    "1.0": (partial(i.normal, std=1.0), WIDTH),
    "Xavier": (i.xavier_normal, 1.0),
    "He": (i.kaiming_normal, 2.0),
    "orthogonal": (i.orthogonal, 1.0),
}  # with the variance of one weight times WIDTH
NORMS = {"none": None, "batch": "batch", "layer": "layer"}
DEPTHS = [5, 10, 20, 30, 50, 75, 100]
LAYERS = [*range(11), *range(15, 101, 5)]  # where the forward pass is stored, 0 is the input
SHARES = [k / 10 for k in range(11)]  # how deep, of the depth, the backward pass is stored
STEPS = 20  # stored steps in a factor of ten


def check(activation: str, init: str, norm: str, depth: int) -> None:
    """Raise ValueError for a name that is not in the grid, or a depth below 1."""
    for given, known in ((activation, ACTIVATIONS), (init, INITS), (norm, NORMS)):
        if given not in known:
            raise ValueError(f"propagation: expected one of {', '.join(known)}; given {given!r}")
    if depth < 1:
        raise ValueError(f"propagation: expected a depth of at least 1, given {depth}")


def measure(
    activation: str = "tanh",
    init: str = "Xavier",
    depth: int = 50,
    norm: str = "none",
    skip: bool = False,
    rng: list[np.random.Generator] | None = None,
    depths: list[int] | None = None,
) -> dict[str, np.ndarray]:
    """What is seen in networks of width 64 on 64 random examples, one network for each of `rng`.

    `signal` (depth + 1, S): rms after each block, the input first; `gradient` (depth + 1, S): rms
    of dL/d(the same), where dL/d(output) is drawn from N(0, 1); `saturated`, `dead` (depth, S):
    shares of units. With `depths`, `gradient` is a dict, one entry for each depth at which the
    network is cut. Raises ValueError for an unknown name.
    """
    check(activation, init, norm, depth)
    rng = generators(0, SEEDS) if rng is None else rng
    widths = [WIDTH] * (depth + 1) + [1]
    options = {"init": INITS[init][0], "norm": NORMS[norm], "skip": skip, "rng": rng}
    net = mlp(widths, ACTIVATIONS[activation], **options)
    size = 1 if skip else 3 if NORMS[norm] else 2
    blocks = [net.layers[k : k + size] for k in range(0, depth * size, size)]
    x = np.random.default_rng(1).normal(size=(BATCH, WIDTH))
    x = np.broadcast_to(x, (len(rng), *x.shape)).copy()
    found = {"signal": [rms(x)], "saturated": [], "dead": []}
    for block in blocks:
        for layer in block:
            x = layer.forward(x)
        found["signal"].append(rms(x))
        unit = block[-1].body.layers[-1] if isinstance(block[-1], Residual) else block[-1]
        found["saturated"].append(saturated_share(unit))
        found["dead"].append(dead_share(unit))
    found = {key: np.stack(values) for key, values in found.items()}
    backward = {cut: _backward(blocks[:cut], x.shape) for cut in depths or [depth]}
    return found | {"gradient": backward if depths else backward[depth]}


def _backward(blocks: list[list[Layer]], shape: tuple[int, ...]) -> np.ndarray:
    dy = np.broadcast_to(np.random.default_rng(2).normal(size=shape[-2:]), shape).copy()
    sizes = [rms(dy)]
    for block in reversed(blocks):
        for layer in reversed(block):
            dy = layer.backward(dy)
        sizes.append(rms(dy))
    return np.stack(sizes[::-1])


def predict(
    activation: str = "tanh",
    init: str = "Xavier",
    depth: int = 50,
    norm: str = "none",
    skip: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The rms of signal and gradient that mean-field theory expects, each (depth + 1,).

    A block sees inputs of mean square m, and z = x @ W has variance v = n Var(w) m; batch
    normalisation takes away what all examples share. Then the mean square of the gradient grows by
    chi = n Var(w) E f'(z)^2 / (variance divided by), and a skip adds 1. Source: Yang and Schoenholz
    2017; Yang et al. 2019.
    """
    check(activation, init, norm, depth)
    f, nv = ACTIVATIONS[activation](), INITS[init][1]
    m, mean, shared, signal, factors = 1.0, 0.0, 0.0, [1.0], []
    for _ in range(depth):
        v = nv * (m - shared if norm == "batch" else m)
        scale = v + EPS if NORMS[norm] else 1.0
        first = expect(f.f, v / scale)  # E f(z)
        second = next_variance(f, v / scale, 1.0)  # E f(z)^2
        chi = gradient_factor(f, v / scale, nv) / scale
        m = m + second + 2 * mean * first if skip else second
        shared = shared + first**2 + 2 * mean * first if skip else first**2
        mean = mean + first if skip else first
        factors.append(chi + 1 if skip else chi)
        signal.append(m)
    gradient = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    return np.sqrt(signal), np.sqrt(gradient)


def settings() -> Iterator[tuple[str, str, str, bool]]:
    """Every (activation, init, norm, skip) of the grid, in the order in which it is stored."""
    return itertools.product(ACTIVATIONS, INITS, NORMS, [False, True])


def stored(values: np.ndarray) -> list[int | None]:
    """log10 in steps of 1/20, None for 0 and for what is not finite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(np.asarray(values, dtype=float))
    return [round(v * STEPS) if np.isfinite(v) else None for v in logs.tolist()]


def pack(activation: str, init: str, norm: str, skip: bool) -> dict[str, list]:
    """One setting as small whole numbers: bands [low, middle, high] of the networks, and theory."""
    with np.errstate(over="ignore", invalid="ignore"):
        seen = measure(activation, init, DEPTHS[-1], norm, skip, depths=DEPTHS)
        signal, gradient = predict(activation, init, DEPTHS[-1], norm, skip)

    def band(values: np.ndarray) -> list[list]:
        return [stored(np.quantile(values, share, axis=1)) for share in (0.1, 0.5, 0.9)]

    back = [
        band(seen["gradient"][depth][np.rint(np.multiply(SHARES, depth)).astype(int)])
        for depth in DEPTHS
    ]
    shares = [np.rint(100 * seen[key].mean(axis=1)) for key in ("saturated", "dead")]
    return {
        "signal": band(seen["signal"][LAYERS]),
        "gradient": back,
        "shares": [s[np.maximum(LAYERS, 1) - 1].astype(int).tolist() for s in shares],
        "theory": [stored(signal[LAYERS]), stored(gradient[LAYERS])],
    }


def main(path: Path = RESULTS) -> None:
    """Measure the whole grid, with a progress bar, and store it."""
    from tqdm import tqdm

    grid = [pack(*setting) for setting in tqdm(list(settings()), file=sys.stderr)]
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in grid)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    unfinished.replace(path)


if __name__ == "__main__":
    argparse.ArgumentParser("python -m lib.propagation", description=main.__doc__).parse_args()
    main()
