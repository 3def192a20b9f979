"""
What operators answered before to nearly the same: follows the log, and finds by meaning.

The exchanges (`conversations.exchanges`) are made anew at a start from the last events of the log, and again where somebody was erased;
in between they grow with it. Where their questions lie, the champion says, a few at a time, and again once it is another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import structlog

from bot.breath import Breath
from bot.context import leans
from bot.smalltalk import talk
from conversations.events import Erased, OperatorEdited, OperatorWrote, Recorded
from conversations.exchanges import Exchange, Exchanges, Near
from conversations.log import EventLog, LogError
from retrieval.prediction import Floats1d, Floats2d
from retrieval.teachings import Teachable

WINDOW = 100_000  # events that are looked at when it begins, some weeks of a busy desk
PAGE = 500  # events entered between two breaths of the server
PIECE = 8  # questions placed at once, so that customers' messages come between
AGAIN = 5.0  # seconds until it looks by itself, should a wake-up be lost
PATIENCE = 0.3  # seconds that somebody who asks waits for what was just said
NEAREST = 16  # exchanges that are looked at for one question
LEAST = 0.5  # how likely two questions mean the same, at least

logger = structlog.get_logger(__name__)


class Places(Protocol):
    """Whoever says where texts lie; `bot.champion.Champion` is one."""

    @property
    def sealed(self) -> Teachable: ...

    async def points(self, texts: Sequence[str]) -> tuple[Floats2d, Teachable]:
        """Return (n, dim) where texts lie, and the Release that says so."""
        ...


@dataclass(frozen=True, slots=True)
class _Placed:
    """Which exchanges lie where, by one Release; `points` is (n, dim)."""

    release: str = ""
    ids: tuple[str, ...] = ()
    points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))


class Precedents:
    """The index, kept up by `watch`; nothing is found before its first look."""

    def __init__(self, log: EventLog, places: Places) -> None:
        self._log = log
        self._places = places
        self._exchanges: Exchanges | None = None
        self._placed = _Placed()
        self._known: dict[str, Floats1d] = {}  # by text, of the Release that placed them
        self._reading, self._placing = asyncio.Lock(), asyncio.Lock()
        self._news = asyncio.Event()

    async def watch(self) -> None:
        """Follow the log; runs until it is cancelled."""
        leave = self._log.subscribe(self._note)
        try:
            while True:
                self._news.clear()
                await self._try()
                try:
                    async with asyncio.timeout(AGAIN):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            leave()

    async def catch_up(self) -> None:
        """Take in what the log has, and place what is new."""
        await self._follow()
        await self._place()

    async def find(self, text: str, *, but: Collection[str] = ()) -> list[Near]:
        """
        Return the exchanges whose questions mean what a text means, the likeliest first.

        Args:
            but: conversations to leave out.
        """
        if self._exchanges is None or not self._placed.ids:
            return []
        try:
            async with asyncio.timeout(PATIENCE):
                await self._follow()  # what was erased a moment ago is not found
        except (TimeoutError, LogError):
            return []
        [point], release = await self._places.points([text])
        placed, known = self._placed, self._exchanges.known
        if release.hash != placed.release:  # a new champion has not placed them yet
            return []
        return await asyncio.to_thread(_near, point, placed, known, but, release)

    def _note(self, recorded: Recorded) -> None:
        if isinstance(recorded.event, (OperatorWrote, OperatorEdited, Erased)):
            self._news.set()

    async def _try(self) -> None:
        try:
            await self.catch_up()
        except LogError as error:
            logger.warning("what operators answered was not read", why=str(error))
        except Exception:  # suggestions are a courtesy: without them the desk serves as well
            logger.exception("what operators answered was not taken in")

    async def _follow(self) -> None:
        async with self._reading:
            if self._exchanges is None or await self._enter(self._exchanges):
                self._exchanges = await self._anew()

    async def _anew(self) -> Exchanges:
        """Read the last events of the log, as often as somebody is erased meanwhile."""
        while True:
            until = await self._log.seq()
            exchanges = Exchanges(_asks_nothing, max(0, until - WINDOW))
            if not await self._enter(exchanges, until):
                return exchanges

    async def _enter(self, exchanges: Exchanges, emptied: int = 0) -> bool:
        """
        Take in page after page; true where somebody was erased of whom something may have been taken in.

        Args:
            emptied: the place up to which what was erased was gone already when it was read.
        """
        erased, breath = False, Breath()
        while page := await self._log.exchanged(exchanges.seq, PAGE):
            for visitor, recorded in page:
                exchanges.enter(visitor, recorded)
                erased |= isinstance(recorded.event, Erased) and recorded.seq > emptied
            await breath.take()
        return erased

    async def _place(self) -> None:
        """Have the champion say where the questions lie that it has not placed yet."""
        async with self._placing:
            if self._exchanges is None:
                return
            if self._placed.release != self._places.sealed.hash:
                self._known, self._placed = {}, _Placed(self._places.sealed.hash)
            texts = {key: _text(one) for key, one in self._exchanges.known.items()}
            wanted = [text for text in dict.fromkeys(texts.values()) if text not in self._known]
            breath = Breath()
            for start in range(0, len(wanted), PIECE):
                piece = wanted[start : start + PIECE]
                points, release = await self._places.points(piece)
                if release.hash != self._placed.release:
                    self._news.set()  # a new champion came in between: begin again
                    return
                self._known |= dict(zip(piece, points, strict=True))
                await breath.take()
            self._known = {text: self._known[text] for text in texts.values()}
            if tuple(texts) != self._placed.ids:
                rows = [self._known[text] for text in texts.values()]
                points = np.stack(rows) if rows else _Placed().points
                self._placed = _Placed(self._placed.release, tuple(texts), points)


def _near(
    point: Floats1d,
    placed: _Placed,
    known: Mapping[str, Exchange],
    but: Collection[str],
    release: Teachable,
) -> list[Near]:
    cosines = placed.points @ point
    found: list[Near] = []
    for row in np.argsort(-cosines, kind="stable"):
        likely = release.calibration.likeness.confidence(float(cosines[row]))
        if likely < LEAST or len(found) == NEAREST:
            break
        exchange = known.get(placed.ids[row])
        if exchange is not None and exchange.conversation_id not in but:
            found.append(Near(exchange, likely))
    return found


def _text(exchange: Exchange) -> str:
    """Return what a question says, with what came before it where its words show that they lean on that."""
    said = exchange.said[: exchange.said.index(exchange.question) + 1]
    return "\n".join(said[-2:]) if leans(exchange.question) else exchange.question


def _asks_nothing(text: str) -> bool:
    return talk(text) is not None
