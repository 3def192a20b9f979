"""A table of labelled texts: CSV or JSONL, its columns called as they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from conversations.exports.lines import csv_rows, json_lines
from conversations.exports.parts import NotAnExport, text_of
from conversations.text import printable
from finetune.otherbots.found import Found, NoProject

Row = Mapping[str, Any]


def read(path: Path, text: str = "text", intent: str = "intent") -> Found:
    """
    Return the rows as examples; an empty intent means out of scope.

    Args:
        text, intent: what the file calls these columns.

    Raises:
        NoProject: the file cannot be read, or has no such columns.
    """
    found = Found()
    rows = list(_rows(path))
    _refuse_without(path, [row for _, row in rows if not isinstance(row, str)], (text, intent))
    for line, row in rows:
        place = f"{path.name}, line {line}"
        if isinstance(row, str):
            found.problem(place, row)
            continue
        said, meant = row.get(text), row.get(intent)
        if not isinstance(said, str) or not printable(said).strip():
            found.problem(place, "has no text")
        elif not isinstance(meant, str):
            found.problem(place, "has no intent; an empty one means out of scope")
        else:
            found.example(said, meant, place)
    return found


def _rows(path: Path) -> Iterator[tuple[int, Row | str]]:
    """Yield the rows with their lines; of a broken one, why it is none."""
    try:
        content = text_of(path)
    except NotAnExport as error:
        raise NoProject(str(error)) from error
    if path.suffix in {".jsonl", ".ndjson"}:
        yield from json_lines(content)
        return
    rows = csv_rows(content)
    line, header = next(rows, (1, ()))
    if isinstance(header, str):
        raise NoProject(f"{path.name}, line {line}: {header}")
    for line, cells in rows:
        if isinstance(cells, str):
            yield line, cells
        else:
            yield line, dict(zip(header, chain(cells, repeat(None)), strict=False))


def _refuse_without(path: Path, rows: list[Row], columns: tuple[str, str]) -> None:
    if not rows:
        raise NoProject(f"{path.name} holds no rows that can be read below its header")
    for column in columns:
        if column not in rows[0]:
            there = ", ".join(map(str, rows[0])) or "nothing"
            raise NoProject(
                f"{path.name}: there is no column {column!r}, only {there}; "
                f"the header must be {','.join(columns)}"
            )
