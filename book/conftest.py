"""A notebook whose kernel dies fails at once; nbval alone waits half an hour for its answer."""

from queue import Empty
from time import monotonic

from nbval.kernel import RunningKernel

wait = RunningKernel.await_reply


def await_reply(kernel: RunningKernel, message: str, timeout: float):
    """Wait for the answer to a cell: RuntimeError if the kernel dies, Empty when time is up."""
    end = monotonic() + timeout
    while monotonic() < end:
        try:
            return wait(kernel, message, timeout=min(1, timeout))
        except Empty:
            if not kernel.is_alive():
                raise RuntimeError(
                    "the kernel died in this cell: killed for want of memory, or a crash"
                ) from None
    raise Empty


RunningKernel.await_reply = await_reply
