"""A visitor's conversations as a text to keep, in their language, pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from unicodedata import bidirectional

from bot.channels.transcript_words import WORDS, TranscriptWords
from conversations.edits import last_edits, reworded
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Enclosed,
    Heard,
    OperatorWrote,
    Recorded,
)
from conversations.notices import Told

# A plain text has no markup to say which way a line reads: these marks do (Unicode UAX #9, section 2).
RIGHT_TO_LEFT_MARK = "\u200f"
ISOLATE, POP = "\u2068", "\u2069"
FROM_RIGHT, FROM_LEFT = frozenset({"R", "AL"}), frozenset({"L"})  # classes of letters
MARGIN = "  "  # before each line of a message but the first


def transcript(history: Sequence[Recorded], desk: str, zone: tzinfo, locale: str = "en") -> str:
    """
    Return what was said as plain text, one message a paragraph, a rule between conversations.

    The first line of a message alone begins at the margin: whatever somebody wrote, it reads as theirs, and never as a message of
    another's.

    Args:
        history: of all conversations of one visitor, in the order of the log.
        desk: what the bot is called.
        zone: that the times are told in.
        locale: one of the widget's; what the text says by itself is in it, and it reads in its direction.
    """
    words = WORDS[locale]
    heading = (_kept_apart(desk, words), words.times.format(zone=_kept_apart(str(zone), words)))
    pieces, conversation = ["\n".join(_line_start(words) + line for line in heading)], ""
    edited = last_edits(history)
    for recorded in reworded(history):
        said = _said(recorded, desk, words)
        if isinstance(recorded.event, OperatorWrote) and recorded.event.message_id in edited:
            said += f" ({words.edited})"
        if not said:
            continue
        if conversation not in ("", recorded.conversation_id):
            pieces.append("-" * 40)
        conversation = recorded.conversation_id
        at = recorded.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        pieces.append(f"{_line_start(words)}[{at}] {said}")
    return "\n\n".join(pieces) + "\n"


def _said(recorded: Recorded, desk: str, words: TranscriptWords) -> str:
    match recorded.event:
        case Heard() as heard:
            return _entry(words.you, heard.text, heard.files, words)
        case Decided() as decided if decided.action is not ActionKind.SILENT and decided.text:
            return _entry(desk, decided.text, (), words)
        case Told(text=text):
            return _entry(desk, text, (), words)
        case OperatorWrote() as wrote:
            return _entry(wrote.operator, wrote.text, wrote.files, words)
        case Closed():
            return f"({words.closed})"
        case _:
            return ""


def _entry(who: str, text: str, files: Sequence[Enclosed], words: TranscriptWords) -> str:
    """Return a message: its first line behind the name of whoever wrote it, each other one behind a margin."""
    names = (words.file.format(name=_kept_apart(_in_one_line(f.name), words)) for f in files)
    said = [_kept_apart(line, words) for line in text.strip().splitlines()]
    first, *more = [*said, *(f"[{name}]" for name in names)] or [""]
    lines = [first, *(f"{_line_start(words)}{MARGIN}{line}".rstrip() for line in more)]
    return _kept_apart(_in_one_line(who), words) + words.colon + "\n".join(lines)


def _in_one_line(name: str) -> str:
    return " ".join(name.split())


def _line_start(words: TranscriptWords) -> str:
    """Return what makes a line read from the right, empty where lines read from the left anyway."""
    return RIGHT_TO_LEFT_MARK if words.from_right else ""


def _kept_apart(line: str, words: TranscriptWords) -> str:
    """Keep letters of the other direction from turning what stands around them, such as a full stop."""
    others = FROM_LEFT if words.from_right else FROM_RIGHT
    return line if others.isdisjoint(map(bidirectional, line)) else f"{ISOLATE}{line}{POP}"
