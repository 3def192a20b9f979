"""JSON Lines that only grow: a line is there whole, or it is passed over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def append(file: Path, row: Mapping[str, Any]) -> None:
    """Add a line, on the disk when this returns; one that a crash tore before it is closed first."""
    torn = file.is_file() and not file.read_bytes().endswith(b"\n")
    with file.open("a", encoding="utf-8") as out:
        out.write("\n" * torn + json.dumps(row, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that are whole, oldest first; nothing where there is no file."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row
