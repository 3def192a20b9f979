"""A desk in a folder, with a log that customers and an operator wrote through the real store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks.pen import Log as Log  # the tests of a desk take everything from here
from conversations.audit import drawn
from conversations.labels import Lesson
from conversations.reader import Reader
from conversations.store import Store
from finetune.build import Options
from finetune.examples import Example, write_examples
from finetune.night import Night, retrain
from finetune.nightly import contest
from finetune.progress import Nobody
from retrieval.learning import KEEP
from retrieval.template_files import template_row
from tests import tiny

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEWS = ("is the shop shut on monday", "shop shut today", "monday hours of the shop")
HELD_OUT = 3  # questions of each intent that only the gate asks


def clock() -> datetime:
    return NOON


def curated() -> list[Example]:
    return tiny.examples()


def held_out() -> list[Example]:
    """What a reader without a language can know: the curated questions, asked politely."""
    return [
        Example(f"{text} please", intent)
        for intent, texts in tiny.QUESTIONS.items()
        for text in texts[:HELD_OUT]
    ]


def poisoned() -> list[Example]:
    """Every intent's questions under the name of the next."""
    names = list(tiny.QUESTIONS)
    following = dict(zip(names, names[1:] + names[:1], strict=True))
    return [Example(e.text, following.get(e.intent, "")) for e in curated()]


def make_desk(folder: Path) -> Path:
    write_examples(folder / "examples.csv", curated())
    write_examples(folder / "heldout.csv", held_out())
    rows = (json.dumps(template_row(t)) for t in tiny.TEMPLATES)
    (folder / "templates.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "pages").mkdir()
    (folder / "pages" / "wool.md").write_text(f"# Wool care\n\n{tiny.PASSAGES[0].text}\n")
    return folder


def open_log(desk: Path, *, sampled: bool = False, at: datetime = NOON) -> Store:
    """
    Open the desk's log; `with open_log(desk) as store: Log(store).hear(...)`.

    Args:
        sampled: every utterance is in the audit sample; else none is.
        at: when all of it happens.
    """
    names = (f"id{number}" for number in count(1 + 10 * _events(desk / "desk.db")))
    ids = (name for name in names if drawn(name) == sampled)
    return Store.open(
        desk / "desk.db",
        clock=lambda: at,
        new_id=lambda: next(ids),
        session_idle=timedelta(hours=1),
    )


def _events(database: Path) -> int:
    if not database.is_file():
        return 0
    with Reader.open(database) as log:
        return log.seq()


def teach(desk: Path, *texts: str, intent: str) -> None:
    """Let customers say these texts, and an operator label them."""
    with open_log(desk) as store:
        Log(store).labelled(texts, intent)


def unguarded(_: object, weak: Sequence[Lesson], __: object) -> list[str]:
    """A defence that objects to nothing."""
    return [""] * len(weak)


def night(
    desk: Path,
    options: Options,
    at: Callable[[], datetime] = clock,
    *,
    dry_run: bool = False,
    hold: bool = False,
    keep: int = KEEP,
    relabelled: bool = False,
) -> Night:
    """Retrain the desk in this process."""
    return retrain(
        desk,
        lambda: contest(desk, options, at, Nobody(), relabelled=relabelled),
        dry_run=dry_run,
        hold=hold,
        keep=keep,
        clock=at,
    )
