"""Four networks to be examined layer by layer: one healthy, three sick (chapter 19)."""

from __future__ import annotations

import numpy as np

from lib.activations import ReLU, Sigmoid, Tanh
from lib.experiments.practice import practice_data
from lib.init import kaiming_normal, normal, xavier_normal
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.optim import SGD
from lib.probes import dead_share, rms_by_depth, saturated_share, update_ratio
from lib.train import fit

PATIENTS = {  # activation, weights, learning rate
    "healthy": (ReLU, kaiming_normal, 0.03),
    "patient A": (Sigmoid, xavier_normal, 0.03),
    "patient B": (Tanh, normal, 0.03),
    "patient C": (ReLU, kaiming_normal, 2.0),
}


def patient_charts(patient: str, steps: tuple[int, ...] = (0, 20, 200)) -> dict[int, dict]:
    """One of PATIENTS, eight hidden layers of 32, trained by SGD; its chart at each of `steps`.

    A chart has "loss", a number, and by hidden layer (8,): the rms of "signal" and "gradient", the
    shares "saturated" and "dead"; "ratio" (9,) is the update ratio of each weight matrix in this
    step. Raises ValueError for an unknown patient.
    """
    if patient not in PATIENTS:
        raise ValueError(f"patients: expected one of {', '.join(PATIENTS)}; given {patient!r}")
    activation, init, lr = PATIENTS[patient]
    (x, y), _, _ = practice_data()
    net = mlp([64] + [32] * 8 + [10], activation, init=init, rng=np.random.default_rng(22))
    optimiser = SGD(net.parameters(), lr=lr)
    weights, hidden = net.parameters()[::2], net.layers[1::2]
    done, charts = 0, {}
    for step in steps:
        if step > done:
            options = {"steps": step - done, "batch_size": 100, "rng": step}
            fit(net, CrossEntropyLoss(), optimiser, x, y, **options)
        before = [p.data.copy() for p in weights]
        record = fit(net, CrossEntropyLoss(), optimiser, x[:100], y[:100], steps=1)
        charts[step] = {
            "loss": record["loss"][0],
            "signal": rms_by_depth(net.signals[2::2]),
            "gradient": rms_by_depth(net.gradients[1:-1:2]),
            "saturated": np.array([saturated_share(layer) for layer in hidden]),
            "dead": np.array([dead_share(layer) for layer in hidden]),
            "ratio": update_ratio(before, weights),
        }
        done = step + 1
    return charts
