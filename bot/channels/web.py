"""
The web channel: the widget's page, its files, and its socket as a live view of the log.

A socket shows its visitor's events in the order of the log. It joins the room of its visitor first and reads
the history then, so that nothing falls in between; what comes twice is recognised by its seq. Sending has
nothing to do: what was decided is in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels import web_frames as frames
from bot.channels.channel import Outgoing
from bot.channels.file_uploads import Uploads
from bot.channels.origins import is_own
from bot.channels.problems import Problem
from bot.channels.web_asks import Ask, Csat, Hello, Malformed, Rate, Say, Seen, Types, parse
from bot.channels.web_assets import routes as asset_routes
from bot.channels.web_face import DeskFace
from bot.channels.web_http import VisitorRoutes
from bot.channels.web_identity import Vouching
from bot.channels.web_line import Line
from bot.channels.web_view import View
from bot.channels.web_visitors import CHANNEL, Entered, Visitors
from bot.hours import Standing
from bot.intake import Intake, NotHeard, decided
from bot.satisfaction import asks_for_score, ended_last
from bot.signals import Signals
from conversations.events import ActionKind, Heard, Recorded, Utterance, Visitor
from conversations.log import EventLog, LogError

MAX_FRAME = 64 * 1024  # bytes
HELLO_WITHIN = 10.0  # seconds
HEARTBEAT = 30.0  # seconds between pings; a pong may take half of it
SHOWN = 1000  # events of a visitor's past; some 600 messages, and the widget keeps 400
READABLE = {"Access-Control-Allow-Origin": "*"}  # the widget reads why, and tells the page's makers
CALM_AFTER = 0.8  # seconds without an answer, after which a line says that nobody was forgotten

logger = logging.getLogger(__name__)


class Web:
    """
    The channel. `async with` follows the log and closes the sockets (1012) at the end.

    Args:
        new_token: makes a visitor's secret, 256 bits; the log only ever sees its hash.
        vouching: what the identities that pages give are held against.
        allowed_origins: origins other than the server's own whose pages may embed the widget.
        network_of: see `bot.channels.networks`.
        standing: what a visitor may expect of the people behind the desk.
        loading: whether the model is not there yet.
        telegram_link: returns where the visitor at an address goes on in Telegram; None where that is off.
        telegram_named: whether Telegram has said the bot's name, without which there is no link.
    """

    name = CHANNEL

    def __init__(
        self,
        log: EventLog,
        intake: Intake,
        desk: DeskFace,
        new_token: Callable[[], str],
        *,
        allowed_origins: tuple[str, ...] = (),
        vouching: Vouching | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        hello_within: float = HELLO_WITHIN,
        network_of: Callable[[web.Request], str] = lambda _: "",
        signals: Signals | None = None,
        uploads: Uploads | None = None,
        standing: Callable[[], Standing] = Standing,
        loading: Callable[[], bool] = lambda: False,
        telegram_link: Callable[[str], Awaitable[str]] | None = None,
        telegram_named: Callable[[], bool] = lambda: True,
    ) -> None:
        self._log = log
        self._intake = intake
        self._desk = desk
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._clock = clock
        self._hello_within = hello_within
        self._network_of = network_of
        self._signals = signals or Signals()
        self._uploads = uploads or Uploads(log.files)
        self._standing = standing
        self._loading = loading
        self._lines: set[Line] = set()
        self._calming: set[asyncio.Task[None]] = set()
        self._closing = False
        self._view = View(log, self._signals, clock=clock, standing=standing)
        self._visitors = Visitors(
            log,
            vouching or Vouching(),
            clock=clock,
            new_token=new_token,
            here=self._view.rooms,
            vacate=self._view.vacate,
        )
        self._telegram_link = telegram_link
        self._telegram_named = telegram_named

    def routes(self) -> list[web.RouteDef]:
        asked = VisitorRoutes(
            log=self._log,
            visitors=self._visitors,
            uploads=self._uploads,
            welcomes=self._welcomes,
            desk=self._desk.name,
            zone=self._desk.zone,
            network_of=self._network_of,
            telegram_link=self._telegram_link,
        )
        assets = asset_routes(self._desk.page, self._desk.name)
        return [*assets, *asked.routes(), web.get("/ws", self._socket)]

    async def send(self, outgoing: Outgoing) -> str:
        """Do nothing: the sockets follow the log, and a visitor who is away finds it there."""
        return ""

    async def typing(self, visitor: Visitor) -> None:
        """Do nothing: whoever asked through a socket sees the turn run."""

    async def __aenter__(self) -> Self:
        await self._view.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        await self._view.__aexit__(kind, error, trace)
        for task in tuple(self._calming):
            task.cancel()
        await asyncio.gather(
            *self._calming,
            *(line.close(WSCloseCode.SERVICE_RESTART) for line in tuple(self._lines)),
            return_exceptions=True,
        )

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if not self._welcomes(request.headers.get("Origin", ""), request.host):
            raise web.HTTPForbidden(text="This page may not talk to this desk.", headers=READABLE)
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
            self._view.leave(line)
            await line.stop()
        return ws

    def _welcomes(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may open a socket; a missing or opaque origin may not."""
        if origin.lower() in self._allowed:
            return True
        return is_own(origin, host)

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
        self._view.join(line, entered.address)
        self._signals.looks_at(CHANNEL, line.address, hello.page.url, hello.page.title)
        history, with_person = await self._past(line.address)
        trouble = [frames.error("bad_identity", None, entered.trouble)] if entered.trouble else []
        face = self._welcome(entered, hello, history, with_person)
        missed = frames.replay(history, hello.seq if entered.kept else 0)
        await line.start([*trouble, face, *missed], history[-1].seq if history else 0)

    def _welcome(
        self, entered: Entered, hello: Hello, history: list[Recorded], with_person: bool
    ) -> frames.Frame:
        desk = self._desk
        return {
            **frames.welcome(
                entered.token,
                desk.name,
                desk.greeting_on(hello.page.url),
                frames.last_shown(history),
                with_person,
            ),
            **frames.who(self._view.recall(entered.address, history), self._standing()),
            "locale": desk.locale_for(hello.locale),
            "starters": frames.choices(desk.choices),
            "csat": asks_for_score(history, self._clock(), desk.idle),
            "telegram": self._telegram_link is not None and self._telegram_named(),
        }

    async def _past(self, address: str) -> tuple[list[Recorded], bool]:
        """Return what a visitor sees of all their conversations, and whether a person has the present one."""
        visitor = await self._log.visitor(CHANNEL, address)
        if visitor is None:
            return [], False
        current = await self._log.current(visitor.visitor_id)
        with_person = current is not None and await self._log.with_person(current)
        return await self._log.recent(visitor.visitor_id, SHOWN), with_person

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
            line.put(frames.refusal(_code(error), about, str(error)))
        except Problem as problem:
            line.put(frames.refusal(problem.code, about, problem.detail))
        except LogError as error:
            logger.warning("not kept: %s", error)
            line.put(frames.error("storage_unavailable", about))

    async def _do(self, line: Line, asked: Ask, about: str | None) -> None:
        if isinstance(asked, Types | Seen):
            self._note(line, asked)
            return
        if not line.allows():
            line.put(frames.error("rate_limited", about))
            return
        match asked:
            case Say() as say:
                await self._say(line, say)
            case Rate() as rate:
                await self._rate(line, rate)
            case Csat() as csat:
                await self._score(line, csat)
            case Hello():
                raise Malformed  # it is known who this is

    def _note(self, line: Line, asked: Types | Seen) -> None:
        """Take in what is of the moment only; where it comes too fast, it is dropped, and nobody misses it."""
        if not line.allows_notes():
            return
        match asked:
            case Types(on):
                self._signals.visitor_types(CHANNEL, line.address, on)
            case Seen(seq):
                self._signals.has_seen(CHANNEL, line.address, seq)

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
                files=await self._uploads.said(line.address, say.files),
            )
        )
        heard = hearing.recorded.event
        assert isinstance(heard, Heard)  # noqa: S101 - what a hearing holds, said once
        line.put(frames.ack(say.client_message_id, hearing.recorded, heard.message_id))
        self._signals.visitor_types(CHANNEL, line.address, on=False)
        if not hearing.answer.done():
            self._watch(line.address, hearing.answer)

    def _watch(self, address: str, answer: asyncio.Future[Recorded]) -> None:
        self._view.types(address, on=True)
        answer.add_done_callback(lambda _: self._view.types(address, on=False))
        calming = asyncio.create_task(self._calm(address, answer))
        self._calming.add(calming)
        calming.add_done_callback(self._calming.discard)

    async def _calm(self, address: str, answer: asyncio.Future[Recorded]) -> None:
        """Never answer with silence: say what is waited for, the model or a person."""
        await asyncio.wait({answer}, timeout=CALM_AFTER)
        if not answer.done():
            self._view.push(address, frames.status("loading" if self._loading() else "calm"))
            await asyncio.wait({answer})
        if answer.cancelled() or answer.exception():
            return
        if decided(answer.result()).action in {ActionKind.SILENT, ActionKind.HANDOFF}:
            self._view.push(address, frames.status("person", self._standing()))

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

    async def _score(self, line: Line, csat: Csat) -> None:
        history, _ = await self._past(line.address)
        ended = ended_last(history, self._clock(), self._desk.idle)
        scored = ended and await self._intake.score(
            ended, csat.score, csat.comment, address=line.address
        )
        if not scored:
            line.put(frames.error("bad_input", None, frames.SENTENCES["not_scored"]))


def _code(error: NotHeard) -> str:
    return "bad_input" if error.code == "empty" else error.code
