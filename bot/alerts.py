"""
Alerts: follows the log, and says when bad moods, a topic, hand-offs or unanswered questions rise beyond their season.

What was told, and up to when, is a note beside the log: after a restart the weeks before are read again in silence. An alert is written
down before anybody is told. Its examples are kept by id, so that a visitor who is erased is gone from them too.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

import structlog

from bot.breath import Breath
from conversations.events import ActionKind, Decided, Heard, Recorded, Visitor
from conversations.likeness import Likeness
from conversations.log import EventLog, LogError
from conversations.surges import STEP, WINDOWS, Detector, Surge
from retrieval.mood import NEGATIVE, mood_of
from retrieval.prediction import Verdict

PAUSE = 60.0  # seconds between two looks at the log
HISTORY = timedelta(weeks=8)  # read at a start
EVENTS = 400_000  # of the log at most; eight weeks of a thousand messages a day are 250,000
PAGE = 200  # decisions entered between two breaths of the server
KEPT = 100  # alerts
EXAMPLES = 5
NOTE, TOPIC = "alerts", "topic:"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """A message that is typical of an alert."""

    message_id: str
    conversation_id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """`seen` messages of a kind within `minutes`, where `expected` are usual; `seen_by` is empty while nobody has looked."""

    id: str
    at: str
    kind: str
    topic: str
    seen: int
    expected: float
    minutes: int
    examples: tuple[Example, ...]
    seen_by: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    visitor: str
    example: Example


Step = dict[str, list[_Said]]


@dataclass(slots=True)
class Alerts:
    """
    The alerts of a desk, kept up by `watch`.

    Args:
        tell: passes a new alert on; it may take its time, and must not raise.
    """

    log: EventLog
    clock: Callable[[], datetime]
    zone: tzinfo
    tell: Callable[[Alert], Awaitable[None]]
    _detector: Detector | None = None
    _alerts: list[Alert] = field(default_factory=list)
    _until: datetime | None = None  # steps that ended by then were told
    _open: tuple[str, ...] = ()
    _next: datetime | None = None  # the beginning of the first step that is not over
    _seq: int = 0
    _step: Step = field(default_factory=dict)
    _late: deque[Step] = field(default_factory=lambda: deque(maxlen=WINDOWS[-1]))

    async def watch(self) -> None:
        """Follow the log; runs until it is cancelled."""
        while True:
            try:
                await self.catch_up()
            except LogError as error:
                logger.warning("alerts could not be looked for", why=str(error))
            except Exception:  # a desk serves as well without them
                logger.exception("alerts were not looked for")
            await asyncio.sleep(PAUSE)

    async def catch_up(self) -> None:
        """Take in what the log has by now, and tell what rose in the steps that are over."""
        now = self.clock()
        if self._detector is None:
            await self._begin(now)
        fresh: list[Alert] = []
        breath = Breath()
        while page := await self.log.answered(self._seq, PAGE):
            fresh += await asyncio.to_thread(self._enter, page)
            await breath.take()
        fresh += await asyncio.to_thread(lambda: list(self._close(now)))
        self._alerts = [*self._alerts, *fresh][-KEPT:]
        await self._keep()
        for alert in fresh:
            logger.info("alert", kind=alert.kind, topic=alert.topic, seen=alert.seen)
            await self.tell(await self._worded(alert))

    async def all(self) -> list[Alert]:
        """Return the alerts with the words of their examples, the latest first."""
        return [await self._worded(alert) for alert in reversed(self._alerts)]

    async def look(self, alert_id: str, by: str) -> Alert | None:
        """Write down who has seen an alert first; None where there is none of that id."""
        for place, alert in enumerate(self._alerts):
            if alert.id == alert_id:
                self._alerts[place] = alert if alert.seen_by else replace(alert, seen_by=by)
                await self._keep()
                return await self._worded(self._alerts[place])
        return None

    async def _begin(self, now: datetime) -> None:
        if noted := await self.log.note(NOTE):
            kept = json.loads(noted)
            self._until, self._open = datetime.fromisoformat(kept["until"]), tuple(kept["open"])
            self._alerts = await told(self.log)
        else:
            self._until = now
        self._seq = max(0, await self.log.seq() - EVENTS)
        self._detector, self._next = Detector(self.zone, TOPIC), None

    async def _keep(self) -> None:
        assert self._detector is not None  # noqa: S101 - begun before anything is kept
        until = max(filter(None, (self._until, self._next)))
        alerts = [_row(alert) for alert in self._alerts]
        kept = {"until": until.isoformat(), "open": sorted(self._detector.open), "alerts": alerts}
        await self.log.keep_note(NOTE, json.dumps(kept, ensure_ascii=False))

    async def _worded(self, alert: Alert) -> Alert:
        """Return an alert with what its examples say now: nothing of a visitor who was erased."""
        said = [await self.log.message(one.message_id) for one in alert.examples]
        texts = [r.event.text if r and isinstance(r.event, Heard) else "" for r in said]
        pairs = zip(alert.examples, texts, strict=True)
        return replace(alert, examples=tuple(replace(e, text=text) for e, text in pairs if text))

    def _enter(self, page: Sequence[tuple[Visitor, Recorded, Heard | None]]) -> list[Alert]:
        found: list[Alert] = []
        for visitor, recorded, heard in page:
            self._seq = recorded.seq
            if not isinstance(recorded.event, Decided) or heard is None:
                continue
            if recorded.at < self.clock() - HISTORY:
                continue
            found += self._close(recorded.at)
            example = Example(heard.message_id, recorded.conversation_id, heard.text)
            for kind in kinds_of(recorded.event):
                self._step.setdefault(kind, []).append(_Said(visitor.visitor_id, example))
        return found

    def _close(self, now: datetime) -> Iterator[Alert]:
        """End the steps that are over by `now`; yields the alerts that nobody was told."""
        assert self._detector is not None and self._until is not None  # noqa: S101, PT018 - begun
        self._next = self._next or _floor(now)
        while self._next + STEP <= now:
            counts = {kind: [said.visitor for said in each] for kind, each in self._step.items()}
            self._late.append(self._step)
            surges = self._detector.step(self._next, counts)
            self._next, self._step = self._next + STEP, {}
            if self._next > self._until:
                yield from map(self._alert, surges)
            elif self._next + STEP > self._until:
                self._detector.reopen(self._open)

    def _alert(self, surge: Surge) -> Alert:
        late = list(self._late)[-surge.window :]
        said = [one.example for step in late for one in step.get(surge.kind, ())]
        kind, _, topic = surge.kind.partition(":")
        name = f"{surge.kind} {surge.at.isoformat()}"
        return Alert(
            id=sha256(name.encode()).hexdigest()[:16],
            at=surge.at.isoformat(),
            kind=kind,
            topic=topic,
            seen=surge.seen,
            expected=surge.expected,
            minutes=surge.window * int(STEP.total_seconds()) // 60,
            examples=tuple(typical(said)),
        )


async def told(log: EventLog) -> list[Alert]:
    """Return the alerts that a log's desk was told, the latest last; their examples have no words."""
    noted = await log.note(NOTE)
    return [_alert(row) for row in json.loads(noted)["alerts"]] if noted else []


def kinds_of(decided: Decided) -> list[str]:
    """Return what a decision counts as."""
    kinds = []
    if decided.mood is not None and mood_of(decided.mood) == NEGATIVE:
        kinds.append("negative")
    if decided.action is ActionKind.SILENT:
        return kinds
    if decided.action is ActionKind.HANDOFF:
        kinds.append("handoffs")
    if decided.verdict == Verdict.OUT_OF_SCOPE and decided.action is not ActionKind.REPLY:
        kinds.append("unanswered")
    elif decided.intent and decided.action in {ActionKind.REPLY, ActionKind.HANDOFF}:
        kinds.append(TOPIC + decided.intent)
    return kinds


def typical(said: Sequence[Example]) -> list[Example]:
    """Return the messages that most others are like, near-duplicates once; in whatever order they came."""
    said = sorted((one for one in said if one.text), key=lambda one: (one.text, one.message_id))
    alike = Likeness(one.text for one in said)
    for one in said:
        alike.add(one.text)
    chosen, known = list[Example](), Likeness(one.text for one in said)
    for one in sorted(said, key=lambda one: -alike.of(one.text)):
        if len(chosen) < EXAMPLES and not known.of(one.text):
            known.add(one.text)
            chosen.append(one)
    return chosen


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _row(alert: Alert) -> dict[str, Any]:
    bare = [{"message_id": e.message_id, "conversation_id": e.conversation_id} for e in alert.examples]  # fmt: skip
    return {**asdict(alert), "examples": bare}


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(**{**row, "examples": tuple(Example(**one) for one in row["examples"])})
