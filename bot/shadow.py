"""
What a Release that only looks on would have answered otherwise, kept in the desk beside the log.

Of messages only the ids of a few are kept: what customers wrote stays in the log, and is gone from here when it is gone from there.
A server that starts again goes on where it was, as long as the same two Releases are held against each other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bot.replay import Answer, Kind, grouped

LOOKED_ON = "looked_on.json"  # in the desk
GROUPS = 500  # changes that are told apart; those beyond are counted alone
EXAMPLES = 5  # messages of each
OUTCOMES = ("same", "otherwise", "failed", "missed")  # missed: too many were waiting


@dataclass(slots=True)
class Seen:
    """Messages that got one answer and would have got one other, with the ids of some."""

    before: Answer
    after: Answer
    times: int = 0
    messages: list[str] = field(default_factory=list)


class Shadow:
    """
    What one Release makes of what another one answers.

    Args:
        file: where it is kept.
        release: the hash of the one that looks on.
        champion: the hash of the one that answers.
    """

    def __init__(self, file: Path, release: str, champion: str) -> None:
        self.release, self.champion = release, champion
        self.outcomes: Counter[str] = Counter()
        self._file = file
        self._seen: dict[tuple[Answer, Answer], Seen] = {}
        self._kept = ""

    @classmethod
    def of(cls, file: Path, release: str, champion: str) -> Self:
        """Return what a file holds of the two, or a beginning."""
        found = cls(file, release, champion)
        try:
            row = json.loads(file.read_text(encoding="utf-8"))
            if (row["release"], row["champion"]) == (release, champion):
                read = [_seen(one) for one in row["changes"]]
                found.outcomes.update({name: int(row[name]) for name in OUTCOMES})
                found._seen = {(grouped(one.before), grouped(one.after)): one for one in read}
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
        ):  # a beginning, and no more than figures lost
            return cls(file, release, champion)
        return found

    @property
    def seen(self) -> Sequence[Seen]:
        """The changes, largest first."""
        return sorted(self._seen.values(), key=lambda one: -one.times)

    def note(self, before: Answer, after: Answer, message_id: str) -> str:
        """Count both answers to a message, and return the outcome."""
        outcome = "same" if before == after else "otherwise"
        self.outcomes[outcome] += 1
        key = grouped(before), grouped(after)
        if before != after and (key in self._seen or len(self._seen) < GROUPS):
            one = self._seen.setdefault(key, Seen(before, after))
            one.times += 1
            if len(one.messages) < EXAMPLES:
                one.messages.append(message_id)
        return outcome

    def count(self, outcome: str) -> None:
        """Count a message that was not read."""
        self.outcomes[outcome] += 1

    def news(self) -> str:
        """Return the file's text where something is not in it yet, else nothing."""
        changes = [
            {
                "before": _row(one.before),
                "after": _row(one.after),
                "times": one.times,
                "messages": one.messages,
            }
            for one in self.seen
        ]
        row = {"release": self.release, "champion": self.champion, **self.counts()}
        text = json.dumps(row | {"changes": changes}, ensure_ascii=False) + "\n"
        return text if self.outcomes and text != self._kept else ""

    def keep(self, text: str) -> None:
        """
        Write what `news` returned, whole or not at all.

        Raises:
            OSError: the disk refuses.
        """
        fresh = self._file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._file)
        self._kept = text

    def counts(self) -> Mapping[str, int]:
        return {name: self.outcomes[name] for name in OUTCOMES}


def _row(answer: Answer) -> dict[str, Any]:
    return {"kind": answer.kind, "name": answer.name, "said": answer.said}


def _seen(row: Mapping[str, Any]) -> Seen:
    return Seen(
        _answer(row["before"]), _answer(row["after"]), int(row["times"]), list(row["messages"])
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    said = tuple((str(channel), str(text)) for channel, text in row["said"])
    return Answer(Kind(row["kind"]), str(row["name"]), said)
