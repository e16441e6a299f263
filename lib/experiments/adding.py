"""The adding problem: a plain recurrent network against the LSTM, by length (chapter 17)."""

from __future__ import annotations

import numpy as np

from lib import data
from lib.experiments.events import first_step
from lib.init import orthogonal
from lib.layers import Layer, Linear, Sequential
from lib.losses import MSELoss
from lib.optim import Adam, clip_grad_norm_
from lib.recurrent import LSTM, RNN
from lib.seeds import Rng
from lib.train import fit


class LastStep(Layer):
    """The last step of a sequence: (..., T, N, H) to (..., N, H). Only there a gradient enters."""

    trailing = 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        return x[..., -1, :, :]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(self.shape, dy.dtype)
        dx[..., -1, :, :] = dy
        return dx


CELLS = {  # forget bias (None: a plain RNN, orthogonal at first), learning rate, hidden units
    "RNN": (None, 0.01, 16),
    "RNN slow": (None, 0.003, 16),
    "RNN wide": (None, 0.003, 34),  # about as many weights as an LSTM with 16 units
    "LSTM 0": (0.0, 0.01, 16),
    "LSTM 1": (1.0, 0.01, 16),
}


def adding_network(cell: str, rngs: Rng) -> Sequential:
    """One of `CELLS` on sequences of pairs, and one linear unit that reads its last hidden state.

    Raises ValueError for an unknown cell.
    """
    if cell not in CELLS:
        raise ValueError(f"adding_network: expected one of {', '.join(CELLS)}; given {cell!r}")
    options = {"rng": rngs, "dtype": np.float32}
    forget, _, hidden = CELLS[cell]
    if forget is None:
        layer = RNN(2, hidden, hidden_init=orthogonal, **options)
    else:
        layer = LSTM(2, hidden, **options)
        layer.bias.data[..., hidden : 2 * hidden] = forget
    return Sequential(layer, LastStep(), Linear(hidden, 1, **options))


def adding(
    cell: str, length: int, rngs: list[np.random.Generator], updates: int = 1501
) -> dict[str, np.ndarray]:
    """The adding problem of chapter 17: 1,600 sequences, batches of 32, Adam, clipping at norm 1.

    Weights and data are drawn from the network's own generator. The mean squared error on 200
    sequences of its own is looked at every 50 updates. Columns: `early` and `error`, that error
    after 200 updates (or NaN) and at the last look; `solved`, the first look below 0.01 or `NEVER`.
    """
    net = adding_network(cell, rngs)
    drawn = [data.adding_problem(1800, length, rng) for rng in rngs]
    x, target = (np.stack(a).astype(np.float32) for a in zip(*drawn, strict=True))

    def probe(net):
        return MSELoss().forward(net.forward(x[..., 1600:, :]), target[..., 1600:, :])

    optimiser = Adam(net.parameters(), lr=CELLS[cell][1])
    options = {"batch_size": 32, "rng": 0, "every": 50, "probe": probe, "stop_on_nan": False}
    options["before_step"] = lambda: clip_grad_norm_(net.parameters(), 1.0)
    train = x[..., :1600, :], target[..., :1600, :]
    record = fit(net, MSELoss(), optimiser, *train, steps=updates, **options)
    error, steps = record["probe"], record["step"]
    early = error[steps == 200][0] if updates > 200 else np.full(len(rngs), np.nan)
    return {"early": early, "error": error[-1], "solved": first_step(steps, error < 0.01)}
