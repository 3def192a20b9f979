"""A table of labelled texts: CSV or JSONL, its columns called as they may be."""

from __future__ import annotations

from pathlib import Path

from conversations.text import printable
from finetune.examples import ExamplesError, read_rows
from finetune.otherbots.found import Found, NoProject


def read(path: Path, text: str = "text", intent: str = "intent") -> Found:
    """
    Return the rows as examples; an empty intent means out of scope.

    Args:
        text, intent: what the file calls these columns.

    Raises:
        NoProject: the file cannot be read, or has no such columns.
    """
    found = Found()
    try:
        rows = read_rows(path, text, intent)
    except ExamplesError as error:
        raise NoProject(str(error)) from error
    for line, row in rows:
        said, meant = row.get(text), row.get(intent)
        place = f"{path.name}, line {line}"
        if not isinstance(said, str) or not printable(said).strip():
            found.problem(place, "has no text")
        elif not isinstance(meant, str):
            found.problem(place, "has no intent; an empty one means out of scope")
        else:
            found.example(said, meant, place)
    return found
