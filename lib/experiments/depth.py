"""How deep a tanh network can be and still learn, by the scale of its weights (chapter 20)."""

from __future__ import annotations

import numpy as np

from lib.activations import Tanh
from lib.experiments.digits import share_right, shuffled_digits
from lib.experiments.events import NEVER
from lib.init import normal, orthogonal
from lib.layers import Sequential
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.optim import SGD
from lib.seeds import Rng
from lib.train import fit

BIAS_VARIANCE = 0.05  # of trainable_depth, as in Schoenholz et al. 2017
WEIGHTS = ("Gaussian", "orthogonal")
HALF, WINDOW = 0.5, 10  # of steps_to_learn: the loss to reach, the batches it is averaged over


def tanh_network(
    depth: int, sigma_w: float, bias_variance: float, rngs: Rng, weights: str = "Gaussian"
) -> Sequential:
    """`depth` tanh layers of 64 units on 64 inputs, and ten logits, in float32.

    Weights have variance sigma_w^2 / 64, biases `bias_variance`. Raises ValueError for weights
    that are neither "Gaussian" nor "orthogonal".
    """
    if weights not in WEIGHTS:
        raise ValueError(f"tanh_network: expected one of {', '.join(WEIGHTS)}; given {weights!r}")

    def draw(shape, rng, dtype):
        if weights == "orthogonal":
            return orthogonal(shape, rng, gain=sigma_w, dtype=dtype)
        return normal(shape, rng, std=sigma_w / np.sqrt(shape[0]), dtype=dtype)

    def bias(shape, rng, dtype):
        return normal(shape, rng, std=np.sqrt(bias_variance), dtype=dtype)

    widths = [64] * (depth + 1) + [10]
    return mlp(widths, Tanh, init=draw, bias_init=bias, rng=rngs, dtype=np.float32)


def trainable_depth(
    sigma_w: float, depth: int, lr: float, rngs: list[np.random.Generator], steps: int = 300
) -> dict[str, np.ndarray]:
    """SGD with momentum 0.9 on the digits, batches of 32, bias variance 0.05.

    All networks see the same batches. Columns: `early` and `accuracy`, the share of test images
    right after a third of the steps and at the end. Used in chapter 20.
    """
    train, classes, test, wanted = shuffled_digits()
    net = tanh_network(depth, sigma_w, BIAS_VARIANCE, rngs)
    optimiser = SGD(net.parameters(), lr=lr, momentum=0.9)
    found = []
    with np.errstate(all="ignore"):  # a network may be lost
        for rng, count in ((20, steps // 3), (21, steps - steps // 3)):
            options = {"steps": count, "batch_size": 32, "rng": rng, "stop_on_nan": False}
            fit(net, CrossEntropyLoss(), optimiser, train, classes, **options)
            found.append(share_right(net, test, wanted))
    return {"early": found[0], "accuracy": found[1]}


def steps_to_learn(
    weights: str, depth: int, lr: float, rngs: list[np.random.Generator], steps: int = 600
) -> dict[str, np.ndarray]:
    """The same with batches of 64, on the edge of chaos at sigma_w = 1, without biases.

    Column: `learned`, the first step at which the mean loss of the last ten batches is below 0.5,
    or NEVER. Used in chapter 20.
    """
    train, classes, _, _ = shuffled_digits()
    net = tanh_network(depth, 1.0, 0.0, rngs, weights)
    optimiser = SGD(net.parameters(), lr=lr, momentum=0.9)
    options = {"steps": steps, "batch_size": 64, "rng": 20, "stop_on_nan": False}
    loss = fit(net, CrossEntropyLoss(), optimiser, train, classes, **options)["loss"]
    total = np.cumsum(loss.astype(np.float64), axis=0)
    mean = (total[WINDOW:] - total[:-WINDOW]) / WINDOW  # of the batches up to step + WINDOW
    low = mean < HALF
    return {"learned": np.where(low.any(axis=0), low.argmax(axis=0) + WINDOW, NEVER)}
