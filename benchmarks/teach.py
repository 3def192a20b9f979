"""
Teach once: from an operator's approval to the first customer served with it, through a real server over HTTP.

Twenty answers to questions that the demo shop has none for are taught one after the other while customers keep asking. After
each, a new customer asks the question, and another one asks it in other words. Then everything is taken back. Held-out
questions, which nobody taught, are asked before and after: what the teachings changed of them is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from benchmarks.parts import Bound, Given, Result, Step
from benchmarks.served import Server, fresh, questions, trained

SERVED_WITHIN = 2.0  # seconds from the approval to the first customer's answer
PAUSE = 0.1  # seconds between two questions of each customer who asks meanwhile
CUSTOMERS = 4

# A question that the shop has no answer to, and how somebody else asks it. Written once, before anything was measured.
NEW = (
    ("Do you wrap parcels as birthday presents?", "can you gift wrap it for a birthday"),
    ("Is there a loyalty card?", "do you have a loyalty card"),
    ("Can I come and try things on at your warehouse?", "may I try things on at the warehouse"),
    ("Do you sell umbrellas?", "do you have any umbrellas"),
    ("Are your jackets certified organic?", "are the jackets organic certified"),
    ("Do you rent out rain gear?", "can I rent rain gear from you"),
    ("Is there parking outside the shop?", "is there any parking at the shop"),
    ("Do you have a catalogue on paper?", "can I get a paper catalogue"),
    ("Can a school order in bulk from you?", "do you take bulk orders from schools"),
    ("Do you embroider names on coats?", "can you embroider a name on a coat"),
    ("Are you hiring at the moment?", "do you have any jobs at the moment"),
    ("Do you make coats for dogs?", "do you sell dog coats"),
    ("Can I pay with two cards?", "may I split the payment between two cards"),
    ("Who designs your prints?", "who is the designer of your prints"),
    ("Do you take part in trade fairs?", "will you be at any trade fairs"),
    ("Can I visit the workshop with a group?", "can our group visit the workshop"),
    ("Do you donate unsold clothes?", "what happens to unsold clothes, do you donate them"),
    ("Is the thread in your seams vegan?", "do you use vegan thread in the seams"),
    ("Do you sell spare buttons?", "can I buy spare buttons"),
    ("Is there wifi in the shop?", "does the shop have wifi"),
)  # fmt: skip


@dataclass
class Figures:
    """What was measured; seconds."""

    served: list[float] = field(default_factory=list)
    undone: list[float] = field(default_factory=list)
    right: int = 0
    reworded: int = 0
    reworded_otherwise: int = 0  # another answer than the taught one
    held_out: int = 0
    changed: int = 0
    changed_back: int = 0
    asked_meanwhile: int = 0

    @property
    def held(self) -> bool:
        whole = self.right == len(NEW) and self.changed_back == 0
        return whole and max(self.served) <= SERVED_WITHIN and max(self.undone) <= SERVED_WITHIN


@dataclass
class Shop:
    """The server as customers and an operator reach it."""

    session: ClientSession
    url: str
    token: str
    visitors: count[int] = field(default_factory=count)

    async def say(self, text: str) -> dict[str, Any]:
        """Ask as somebody who was never there."""
        body = {"visitor": f"v{next(self.visitors)}", "text": text}
        return await self._ask("POST", "messages", body)

    async def teach(self, number: int) -> str:
        question, _ = NEW[number]
        body = {
            "operator": "bench",
            "intent": f"new_{number}",
            "title": question,
            "text": f"The answer to number {number}.",
            "questions": [question],
        }
        taught = await self._ask("POST", "teachings", body)
        return str(taught["teaching_id"])

    async def undo(self, teaching_id: str) -> None:
        await self._ask("DELETE", f"teachings/{teaching_id}?operator=bench", None)

    async def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/v1/{path}"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            if response.status != 200:
                raise SystemExit(f"{method} {path}: {answer}")
            return answer


async def run(given: Path | None) -> Figures:
    with tempfile.TemporaryDirectory() as scratch:
        desk = fresh(trained(Path(scratch) / "trained", given), Path(scratch) / "desk")
        server = Server.of(desk)
        await server.start()
        try:
            async with ClientSession() as session:
                token = (desk / "operator.token").read_text().strip()
                return await measure(Shop(session, server.url, token))
        finally:
            await server.stop()


async def measure(shop: Shop) -> Figures:
    figures = Figures()
    before = await answers(shop)
    figures.held_out = len(before)
    async with customers(shop, figures):
        taught = [await approve(shop, number, figures) for number in range(len(NEW))]
    figures.changed = differing(before, await answers(shop))
    async with customers(shop, figures):
        for number, teaching_id in enumerate(taught):
            await take_back(shop, number, teaching_id, figures)
    figures.changed_back = differing(before, await answers(shop))
    return figures


async def approve(shop: Shop, number: int, figures: Figures) -> str:
    question, reworded = NEW[number]
    begun = time.monotonic()
    teaching_id = await shop.teach(number)
    answer = await shop.say(question)
    figures.served.append(time.monotonic() - begun)
    figures.right += answer["template_id"] == teaching_id
    other = await shop.say(reworded)
    figures.reworded += other["template_id"] == teaching_id
    figures.reworded_otherwise += other["template_id"] not in ("", teaching_id)
    return teaching_id


async def take_back(shop: Shop, number: int, teaching_id: str, figures: Figures) -> None:
    begun = time.monotonic()
    await shop.undo(teaching_id)
    answer = await shop.say(NEW[number][0])
    figures.undone.append(time.monotonic() - begun)
    if answer["template_id"] == teaching_id:
        raise SystemExit(f"{NEW[number][0]!r} was answered after it had been taken back")


async def answers(shop: Shop) -> list[tuple[str, str, str]]:
    """Return what the bot does about the held-out questions, each asked by somebody new."""
    said = [await shop.say(text) for text in questions()]
    return [(one["action"], one["template_id"], one["text"]) for one in said]


def differing(before: Sequence[object], after: Sequence[object]) -> int:
    return sum(one != other for one, other in zip(before, after, strict=True))


@asynccontextmanager
async def customers(shop: Shop, figures: Figures) -> AsyncIterator[None]:
    """Let a few customers ask for as long as the block lasts."""
    asked = questions()

    async def keep_asking(start: int) -> None:
        for number in count(start):
            await shop.say(asked[number % len(asked)])
            figures.asked_meanwhile += 1
            await asyncio.sleep(PAUSE)

    tasks = [asyncio.create_task(keep_asking(50 * number)) for number in range(CUSTOMERS)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def table(figures: Figures) -> str:
    facts = {
        "approval to first customer served": f"median {statistics.median(figures.served):.3f} s, "
        f"longest {max(figures.served):.3f} s (at most {SERVED_WITHIN:g})",
        "taken back to next customer": f"median {statistics.median(figures.undone):.3f} s, "
        f"longest {max(figures.undone):.3f} s (at most {SERVED_WITHIN:g})",
        "taught questions answered as taught": f"{figures.right} of {len(NEW)}",
        "asked in other words": f"{figures.reworded} of {len(NEW)} answered as taught, "
        f"{figures.reworded_otherwise} otherwise, the rest asked back or to a person",
        "held-out questions treated differently": f"{figures.changed} of {figures.held_out}; "
        f"after taking back {figures.changed_back}",
        "questions answered meanwhile": str(figures.asked_meanwhile),
    }
    return "\n".join(["| figure | result |", "|---|---|", *(f"| {k} | {v} |" for k, v in facts.items())])  # fmt: skip


def as_json(figures: Figures) -> dict[str, Any]:
    plain = {name: getattr(figures, name) for name in figures.__dataclass_fields__}
    return {"bench": "teach", "cores": os.cpu_count(), "held": figures.held, **plain}


def steps(_: Given) -> Iterator[Step]:
    """Return the one step; it is quick enough for a small run, too."""
    yield Step("teach", "Teach once", _taught)


def _taught() -> Result:
    figures = asyncio.run(run(None))
    served, undone = max(figures.served), max(figures.undone)
    within = f"at most {SERVED_WITHIN:g} s"
    verdicts = [
        Bound("approval to first customer served, longest", within, f"{served:.2f} s", served <= SERVED_WITHIN),
        Bound("taken back to next customer, longest", within, f"{undone:.2f} s", undone <= SERVED_WITHIN),
        Bound("taught questions answered as taught", "all", f"{figures.right} of {len(NEW)}", figures.right == len(NEW)),
        Bound("treated differently after taking back", "none", str(figures.changed_back), not figures.changed_back),
    ]  # fmt: skip
    return Result("Teach once", table(figures), (), verdicts, as_json(figures))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="approval to first customer served")
    parser.add_argument("--desk", type=Path, help="a trained demo desk; else one is trained first")
    figures = asyncio.run(run(parser.parse_args(arguments).desk))
    print(table(figures))
    print(json.dumps(as_json(figures)))
    sys.exit(0 if figures.held else 1)


if __name__ == "__main__":
    main()
