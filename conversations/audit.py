"""
The audit: which labels ask what the bot can do today, and which say that it was wrong.

About one utterance in ten is drawn, by the hash of its id, so that whoever wants a sample of ordinary traffic finds the same one.
A drawn utterance that an operator has labelled is asked by the gate and not learned, for HELD from the label on; later it
teaches. A customer's complaint is no ordinary traffic: it is learned from at once. Neither is what was labelled along with another
utterance that somebody was asked about: it was singled out as that one was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.events import UNKNOWN, ActionKind, Decided, Thumb
from conversations.evidence import NOT_UNDERSTOOD
from conversations.ledger import Ledger

ONE_IN = 10
HELD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Audit:
    """
    Labelled utterances, by their message ids.

    `sampled`: drawn as they are, neither asked for because the bot was unsure nor because somebody complained. `asked`: those of them
    that the gate asks and nobody learns yet. `wrong`: the bot had decided otherwise than the label says.
    """

    sampled: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()


def lot(message_id: str) -> int:
    """Return an utterance's place among others where some are drawn; ids are the server's own, so that nobody chooses it."""
    digest = hashlib.sha256(message_id.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big")


def drawn(message_id: str) -> bool:
    """Whether an utterance is in the sample; the same answer at any time and place."""
    return lot(message_id) % ONE_IN == 0


def audit(ledger: Ledger, now: datetime) -> Audit:
    """Return what the labels of a log say at this time."""
    complained, wrong = set[str](), set[str]()
    for said, decided in ledger.decisions():
        message_id, rating = said.about.message_id, ledger.ratings.get(decided.event.message_id)
        if rating is not None and rating.event.value is Thumb.DOWN:
            complained.add(message_id)
        label = ledger.label_of(message_id)
        if label is not None and said.heard is said.about and mistaken(decided.event, label.intent):
            wrong.add(message_id)
    sampled = {
        message_id
        for message_id in ledger.labels
        if drawn(message_id) and message_id not in complained and ledger.labelled_itself(message_id)
    }
    asked = {one for one in sampled if now - _labelled_at(ledger, one) < HELD}
    return Audit(frozenset(sampled), frozenset(asked), frozenset(wrong))


def _labelled_at(ledger: Ledger, message_id: str) -> datetime:
    return max(label.at for label in ledger.labels[message_id].values())


def mistaken(decided: Decided, intent: str) -> bool:
    """Whether a decision was wrong about an utterance that had this intent, empty for out of scope."""
    match decided.action:
        case ActionKind.REPLY if decided.source:  # a page is quoted where no intent is found
            return bool(intent)
        case ActionKind.REPLY:
            return decided.intent != intent
        case ActionKind.CLARIFY if (
            decided.forms
        ):  # it had understood, and asked for what is missing
            return decided.intent != intent
        case ActionKind.CLARIFY if decided.reason == UNKNOWN:  # it offered a person
            return bool(intent)
        case ActionKind.CLARIFY:
            return intent not in {choice.value for choice in decided.choices}
        case ActionKind.HANDOFF:
            return bool(intent) and decided.reason in NOT_UNDERSTOOD
        case ActionKind.SILENT:
            return False
