"""One linear layer with centered and with shifted inputs: zig-zag and steps needed (chapter 04)."""

from __future__ import annotations

import numpy as np

from lib.experiments.events import first_step, significant
from lib.init import zeros
from lib.layers import Linear
from lib.losses import MSELoss
from lib.optim import SGD
from lib.train import fit

STEP_LENGTHS = ("best", "half", "centered")
LEFT = 1e-3  # of the loss at the start


def shifted_layer(
    shift: float, step_length: str, rngs: list[np.random.Generator], steps: int = 13_000
) -> dict[str, np.ndarray]:
    """A layer with a bias, ten inputs, 100 examples, a random teacher; `shift` is added to all.

    Plain gradient descent from zero weights on half the mean squared error, whose Hessian is the
    second-moment matrix of (inputs, 1). The learning rate is the "best" one, 2 / (smallest +
    largest eigenvalue), "half" of that, or the best one of the same inputs "centered". Columns:
    `kappa`, the condition number; `needed`, the first step with a thousandth of the loss left, or
    NEVER; `zigzag`, at how many of the first ten steps the error along the steepest direction
    changes its sign. Raises ValueError for another step length. Used in chapter 04.
    """
    if step_length not in STEP_LENGTHS:
        known = ", ".join(STEP_LENGTHS)
        raise ValueError(f"shifted_layer: expected one of {known}; given {step_length!r}")
    clean, teacher = zip(
        *((g.normal(size=(100, 10)), g.normal(size=(10, 1))) for g in rngs), strict=True
    )
    clean, teacher = np.stack(clean), np.stack(teacher)  # (S, 100, 10), (S, 10, 1)
    clean -= clean.mean(axis=-2, keepdims=True)
    goal = np.concatenate([teacher, -shift * teacher.sum(axis=-2, keepdims=True)], axis=-2)
    values, vectors = _eigen(clean + shift)
    ends = _eigen(clean)[0] if step_length == "centered" else values
    eta = 2 / (ends[:, 0] + ends[:, -1]) / (2 if step_length == "half" else 1)
    layer = Linear(10, 1, init=zeros, rng=rngs)

    def along_the_steepest(layer):
        error = np.concatenate([layer.weight.data, layer.bias.data], axis=-2) - goal
        return (vectors[:, :, -1] * error[..., 0]).sum(axis=-1)

    sgd = SGD(layer.parameters(), lr=eta[:, None, None] / 2)  # MSELoss lacks the one half
    options = {"steps": steps, "probe": along_the_steepest, "stop_on_nan": False}
    record = fit(layer, MSELoss(), sgd, clean + shift, clean @ teacher, **options)
    error = record["probe"][:11]
    large = np.abs(error[1:]) > 1e-9 * np.abs(error[0])  # not rounding noise
    return {
        "kappa": significant(values[:, -1] / values[:, 0], 3),
        "needed": first_step(record["step"], record["loss"] < LEFT * record["loss"][0]),
        "zigzag": ((error[1:] * error[:-1] < 0) & large).sum(axis=0),
    }


def _eigen(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, smallest first, and eigenvectors of the second-moment matrix of (inputs, 1)."""
    with_one = np.concatenate([inputs, np.ones_like(inputs[..., :1])], axis=-1)
    return np.linalg.eigh(with_one.mT @ with_one / inputs.shape[-2])
