"""
Knowledge pages in Markdown, cut into passages at their headings.

No passage is longer than MAX_PASSAGE unless a single sentence, list item or row is: what does not fit is cut where a
reader would pause. A page may begin with front matter, of which `url` goes along as where the page stands on the web.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval import frontmatter
from retrieval.quotes import BULLET, RULE, sentences

HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
MAX_PASSAGE = 600  # characters; two short paragraphs, what a chat bubble holds without scrolling


class PageError(Exception):
    """A knowledge page cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one page that can be quoted as it stands."""

    page: str  # file name without suffix
    title: str
    heading: str
    text: str
    url: str = ""  # where the page stands on the web, if it does

    @property
    def keyed(self) -> str:
        """What is embedded: the headings say what the text is about."""
        return self.under_headings(self.text)

    def under_headings(self, text: str) -> str:
        """Return a piece of the passage as it is embedded."""
        return ". ".join(part for part in (self.title, self.heading, text) if part)


def read_pages(folder: Path) -> tuple[Passage, ...]:
    """
    Read every `*.md` of a folder, in the order of their names; a missing folder holds no pages.

    Raises:
        PageError: a page is not UTF-8 text.
    """
    return tuple(
        p for file in sorted(folder.glob("*.md")) for p in passages_of(file.stem, _text(file))
    )


def cut(page: str, markdown: str, url: str = "", title: str = "") -> Iterator[Passage]:
    """
    Yield the passages of one page: a heading's paragraphs, joined up to MAX_PASSAGE characters.

    Args:
        title: of the page until a heading of the first level says another; by default its name.
    """
    title, heading, held = title or page.replace("-", " ").capitalize(), "", ""
    for block in _blocks(markdown):
        head, body = (block, "") if HEADING.match(block) else ("", block)
        if head:
            if held:
                yield Passage(page, title, heading, held, url)
            held = ""
            level = len(head) - len(head.lstrip("#"))
            name = head.lstrip("#").strip()
            title, heading = (name, "") if level == 1 else (title, name)
        for piece in _pieces(body):
            if held and len(held) + len(piece) > MAX_PASSAGE:
                yield Passage(page, title, heading, held, url)
                held = ""
            held = f"{held}\n\n{piece}".strip()
    if held:
        yield Passage(page, title, heading, held, url)


def passages_of(page: str, text: str) -> tuple[Passage, ...]:
    """Return the passages of a page's file, front matter and all."""
    fields, markdown = frontmatter.split(text)
    url = frontmatter.web_address(fields.get("url", ""))
    return tuple(cut(page, markdown, url, fields.get("title", "")))


def _blocks(markdown: str) -> list[str]:
    """Return paragraphs and headings, each for itself, whether or not a blank line parts them."""
    apart = HEADING.sub(r"\n\n\g<0>\n\n", markdown.replace("\r\n", "\n"))
    return [block.strip() for block in re.split(r"\n[ \t]*\n", apart) if block.strip()]


def _pieces(block: str) -> Iterator[str]:
    """Yield a block whole where it fits; else by rows, a table's head over each piece, by list items or by sentences."""
    if len(block) <= MAX_PASSAGE:
        if block:
            yield block
        return
    lines = block.split("\n")
    if block.startswith("|"):
        head = "\n".join(lines[:2]) + "\n" if len(lines) > 2 and RULE.match(lines[1]) else ""
        rows = lines[2:] if head else lines
        yield from (head + piece for piece in _packed([f"{row}\n" for row in rows], len(head)))
    else:
        yield from _packed([unit for item in _items(lines) for unit in _units(item)], 0)


def _items(lines: list[str]) -> Iterator[str]:
    """Yield each list item with the lines that belong to it; a paragraph is one item."""
    held = ""
    for line in lines:
        if held and BULLET.match(line):
            yield held
            held = ""
        held += f"{line}\n"
    yield held


def _units(item: str) -> list[str]:
    """Return an item whole where it fits, else its sentences; together they are the item."""
    return [item] if len(item) <= MAX_PASSAGE else sentences(item)


def _packed(units: list[str], head: int) -> Iterator[str]:
    """Yield as many units together as fit below a head of that many characters."""
    held = ""
    for unit in units:
        if held and head + len((held + unit).strip()) > MAX_PASSAGE:
            yield held.strip()
            held = ""
        held += unit
    if held.strip():
        yield held.strip()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"the page {file} cannot be read as UTF-8 text: {error}") from error
