"""What may be quoted of a passage: its sentences, its list items and the rows of its tables, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sentencex

BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
RULE = re.compile(r"^[\s|:-]*$")  # under the head of a table, or between paragraphs


def quotes(markdown: str, language: str = "en") -> list[str]:
    """
    Return the pieces of a passage, in order; each of them occurs in it as it stands.

    Args:
        language: ISO 639-1, whose abbreviations end no sentence.
    """
    return [quote for block in _blocks(markdown) for quote in _cut(block, language)]


def as_it_stands(markdown: str, pieces: Sequence[str], first: int, last: int) -> str:
    """Return the stretch of a passage from one of its pieces to another, with the mark of a list where it begins at one."""
    start = ends = 0
    for number, piece in enumerate(pieces[: last + 1]):
        begins = markdown.index(piece, ends)
        ends = begins + len(piece)
        if number == first:
            start = begins
    line = markdown.rfind("\n", 0, start) + 1
    return markdown[line if BULLET.fullmatch(markdown[line:start]) else start : ends]


def sentences(text: str, language: str = "en") -> list[str]:
    """
    Return the sentences of a text; together they are the text, blanks and line ends included.

    Args:
        language: ISO 639-1, whose abbreviations end no sentence.
    """
    return list(sentencex.segment(language, text))


def _blocks(markdown: str) -> Iterator[str]:
    """Yield paragraphs with their line breaks, and every list item and table row for itself."""
    held: list[str] = []
    for line in markdown.split("\n"):
        apart = BULLET.match(line) or line.lstrip().startswith("|")
        if held and (apart or RULE.match(line)):
            yield "\n".join(held)
            held = []
        if apart and line.lstrip().startswith("|"):
            yield line
        elif apart:
            held = [BULLET.sub("", line, count=1)]
        elif not RULE.match(line):
            held.append(line)
    if held:
        yield "\n".join(held)


def _cut(block: str, language: str) -> Iterator[str]:
    if block.lstrip().startswith("|"):
        if not RULE.match(block):
            yield block.strip()
        return
    for sentence in sentences(block, language):
        if kept := sentence.strip():
            yield kept
