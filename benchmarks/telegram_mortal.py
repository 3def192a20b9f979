"""Updates that come twice and out of order, to a server that is killed again and again; then its log is read with SQLite alone."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.served import free_port
from benchmarks.telegram_server import TOKEN
from benchmarks.telegram_weather import number_in
from tests.fakes.telegram import FakeTelegram

WITHIN = 1800.0  # seconds
FIRST_CHAT = 1000
LOOK = 0.1  # seconds between two looks at how far it is


@dataclass(frozen=True, slots=True)
class Received:
    """
    What became of the updates.

    `doubled` answers arrived twice, which a kill between the sending and the writing down causes; `out_of_order` messages were stored
    after a later one of their chat.
    """

    messages: int
    updates: int
    kills: int
    lost: int
    stored_twice: int
    decided_twice: int
    unanswered: int
    doubled: int
    pending_dropped: int
    out_of_order: int
    seconds: float

    @property
    def holds(self) -> bool:
        bad = self.lost, self.stored_twice, self.decided_twice, self.unanswered
        return not any((*bad, self.pending_dropped))


def queue(telegram: FakeTelegram, messages: int, chats: int, rng: Random) -> int:
    """Queue messages, 30 % of them two to five times and 10 % behind later ones; return how many updates that is."""
    places = [(float(number), number) for number in range(messages)]
    for late in rng.sample(range(messages), messages // 10):
        places[late] = (late + rng.uniform(1, 3 * chats), late)
    for again in rng.sample(range(messages), 3 * messages // 10):
        at = places[again][0]
        places += [(at + rng.uniform(0, messages / 4), again) for _ in range(rng.randint(1, 4))]
    for _, number in sorted(places):
        telegram.delivers({"message": message(telegram, number, chats)})
    return len(places)


def message(telegram: FakeTelegram, number: int, chats: int) -> dict[str, Any]:
    """Return the message of this number, which asks about an order of the same."""
    chat_id = FIRST_CHAT + number % chats
    telegram.meets(chat_id)
    return {
        "message_id": number // chats + 1,
        "date": 1,
        "text": f"where is order PP-{number:06}",
        "chat": {"id": chat_id, "type": "private", "first_name": "Ada"},
        "from": {"id": chat_id, "is_bot": False, "first_name": "Ada"},
    }


async def receive(folder: Path, messages: int, chats: int, kills: int, seed: int) -> Received:
    """Deliver everything to a server that dies `kills` times and changes to the webhook half way."""
    began = time.monotonic()
    async with FakeTelegram(TOKEN) as telegram, asyncio.timeout(WITHIN):
        updates = queue(telegram, messages, chats, Random(seed))  # noqa: S311 - the same each time
        await _outlive(telegram, folder, messages, chats, kills)
        answers = answered(telegram, chats)
        dropped = sum("drop_pending_updates" in c.parameters and c.parameters["drop_pending_updates"]
                      for c in telegram.calls)  # fmt: skip
    stored, decided_twice = await asyncio.to_thread(_read, folder / "desk.db")
    heard = Counter(number for _, number in stored)
    numbers = [f"{number:06}" for number in range(messages)]
    return Received(
        messages=messages,
        updates=updates,
        kills=kills,
        lost=sum(heard[number] == 0 for number in numbers),
        stored_twice=sum(heard[number] > 1 for number in numbers),
        decided_twice=decided_twice,
        unanswered=sum(answers[number] == 0 for number in numbers),
        doubled=sum(max(0, answers[number] - 1) for number in numbers),
        pending_dropped=dropped,
        out_of_order=_out_of_order(stored),
        seconds=round(time.monotonic() - began, 1),
    )


def answered(telegram: FakeTelegram, chats: int) -> Counter[str]:
    """Return how often each message was answered, by its number."""
    every = (sent for n in range(chats) for sent in telegram.sent_to(FIRST_CHAT + n))
    return Counter(number_in(sent.text) for sent in every)


async def _outlive(
    telegram: FakeTelegram, folder: Path, messages: int, chats: int, kills: int
) -> None:
    """Run one server after the other, until everything is confirmed and answered; half of them die while they hear, half while they send."""
    updates = len(telegram.pending)
    hook = f"http://127.0.0.1:{free_port()}/telegram/webhook"
    server = await _begin(folder, telegram, "")
    try:
        for kill in range(1, kills + 1):
            done = kill / (kills + 1)  # of all its work, when this one dies
            waiting = updates * max(0.0, 1 - 2 * done)
            sent = messages * max(0.0, 2 * done - 1)
            while len(telegram.pending) > waiting or _sent(telegram, chats) < sent:  # noqa: ASYNC110 - far more happens than has to be looked at
                await asyncio.sleep(LOOK)
            await _kill(server)
            server = await _begin(folder, telegram, hook if kill > kills // 4 else "")
        while telegram.pending or len(answered(telegram, chats)) < messages:  # noqa: ASYNC110 - the same
            await asyncio.sleep(LOOK)
        await asyncio.sleep(1)  # for whatever would come once more
    finally:
        await _kill(server)


def _sent(telegram: FakeTelegram, chats: int) -> int:
    return sum(len(telegram.sent_to(FIRST_CHAT + n)) for n in range(chats))


async def _begin(folder: Path, telegram: FakeTelegram, hook: str) -> Process:
    module = ("-m", "benchmarks.telegram_server")
    return await asyncio.create_subprocess_exec(
        sys.executable, *module, str(folder), telegram.base_url, "--webhook", hook
    )


async def _kill(server: Process) -> None:
    if server.returncode is None:
        server.send_signal(signal.SIGKILL)
        await server.wait()


def _read(database: Path) -> tuple[list[tuple[str, str]], int]:
    """Return what was heard, in order: the conversation and the number; and how many were decided on twice."""
    with closing(sqlite3.connect(database)) as log:
        heard = log.execute(
            "SELECT conversation_id, body FROM events WHERE kind = 'heard' ORDER BY seq"
        ).fetchall()
        [twice] = log.execute(
            "SELECT count(*) FROM (SELECT 1 FROM events WHERE kind = 'decided'"
            " GROUP BY in_reply_to HAVING count(*) > 1)"
        ).fetchone()
    return [
        (conversation, number_in(json.loads(body)["text"])) for conversation, body in heard
    ], twice


def _out_of_order(stored: list[tuple[str, str]]) -> int:
    latest: dict[str, str] = {}
    behind = 0
    for conversation, number in stored:
        behind += number < latest.get(conversation, "")
        latest[conversation] = max(number, latest.get(conversation, ""))
    return behind
