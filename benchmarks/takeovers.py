"""
Takeovers: a thousand races between an answer on its way and two operators who want the same conversation.

A real server answers a visitor's question while, some time before or after it would, two operators take the conversation over. In every race one of
them must have it, the other must learn who, and the bot must say nothing after that: neither in the log, nor to whoever
asked. Then the loser takes it from the winner while the visitor writes again, and the same must hold.

    python -m benchmarks.takeovers                    some five minutes on two cores, with the training
    python -m benchmarks.takeovers --desk DIR         with the Release of a desk that is trained already
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientSession

from benchmarks.served import Server, fresh, questions, trained
from bot.desk import Desk

RACES = 500  # and as many for what the winner has
AT_ONCE = 4  # races
APART = 2.0  # times what the visitor's first answer took, in which the operators come: about as often before the next one as after it
TOLD = 100  # races between two lines of progress
OPERATORS = ("Ann", "Bob")


@dataclass(slots=True)
class Races:
    """What came of them: how often each was first, and what must not be."""

    first: Counter[str] = field(default_factory=Counter)  # "bot", or an operator
    late: int = 0  # words of the bot after a person had it
    double: int = 0  # races without one winner and one who learned the name
    run: int = 0

    @property
    def held(self) -> bool:
        return not self.late and not self.double


@dataclass(frozen=True, slots=True)
class Desks:
    """The server as a visitor and as operators reach it."""

    url: str
    token: str
    session: ClientSession

    async def say(self, visitor: str, text: str) -> dict[str, Any]:
        body = {"visitor": visitor, "text": text}
        async with self.session.post(f"{self.url}/api/v1/messages", json=body) as got:
            got.raise_for_status()
            return dict(await got.json())

    async def take(self, conversation: str, operator: str, **body: str) -> tuple[int, Any]:
        url = f"{self.url}/api/v1/conversations/{conversation}/take"
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"operator": operator, **body}
        async with self.session.post(url, json=body, headers=headers) as got:
            return got.status, await got.json()

    async def events(self, conversation: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/v1/conversations/{conversation}"
        async with self.session.get(url, headers=headers) as got:
            return list((await got.json())["events"])


async def race(desks: Desks, visitor: str, asked: Sequence[str], rng: Random, races: Races) -> None:
    """Run one race and the one for what its winner has."""
    begun = time.monotonic()
    conversation = (await desks.say(visitor, asked[0]))["conversation_id"]
    apart = APART * (time.monotonic() - begun)
    answer, *taken = await asyncio.gather(
        desks.say(visitor, asked[1]),
        *(_after(rng.uniform(0, apart), desks.take(conversation, one)) for one in OPERATORS),
    )
    winners = [body["owner"] for status, body in taken if status == 200]
    told = [body.get("owner") for status, body in taken if status == 409]
    races.double += not (len(winners) == 1 and told == winners)
    races.first[await _judge(desks, conversation, answer, races)] += 1
    if len(winners) == 1:
        [loser] = set(OPERATORS) - {winners[0]}
        again, (status, body) = await asyncio.gather(
            desks.say(visitor, asked[2]), desks.take(conversation, loser, expects=winners[0])
        )
        races.double += not (status == 200 and body["owner"] == loser)
        await _judge(desks, conversation, again, races)
    races.run += 1


async def _judge(desks: Desks, conversation: str, answer: Mapping[str, Any], races: Races) -> str:
    """Count what the bot said after a person had it, and return who was first."""
    events = await desks.events(conversation)
    at = [event["kind"] for event in events].index("taken")
    decided = [event for event in events if event["kind"] == "decided"]
    races.late += sum(e["action"] != "silent" and events.index(e) > at for e in decided)
    [own] = [event for event in decided if event["message_id"] == answer["message_id"]]
    races.late += own["action"] == "silent" and bool(answer.get("text"))
    return "bot" if events.index(own) < at else str(events[at]["operator"])


async def _after(seconds: float, doing: Any) -> Any:
    await asyncio.sleep(seconds)
    return await doing


async def measured(desk: Path, races: int, seed: int) -> Races:
    """Run so many races against a server of its own."""
    found, rng, asked = Races(), Random(seed), questions()  # noqa: S311 - chance that repeats
    server = Server.of(desk)
    await server.start()
    try:
        async with ClientSession() as session:
            desks = Desks(server.url, Desk.open(desk).operator_token(), session)

            async def runner(first: int) -> None:
                for number in range(first, races, AT_ONCE):
                    await race(desks, f"v{number}", rng.sample(asked, 3), rng, found)
                    if found.run % TOLD == 0:
                        print(f"{found.run:,} of {races:,} races", file=sys.stderr, flush=True)

            await asyncio.gather(*map(runner, range(AT_ONCE)))
    finally:
        await server.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description="answers on their way against operators who take over"
    )
    parser.add_argument("--desk", type=Path, help="a trained demo desk")
    parser.add_argument("--races", type=int, default=RACES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as scratch:
        given = trained(Path(scratch) / "trained", options.desk)
        desk = fresh(given, Path(scratch) / "desk")
        found = asyncio.run(measured(desk, options.races, options.seed))
    first = ", ".join(f"{who} {count:,}" for who, count in found.first.most_common())
    print(
        f"\n| races | first to decide or take | late answers | without one owner |\n|---|---|---|---|\n| {2 * found.run:,} | {first} | {found.late} | {found.double} |\n"
    )
    print(
        json.dumps(
            {
                "bench": "takeovers",
                "races": 2 * found.run,
                "first": dict(found.first),
                "late": found.late,
                "double": found.double,
                "seconds": round(time.monotonic() - begun, 1),
                "held": found.held,
            }
        )
    )
    if not found.held:
        raise SystemExit("not held")


if __name__ == "__main__":
    main()
