"""
How each conversation went: the rows that the numbers are counted of. A conversation is in exactly one class.

What a later word says replaces what an earlier one said; a conversation that is open has the class that it would end in now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from enum import StrEnum

from conversations.adoption import ADOPTED
from conversations.events import (
    UNKNOWN,
    ActionKind,
    Closed,
    Decided,
    Heard,
    Joined,
    OperatorWrote,
    Rated,
    Scored,
    Thumb,
    Undeliverable,
)
from conversations.evidence import HAPPY, NOT_UNDERSTOOD, UNHAPPY
from conversations.handling import Taken
from conversations.handover import Holder
from conversations.helped import helped
from conversations.rejection import rejects
from conversations.views.happened import Happened, language_of, speaks
from conversations.views.standing import Standing, standing_after
from conversations.views.table import Fold, Table

CASES = "cases"
KEPT = 200  # characters of a question that was not answered
AGAIN = timedelta(hours=72)  # within which the same matter, by the same visitor, is the old one
LOOKED_BACK = timedelta(days=30)  # how long before that the old one may have begun


class Outcome(StrEnum):
    """How a conversation ended; the first that holds."""

    HANDED_OFF = "handed_off"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Case:
    """
    A conversation as it is counted; times are microseconds since 1970.

    `day` (as `date.toordinal` counts) and `hour` are those of its beginning at the desk. `verdict` is the last thing the customer said of
    it, 1 for good and -1 for bad, `wordless` the same without their own words. `left_open`: a question of the bot's is open, or one of the
    customer's. `mood` is the worst of what the customer said, -1 to 1, None where none was heard. `adopted`: it is from before the bot, and not counted. `answer_id` is the bot's last message.
    """

    conversation_id: str
    visitor_id: str
    channel: str
    language: str
    release: str
    intent: str
    day: int
    hour: int
    opened_at: int
    last_at: int
    state: Holder
    handed: bool
    handed_at: int | None
    first_response: int | None
    score: int | None
    verdict: int
    wordless: int
    left_open: bool
    mood: float | None
    answer_id: str
    heard: str
    unanswered: str
    adopted: bool
    outcome: Outcome
    reopened: bool


class Cases(Table[Case]):
    """The table of them, with a mark at those whose matter came back."""

    def __init__(self, zone: tzinfo) -> None:
        def begin(happened: Happened) -> Case:
            return begun(happened, zone)

        counted = (
            "day", "adopted", "state", "last_at", "outcome", "reopened", "score", "first_response",
            "channel", "language", "release", "intent", "hour", "opened_at",
            "conversation_id", "unanswered", "mood",
        )  # fmt: skip
        of_visitor = ("visitor_id", "opened_at", "last_at", "intent")
        super().__init__(CASES, Fold(Case, begin, case_after, forgotten), [counted, of_visitor])

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        super().take(connection, happened)
        touched = json.dumps([*{one.conversation_id for one in happened}])
        again, back = (round(span / timedelta(microseconds=1)) for span in (AGAIN, LOOKED_BACK))
        connection.execute(
            "UPDATE cases SET reopened = EXISTS ("
            "  SELECT 1 FROM cases AS later WHERE later.visitor_id = cases.visitor_id"
            "  AND later.opened_at > cases.opened_at AND later.opened_at <= cases.last_at + :again"
            "  AND later.intent = cases.intent AND later.intent <> ''"
            ") WHERE conversation_id IN ("
            "  SELECT value FROM json_each(:touched) UNION"
            "  SELECT before.conversation_id FROM cases AS touched JOIN cases AS before USING (visitor_id)"
            "  WHERE touched.conversation_id IN (SELECT value FROM json_each(:touched))"
            "  AND before.opened_at BETWEEN touched.opened_at - :back AND touched.opened_at"
            "  AND before.last_at >= touched.opened_at - :again"
            ")",
            {"touched": touched, "again": again, "back": back},
        )


def begun(happened: Happened, zone: tzinfo) -> Case:
    """Return the case of a conversation of which nothing has happened yet."""
    there = happened.at.astimezone(zone)
    return Case(
        conversation_id=happened.conversation_id,
        visitor_id=happened.visitor_id,
        channel=happened.channel,
        language="",
        release="",
        intent="",
        day=there.toordinal(),
        hour=there.hour,
        opened_at=happened.micros,
        last_at=happened.micros,
        state=Holder.BOT,
        handed=False,
        handed_at=None,
        first_response=None,
        score=None,
        verdict=0,
        wordless=0,
        left_open=False,
        mood=None,
        answer_id="",
        heard="",
        unanswered="",
        adopted=False,
        outcome=Outcome.ASSUMED,
        reopened=False,
    )


def case_after(case: Case, happened: Happened) -> Case:
    """Return the case after one more event."""
    if isinstance(happened.event, Joined):
        return replace(case, visitor_id=happened.event.visitor_id)
    standing = standing_after(Standing(case.state), happened)
    last = happened.micros if speaks(happened.event) else case.last_at
    case = _told(replace(case, state=standing.state, last_at=last), happened)
    return replace(case, outcome=outcome(case))


def outcome(case: Case) -> Outcome:
    """Return the class of a conversation that ends now."""
    if case.handed:
        return Outcome.HANDED_OFF
    if case.verdict < 0:
        return Outcome.REJECTED
    if case.left_open:
        return Outcome.ABANDONED
    return Outcome.CONFIRMED if case.verdict > 0 else Outcome.ASSUMED


def forgotten(case: Case) -> Case:
    """Return the case without what its visitor said."""
    case = replace(case, language="", heard="", unanswered="", mood=None, verdict=case.wordless)
    return replace(case, outcome=outcome(case))


def _told(case: Case, happened: Happened) -> Case:
    match happened.event:
        case Heard(text=text):
            return _heard(case, text)
        case Decided() as decided:
            return _decided(case, decided, happened)
        case OperatorWrote():
            waited = None if case.handed_at is None else happened.micros - case.handed_at
            first = waited if case.first_response is None else case.first_response
            return replace(case, handed=True, first_response=first)
        case Taken():
            return replace(case, handed=True)
        case Rated(value=value):
            return _judged(case, 1 if value is Thumb.UP else -1)
        case Scored(score=score):
            verdict = (score >= HAPPY) - (score <= UNHAPPY)
            return replace(_judged(case, verdict), score=score)
        case Undeliverable(message_id=message_id) if message_id == case.answer_id:
            return replace(case, left_open=True)
        case Closed(reason=reason) if reason == ADOPTED:
            return replace(case, adopted=True)
        case _:
            return case


def _judged(case: Case, verdict: int) -> Case:
    """Whoever judges has seen how it ended."""
    return replace(case, verdict=verdict, wordless=verdict, left_open=False)


def _heard(case: Case, text: str) -> Case:
    case = replace(case, heard=text[:KEPT], left_open=True)
    if not case.answer_id:
        return case
    if rejects(text):
        return replace(case, verdict=-1)
    return replace(case, verdict=1) if helped(text) else case


def _decided(case: Case, decided: Decided, happened: Happened) -> Case:
    case = replace(
        case,
        adopted=case.adopted or decided.reason == ADOPTED,
        intent=decided.intent or case.intent,
        release=case.release or decided.release,
        language=case.language or language_of(decided),
        mood=min((one for one in (case.mood, decided.mood) if one is not None), default=None),
    )
    lost = decided.reason in NOT_UNDERSTOOD or decided.verdict == UNKNOWN
    if lost and not decided.source:
        case = replace(case, unanswered=case.heard)
    match decided.action:
        case ActionKind.SILENT:
            return case
        case ActionKind.HANDOFF:
            since = happened.micros if case.handed_at is None else case.handed_at
            return replace(case, handed=True, handed_at=since, answer_id=decided.message_id)
        case ActionKind.CLARIFY | ActionKind.REPLY:
            asks = decided.action is ActionKind.CLARIFY
            return replace(case, left_open=asks, answer_id=decided.message_id)
