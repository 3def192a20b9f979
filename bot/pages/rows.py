"""CSV as a page: one heading a row, under it what the row says."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from bot.pages.document import Document, Unreadable, document, one_line
from bot.pages.plain import decoded

HEADERS = (("title", "text"), ("question", "answer"))
EXPECTED = "the header must be title,text or question,answer"


def table(data: bytes, name: str) -> Document:
    """
    Read CSV with the columns title,text or question,answer; others are passed over.

    Raises:
        Unreadable: the header is another one, or a row holds half of what it should; which one.
    """
    lines = decoded(data).lstrip("\ufeff").splitlines(keepends=True)
    reader = csv.DictReader(lines, delimiter=_delimiter(lines[0] if lines else ""))
    try:
        named = {one_line(column or "").casefold(): column for column in reader.fieldnames or ()}
        columns = _columns(list(named))
        pairs = list(_pairs(reader, *(str(named[column]) for column in columns)))
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num}: {error}") from error
    if not pairs:
        raise Unreadable("it holds no rows below its header")
    return document(name, "\n\n".join(f"## {title}\n\n{text}" for title, text in pairs))


def _columns(found: list[str]) -> tuple[str, str]:
    for title, text in HEADERS:
        if title in found and text in found:
            return title, text
    if not any(found):
        raise Unreadable(f"it has no header; {EXPECTED}")
    wanted = next((pair for pair in HEADERS if set(pair) & set(found)), HEADERS[0])
    missing = next(column for column in wanted if column not in found)
    raise Unreadable(f"there is no column {missing!r}, only {', '.join(found)}; {EXPECTED}")


def _pairs(reader: csv.DictReader[str], title: str, text: str) -> Iterator[tuple[str, str]]:
    for row in reader:
        head, body = one_line(row[title] or ""), (row[text] or "").strip()
        if bool(head) != bool(body):
            there, absent = (title, text) if head else (text, title)
            raise Unreadable(f"line {reader.line_num}: there is a {there}, but no {absent}")
        if head:
            yield head, body


def _delimiter(header: str) -> str:
    """Return what parts the columns: spreadsheets of half of Europe write semicolons."""
    counted = {mark: header.count(mark) for mark in (",", ";", "\t")}
    return max(counted, key=lambda mark: counted[mark])
