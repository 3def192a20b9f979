"""The rounds over a desk's answers: which of them somebody should look at, by the day, the pages, the words and what customers make of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache, partial
from pathlib import Path

from bot.answers import given_of
from bot.dialogue import Words
from bot.saved import Answers
from bot.upkeep import LONG, Flag, Standing, flags
from conversations.errors import StorageUnavailable
from conversations.teachings import Teachings
from conversations.views.answers import Wear, worn
from conversations.views.view import Views
from retrieval import frontmatter
from retrieval.enclosures import PAGES
from retrieval.templates import Template

HEAD = 8192  # characters of a page that are read for its place on the web
KEPT = 20_000  # pages whose places are remembered until they change


class Rounds:
    """Looks at the answers of the desk in the folder `desk` by its own day and language; reads, and changes nothing."""

    def __init__(
        self, desk: Path, words: Words, views: Views, clock: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._words = words
        self._views = views
        self._clock = clock

    async def flags(self, known: Teachings, release: Answers) -> dict[str, tuple[Flag, ...]]:
        """Return what is to be looked at, by the id of the answer (see `bot.upkeep`)."""
        on = self._clock().astimezone(self._words.zone).date()
        given = given_of(known, release)
        wear = await self._wear(given, on)

        def look() -> dict[str, tuple[Flag, ...]]:
            language = self._words.language or "en"
            return flags(given, on, standing(self._desk), language, wear)

        return await asyncio.to_thread(look)

    async def _wear(self, given: Iterable[Template], on: date) -> Mapping[str, Wear]:
        """Return how customers took the answers; nothing while the views are being made anew."""
        since = {one.id: said_since(one, on - LONG, self._words.zone) for one in given}
        try:
            return await self._views.ask(partial(worn, since=since))
        except StorageUnavailable:
            return {}


def said_since(template: Template, first: date, zone: tzinfo) -> date:
    """Return the first whole day on which an answer was given as it is now, `first` at the earliest."""
    days = [first, *([template.valid_from] if template.valid_from else [])]
    if template.changed_at:
        written = datetime.fromisoformat(template.changed_at)
        written = written if written.tzinfo else written.replace(tzinfo=UTC)
        days.append(written.astimezone(zone).date() + timedelta(days=1))
    return max(days)


def standing(desk: Path) -> list[Standing]:
    """Return the knowledge pages of the desk in a folder; one that goes meanwhile, or cannot be read, is passed over."""
    found = []
    for file in sorted((desk / PAGES).glob("*.md")):
        try:
            changed = file.stat().st_mtime_ns
            url = _url(file, changed)
        except (OSError, UnicodeDecodeError):
            continue
        at = datetime.fromtimestamp(changed / 1e9, UTC)
        found.append(Standing(file.stem, url, at))
    return found


@lru_cache(KEPT)
def _url(file: Path, changed: int) -> str:
    """Return a page's place on the web, as the file says that was changed at a time (in nanoseconds); empty where it says none."""
    with file.open(encoding="utf-8-sig") as page:
        fields, _ = frontmatter.split(page.read(HEAD))
    return frontmatter.web_address(fields.get("url", ""))
