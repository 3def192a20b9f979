"""
What became of the Releases that are not the champion: a line a change, in the desk's candidates.jsonl.

A mark is the last line of its Release. What is held or refused stands on the shelf to be looked at; what was removed is gone, and
its line says when and why.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from retrieval import lines


class Standing(StrEnum):
    """HELD: it passed the gate and waits for somebody to promote it. PROMOTED ends what was said before."""

    HELD = "candidate"
    REFUSED = "refused"
    REMOVED = "removed"
    PROMOTED = "promoted"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a Release stands since `at`; `because` is a sentence, or empty."""

    at: str
    hash: str
    standing: Standing
    because: str = ""


def note(folder: Path, mark: Mark) -> None:
    """Write a mark down, on the disk when this returns."""
    lines.append(folder / "candidates.jsonl", asdict(mark))


def marks(folder: Path) -> dict[str, Mark]:
    """Return the last mark of each Release of the desk in `folder`, in the order in which they were made."""
    found: dict[str, Mark] = {}
    for row in lines.rows(folder / "candidates.jsonl"):
        with contextlib.suppress(TypeError, KeyError, ValueError):
            standing = Standing(row["standing"])
            found.pop(row["hash"], None)
            found[row["hash"]] = Mark(row["at"], row["hash"], standing, row.get("because", ""))
    return found
