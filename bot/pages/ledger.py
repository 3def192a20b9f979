"""
What is known of imported pages: which source each was made of, and what both were like then.

It lies beside the pages, as `.imported.json`. Without it every page is one that a person wrote.

Damaged    it cannot be read; the message says what to do
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = ".imported.json"


class Damaged(Exception):
    """The ledger cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page and its source: hashes of the source's bytes and of the page as it was written, when, and from where."""

    page: str  # file name without suffix
    sha256: str
    page_sha256: str
    imported_at: str
    title: str
    url: str = ""
    listed_in: str = ""


def read(folder: Path) -> dict[str, Entry]:
    """
    Return the entries by the keys of their sources; a folder without a ledger has none.

    Raises:
        Damaged: it is no ledger.
    """
    file = folder / NAME
    try:
        rows = json.loads(file.read_bytes())["sources"]
        return {key: Entry(**row) for key, row in rows.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(
            f"{file} is damaged: restore it, or move it away, and every page counts as written by hand"
        ) from error


def write(folder: Path, entries: dict[str, Entry]) -> None:
    """Replace the ledger, in an order that a version control likes."""
    rows = {key: asdict(entries[key]) for key in sorted(entries)}
    whole(folder / NAME, json.dumps({"sources": rows}, indent=1, ensure_ascii=False) + "\n")


def whole(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with scratch.open("wb") as out:
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        scratch.replace(file)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
