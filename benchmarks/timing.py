"""Timing: functions in turn, so that whatever slows the machine down hits all of them alike.

A ratio of two of them is taken round by round, and its spread is that of the rounds.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from contextlib import contextmanager
from time import perf_counter

import numpy as np


def interleave(functions: dict[str, Callable], rounds: int, seconds: float) -> dict[str, list]:
    """Seconds per call of each function, one number per round; in every round each has its turn.

    A turn repeats the call until about `seconds` are over, at least once.
    """
    calls = {}
    for name, function in functions.items():
        function()  # warm: caches, allocators, lazily compiled kernels
        start = perf_counter()
        function()
        calls[name] = max(1, round(seconds / (perf_counter() - start)))
    times: dict[str, list] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = perf_counter()
            for _ in range(calls[name]):
                function()
            times[name].append((perf_counter() - start) / calls[name])
    return times


def ratio(peer: list, ours: list) -> tuple[float, float, float]:
    """The median of peer / ours over the rounds, and the 10th and 90th percentile around it."""
    low, middle, high = np.quantile(np.divide(peer, ours), [0.1, 0.5, 0.9])
    return middle, low, high


def duration(seconds: float) -> str:
    """Seconds with a unit that suits them: "87.3 us", "1.52 ms"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def peak_of_numpy(call: Callable) -> float:
    """MiB that Python and NumPy hold at the most during the call, beyond what they held before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - before) / 2**20


def peak_of_torch(call: Callable) -> float:
    """MiB of tensors that PyTorch holds at the most between two of its operations in the call."""
    from torch.profiler import ProfilerActivity, profile

    with _quiet(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as run:
        call()
    events = sorted(run.events(), key=lambda event: event.time_range.end)
    held = np.cumsum([event.self_cpu_memory_usage for event in events])
    return held.max(initial=0) / 2**20


@contextmanager
def _quiet():
    """Without what compiled code writes to stderr: the profiler says when it starts and stops."""
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
