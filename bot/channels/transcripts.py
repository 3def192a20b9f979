"""A visitor's conversations as a text to keep, pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

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


def transcript(history: Sequence[Recorded], desk: str, zone: tzinfo) -> str:
    """
    Return what was said as plain text, one message a paragraph, a rule between conversations.

    Args:
        history: of all conversations of one visitor, in the order of the log.
        desk: what the bot is called.
        zone: that the times are told in.
    """
    pieces, conversation = [f"{desk}\nTimes: {zone}"], ""
    edited = last_edits(history)
    for recorded in reworded(history):
        words = _words(recorded, desk)
        if isinstance(recorded.event, OperatorWrote) and recorded.event.message_id in edited:
            words += " (edited)"
        if not words:
            continue
        if conversation not in ("", recorded.conversation_id):
            pieces.append("-" * 40)
        conversation = recorded.conversation_id
        at = recorded.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        pieces.append(f"[{at}] {words}")
    return "\n\n".join(pieces) + "\n"


def _words(recorded: Recorded, desk: str) -> str:
    match recorded.event:
        case Heard() as heard:
            return _line("You", heard.text, heard.files)
        case Decided() as decided if decided.action is not ActionKind.SILENT and decided.text:
            return _line(desk, decided.text, ())
        case Told(text=text):
            return _line(desk, text, ())
        case OperatorWrote() as wrote:
            return _line(wrote.operator, wrote.text, wrote.files)
        case Closed():
            return "(The conversation was closed.)"
        case _:
            return ""


def _line(who: str, text: str, files: Sequence[Enclosed]) -> str:
    said = [text] if text else []
    return f"{who}: " + "\n".join([*said, *(f"[file: {file.name}]" for file in files)])
