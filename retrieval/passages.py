"""Knowledge pages in Markdown, cut into passages at their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    return tuple(p for file in sorted(folder.glob("*.md")) for p in cut(file.stem, _text(file)))


def cut(page: str, markdown: str) -> Iterator[Passage]:
    """Yield the passages of one page: a heading's paragraphs, joined up to MAX_PASSAGE characters."""
    title, heading, held = page.replace("-", " ").capitalize(), "", ""
    for block in _blocks(markdown):
        head, body = (block, "") if HEADING.match(block) else ("", block)
        if head:
            if held:
                yield Passage(page, title, heading, held)
            held = ""
            level = len(head) - len(head.lstrip("#"))
            name = head.lstrip("#").strip()
            title, heading = (name, "") if level == 1 else (title, name)
        if held and body and len(held) + len(body) > MAX_PASSAGE:
            yield Passage(page, title, heading, held)
            held = ""
        held = f"{held}\n\n{body}".strip()
    if held:
        yield Passage(page, title, heading, held)


def _blocks(markdown: str) -> list[str]:
    """Return paragraphs and headings, each for itself, whether or not a blank line parts them."""
    apart = HEADING.sub(r"\n\n\g<0>\n\n", markdown.replace("\r\n", "\n"))
    return [block.strip() for block in re.split(r"\n[ \t]*\n", apart) if block.strip()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"the page {file} cannot be read as UTF-8 text: {error}") from error
