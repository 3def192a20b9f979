"""
A process of its own with bounds: so much time, so much memory, and no longer than whoever started it.

Memory is what the process really occupies (resident pages), looked at several times a second: torch maps far more address space
than it uses, so a limit on that would end runs that fit.

OutOfBounds    it was ended, or ended by itself without an answer; the message says why
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from retrieval.learning import MEMORY, MINUTES

LOOK = 0.2  # seconds between two looks at its memory
MB = 2**20
PAGE = os.sysconf("SC_PAGESIZE")  # bytes


class OutOfBounds(Exception):
    """The work was ended, or ended by itself without an answer."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    `minutes` by a clock that nobody sets, `memory` in MB.

    `work` is what is bounded, and `instead` what else may be done about a bound that is too narrow, as sentences name them.
    """

    minutes: float = MINUTES
    memory: int = MEMORY
    work: str = "training"
    instead: str = ""


def answered(command: Sequence[str], job: bytes, bounds: Bounds) -> bytes:
    """
    Run a command within bounds and return what it says on stdout; its stderr is ours.

    Args:
        job: the first line of its stdin, which then stays open for as long as this process lives.

    Raises:
        OutOfBounds: which bound, or how it ended.
    """
    with tempfile.TemporaryFile() as said, _started(command, said) as process:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(BrokenPipeError):  # its exit code says why
            process.stdin.write(job + b"\n")
            process.stdin.flush()
        code = _ended(process, bounds)
        if code:
            raise OutOfBounds(_how(code, bounds.work))
        said.seek(0)
        return said.read()


@contextlib.contextmanager
def _started(command: Sequence[str], said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=said, start_new_session=True
    )  # in a session of its own, so that Ctrl-C reaches only us and we end it
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _ended(process: subprocess.Popen[bytes], bounds: Bounds) -> int:
    """Wait for the end and return the exit code."""
    until = time.monotonic() + 60 * bounds.minutes
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK)
        if _resident(process.pid) > bounds.memory * MB:
            raise OutOfBounds(
                f"{bounds.work} needed more than {bounds.memory:,} MB of memory and was ended: "
                f"give it more with --memory or [learning] memory in desk.toml{bounds.instead}"
            )
        if time.monotonic() > until:
            raise OutOfBounds(
                f"{bounds.work} took longer than {bounds.minutes:g} minutes and was ended: "
                f"give it more with --minutes or [learning] minutes in desk.toml{bounds.instead}"
            )


def _resident(pid: int) -> int:
    """Return the bytes that a process occupies, 0 where it has just ended or nothing says so."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _how(code: int, work: str) -> str:
    if code > 0:
        return f"{work} ended with exit code {code}: what it said stands above"
    name = signal.Signals(-code).name
    memory = ", as a system that is short of memory does it" if name == "SIGKILL" else ""
    return f"{work} was ended by {name}{memory}"


def answer_whoever_started_it(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """
    Do the job that stands in the first line of stdin, and print its answer as JSON; for the process that was started.

    What libraries print meanwhile goes to stderr with the progress: stdout is the answer's alone.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as for `frontdesk`: a server runs beside
    job = json.loads(sys.stdin.buffer.readline())
    end_with_parent()
    be_the_first_to_go()
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(answer(job), stream)


def end_with_parent() -> None:
    """Read on in stdin, and end this process when whoever started it is gone; for the process that was started."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def be_the_first_to_go() -> None:
    """Let the kernel end this process and not the server beside it where memory runs out."""
    with contextlib.suppress(OSError):  # no Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
