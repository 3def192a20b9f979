"""
The folder of pages as people work on it while the desk is served: looked at, a change planned and written, a page removed or put back.

It is the folder that `frontdesk import pages` writes, with the same ledger and the same lock. All of it blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.pages import ledger
from bot.pages.bench import Bench
from bot.pages.changes import Changes, alike, compared
from bot.pages.document import Unreadable
from bot.pages.ledger import Entry
from bot.pages.showing import page_file
from bot.pages.sources import UPLOADED, Source
from bot.pages.syncing import Made, Syncing, Wish, page_name
from retrieval import frontmatter
from retrieval.passages import Passage, passages_of
from retrieval.terms import SPACELESS

WORD = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}]+")  # or a character where none are parted


class Way(StrEnum):
    """What to do about a page that is in the way: put the document in its place, or beside it under a name of its own."""

    ASK = ""
    REPLACE = "replace"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it lies there; `fault` says why it cannot be read. `edited`: by hand, since it was made of its source."""

    name: str
    text: str
    passages: tuple[Passage, ...]
    source: str = ""
    imported_at: str = ""
    edited: bool = False
    fault: str = ""

    @property
    def title(self) -> str:
        return self.passages[0].title if self.passages else self.name.replace("-", " ").capitalize()

    @property
    def url(self) -> str:
        fields, _ = frontmatter.split(self.text)
        return frontmatter.web_address(fields.get("url", ""))

    @property
    def words(self) -> int:
        return sum(len(WORD.findall(passage.text)) for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a document would change.

    `before` is the page's file as it is, empty where there is none. `in_the_way` says in words whose page it would take the place of, empty where it
    is its own; `alike` are passages of it that nearly say what one of another page says, with that one.
    """

    source: Source
    made: Made
    before: str
    changes: Changes
    alike: tuple[tuple[Passage, Passage], ...]
    in_the_way: str

    @property
    def seen(self) -> str:
        """What stands for the page as it is: whoever takes the plan says it again, so that nothing is overwritten unseen."""
        return ledger.sha256(self.before.encode()) if self.before else ""


class Keeping:
    """
    The pages of the desk in the folder `desk`.

    Args:
        language: that they are compared in.
    """

    def __init__(self, desk: Path, language: str) -> None:
        self.folder = desk / "pages"
        self._desk = desk
        self._language = language

    def all(self) -> list[Kept]:
        """
        Return every page, by name.

        Raises:
            Damaged: the ledger cannot be read.
        """
        known: dict[str, list[tuple[str, Entry]]] = {}
        for key, entry in ledger.read(self.folder).items():
            known.setdefault(entry.page, []).append((key, entry))
        names = sorted(file.stem for file in self.folder.glob("*.md"))
        return [self._kept(name, known.get(name, [])) for name in names]

    def text(self, name: str) -> str | None:
        """
        Return a page's file, None where there is none.

        Raises:
            Unreadable: it is no UTF-8.
        """
        file = page_file(self._desk, name)
        try:
            return file.read_bytes().decode("utf-8-sig") if file else None
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise Unreadable(f"the page {name}.md is no UTF-8; save it as UTF-8 first") from error

    def plan(self, source: Source, way: Way, now: datetime) -> Plan:
        """
        Read a document, within bounds, and return what it would change.

        Raises:
            Unreadable: why it cannot be taken.
            Damaged: the ledger cannot be read.
        """
        own = ledger.read(self.folder).get(source.key)
        name = own.page if own else page_name(source.name)
        there = self.text(name)
        theirs = there is not None and not (own and _as_made(there, own))
        with Bench() as bench:
            syncing = Syncing(self.folder, bench.read, now, Wish(force=True), lambda *_: None)
            made = syncing.read(source, "" if theirs and way is Way.BESIDE else name)
        before = self.text(made.name) or ""
        others = [p for one in self.all() if one.name != made.name for p in one.passages]
        changes = compared(passages_of(made.name, before), passages_of(made.name, made.text))
        contested = theirs and made.name == name and made.text != before
        return Plan(
            source,
            made,
            before,
            changes,
            tuple(alike(changes.said_anew, others, self._language)),
            self._whose(name) if contested else "",
        )

    def take(self, plan: Plan, now: datetime) -> None:
        """
        Write what was planned.

        Raises:
            OSError: it cannot be written.
        """
        document = plan.made.document
        syncing = Syncing(self.folder, lambda *_: document, now, Wish(force=True), lambda *_: None)
        syncing.take(plan.source, plan.made)

    def put(self, name: str, text: str) -> None:
        """
        Let a page say this, or be gone where it is empty. The ledger stays: what is not as its source made it is a person's.

        Raises:
            OSError: it cannot be written.
        """
        file = self.folder / f"{name}.md"
        if text:
            ledger.whole(file, text)
        else:
            file.unlink(missing_ok=True)

    def _whose(self, name: str) -> str:
        own = next((one for one in self.all() if one.name == name), None)
        if own is None or not own.source:
            return f"{name}.md was written by hand."
        return f"{name}.md was made of {own.source}{', and edited since' if own.edited else ''}."

    def _kept(self, name: str, known: list[tuple[str, Entry]]) -> Kept:
        try:
            text = self.text(name)
        except Unreadable as error:
            return Kept(name, "", (), fault=f"{error}.")
        if text is None:
            return Kept(name, "", (), fault="It is a link to elsewhere, or gone.")
        passages = passages_of(name, text)
        if not known:
            return Kept(name, text, passages)
        key, entry = max(known, key=lambda pair: (_as_made(text, pair[1]), pair[1].imported_at))
        source, edited = key.removeprefix(f"{UPLOADED}:"), not _as_made(text, entry)
        return Kept(name, text, passages, source, entry.imported_at, edited)


def _as_made(text: str, entry: Entry) -> bool:
    return ledger.sha256(text.encode()) == entry.page_sha256
