"""
What the bot says, in Telegram's terms: a text as HTML parts.

Knows the Bot API's limits, not the library; all of it is pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conversations.events import Attached
from conversations.text import printable

MAX_TEXT = 4096  # UTF-16 units after the tags are taken out; Bot API, sendMessage
MAX_URL = 2048  # characters; Telegram refuses entities of some 9,500 in all

# Where a long text may be cut, best first.
BORDERS = (
    re.compile(r"\n[^\S\n]*\n"),  # paragraph
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s|(?<=[。\uff01\uff1f])"),  # sentence
    re.compile(r"\s"),
)

# What answers are marked up with. No mark holds its own delimiter, so that a row of them takes linear time.
MARKUP = re.compile(
    r"(?P<bare>https?://[^\s*`]+)"  # an address may hold underscores
    r"|\*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*"
    r"|(?<![\w*])\*(?=\S)(?P<star>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<!\w)_(?=\S)(?P<line>[^_\n]+)(?<=\S)_(?!\w)"
    r"|`(?P<code>[^`\n]+)`"
    rf"|\[(?=[^\[\]\n]*[^\[\]\s])(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()<>]{{1,{MAX_URL}}})\)"
)
TAGS = {"bold": "b", "star": "i", "line": "i", "code": "code"}

Span = tuple[int, int]  # code points, end exclusive


@dataclass(frozen=True, slots=True)
class Part:
    """One message's worth of a text: as HTML, and plain for the day Telegram refuses the HTML."""

    html: str
    plain: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that a reader sees, and the tags around it."""

    start: int
    end: int
    opening: str
    closing: str


def parts(text: str) -> tuple[Part, ...]:
    """
    Return `text` as messages of at most 4,096 UTF-16 units: `**bold**`, `*italic*`, `` `code` `` and `[links](https://...)` as tags, the rest escaped.

    A mark is cut only where it does not fit into one message. A blank text has no parts.
    """
    visible, marks = _read(printable(text))
    return tuple(
        Part(html=_html(visible, marks, start, end), plain=visible[start:end])
        for start, end in _slices(visible, marks)
    )


def lines(attachments: Iterable[Attached]) -> str:
    """Return a line for each attachment that stands on the web; Telegram makes links of addresses."""
    return "\n".join(f"{one.name}: {one.url}" for one in attachments if "://" in one.url)


def _read(text: str) -> tuple[str, list[Mark]]:
    """Return the text without its markup, and what that enclosed; marks do not nest."""
    visible: list[str] = []
    marks: list[Mark] = []
    at, length = 0, 0
    for found in MARKUP.finditer(text):
        if found["bare"]:
            continue
        plain = text[at : found.start()]
        kind = str(found.lastgroup)
        shown = found["label"] if kind == "url" else found[kind]
        start = length + len(plain)
        length, at = start + len(shown), found.end()
        visible += [plain, shown]
        marks.append(Mark(start, length, *_tags(kind, found["url"])))
    return "".join([*visible, text[at:]]), marks


def _tags(kind: str, url: str | None) -> tuple[str, str]:
    if url is not None:
        return f'<a href="{html.escape(url)}">', "</a>"
    return f"<{TAGS[kind]}>", f"</{TAGS[kind]}>"


def _slices(visible: str, marks: list[Mark]) -> Iterator[Span]:
    start = 0
    while start < len(visible):
        end = _cut(visible, marks, start)
        lead = len(visible[start:end]) - len(visible[start:end].lstrip())
        kept = visible[start:end].strip()
        if kept:
            yield start + lead, start + lead + len(kept)
        start = end


def _cut(visible: str, marks: list[Mark], start: int) -> int:
    """Where the message from `start` on ends: all of it, else the best border of its second half."""
    reach = _reach(visible, start)
    if reach == len(visible):
        return reach
    for least in ((start + reach) // 2, start):
        for border in BORDERS:
            ends = (match.end() for match in border.finditer(visible, start, reach))
            fit = [end for end in ends if end > least and not _around(marks, end)]
            if fit:
                return fit[-1]
    torn = _around(marks, reach)
    return torn[0] if torn and torn[0] > start else reach


def _reach(visible: str, start: int) -> int:
    """The end of the longest piece from `start` on that Telegram takes."""
    wide = visible[start : start + MAX_TEXT].encode("utf-16-le")[: 2 * MAX_TEXT]
    return start + len(wide.decode("utf-16-le", "ignore"))  # half a character is none


def _around(marks: list[Mark], at: int) -> Span | None:
    return next(((one.start, one.end) for one in marks if one.start < at < one.end), None)


def _html(visible: str, marks: list[Mark], start: int, end: int) -> str:
    written: list[str] = []
    at = start
    for mark in marks:
        first, last = max(mark.start, start), min(mark.end, end)
        if first < last:
            marked = mark.opening, _escape(visible[first:last]), mark.closing
            written += [_escape(visible[at:first]), *marked]
            at = last
    return "".join([*written, _escape(visible[at:end])])


def _escape(text: str) -> str:
    return html.escape(text, quote=False)
