"""
Bringing a desk's pages up to date with their sources: what changed is rewritten, what did not is not touched.

A page that a person edited since is theirs: it is kept, whatever its source became, unless that is forced. Each page is
written whole or not at all, and an import that is stopped is simply run again.

Busy    another import writes into the same pages
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from bot.pages import ledger
from bot.pages.document import Document, Unreadable
from bot.pages.ledger import Entry
from bot.pages.sources import Found, Raw, Source
from retrieval import frontmatter

EVERY = 50  # pages between two writes of the ledger
MAX_NAME = 60  # characters of a page's name; file systems end at 255 bytes

Read = Callable[[str, bytes, str, str], Document]  # (kind, data, title, charset)
Progress = Callable[[int, int], None]  # (done, total)


class Busy(Exception):
    """Another import holds the pages."""


@dataclass(slots=True)
class Done:
    """What an import did. Lists name pages, or say in words what was kept, left out or read without a part of it, and why."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """`force`: overwrite what people edited, and read anew what did not change; `prune`: remove pages without a source."""

    force: bool = False
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """
    What a source comes to: the page `name` with its text, beside what lies there now (None where nothing does).

    `sha256` is of the source's bytes; `entry` is what is known of it from before.
    """

    name: str
    text: str
    there: bytes | None
    sha256: str
    document: Document
    entry: Entry | None


class Syncing:
    """
    One import into a folder of pages.

    `read` makes a document of bytes, `now` is when; `progress` is told after each source.
    """

    def __init__(
        self, folder: Path, read: Read, now: datetime, wish: Wish, progress: Progress
    ) -> None:
        self._folder, self._read, self._now = folder, read, now
        self._wish, self._progress = wish, progress
        self._entries = ledger.read(folder)
        self._taken = {entry.page for entry in self._entries.values()}
        self._stored = dict(self._entries)

    def run(self, found: Found, done: Done) -> None:
        """
        Take every source, then look at what is gone; what is done so far stays, however this ends.

        Raises:
            OSError: a page cannot be written.
        """
        done.passed_over, total = found.passed_over, len(found.sources)
        done.left_out += found.left_out
        try:
            for number, source in enumerate(found.sources, start=1):
                try:
                    self._take(source, done)
                except Unreadable as error:
                    done.left_out.append(f"{source.shown}: {error}")
                self._progress(number, total)
                if number % EVERY == 0:
                    self._keep()
            self._let_go(found, done)
        finally:
            self._keep()

    def _take(self, source: Source, done: Done) -> None:
        raw, entry = source.take(), self._entries.get(source.key)
        if (
            entry
            and entry.sha256 == ledger.sha256(raw.data)
            and not self._wish.force
            and self._file(entry.page).exists()
        ):
            done.unchanged += 1
            return
        made = self._made(source, raw, entry.page if entry else "")
        if made.document.note:
            done.noted.append(f"{source.shown}: {made.document.note}")
        self._put(source, made, done)

    def read(self, source: Source, name: str) -> Made:
        """
        Read a source, and write nothing.

        Args:
            name: of the page that it is to become; empty gives it a free one.

        Raises:
            Unreadable: why it cannot be taken.
        """
        return self._made(source, source.take(), name)

    def take(self, source: Source, made: Made) -> None:
        """
        Write what `read` made of a source, and remember it.

        Raises:
            OSError: it cannot be written.
        """
        self._put(source, made, Done())
        self._keep()

    def _made(self, source: Source, raw: Raw, name: str) -> Made:
        entry, sha = self._entries.get(source.key), ledger.sha256(raw.data)
        document = self._read(raw.kind, raw.data, source.title, raw.charset)
        url = source.url or document.url
        text = frontmatter.joined(
            {"url": url, "source": "" if url else source.shown}, document.markdown
        )
        page = name or self._free(source.name, text)
        return Made(page, text, self._bytes(page), sha, document, entry)

    def _put(self, source: Source, made: Made, done: Done) -> None:
        if not self._write(source, made, done):
            return
        document, text = made.document, made.text
        digest, at = ledger.sha256(text.encode()), self._now.isoformat(timespec="seconds")
        self._entries[source.key] = Entry(
            made.name,
            made.sha256,
            digest,
            at,
            document.title,
            source.url or document.url,
            source.listed_in,
        )
        self._taken.add(made.name)

    def _write(self, source: Source, made: Made, done: Done) -> bool:
        """Write a page where it may be written; whether it is now as its source is."""
        if (
            made.there == made.text.encode()
        ):  # written by a run that was stopped, or the source says the same in other bytes
            done.unchanged += 1
            return True
        if made.entry and not self._wish.force and not _is_ours(made.entry, made.there):
            how = "edited" if made.there is not None else "removed"
            done.kept.append(
                f"{made.name}.md was {how} by hand, and {source.shown} is not taken; --force takes it"
            )
            return False
        ledger.whole(self._file(made.name), made.text)
        (done.changed if made.entry else done.new).append(made.name)
        return True

    def _let_go(self, found: Found, done: Done) -> None:
        """List the pages whose sources are gone, and remove them where that is wished."""
        here = {source.key for source in found.sources}
        for key, entry in list(self._entries.items()):
            if key in here or not found.covers(key, entry.listed_in):
                continue
            there = self._bytes(entry.page)
            if not self._wish.prune:
                done.gone.append(f"{entry.page}.md: {key}")
            elif there is not None and not self._wish.force and not _is_ours(entry, there):
                done.kept.append(
                    f"{entry.page}.md was edited by hand, and {key} is gone; --force removes it"
                )
            else:
                self._file(entry.page).unlink(missing_ok=True)
                del self._entries[key]
                done.removed.append(entry.page)

    def _free(self, name: str, text: str) -> str:
        """Return a name that no page has, or whose page says just this already."""
        stem = page_name(name)
        names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        return next(
            one
            for one in names
            if one not in self._taken and self._bytes(one) in (None, text.encode())
        )

    def _file(self, page: str) -> Path:
        return self._folder / f"{page}.md"

    def _bytes(self, page: str) -> bytes | None:
        try:
            return self._file(page).read_bytes()
        except FileNotFoundError:
            return None

    def _keep(self) -> None:
        if self._entries != self._stored:
            ledger.write(self._folder, self._entries)
            self._stored = dict(self._entries)


def page_name(name: str) -> str:
    """Return what a page is called after a document's name, as a file name without suffix."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:MAX_NAME].strip("-") or "page"


def _is_ours(entry: Entry, there: bytes | None) -> bool:
    return there is not None and ledger.sha256(there) == entry.page_sha256


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """
    Hold the folder of pages against other imports; it is made where there is none.

    Raises:
        Busy: another one holds it.
        OSError: it cannot be made.
    """
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Busy(f"{folder} is being written by another import; wait for it to end") from error
    finally:
        os.close(descriptor)
