"""What operators may do to a conversation, for the API and for the command line."""

from __future__ import annotations

import json
from collections.abc import Container
from dataclasses import asdict
from typing import Any

from conversations.conversation import fold
from conversations.events import Decided, GivenBack, Heard, Labelled, Recorded
from conversations.log import EventLog


class Unknown(Exception):
    """There is no such message, conversation or intent; the message says which."""


async def label(
    log: EventLog, message_id: str, intent: str, operator: str, *, intents: Container[str] | None
) -> Recorded:
    """
    Record what an utterance meant.

    Args:
        message_id: of the utterance, or of the decision on it.
        intent: empty means out of scope.
        intents: those that may be given; None takes any.

    Raises:
        Unknown: the message or the intent.
    """
    if intents is not None and intent and intent not in intents:
        raise Unknown(f"There is no intent {intent!r}.")
    recorded = await log.message(message_id)
    match recorded:
        case Recorded(event=Heard()):
            utterance = message_id
        case Recorded(event=Decided(in_reply_to=utterance)):
            pass
        case _:
            raise Unknown(f"There is no utterance {message_id!r}.")
    event = Labelled(message_id=utterance, intent=intent, operator=operator)
    return await log.append(recorded.conversation_id, event)


async def give_back(log: EventLog, conversation_id: str, operator: str) -> bool:
    """
    Return a conversation to the bot; false where no person has it.

    Raises:
        Unknown: the conversation.
    """
    history = await log.history(conversation_id)
    if not history:
        raise Unknown(f"There is no conversation {conversation_id!r}.")
    if not fold(conversation_id, history).with_operator:
        return False
    await log.append(conversation_id, GivenBack(operator=operator))
    return True


async def decision(log: EventLog, message_id: str) -> Recorded:
    """
    Return the decision that `message_id` is, or that was made on it.

    Raises:
        Unknown: there is none.
    """
    recorded = await log.message(message_id)
    if recorded is not None and isinstance(recorded.event, Heard):
        recorded = await log.decision_on(message_id)
    if recorded is None or not isinstance(recorded.event, Decided):
        raise Unknown(f"There is no decision on {message_id!r}.")
    return recorded


def as_object(recorded: Recorded) -> dict[str, Any]:
    """Return an event as JSON has it. The evidence card is left out: it has an address of its own."""
    fields = asdict(recorded.event)
    fields.pop("evidence", None)
    return {
        "seq": recorded.seq,
        "conversation_id": recorded.conversation_id,
        "at": recorded.at.isoformat(),
        "kind": type(recorded.event).__name__.lower(),
        **fields,
    }


def with_card(recorded: Recorded) -> dict[str, Any]:
    """Return a decision as JSON has it, with its evidence card."""
    assert isinstance(recorded.event, Decided)  # noqa: S101 - what `decision` returns
    return {**as_object(recorded), "evidence": json.loads(recorded.event.evidence)}
