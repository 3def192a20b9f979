"""Which answers were given, and what those who got them thought of each: a row a reply."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlite_utils import Database

from conversations.events import ActionKind, Decided, Erased, Rated, Thumb
from conversations.views.cases import CASES
from conversations.views.happened import Happened, language_of

ANSWERS = "answers"
BY_ANSWER = (
    "answers_by_answer"  # an index: of a long time, all replies are counted sooner than sorted
)


@dataclass(frozen=True, slots=True)
class Wear:
    """How an answer was taken from a day on: whether anybody got it, and in how many conversations a thumb went up, or down."""

    since: date
    given: bool
    up: int
    down: int


class Answers:
    """Replies that rest on a template or a page; `thumb` is 1, -1, or 0 where nobody said. It is filled after the cases are."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def create(self, db: Database) -> None:
        texts = ("message_id", "conversation_id", "answer", "channel", "language", "release")
        table = db.table(ANSWERS)
        table.create(
            {**dict.fromkeys(texts, str), "day": int, "page": int, "thumb": int},
            pk="message_id",
            strict=True,
        )
        table.create_index(("day", "answer", "thumb", "channel", "language", "release"))
        table.create_index(("answer", "day", "thumb"), BY_ANSWER)
        table.create_index(("conversation_id",))

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        """Write down what was given and what was thought of it."""
        rows = [row for one in happened if (row := self._given(one))]
        connection.executemany(
            f"REPLACE INTO {ANSWERS} (message_id, conversation_id, answer, channel, language, release, day, page, thumb)"  # noqa: S608 - a constant
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
            rows,
        )
        connection.executemany(
            f"UPDATE {ANSWERS} SET thumb = ? WHERE message_id = ?",  # noqa: S608 - a constant
            [_thumb(one.event) for one in happened if isinstance(one.event, Rated)],
        )
        erased = [(one.visitor_id,) for one in happened if isinstance(one.event, Erased)]
        own = f"conversation_id IN (SELECT conversation_id FROM {CASES} WHERE visitor_id = ?)"  # noqa: S608
        for sql in (  # a page that was quoted says what was asked, so the log forgets it, too
            f"DELETE FROM {ANSWERS} WHERE page AND {own}",  # noqa: S608 - constants
            f"UPDATE {ANSWERS} SET language = '' WHERE {own}",  # noqa: S608
        ):
            connection.executemany(sql, erased)

    def _given(self, happened: Happened) -> tuple[str | int, ...] | None:
        match happened.event:
            case Decided(action=ActionKind.REPLY) as decided if answer_of(decided):
                return (
                    decided.message_id,
                    happened.conversation_id,
                    answer_of(decided),
                    happened.channel,
                    language_of(decided),
                    decided.release,
                    happened.at.astimezone(self._zone).toordinal(),
                    not decided.template_id,
                )
            case _:
                return None


def answer_of(decided: Decided) -> str:
    """Return what a reply rests on: a template's id or a page; empty where it is neither."""
    return decided.template_id or decided.source


def _thumb(rated: Rated) -> tuple[int, str]:
    return (1 if rated.value is Thumb.UP else -1), rated.message_id


def worn(connection: sqlite3.Connection, since: Mapping[str, date]) -> dict[str, Wear]:
    """
    Return how answers were taken, by their ids.

    Args:
        since: the day from which on each counts; where the first reply of all came later, that day. Without any there is nothing to say.
    """
    [[began]] = connection.execute(f"SELECT min(day) FROM {ANSWERS}")  # noqa: S608 - a constant
    if began is None or not since:
        return {}
    days = {answer: max(began, day.toordinal()) for answer, day in since.items()}
    first = min(days.values())
    latest = dict(
        connection.execute(
            f"SELECT answer, max(day) FROM {ANSWERS} WHERE day >= ? GROUP BY answer",  # noqa: S608 - a constant
            (first,),
        )
    )
    thumbs: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for answer, day, thumb, conversation_id in connection.execute(
        f"SELECT answer, day, thumb, conversation_id FROM {ANSWERS} WHERE day >= ? AND thumb <> 0",  # noqa: S608 - a constant
        (first,),
    ):
        if answer in days and day >= days[answer]:
            thumbs[answer, thumb].add(conversation_id)
    return {
        answer: Wear(
            date.fromordinal(day),
            latest.get(answer, 0) >= day,
            len(thumbs[answer, 1]),
            len(thumbs[answer, -1]),
        )
        for answer, day in days.items()
    }
