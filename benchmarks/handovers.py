"""
Hand-overs: random orders of what customers, operators and the clock do, held against what must be true of each.

In every order each customer who waits must hear of it once and not twice, nothing may be said while an operator writes or has just written, and
whatever the desk changes by itself must come with its sentence. No server takes part: what is decided is a pure function of the log and the time.

    python -m benchmarks.handovers                    100,000 orders, half a minute on one core
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from bot.hours import Hours, hours
from bot.patience import Does, Limits, Step, due
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
    Recorded,
)
from conversations.handling import Released, Snoozed, Taken
from conversations.handover import Holder
from conversations.notices import BOT_AGAIN, KEEP_WAITING, LEAVE_MESSAGE, Notice, Told
from conversations.waiting import Waiting, after

ORDERS = 100_000
LENGTH = 14  # events or ticks of the clock in an order
MONDAY = datetime(2026, 3, 2, 16, tzinfo=UTC)
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
WEEK = hours(dict.fromkeys(("monday", "tuesday"), "09:00-17:00"), (), UTC)
ALWAYS = hours({}, (), UTC)
OPERATORS = ("Ann", "Bob")
WAYS = tuple(Choice(way, way) for way in (BOT_AGAIN, LEAVE_MESSAGE, KEEP_WAITING))
MINUTES = (0.1, 1, 4, 6, 11, 25, 90)
MOVES = {Notice.GONE: Does.RELEASE, Notice.HANDED_BACK: Does.GIVE_BACK, Notice.BOT_AGAIN: Does.GIVE_BACK}  # fmt: skip


@dataclass(slots=True)
class Order:
    """One order, as it comes about; `faults` are what must not be."""

    rng: Random
    week: Hours
    now: datetime = MONDAY
    seq: int = 0
    state: Waiting = field(default_factory=Waiting)
    told: Counter[Notice] = field(default_factory=Counter)  # since the customer began to wait
    wrote: datetime | None = None  # when an operator last did
    writing: bool = False
    faults: list[str] = field(default_factory=list)
    said: Counter[Notice] = field(default_factory=Counter)  # over the whole order

    def run(self) -> Order:
        """Let so many things happen, and then nothing for long."""
        for _ in range(LENGTH):
            if self.rng.random() < 0.4:
                self.now += timedelta(minutes=self.rng.choice(MINUTES))
                self.writing = self.rng.random() < 0.1
            else:
                for event in self._anything():
                    self._append(event)
            self._tick()
        self.writing = False
        for _ in range(40):  # by the minute, so that nothing is a day late
            self.now += timedelta(minutes=1)
            self._tick()
        self._settled()
        return self

    def _anything(self) -> Iterator[Event]:
        chance, who = self.rng, self.rng.choice(OPERATORS)
        with_person = self.state.standing.with_person
        match chance.randrange(9):
            case 0 | 1 | 2:
                chosen = chance.choice(("", "", BOT_AGAIN, LEAVE_MESSAGE, KEEP_WAITING))
                said = f"m{self.seq}"
                yield Heard(message_id=said, external_id=said, text="so?", chosen=chosen)
                hands = not with_person and chance.random() < 0.7
                action = ActionKind.HANDOFF if hands else ActionKind.REPLY
                silent = ActionKind.SILENT if with_person else action
                yield Decided(message_id=f"d{said}", in_reply_to=said, action=silent, text="", choices=WAYS)  # fmt: skip
            case 3 | 4:
                yield Taken(operator=who)
            case 5 | 6:
                yield OperatorWrote(message_id=f"o{self.seq}", operator=who, text="Hello")
            case 7:
                until = self.now + timedelta(minutes=15)
                aside = Snoozed(operator=who, until=until.isoformat())
                yield chance.choice((Released(by=who), GivenBack(operator=who), aside))
            case _:
                yield Closed(reason="resolved", operator=who) if chance.random() < 0.2 else Released(by=who)  # fmt: skip

    def _append(self, event: Event) -> None:
        self.seq += 1
        before = self.state
        self.state = after(self.state, Recorded(self.seq, "c", self.now, event))
        if isinstance(event, OperatorWrote):
            self.wrote = self.now
        began = before.standing.holder is not Holder.WAITING and isinstance(event, Decided)
        if isinstance(event, OperatorWrote | GivenBack | Closed) or (
            began and self.state.standing.holder is Holder.WAITING
        ):
            self.told.clear()

    def _tick(self) -> None:
        for _ in range(4):
            if (step := self._due()) is None:
                return
            self._judge(step)
            match step.does:
                case Does.RELEASE:
                    self._append(Released(by="", reason="operator_gone"))
                case Does.GIVE_BACK:
                    self._append(GivenBack(operator=""))
                case Does.NOTHING:
                    pass
            self._append(Told(message_id=f"t{self.seq}", notice=step.notice, text="", choices=WAYS))
            self.told[step.notice] += 1
            self.said[step.notice] += 1
        self.faults.append("the desk does not come to rest")

    def _due(self) -> Step | None:
        return due(self.state, self.now, LIMITS, self.week, writing=self.writing)

    def _judge(self, step: Step) -> None:
        if step.does is not MOVES.get(step.notice, Does.NOTHING):
            self.faults.append(f"{step.notice} does {step.does}")
        if self.told[step.notice] and step.notice not in MOVES:  # of those each has its own move
            self.faults.append(f"{step.notice} is told twice")
        if self.writing:
            self.faults.append(f"{step.notice} is told while an operator writes")
        has_it = self.state.standing.holder is Holder.OPERATOR
        quiet = self.wrote is None or self.now - self.wrote >= timedelta(minutes=10)
        if has_it and not quiet:
            self.faults.append(f"{step.notice} is told when an operator has just written")

    def _settled(self) -> None:
        """Whoever still waits, while people are there, must have heard of it; whoever has it and is gone must have lost it."""
        if not self.week.open_at(self.now) or self.week.week:
            return
        if self.state.standing.holder is Holder.WAITING:
            heard = self.told[Notice.TOO_LONG] + self.told[Notice.GONE]
            if not heard:
                self.faults.append("somebody waits and was not told")
        awake = self.state.snoozed is None or self.state.snoozed < self.now
        if self.state.standing.holder is Holder.OPERATOR and awake:
            self.faults.append("an operator who is gone still has it")


def orders(count: int, seed: int) -> tuple[Counter[Notice], Counter[str]]:
    """Return what was told in so many random orders, and what must not have been."""
    said, faults = Counter[Notice](), Counter[str]()
    for number in range(count):
        rng = Random(f"{seed} {number}")  # noqa: S311 - chance that repeats
        order = Order(rng, ALWAYS if number % 2 else WEEK).run()
        said += order.said
        faults += Counter(order.faults)
    return said, faults


def main() -> None:
    parser = argparse.ArgumentParser(description="random orders of events and of the clock")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun = time.monotonic()
    said, faults = orders(options.orders, options.seed)
    print("| told | times |\n|---|---|")
    for notice, times in said.most_common():
        print(f"| {notice} | {times:,} |")
    print(
        json.dumps(
            {
                "bench": "handovers",
                "orders": options.orders,
                "told": said,
                "faults": faults,
                "seconds": round(time.monotonic() - begun, 1),
            }
        )
    )
    if faults:
        raise SystemExit("not held")


if __name__ == "__main__":
    main()
