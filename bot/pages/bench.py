"""Reads documents in a process of its own, so that none of them can take more time or memory than it may."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from types import TracebackType
from typing import IO

from bot.pages.document import Document, Unreadable

SECONDS = 30.0  # a document; a PDF of 500 full pages took 8 on a busy machine of two cores
MEMORY = 1 << 30  # bytes of address space; a PDF of 500 full pages was read with 64 MB
MAX_ANSWER = 16 << 20  # bytes; a million characters, escaped
CHUNK = 1 << 16


class Bench:
    """
    Where documents are read, one after the other. A context manager, since a process goes with it.

    `seconds`: how long reading one may take; `memory`: how many bytes.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, kind: str, data: bytes, name: str, charset: str = "") -> Document:
        """
        Read a document as `formats.read` does, within bounds.

        Raises:
            Unreadable: why it cannot be taken; the next one can be read.
        """
        job = {"kind": kind, "name": name, "charset": charset, "size": len(data)}
        process = self._process = self._process or _started(self._memory)
        try:
            answer = json.loads(self._asked(process, json.dumps(job).encode() + b"\n" + data))
        except (OSError, ValueError, Unreadable) as error:
            self._end()
            if isinstance(error, Unreadable):
                raise
            raise Unreadable("reading it takes more memory than it may") from error
        if "error" in answer:
            raise Unreadable(answer["error"])
        return Document(**answer)

    def _asked(self, process: subprocess.Popen[bytes], job: bytes) -> bytes:
        """Return the line that answers a job; what is not there in time ends the process."""
        assert process.stdin is not None  # noqa: S101 - they were asked for
        assert process.stdout is not None  # noqa: S101
        until = time.monotonic() + self._seconds
        process.stdin.write(job)  # the worker reads a job to its end before it does anything
        process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            answer += _more(process.stdout, until, self._seconds)
            if len(answer) > MAX_ANSWER:
                raise ValueError("an answer without end")
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(BrokenPipeError):
                process.communicate()


def _more(stdout: IO[bytes], until: float, seconds: float) -> bytes:
    with selectors.DefaultSelector() as ready:
        ready.register(stdout, selectors.EVENT_READ)
        if not ready.select(max(0.0, until - time.monotonic())):
            raise Unreadable(f"reading it takes longer than {seconds:g} seconds; split it")
    if part := os.read(stdout.fileno(), CHUNK):
        return part
    raise OSError("the process is gone")


def _started(memory: int) -> subprocess.Popen[bytes]:
    """Start the worker, with our modules and nothing else of our environment: it needs no token and no key."""
    own = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-B", "-m", "bot.pages.worker", str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=own | kept,
        start_new_session=True,  # Ctrl-C reaches only us, and we end it
    )
