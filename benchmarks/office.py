"""
The office: how long a desk's views take to be made anew, and how long pages of the inbox, searches and numbers then take.

A desk of 50,000 conversations over a year with 1,000,000 messages, a fifth of them open with a person or waiting for one, written through
the log's own bulk insert; texts are joined from the demo shop's questions, one in ten is Chinese. It is kept in a folder and used again.

    python -m benchmarks.office --folder DIR                          about ten minutes on an idle machine, most of it writing the log
    python -m benchmarks.office --folder DIR --conversations 5000     a tenth of it
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.served import DEMO
from bot.desk import Desk
from bot.office import made
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Delivered,
    Event,
    Heard,
    OperatorWrote,
    Rated,
    Scored,
    Thumb,
    Utterance,
)
from conversations.reader import Reader
from conversations.rows import event_row
from conversations.store import Store
from conversations.views.file import reading, remove
from conversations.views.happened import micros
from conversations.views.inbox_pages import Moment, Wanted, counts, page
from conversations.views.numbers import Period, numbers
from finetune.examples import read_examples

CONVERSATIONS, TURNS = 50_000, 10  # a turn is a question and its answer: two messages
OPEN = 5  # one in so many is with a person, or waits for one
YEAR = timedelta(days=365)
END = datetime(2026, 11, 1, tzinfo=UTC)
NOW, IDLE = micros(END), round(timedelta(hours=12) / timedelta(microseconds=1))
INTENTS, ANSWERS, VISITORS = 50, 120, 20_000
PAGES = 200  # conversations in one transaction
CHINESE = ("我要退款", "什么时候发货", "订单在哪里", "可以换货吗", "退货运费谁出")
TIMES = 60  # each question is asked so often
BOUNDS = {"inbox": 50.0, "search": 200.0, "numbers": 400.0}  # milliseconds, p95

Question = Callable[[], object]


class Seeded(Store):
    """The store, and a way to write conversations with their own times at once."""

    def seed(self, conversations: Sequence[tuple[str, str, list[tuple[datetime, Event]]]]) -> None:
        """Write conversations in one transaction: each with its id, its visitor's address and what happened in it."""
        with self._transaction():
            rows: list[dict[str, Any]] = []
            for conversation_id, address, events in conversations:
                who = Utterance(channel="web", address=address, external_id="", text="", name=address.title())  # fmt: skip
                visitor = self._welcome(who)
                self._open(conversation_id, visitor, events[0][0])
                rows += [event_row(conversation_id, visitor, event, at) for at, event in events]
            self._insert_all(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="how quickly staff see what they ask for")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    options = parser.parse_args(arguments)
    desk = seeded(options.folder, options.conversations)
    print(f"load average of the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n")  # fmt: skip
    rebuilt = rebuild(desk)
    rows = [measured(*kind) for kind in questions(desk)]
    held = all(row.p95 <= BOUNDS[row.kind] for row in rows)
    print(f"made anew in {rebuilt[0]:.0f} s ({rebuilt[1]:.0f} s of processor time)\n")
    print(table(rows))
    print(json.dumps({"bench": "office", "held": held, "rebuild": rebuilt}))
    sys.exit(0 if held else 1)


def seeded(folder: Path, size: int) -> Desk:
    """Return the desk in a folder, written there where it is not complete."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.toml").write_text('name = "Office"\n')
    desk = Desk.open(folder)
    done = folder / f"seeded-{size}"
    if not done.exists():
        remove(desk.database)
        begun = time.monotonic()
        ids = map(str, itertools.count())
        with Seeded.open(
            desk.database, clock=lambda: END, new_id=lambda: next(ids), session_idle=YEAR
        ) as store:
            pending = conversations(size)
            while batch := list(itertools.islice(pending, PAGES)):
                store.seed(batch)
        print(f"the log was written in {time.monotonic() - begun:.0f} s", file=sys.stderr)
        done.touch()
    return desk


def conversations(size: int) -> Iterator[tuple[str, str, list[tuple[datetime, Event]]]]:
    """Yield the conversations in the order of their beginnings."""
    chance = Random(0)  # noqa: S311 - the same conversations every time
    texts = [example.text.split() for example in read_examples(DEMO / "examples.csv")]
    for number in range(size):
        at = END - YEAR + YEAR * number / size
        events = list(_events(f"c{number}", at, chance, texts, stays_open=number % OPEN == 0))
        yield f"c{number}", f"v{chance.randrange(VISITORS)}", events


def _events(
    name: str, at: datetime, chance: Random, texts: list[list[str]], *, stays_open: bool
) -> Iterator[tuple[datetime, Event]]:
    language, release = chance.choice(("en", "en", "zh")), f"release-{at.month}"
    for turn in range(TURNS):
        at += timedelta(seconds=20)
        message_id, last = f"{name}.{turn}", turn == TURNS - 1
        yield at, Heard(message_id=message_id, external_id=message_id, text=_text(chance, texts))
        one = chance.randrange(ANSWERS)
        yield at + timedelta(seconds=1), Decided(
            message_id=f"d-{message_id}", in_reply_to=message_id, text=_text(chance, texts), release=release,
            action=ActionKind.HANDOFF if last and stays_open else ActionKind.REPLY, template_id=f"answer-{one}",
            intent=f"intent-{one % INTENTS}", reason="out_of_scope" if last and stays_open else "confident",
            evidence=json.dumps({"language": language}),
        )  # fmt: skip
        yield at + timedelta(seconds=2), Delivered(message_id=f"d-{message_id}")
        if chance.random() < 0.05:
            thumb = chance.choice((Thumb.UP, Thumb.UP, Thumb.DOWN))
            yield at + timedelta(seconds=9), Rated(message_id=f"d-{message_id}", value=thumb)
    if stays_open and chance.random() < 0.3:
        wrote = OperatorWrote(message_id=f"o-{name}", operator="ann", text=_text(chance, texts))
        yield at + timedelta(minutes=2), wrote
        yield at + timedelta(minutes=2, seconds=1), Delivered(message_id=wrote.message_id)
    if not stays_open and chance.random() < 0.2:
        yield at + timedelta(minutes=3), Scored(score=chance.randint(1, 5))
    if not stays_open and chance.random() < 0.5:
        yield at + timedelta(minutes=4), Closed(reason="resolved")


def _text(chance: Random, texts: list[list[str]]) -> str:
    one, other = chance.choice(texts), chance.choice(texts)
    said = " ".join((*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]))
    return said if chance.random() > 0.1 else f"{chance.choice(CHINESE)} {said}"


def rebuild(desk: Desk) -> tuple[float, float]:
    """Return how long the views take to be made anew without a pause, in seconds by the clock and of processor time."""
    begun, spent = time.monotonic(), time.process_time()
    what = made(desk)
    remove(what.path)
    with what.open() as file:
        file.catch_up()
    return time.monotonic() - begun, time.process_time() - spent


@dataclass(frozen=True, slots=True)
class Row:
    """A question's times, in milliseconds: by the clock, and of processor time."""

    kind: str
    what: str
    p50: float
    p95: float
    cpu: float
    cpu_p95: float


def questions(desk: Desk) -> Iterator[tuple[str, str, Question]]:
    """Yield each question with its kind; a connection of its own each time, as the server asks."""
    path, moment = made(desk).path, Moment(now=NOW, idle=IDLE, me="ann")

    def rows(**wanted: Any) -> Question:
        def ask() -> object:
            with closing(reading(path)) as connection:
                return page(connection, Wanted(**wanted), moment), counts(connection, moment)

        return ask

    yield "inbox", "the longest waiting", rows(state="waiting", sort="waiting")
    yield "inbox", "open, by mood", rows(state="open", sort="mood")
    yield "inbox", "open, in Chinese, latest first", rows(state="open", language="zh")
    yield "inbox", "all, latest first", rows()
    yield "inbox", "open, with a word", rows(state="open", q="parcel")
    reader = Reader.open(desk.database)
    for query in ("order", "order number", "退款", "款", "a", "zebra", "o"):
        yield "search", f"`{query}`", partial(reader.search, query, 51)
    for days in (7, 30, 90, 365):
        yield "numbers", f"{days} days", _numbers(path, days)
    yield "numbers", "30 days by the hour, one channel", _numbers(path, 30, step="hour", channel="web")  # fmt: skip


def _numbers(path: Path, days: int, **narrowed: str) -> Question:
    last = END.date()
    period = Period(first=last - timedelta(days=days - 1), last=last, now=NOW, idle=IDLE, **narrowed)  # fmt: skip

    def ask() -> object:
        with closing(reading(path)) as connection:
            return numbers(connection, period)

    return ask


def measured(kind: str, what: str, question: Question) -> Row:
    """Ask once without looking at the clock, then TIMES times with it."""
    question()
    times, spent = [], []
    for _ in range(TIMES):
        begun, worked = time.perf_counter(), time.process_time()
        question()
        spent.append(1000 * (time.process_time() - worked))
        times.append(1000 * (time.perf_counter() - begun))
    middle, late = TIMES // 2, TIMES * 95 // 100
    times.sort()
    spent.sort()
    row = Row(kind, what, times[middle], times[late], spent[middle], spent[late])
    print(row, file=sys.stderr, flush=True)
    return row


def table(rows: Sequence[Row]) -> str:
    """Return the times as a table in Markdown."""
    lines = [
        "| | question | p50 ms | p95 ms | CPU p50 | CPU p95 | at most |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.kind} | {row.what} | {row.p50:.1f} | {row.p95:.1f} | {row.cpu:.1f} | {row.cpu_p95:.1f} | {BOUNDS[row.kind]:.0f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
