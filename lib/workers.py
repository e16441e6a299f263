"""Workers: the pieces of a long run, here one by one, on processes, or on a Dask cluster.

Whoever does the work, in whatever order, a piece is the same function of the same arguments; so
the results are the same, and a worker that dies costs only the piece that it had in hand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread


def completed(
    work: Callable, pieces: Iterable[tuple], workers: int = 1, scheduler: str | None = None
) -> Iterator[tuple[tuple, object]]:
    """(piece, work(*piece)) for each piece, in the order in which they are finished.

    With `workers` > 1 that many processes of this machine; with a `scheduler`, such as
    "tcp://host:8786", the workers of that Dask cluster, which must have the same `lib`. Raises
    ValueError for fewer than one worker, ConnectionError where no scheduler answers,
    ChildProcessError where a process died (in a cluster, where several died of one piece), and
    what `work` raises.
    """
    if workers < 1:
        raise ValueError(f"workers: expected at least 1, given {workers}")
    if scheduler is not None:
        yield from _cluster(work, pieces, scheduler)
    elif workers > 1:
        yield from _processes(work, pieces, workers)
    else:
        for piece in pieces:
            yield piece, work(*piece)


def on_one_thread(work: Callable, **arguments: object) -> object:
    """`work(**arguments)`: shared by two threads, a large product has other last digits."""
    from threadpoolctl import threadpool_limits  # here: a notebook loads studies without it

    with threadpool_limits(1):
        return work(**arguments)


def _processes(work, pieces, workers):
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _end_with_parent)
    try:
        futures = {pool.submit(work, *piece): piece for piece in pieces}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool as error:
        raise ChildProcessError(
            "workers: expected every process to live, one died, perhaps for want of memory"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent():
    """Called in a worker: kill -9 of the parent would leave it waiting for pieces for ever."""
    Thread(target=lambda: (parent_process().join(), os._exit(1)), daemon=True).start()


def _cluster(work, pieces, scheduler):
    try:
        import distributed
    except ImportError as error:
        raise ConnectionError(
            "workers: expected Dask for a scheduler; install it with: pip install distributed"
        ) from error
    try:
        client = distributed.Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"workers: expected a Dask scheduler at {scheduler!r}, none answered: {error}"
        ) from error
    with client:
        futures = {client.submit(work, *piece, pure=False): piece for piece in pieces}
        try:
            for future in distributed.as_completed(futures):
                yield futures[future], future.result()
                future.release()
        except distributed.KilledWorker as error:
            died = error.allowed_failures + 1
            raise ChildProcessError(
                f"workers: expected every worker to live, {died} died of the same piece"
            ) from error
