"""Data: small sets that fit in memory, as (inputs, targets) with one row per example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.seeds import Rng, check_widths

HERE = Path(__file__).parent


def xor(dtype: DTypeLike = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """The four points of exclusive or: inputs (4, 2) and targets (4, 1), both of zeros and ones.

    The smallest problem that no single linear layer solves. Source: Minsky & Papert,
    Perceptrons, MIT Press 1969. Used from chapter 03 on.
    """
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=dtype)
    return x, (x[:, :1] != x[:, 1:]).astype(dtype)


def spirals(
    n: int, classes: int = 3, rng: Rng = None, *, noise: float = 0.15, turns: float = 0.75
) -> tuple[np.ndarray, np.ndarray]:
    """Interleaved spirals: x (n, 2) and class numbers (n,), each as often as n allows.

    Small, drawable, and impossible for a linear layer. Raises ValueError for n < classes.
    """
    check_widths("spirals", n=n, classes=classes)
    if n < classes:
        raise ValueError(f"spirals: expected n >= classes = {classes}, given {n}")
    rng = np.random.default_rng(rng)
    label = np.arange(n) % classes
    radius = rng.uniform(0.1, 1.0, n)
    angle = 2 * np.pi * (label / classes + turns * radius) + noise * rng.normal(size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1), label


def digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 handwritten digits: images (1797, 64) of 8 x 8 pixels, 0 to 16, and classes (1797,).

    Source: Alpaydin & Kaynak 1998, Optical recognition of handwritten digits, UCI repository
    (CC BY 4.0), the test set; packaged with this module.
    """
    with np.load(HERE / "digits.npz", allow_pickle=False) as file:
        return file["images"].astype(np.float64), file["labels"].astype(np.int64)


def patches(n: int, size: int = 8, rng: Rng = None) -> np.ndarray:
    """n square patches of a real photograph, (n, size * size), grey values in [0, 1].

    The photograph is the portrait of Grace Hopper (U.S. Navy, public domain) that comes with
    Matplotlib. Neighbouring pixels are alike in it, as in any image. Raises ValueError for a size
    larger than the photograph.
    """
    import matplotlib.pyplot as plt  # here, since only this function needs it
    from matplotlib import cbook

    check_widths("patches", n=n, size=size)
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        image = plt.imread(file, format="jpg").mean(axis=-1) / 255  # (606, 512)
    if size > min(image.shape):
        raise ValueError(f"patches: expected size <= {min(image.shape)}, given {size}")
    rng = np.random.default_rng(rng)
    rows, columns = (rng.integers(side - size + 1, size=n) for side in image.shape)
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return windows[rows, columns].reshape(n, size * size)


def parity(n: int, bits: int, rng: Rng = None) -> tuple[np.ndarray, np.ndarray]:
    """Random bit strings (n, bits) and whether their ones are odd in number (n, 1).

    XOR with more inputs: every bit matters, and no part of them tells anything.
    """
    check_widths("parity", n=n, bits=bits)
    x = np.random.default_rng(rng).integers(2, size=(n, bits)).astype(np.float64)
    return x, x.sum(axis=-1, keepdims=True) % 2


def adding_problem(n: int, steps: int, rng: Rng = None) -> tuple[np.ndarray, np.ndarray]:
    """Sequences (steps, n, 2) of numbers in [0, 1) and marks; the sum of the two marked (n, 1).

    One mark falls in the first half, one in the second, so the gradient has to go far back.
    Always answering 1 has the mean squared error 1/6. Raises ValueError for fewer than two steps.
    Source: Hochreiter & Schmidhuber 1997, section 5.4; in this form Arjovsky, Shah & Bengio 2016.
    Used in chapter 17.
    """
    check_widths("adding_problem", n=n, steps=steps)
    if steps < 2:
        raise ValueError(f"adding_problem: expected steps >= 2, given {steps}")
    rng = np.random.default_rng(rng)
    x = np.zeros((steps, n, 2))
    x[..., 0] = rng.random((steps, n))
    columns = np.arange(n)
    x[rng.integers(steps // 2, size=n), columns, 1] = 1
    x[rng.integers(steps // 2, steps, size=n), columns, 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=0)[:, None]


def standardise(
    train: ArrayLike, *others: ArrayLike, eps: float | None = None
) -> tuple[np.ndarray, ...]:
    """Every set minus the training set's mean, over its standard deviation, feature by feature.

    The statistics come from the first set alone: what the test set looks like must not be known.
    A feature that is constant in it (or of a spread below 1e-8) is only centred; with `eps`, a
    spread below `eps` counts as `eps`. Returns as many arrays as were given. Derived in chapter 13.
    """
    train = np.asarray(train)
    mean, std = train.mean(axis=0), train.std(axis=0)
    constant = (std < 1e-8) | (train == train[:1]).all(axis=0)  # rounding can give it a spread
    spread = np.where(constant, 1, std) if eps is None else np.maximum(std, eps)
    return tuple((np.asarray(a) - mean) / spread for a in (train, *others))


def whiten(
    train: ArrayLike,
    *others: ArrayLike,
    kind: str = "zca",
    eps: float = 1e-5,
    keep: int | None = None,
) -> tuple[np.ndarray, ...]:
    """Decorrelate the features and give them variance 1, by the training set's covariance.

    kind "pca" turns onto the principal axes and only centres and decorrelates, keeping the `keep`
    largest; "whiten" also divides each by its standard deviation; "zca" then turns back, so that an
    image stays an image. `eps` is added to the eigenvalues, the *squares* of the singular values
    over n - 1. Raises ValueError for another kind. Source: Krizhevsky 2009, appendix A. Chapter 13.
    """
    if kind not in ("pca", "whiten", "zca"):
        raise ValueError(f"whiten: expected kind 'pca', 'whiten' or 'zca', given {kind!r}")
    train = np.asarray(train)
    mean = train.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(train - mean, rowvar=False)))
    order = np.argsort(values)[::-1][:keep]
    turn = vectors[:, order]  # (D, keep)
    if kind != "pca":
        turn = turn / np.sqrt(values[order] + eps)
    if kind == "zca":
        turn = turn @ vectors[:, order].T
    return tuple((np.asarray(a) - mean) @ turn for a in (train, *others))
