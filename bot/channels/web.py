"""
The web channel: the widget's page, its files, and its socket as a live view of the log.

A socket shows its visitor's events in the order of the log. It joins the room of its visitor first and reads
the history then, so that nothing falls in between; what comes twice is recognised by its seq. Sending has
nothing to do: what was decided is in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels import web_frames as frames
from bot.channels.channel import Outgoing
from bot.channels.web_asks import Hello, Malformed, Rate, Say, parse
from bot.channels.web_assets import routes as asset_routes
from bot.channels.web_frames import Frame
from bot.channels.web_identity import Vouching
from bot.channels.web_line import NOT_AN_EVENT, Line
from bot.channels.web_visitors import CHANNEL, Visitors
from bot.intake import Intake, NotHeard
from conversations.events import Erased, Heard, Joined, Recorded, Utterance, Visitor
from conversations.log import EventLog, LogError

MAX_FRAME = 64 * 1024  # bytes
HELLO_WITHIN = 10.0  # seconds
HEARTBEAT = 30.0  # seconds between pings; a pong may take half of it
SHOWN = 1000  # events of a visitor's past; some 600 messages, and the widget keeps 400
REMEMBERED = 10_000  # conversations whose visitor is known without asking
AGAIN = 0.5  # seconds until the log is asked again
_PORTS = {"http": 80, "https": 443}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskFace:
    """What a visitor sees of a desk."""

    name: str
    greeting: str
    page: Literal["shop", "plain"] = "plain"


@dataclass(frozen=True, slots=True)
class _Typing:
    """A turn of this visitor's began or ended; it passes through the queue of events, to keep their order."""

    address: str
    on: bool


class Web:
    """
    The channel. `async with` follows the log and closes the sockets (1012) at the end.

    Args:
        new_token: makes a visitor's secret, 256 bits; the log only ever sees its hash.
        vouching: what the identities that pages give are held against.
        allowed_origins: origins other than the server's own whose pages may embed the widget.
        network_of: see `bot.channels.networks`.
    """

    name = CHANNEL

    def __init__(
        self,
        log: EventLog,
        intake: Intake,
        desk: DeskFace,
        new_token: Callable[[], str],
        allowed_origins: tuple[str, ...] = (),
        vouching: Vouching | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        hello_within: float = HELLO_WITHIN,
        network_of: Callable[[web.Request], str] = lambda _: "",
    ) -> None:
        self._log = log
        self._intake = intake
        self._desk = desk
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._hello_within = hello_within
        self._network_of = network_of
        self._lines: set[Line] = set()
        self._rooms: dict[str, set[Line]] = {}  # by address
        self._turns: Counter[str] = Counter()  # running, by address
        self._events: asyncio.Queue[Recorded | _Typing] = asyncio.Queue()
        self._address_of: dict[
            str, str
        ] = {}  # by conversation; empty where it is another channel's
        self._closing = False
        self._visitors = Visitors(
            log,
            vouching or Vouching(),
            clock=clock,
            new_token=new_token,
            here=self._rooms,
            vacate=self._vacate,
        )

    def routes(self) -> list[web.RouteDef]:
        return [*asset_routes(self._desk.page, self._desk.name), web.get("/ws", self._socket)]

    async def send(self, outgoing: Outgoing) -> str:
        """Do nothing: the sockets follow the log, and a visitor who is away finds it there."""
        return ""

    async def typing(self, visitor: Visitor) -> None:
        """Do nothing: whoever asked through a socket sees the turn run."""

    async def __aenter__(self) -> Self:
        self._unsubscribe = self._log.subscribe(self._events.put_nowait)
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        self._unsubscribe()
        self._following.cancel()
        with suppress(asyncio.CancelledError):
            await self._following
        await asyncio.gather(
            *(line.close(WSCloseCode.SERVICE_RESTART) for line in tuple(self._lines))
        )

    # From the log to the sockets

    async def _follow(self) -> None:
        while True:
            match await self._events.get():
                case _Typing(address, on):
                    self._show_typing(address, on)
                case recorded:
                    await self._show(recorded)

    async def _show(self, recorded: Recorded) -> None:
        if isinstance(recorded.event, (Joined, Erased)):
            self._let_go(recorded)
            return
        frame = frames.live(recorded) if self._rooms else None
        if frame is not None:
            self._push(await self._visitor_in(recorded.conversation_id), frame, recorded.seq)

    def _let_go(self, recorded: Recorded) -> None:
        """A conversation is somebody else's now, or is gone: whoever looks at it comes back and sees what is theirs."""
        address = self._address_of.pop(recorded.conversation_id, "")
        if isinstance(recorded.event, Erased):
            self._vacate(address)

    def _show_typing(self, address: str, on: bool) -> None:
        self._turns[address] += 1 if on else -1
        if self._turns[address] == (1 if on else 0):
            self._push(address, frames.typing(on))
        if not self._turns[address]:
            del self._turns[address]

    def _push(self, address: str, frame: Frame, seq: int = NOT_AN_EVENT) -> None:
        for line in self._rooms.get(address, ()):
            line.put(frame, seq)

    async def _visitor_in(self, conversation_id: str) -> str:
        while conversation_id not in self._address_of:
            try:
                visitor = await self._log.visitor_of(conversation_id)
            except LogError as error:  # skipping the event would leave a gap
                logger.warning("who is in a conversation could not be read: %s", error)
                await asyncio.sleep(AGAIN)
                continue
            ours = visitor is not None and visitor.channel == CHANNEL
            self._remember(conversation_id, visitor.address if visitor and ours else "")
        return self._address_of[conversation_id]

    def _remember(self, conversation_id: str, address: str) -> None:
        if len(self._address_of) >= REMEMBERED:
            self._address_of.clear()
        self._address_of[conversation_id] = address

    # From a socket to the intake

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if not self._welcomes(request.headers.get("Origin", ""), request.host):
            raise web.HTTPForbidden(text="This page may not talk to this desk.")
        if self._closing:
            raise web.HTTPServiceUnavailable(text=frames.SENTENCES["restarting"])
        ws = web.WebSocketResponse(
            heartbeat=HEARTBEAT, max_msg_size=MAX_FRAME, compress=False, timeout=1.0
        )
        await ws.prepare(request)
        line = Line(ws, request.transport, self._network_of(request))
        self._lines.add(line)
        try:
            await self._serve(line)
        except ConnectionError:
            pass  # the visitor left while something was written
        finally:
            self._lines.discard(line)
            self._leave(line)
            await line.stop()
        return ws

    def _welcomes(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may open a socket; a missing or opaque origin may not."""
        if origin.lower() in self._allowed:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if parts.scheme not in _PORTS or not parts.netloc:
            return False
        default = f":{_PORTS[parts.scheme]}"
        return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)

    async def _serve(self, line: Line) -> None:
        hello = await self._hello(line)
        if hello is None:
            await line.close(WSCloseCode.POLICY_VIOLATION)
            return
        try:
            await self._resume(line, hello)
        except LogError as error:
            logger.warning("a visitor could not be let in: %s", error)
            await line.ws.send_str(frames.encode(frames.error("storage_unavailable")))
            await line.close(WSCloseCode.TRY_AGAIN_LATER)
            return
        async for message in line.ws:
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY} and not line.leaving:
                await self._take(line, message.data)

    async def _hello(self, line: Line) -> Hello | None:
        """Wait for the first sensible frame; None where it does not come in time."""
        with suppress(asyncio.TimeoutError):
            async with asyncio.timeout(self._hello_within):
                async for message in line.ws:
                    with suppress(Malformed):
                        first = parse(str(message.data))
                        if isinstance(first, Hello):
                            return first
                    await line.ws.send_str(frames.encode(frames.error("bad_input")))
        return None

    async def _resume(self, line: Line, hello: Hello) -> None:
        entered = await self._visitors.enter(hello.token, hello.identity)
        line.name = entered.name
        self._join(line, entered.address)
        history, with_person = await self._past(line.address)
        face = frames.welcome(
            entered.token,
            self._desk.name,
            self._desk.greeting,
            frames.last_shown(history),
            with_person,
        )
        trouble = [frames.error("bad_identity", None, entered.trouble)] if entered.trouble else []
        missed = frames.replay(history, hello.seq if entered.kept else 0)
        await line.start([*trouble, face, *missed], history[-1].seq if history else 0)

    async def _past(self, address: str) -> tuple[list[Recorded], bool]:
        """Return what a visitor sees of all their conversations, and whether a person has the present one."""
        visitor = await self._log.visitor(CHANNEL, address)
        if visitor is None:
            return [], False
        current = await self._log.current(visitor.visitor_id)
        with_person = current is not None and await self._log.with_person(current)
        history = await self._log.recent(visitor.visitor_id, SHOWN)
        for conversation_id in {recorded.conversation_id for recorded in history}:
            self._remember(conversation_id, address)
        return history, with_person

    def _vacate(self, address: str) -> None:
        """Close the sockets of an address; their browsers come back, as whoever they are now."""
        for line in tuple(self._rooms.get(address, ())):
            line.let_go(WSCloseCode.SERVICE_RESTART)

    def _join(self, line: Line, address: str) -> None:
        line.address = address
        self._rooms.setdefault(address, set()).add(line)

    def _leave(self, line: Line) -> None:
        room = self._rooms.get(line.address, set())
        room.discard(line)
        if not room:
            self._rooms.pop(line.address, None)

    async def _take(self, line: Line, data: str | bytes) -> None:
        """Do what one frame asks; whatever is wrong with it, the socket stays open."""
        about: str | None = None
        try:
            asked = parse(data if isinstance(data, str) else "")
            about = asked.client_message_id if isinstance(asked, Say) else None
            await self._do(line, asked, about)
        except Malformed as error:
            line.put(frames.error("bad_input", error.about))
        except NotHeard as error:
            line.put(frames.error(_code(error), about, str(error)))
        except LogError as error:
            logger.warning("not kept: %s", error)
            line.put(frames.error("storage_unavailable", about))

    async def _do(self, line: Line, asked: Hello | Say | Rate, about: str | None) -> None:
        if not line.allows():
            line.put(frames.error("rate_limited", about))
            return
        match asked:
            case Say() as say:
                await self._say(line, say)
            case Rate() as rate:
                await self._rate(line, rate)
            case Hello():
                raise Malformed  # it is known who this is

    async def _say(self, line: Line, say: Say) -> None:
        hearing = await self._intake.hear(
            Utterance(
                channel=CHANNEL,
                address=line.address,
                external_id=f"{line.address}:{say.client_message_id}",
                text=say.text,
                chosen=say.choice,
                name=line.name,
                network=line.network,
            )
        )
        heard = hearing.recorded.event
        assert isinstance(heard, Heard)  # noqa: S101 - what a hearing holds, said once
        line.put(frames.ack(say.client_message_id, hearing.recorded, heard.message_id))
        if not hearing.answer.done():
            self._watch(line.address, hearing.answer)

    def _watch(self, address: str, answer: asyncio.Future[Recorded]) -> None:
        self._events.put_nowait(_Typing(address, on=True))
        answer.add_done_callback(lambda _: self._events.put_nowait(_Typing(address, on=False)))

    async def _rate(self, line: Line, rate: Rate) -> None:
        known = await self._intake.rate(
            rate.message_id,
            rate.value,
            rate.comment,
            address=line.address,
            reason=rate.reason,
        )
        if not known:  # else the thumb comes back through the log, to every tab
            line.put(frames.error("bad_input", None, frames.SENTENCES["not_rated"]))


def _code(error: NotHeard) -> str:
    return "bad_input" if error.code == "empty" else error.code
