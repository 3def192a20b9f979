"""What operators' messages say by now, where they were edited. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conversations.events import Delivered, OperatorEdited, OperatorWrote, Recorded


def last_edits(history: Iterable[Recorded]) -> dict[str, Recorded]:
    """Return the last OperatorEdited of each message that was edited, by the message's id."""
    edits = ((r.event, r) for r in history)
    return {event.corrects: r for event, r in edits if isinstance(event, OperatorEdited)}


def reworded(history: Sequence[Recorded]) -> list[Recorded]:
    """Return a history in which each message of an operator's has its last wording in its own place, and the edits are gone."""
    last = last_edits(history)
    return [_as_now(r, last) for r in history if not isinstance(r.event, OperatorEdited)]


def edited_message(history: Iterable[Recorded], edited: OperatorEdited) -> OperatorWrote:
    """Return the message that an edit in its history is of."""
    said = (r.event for r in history)
    return next(
        event
        for event in said
        if isinstance(event, OperatorWrote) and event.message_id == edited.corrects
    )


def standing_as(history: Sequence[Recorded], edited: OperatorEdited) -> str:
    """Return the platform's id of what the customer sees before an edit, empty where nothing of it was delivered."""
    earlier = {edited.corrects}
    found = ""
    for event in (r.event for r in history):
        if event == edited:
            break
        if isinstance(event, OperatorEdited) and event.corrects == edited.corrects:
            earlier.add(event.message_id)
    for event in (r.event for r in history):
        if isinstance(event, Delivered) and event.message_id in earlier:
            found = event.external_id
    return found


def _as_now(recorded: Recorded, last: dict[str, Recorded]) -> Recorded:
    match recorded.event:
        case OperatorWrote(message_id=message_id) as wrote if message_id in last:
            edit = last[message_id].event
            assert isinstance(edit, OperatorEdited)  # noqa: S101 - what `last_edits` holds
            return replace(recorded, event=replace(wrote, text=edit.text, template_id=""))
        case _:
            return recorded
