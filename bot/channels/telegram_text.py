"""
What the bot says, in Telegram's terms: text as HTML parts, choices and thumbs as buttons.

Knows the Bot API's limits, not the library; all of it is pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conversations.events import ActionKind, Decided, Thumb
from conversations.text import printable

MAX_TEXT = 4096  # UTF-16 units after the tags are taken out; Bot API, sendMessage
MAX_DATA = 64  # bytes of callback_data; Bot API, InlineKeyboardButton

# Where a long text may be cut, best first.
BORDERS = (
    re.compile(r"\n[^\S\n]*\n"),  # paragraph
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s|(?<=[。\uff01\uff1f])"),  # sentence
    re.compile(r"\s"),
)

Span = tuple[int, int]  # code points, end exclusive


@dataclass(frozen=True, slots=True)
class Part:
    """One message's worth of a text: as HTML, and plain for the day Telegram refuses the HTML."""

    html: str
    plain: str


def parts(text: str) -> tuple[Part, ...]:
    """
    Return `text` as messages of at most 4,096 UTF-16 units, its `**bold**` as tags, the rest escaped.

    A bold span is cut only where it does not fit into one message. A blank text has no parts.
    """
    visible, bold = _read_bold(printable(text))
    return tuple(
        Part(html=_html(visible, bold, start, end), plain=visible[start:end])
        for start, end in _slices(visible, bold)
    )


def with_attachments(decided: Decided) -> str:
    """Return what a decision says, and under it a line for each attachment; Telegram makes links of addresses."""
    attached = [f"{one.name}: {one.url}" for one in decided.attachments if "://" in one.url]
    return "\n\n".join(filter(None, (decided.text, "\n".join(attached))))


def _read_bold(text: str) -> tuple[str, list[Span]]:
    """Return the text without its `**` pairs, and what they enclosed. A pair lies within one line."""
    visible: list[str] = []
    bold: list[Span] = []
    at = 0
    for run, is_bold in _runs(text):
        if is_bold:
            bold.append((at, at + len(run)))
        visible.append(run)
        at += len(run)
    return "".join(visible), bold


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """One pass, because a pattern with a lazy middle takes quadratic time on a row of asterisks."""
    for line in text.splitlines(keepends=True):
        pieces = line.split("**")
        yield pieces[0], False
        at = 1
        while at < len(pieces):
            if at + 1 < len(pieces) and _is_tight(pieces[at]):
                yield pieces[at], True
                yield pieces[at + 1], False
                at += 2
            else:
                yield "**" + pieces[at], False
                at += 1


def _is_tight(piece: str) -> bool:
    return bool(piece) and piece == piece.strip()


def _slices(visible: str, bold: list[Span]) -> Iterator[Span]:
    start = 0
    while start < len(visible):
        end = _cut(visible, bold, start)
        lead = len(visible[start:end]) - len(visible[start:end].lstrip())
        kept = visible[start:end].strip()
        if kept:
            yield start + lead, start + lead + len(kept)
        start = end


def _cut(visible: str, bold: list[Span], start: int) -> int:
    """Where the message from `start` on ends: all of it, else the best border of its second half."""
    reach = _reach(visible, start)
    if reach == len(visible):
        return reach
    for least in ((start + reach) // 2, start):
        for border in BORDERS:
            ends = (match.end() for match in border.finditer(visible, start, reach))
            fit = [end for end in ends if end > least and not _around(bold, end)]
            if fit:
                return fit[-1]
    torn = _around(bold, reach)
    return torn[0] if torn and torn[0] > start else reach


def _reach(visible: str, start: int) -> int:
    """The end of the longest piece from `start` on that Telegram takes."""
    units = 0
    for at in range(start, len(visible)):
        units += 2 if visible[at] > "\uffff" else 1
        if units > MAX_TEXT:
            return at
    return len(visible)


def _around(bold: list[Span], at: int) -> Span | None:
    return next(((start, end) for start, end in bold if start < at < end), None)


def _html(visible: str, bold: list[Span], start: int, end: int) -> str:
    written: list[str] = []
    at = start
    for span in bold:
        first, last = max(span[0], start), min(span[1], end)
        if first < last:
            written += [_escape(visible[at:first]), "<b>", _escape(visible[first:last]), "</b>"]
            at = last
    return "".join([*written, _escape(visible[at:end])])


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


@dataclass(frozen=True, slots=True)
class Button:
    """What the customer reads, and what comes back when it is tapped."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Rating:
    """A tap on a thumb under the decision `message_id`."""

    value: Thumb
    message_id: str


@dataclass(frozen=True, slots=True)
class Choosing:
    """A tap on choice `index` of the decision `message_id`."""

    index: int
    message_id: str


Rows = tuple[tuple[Button, ...], ...]


def buttons(decided: Decided) -> Rows:
    """Return the rows under a decision: a choice each, and thumbs under a reply."""
    rows: list[tuple[Button, ...]] = [
        (Button(choice.label, f"c:{index}:{decided.message_id}"),)
        for index, choice in enumerate(decided.choices)
    ]
    if decided.action is ActionKind.REPLY:
        thumbs = (("👍", "u"), ("👎", "d"))
        rows.append(tuple(Button(label, f"{key}:{decided.message_id}") for label, key in thumbs))
    return tuple(row for row in rows if all(_fits(button) for button in row))


def left(shown: Rows, tapped: Rating | Choosing | None) -> Rows:
    """Return the rows of a keyboard that a tap leaves: under an answer, the thumbs or the questions that may be asked next."""
    rows = ((row, read_button(row[0].data)) for row in shown if row)
    return tuple(row for row, button in rows if type(button) is not type(tapped))


def _fits(button: Button) -> bool:
    # One button too long and Telegram refuses the whole message; an answer without it is still one.
    return bool(button.label.strip()) and len(button.data.encode()) <= MAX_DATA


def read_button(data: str) -> Rating | Choosing | None:
    """Return what a tap means; none for data that these buttons never carry."""
    kind, _, message_id = data.partition(":")
    index = ""
    if kind == "c":
        index, _, message_id = message_id.partition(":")
    if not message_id:
        return None
    match kind:
        case "u":
            return Rating(Thumb.UP, message_id)
        case "d":
            return Rating(Thumb.DOWN, message_id)
        case "c" if index.isascii() and index.isdigit():
            return Choosing(int(index), message_id)
        case _:
            return None
