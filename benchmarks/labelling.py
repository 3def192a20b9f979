"""
Labelling in the console: what the queue deals first, and how many labels a minute its page takes by the keyboard.

A Release learns ten examples of each intent, and a log holds what other customers asked; what is asked first by the queue is held
against what fifty messages drawn by chance would hold. Then a script labels by keys alone in a headless Chromium, on the page that
`frontdesk serve` gives: it knows each answer, so it needs no time to read, and its figure is what the page leaves to people.

    python -m benchmarks.labelling --datasets DIR [--set banking77] [--messages 1000] [--labels 60]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Locator, Page, expect

from benchmarks.pen import Log
from benchmarks.served import Server
from benchmarks.widget import chromium
from bot.desk import Desk
from bot.followed import Followed
from bot.reader import Reader
from bot.review import Page as Dealt
from bot.review import ReviewQueue
from conversations.log import EventLog
from conversations.store import Store
from finetune.build import Material, Options, build, seal
from finetune.examples import Example, distinct, read_examples
from finetune.progress import People
from retrieval.prediction import OUT_OF_SCOPE, Prediction, Verdict
from retrieval.sealing import load
from tests.bot.console_desk import LAPTOP, PASSWORD, staff

IDLE = timedelta(hours=12)
FIRST = 50  # tickets of the queue that are held against chance
TWICE = 2.0  # times the errors of chance that they hold at least
WANTED = 20.0  # labels a minute, at least
LOADING = 300_000  # milliseconds: the queue reads every message once, on a machine that does other work too


@dataclass(frozen=True, slots=True)
class Order:
    """How often the proposed label was wrong: among the first tickets of the queue, by why they were dealt, and in all messages."""

    tickets: int
    wrong: float
    messages: int
    by_chance: float
    reasons: Mapping[str, int]

    @property
    def times(self) -> float:
        return self.wrong / self.by_chance


@dataclass(frozen=True, slots=True)
class Pace:
    """What the page takes; `keys` are all keys pressed, `proposed` says how many labels took one key alone."""

    labels: int
    a_minute: float
    keys_a_label: float
    proposed: int
    searched: int


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    examples = read_examples(options.datasets / options.set / "train_10.csv")
    asked = asked_of(options.datasets / options.set / "test.csv", examples, options.messages)
    with tempfile.TemporaryDirectory() as folder:
        desk = made(Path(folder), examples)
        release = load(desk.shelf.champion.resolve())
        said(desk, release, [e.text for e in asked])
        truth = {e.text: e.intent for e in asked}
        order = asyncio.run(dealt(desk, release, truth))
        pace = asyncio.run(labelled(desk, truth, options.labels))
    print(table(options.set, order, pace))
    held = order.times >= TWICE and pace.a_minute >= WANTED
    figures = {
        "set": options.set,
        "order": {**asdict(order), "times": round(order.times, 2)},
        "pace": asdict(pace),
        "held": held,
        "load_average": round(os.getloadavg()[0], 1),  # what the pace is worth
    }
    print(json.dumps(figures))
    raise SystemExit(0 if held else 1)


def made(folder: Path, examples: Sequence[Example]) -> Desk:
    """Make a desk whose champion has learned the examples, and who may sign in."""
    (folder / "desk.toml").write_text("name = 'Labels'\n")
    desk = Desk.open(folder)
    built = build(Material(examples), Options(fast=True), People())
    scratch = desk.shelf.releases / "new"
    scratch.parent.mkdir(exist_ok=True)
    name = seal(built, scratch, Options(fast=True))
    scratch.rename(desk.shelf.releases / name)
    desk.shelf.promote(name)
    staff(desk)
    return desk


def said(desk: Desk, release: Reader, texts: Sequence[str]) -> None:
    """Write a conversation for each text, in which the bot did what the Release says."""
    numbers = count()
    opening = Store.open(
        desk.database,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: f"m{next(numbers)}",
        session_idle=IDLE,
    )
    with opening as store:
        log = Log(store)
        for text, reading in zip(texts, release.read(texts), strict=True):
            _answered(log, log.hear(text, address=text), reading)


def _answered(log: Log, heard: str, reading: Prediction) -> None:
    match reading.verdict:
        case Verdict.CONFIDENT:
            log.reply(heard, reading.best.intent)
        case Verdict.AMBIGUOUS:
            log.ask(heard, *(candidate.intent for candidate in reading.candidates[:3]))
        case Verdict.OUT_OF_SCOPE:
            log.hand_off(heard)


async def dealt(desk: Desk, release: Reader, truth: Mapping[str, str]) -> Order:
    """Return how wrong the labels are that the queue proposes first, and all of them."""
    opening = EventLog.open(
        desk.database, clock=lambda: datetime.now(UTC), new_id=str, session_idle=IDLE
    )
    async with opening as log:
        queue = ReviewQueue(log, Followed(log), lambda: release)
        first = await queue.page(FIRST)
    readings = release.read(list(truth))
    wrong = [
        reading.best.intent != meant
        for reading, meant in zip(readings, truth.values(), strict=True)
    ]
    return _order(first, truth, float(np.mean(wrong)))


def _order(first: Dealt, truth: Mapping[str, str], by_chance: float) -> Order:
    wrong = [one.prediction.best.intent != truth[one.ticket.text] for one in first.asked]
    reasons = [str(one.why) for one in first.asked]
    return Order(
        tickets=len(first.asked),
        wrong=float(np.mean(wrong)),
        messages=len(truth),
        by_chance=by_chance,
        reasons={reason: reasons.count(reason) for reason in sorted(set(reasons))},
    )


async def labelled(desk: Desk, truth: Mapping[str, str], labels: int) -> Pace:
    """Return how fast a script labels by the keyboard."""
    shown = {_words(text): meant for text, meant in truth.items()}
    async with _server(desk) as server, chromium() as browser:
        page = await browser.new_page(viewport=LAPTOP)
        await page.goto(f"{server.url}/console/review")
        await page.get_by_label("Name").fill("Mia")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator(".question").wait_for(timeout=LOADING)
        keys, proposed, searched = 0, 0, 0
        begun = time.monotonic()
        for number in range(labels):
            pressed = await _label(page, shown)
            keys += pressed
            proposed += pressed == 1
            searched += pressed > 2
            await expect(page.locator(".today strong").first).to_have_text(str(number + 1))
        seconds = time.monotonic() - begun
    return Pace(
        labels, round(60 * labels / seconds, 1), round(keys / labels, 2), proposed, searched
    )


@asynccontextmanager
async def _server(desk: Desk) -> Any:
    server = Server.of(desk.folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _label(page: Page, truth: Mapping[str, str]) -> int:
    """Give the question in focus its true label, as somebody would who knows it; returns how many keys that took."""
    question = page.locator(".question")
    text = await question.inner_text()
    meant = truth[_words(text)]
    keys = await _picked(page, meant)
    await page.keyboard.press("Enter")
    return keys + 1


async def _picked(page: Page, meant: str) -> int:
    """Pick a label, and return how many keys that took: none where it is picked already."""
    titles = [_title(one) for one in await page.locator(".choice .title").all_inner_texts()]
    picked = await page.locator(".choice:has(:checked) .title").all_inner_texts()
    if [_title(one) for one in picked] == [meant]:
        return 0
    if meant == OUT_OF_SCOPE:
        await page.keyboard.press("0")
        return 1
    if meant in titles:
        await page.keyboard.press(str(titles.index(meant) + 1))
        return 1
    return await _sought(page, meant)


async def _sought(page: Page, meant: str) -> int:
    """Find a label by its title."""
    await page.keyboard.press("/")
    await page.keyboard.type(meant)
    option = page.get_by_role("option").filter(has=page.locator("code", has_text=meant))
    keys = 1 + len(meant)
    while not await _selected(page.get_by_role("option", selected=True), meant):
        await expect(option.first).to_be_visible()
        await page.keyboard.press("ArrowDown")
        keys += 1
    await page.keyboard.press("Enter")
    return keys + 1


async def _selected(option: Locator, meant: str) -> bool:
    return await option.locator("code").inner_text() == meant


def _words(text: str) -> str:
    """Return a text as a page has it: white space is one space."""
    return " ".join(text.split())


def _title(words: str) -> str:
    """Return the intent of a title: these sets have no answers, and a title is the intent in words."""
    return words.strip().lower().replace(" ", "_")


def table(name: str, order: Order, pace: Pace) -> str:
    """Return the figures in Markdown."""
    return "\n".join(
        [
            f"| {name} | figure | wanted |",
            "|---|---|---|",
            f"| proposed labels that are wrong, first {order.tickets} of the queue | {100 * order.wrong:.1f} % | |",
            f"| the same by chance, {order.messages:,} messages | {100 * order.by_chance:.1f} % | |",
            f"| times as many | {order.times:.1f} | at least {TWICE:g} |",
            f"| labels a minute by the keyboard | {pace.a_minute:.0f} | at least {WANTED:g} |",
            f"| keys a label | {pace.keys_a_label:.1f} | |",
            f"| labels by Enter alone, of {pace.labels} | {pace.proposed} | |",
            f"| labels that had to be found by their title | {pace.searched} | |",
        ]
    )


def asked_of(file: Path, examples: Sequence[Example], most: int) -> list[Example]:
    """Return messages drawn from a file, none of which is an example."""
    known = {e.text for e in examples}
    pool = [e for e in distinct(read_examples(file)) if e.text not in known]
    drawn = np.random.default_rng(0).permutation(len(pool))[:most]
    return [pool[row] for row in drawn]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--set", default="banking77")
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--labels", type=int, default=60)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
