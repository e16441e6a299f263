"""The exercises of part II, the ReLU family: chapters 06 to 12."""

from __future__ import annotations

import numpy as np

from lib.activations import ELU, LeakyReLU
from lib.check.comparing import compare, same
from lib.check.differences import elementwise, gradient, slope, slopes
from lib.check.judge import (
    Wrong,
    call,
    call_for,
    exercise,
    formula,
    function,
    layer,
    number,
    perform,
)
from lib.check.part1 import NEAR
from lib.init import kaiming_normal, normal
from lib.language import label
from lib.learned import PReLU
from lib.meanfield import expect
from lib.models import mlp


@exercise
def half_relu(answer: object) -> None:
    """Chapter 06: a ReLU whose slope at 0 is what the central difference says, in x's dtype.

    f(x) - f(-x) = x and f(x) f(-x) = 0 make it the ReLU.
    """
    made = layer(answer, "f", "df")
    y = elementwise(made.f, NEAR)
    compare(y - y[::-1], NEAR, formula("f(x) − f(−x)"), at=NEAR)
    compare(y * y[::-1], np.zeros_like(NEAR), formula("f(x) · f(−x)"), at=NEAR)
    slopes(made.df, made.f, NEAR, y)
    x = NEAR.astype(np.float32)
    if (given := call(made.df, x, made.f(x)).dtype) != np.float32:
        raise Wrong("slip dtype", given=given)


def _outputs(leak, depth, gain_for):
    """What a leaky network with `depth` matrices says, its weights made for slope `gain_for`."""

    def init(shape, rng, dtype):
        return kaiming_normal(shape, rng, a=gain_for, dtype=dtype)

    net = mlp([10] * depth + [1], lambda: LeakyReLU(leak), init=init, rng=0)
    return net.forward(np.ones((1, 10))).item()


@exercise
def logit_ratio(answer: object) -> None:
    """Chapter 07: how many times as large ReLU's gain makes the logit; networks are asked."""
    f, cases = function(answer), [(0.3, 50), (0.1, 20), (0.5, 7)]
    given = np.array([number(f, *case) for case in cases])
    found = [
        np.array([_outputs(a, n + extra, 0) / _outputs(a, n + extra, a) for a, n in cases])
        for extra in (0, -1, 1)
    ]
    slips = {"slip one matrix less": found[1], "slip one matrix more": found[2]}
    compare(given, found[0], label("check ratio"), slips=slips)


@exercise
def decay_weights(answer: object) -> None:
    """Chapter 08: to each gradient but the slopes', add that of rate / 2 times the sum of p^2."""
    f, rate, rng = function(answer), 0.05, np.random.default_rng(0)
    net = mlp([3, 4, 4, 2], PReLU, bias_init=normal, rng=rng)
    parameters = net.named_parameters()
    before = {name: rng.normal(size=p.data.shape) for name, p in parameters.items()}
    data = {name: p.data.copy() for name, p in parameters.items()}
    for name, p in parameters.items():
        p.grad = before[name].copy()
    perform(f, net, rate)
    for name, p in parameters.items():
        if not same(p.data, data[name]):
            raise Wrong("slip data", name=name)
        penalty = gradient(lambda p=p: rate / 2 * (p.data**2).sum(), p.data)
        change, what = p.grad - before[name], label("check change", name=name)
        if isinstance(net.layers[int(name[0])], PReLU):
            if not same(change, np.zeros_like(change)):
                raise Wrong("slip slopes", name=name)
            continue
        compare(change, penalty, what, slips={"slip overwritten": penalty - before[name]})


@exercise
def gain_and_chi(answer: object) -> None:
    """Chapter 09: ELU's gain, which keeps the mean square at variance 1, and chi with that gain."""
    f, alphas = function(answer), (0.0, 0.5, 1.0, 1.6733, 3.0)
    gains, chis = np.transpose([[v.item() for v in call_for(2, f, a)] for a in alphas])
    squares = np.array([expect(lambda z, a=a: ELU(a).f(z) ** 2) for a in alphas])
    means = np.array([expect(ELU(a).f) for a in alphas])
    steep = np.array([expect(lambda z, a=a: slope(ELU(a).f, z) ** 2) for a in alphas])
    slips = {"slip variance": (squares - means**2) ** -0.5}
    compare(gains, squares**-0.5, label("check gain"), slips=slips, tol=1e-3)
    slips = {"slip no gain": steep}
    compare(chis, gains**2 * steep, label("check chi"), slips=slips, tol=1e-3)


@exercise
def unit_ranges(answer: object) -> None:
    """Chapter 10: the largest output of each unit, which no example exceeds and one reaches."""
    rng = np.random.default_rng(0)
    h = np.maximum(rng.normal(size=(3, 20, 5)) * [1, 2, 3, 4, 5], 0)  # networks, examples, units
    h[1, :, 2] = 0  # a dead unit
    top, what = call(function(answer), h), label("check ranges")
    if top.shape[-2:] == (1, 1) or top.size in (1, 3):
        raise Wrong("slip layer range")
    if top.shape != (3, 1, 5):
        raise Wrong("shape", what=what, given=top.shape, expected=(3, 1, 5))
    if same(top, np.broadcast_to(top[..., :1], top.shape)):
        raise Wrong("slip layer range")
    compare(call(answer, h[0]), top[0], label("check one network"))
    if not (top > 0).all():  # nor NaN
        raise Wrong("slip dead unit")
    over = (h - top).max(axis=-2)
    over[1, 2] = 0  # any range above 0 does for a dead unit
    if (over > 0).any():
        raise Wrong("slip range small")
    if (over < -1e-6 * top[..., 0, :]).any():
        raise Wrong("slip range large")


def _winners(slopes, biases):
    """The lines that are highest somewhere, from left to right: asked between all crossings."""
    i, j = np.triu_indices(len(slopes), 1)
    apart = slopes[i] != slopes[j]
    i, j = i[apart], j[apart]
    crossings = np.sort((biases[i] - biases[j]) / (slopes[j] - slopes[i]))
    ends = np.concatenate([crossings[:1] - 1, crossings, crossings[-1:] + 1])
    between = (ends[1:] + ends[:-1]) / 2 if len(crossings) else np.zeros(1)
    best = (slopes[:, None] * between + biases[:, None]).argmax(axis=0)
    return best[np.flatnonzero(np.diff(best, prepend=-1))]


@exercise
def envelope(answer: object) -> None:
    """Chapter 11: the numbers of the lines that win somewhere, from left to right."""
    f, rng = function(answer), np.random.default_rng(0)
    sets = [
        ("many", rng.normal(size=60), rng.normal(size=60)),
        ("one", np.array([2.0]), np.array([1.0])),
        ("parallel", np.array([1.0, 0, 1, 0, -1]), np.array([0.0, 0, 1, 1, 0.5])),
        ("parallel", np.repeat([-1.0, 0, 1], 2), np.array([0.2, 0.5, 1, 0, 0, 0.3])),
    ]
    for name, slopes_, biases in sets:
        given, expected = call(f, slopes_, biases), _winners(slopes_, biases)
        where = label(f"check lines {name}")
        if given.ndim != 1 or not set(given.tolist()) <= set(range(len(slopes_))):
            raise Wrong("slip no numbers", where=where)
        if lost := set(expected.tolist()) - set(given.astype(int).tolist()):
            raise Wrong("slip winner lost", where=where, number=min(lost))
        if idle := set(given.astype(int).tolist()) - set(expected.tolist()):
            raise Wrong("slip idle line", where=where, number=min(idle))
        if (given != expected[: len(given)]).any() or len(given) != len(expected):
            raise Wrong("slip order", where=where)


@exercise
def excess(answer: object) -> None:
    """Chapter 12: for each seed, the winner's accuracy minus the mean of that function."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(4, 30)) + np.linspace(0, 0.6, 4)[:, None]  # functions, seeds
    given, what = call(function(answer), table), label("check excess")
    best, means = table.max(axis=0), table.mean(axis=1)
    slips = {"slip all functions": best - table.mean(), "slip best function": best - means.max()}
    slips |= {"slip seed mean": best - table.mean(axis=0), "sign": means[table.argmax(0)] - best}
    for key, slip in slips.items():
        if same(given, slip):
            raise Wrong(key, what=what)
    if given.shape != best.shape:
        raise Wrong("shape", what=what, given=given.shape, expected=best.shape)
    gaps = np.abs(best - given - means[:, None])  # what was subtracted is the mean of a function
    if (gaps.min(axis=0) > 1e-9).any():
        raise Wrong("slip no mean")
    if (table[gaps.argmin(axis=0), np.arange(30)] != best).any():  # and that function won
        raise Wrong("slip other function")
