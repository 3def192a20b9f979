"""What operators may do to a conversation, for the API and for the command line."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import asdict
from typing import Any

from conversations.conversation import Conversation, fold
from conversations.events import (
    DESK,
    Closed,
    Decided,
    Event,
    GivenBack,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
)
from conversations.handling import Assigned, Noted, Released, Snoozed, Taken
from conversations.handover import Holder, Standing
from conversations.lessons import Labelled
from conversations.log import EventLog, Held, Over

RESOLVED = "resolved"  # why a conversation is closed that an operator closes


class Unknown(Exception):
    """There is no such message, conversation or intent; the message says which."""


class NotYours(Exception):
    """Another operator wrote it."""


class Superseded(Exception):
    """What was to be changed says something else by now; `seq` is the place of its present wording."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"This message was edited meanwhile: look at its wording of seq {seq}.")
        self.seq = seq


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


async def take(
    log: EventLog, conversation_id: str, operator: str, *, expects: Iterable[str] = ("",)
) -> Standing:
    """
    Give a conversation to an operator, who has it already where nothing is to do, and return who has it.

    Args:
        expects: who may have it besides, the empty name for nobody; whoever else has it keeps it.

    Raises:
        Unknown: the conversation.
        Held: somebody else has it.
        Over: it is closed.
    """
    if (await standing(log, conversation_id)).owner != operator:
        owners = {*expects, operator}
        await log.append(conversation_id, Taken(operator=operator), owners=owners)
    now = await log.standing(conversation_id)
    if now.owner != operator:  # taken by somebody else in between
        raise Held(now.owner)
    return now


async def release(log: EventLog, conversation_id: str, operator: str, reason: str = "") -> bool:
    """
    Let a conversation wait for a person again; false where nobody has it.

    Raises:
        Unknown: the conversation.
    """
    now = await standing(log, conversation_id)
    if now.holder is not Holder.OPERATOR:
        return False
    await log.append(conversation_id, Released(by=operator, reason=reason), owners={now.owner})
    return True


async def give_back(log: EventLog, conversation_id: str, operator: str) -> bool:
    """
    Return a conversation to the bot; false where no person has it.

    Raises:
        Unknown: the conversation.
    """
    if not (await _folded(log, conversation_id)).with_operator:
        return False
    await log.append(conversation_id, GivenBack(operator=operator))
    return True


async def close(log: EventLog, conversation_id: str, operator: str) -> bool:
    """
    Close a conversation; false where it is closed already.

    Raises:
        Unknown: the conversation.
    """
    if (await _folded(log, conversation_id)).closed:
        return False
    await log.append(conversation_id, Closed(reason=RESOLVED, operator=operator))
    return True


async def write(log: EventLog, conversation_id: str, wrote: OperatorWrote) -> Recorded:
    """
    Record what an operator writes to a visitor; from now on they have the conversation. The same message again is one.

    Raises:
        Unknown: the conversation.
        Held: somebody else has it.
        Over: it is closed.
    """
    await standing(log, conversation_id)
    first = await log.message(wrote.message_id)
    return first or await log.append(conversation_id, wrote, owners={"", wrote.operator})


async def edit(log: EventLog, conversation_id: str, edited: OperatorEdited) -> Recorded:
    """
    Record what a message of an operator's says from now on. The same edit again is one.

    Raises:
        Unknown: the conversation, or the operator's message in it.
        NotYours: somebody else wrote the message.
        Over: the conversation is closed, or no person has it.
        Superseded: `edited.replaces` is not the wording of today.
    """
    now = await _folded(log, conversation_id)
    history = await log.history(conversation_id)
    wordings = [one for one in history if _is_wording(one.event, edited.corrects)]
    if not wordings:
        raise Unknown(f"No operator wrote a message {edited.corrects!r} in this conversation.")
    _refuse_strangers(wordings[0].event, edited)
    if now.closed or not now.with_operator:
        who = "is closed" if now.closed else "is with the bot again"
        raise Over(f"This conversation {who}: what was written in it stays as it is.")
    if edited.replaces not in {one.seq for one in wordings}:
        raise Superseded(wordings[-1].seq)
    recorded = await log.append(conversation_id, edited)
    first = recorded.event
    if not isinstance(first, OperatorEdited) or first.text != edited.text:
        raise Superseded(max(recorded.seq, wordings[-1].seq))
    return recorded


def _is_wording(event: Event, message_id: str) -> bool:
    match event:
        case OperatorWrote(message_id=known) | OperatorEdited(corrects=known):
            return known == message_id
        case _:
            return False


def _refuse_strangers(wrote: Event, edited: OperatorEdited) -> None:
    if isinstance(wrote, OperatorWrote) and wrote.operator != edited.operator:
        raise NotYours(f"Only {wrote.operator} edits this message.")


async def remark(
    log: EventLog, conversation_id: str, event: Assigned | Snoozed | Noted
) -> Recorded:
    """
    Record what concerns colleagues only: who should care, when, and what to know.

    Raises:
        Unknown: the conversation.
    """
    await standing(log, conversation_id)
    return await log.append(conversation_id, event)


async def standing(log: EventLog, conversation_id: str) -> Standing:
    """
    Return who has a conversation.

    Raises:
        Unknown: there is none.
    """
    if conversation_id == DESK or await log.visitor_of(conversation_id) is None:
        raise Unknown(f"There is no conversation {conversation_id!r}.")
    return await log.standing(conversation_id)


async def _folded(log: EventLog, conversation_id: str) -> Conversation:
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
