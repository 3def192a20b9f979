"""
Telegram on a bad day: updates that come twice and out of order to a server that is killed, and sends that go wrong in every way.

Everything is real but the model and Telegram, which is a server on loopback (`tests/fakes/telegram.py`).

- **Receiving** (`benchmarks.telegram_mortal`): each message has to be stored once, decided on once, and answered.
- **Sending**: answers meet faults by chance (`benchmarks.telegram_weather`). None may be lost, none sent before its chat's time, none
  more often than cut-off answers explain.
- **At most once**: answers that are cut off after they were taken, under `delivery = "at_most_once"`: none may arrive twice.
- **Tapping**: how soon a tapped button stops spinning while messages are answered beside it.
- **Formatting**: made-up answers through the renderer against a parser as strict as Telegram's.

    make bench-telegram
    python -m benchmarks.telegram --small        one minute instead of ten

The exit code is 1 where something that must hold does not. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

from benchmarks.telegram_mortal import FIRST_CHAT, Received, answered, message, receive
from benchmarks.telegram_server import TOKEN, quiet, serving
from benchmarks.telegram_weather import Chances, Weather, number_in
from bot.channels.telegram_client import quiet_logs
from bot.channels.telegram_text import MAX_TEXT, parts
from conversations.events import Decided, Delivered, Undeliverable
from conversations.log import EventLog
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_answers import answer
from tests.fakes.telegram_html import CannotParse, parse, units

WITHIN = 1800.0  # seconds for one part
EVERYTHING = 100_000  # events; more than any load writes
MOST_A_SECOND = 30
MOST_IN_TWENTY_SECONDS = 22  # to one chat: one a second, and the burst that a quiet one takes


@dataclass(frozen=True, slots=True)
class Load:
    """How much of everything. `once` are the sends under at_most_once."""

    updates: int
    kills: int
    sends: int
    chats: int
    once: int
    taps: int
    answers: int
    patience: tuple[int, int]  # seconds that a 429 asks for
    seed: int = 0


FULL = Load(
    updates=5000,
    kills=20,
    sends=2000,
    chats=200,
    once=300,
    taps=200,
    answers=10_000,
    patience=(1, 30),
)
SMALL = Load(
    updates=300, kills=4, sends=120, chats=40, once=40, taps=40, answers=1000, patience=(1, 3)
)


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What became of the answers.

    `unexplained` are copies that no cut-off answer explains; `given_up` the log says so of, where the chat had stopped the bot or, under
    at_most_once, where an answer was cut off; `early` are sends before a chat's time.
    """

    sends: int
    calls: int
    faults: dict[str, int]
    lost: int
    given_up: int
    doubled: int
    unexplained: int
    early: int
    reordered: int
    blocked_chats: int
    calls_to_blocked: int
    most_a_second: int
    most_in_twenty_seconds: int
    seconds: float

    @property
    def holds(self) -> bool:
        bad = self.lost, self.unexplained, self.early, self.reordered, self.calls_to_blocked
        paced = self.most_a_second <= MOST_A_SECOND
        return not any(bad) and paced and self.most_in_twenty_seconds <= MOST_IN_TWENTY_SECONDS


async def send(
    folder: Path, sends: int, load: Load, chances: Chances, *, at_least_once: bool = True
) -> Sent:
    """Let every chat ask, and every answer go out through the weather."""
    began = time.monotonic()
    async with FakeTelegram(TOKEN) as telegram, asyncio.timeout(WITHIN):
        weather = Weather(telegram, chances, Random(load.seed))  # noqa: S311 - the same each time
        telegram.weather = weather
        async with serving(folder, telegram.base_url, at_least_once=at_least_once) as (desk, _):
            for number in range(sends):
                telegram.delivers({"message": message(telegram, number, load.chats)})
            await telegram.wait_until(lambda: not telegram.pending, within=WITHIN)
            settled, given_up = await _settled(desk.log, sends)
        answers = answered(telegram, load.chats)
    doubled = {number: count - 1 for number, count in answers.items() if count > 1}
    return Sent(
        sends=sends,
        calls=sum(len(times) for times in weather.calls.values()),
        faults=dict(weather.faults),
        lost=sum(not answers[number] for number in settled - given_up),
        given_up=len(given_up),
        doubled=sum(doubled.values()),
        unexplained=sum(max(0, n - weather.executed[number]) for number, n in doubled.items()),
        early=weather.early,
        reordered=_reordered(telegram, load.chats),
        blocked_chats=len(weather.blocked),
        calls_to_blocked=weather.calls_to_blocked,
        most_a_second=weather.most_a_second,
        most_in_twenty_seconds=weather.most_in_twenty_seconds,
        seconds=round(time.monotonic() - began, 1),
    )


async def _settled(log: EventLog, sends: int) -> tuple[set[str], set[str]]:
    """Wait until the log says of every answer what became of it; return the numbers of all, and of those given up."""
    while True:
        events = [recorded.event for recorded in await log.events(0, EVERYTHING)]
        ends = {e.message_id: e for e in events if isinstance(e, Delivered | Undeliverable)}
        if len(ends) >= sends:
            break
        await asyncio.sleep(0.5)
    number = {e.message_id: number_in(e.text) for e in events if isinstance(e, Decided)}
    given_up = {number[of] for of, end in ends.items() if isinstance(end, Undeliverable)}
    return {number[of] for of in ends}, given_up


def _reordered(telegram: FakeTelegram, chats: int) -> int:
    """Return how many chats saw an answer for the first time after a later one."""
    seen = (
        list(dict.fromkeys(number_in(sent.text) for sent in telegram.sent_to(FIRST_CHAT + chat)))
        for chat in range(chats)
    )
    return sum(numbers != sorted(numbers) for numbers in seen)


async def tap(folder: Path, load: Load) -> list[float]:
    """Tap many thumbs while other messages are answered; return the seconds until each stopped spinning."""
    async with FakeTelegram(TOKEN) as telegram, asyncio.timeout(WITHIN):
        async with serving(folder, telegram.base_url):
            for number in range(load.taps):
                telegram.delivers({"message": message(telegram, number, load.taps)})
            await telegram.wait_until(
                lambda: len(answered(telegram, load.taps)) >= load.taps, within=WITHIN
            )
            began: dict[str, float] = {}
            for number in range(load.taps):
                telegram.delivers({"message": message(telegram, load.taps + number, load.taps)})
                thumb = telegram.sent_to(FIRST_CHAT + number)[0].buttons[-1][0][1]
                began[telegram.taps(FIRST_CHAT + number, thumb)] = time.monotonic()
                await asyncio.sleep(0.02)
            await telegram.wait_until(lambda: len(telegram.answers) >= load.taps, within=WITHIN)
            ended = {
                str(call.parameters["callback_query_id"]): call.at
                for call in telegram.called("answerCallbackQuery")
            }
    return [ended[query] - at for query, at in began.items()]


def unparsable(answers: int, seed: int) -> int:
    """Return how many made-up answers Telegram would refuse, or show otherwise than they were meant."""
    rng = Random(seed)  # noqa: S311 - makes up answers
    return sum(not _is_parsed(answer(rng)) for _ in range(answers))


def _is_parsed(text: str) -> bool:
    try:
        shown = [(parse(part.html)[0], part.plain) for part in parts(text)]
    except CannotParse:
        return False
    return all(seen == meant and 0 < units(seen) <= MAX_TEXT for seen, meant in shown)


async def measure(load: Load, folder: Path) -> tuple[dict[str, object], bool]:
    """Do all parts; return the figures, and whether everything holds."""
    received = await receive(folder / "received", load.updates, load.chats, load.kills, load.seed)
    _told("receiving", received)
    sent = await send(folder / "sent", load.sends, load, Chances(patience=load.patience))
    _told("sending", sent)
    cut = Chances(0.1, 0.0, 0.0, 0.0, 0.0, 0.0)
    once = await send(folder / "once", load.once, load, cut, at_least_once=False)
    _told("at most once", once)
    spun = await tap(folder / "taps", load)
    p50, p99 = (round(1000 * quantiles(spun, n=100)[at], 1) for at in (49, 98))
    refused = await asyncio.to_thread(unparsable, load.answers, load.seed)
    figures: dict[str, object] = {
        "receiving": asdict(received),
        "sending": asdict(sent),
        "at_most_once": asdict(once),
        "tap_answered_ms": {"p50": p50, "p99": p99, "taps": load.taps},
        "formatting": {"answers": load.answers, "refused": refused},
    }
    holds = received.holds and sent.holds and once.holds and not once.doubled
    return figures, holds and p99 <= 1000 and not refused


def _told(what: str, figures: Received | Sent) -> None:
    print(f"{what}: {figures}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and say whether everything holds."""
    parser = argparse.ArgumentParser(description="Telegram on a bad day")
    parser.add_argument("--small", action="store_true", help="one minute instead of ten")
    load = SMALL if parser.parse_args().small else FULL
    quiet()
    quiet_logs()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("received", "sent", "once", "taps"):
            (Path(folder) / name).mkdir()
        figures, holds = asyncio.run(measure(load, Path(folder)))
    print(json.dumps(figures | {"holds": holds}))
    raise SystemExit(0 if holds else 1)


if __name__ == "__main__":
    main()
