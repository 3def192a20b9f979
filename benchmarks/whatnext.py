"""
What next: whether suggestions name what is asked next, and whether what was asked before puts a question's choices in a better order.

A simulated log of the demo shop: customers who ask one to four matters, where a matter is followed by one of its usual sequels, or,
as often as NOISE says, by anything as popular as it is. On Telegram some follow otherwise than on the web. The counts are learned from the
log and asked about other customers of the same kind, beside the three most popular matters and the simulation's own numbers.

    make bench-next             a minute and a training; with a Release of the demo shop that is there already:
    python -m benchmarks.whatnext --release DIR
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import random
import tempfile
import time
import tracemalloc
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.answers import DESKS, trained
from bot import policy
from bot.policy import by_templates, decide
from bot.suggestions import MOST, SHARE, VISITORS
from bot.whatnext import WINDOW, WhatNext
from conversations.conversation import Conversation
from conversations.events import (
    ActionKind,
    Decided,
    Delivered,
    Heard,
    Recorded,
    Utterance,
    Visitor,
)
from conversations.log import EventLog
from conversations.sequels import Segment, Sequels
from retrieval.prediction import Candidate, Prediction, Verdict
from retrieval.release import Release
from retrieval.sealing import load

SEQUELS = {  # what usually follows in the shop, the commonest first
    "order_status": "delivery_time parcel_missing change_address",
    "delivery_time": "express_delivery order_status delivery_cost",
    "delivery_cost": "delivery_countries delivery_time pickup_point",
    "delivery_countries": "delivery_cost delivery_time return_item",
    "change_order": "cancel_order order_status",
    "cancel_order": "refund_status",
    "parcel_missing": "refund_status order_status",
    "item_damaged": "return_item refund_status warranty_claim",
    "wrong_item": "return_item exchange_size refund_status",
    "return_item": "refund_status return_window exchange_size",
    "return_window": "return_item gift_return refund_status",
    "exchange_size": "size_advice return_item",
    "size_advice": "exchange_size return_window kids_grow_on",
    "payment_failed": "payment_methods double_charge",
    "double_charge": "refund_status invoice",
    "discount_code": "student_discount loyalty_points voucher_balance",
    "voucher_buy": "voucher_balance delivery_time",
    "waterproof_rating": "reproofing washing_care size_advice",
    "washing_care": "reproofing waterproof_rating",
    "reproofing": "repair_request washing_care",
    "repair_request": "repair_status spare_parts warranty_claim",
    "repair_status": "repair_request opening_hours",
    "warranty_claim": "repair_request return_item",
    "login_problem": "change_account_details order_status",
    "visit_store": "opening_hours trade_in",
    "opening_hours": "visit_store",
}
ON_TELEGRAM = {  # where customers there go on otherwise
    "order_status": "delivery_time change_order",
    "return_item": "exchange_size return_window",
    "size_advice": "back_in_stock exchange_size",
    "opening_hours": "repair_status",
}
CHANNELS = ("web", "telegram")
STRENGTH = (6, 3, 2)  # of the sequels of a matter, by their place
NOISE = 0.4  # share of next matters that follow nothing
GOES_ON = 0.45  # share of customers who ask one more
LONGEST = 4
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TESTED = 4000  # customers that nothing was learned from
SIZES = (100, 300, 1000, 3000, 10000)
LEANINGS = (0.0, 0.1, 0.25, 0.5, 1.0)
CARD = 4000  # characters of an evidence card
LOOKS = 1000  # turns that ask what comes next
DRAWS = 20  # earlier matters drawn for each question


@dataclass(frozen=True, slots=True)
class World:
    """The customs of the simulated customers: how popular each matter is, and what follows it."""

    popular: Mapping[str, float]

    @classmethod
    def of(cls, intents: Sequence[str], chance: random.Random) -> World:
        own = sorted(set(intents))
        shuffled = chance.sample(own, len(own))
        return cls({intent: 1 / place for place, intent in enumerate(shuffled, start=2)})

    def next(self, before: str, channel: str) -> dict[str, float]:
        """Return the true share of each matter after one."""
        total = sum(self.popular.values())
        usual = (ON_TELEGRAM if channel == "telegram" else {}).get(before) or SEQUELS.get(before)
        noise = NOISE if usual else 1.0
        shares = {intent: noise * weight / total for intent, weight in self.popular.items()}
        for intent, strength in zip((usual or "").split(), STRENGTH, strict=False):
            of = sum(STRENGTH[: len((usual or "").split())])
            shares[intent] += (1 - noise) * strength / of
        return shares

    def customer(self, chance: random.Random) -> tuple[str, list[str]]:
        """Return a customer's channel and matters."""
        channel = chance.choices(CHANNELS, (3, 1))[0]
        asked = chance.choices(list(self.popular), list(self.popular.values()))
        while len(asked) < LONGEST and (len(asked) == 1 or chance.random() < GOES_ON):
            shares = self.next(asked[-1], channel)
            fresh = {intent: share for intent, share in shares.items() if intent not in asked}
            asked += chance.choices(list(fresh), list(fresh.values()))
        return channel, asked


def learned(customers: Sequence[tuple[str, list[str]]]) -> Sequels:
    """Return the counts of a log in which these customers asked."""
    sequels, seq = Sequels(), 0
    for number, (channel, asked) in enumerate(customers):
        visitor = Visitor(visitor_id=f"v{number}", channel=channel, address="")
        for intent in asked:
            seq += 1
            at = NOON + timedelta(seconds=seq)
            sequels.enter(visitor, Recorded(seq, "c", at, _reply(seq, intent)))
    return sequels


def _reply(seq: int, intent: str) -> Decided:
    return Decided(
        message_id=f"d{seq}",
        in_reply_to=f"m{seq}",
        action=ActionKind.REPLY,
        text="",
        intent=intent,
    )


@dataclass(slots=True)
class Tally:
    """How often the next matter was among those named, of the times that any was named, of all times."""

    hits: int = 0
    shown: int = 0
    times: int = 0

    def add(self, named: Sequence[str], intent: str) -> None:
        self.times += 1
        self.shown += bool(named)
        self.hits += intent in named

    def __str__(self) -> str:
        where = 100 * self.hits / max(1, self.shown)
        return f"{100 * self.hits / self.times:.1f} % | {100 * self.shown / self.times:.0f} % | {where:.1f} %"


def named(
    sequels: Sequels, before: Sequence[str], channel: str, visitors: int, share: float
) -> list[str]:
    """Return what would be suggested, with other minimums than those in force."""
    found = sequels.after(before, Segment(channel), visitors)
    enough = [s.intent for s in found if s.visitors >= visitors and s.share >= share]
    return [intent for intent in enough if intent not in before][:MOST]


def steps(customers: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str], str]]:
    for channel, asked in customers:
        for place in range(1, len(asked)):
            yield channel, asked[:place], asked[place]


def hit_rates(world: World, chance: random.Random) -> dict[str, float]:
    """Print how often the next matter is among the suggestions; return the share of hits with the minimums in force."""
    tested = [world.customer(chance) for _ in range(TESTED)]
    ceiling, popular = Tally(), Tally()
    by_popularity = sorted(world.popular, key=lambda intent: -world.popular[intent])
    for channel, before, intent in steps(tested):
        shares = world.next(before[-1], channel)
        best = sorted(shares, key=lambda one: -shares[one])
        ceiling.add([one for one in best if one not in before][:MOST], intent)
        popular.add([one for one in by_popularity if one not in before][:MOST], intent)
    found = {"popular": popular.hits / popular.times, "ceiling": ceiling.hits / ceiling.times}
    print("| learned from | at least | hit at 3 | suggested | hit where suggested |")
    print("|---|---|---|---|---|")
    print(f"| nothing: the three most popular | | {popular} |")
    for size in SIZES:
        sequels = learned([world.customer(chance) for _ in range(size)])
        for visitors, share in ((1, 0.0), (2, SHARE), (VISITORS, SHARE), (2 * VISITORS, SHARE)):
            tally = Tally()
            for channel, before, intent in steps(tested):
                tally.add(named(sequels, before, channel, visitors, share), intent)
            print(f"| {size:,} customers | {visitors} visitors, {share:.0%} | {tally} |")
            if visitors == VISITORS:
                found[str(size)] = tally.hits / tally.times
    print(f"| the simulation's own numbers | | {ceiling} |")
    return {name: round(rate, 4) for name, rate in found.items()}


def orders(release: Release, world: World, chance: random.Random) -> None:
    """Where the right intent stands among the choices, with and without what was asked before."""
    sequels = learned([world.customer(chance) for _ in range(3000)])
    rows = [row for row in _rows(DESKS["en"] / "heldout.csv") if row["intent"] in world.popular]
    readings = list(zip(release.read([r["text"] for r in rows]), rows, strict=True))
    cases = [
        (prediction, row["intent"], likely)
        for prediction, row in readings
        for likely in _likely(world, sequels, row["intent"], chance)
    ]
    unsure = [case for case in cases if case[0].verdict is Verdict.AMBIGUOUS]
    print("\n| leaning | asked back: first | among three | any verdict: first | among three |")
    print("|---|---|---|---|---|")
    for leaning in LEANINGS:
        policy.LEANING = leaning
        shares = " | ".join(f"{_first(of, 1)} | {_first(of, MOST)}" for of in (unsure, cases))
        print(f"| {leaning} | {shares} |")
    print(
        f"\n{len(unsure) // DRAWS} of {len(rows)} questions are asked back about, {DRAWS} draws each"
    )
    sure = [case for case in cases if case[0].verdict is not Verdict.AMBIGUOUS]
    nobody = Conversation("")
    moved = sum(decide(p, nobody, likely) != decide(p, nobody) for p, _, likely in sure)
    print(f"decisions on {len(sure)} other cases that moved: {moved}")


def _likely(
    world: World, sequels: Sequels, intent: str, chance: random.Random
) -> Iterator[dict[str, float]]:
    """Yield what is likely after a matter that a customer asked before this one."""
    weights = {
        before: popular * world.next(before, "web")[intent]
        for before, popular in world.popular.items()
        if before != intent
    }
    for before in chance.choices(list(weights), list(weights.values()), k=DRAWS):
        yield sequels.shares([before], Segment("web"))


def _first(cases: Sequence[tuple[Prediction, str, dict[str, float]]], places: int) -> str:
    def offered(prediction: Prediction, likely: dict[str, float]) -> list[Candidate]:
        return [c for c in by_templates(prediction, likely) if c.on_offer][:places]

    right = sum(i in {c.intent for c in offered(p, likely)} for p, i, likely in cases)
    return f"{100 * right / len(cases):.1f} %"


async def costs(
    release: Release, world: World, chance: random.Random, folder: Path
) -> dict[str, float]:
    """What it costs a server whose log holds as many events as are looked at: to begin, in memory, and in a turn."""
    customers = [world.customer(chance) for _ in range(WINDOW // 7)]
    async with EventLog.open(
        folder / "desk.db",
        clock=lambda: NOON,
        new_id=lambda: uuid.uuid4().hex,
        session_idle=timedelta(hours=12),
    ) as log:
        await asyncio.gather(*(_asks(log, number, one) for number, one in enumerate(customers)))
        whatnext = WhatNext(log, lambda: release, lambda: NOON)
        tracemalloc.start()
        await WhatNext(log, lambda: release, lambda: NOON).catch_up()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        begun, used = time.perf_counter(), time.process_time()
        await whatnext.catch_up()
        figures = {
            "events": await log.seq(),
            "start_s": round(time.perf_counter() - begun, 2),
            "start_cpu_s": round(time.process_time() - used, 2),
            "peak_mb": round(peak / 1e6, 1),
        }
        visitor = await log.visitor_of(await _conversation(log))
    assert visitor is not None
    looks = list(steps(customers))[:LOOKS]
    used = time.process_time()
    for _, before, _ in looks:
        whatnext.sequels(whatnext.course(visitor, before, "", NOON))
    return figures | {"look_cpu_ms": round(1e3 * (time.process_time() - used) / len(looks), 3)}


async def _asks(log: EventLog, number: int, customer: tuple[str, list[str]]) -> None:
    """Write a customer's turns, with cards as large as real ones."""
    channel, asked = customer
    for place, intent in enumerate(asked):
        said = Utterance(
            channel=channel, address=f"v{number}", external_id=f"{number}.{place}", text="?"
        )
        heard = (await log.hear(said)).recorded
        assert isinstance(heard.event, Heard)
        reply = replace(
            _reply(place, intent),
            message_id=uuid.uuid4().hex,
            in_reply_to=heard.event.message_id,
            evidence=json.dumps({"language": "", "rest": "x" * CARD}),
        )
        await log.append(heard.conversation_id, reply)
        await log.append(heard.conversation_id, Delivered(message_id=reply.message_id))


async def _conversation(log: EventLog) -> str:
    return (await log.events(0, 1))[0].conversation_id


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


async def main(folder: Path | None, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "release"
        release = load(folder) if folder else trained(made, DESKS["en"], fast=True)
        templates = release.contents.answers.templates
        world = World.of([t.intent for t in templates if t.on_offer and not t.hands_off], chance)
        hits = hit_rates(world, chance)
        orders(release, world, chance)
        cost = await costs(release, world, chance, Path(scratch))
    print(json.dumps({"benchmark": "whatnext", "hit_at_3": hits, **cost}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="what next")
    parser.add_argument("--release", type=Path, metavar="DIR", help="a Release of the demo shop")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asyncio.run(main(given.release, given.seed))
