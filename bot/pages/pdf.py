"""
PDF as a page; the only module that knows pypdf.

A PDF has lines where a reader sees paragraphs: lines are joined where they are full, and what stands on every page is left
out. Its headings are those of its outline; without one it has none.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import Destination

from bot.pages.document import Document, Unreadable, document, one_line, tidy

MAX_PAGES = 1_000
MAX_OUTLINE = 2_000  # entries
FULL = 0.75  # of the longest line of a page: a line so long goes on in the next one
COMMON = (
    0.5  # of the pages, where the same first or last line is no text but what stands on every page
)
MADE = re.compile(
    r"untitled|microsoft word - .*|.*\.(?:docx?|pdf|indd|odt|pages|tex)", re.IGNORECASE
)
BEGINS = re.compile(r"^(?:[-*•▪◦·\u2013]|\d{1,3}[.)])\s+")
BULLET = re.compile(r"^[•▪◦·\u2013]\s+")
ENDS = re.compile(r"[.!?:;。！？：；…]['\")\]”’」』]*$")  # noqa: RUF001 - Chinese has its own punctuation
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")

Heading = tuple[int, str]  # level, text


def pdf(data: bytes, name: str) -> Document:
    """
    Read a PDF.

    Raises:
        Unreadable: it is none, it is encrypted, it has too many pages, or there is no text on them.
    """
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("it is no PDF, whatever its name says")
    try:
        reader = PdfReader(io.BytesIO(data))
        _check(reader)
        pages = [tidy(page.extract_text()).split("\n") for page in reader.pages]
        headings = _headings(reader, len(pages))
        called = one_line((reader.metadata and reader.metadata.title) or "")
    except DependencyError as error:
        raise Unreadable("it is encrypted; save it without a password") from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(f"it is a damaged PDF ({type(error).__name__}); save it anew") from error
    if not any(line for page in pages for line in page):
        raise Unreadable(
            "there is no text on its pages: it is scanned; run text recognition (OCR) on it"
        )
    title = name if not called or MADE.fullmatch(called) else called
    return document(title, "\n\n".join(_blocks(_without_margins(pages), headings)))


def _check(reader: PdfReader) -> None:
    if reader.is_encrypted and not reader.decrypt(""):  # many are, with an empty password
        raise Unreadable("it is encrypted; save it without a password")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(f"it has {len(reader.pages):,} pages, more than {MAX_PAGES:,}: split it")


def _headings(reader: PdfReader, pages: int) -> Sequence[list[Heading]]:
    """Return the entries of the outline, page by page."""
    found: list[list[Heading]] = [[] for _ in range(pages)]
    for level, entry in _entries(reader.outline, 1, [MAX_OUTLINE]):
        number = reader.get_destination_page_number(entry)
        title = one_line(str(entry.title or ""))
        if number is not None and 0 <= number < pages and title:
            found[number].append((level, title))
    return found


def _entries(
    outline: Sequence[object], level: int, left: list[int]
) -> Iterator[tuple[int, Destination]]:
    for entry in outline:
        left[0] -= 1
        if left[0] < 0:
            return
        if isinstance(entry, Destination):
            yield level, entry
        elif isinstance(entry, list) and level < 6:
            yield from _entries(entry, level + 1, left)


def _without_margins(pages: Sequence[list[str]]) -> list[list[str]]:
    """Return the pages without the first and last lines that most of them share, numbers aside."""
    if len(pages) < 3:
        return list(pages)
    counted = Counter(key for page in pages for key in {_key(page, 0), _key(page, -1)} if key)
    margins = {key for key, times in counted.items() if times > COMMON * len(pages)}
    return [_stripped(page, margins) for page in pages]


def _stripped(page: list[str], margins: set[str]) -> list[str]:
    first = 1 if _key(page, 0) in margins else 0
    last = len(page) - 1 if len(page) > first and _key(page, -1) in margins else len(page)
    return page[first:last]


def _key(page: list[str], at: int) -> str:
    return re.sub(r"\d+", "0", page[at]) if page else ""


def _blocks(pages: Sequence[list[str]], headings: Sequence[list[Heading]]) -> Iterator[str]:
    """Yield paragraphs, which may go on over pages, and headings."""
    held: list[str] = []
    for lines, entries in zip(pages, headings, strict=True):
        longest = before = max(map(len, lines), default=0)
        for heading, line in _with_headings(lines, entries):
            if heading or (held and _begins_anew(held[-1], line, before < FULL * longest)):
                yield from filter(None, ["".join(held), heading])
                held = []
            if line:
                held[-1:] = _continued(held[-1:], BULLET.sub("- ", line))
            before = len(line)
    yield from filter(None, ["".join(held)])


def _with_headings(lines: list[str], entries: list[Heading]) -> Iterator[tuple[str, str]]:
    """Yield (heading, line): a heading takes the place of its own line, or stands at the top of its page."""
    shown = {_plain(line) for line in lines}
    waiting = {_plain(title): f"{'#' * level} {title}" for level, title in entries}
    yield from ((waiting.pop(key), "") for key in list(waiting) if key not in shown)
    for line in lines:
        heading = waiting.pop(_plain(line), "")
        yield heading, "" if heading else line


def _begins_anew(last: str, line: str, was_short: bool) -> bool:
    return not line or bool(BEGINS.match(line)) or (was_short and bool(ENDS.search(last)))


def _continued(last: list[str], line: str) -> list[str]:
    """Return the last line of a paragraph, if there is one, and the line that goes on from it."""
    if not last:
        return [line]
    end = last[0]
    if end[-1] == "-" and end[-2:-1].isalpha() and line[0].islower():
        return [end[:-1], line]
    return [end if CHINESE.match(end[-1]) and CHINESE.match(line[0]) else f"{end} ", line]


def _plain(text: str) -> str:
    """Return what a heading and its line in the text have in common: letters, not the number before them."""
    return re.sub(r"\W+", " ", re.sub(r"^[\d.]+\s+", "", text)).strip().casefold()
