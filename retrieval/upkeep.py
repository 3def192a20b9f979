"""
A shelf that stays small: Releases that nobody needs any more go, and what several of them hold alike is on the disk once.

A night adds one Release, most of it the encoder. Where two of them have the very same encoder, as a frozen one always is, the newer
one's files become further names of the older one's (hard links), which nobody notices who reads them: Releases never change.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from retrieval.manifest import ReleaseRefused, files_below, sha256
from retrieval.marks import Standing
from retrieval.shelf import Shelf

SHARED = "encoder"  # the folder of a Release whose files are large, and often the same


def prune(shelf: Shelf, keep: int) -> None:
    """
    Remove the oldest Releases, all but the newest `keep` candidates and the newest `keep` others.

    What serves, served before or is tried out stays and counts as neither; so does what the gate refused, which has its own time.
    What is being loaded stays until the next time.
    """
    for name in _beyond(shelf, keep):
        shelf.remove(name, f"older than the newest {keep}")


def forget_refused(shelf: Shelf, but: str = "") -> None:
    """Remove what the gate refused on earlier nights."""
    for name, mark in shelf.waiting.items():
        if mark.standing is Standing.REFUSED and name != but:
            shelf.remove(name, "the gate had refused it, and the next night is over")


def share(shelf: Shelf, name: str) -> None:
    """Let a Release have the encoder's files of an older one where they are the same; where links cannot be, nothing happens."""
    folder = shelf.releases / name
    with contextlib.suppress(OSError, ReleaseRefused):
        mine = files_below(folder, SHARED)
        for other in shelf.sealed():
            if other == name:
                continue
            for file, digest in list(_alike(shelf.releases / other, mine)):
                # beside the Releases: within one it would be a file that its manifest does not name
                scratch = shelf.releases / f".link-{os.getpid()}"
                if _linked(shelf.releases / other / file, folder / file, digest, scratch):
                    del mine[file]


def _beyond(shelf: Shelf, keep: int) -> list[str]:
    needed, waiting = shelf.needed, shelf.waiting
    free = [name for name in shelf.sealed() if name not in needed]
    held = [h for h in free if h in waiting and waiting[h].standing is Standing.HELD]
    others = [name for name in free if name not in waiting]
    return [*held[keep:], *others[keep:]]


def _alike(other: Path, mine: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the files that another Release has alike, with their hashes."""
    with contextlib.suppress(ReleaseRefused):
        theirs = files_below(other, SHARED)
        for file, entry in mine.items():
            if theirs.get(file) == entry:
                yield file, str(entry["sha256"])


def _linked(source: Path, target: Path, digest: str, scratch: Path) -> bool:
    """Replace a file by a further name of an equal one, which is hashed first: damage must not spread."""
    if source.samefile(target):
        return True
    if sha256(source) != digest:
        return False
    scratch.unlink(missing_ok=True)
    scratch.hardlink_to(source)
    try:
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    return True
