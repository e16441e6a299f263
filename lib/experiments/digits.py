"""The digits as several experiments use them: shuffled, split, standardised; the share right."""

from __future__ import annotations

import numpy as np

from lib import data
from lib.layers import Layer


def shuffled_digits() -> tuple[np.ndarray, ...]:
    """1,200 standardised images and their classes to train, 597 to test, in float32."""
    images, labels = data.digits()
    order = np.random.default_rng(14).permutation(len(images))
    images, labels = images[order], labels[order]
    train, test = (a.astype(np.float32) for a in data.standardise(images[:1200], images[1200:]))
    return train, labels[:1200], test, labels[1200:]


def share_right(net: Layer, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The share of images classified right, per network.

    In pieces: what the layers of many deep networks keep of all images does not fit in the cache.
    """
    pieces = [slice(i, i + 100) for i in range(0, x.shape[-2], 100)]
    right = [net.forward(x[..., piece, :]).argmax(axis=-1) == y[..., piece] for piece in pieces]
    return np.concatenate(right, axis=-1).mean(axis=-1)
