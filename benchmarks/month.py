"""
A simulated month at a desk that starts with five examples an intent and learns every night.

A real server on loopback is asked three hundred messages a day, each by a new customer, and says what it says. A fifth of the customers
who got an answer give a thumb, which is right four times in five. An operator labels thirty messages of the review queue. At night
`frontdesk retrain` runs as it would from a timer, and its champion is measured on the set's test split. Beside it: the first day's
Release, which never learns, and a bot that has the same days and believes every thumb, without a teacher, caps or a gate.
"""

from __future__ import annotations

import asyncio
import json
import random
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession

from benchmarks.parts import Given
from benchmarks.served import Server, frontdesk
from finetune.build import Material, Options, build
from finetune.curriculum import curriculum
from finetune.evaluation import Evaluation, evaluate
from finetune.examples import Example, normalised, read_examples, write_examples
from finetune.nightly import by_teacher
from finetune.progress import Nobody, People
from finetune.serving import outcomes
from retrieval.prediction import OUT_OF_SCOPE, Prediction, Verdict
from retrieval.release import Release
from retrieval.sealing import load

MESSAGES = 300  # a day
SMALL_DAY = 60  # messages, in a small run
LABELS = 30  # of an operator, a day
RATERS = 0.2  # of the customers who got an answer
RIGHT = 0.8  # of the thumbs
AT_ONCE = 16  # customers who write at the same time
PATIENCE = 300.0  # seconds that a customer waits for an answer on a busy machine


@dataclass(frozen=True, slots=True)
class Course:
    """What a month is made of: the first examples, the messages of all days, and the questions that measure."""

    name: str
    first: Sequence[Example]
    messages: Sequence[Example]
    test: Sequence[Example]

    a_day: int = MESSAGES

    @classmethod
    def of(cls, name: str, given: Given) -> Course:
        """Draw the messages from the set's training texts, none twice and none that is among the first examples."""
        folder, a_day = given.datasets / name, SMALL_DAY if given.small else MESSAGES
        first, texts, test = (
            given.narrowed(read_examples(folder / f"{part}.csv"))
            for part in ("train_5", "train", "test")
        )
        known = {normalised(e.text) for e in first}
        drawn = [e for e in texts if normalised(e.text) not in known]
        random.Random(given.seed).shuffle(drawn)  # noqa: S311 - chance that repeats
        return cls(name, first, drawn[: given.nights * a_day], test, a_day)

    def days(self) -> Iterator[Sequence[Example]]:
        for start in range(0, len(self.messages), self.a_day):
            yield self.messages[start : start + self.a_day]


@dataclass(frozen=True, slots=True)
class Mark:
    """How good a bot was after a night, in percent: of in-scope questions understood, of all answered, of answers wrong."""

    accuracy: float
    coverage: float
    risk: float

    @classmethod
    def of(cls, measured: Evaluation) -> Mark:
        return cls(100 * measured.accuracy, 100 * measured.coverage, 100 * measured.risk)


@dataclass(frozen=True, slots=True)
class Night:
    """A night of the month; `thumbs` and `labels` are the day's, `seconds` those of the retrain."""

    outcome: str
    learning: Mark
    believing: Mark
    thumbs: int
    labels: int
    seconds: float


@dataclass
class Month:
    """
    What was measured: the first day, each night, and a Release of all labels at once.

    Where the encoder stays frozen, `tuned` is what the last night's lessons come to with a tuned one, and `tuned_all` what all labels do.
    """

    name: str
    first: Mark
    nights: list[Night] = field(default_factory=list)
    all_labels: Mark | None = None
    tuned: Mark | None = None
    tuned_all: Mark | None = None

    @property
    def largest_fall(self) -> float:
        """Points of live accuracy lost from one night to the next, at most."""
        live = [self.first.accuracy, *(night.learning.accuracy for night in self.nights)]
        return max((a - b for a, b in pairwise(live)), default=0.0)

    @property
    def gap(self) -> float | None:
        """Points that the last night falls short of training on all labels."""
        if not (self.all_labels and self.nights):
            return None
        return self.all_labels.accuracy - self.nights[-1].learning.accuracy

    @property
    def tuned_gap(self) -> float | None:
        """The same with a tuned encoder on both sides; None where it was not tried."""
        return (
            self.tuned_all.accuracy - self.tuned.accuracy if self.tuned_all and self.tuned else None
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "largest_fall": self.largest_fall, "short_of_all_labels": self.gap}


@dataclass
class Believer:
    """The bot that takes every thumb up for a label; it serves itself, in this process."""

    examples: list[Example]
    options: Options
    release: Release
    folder: Path

    @classmethod
    def of(cls, course: Course, options: Options, first: Release, folder: Path) -> Believer:
        return cls(list(course.first), options, first, folder)

    def day(
        self, messages: Sequence[Example], labels: Sequence[Example], chance: random.Random
    ) -> None:
        """Answer a day's messages, believe the thumbs, add the operator's labels, and train."""
        readings = self.release.read([m.text for m in messages])
        self.examples += list(labels)
        self.examples += [
            Example(message.text, reading.best.intent)
            for message, reading in zip(messages, readings, strict=True)
            if _answers(reading) and _thumb(reading.best.intent == message.intent, chance) == "up"
        ]
        built = build(Material(self.examples), self.options, Nobody())
        self.release = Release("believer", built.contents)


async def month(
    course: Course, desk: Path, options: Options, seed: int, nights: int, watch: People
) -> Month:
    """Live through the nights of a course at a new desk in an empty folder."""
    make_desk(course.name, course.first, desk)
    await command("retrain", "--desk", str(desk), *flags(options))
    first = load((desk / "champion").resolve())
    found = Month(course.name, _mark(first, course.test))
    chance, hers = random.Random(seed), random.Random(seed + 1)  # noqa: S311 - chance that repeats
    believer = Believer.of(course, options, first, desk)
    server = Server.of(desk)
    await server.start()
    try:
        async with ClientSession() as session:
            customers = Customers(
                session, server.url, (desk / "operator.token").read_text().strip()
            )
            for number, messages in zip(range(nights), course.days(), strict=False):
                thumbs = await customers.day(messages, chance, number)
                labels = await customers.label({normalised(m.text): m for m in course.messages})
                night = json.loads(
                    await command("retrain", "--desk", str(desk), "--json", *flags(options))
                )
                believer.day(messages, labels, hers)
                found.nights.append(
                    Night(
                        outcome=night["outcome"],
                        learning=_mark(load((desk / "champion").resolve()), course.test),
                        believing=_mark(believer.release, course.test),
                        thumbs=thumbs,
                        labels=len(labels),
                        seconds=night["seconds"],
                    )
                )
                watch.say(_line(number + 1, found.nights[-1]))
    finally:
        await server.stop()
    everything = Material([*course.first, *course.messages])
    found.all_labels = _built(everything, options, course.test)
    if options.fast:
        tuning = replace(options, fast=False)
        watch.say("  the last night and all labels once more, with the encoder tuned")
        lessons = curriculum(desk, by_teacher(options, watch), datetime.now(UTC))
        found.tuned = _built(lessons.material, tuning, course.test)
        found.tuned_all = _built(everything, tuning, course.test)
    return found


def _built(material: Material, options: Options, test: Sequence[Example]) -> Mark:
    return _mark(Release("measured", build(material, options, People()).contents), test)


def make_desk(name: str, examples: Sequence[Example], desk: Path) -> None:
    """Write a desk that has these examples, and one answer for each intent."""
    desk.mkdir(parents=True)
    write_examples(desk / "examples.csv", examples)
    intents = sorted({e.intent for e in examples} - {OUT_OF_SCOPE})
    rows = [{"id": i, "intent": i, "text": f"About {i.replace('_', ' ')}: ..."} for i in intents]
    (desk / "templates.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (desk / "desk.toml").write_text(f'name = "{name}"\n')


@dataclass
class Customers:
    """Everybody who writes to the desk over HTTP, its operator included."""

    session: ClientSession
    url: str
    token: str

    async def day(self, messages: Sequence[Example], chance: random.Random, day: int) -> int:
        """Ask a day's messages, each as a new customer, and return how many thumbs were given."""
        drawn = [(chance.random() < RATERS, chance.random() < RIGHT) for _ in messages]
        free = asyncio.Semaphore(AT_ONCE)

        async def ask(number: int, message: Example) -> bool:
            async with free:
                visitor = f"day {day} customer {number}"
                answer = await self.say(visitor, message.text)
                rates, rightly = drawn[number]
                if answer["action"] != "reply" or not rates:
                    return False
                up = (answer["intent"] == message.intent) == rightly
                await self.rate(answer["message_id"], "up" if up else "down")
                return True

        given = await asyncio.gather(*(ask(n, m) for n, m in enumerate(messages)))
        return sum(given)

    async def say(self, visitor: str, text: str) -> dict[str, Any]:
        """Write as a visitor and return the answer."""
        return await self._send({"visitor": visitor, "text": text})

    async def tap(self, visitor: str, choice: str) -> dict[str, Any]:
        """Answer the bot's question with one of its choices."""
        return await self._send({"visitor": visitor, "text": choice, "choice": choice})

    async def rate(self, message_id: str, value: str) -> None:
        await self._post("feedback", {"message_id": message_id, "value": value})

    async def label(self, truth: Mapping[str, Example]) -> list[Example]:
        """Label what the review queue asks for, as an operator who knows."""
        async with self.session.get(
            f"{self.url}/api/v1/review?limit={LABELS}", headers=self._operator
        ) as response:
            page = await response.json()
        labelled = [(t["message_id"], truth[normalised(t["text"])]) for t in page["tickets"]]
        for message_id, example in labelled:
            body = {"messages": [message_id], "intent": example.intent, "operator": "ann"}
            await self._post("review/decisions", body, self._operator)
        return [example for _, example in labelled]

    @property
    def _operator(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def _send(self, message: dict[str, str]) -> dict[str, Any]:
        """Send a message, as the widget does: again under its own id where a busy server asks for that."""
        body = {**message, "client_message_id": str(uuid4())}
        async with asyncio.timeout(PATIENCE):
            while True:
                status, answer = await self._ask("messages", body)
                if status != HTTPStatus.SERVICE_UNAVAILABLE:
                    assert status == HTTPStatus.OK, answer
                    return answer
                await asyncio.sleep(1.0)

    async def _post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        status, answer = await self._ask(path, body, headers)
        assert status == HTTPStatus.OK, answer
        return answer

    async def _ask(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        async with self.session.post(
            f"{self.url}/api/v1/{path}", json=body, headers=headers
        ) as response:
            return response.status, await response.json(content_type=None)


def _answers(reading: Prediction) -> bool:
    return reading.verdict is Verdict.CONFIDENT


def _thumb(right: bool, chance: random.Random) -> str:
    """Return up, down or nothing, as a customer gives it."""
    if chance.random() >= RATERS:
        return ""
    return "up" if right == (chance.random() < RIGHT) else "down"


def _mark(release: Release, test: Sequence[Example]) -> Mark:
    return Mark.of(evaluate(outcomes(release, test, Nobody())))


def flags(options: Options) -> list[str]:
    """Return the options as `frontdesk retrain` takes them."""
    return [*(["--fast"] if options.fast else []), "--seed", str(options.seed), "--no-topics"]


def _line(number: int, night: Night) -> str:
    ours, theirs = night.learning, night.believing
    return (
        f"  night {number}: {night.outcome}; {ours.accuracy:.1f} % understood, {ours.coverage:.1f} % answered, "
        f"{ours.risk:.1f} % of it wrong; believing every thumb {theirs.accuracy:.1f} / {theirs.coverage:.1f} / {theirs.risk:.1f}"
    )


async def command(*words: str) -> str:
    """Run a command of Frontdesk; return its stdout. A refusal by the gate is an outcome, not an error."""
    process = await frontdesk(*words, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    if process.returncode not in (0, 3):
        raise SystemExit(
            f"frontdesk {' '.join(words)} ended with {process.returncode}:\n{err.decode()}"
        )
    return out.decode()
