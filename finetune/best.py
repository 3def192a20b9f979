"""
The best that a champion of the desk has made of the gate's questions.

From one night to the next a loss within chance is allowed, or no night would pass at a small desk. Beside the best so far it is not
allowed a second time: many small losses never become a large one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.examples import Example
from finetune.files import whole

if TYPE_CHECKING:
    from finetune.evaluation import (
        Outcome,
    )  # pulls scikit-learn: whoever watches over a night needs none

SHARED = 0.5  # of today's questions that the best must have been asked, to stand beside today's


@dataclass(frozen=True, slots=True)
class Best:
    """A champion, and whether it understood each question, under the question's key."""

    release: str = ""
    understood: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Best:
        """Return what the desk's best.json says; nobody where there is none that can be read."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            return cls(**json.loads((folder / "best.json").read_text(encoding="utf-8")))
        return cls()

    def on(self, questions: Sequence[Example]) -> list[bool | None]:
        """Return (n,) whether each question was understood; None for one that was not asked."""
        return [self.understood.get(key) for key in _keys(questions)]

    def or_better(
        self, release: str, questions: Sequence[Example], outcomes: Sequence[Outcome]
    ) -> Best:
        """Return this one, or the Release whose readings of today's questions are given where it does as well on those that both were asked."""
        today = dict(zip(_keys(questions), (one.understood for one in outcomes), strict=True))
        shared = today.keys() & self.understood.keys()
        ours = sum(self.understood[key] for key in shared)
        if len(shared) >= SHARED * len(today) and sum(today[key] for key in shared) < ours:
            return self
        return Best(release, today)

    def as_json(self) -> dict[str, Any]:
        return {"release": self.release, "understood": dict(self.understood)}


def note(folder: Path, best: Mapping[str, Any]) -> None:
    """
    Write the best down, whole.

    Args:
        best: `Best.as_json`.
    """
    with whole(folder / "best.json") as scratch:
        scratch.write_text(json.dumps(best) + "\n", encoding="utf-8")


def _keys(questions: Iterable[Example]) -> list[str]:
    return [hashlib.sha256(f"{q.intent}\n{q.text}".encode()).hexdigest()[:16] for q in questions]
