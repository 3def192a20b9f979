"""
A small desk that nights are tried on: nineteen intents of the demo shop, eight examples each and four questions to each of their answers,
a held-out file for the gate.

Of each intent's other examples some are messages that customers may yet send, and some are kept: no night sees them, and they say
whether a champion got worse.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.languages import spoken
from benchmarks.pen import Log
from benchmarks.served import DEMO
from conversations.store import Store
from finetune.evaluation import Outcome as Answered
from finetune.examples import Example, read_examples, write_examples
from finetune.history import History
from finetune.progress import Nobody
from finetune.serving import outcomes
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.sealing import load

SMALL_TALK = {"greeting", "thanks", "goodbye", "talk_to_person"}
EXAMPLES, MESSAGES = 8, 12  # of each intent: learned at first, and for the nights; the rest is kept
QUESTIONS = 4  # of each answer
STRANGERS = 40  # examples out of scope
RISK = 0.05  # what `frontdesk retrain` is asked for by default
RETRAIN = (sys.executable, "-m", "bot.cli", "retrain", "--fast", "--no-topics", "--json", "--desk")


@dataclass(frozen=True, slots=True)
class Texts:
    """The shop's questions by their use, and `foreign` ones in Chinese."""

    examples: Sequence[Example]
    messages: Sequence[Example]
    kept: Sequence[Example]
    held_out: Sequence[Example]
    foreign: Sequence[Example]

    @classmethod
    def of(cls) -> Texts:
        """Take the intents that the mixed shop has in Chinese, too; which use a question has is drawn: who writes them ends with the hard ones."""
        chinese = [e for e in spoken("examples.csv")["zh"] if e.intent]
        intents = {e.intent for e in chinese} - SMALL_TALK
        first: list[Example] = []
        messages: list[Example] = []
        kept: list[Example] = []
        seen: Counter[str] = Counter()
        every = read_examples(DEMO / "examples.csv")
        Random(1).shuffle(every)  # noqa: S311 - chance that repeats
        for example in every:
            if example.intent in intents:
                number = seen[example.intent]
                use = first if number < EXAMPLES else messages if number < EXAMPLES + MESSAGES else kept  # fmt: skip
                use.append(example)
            elif example.intent == OUT_OF_SCOPE and seen[OUT_OF_SCOPE] < STRANGERS:
                first.append(example)
            seen[example.intent] += 1
        # As customers come: twenty labels of two intents alone are another kind of news, and a bad one for all the others.
        Random(0).shuffle(messages)  # noqa: S311 - chance that repeats
        asked = read_examples(DEMO / "heldout.csv")
        held_out = [e for e in asked if e.intent in {*intents, OUT_OF_SCOPE}]
        return cls(first, messages, kept, held_out, [e for e in chinese if e.intent in intents])

    @property
    def intents(self) -> list[str]:
        return sorted({e.intent for e in self.messages})


@dataclass(frozen=True, slots=True)
class Ended:
    """
    How `frontdesk retrain` ended: its exit code, its JSON (empty where it failed), why (the night's line in the desk's history, or
    where there is none the last thing that was said to people), and whether it crashed.
    """

    code: int
    told: Mapping[str, Any]
    why: str
    crashed: bool

    @property
    def outcome(self) -> str:
        return str(self.told.get("outcome", "failed"))


def make_small_desk(folder: Path, texts: Texts) -> Path:
    """Write the desk and train its first Release."""
    folder.mkdir(parents=True)
    write_examples(folder / "examples.csv", texts.examples)
    write_examples(folder / "heldout.csv", texts.held_out)
    rows = (DEMO / "templates.jsonl").read_text(encoding="utf-8").split("\n")
    answers = [json.loads(row) for row in rows if row.strip()]
    kept = [
        json.dumps(answer | {"questions": answer["questions"][:QUESTIONS]}, ensure_ascii=False)
        for answer in answers
        if answer["intent"] in texts.intents
    ]
    (folder / "templates.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    (folder / "desk.toml").write_bytes((DEMO / "desk.toml").read_bytes())
    first = retrained(folder)
    if first.code:
        raise RuntimeError(f"the small desk cannot be trained: {first.why}")
    return folder


def retrained(desk: Path, *words: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run a night as a timer does, as a process."""
    before = len(list(History(desk).lines()))
    run = subprocess.run(
        (*RETRAIN, str(desk), *words), capture_output=True, env={**os.environ, **(env or {})}, text=True, check=False
    )  # fmt: skip
    said = [line for line in run.stderr.splitlines() if line.strip()]
    noted = [line.why for line in History(desk).lines()][before:]
    why = (noted or said or [""])[-1].replace(str(desk), "the desk")
    crashed = "Traceback" in run.stderr or run.returncode < 0
    return Ended(run.returncode, json.loads(run.stdout or "{}"), why, crashed)


@contextlib.contextmanager
def written(desk: Path, at: datetime | None = None) -> Iterator[Log]:
    """Write in the desk's log, now or as if it were another time."""
    store = Store.open(
        desk / "desk.db",
        clock=lambda: at or datetime.now(UTC),
        new_id=lambda: uuid.uuid4().hex,
        session_idle=timedelta(hours=12),
    )
    with store:
        yield Log(store)


def state(desk: Path) -> tuple[str, list[str]]:
    """Return what a night may change: which Release serves, and which there are."""
    names = sorted(entry.name for entry in (desk / "releases").iterdir())
    return str((desk / "champion").readlink()), names


def asked(desk: Path, questions: Sequence[Example]) -> list[Answered]:
    """Return what the champion makes of questions."""
    return outcomes(load((desk / "champion").resolve()), questions, Nobody())


def right(answers: Sequence[Answered]) -> int:
    return sum(a.truth == a.predicted for a in answers)


def harmless(before: Sequence[Answered], after: Sequence[Answered]) -> bool:
    """
    Return whether the kept questions are understood as well as before, and no more answers wrong than was asked for.

    One question is the smallest difference there is, and is allowed for in both.
    """
    given = [a for a in after if a.answered]
    wrong = sum(a.truth != a.predicted for a in given) - 1
    earlier = [a for a in before if a.answered]
    share = sum(a.truth != a.predicted for a in earlier) / max(1, len(earlier))
    return right(after) >= right(before) - 1 and wrong <= max(RISK, share) * len(given)
