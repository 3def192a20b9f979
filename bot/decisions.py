"""
What operators decide about what questions mean, several at once, and taking it back.

A decision is a label, that none is needed, or what a question of the desk's own files means. Whoever takes one back finds everything
as it was before: a label that it took the place of stands again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.operators import utterance_of
from conversations.events import DESK, Recorded
from conversations.ledger import Ledger, Placed
from conversations.lessons import Dismissed, Labelled, Taught, Unlabelled, Untaught
from conversations.log import EventLog
from conversations.teachings import teachings

L = TypeVar("L", Labelled, Dismissed)


@dataclass(frozen=True, slots=True)
class Undone:
    """
    What was taken back: `unlabelled` are utterances whose label it was, `restored` are to be labelled again, `reopened` are
    questions of the desk's files.
    """

    unlabelled: Sequence[str] = ()
    restored: Sequence[str] = ()
    reopened: Sequence[str] = ()


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


async def settle(
    log: EventLog, message_ids: Sequence[str], operator: str, decision: str
) -> list[str]:
    """Take back what others said of utterances, as a part of a decision, and return the ids where somebody had."""
    others = [
        label
        for label in _standing(Ledger.of(await log.labels()))
        if label.event.message_id in set(message_ids) and label.event.operator != operator
    ]
    return await _take_back(log, others, operator, decision)


async def dismiss(
    log: EventLog, message_ids: Sequence[str], operator: str, decision: str = ""
) -> list[str]:
    """
    Record that utterances need no label, by one decision, and return their ids.

    Raises:
        Unknown: a message.
    """
    found = [await utterance_of(log, message_id) for message_id in message_ids]
    for conversation_id, heard in found:
        event = Dismissed(message_id=heard.message_id, operator=operator, decision=decision)
        await log.append(conversation_id, event)
    return [heard.message_id for _, heard in found]


async def correct(
    log: EventLog, question: str, intent: str, operator: str, teaching_id: str
) -> Recorded:
    """
    Record what a question means that stands in the desk's files.

    Args:
        intent: the one of the files again where that is right; empty means out of scope.
        teaching_id: a fresh one.
    """
    event = Taught(
        teaching_id=teaching_id,
        external_id=teaching_id,
        operator=operator,
        intent=intent,
        questions=(question,),
        text="",
    )
    return await log.append(DESK, event)


async def undo(log: EventLog, operator: str) -> Undone:
    """Take back an operator's latest decision that stands."""
    recorded = await log.labels()
    ledger = Ledger.of(recorded)
    labels = [label for label in _standing(ledger) if label.event.operator == operator]
    dismissals = [one for one in ledger.dismissed.values() if one.event.operator == operator]
    corrections = _corrections(await log.teachings(), operator)
    label, dismissal, correction = (
        max((one.seq for one in own), default=0) for own in (labels, dismissals, corrections)
    )
    if correction > max(label, dismissal):
        taught = max(corrections, key=lambda one: one.seq).event
        assert isinstance(taught, Taught)  # noqa: S101 - what `_corrections` returns
        await log.append(DESK, Untaught(teaching_id=taught.teaching_id, operator=operator))
        return Undone(reopened=taught.questions)
    if label >= dismissal:
        latest = _latest(labels)
        displaced = _displaced(recorded, latest)
        taken_back = await _take_back(log, latest, operator)
        for before in displaced:
            await log.append(before.conversation_id, before.event)
        return Undone(unlabelled=taken_back)
    of_it = _latest(dismissals)
    for one in of_it:
        await log.append(one.conversation_id, replace(one.event, taken_back=True))
    return Undone(restored=[one.event.message_id for one in of_it])


async def revoke(log: EventLog, operator: str, by: str, since: datetime | None = None) -> list[str]:
    """
    Take back every label that an operator gave, from a time on if one is given, and return the utterances' ids.

    What others said of the same utterances stands, and counts again.
    """
    own = [
        label
        for label in _standing(Ledger.of(await log.labels()))
        if label.event.operator == operator and (since is None or label.at >= since)
    ]
    return await _take_back(log, own, by)


def _latest(own: Sequence[Placed[L]]) -> list[Placed[L]]:
    """Return what was said last, with everything that was said in one go with it."""
    if not own:
        return []
    last = max(own, key=lambda one: one.seq)
    decision = last.event.decision
    return [one for one in own if decision and one.event.decision == decision] or [last]


def _displaced(
    recorded: Iterable[Recorded], own: Sequence[Placed[Labelled]]
) -> list[Placed[Labelled]]:
    """Return the labels that these ones took the place of: their operator's own ones before, and what they settled."""
    places = {one.seq for one in own}
    decisions = {one.event.decision for one in own} - {""}
    standing: defaultdict[str, dict[str, Placed[Labelled]]] = defaultdict(dict)
    found = []
    for entry in recorded:
        match entry.event:
            case Labelled(message_id=message_id, operator=operator) as label:
                before = standing[message_id].pop(operator, None)
                if before and entry.seq in places:
                    found.append(before)
                standing[message_id][operator] = Placed(
                    entry.seq, entry.conversation_id, entry.at, label
                )
            case Unlabelled(message_id=message_id, operator=operator, decision=decision):
                gone = standing[message_id].pop(operator, None)
                if gone and decision in decisions:
                    found.append(gone)
            case _:
                pass
    return found


def _corrections(recorded: Sequence[Recorded], operator: str) -> list[Recorded]:
    """Return what an operator said of questions in the desk's files and stands."""
    in_force = {one.teaching_id for one in teachings(recorded).corrections}
    return [
        entry
        for entry in recorded
        if isinstance(entry.event, Taught)
        and entry.event.operator == operator
        and entry.event.teaching_id in in_force
    ]


def _standing(ledger: Ledger) -> list[Placed[Labelled]]:
    return [label for standing in ledger.labels.values() for label in standing.values()]


async def _take_back(
    log: EventLog, labels: Sequence[Placed[Labelled]], by: str, decision: str = ""
) -> list[str]:
    for label in labels:
        back = Unlabelled(
            message_id=label.event.message_id,
            operator=label.event.operator,
            by=by,
            decision=decision,
        )
        await log.append(label.conversation_id, back)
    return [label.event.message_id for label in labels]
