"""Data: small sets that fit in memory, as (inputs, targets) with one row per example."""

from __future__ import annotations

import numpy as np


def xor(dtype=np.float64):
    """The four points of exclusive or: inputs (4, 2) and targets (4, 1), both of zeros and ones.

    The smallest problem that no single linear layer solves. Source: Minsky & Papert 1969.
    Used from chapter 03 on.
    """
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=dtype)
    return x, (x[:, :1] != x[:, 1:]).astype(dtype)
