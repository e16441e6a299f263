"""Runs inside the sandbox: executes a student's cells, then calls the requested functions.

This file and NumPy are all that is there. What it reports is what the student's code makes it
report, and the grader takes it as an answer to be judged, never as a verdict. It reads one JSON
object from stdin, and writes one JSON object a line to stdout; see `sandbox.answers`.
"""

import ast
import base64
import builtins
import contextlib
import ctypes
import json
import os
import re
import resource
import signal
import sys

PLAIN = (bool, int, float, str, type(None))
MAGIC = re.compile(r"\s*[%!?]|\s*[\w.%*]+\?{1,2}\s*$|[\s\w.,]+=\s*[%!]")  # a line for IPython alone
RESERVE = 2**28  # bytes of memory that the cells leave to the calls, however much they hoard


class Nothing:
    """What `get_ipython` is here: whatever is asked of it, it does nothing."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self


class TimeIsUp(BaseException):
    """Raised in the student's code when the time is over; `except Exception` does not stop it."""


def limit(limits):
    """Set the limits of this process, from which nobody inside can free it."""
    for name, value in limits.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def die_with_parent():
    """End with the grader; inside bubblewrap that is bubblewrap's to see to."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def leave(reserve):
    """Keep so many bytes of memory back, or with 0 give them free."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard - reserve, hard))


def decode(value, np):
    """An argument from its JSON form."""
    if isinstance(value, list):
        return tuple(decode(v, np) for v in value)
    if not isinstance(value, dict):
        return value
    if "seed" in value:
        return np.random.default_rng(value["seed"])
    if "source" in value:
        return eval(value["source"], {"np": np})
    array = np.frombuffer(base64.b64decode(value["data"]), value["dtype"])
    return array.reshape(value["shape"]).copy()


def encode(value, np):
    """A result as JSON: numbers and arrays of numbers, and tuples, lists or dicts of them."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, tuple):
        return [encode(v, np) for v in value]
    if isinstance(value, dict):
        return {"dict": [[str(k), encode(v, np)] for k, v in value.items()]}
    if isinstance(value, list):
        try:
            value = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return [encode(v, np) for v in value]
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected numbers, given {type(value).__name__} of {array.dtype}")
    array = np.ascontiguousarray(array, dtype=np.float64)
    data = base64.b64encode(array.tobytes()).decode()
    return {"shape": list(array.shape), "data": data}


@contextlib.contextmanager
def within(seconds):
    """Raise TimeIsUp in the student's code after so many seconds."""

    def over(*_):
        raise TimeIsUp(f"longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def compiled(source):
    """The cell's code; if it does not compile, lines with magics are left out, and no-break spaces
    (of text copied from a page) count as spaces."""
    try:
        ast.parse(source)
    except SyntaxError:
        lines = source.replace("\xa0", " ").splitlines()
        source = "\n".join(
            line[: len(line) - len(line.lstrip())] + "pass" if MAGIC.match(line) else line
            for line in (line if line.strip() else "#" for line in lines)
        )
    return compile(source, "the cell", "exec")


def said(error):
    """One line about an exception, even one whose own text fails."""
    try:
        text = str(error)[:300]
    except BaseException as second:
        text = f"(its message raises {type(second).__name__})"
    return f"{type(error).__name__[:60]}: {text}"


def main():
    """Read the task, run it, write what came of it."""
    task = json.loads(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    sys.path.append(task["packages"])
    limit(task["limits"])
    if task["alone"]:
        die_with_parent()
    import numpy as np

    def tell(**line):
        out.write(json.dumps(line) + "\n")
        out.flush()

    builtins.display = print  # what a notebook has and plain Python has not
    builtins.get_ipython = Nothing()
    space = {"__name__": "__main__", "np": np}
    leave(RESERVE)
    for number, source in enumerate(task["cells"]):
        try:
            with within(task["patience"]):
                exec(compiled(source), space)
        except BaseException as error:
            tell(cell=number, error=said(error))
    leave(0)
    late = set()  # functions that once took too long: the time belongs to the other questions
    for number, call in enumerate(task["calls"]):
        if call["function"] in late:
            tell(call=number, error="TimeIsUp: at an earlier call")
            continue
        function = space.get(call["function"])
        if not callable(function):
            tell(call=number, missing=True)
            continue
        try:
            with within(task["patience"]), np.errstate(all="ignore"):
                value = encode(function(*decode(call["args"], np)), np)
            tell(call=number, value=value)
        except BaseException as error:
            if isinstance(error, TimeIsUp):
                late.add(call["function"])
            tell(call=number, error=said(error))
    tell(done=True)
    os._exit(0)


if __name__ == "__main__":
    main()
