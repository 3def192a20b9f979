"""The demo shop as a stranger gets it: `frontdesk demo` as a process, and what its log says of each message."""

from __future__ import annotations

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from benchmarks.served import free_port, frontdesk
from bot.policy import Reason
from conversations.events import ActionKind, Decided, Event, Heard
from conversations.reader import Reader

PATIENCE = (
    300.0  # seconds for the first training; the figure that counts is measured, not enforced here
)


class Outcome(StrEnum):
    """What became of a question whose intent is known."""

    RIGHT = "template of the right intent"
    WRONG = "template of a wrong intent"
    OFFERED = "asked back, the right intent offered"
    CLARIFIED = "asked back, the right intent not offered"
    QUOTED = "quoted a page"
    PERSON = "a person offered or called"


def outcome(decided: Decided, intent: str) -> Outcome:
    """Return what became of a question of this intent; empty means out of scope."""
    asked_for_person = decided.reason == Reason.ASKED_FOR_PERSON  # the answer of that intent
    match decided.action:
        case ActionKind.HANDOFF if not asked_for_person:
            return Outcome.PERSON
        case ActionKind.CLARIFY if decided.reason == Reason.OUT_OF_SCOPE:
            return Outcome.PERSON
        case ActionKind.CLARIFY:
            offered = any(choice.value == intent for choice in decided.choices)
            return Outcome.OFFERED if offered else Outcome.CLARIFIED
        case _ if decided.source:
            return Outcome.QUOTED
        case _:
            return Outcome.RIGHT if decided.intent == intent else Outcome.WRONG


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop. `begun` is when its command was called, on the monotonic clock; `said` is its stderr."""

    folder: Path
    url: str
    begun: float
    process: Process
    said: Path

    @property
    def processor_seconds(self) -> float:
        """What the server has used so far, over all cores; beside other work the clock alone says little."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def events(self) -> list[Event]:
        with Reader.open(self.folder / "desk.db") as log:
            return [recorded.event for recorded in log.events()]

    def answer_to(self, text: str) -> Decided:
        """Return the decision on the latest message with this text."""
        events = self.events()
        heard = [e.message_id for e in events if isinstance(e, Heard) and e.text == text]
        return next(e for e in events if isinstance(e, Decided) and e.in_reply_to == heard[-1])

    async def say(self, session: ClientSession, text: str, visitor: str) -> dict[str, Any]:
        """Ask over the HTTP API."""
        body = {"visitor": visitor, "text": text}
        async with session.post(f"{self.url}/api/v1/messages", json=body) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            assert response.status == 200, answer
            return answer

    async def command(self, *words: str) -> tuple[int, str]:
        """Run a command on this desk as a process; return its exit code and stderr."""
        process = await frontdesk(*words, "--desk", str(self.folder), stdout=DEVNULL, stderr=PIPE)
        _, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, err.decode()


@asynccontextmanager
async def open_shop(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Shop]:
    """Call `frontdesk demo` on a free port and wait until it is ready; stopped at the end."""
    port, said = free_port(), folder.with_name("said")
    with said.open("wb") as stderr:
        begun = time.monotonic()
        process = await frontdesk(
            *("demo", "--port", str(port), "--folder", str(folder)), env=environment, stderr=stderr
        )
    try:
        shop = Shop(folder, f"http://127.0.0.1:{port}", begun, process, said)
        await _ready(shop)
        yield shop
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(shop: Shop) -> None:
    async with asyncio.timeout(PATIENCE), ClientSession() as session:
        while True:
            if shop.process.returncode is not None:
                raise SystemExit(f"frontdesk demo ended:\n{shop.said.read_text()}")
            try:
                async with session.get(f"{shop.url}/readyz") as response:
                    if response.status == 200:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.1)
