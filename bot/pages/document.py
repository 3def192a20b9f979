"""
A document as a knowledge page: its title over its text, in Markdown.

Unreadable    a document cannot be taken; the message says why and what helps
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARACTERS = 1_000_000  # of text in one document; a thick book has half as many
MAX_TITLE = 200  # characters; more is a paragraph that somebody set as a title
HEADING = re.compile(r"^(#{1,6}) +(.*)$", re.MULTILINE)
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff\u00ad]"
)  # control characters, breaks that may be
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*\n")


class Unreadable(Exception):
    """One document cannot be taken. Others can."""


@dataclass(frozen=True, slots=True)
class Document:
    """
    A page's worth of text.

    `markdown` begins with the title as its only heading of the first level where the format says what is one; `url` is
    where the document itself says that it stands on the web; `note` is what a person should know of how it was read.
    """

    title: str
    markdown: str
    url: str = ""
    note: str = ""


def document(title: str, markdown: str) -> Document:
    """
    Return a page of this title: its own headings lie below it, and where it begins with the title that is not said twice.

    Raises:
        Unreadable: there is no text, or too much.
    """
    title, body = one_line(title)[:MAX_TITLE], tidy(markdown)
    first = HEADING.match(body)
    if first and one_line(first[2]).casefold() == title.casefold():
        body = body[first.end() :]
    if any(len(heading[1]) == 1 for heading in HEADING.finditer(body)):
        body = HEADING.sub(_lower, body)
    return Document(title, checked(f"# {title}\n\n{body.strip()}\n", body))


def checked(markdown: str, body: str) -> str:
    """
    Return the page where its body is some text, and not too much.

    Raises:
        Unreadable: it is not.
    """
    if not any(map(str.isalnum, body)):
        raise Unreadable("it holds no text")
    if len(body) > MAX_CHARACTERS:
        raise Unreadable(
            f"it holds {len(body):,} characters of text, more than {MAX_CHARACTERS:,}: split it"
        )
    return markdown


def tidy(text: str) -> str:
    """Return the text without what nobody sees, with plain line ends and at most one blank line in a row."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    lines = (line.rstrip() for line in UNSEEN.sub("", plain).split("\n"))
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    return " ".join(UNSEEN.sub(" ", text).split())


def table(rows: list[list[str]]) -> str:
    """Return rows as a table in Markdown, the first one as its head; a table of one column is no table but lines."""
    width = max(map(len, rows), default=0)
    cells = [[one_line(cell).replace("|", "/") for cell in row] for row in rows]
    if width < 2:
        return "\n\n".join(cell for row in cells for cell in row if cell)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _lower(heading: re.Match[str]) -> str:
    return f"{'#' * min(6, len(heading[1]) + 1)} {heading[2]}"
