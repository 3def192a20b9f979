"""
The process that reads documents: `python -m bot.pages.worker BYTES`, started by `bot.pages.bench`, which ends it where it must.

A job is a line of JSON and then the document's bytes; the answer is a line of JSON. What a document makes a library do
stays in here: memory and processor time have limits that the kernel keeps, and no file can be written.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import warnings
from dataclasses import asdict
from typing import Any, BinaryIO

from bot.pages.document import Unreadable
from bot.pages.formats import read

SECONDS = 60  # of processor time a document, for the day that nobody is left to end it


def answer(job: dict[str, Any], data: bytes) -> dict[str, str]:
    """Return the document's fields, or `error` with why it cannot be taken."""
    try:
        return asdict(read(job["kind"], data, job["name"], job["charset"]))
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "reading it takes more memory than it may"}
    except Exception as error:  # noqa: BLE001 - a hostile document finds whatever a library can raise
        return {"error": f"it cannot be read ({type(error).__name__}); save it anew"}


def main(memory: int) -> None:
    """Answer jobs until there are no more, in so many bytes of address space."""
    logging.disable(
        logging.CRITICAL
    )  # libraries report what a document is like; its sentence says that
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while line := incoming.readline():
        _limit_time()
        _do(json.loads(line), incoming, outgoing)


def _do(job: dict[str, Any], incoming: BinaryIO, outgoing: BinaryIO) -> None:
    said = answer(job, incoming.read(job["size"]))
    outgoing.write(json.dumps(said, ensure_ascii=True).encode("ascii") + b"\n")
    outgoing.flush()


def _limit_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]))
