"""Where past messages come from: a file in any form that `frontdesk import` reads, a pile of messages, or a desk's log."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from conversations.events import Heard, OperatorEdited, OperatorWrote, Recorded
from conversations.exports import chatwoot, intercom, table, zendesk
from conversations.exports.parts import ENVELOPES, NotAnExport, Read, text_of
from conversations.interchange import Malformed, PastConversation, Side, parse_each
from conversations.ledger import Ledger
from conversations.reader import Reader
from conversations.review import tickets
from finetune.examples import ExamplesError, read_rows, read_texts
from finetune.mining.errors import AllUnderstood, Unreadable
from finetune.mining.speech import Line, Message, Speech

JSON = {".json", ".jsonl", ".ndjson"}


def _interchange(path: Path) -> Iterator[Read | Malformed]:
    with path.open("rb") as lines:
        yield from parse_each(lines)


# What only a record of this form has, the most telling first, and who reads it.
FORMS: Mapping[str, Callable[[Path], Iterator[Read | Malformed]]] = {
    "turns": _interchange,
    "conversation_parts": intercom.read,
    "messages": chatwoot.read,
    "comments": zendesk.read,
    "description": zendesk.read,
}


def read_file(path: Path) -> Speech:
    """
    Return what a file says, its form told by its first record.

    Raises:
        Unreadable: it is of no known form, or holds no message of a customer.
    """
    try:
        speech = _json(path) if path.suffix.lower() in JSON else _csv(path)
    except (NotAnExport, ExamplesError) as error:
        raise Unreadable(str(error)) from error
    if not speech.messages:
        why = f"; {speech.left_out[0]}" if speech.left_out else ""
        raise Unreadable(f"{path.name} holds no message of a customer{why}")
    return speech


def read_log(database: Path, *, unanswered: bool) -> Speech:
    """
    Return what a desk's log says.

    Args:
        unanswered: what the bot understood, or a person has labelled since, is settled.

    Raises:
        LogError: the log cannot be read.
        Unreadable: no customer says anything in it, or (AllUnderstood) nothing that is unanswered.
    """
    with Reader.open(database) as log:
        wanted = _not_understood(Ledger.of(log.events())) if unanswered else None
        speech = _logged(log.events(), wanted)
    if all(message.settled for message in speech.messages):
        if unanswered:
            raise AllUnderstood(
                f"the log {database} holds no message that the bot did not understand"
            )
        raise Unreadable(f"the log {database} holds no message of a customer")
    return speech


def pile(texts: Iterable[str]) -> Speech:
    """Return messages of which nobody knows where in a conversation they were said: none counts as an opening."""
    said = (" ".join(text.split()) for text in texts)
    return Speech([Message(text, opening=False) for text in said if text])


def _json(path: Path) -> Speech:
    first = _first_record(path)
    for name, read in FORMS.items():
        if name in first:
            return _conversations(read(path))
    if "text" in first:
        return pile(read_texts(path))
    raise Unreadable(
        f"{path.name} is neither conversations (frontdesk's own, Chatwoot's, Intercom's, Zendesk's) nor messages "
        f"with a text; its first record has {', '.join(map(str, first)) or 'nothing'}"
    )


def _csv(path: Path) -> Speech:
    _, first = read_rows(path)[0]
    if set(table.COLUMNS) <= set(first):
        return _conversations(table.read(path))
    return pile(read_texts(path))


def _first_record(path: Path) -> Mapping[str, Any]:
    """Return the first record of JSON Lines, or of a JSON document, a list or an envelope around one."""
    try:
        text = text_of(path)
    except NotAnExport as error:
        raise Unreadable(str(error)) from error
    line = next((line for line in text.split("\n") if line.strip()), "{}")
    for content in (line, text):
        try:
            return _unwrapped(json.loads(content))
        except (ValueError, RecursionError):
            continue
    raise Unreadable(f"{path.name} is not JSON; a table of messages ends in .csv")


def _unwrapped(whole: Any) -> Mapping[str, Any]:
    if isinstance(whole, list):
        return _unwrapped(whole[0]) if whole else {}
    if not isinstance(whole, dict):
        return {}
    inner = next((whole[name] for name in ENVELOPES if name in whole), None)
    return _unwrapped(inner) if isinstance(inner, list | dict) else whole


def _conversations(found: Iterable[Read | Malformed]) -> Speech:
    speech = Speech()
    for one in found:
        if isinstance(one, PastConversation):
            lines = (
                Line(t.text, t.operator if t.side is Side.OPERATOR else None) for t in one.turns
            )
            speech.add(lines, one.customer.name)
        else:
            speech.left_out.append(str(one))
    return speech


def _not_understood(ledger: Ledger) -> set[str]:
    """Return the ids of what the bot handed off without understanding it, or answered wrongly, and nobody has labelled."""
    found = (ticket for ticket in tickets(ledger) if ticket.missed)
    return {said.heard.message_id for ticket in found for said in ticket.said}


def _logged(events: Iterable[Recorded], wanted: Collection[str] | None) -> Speech:
    lines: dict[str, list[Line]] = {}
    places: dict[str, int] = {}  # by message id, where an operator's line stands
    for entry in events:
        said = lines.setdefault(entry.conversation_id, [])
        match entry.event:
            case Heard(message_id=message_id, text=text, own_words=True):
                said.append(Line(text, settled=wanted is not None and message_id not in wanted))
            case OperatorWrote(message_id=message_id, text=text, operator=operator):
                places[message_id] = len(said)
                said.append(Line(text, operator))
            case OperatorEdited(corrects=message_id, text=text, operator=operator) if (
                message_id in places
            ):
                said[places[message_id]] = Line(text, operator)
            case _:
                pass
    speech = Speech()
    for said in lines.values():
        speech.add(said)
    return speech
