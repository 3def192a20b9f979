"""
The review queue: what operators are asked to label, the most teaching first.

It follows the log, reads what wants a label with the serving Release, and deals out as many tickets as somebody has time for: each
stands for a cluster of uncertain messages, with its near-duplicates, which the same decision settles. Where operators disagree comes
first of all, and one ticket in ten is a sample of ordinary traffic (`conversations.audit`): its label asks the gate what customers
ask today. Such a message waits for its own turn: it is not dealt out because it resembles an uncertain one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import structlog

from bot.followed import Followed
from bot.reader import Reader, sound
from conversations.audit import ONE_IN, drawn
from conversations.evidence import Signal
from conversations.log import EventLog
from conversations.progress import Share, progress
from conversations.review import Ticket, tickets
from conversations.text import normalised
from retrieval.prediction import Floats1d, Floats2d, Prediction
from retrieval.worth import ALIKE, most_teaching, twins, worth

WINDOW = (
    100_000  # events that are looked at, some weeks of a busy desk; labels are never lost by it
)
PAGE = 500  # events entered between two breaths of the server
POOL = 3_000  # tickets that are read by the Release at most: complaints first, then the latest
PIECE = 32  # texts read at once, so that customers' messages come between
KNOWN = 0.999  # cosine to an example from which a text is that example: it was taught already

logger = structlog.get_logger(__name__)


class Why(StrEnum):
    """What a ticket is in the queue for."""

    DISPUTED = "disputed"
    COMPLAINT = "complaint"
    NOT_UNDERSTOOD = "not_understood"
    AUDIT = "audit"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Asked:
    """A ticket as the queue deals it out; `twins` are other tickets that nearly say the same."""

    ticket: Ticket
    prediction: Prediction
    worth: float
    twins: Sequence[Ticket]

    @property
    def why(self) -> Why:
        if self.ticket.labels:
            return Why.DISPUTED
        if self.ticket.complaint:
            return Why.COMPLAINT
        if _sampled(self.ticket):
            return Why.AUDIT
        if any(e.signal is Signal.NOT_UNDERSTOOD for e in self.ticket.evidence):
            return Why.NOT_UNDERSTOOD
        return Why.UNCERTAIN


@dataclass(frozen=True, slots=True)
class Page:
    """What is dealt out, and how many tickets there are in all."""

    asked: Sequence[Asked]
    open: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as a Release read it."""

    point: Floats1d
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class _Pool:
    """Tickets with their readings, row by row; `points` is (n, dim)."""

    tickets: Sequence[Ticket]
    readings: Sequence[Prediction]
    points: Floats2d

    @property
    def intents(self) -> list[str]:
        return [reading.best.intent for reading in self.readings]


class ReviewQueue:
    """
    The queue of one desk.

    Args:
        serving: the Release that would read the next text.
    """

    def __init__(self, log: EventLog, followed: Followed, serving: Callable[[], Reader]) -> None:
        self._log = log
        self._followed = followed
        self._serving = serving
        self._read: dict[str, _Read | None] = {}  # by words; of one Release
        self._by = ""  # its hash
        self._one_at_a_time = asyncio.Lock()

    async def page(self, size: int) -> Page:
        """Return up to `size` tickets to label, the most teaching first."""
        pool = await self._pool()
        return await asyncio.to_thread(_page, pool, size)

    async def progress(self, since: datetime) -> list[Share]:
        """Return what each operator has decided since a time, who did most first."""
        return await self._followed.ask(lambda ledger: progress(ledger, since))

    async def similar(self, message_id: str, limit: int) -> list[Asked]:
        """Return the tickets that say nearly what an utterance says, whatever they are taken for, the nearest first."""
        pool = await self._pool()
        said = await self._log.message(message_id)
        text = getattr(said.event, "text", "") if said else ""
        if not text or not pool.tickets:
            return []
        read = await asyncio.to_thread(_reading, self._serving(), [text])
        if not (own := read[normalised(text)]):
            return []
        cosines = pool.points @ own.point
        near = [
            row
            for row in np.argsort(-cosines, kind="stable")
            if cosines[row] >= ALIKE and _may_follow(pool.tickets[row], message_id)
        ]
        return [
            Asked(pool.tickets[row], pool.readings[row], float(cosines[row]), ())
            for row in near[:limit]
        ]

    async def _pool(self) -> _Pool:
        async with self._one_at_a_time:
            found = await self._followed.ask(tickets)
            found.sort(key=lambda ticket: not (ticket.labels or ticket.complaint))
            found = found[:POOL]
            return _pool(found, await self._readings(found))

    async def _readings(self, found: Sequence[Ticket]) -> Mapping[str, _Read | None]:
        """Return the readings of all tickets by one Release, those that it has not read yet included."""
        release = self._serving()
        if release.hash != self._by:
            self._read, self._by = {}, release.hash
        unread = [t.text for t in found if normalised(t.text) not in self._read]
        for start in range(0, len(unread), PIECE):
            texts = unread[start : start + PIECE]
            self._read |= await asyncio.to_thread(_reading, release, texts)
        return self._read


def _reading(release: Reader, texts: Sequence[str]) -> dict[str, _Read | None]:
    """Read all together; where that fails one by one, so that a text that cannot be read, None, is missing alone."""
    try:
        points, words = release.heard(texts)
        readings = sound(release.judge(texts, points, words), len(texts))
    except Exception as error:  # noqa: BLE001 - the model may fail in any way
        if len(texts) > 1:
            return {key: one for text in texts for key, one in _reading(release, [text]).items()}
        logger.warning("not in the review: a message cannot be read", why=type(error).__name__)
        return {normalised(texts[0]): None}
    return {
        normalised(text): _Read(point, reading)
        for text, point, reading in zip(texts, points, readings, strict=True)
    }


def _pool(found: Sequence[Ticket], read: Mapping[str, _Read | None]) -> _Pool:
    """Return the tickets that could be read with their readings, without those whose words a trained example has."""
    rows = [(ticket, one) for ticket in found if (one := read[normalised(ticket.text)])]
    rows = [(t, one) for t, one in rows if t.labels or t.complaint or not _taught(one.prediction)]
    points = np.stack([one.point for _, one in rows]) if rows else np.zeros((0, 1), np.float32)
    return _Pool([t for t, _ in rows], [one.prediction for _, one in rows], points)


def _taught(reading: Prediction) -> bool:
    return bool(reading.neighbours) and reading.neighbours[0].similarity >= KNOWN


def _page(pool: _Pool, size: int) -> Page:
    if not pool.tickets:
        return Page((), 0)
    worths = worth(
        np.asarray([reading.signals.margin for reading in pool.readings], dtype=np.float32),
        np.asarray([ticket.complaint for ticket in pool.tickets], dtype=np.float32),
        np.asarray([len(ticket.said) for ticket in pool.tickets]),
    )
    chosen = _apart(pool, _dealt(pool, worths, size))
    groups = twins(pool.points, pool.intents, np.asarray(chosen))
    asked = [
        Asked(
            pool.tickets[row],
            pool.readings[row],
            float(worths[row]),
            [
                pool.tickets[twin]
                for twin in group
                if _settles(pool.tickets[row], pool.tickets[twin])
            ],
        )
        for row, group in zip(chosen, groups, strict=True)
    ]
    return Page(asked, len(pool.tickets))


def _apart(pool: _Pool, chosen: Sequence[int]) -> list[int]:
    """Return the rows without those that nearly say what an earlier one says: they come with it, and its decision settles them."""
    found: list[int] = []
    for row in chosen:
        if not any(_repeats(pool, leader, row) for leader in found):
            found.append(row)
    return found


def _repeats(pool: _Pool, leader: int, row: int) -> bool:
    same = pool.readings[leader].best.intent == pool.readings[row].best.intent
    near = float(pool.points[leader] @ pool.points[row]) >= ALIKE
    return same and near and _settles(pool.tickets[leader], pool.tickets[row])


def _sampled(ticket: Ticket) -> bool:
    """Whether a ticket is ordinary traffic, drawn for the audit."""
    return not (ticket.labels or ticket.complaint) and drawn(ticket.message_id)


def _settles(ticket: Ticket, twin: Ticket) -> bool:
    """
    Whether one decision may settle both: nobody argues about the twin, and either both are of the sample or neither is.

    A question of the gate whose near-duplicate was learned asks nothing, and one that was found by it is no sample.
    """
    return not twin.labels and _sampled(twin) == _sampled(ticket)


def _may_follow(ticket: Ticket, message_id: str) -> bool:
    """Whether a ticket may be shown for what it resembles, itself included."""
    return not _sampled(ticket) or any(one.heard.message_id == message_id for one in ticket.said)


def _dealt(pool: _Pool, worths: Floats1d, size: int) -> list[int]:
    """Return the rows of a page: disputes, the most teaching of the others, and what is drawn for the audit."""
    found = [row for row, ticket in enumerate(pool.tickets) if ticket.labels][:size]
    ordinary = [row for row, ticket in enumerate(pool.tickets) if _sampled(ticket)]
    taken = {*found, *ordinary}
    others = np.asarray([row for row in range(len(pool.tickets)) if row not in taken])
    left = size - len(found) - min(size // ONE_IN, len(ordinary))
    if len(others) and left > 0:
        found += others[most_teaching(pool.points[others], worths[others], left)].tolist()
    return found + ordinary[: size - len(found)]
