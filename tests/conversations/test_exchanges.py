"""What was asked and what a person answered to it, out of the events of a log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from conversations.events import (
    HUMAN,
    ActionKind,
    Decided,
    Event,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
    Visitor,
)
from conversations.exchanges import ASKED_FOR_PERSON, MOST, Exchanges

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ADA = Visitor(visitor_id="v1", channel="web", address="a", name="Ada")
ANSWER = "It comes on Monday, I looked it up."


def heard(number: int, text: str, chosen: str = "") -> Heard:
    return Heard(message_id=f"m{number}", external_id=f"x{number}", text=text, chosen=chosen)


def wrote(number: int, text: str = ANSWER) -> OperatorWrote:
    return OperatorWrote(message_id=f"o{number}", operator="Bob", text=text)


def manners(text: str) -> bool:
    return text in {"hello", "thanks"}


def found(events: Sequence[Event]) -> list[tuple[str, str]]:
    exchanges = Exchanges(manners)
    for seq, event in enumerate(events, start=1):
        exchanges.enter(ADA, Recorded(seq, "c1", NOON + timedelta(seconds=seq), event))
    return [(one.question, one.answer) for one in exchanges.known.values()]


def test_a_question_has_the_first_answer_that_says_something() -> None:
    said: list[Event] = [
        heard(1, "hello"),
        heard(2, "where is my parcel"),
        wrote(1, "Hello!"),
        wrote(2, "One moment, let me check."),
        wrote(3),
        wrote(4, "And have a very nice day, too."),
        heard(3, "thanks"),
        wrote(5, "You are most welcome, any time."),
    ]
    assert found(said) == [("where is my parcel", ANSWER)]


def test_what_only_asks_for_a_person_is_no_question_of_its_own() -> None:
    asks = heard(2, "a person please")
    handed_off = Decided(
        message_id="d1",
        in_reply_to="m2",
        action=ActionKind.HANDOFF,
        text="",
        reason=ASKED_FOR_PERSON,
    )
    assert found([heard(1, "where is my parcel"), asks, handed_off, wrote(1)]) == [
        ("where is my parcel", ANSWER)
    ]
    assert found([asks, handed_off, wrote(1)]) == []
    tapped = heard(2, "Talk to a person", chosen=HUMAN)
    assert found([heard(1, "where is my parcel"), tapped, wrote(1)]) == [
        ("where is my parcel", ANSWER)
    ]


def test_an_edit_counts_and_chinese_answers_are_answers() -> None:
    edited = OperatorEdited(
        message_id="e1", corrects="o1", replaces=2, operator="Bob", text="Tuesday, I was wrong."
    )
    assert found([heard(1, "where"), wrote(1), edited]) == [("where", "Tuesday, I was wrong.")]
    assert found([heard(1, "什么时候到"), wrote(1, "明天上午会送到。")]) == [
        ("什么时候到", "明天上午会送到。")
    ]


def test_no_more_than_the_latest_are_remembered() -> None:
    events: list[Event] = []
    for n in range(MOST + 3):
        events += [heard(n, f"question {n}"), wrote(n)]
    kept = found(events)
    assert len(kept) == MOST
    assert kept[0][0] == "question 3"
