"""A process without network, files or neighbours: bubblewrap, resource limits, a seccomp filter.

Inside there is `/usr`, the Python that runs this, NumPy and matplotlib, all read-only, and an
empty folder in memory to write in. The task goes in through stdin and numbers come out through a
pipe, so nothing of the lecturer's is mounted at all. Namespaces of its own hide the network and all
other processes; the filter forbids new processes, so that a fork bomb ends at its first fork,
whoever runs the grader; limits hold memory, files, time, and output.
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import platform
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from assignments.topic import Draw, Source
from assignments.words import readable

RUNNER = Path(__file__).with_name("runner.py")
PACKAGES = ("numpy", "matplotlib")
MEGABYTE = 2**20
OUTPUT = 16 * MEGABYTE  # bytes that are read from a process before it is stopped
SECONDS = 60  # for one notebook, unless somebody says otherwise
LIMITS = {
    "RLIMIT_AS": 2048 * MEGABYTE,
    "RLIMIT_FSIZE": 16 * MEGABYTE,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_CORE": 0,
}

# Calls that make processes, or memory that the limits do not see, by architecture.
FORBIDDEN = {
    "x86_64": dict(
        arch=0xC000003E, clone=56, clone3=435,
        denied=(57, 58, 319, 29, 68, 101, 272, 308, 165, 321, 298, 323, 425, 248, 250),
    ),
    "aarch64": dict(
        arch=0xC00000B7, clone=220, clone3=435,
        denied=(279, 194, 186, 117, 97, 268, 40, 280, 241, 282, 425, 217, 219),
    ),
}  # fmt: skip
# in this order: fork, vfork (x86_64 only), memfd_create, shmget, msgget, ptrace, unshare, setns,
# mount, bpf, perf_event_open, userfaultfd, io_uring_setup, add_key, keyctl


RUNNING: set[subprocess.Popen] = set()  # what `stop` ends


class SandboxError(RuntimeError):
    """There is no sandbox here, or somebody ended what ran in it; the message says which."""


@dataclass
class Answers:
    """What a process said: values and errors by call, errors by cell, and how it ended.

    `ended` is "done", "time", "output" or "gone" (it exited, or was killed for its memory).
    """

    values: dict[int, object] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    cells: dict[int, str] = field(default_factory=dict)
    ended: str = "gone"


def encoded(value: object) -> object:
    """An argument as JSON, for `runner.decode`."""
    if isinstance(value, Draw):
        return {"seed": value.seed}
    if isinstance(value, Source):
        return {"source": value.text}
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}
    if isinstance(value, tuple):
        return [encoded(v) for v in value]
    return value


def decoded(value: object) -> object:
    """A result from its JSON form. Raises ValueError for anything but bounded arrays of numbers."""
    if value is None or isinstance(value, str):
        raise ValueError("None" if value is None else "text")
    if isinstance(value, bool | int | float):
        return np.float64(value)
    if isinstance(value, list):
        return tuple(decoded("" if v is None else v) for v in value)
    try:
        if "dict" in value:
            return {str(k): decoded(v) for k, v in value["dict"]}
        shape = tuple(int(n) for n in value["shape"])
        return np.frombuffer(base64.b64decode(value["data"], validate=True), "<f8").reshape(shape)
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("unreadable") from error


def seccomp() -> bytes:
    """The filter as classic BPF. Raises SandboxError on an architecture that it does not know."""
    machine = FORBIDDEN.get(platform.machine())
    if machine is None:
        raise SandboxError(
            f"expected one of the processors {', '.join(FORBIDDEN)}, this is {platform.machine()!r}"
        )
    load, jump_eq, jump_set, jump_ge, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, eperm, enosys = 0x7FFF0000, 0x00050001, 0x00050026
    refuse_arch = [(load, 0, 0, 4), (jump_eq, 1, 0, machine["arch"]), (give, 0, 0, eperm)]
    program = refuse_arch + [(load, 0, 0, 0), (jump_ge, 0, 1, 0x40000000), (give, 0, 0, eperm)]
    for number in machine["denied"]:
        program += [(jump_eq, 0, 1, number), (give, 0, 0, eperm)]
    program += [
        (jump_eq, 0, 1, machine["clone3"]),
        (give, 0, 0, enosys),
    ]  # libc falls back to clone
    program += [(jump_eq, 0, 3, machine["clone"]), (load, 0, 0, 16)]
    program += [(jump_set, 1, 0, 0x00010000), (give, 0, 0, eperm)]  # CLONE_THREAD: a thread may be
    program += [(give, 0, 0, allow)]
    return b"".join(struct.pack("<HBBI", *line) for line in program)


@cache
def packages() -> dict[str, Path]:
    """Where the files of PACKAGES and all that they need are, by name below site-packages."""
    found, wanted = {}, list(PACKAGES)
    seen = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name in PACKAGES:
                raise SandboxError(f"expected the package {name} to be installed") from None
            continue
        for need in distribution.requires or ():
            if "extra ==" not in need:
                wanted.append(re.match(r"[\w.-]+", need)[0])
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__"):
                found[top] = Path(distribution.locate_file(top))
    return found


def command(runner: Path = RUNNER) -> list[str]:
    """The bubblewrap command, up to the program that it starts."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            "expected bubblewrap (`bwrap`), which keeps students' code away from your files; "
            "install it, for example with `apt-get install bubblewrap`"
        )
    args = [bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    args += ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    args += ["--clearenv", "--ro-bind", "/usr", "/usr"]
    for name in ("/lib", "/lib64", "/lib32", "/bin"):
        if os.path.islink(name):
            args += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            args += ["--ro-bind", name, name]
    args += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    if not Path(sys.base_prefix).is_relative_to("/usr"):
        for part in (interpreter(), str(Path(sys.base_prefix, "lib"))):
            args += ["--ro-bind", part, part]
    for name, path in packages().items():
        args += ["--ro-bind", str(path), f"/packages/{name}"]
    args += ["--ro-bind", str(runner), "/runner.py", "--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/home"):
        args += ["--size", str(64 * MEGABYTE), "--tmpfs", folder]
    args += ["--symlink", "/home", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/"]
    args += ["--chdir", "/home"]
    for name, value in environment("/home").items():
        args += ["--setenv", name, value]
    return args


def environment(home: str) -> dict[str, str]:
    """All that the process finds in its environment."""
    return {
        "HOME": home, "PATH": "/usr/bin", "LANG": "C.UTF-8", "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip


def interpreter() -> str:
    """The Python itself, not the virtual environment's link to it."""
    return os.path.realpath(sys.executable)


def patience(seconds: float) -> float:
    """The time for one cell or one call: a loop without end costs that one alone."""
    return seconds / 6


def stop() -> None:
    """End all that runs, in whatever thread; `answers` raises SandboxError there."""
    while RUNNING:
        RUNNING.pop().kill()


def answers(
    cells: list[str], calls: list, *, seconds: float = SECONDS, safe: bool = True
) -> Answers:
    """Run `cells`, then the `calls` [(function, args), ...], and return what the process said.

    With `safe` false there is no bubblewrap, only the limits: the code can read and write what you
    can. Raises SandboxError if the sandbox does not start, or is ended by anybody but the student's
    code and its limits.
    """
    limits = LIMITS | {"RLIMIT_CPU": int(seconds) + 1}
    site = "/packages" if safe else str(next(iter(packages().values())).parent)
    calls = [{"function": f, "args": [encoded(a) for a in args]} for f, args in calls]
    task = {"cells": cells, "calls": calls, "limits": limits, "packages": site}
    task |= {"patience": patience(seconds), "alone": not safe}
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as bpf,
        tempfile.TemporaryFile() as complaint,
        tempfile.TemporaryDirectory() as home,
    ):
        stdin.write(json.dumps(task).encode())
        stdin.seek(0)
        start = [interpreter(), "-I", "-S", "-B"]
        if safe:
            bpf.write(seccomp())
            bpf.seek(0)
            start = [*command(), "--seccomp", str(bpf.fileno()), *start, "/runner.py"]
            place = {"pass_fds": (bpf.fileno(),)}
        else:
            start = [*start, str(RUNNER)]
            place = {"cwd": home, "env": environment(home)}
        process = subprocess.Popen(
            start, stdin=stdin, stdout=subprocess.PIPE, stderr=complaint,
            start_new_session=True, **place,  # Ctrl-C is for the grader alone
        )  # fmt: skip
        RUNNING.add(process)
        lines, ended, ours = _read(process, time.monotonic() + seconds)
        stopped = process not in RUNNING
        RUNNING.discard(process)
        if stopped or (safe and process.returncode < 0 and not ours):  # code inside cannot do that
            raise SandboxError("the process was killed from outside; grade again")
        heard = _understood(lines)
        if ended:
            heard.ended = ended
        if safe and not lines and process.returncode and heard.ended == "gone":
            complaint.seek(0)
            text = complaint.read(2000).decode(errors="replace").strip()
            if text.startswith("bwrap:"):
                if "uid map" in text or "namespace" in text:
                    text += (
                        "; Ubuntu 23.10 to 24.10: it needs an AppArmor profile that allows userns"
                    )
                raise SandboxError(f"bubblewrap does not start: {text}")
    return heard


def _read(process, deadline) -> tuple[bytes, str, bool]:
    """What a process writes until it ends, "time" or "output" if that was too much, and whether
    it had to be killed."""
    fd, chunks, size, ended = process.stdout.fileno(), [], 0, ""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            ended = "time"
            break
        chunk = os.read(fd, 65536)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
        if size > OUTPUT:
            ended = "output"
            break
    ours = bool(ended)
    if not ended:
        try:
            process.wait(1)  # it has closed its pipe and should be gone
        except subprocess.TimeoutExpired:
            ours = True
    process.kill()  # takes everything inside with it
    process.wait()
    process.stdout.close()
    return b"".join(chunks)[:OUTPUT], ended, ours


def _understood(lines: bytes) -> Answers:
    """The lines of a process, read with suspicion: the first answer to a call counts."""
    heard = Answers()
    for raw in lines.split(b"\n"):
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue  # not a line of the runner's; a call without a line has no answer
        if not isinstance(line, dict):
            continue
        call, cell = line.get("call"), line.get("cell")
        error = readable(str(line.get("error", "")))[:300]
        if isinstance(call, int) and call not in (heard.values.keys() | heard.errors.keys()):
            if line.get("missing") is True:
                heard.missing.add(call)
            elif error:
                heard.errors[call] = error
            else:
                try:
                    heard.values[call] = decoded(line.get("value"))
                except (ValueError, OverflowError, RecursionError) as problem:
                    heard.errors[call] = f"ValueError: {problem}"[:300]
        elif isinstance(cell, int):
            heard.cells[cell] = error
        elif line.get("done") is True:
            heard.ended = "done"
    return heard


def require(safe: bool) -> None:
    """Try the sandbox once. Raises SandboxError, with what to do, if it does not hold."""
    if sys.platform != "linux":
        raise SandboxError(
            f"grading needs Linux, this is {sys.platform}: on Windows grade inside WSL, on a Mac "
            f"in a virtual machine"
        )
    probe = f"import os\ndef f():\n    return float(os.path.exists({str(RUNNER)!r}))\n"
    heard = answers([probe], [("f", ())], seconds=30, safe=safe)
    if heard.ended != "done" or heard.values.get(0) != (0 if safe else 1):
        wanted = f"a sandbox that answers and hides {RUNNER}" if safe else "a process that answers"
        raise SandboxError(
            f"expected {wanted}; it ended as {heard.ended!r} "
            f"and said {heard.values} {heard.errors} {heard.cells}"
        )
