"""The exercises of part IV, putting it together: chapters 19 to 21."""

from __future__ import annotations

from itertools import product

import numpy as np

from lib.activations import Sigmoid, Tanh
from lib.check.comparing import compare, same
from lib.check.judge import Wrong, call, call_for, exercise, formula, function, number
from lib.language import label
from lib.meanfield import gradient_factor, next_variance
from lib.optim import Adam, AdamW
from lib.special import normal_cdf


@exercise
def dropout_means(answer: object) -> None:
    """Chapter 19: the means of z and ReLU(z) under dropout, against all masks of four units."""
    f, rng = function(answer), np.random.default_rng(0)
    h, weight = rng.random((30, 4)), rng.normal(0.3, 1, size=(4, 3))
    masks = np.array(list(product([0.0, 1.0], repeat=4)))[:, None, :]
    z, plain = (h * masks / 0.5) @ weight, h @ weight
    mean, positive = call_for(2, f, h, weight, 4000, np.random.default_rng(1))
    slips = {"slip not divided": plain.mean() / 2, "slip summed": plain.mean() * 4000}
    compare(mean, plain.mean(), label("check mean z"), slips=slips, tol=0.03)
    slips = {"slip relu of mean": np.maximum(plain, 0).mean()}
    compare(positive, np.maximum(z, 0).mean(), label("check mean relu"), slips=slips, tol=0.03)
    single = [call(f, h, weight, 1, np.random.default_rng(seed))[0] for seed in range(60)]
    alone = np.sqrt((h**2 @ weight.sum(axis=1) ** 2).sum()) / plain.size  # a mask for each image
    if np.std(single) > 2 * alone:
        raise Wrong("slip one mask")


def _watched(optimiser, seen):
    """The optimiser, which notes how it was made and every gradient that it is given."""

    class Watched(optimiser):
        def __init__(self, params, *args, **options):
            super().__init__(params, *args, **options)
            start = np.concatenate([p.data.ravel() for p in self.params])
            seen.update(start=start, lr=self.lr, decay=self.weight_decay, grads=[])

        def step(self):
            seen["grads"].append(np.concatenate([np.ravel(p.grad) for p in self.params]))
            super().step()
            seen["end"] = np.concatenate([p.data.ravel() for p in self.params])

    return Watched


@exercise
def decayed(answer: object) -> None:
    """Chapter 19: what is left of two weights; the optimiser is watched while it is used."""
    f, noise, seen = function(answer), np.array([0.1, 10.0]), {}
    for optimiser in (Adam, AdamW):
        given = call(f, _watched(optimiser, seen), noise, 1500, np.random.default_rng(0))
        if not seen.get("grads"):
            raise Wrong("slip no step")
        compare(seen["start"], np.ones(2), label("check start"))
        if len(seen["grads"]) != 1500:
            raise Wrong("slip steps", given=len(seen["grads"]), expected=1500)
        settings = (seen["lr"], seen["decay"])
        if settings != (1e-3, 0.1):
            raise Wrong("slip settings", rate=settings[0], decay=settings[1])
        grads = np.array(seen["grads"])
        if same(grads[0], grads[1]):
            raise Wrong("slip same noise")
        ratio = grads.std(axis=0) / noise
        compare(ratio, np.ones(2), label("check noise"), slips={"squared": noise}, tol=0.1)
        if (np.abs(grads.mean(axis=0)) > 0.2 * noise).any():
            raise Wrong("slip mean noise")
        compare(given.ravel(), seen["end"], label("check end"))


@exercise
def edge(answer: object) -> None:
    """Chapter 20: the variances of weights and biases with chi = 1 and the fixed point q."""
    f, q = function(answer), np.array([0.5, 2.0, 50.0])
    for activation in (Tanh(), Sigmoid()):
        w2, b2 = call_for(2, f, activation, q)
        if w2.shape != q.shape or b2.shape != q.shape:
            raise Wrong("shape", what=label("check output"), given=w2.shape, expected=q.shape)
        chi = gradient_factor(activation, q, w2)
        slips = {"slip root weights": 1 / w2, "slip inverse weights": w2**2}
        compare(chi, np.ones(3), formula("χ"), slips=slips)
        slips = {"slip root bias": q + b2 - b2**2, "slip sign bias": q + 2 * b2}
        compare(next_variance(activation, q, w2, b2), q, formula("V(q)"), slips=slips)


@exercise
def seeds_needed(answer: object) -> None:
    """Chapter 21: at how many seeds a normal difference of shares is below 0 with chance 2.5%."""
    f, pairs = function(answer), [(0.573, 0.356), (0.615, 0.573), (0.9, 0.5), (0.3, 0.25)]
    given = np.array([number(f, p, q) for p, q in pairs])

    def chance(n, p, q, parts=2):
        variance = p * (1 - p) + (q * (1 - q) if parts == 2 else 0)
        return normal_cdf(-(p - q) / np.sqrt(variance / n))

    def asked(share, **options):
        return np.array([_falls_to(share, lambda n, a=a: chance(n, *a, **options)) for a in pairs])

    slips = {"slip one-sided": asked(0.05), "slip two-sided": asked(0.0125)}
    slips["slip one variance"] = asked(0.025, parts=1)
    expected = asked(0.025)
    if (given == np.ceil(expected)).all():  # whole seeds
        return
    compare(given, expected, label("check seeds"), slips=slips, tol=1e-3)
    for mine, n in zip(given, expected, strict=True):  # one seed is little of 1,000, much of 10
        compare(mine, n, label("check seeds"), tol=1e-3)


def _falls_to(share, chance):
    """Where a falling chance passes `share`, by halving between 1 and 10^6."""
    low, high = 1.0, 1e6
    for _ in range(60):
        n = (low + high) / 2
        low, high = (n, high) if chance(n) > share else (low, n)
    return n
