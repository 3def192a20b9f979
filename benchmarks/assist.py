"""
What operators are offered: how often the right reply is among the three, whether "how likely" is true, and what leaks.

Everything is asked of the real thing: a log, the demo shop's Release behind its queue, the index of past answers. Three parts:

- the gold questions (`benchmarks/gold/en`), which nothing learns from, as conversations that a person has: is the gold template, or the quoted
  fact, among the three;
- a simulated history: operators answered the shop's examples, each in words of their own and to a customer by name, one in ten beside the point;
  held-out questions are asked, and only what colleagues answered counts;
- the demo shop's 200 past conversations, asked again one by one: how many of their answers can be offered to others, and whether any of them
  still holds a name, a number or an address of whom it was written to.

    python -m benchmarks.assist                  trains the demo shop first, some minutes, or, with a Release that is there already:
    python -m benchmarks.assist --release DIR
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import json
import random
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.answers import DESKS, GOLD, trained
from bot.assist import LEAST, Circumstances, Origin, Suggestion, by_colleagues
from bot.assisting import Assistant
from bot.champion import Champion
from bot.config import read_settings
from bot.dialogue import Words
from bot.meters import Meters
from bot.precedents import Precedents
from bot.taking import Taking
from conversations.events import OperatorWrote, Utterance
from conversations.interchange import Side, read
from conversations.log import EventLog
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.template_files import read_templates

DEMO = DESKS["en"]
TIMED = 100  # whole requests whose time is measured, with that history
BESIDE = 0.1  # of the simulated answers are to another question
OWN = 0.3  # of its questions name an order, and their answers too
NAMES = ("Maren Lindqvist", "Piet Bakker", "Priya Raman", "Samuel Okafor", "Aiko Tanaka", "Jonas Weber", "Emilia Rossi", "Tomás Silva")  # fmt: skip
OPERATORS = {
    "Ines": "Hello {first}, thank you for writing. {text} Kind regards, Ines",
    "Kofi": "Hi {first}! {text}",
    "Maud": "{text} Shout if anything else comes up. Maud",
}
STREETS = " I have sent it to 12 Ropemaker Street, Cork."
PLACED = 0.05  # of its answers have a postal address
BINS = (
    0.0,
    0.25,
    0.5,
    0.75,
    0.9,
    1.01,
)  # of how likely, for the table that compares it with what was right


@dataclass
class Bench:
    """A desk in a folder of its own, with nobody on it but whom a benchmark plays."""

    log: EventLog
    assistant: Assistant
    precedents: Precedents
    words: Words
    release: Release
    answers: str = ""
    seconds: list[float] = field(default_factory=list)
    count: int = 0

    async def said(self, text: str, name: str = "", visitor: str = "") -> str:
        """Say something as a customer, a new one where none is named; gives the conversation."""
        self.count += 1
        utterance = Utterance(
            channel="web",
            address=visitor or f"v{self.count}",
            external_id=f"x{self.count}",
            text=text,
            name=name,
        )
        return (await self.log.hear(utterance)).recorded.conversation_id

    async def wrote(self, conversation_id: str, text: str, operator: str) -> None:
        wrote = OperatorWrote(message_id=uuid.uuid4().hex, operator=operator, text=text)
        await self.log.append(conversation_id, wrote)

    async def colleagues(self, text: str, but: str = "") -> list[Suggestion]:
        """Return what operators answered to nearly the same, and nothing else."""
        near = await self.precedents.find(text, but=(but,))
        known = self.words.known("", [text])
        found = by_colleagues(near, Circumstances(self.words, known, text, self.is_own))
        return [one for one in found if one.likely >= LEAST]

    def is_own(self, said: str) -> bool:
        return said.casefold() in self.answers

    async def assist(self, conversation_id: str) -> tuple[Suggestion, ...]:
        begun = time.perf_counter()
        found = await self.assistant.assist(conversation_id)
        self.seconds.append(time.perf_counter() - begun)
        return found.suggestions


@asynccontextmanager
async def bench(release: Release) -> AsyncIterator[Bench]:
    words = read_settings(DEMO / "desk.toml").words
    with tempfile.TemporaryDirectory() as folder:
        async with (
            EventLog.open(
                Path(folder) / "desk.db",
                clock=lambda: datetime.now(UTC),
                new_id=lambda: uuid.uuid4().hex,
                session_idle=timedelta(hours=12),
            ) as log,
            Champion(release, load=load, meters=Meters()) as champion,
        ):
            precedents = Precedents(log, champion)
            assistant = Assistant(log, Taking(champion), precedents, words)
            templates = read_templates(DEMO / "templates.jsonl")
            answers = "\n".join(one.text for one in templates).casefold()
            yield Bench(log, assistant, precedents, words, release, answers)


@dataclass
class Likely:
    """How likely suggestions were said to be, and whether they were right."""

    pairs: list[tuple[float, bool]] = field(default_factory=list)

    def rows(self) -> list[str]:
        found = []
        for low, high in itertools.pairwise(BINS):
            own = [pair for pair in self.pairs if low <= pair[0] < high]
            if own:
                said = statistics.mean(likely for likely, _ in own)
                right = statistics.mean(right for _, right in own)
                found.append(f"| {low:.0%} to {min(high, 1):.0%} | {len(own)} | {said:.1%} | {right:.1%} |")  # fmt: skip
        return found


async def gold(of: Bench) -> tuple[list[str], Likely, dict[str, float]]:
    """Whether the right template, page or second answer is among what is offered for questions that nothing learns from."""
    likely, lines = Likely(), list[str]()
    figures: dict[str, float] = {}
    first, among = list[bool](), list[bool]()
    answers = _answers(of)
    for row in _rows(GOLD / "en" / "templates.csv"):
        right = row["template"].split("|")
        if row["intent"] not in answers:  # asks for a person, or for nothing: no reply is right
            continue
        found = await of.assist(await of.said(row["text"]))
        likely.pairs += [
            (one.likely, one.template_id in right) for one in found if one.origin is Origin.TEMPLATE
        ]
        first.append(bool(found) and found[0].template_id in right)
        among.append(any(one.template_id in right for one in found))
    lines += [_line("gold template first", first), _line("- among the three", among)]
    figures |= {"first": _share(first), "among": _share(among)}
    quoted, paged = list[bool](), list[bool]()
    for row in _rows(GOLD / "en" / "knowledge.csv"):
        found = await of.assist(await of.said(row["question"]))
        own = [_plain(row["fact"]) in _plain(one.text) for one in found if row["page"]]
        pages = [one for one in found if one.origin is Origin.PAGE]
        paged += [bool(row["page"]) and _plain(row["fact"]) in _plain(one.text) for one in pages]
        if row["page"]:
            quoted.append(any(own))
    lines += [
        _line("a page's question: the fact is in one of the three", quoted),
        _line("- in a page that is offered", paged),
    ]
    second = []
    for number, row in enumerate(_rows(GOLD / "en" / "followups.csv")):
        here = await of.said(row["first"], visitor=f"f{number}")
        await of.wrote(here, "Let me see. It is as our page on that says, all the same.", "Ines")
        found = await of.assist(await of.said(row["second"], visitor=f"f{number}"))
        right = row["template"].split("|")
        read_at = {f"/pages/{one.removeprefix('page:')}" for one in right if "page:" in one}
        second.append(
            any(
                one.template_id in right or any(source.url in read_at for source in one.sources)
                for one in found
            )
        )
    lines.append(_line("second message, a person in between: right among the three", second))
    figures |= {"fact": _share(quoted), "page": _share(paged), "followup": _share(second)}
    return lines, likely, figures


async def simulated(of: Bench, chance: random.Random) -> tuple[list[str], Likely, dict[str, float]]:
    """What operators answered to the shop's examples, offered for held-out questions."""
    examples = [row for row in _rows(DEMO / "examples.csv") if row["intent"]]
    answers = _answers(of)
    rows = [row for row in chance.sample(examples, len(examples)) if row["intent"] in answers]
    owners: dict[str, str] = {}
    for row in rows:
        here, intent = await _exchange(of, row, answers, chance)
        owners[here] = intent
    await of.precedents.catch_up()
    likely, leaks = Likely(), 0
    first, among, shown = list[bool](), list[bool](), list[bool]()
    held_out = [row for row in _rows(DEMO / "heldout.csv") if row["intent"] in answers]
    for row in held_out:
        own = await of.colleagues(row["text"])
        right = [owners[one.precedent.conversation_id] == row["intent"] for one in own if one.precedent]  # fmt: skip
        likely.pairs += zip([one.likely for one in own], right, strict=True)
        leaks += sum(_leaks(one.text, row["text"]) for one in own)
        shown.append(bool(own))
        if own:
            first.append(right[0])
            among.append(any(right))
    for row in held_out[:TIMED]:
        await of.assist(await of.said(row["text"]))
    lines = [
        _line("held-out questions for which a colleague's answer is offered", shown),
        _line("- of the right intent, the first one", first),
        _line("- any", among),
        f"| names, numbers, mail addresses or streets of others in them | {leaks} | {sum(shown)} |",
    ]
    figures = {"offered": _share(shown), "right": _share(first), "leaks": float(leaks)}
    return lines, likely, figures


async def _exchange(
    of: Bench, row: Mapping[str, str], answers: Mapping[str, str], chance: random.Random
) -> tuple[str, str]:
    """Play one question and its answer; gives the conversation, and what was answered."""
    name, order = chance.choice(NAMES), f"PP-{chance.randrange(100_000, 999_999)}"
    has_order = chance.random() < OWN
    mail = f"{name.split()[0].lower()}{chance.randrange(100)}@post.example"
    here = await of.said(row["text"] + (f" My order is {order}." if has_order else ""), name)
    beside = chance.random() < BESIDE
    intent = chance.choice(sorted(answers)) if beside else row["intent"]
    operator = chance.choice(sorted(OPERATORS))
    text = answers[intent] + (f" I noted {order} and wrote to {mail}." if has_order else "")
    text += STREETS if chance.random() < PLACED else ""
    said = OPERATORS[operator].format(first=name.split()[0], text=text)
    await of.wrote(here, said, operator)
    return here, intent


def _answers(of: Bench) -> dict[str, str]:
    """Return what is answered to each intent: its first template that needs nothing, for nobody in particular."""
    found: dict[str, str] = {}
    for template in read_templates(DEMO / "templates.jsonl"):
        if not template.needs and not template.hands_off and template.on_offer:
            found.setdefault(template.intent, template.render({}))
    return found


async def past(of: Bench) -> tuple[list[str], dict[str, float]]:
    """The demo shop's past conversations, each asked again as somebody else's."""
    questions: list[tuple[str, str]] = []  # with the conversations that they are of
    known: dict[str, str] = {}
    for conversation in read(DEMO / "conversations.jsonl"):
        here, name = "", conversation.customer.name
        for turn in conversation.turns:
            if turn.side is Side.CUSTOMER:
                here = await of.said(turn.text, name, f"p{conversation.id}")
            elif here:
                await of.wrote(here, turn.text, turn.operator)
        known[here] = name
        questions.append((conversation.turns[0].text, here))
    await of.precedents.catch_up()
    offered, leaks, gaps = list[bool](), 0, 0
    names = {part for name in known.values() if name for part in name.split() if len(part) > 2}
    for text, here in questions:
        own = await of.colleagues(text, but=here)
        offered.append(bool(own))
        gaps += sum(bool(one.gaps) for one in own)
        leaks += sum(_leaks(one.text, text) or _names(one.text, names) for one in own)
    lines = [
        _line("past questions for which a colleague's answer is offered", offered),
        f"| of these answers with a gap to fill in | {gaps} | {sum(offered)} |",
        f"| names, numbers, mail addresses or streets of others in them | {leaks} | {sum(offered)} |",
    ]
    return lines, {"past_offered": _share(offered), "past_leaks": float(leaks)}


def _leaks(text: str, asked: str) -> bool:
    """Return whether a text has what no customer may read of another: looked for here in a way of its own."""
    codes = set(re.findall(r"(?:PP|R)-\d+|\d{6,}", text)) - set(re.findall(r"(?:PP|R)-\d+|\d{6,}", asked))  # fmt: skip
    example = {
        code for code in codes if code in {"PP-204817"}
    }  # the one that the shop's answers name
    people = any(part in text for name in NAMES for part in name.split())
    return bool(codes - example) or "@post.example" in text or "Ropemaker" in text or people


def _names(text: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / max(1, len(right)), 4)


def _line(name: str, right: Sequence[bool]) -> str:
    return f"| {name} | {100 * _share(right):.1f} % | {len(right)} |"


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _print(title: str, lines: Sequence[str], likely: Likely | None = None) -> None:
    print(f"\n{title}\n\n| | share | of |\n|---|---|---|", *lines, sep="\n")
    if likely is not None:
        print("\n| said to be likely | replies | mean | right |\n|---|---|---|---|", *likely.rows(), sep="\n")  # fmt: skip


async def measured(release: Release, seed: int) -> dict[str, Any]:
    """Measure the three parts, print their tables, and return the figures."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    async with bench(release) as of:
        lines, likely, figures = await gold(of)
        _print("Gold questions", lines, likely)
        await of.precedents.catch_up()
    async with bench(release) as of:
        lines, likely, more = await simulated(of, chance)
        _print("A simulated history", lines, likely)
        seconds = sorted(of.seconds)
        figures |= more | {
            "median_ms": round(1e3 * statistics.median(seconds), 1),
            "p95_ms": round(1e3 * seconds[int(0.95 * len(seconds))], 1),
        }
    async with bench(release) as of:
        lines, more = await past(of)
        _print("The shop's past conversations", lines)
    print(
        f"\nOne request: median {figures['median_ms']} ms, 95th percentile {figures['p95_ms']} ms"
    )
    return figures | more


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="what operators are offered")
    parser.add_argument("--release", type=Path, metavar="DIR", help="a Release of the demo shop")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "release"
        release = load(given.release) if given.release else trained(made, DEMO, fast=False)
        figures = asyncio.run(measured(release, given.seed))
    print(json.dumps({"bench": "assist", **figures}))


if __name__ == "__main__":
    main(sys.argv[1:])
