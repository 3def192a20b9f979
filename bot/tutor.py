"""The tutor: puts what operators teach in force on the champion, within the moment that reading a question takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType

import structlog

from bot.answers import Change, Means, save, supposed
from bot.champion import Champion, OverlayFor
from bot.teaching import Answer, left_out, overlay_of, teach, undo
from bot.trial import Rivals
from conversations.events import Erased, Recorded
from conversations.lessons import Labelled, PageSaved, Taught, TemplateSaved, Unlabelled, Untaught
from conversations.log import EventLog, LogError
from conversations.teachings import TAUGHT, Teachings, teachings
from retrieval.teachings import Teachable
from retrieval.variables import Variables

PATIENCE = (
    10.0  # seconds an operator waits to hear that it is in force; it comes into force all the same
)
PAUSE = 1.0  # seconds before the log is asked again

logger = structlog.get_logger(__name__)


class Tutor:
    """
    Follows the log; used as `async with Tutor(...)`, which begins with what was taught before.

    Whatever appends a teaching, from whichever channel, it comes into force.
    """

    def __init__(
        self,
        log: EventLog,
        champion: Champion | Rivals,
        new_id: Callable[[], str],
        variables: Variables,
        desk: Path,
    ) -> None:
        self._log = log
        self._champion = champion
        self._new_id = new_id
        self._variables = variables
        self._desk = desk
        self._appending = asyncio.Lock()  # from the check of an answer to its record
        self._changed = asyncio.Condition()
        self._news = asyncio.Event()
        self._known = Teachings()
        self._named: set[str] = set()  # what cannot be given, said once
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Tutor:
        self._unsubscribe = self._log.subscribe(self._note)
        await self._try()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def champion(self) -> Teachable:
        """The Release that is taught, as it was sealed."""
        return self._champion.sealed

    @property
    def variables(self) -> Variables:
        """What the desk's answers may say."""
        return self._variables

    async def known(self, until: int | None = None) -> Teachings:
        """Return what is in force now, or was after an event of the log."""
        recorded = self._log.teachings() if until is None else self._log.teachings(until)
        return teachings(await recorded)

    async def teach(self, answer: Answer) -> tuple[Recorded, bool]:
        """Record an answer (see `bot.teaching.teach`) and return it, and whether it is in force."""
        async with self._appending:
            recorded = await teach(
                self._log,
                answer,
                teaching_id=f"{TAUGHT}{self._new_id()}",
                templates_of=self.champion.templates_of,
                learned=self.champion.learned,
                variables=self._variables,
            )
        return recorded, await self.in_force(recorded.seq)

    async def save(self, change: Change) -> tuple[Recorded, bool]:
        """Record a version of an answer (see `bot.answers.save`) and return it, and whether it is in force."""
        async with self._appending:
            means = Means(self.champion, self._variables, self._desk)
            recorded = await save(self._log, change, means)
        return recorded, await self.in_force(recorded.seq)

    async def supposing(self, change: Change, at: datetime) -> OverlayFor:
        """Return what would be laid over a Release if a change were live since a moment (see `bot.answers.supposed`)."""
        means = Means(self.champion, self._variables, self._desk)
        return partial(overlay_of, await supposed(await self.known(), change, means, at))

    async def undo(self, teaching_id: str, operator: str) -> tuple[Recorded, bool]:
        """Take a teaching back (see `bot.teaching.undo`); return the record, and whether it is in force."""
        async with self._appending:
            recorded = await undo(self._log, teaching_id, operator)
        return recorded, await self.in_force(recorded.seq)

    async def in_force(self, seq: int, patience: float = PATIENCE) -> bool:
        """Wait until the event `seq` is taken in; false where that takes longer than `patience`, in seconds."""
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(lambda: self._known.seq >= seq)
        except TimeoutError:
            return False
        return True

    def _note(self, recorded: Recorded) -> None:
        if isinstance(
            recorded.event,
            (Taught, Untaught, TemplateSaved, PageSaved, Labelled, Unlabelled, Erased),
        ):
            self._news.set()

    async def _follow(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if not await self._try():
                await asyncio.sleep(PAUSE)
                self._news.set()

    async def _try(self) -> bool:
        """Take in what was taught; false where that is to be tried again. What was in force stays so, and customers are served."""
        try:
            await self._take_in()
        except LogError as error:
            logger.warning("teachings not read", why=str(error))
            return False
        except Exception:  # the model may fail in any way, and would again
            logger.exception("teachings not taken in")
        return True

    async def _take_in(self) -> None:
        known = await self.known()
        await self._champion.teach(partial(overlay_of, known))
        self._name(left_out(known, self.champion))
        async with self._changed:
            self._known = known
            self._changed.notify_all()

    def _name(self, faults: Iterable[str]) -> None:
        for why in faults:
            if why not in self._named:
                self._named.add(why)
                logger.warning("answer not given", why=why)
