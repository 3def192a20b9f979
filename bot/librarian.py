"""
The librarian: what people do to the knowledge pages of a served desk, quoted from then on, and taken back as fast.

A change is written into the folder of pages, recorded in the log with the text before and after, and laid over the Release until the next
training, which reads the folder. Where the record fails, the folder is as it was.

NotDone        nothing was changed; one sentence says why, and what helps
├── NoPage     there is no such page
├── Contested  it would take the place of what somebody else wrote, or did meanwhile
└── TooMuch    more waits for the next training than can be laid over a Release
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.pages import sources
from bot.pages.keeping import Keeping, Kept, Plan, Way
from bot.pages.syncing import held
from bot.reader import Reader
from bot.teaching import fresh_pages
from bot.tutor import Tutor
from conversations.events import DESK, Recorded
from conversations.lessons import PageSaved
from conversations.log import EventLog, LogError
from retrieval.passages import Passage, passages_of

MAX_ASKED = 4_000  # questions that pages say people ask: short, and read as quickly as the passages that may be fresh
MAX_FRESH = 400  # passages; of prose they are read in ten to thirty seconds, as again when the server starts
PATIENCE = 60.0  # seconds to wait until they are; they come into force all the same


class NotDone(Exception):
    """Nothing was changed."""


class NoPage(NotDone):
    """There is no such page."""


class Contested(NotDone):
    """It would take the place of what somebody else wrote, or did meanwhile."""


class TooMuch(NotDone):
    """More waits for the next training than can be laid over a Release."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, whether the bot quotes just what it says, and the last that was done to it here."""

    page: Kept
    quoted: bool
    last: PageSaved | None


@dataclass(frozen=True, slots=True)
class Change:
    """What was done; `saved` is None where the page said so already, `quoted` whether the bot says so by now."""

    page: str
    saved: PageSaved | None
    quoted: bool


class Librarian:
    """
    Looks after the pages, one change at a time.

    Args:
        serving: the Release that is quoted from.
    """

    def __init__(
        self,
        *,
        keeping: Keeping,
        log: EventLog,
        tutor: Tutor,
        serving: Callable[[], Reader],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._keeping = keeping
        self._log = log
        self._tutor = tutor
        self._serving = serving
        self._clock = clock
        self._new_id = new_id
        self._changing = asyncio.Lock()

    async def all(self) -> tuple[list[Shown], list[PageSaved]]:
        """Return the pages by name, and the removals that can be taken back."""
        known = (await self._tutor.known()).pages
        pages = await asyncio.to_thread(self._keeping.all)
        names = {page.name for page in pages}
        gone = [last for last in known.values() if not last.text and last.page not in names]
        return [self._shown(page, known.get(page.name)) for page in pages], gone

    async def one(self, name: str) -> Shown:
        """
        Return a page.

        Raises:
            NoPage: there is none of that name.
        """
        pages, _ = await self.all()
        found = next((one for one in pages if one.page.name == name), None)
        if found is None:
            raise NoPage(f"There is no page {name!r}.")
        return found

    async def preview(self, name: str, data: bytes, way: Way) -> Plan:
        """
        Return what a document would change; nothing is written.

        Raises:
            Unreadable: why it cannot be taken.
        """
        return await asyncio.to_thread(self._planned, name, data, way)

    async def take(
        self, name: str, data: bytes, way: Way, *, seen: str | None, operator: str
    ) -> Change:
        """
        Take a document in as a page.

        Args:
            name: of its file.
            seen: what the plan that was looked at said of the page as it was (`Plan.seen`); None where nobody looked.

        Raises:
            Unreadable: why it cannot be taken.
            NotDone: the page says something else by now, is somebody else's and no way was chosen, or there is too much.
            Busy: `frontdesk import pages` writes there.
            OSError, LogError: it cannot be written.
        """
        async with self._changing:
            with held(self._keeping.folder):
                plan = await self.preview(name, data, way)
                _refuse_unseen(plan, seen)
                if plan.in_the_way and way is not Way.REPLACE:
                    raise Contested(
                        f"{plan.in_the_way} Replace that page, or take {name} beside it."
                    )
                write = partial(self._keeping.take, plan, self._clock())
                if plan.made.text == plan.before:
                    await asyncio.to_thread(write)
                    return Change(plan.made.name, None, self._quotes(plan.made.name, plan.before))
                page = self._saved(plan.made.name, plan.made.text, plan.before, operator, name)
                recorded = await self._done(write, page)
        return await self._in_force(page, recorded)

    async def remove(self, name: str, *, operator: str) -> Change:
        """
        Remove a page; raises as `take`.

        Raises:
            NoPage: there is none of that name.
        """
        async with self._changing:
            with held(self._keeping.folder):
                before = await self._text(name)
                write = partial(self._keeping.put, name, "")
                page = self._saved(name, "", before, operator)
                recorded = await self._done(write, page)
        return await self._in_force(page, recorded)

    async def undo(self, name: str, change_id: str, *, operator: str) -> Change:
        """
        Let a page be as it was before the last change; raises as `take`.

        Raises:
            Contested: that change is not the last one, or the page was edited by hand since.
        """
        async with self._changing:
            with held(self._keeping.folder):
                last = (await self._tutor.known()).pages.get(name)
                now = await asyncio.to_thread(self._keeping.text, name) or ""
                if last is None or last.change_id != change_id or now != last.text:
                    raise Contested(
                        f"The page {name!r} was changed again since: look at it as it is now."
                    )
                write = partial(self._keeping.put, name, last.before)
                page = self._saved(name, last.before, now, operator)
                recorded = await self._done(write, page)
        return await self._in_force(page, recorded)

    def _planned(self, name: str, data: bytes, way: Way) -> Plan:
        return self._keeping.plan(sources.uploaded(name, data), way, self._clock())

    async def _text(self, name: str) -> str:
        text = await asyncio.to_thread(self._keeping.text, name)
        if text is None:
            raise NoPage(f"There is no page {name!r}.")
        return text

    def _saved(
        self, page: str, text: str, before: str, operator: str, source: str = ""
    ) -> PageSaved:
        return PageSaved(
            change_id=f"page-{self._new_id()}",
            page=page,
            operator=operator,
            text=text,
            before=before,
            source=source,
        )

    async def _done(self, write: Callable[[], None], saved: PageSaved) -> Recorded:
        """Write and record; where it cannot be recorded, the page stays what it was."""
        await self._refuse_too_much(saved.page, saved.text)
        try:
            await asyncio.to_thread(write)
            return await self._log.append(DESK, saved)
        except (OSError, LogError):
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._keeping.put, saved.page, saved.before)
            raise

    async def _in_force(self, saved: PageSaved, recorded: Recorded) -> Change:
        """Wait until the bot goes by it; by then others may change pages again."""
        in_force = await self._tutor.in_force(recorded.seq, PATIENCE)
        return Change(saved.page, saved, in_force and self._quotes(saved.page, saved.text))

    async def _refuse_too_much(self, page: str, text: str) -> None:
        fresh = fresh_pages(await self._tutor.known(), self._tutor.champion)
        others = [passages_of(o.page, o.text) for o in fresh if o.page != page]
        own = passages_of(page, text)
        for what, size, most in (
            ("passages", len, MAX_FRESH),
            ("questions that people ask", _questions, MAX_ASKED),
        ):
            adds, waiting = size(own), sum(map(size, others))
            if adds and waiting + adds > most:
                raise TooMuch(
                    f"It has {adds:,} {what}, and {waiting:,} of other pages wait for the next training; together at most {most:,} "
                    "are heeded before that. Retrain first, or take it with frontdesk import pages and retrain."
                )

    def _quotes(self, page: str, text: str) -> bool:
        return tuple(self._serving().passages_of(page)) == passages_of(page, text)

    def _shown(self, page: Kept, last: PageSaved | None) -> Shown:
        quoted = not page.fault and self._quotes(page.name, page.text)
        undoable = last if last is not None and last.text == page.text else None
        return Shown(page, quoted, undoable)


def _questions(passages: Sequence[Passage]) -> int:
    """Return how many questions pages say that people ask; those of a heading stand in each of its passages."""
    return len({(passage.heading, question) for passage in passages for question in passage.asked})


def _refuse_unseen(plan: Plan, seen: str | None) -> None:
    if seen is not None and seen != plan.seen:
        raise Contested(
            f"The page {plan.made.name!r} was changed since you looked: look at what this would change now."
        )
