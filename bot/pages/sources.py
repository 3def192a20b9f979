"""
Where pages come from: a file, a folder, or a list of addresses; each source with a key that stays the same the next time.

A file's key is its path as seen from the desk, so that a desk and its documents can be moved together; an address is its
own key.

NoSource    nothing can be read there at all
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from bot.pages.document import Unreadable
from bot.pages.formats import KNOWN, of_content, of_name
from bot.pages.plain import decoded

MAX_FILE = 20 << 20  # bytes; above it pictures are most of a document
MAX_SOURCES = 10_000
UPLOADED = "upload"
LINK = "it is a link; only what lies here is read"
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class NoSource(Exception):
    """Nothing can be read there; the message says why."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A document as it came: its format (one of `formats.READERS`), its bytes, and its encoding if a server said it."""

    kind: str
    data: bytes
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One document, not read yet. `take` raises Unreadable where it cannot be."""

    key: str
    shown: str  # in sentences
    name: str  # what its page is called after, words parted by anything
    title: str  # where it says none itself
    take: Callable[[], Raw]
    url: str = ""
    listed_in: str = ""  # the list of addresses that names it


@dataclass(slots=True)
class Found:
    """
    What is there. `passed_over`: files of other kinds; `left_out`: in words, what cannot be looked at.

    `covers` says of a key and the list that named it whether it would be among the sources if it were still there.
    """

    sources: list[Source] = field(default_factory=list)
    passed_over: int = 0
    left_out: list[str] = field(default_factory=list)
    covers: Callable[[str, str], bool] = lambda key, listed_in: False


def in_file(file: Path, desk: Path) -> Found:
    """
    Return one file as the only source.

    Raises:
        NoSource: it is of no kind that can be read.
    """
    if not of_name(file.name):
        raise NoSource(f"{file} is none of {KNOWN}")
    return Found([_source(file, PurePosixPath(file.name), desk)])


def uploaded(name: str, data: bytes) -> Source:
    """
    Return a document that somebody sends, by the name of its file; it stays the same source under the same name.

    Raises:
        Unreadable: it is of no kind that can be read.
    """
    place, kind = PurePosixPath(name), of_content(name, data)
    return Source(
        key=f"{UPLOADED}:{name}",
        shown=name,
        name=place.stem,
        title=_spoken(place.stem),
        take=lambda: Raw(kind, data),
        listed_in=UPLOADED,  # so that no folder and no list counts it as theirs
    )


def in_folder(folder: Path, desk: Path) -> Found:
    """
    Return the documents below a folder, in the order of their paths. Hidden files, links and the desk's pages are none.

    Raises:
        NoSource: it is the desk's own folder of pages, or holds too many.
    """
    root, pages, blind = folder.resolve(), (desk / "pages").resolve(), list[Path]()
    if root.is_relative_to(pages):
        raise NoSource(
            f"{folder} is where the desk keeps its pages: what is there is taken already"
        )

    def covers(key: str, listed_in: str) -> bool:
        at = (desk / key).resolve()
        inside = not listed_in and at.is_relative_to(root)
        return inside and not any(at.is_relative_to(hole) for hole in blind)

    found = Found(covers=covers)
    for file in _files(root, pages, found.left_out, blind):
        if not of_name(file.name):
            found.passed_over += 1
        elif file.is_symlink():
            found.left_out.append(f"{_shown(file.relative_to(root))}: {LINK}")
        else:
            found.sources.append(_source(file, PurePosixPath(file.relative_to(root)), desk))
        if len(found.sources) > MAX_SOURCES:
            raise NoSource(f"{folder} holds more than {MAX_SOURCES:,} documents: import its parts")
    return found


def addresses(file: Path) -> tuple[dict[str, int], list[str]]:
    """
    Return the addresses of a list with their lines, one a line, and in words the lines that are none.

    Lines that begin with # are remarks.

    Raises:
        NoSource: it cannot be read, or holds nothing, or too much.
    """
    try:
        text = decoded(_read(file))
    except Unreadable as error:
        raise NoSource(f"{file}: {error}") from error
    found: dict[str, int] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), start=1):
        if (address := line.strip()) and not address.startswith("#"):
            if ADDRESS.fullmatch(address):
                found.setdefault(address, number)
            else:
                wrong.append(
                    f"{file.name}, line {number}: {address[:60]!r} is no address of a page"
                )
    if not (found or wrong) or len(found) > MAX_SOURCES:
        raise NoSource(
            f"{file} holds {len(found):,} addresses; between 1 and {MAX_SOURCES:,} can be read"
        )
    return found, wrong


def is_list(file: Path) -> bool:
    """Whether a text file is a list of addresses: most of its lines are, so that a slip in one does not make it a page."""
    if of_name(file.name) != "txt":
        return False
    try:
        lines = [line.strip() for line in decoded(_read(file)).splitlines()]
    except Unreadable:
        return False
    found = [line for line in lines if line and not line.startswith("#")]
    return sum(map(bool, map(ADDRESS.fullmatch, found))) > len(found) / 2


def at_addresses(file: Path, desk: Path, fetch: Callable[[str], Raw]) -> Found:
    """
    Return what a list of addresses names; each is fetched when it is taken.

    A line that is no address is left out, and may be the slip of one that was: then no page counts as gone.

    Raises:
        NoSource: see `addresses`.
    """
    own = _key(file, desk)
    listed, wrong = addresses(file)

    def source(url: str, line: int) -> Source:
        parts = urlsplit(url)
        path = PurePosixPath(unquote(parts.path)).with_suffix("") if parts.path.strip("/") else None
        name = f"{path} {parts.query}" if path else parts.netloc
        title = path.name if path else parts.netloc
        shown = f"{url} (line {line})"
        return Source(url, shown, name, _spoken(title), lambda: fetch(url), url, own)

    return Found(
        [source(url, line) for url, line in listed.items()],
        left_out=wrong,
        covers=lambda key, listed_in: listed_in == own and not wrong,
    )


def _files(folder: Path, pages: Path, left_out: list[str], blind: list[Path]) -> Iterator[Path]:
    """Yield the files below a folder; what cannot be listed is named, and remembered as nothing to judge by."""

    def note(error: OSError) -> None:
        blind.append(Path(error.filename))
        left_out.append(f"{_shown(Path(error.filename))}: {error.strerror}")

    for at, folders, names in os.walk(folder, onerror=note):
        inner = [Path(at) / name for name in sorted(folders) if not name.startswith(".")]
        left_out += [
            f"{_shown(one.relative_to(folder))}: {LINK}" for one in inner if one.is_symlink()
        ]
        folders[:] = [one.name for one in inner if one != pages and not one.is_symlink()]
        yield from (Path(at) / name for name in sorted(names) if not name.startswith("."))


def _source(file: Path, place: PurePosixPath, desk: Path) -> Source:
    kind = of_name(file.name)
    return Source(
        key=_key(file, desk),
        shown=_shown(place),
        name=_shown(place.with_suffix("")),
        title=_spoken(_shown(Path(place.stem))),
        take=lambda: Raw(kind, _read(file)),
    )


def _key(file: Path, desk: Path) -> str:
    return _shown(PurePosixPath(os.path.relpath(file.resolve(), desk.resolve())))


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise Unreadable("it is no file")  # a pipe would be waited for
        if size > MAX_FILE:
            raise Unreadable(f"it has {size / 2**20:,.0f} MB, more than {MAX_FILE >> 20}: split it")
        with file.open("rb") as stream:
            return stream.read(MAX_FILE + 1)  # it may grow while it is read
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}") from error


def _shown(path: Path | PurePosixPath) -> str:
    """Return a path as text that any file can hold; a name that is no UTF-8 shows where it is none."""
    return os.fsencode(path).decode("utf-8", "replace")


def _spoken(name: str) -> str:
    words = re.sub(r"[-_\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] or "Page"
