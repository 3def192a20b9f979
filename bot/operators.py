"""What operators may do to a conversation, for the API and for the command line."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from conversations.conversation import Conversation, fold
from conversations.events import (
    DESK,
    Closed,
    Decided,
    Dismissed,
    GivenBack,
    Heard,
    Labelled,
    OperatorWrote,
    Recorded,
    Unlabelled,
)
from conversations.ledger import Ledger, Placed
from conversations.log import EventLog

RESOLVED = "resolved"  # why a conversation is closed that an operator closes


class Unknown(Exception):
    """There is no such message, conversation or intent; the message says which."""


class Over(Exception):
    """The conversation is closed."""


def no_intent(intent: str) -> str:
    """Return the sentence for an intent that there is not, with the ways to make one."""
    return (
        f"There is no intent {intent!r}: write examples of it in examples.csv and retrain, "
        "or teach an answer to it with frontdesk teach."
    )


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
        raise Unknown(no_intent(intent))
    conversation_id, heard = await utterance_of(log, message_id)
    event = Labelled(message_id=heard.message_id, intent=intent, operator=operator)
    return await log.append(conversation_id, event)


async def label_together(
    log: EventLog, message_ids: Sequence[str], intent: str, operator: str, decision: str
) -> list[str]:
    """
    Record what several utterances meant, by one decision, and return their ids; nothing where one of them is unknown.

    Raises:
        Unknown: a message.
    """
    found = [await utterance_of(log, message_id) for message_id in message_ids]
    for conversation_id, heard in found:
        event = Labelled(
            message_id=heard.message_id, intent=intent, operator=operator, decision=decision
        )
        await log.append(conversation_id, event)
    return [heard.message_id for _, heard in found]


async def dismiss(log: EventLog, message_ids: Sequence[str], operator: str) -> list[str]:
    """
    Record that utterances need no label, and return their ids.

    Raises:
        Unknown: a message.
    """
    found = [await utterance_of(log, message_id) for message_id in message_ids]
    for conversation_id, heard in found:
        event = Dismissed(message_id=heard.message_id, operator=operator)
        await log.append(conversation_id, event)
    return [heard.message_id for _, heard in found]


async def undo(log: EventLog, operator: str) -> list[str]:
    """Take back an operator's latest decision that stands, and return the ids of its utterances."""
    own = [label for label in await _standing(log) if label.event.operator == operator]
    if not own:
        return []
    last = max(own, key=lambda label: label.seq)
    decision = last.event.decision
    of_it = [label for label in own if decision and label.event.decision == decision] or [last]
    return await _take_back(log, of_it, operator)


async def revoke(log: EventLog, operator: str, by: str, since: datetime | None = None) -> list[str]:
    """
    Take back every label that an operator gave, from a time on if one is given, and return the utterances' ids.

    What others said of the same utterances stands, and counts again.
    """
    own = [
        label
        for label in await _standing(log)
        if label.event.operator == operator and (since is None or label.at >= since)
    ]
    return await _take_back(log, own, by)


async def settle(log: EventLog, message_ids: Sequence[str], operator: str) -> list[str]:
    """Take back what others said of utterances, and return the ids where somebody had."""
    others = [
        label
        for label in await _standing(log)
        if label.event.message_id in set(message_ids) and label.event.operator != operator
    ]
    return await _take_back(log, others, operator)


async def _standing(log: EventLog) -> list[Placed[Labelled]]:
    ledger = Ledger.of(await log.labels())
    return [label for standing in ledger.labels.values() for label in standing.values()]


async def _take_back(log: EventLog, labels: Sequence[Placed[Labelled]], by: str) -> list[str]:
    for label in labels:
        back = Unlabelled(message_id=label.event.message_id, operator=label.event.operator, by=by)
        await log.append(label.conversation_id, back)
    return [label.event.message_id for label in labels]


async def utterance_of(log: EventLog, message_id: str) -> tuple[str, Heard]:
    """
    Return the conversation and the Heard that `message_id` is, or that it is the decision on.

    Raises:
        Unknown: there is none.
    """
    recorded = await log.message(message_id)
    if recorded is not None and isinstance(recorded.event, Decided):
        recorded = await log.message(recorded.event.in_reply_to)
    if recorded is None or not isinstance(recorded.event, Heard):
        raise Unknown(f"There is no utterance {message_id!r}.")
    return recorded.conversation_id, recorded.event


async def give_back(log: EventLog, conversation_id: str, operator: str) -> bool:
    """
    Return a conversation to the bot; false where no person has it.

    Raises:
        Unknown: the conversation.
    """
    if not (await _standing_of(log, conversation_id)).with_operator:
        return False
    await log.append(conversation_id, GivenBack(operator=operator))
    return True


async def close(log: EventLog, conversation_id: str, operator: str) -> bool:
    """
    Close a conversation; false where it is closed already.

    Raises:
        Unknown: the conversation.
    """
    if (await _standing_of(log, conversation_id)).closed:
        return False
    await log.append(conversation_id, Closed(reason=RESOLVED, operator=operator))
    return True


async def write(log: EventLog, conversation_id: str, wrote: OperatorWrote) -> Recorded:
    """
    Record what an operator writes to a visitor; from now on a person has the conversation. The same message again is one.

    Raises:
        Unknown: the conversation.
        Over: it is closed.
    """
    if (await _standing_of(log, conversation_id)).closed:
        raise Over("This conversation is closed: what is written now would reach nobody.")
    first = await log.message(wrote.message_id)
    return first or await log.append(conversation_id, wrote)


async def _standing_of(log: EventLog, conversation_id: str) -> Conversation:
    history = await log.history(conversation_id)
    if not history or conversation_id == DESK:
        raise Unknown(f"There is no conversation {conversation_id!r}.")
    return fold(conversation_id, history)


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
