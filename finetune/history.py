"""How the nights ended: one line a run, in the desk's nights.jsonl."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from retrieval import lines


@dataclass(frozen=True, slots=True)
class Line:
    """
    How a run ended. `counts` are of questions and lessons; `why` is the sentence for people; `checks` are the rules of the gate as
    `Comparison.as_json` has them, none in a line that is older.
    """

    at: str
    outcome: str
    champion: str
    challenger: str
    seconds: float
    counts: Mapping[str, int]
    why: str
    checks: Sequence[Mapping[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class History:
    """The nights of the desk in `folder`."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "nights.jsonl"

    def note(self, line: Line) -> None:
        lines.append(self.file, line.as_json())

    def lines(self) -> Iterator[Line]:
        """Yield the runs, oldest first; what a newer version wrote beside is not read."""
        known = {field.name for field in fields(Line)}
        for row in lines.rows(self.file):
            with contextlib.suppress(TypeError):
                yield Line(**{name: value for name, value in row.items() if name in known})
