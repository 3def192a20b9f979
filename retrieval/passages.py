"""
Knowledge pages in Markdown, cut into passages at their headings.

No passage is longer than MAX_PASSAGE unless a single sentence, list item or row is: what does not fit is cut where a
reader would pause. A page may begin with front matter, of which `url` goes along as where the page stands on the web.

Under a heading, a comment may say what people ask who are answered there, a question a line. It is never quoted; questions find
questions better than they find answers:

    <!-- asked:
    can the flask go in the dishwasher?
    -->
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from retrieval import frontmatter
from retrieval.quotes import BULLET, RULE, sentences

HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
ASKED = re.compile(
    r"^(<!--[ \t]*asked:(?:(?!\n[ \t]*\n|<!--).)*?-->)[ \t]*$", re.MULTILINE | re.DOTALL
)  # splits a page into what is said and what is asked, in turn
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
    asked: tuple[str, ...] = ()  # what people ask who are answered under its heading

    @property
    def keyed(self) -> str:
        """What is embedded: the headings say what the text is about."""
        return self.under_headings(self.text)

    @property
    def under(self) -> str:
        """The page and the heading that it stands under, as one name."""
        return f"{self.page}#{self.heading}"

    def under_headings(self, text: str) -> str:
        """Return a piece of the passage as it is embedded."""
        return ". ".join(part for part in (self.title, self.heading, text) if part)


@dataclass(slots=True)
class _Section:
    """What stands under one heading: its paragraphs, lists and tables, and what people ask who are answered by them."""

    title: str
    heading: str
    blocks: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


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
    for section in _sections(markdown, title or page.replace("-", " ").capitalize()):
        place = partial(Passage, page, section.title, section.heading)
        held = ""
        for piece in (piece for block in section.blocks for piece in _pieces(block)):
            if held and len(held) + len(piece) > MAX_PASSAGE:
                yield place(held, url, tuple(section.asked))
                held = ""
            held = f"{held}\n\n{piece}".strip()
        if held:
            yield place(held, url, tuple(section.asked))


def passages_of(page: str, text: str) -> tuple[Passage, ...]:
    """Return the passages of a page's file, front matter and all."""
    fields, markdown = frontmatter.split(text)
    url = frontmatter.web_address(fields.get("url", ""))
    return tuple(cut(page, markdown, url, fields.get("title", "")))


def _sections(markdown: str, title: str) -> Iterator[_Section]:
    """Yield what stands under each heading; `title` is the page's until a heading of the first level says another."""
    section = _Section(title, "")
    for block in _blocks(markdown):
        if ASKED.fullmatch(block):
            lines = block.partition("asked:")[2].removesuffix("-->").split("\n")
            section.asked += [line.strip() for line in lines if line.strip()]
        elif HEADING.match(block):
            yield section
            level = len(block) - len(block.lstrip("#"))
            name = block.lstrip("#").strip()
            section = _Section(name, "") if level == 1 else _Section(section.title, name)
        else:
            section.blocks.append(block)
    yield section


def _blocks(markdown: str) -> Iterator[str]:
    """Yield paragraphs, headings and what is asked, each for itself, whether or not a blank line parts them."""
    for place, part in enumerate(ASKED.split(markdown.replace("\r\n", "\n"))):
        yield from [part] if place % 2 else _paragraphs(part)


def _paragraphs(markdown: str) -> list[str]:
    apart = HEADING.sub(r"\n\n\g<0>\n\n", markdown)
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
