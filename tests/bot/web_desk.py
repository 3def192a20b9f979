"""A small desk for the web channel's tests: the real log, and an intake that answers by the book."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.channels.web import Web
from bot.channels.web_face import DeskFace
from bot.channels.web_identity import Vouching
from bot.intake import Busy, Hearing, checked
from conversations.conversation import fold
from conversations.events import (
    HUMAN,
    NEXT,
    NONE_OF_THESE,
    ActionKind,
    Choice,
    Decided,
    Heard,
    Rated,
    Recorded,
    Thumb,
    Utterance,
)
from conversations.log import EventLog, StorageUnavailable

SECRET = "the shop signs with these bytes, and no one else"
NAME = "Puddle & Pine"
GREETING = "Hello, this is the front desk of **Puddle & Pine**. What can we do for you?"
ANSWER = (
    "Parcels take **2 to 4 working days**. You can choose:\n"
    "- standard, €4.90, free from €75\n"
    "- express, next working day if ordered by 13:00\n"
    "\nMore at [the delivery page](https://puddleandpine.example/delivery)."
)
CHOICES = (
    Choice("Where is my parcel?", "order_status"),
    Choice("How long does delivery take?", "delivery_time"),
    Choice("None of these", NONE_OF_THESE),
)
SUGGESTION = Choice("How much is shipping?", f"{NEXT}delivery_cost")
TO_A_PERSON = "I am passing this to a person. They read along and will answer here."


class SmallIntake:
    """
    The intake over the log, with a fixed answer.

    `slow` waits until `go` is set; `parcel` asks back; `time` is answered with a suggestion;
    `person` hands off; `full` and `busy` are refused.
    """

    def __init__(self, log: EventLog, new_id: Callable[[], str]) -> None:
        self._log = log
        self._new_id = new_id
        self._turns: dict[str, asyncio.Task[Recorded]] = {}
        self.go = asyncio.Event()

    async def hear(self, utterance: Utterance) -> Hearing:
        checked(utterance.text)
        if utterance.text == "full":
            raise StorageUnavailable("no space left")
        if utterance.text == "busy":
            raise Busy
        heeded = await self._log.hear(utterance)
        heard = heeded.recorded.event
        assert isinstance(heard, Heard)
        if heard.message_id not in self._turns:
            turn = asyncio.create_task(self._answer(heeded.recorded, heard))
            self._turns[heard.message_id] = turn
        answer = self._turns[heard.message_id]
        return Hearing(heeded.recorded, heeded.visitor.visitor_id, heeded.fresh, answer)

    async def rate(
        self, message_id: str, value: str, comment: str, *, address: str | None, reason: str = ""
    ) -> bool:
        rated = await self._log.message(message_id)
        visitor = await self._log.visitor_of(rated.conversation_id) if rated else None
        if rated is None or visitor is None or visitor.address != address:
            return False
        thumb = Rated(message_id=message_id, value=Thumb(value), comment=comment, reason=reason)
        await self._log.append(rated.conversation_id, thumb)
        return True

    async def score(
        self, conversation_id: str, score: int, comment: str, *, address: str | None
    ) -> bool:
        raise AssertionError("the widget does not ask for a score")

    async def close(self) -> None:
        self.go.set()
        await asyncio.gather(*self._turns.values())

    async def _answer(self, recorded: Recorded, heard: Heard) -> Recorded:
        if heard.text.startswith("slow"):
            await self.go.wait()
        history = await self._log.history(recorded.conversation_id)
        with_person = fold(recorded.conversation_id, history).with_operator
        return await self._log.append(recorded.conversation_id, self._decision(heard, with_person))

    def _decision(self, heard: Heard, with_person: bool) -> Decided:
        action, text = ActionKind.REPLY, ANSWER
        choices: tuple[Choice, ...] = ()
        if with_person:
            action, text = ActionKind.SILENT, ""
        elif heard.chosen == HUMAN or "person" in heard.text:
            action, text = ActionKind.HANDOFF, TO_A_PERSON
        elif heard.text == "parcel":
            return self._decided(heard, ActionKind.CLARIFY, "Which do you mean?", CHOICES)
        elif heard.text == "time":
            choices = (SUGGESTION,)
        elif heard.text.startswith("echo "):
            text = heard.text.removeprefix("echo ")
        return self._decided(heard, action, text, choices)

    def _decided(
        self, heard: Heard, action: ActionKind, text: str, choices: tuple[Choice, ...]
    ) -> Decided:
        return Decided(
            message_id=self._new_id(),
            in_reply_to=heard.message_id,
            action=action,
            text=text,
            choices=choices,
        )


class Desk:
    """A running desk; `url` is its page."""

    def __init__(self, log: EventLog, intake: SmallIntake, channel: Web) -> None:
        self.log, self.intake, self.channel = log, intake, channel
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(self.channel.routes())
        return app


def ids(prefix: str) -> Callable[[], str]:
    counted = itertools.count(1)
    return lambda: f"{prefix}-{next(counted)}"


@asynccontextmanager
async def _made(
    path: Path,
    life: str,
    face: DeskFace | None,
    allowed: tuple[str, ...] = (),
    hello_within: float = 5.0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    telegram_link: Callable[[str], Awaitable[str]] | None = None,
) -> AsyncIterator[Desk]:
    async with EventLog.open(
        path,
        clock=clock,
        new_id=ids(f"s{life}"),
        session_idle=timedelta(hours=1),
    ) as log:
        intake = SmallIntake(log, ids(f"b{life}"))
        channel = Web(
            log=log,
            intake=intake,
            desk=face or DeskFace(NAME, GREETING, "shop"),
            new_token=ids(f"token-{life}"),
            allowed_origins=allowed,
            vouching=Vouching(SECRET, NAME),
            clock=clock,
            hello_within=hello_within,
            telegram_link=telegram_link,
        )
        yield Desk(log, intake, channel)
        await intake.close()


@asynccontextmanager
async def desk(
    path: Path,
    *,
    face: DeskFace | None = None,
    allowed: tuple[str, ...] = (),
    hello_within: float = 5.0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Desk]:
    """Make a desk on the log at `path` that follows it; who serves its `app()` is the test's affair."""
    async with _made(path, "1", face, allowed, hello_within, clock) as made:
        async with made.channel:
            yield made


@asynccontextmanager
async def served(
    path: Path,
    port: int,
    *,
    life: str = "1",
    face: DeskFace | None = None,
    beside: Sequence[web.RouteDef] = (),
    telegram_link: Callable[[str], Awaitable[str]] | None = None,
) -> AsyncIterator[Desk]:
    """Run a desk on a port of the loopback; `life` tells its ids from those of an earlier one, `beside` are other pages."""
    async with _made(path, life, face, telegram_link=telegram_link) as made:
        app = made.app()
        app.add_routes(beside)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            async with made.channel:  # closes its sockets before the runner waits for them
                await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
                made.url = f"http://127.0.0.1:{port}/"
                yield made
        finally:
            await runner.cleanup()
