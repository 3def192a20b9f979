"""The conversation as the fold of its events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conversations.conversation import Conversation, fold, turns_down
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Delivered,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
    Rated,
    Recorded,
    Thumb,
    Undeliverable,
)
from conversations.lessons import Labelled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = Heard(message_id="h1", external_id="1", text="it is broken")
AGAIN = Heard(message_id="h2", external_id="2", text="the lamp")
PARCEL, REFUND = Choice("Parcel", "parcel"), Choice("Refund", "refund")


def decided(action: ActionKind, choices: tuple[Choice, ...] = (), reason: str = "") -> Decided:
    return Decided(
        message_id="d", in_reply_to="h", action=action, text="", choices=choices, reason=reason
    )


CLARIFY = decided(ActionKind.CLARIFY, (PARCEL,))
REPLY = decided(ActionKind.REPLY)
HANDOFF = decided(ActionKind.HANDOFF, reason="out_of_scope")
WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")


def state(*events: Event) -> Conversation:
    return fold("c", [Recorded(seq, "c", NOON, event) for seq, event in enumerate(events, 1)])


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), Conversation("c")),
        ((ASKED,), Conversation("c", asked=ASKED, seq=1)),
        ((ASKED, REPLY), Conversation("c", topic=ASKED, given=("",), seq=2)),
        ((ASKED, decided(ActionKind.SILENT)), Conversation("c", asked=ASKED, seq=2)),
        (
            (ASKED, CLARIFY, AGAIN),
            Conversation("c", clarified=1, offered=(PARCEL,), asked=ASKED, seq=3),
        ),
        (
            (ASKED, CLARIFY, AGAIN, decided(ActionKind.CLARIFY, (REFUND,))),
            Conversation("c", clarified=2, offered=(PARCEL, REFUND), asked=ASKED, seq=4),
        ),
        (
            (ASKED, CLARIFY, AGAIN, REPLY),
            Conversation(
                "c", topic=ASKED, given=("",), passed_over=("parcel",), questions=1, seq=4
            ),
        ),
        (
            (ASKED, CLARIFY, AGAIN, HANDOFF),
            Conversation("c", with_operator=True, handoff_reason="out_of_scope", seq=4),
        ),
        ((ASKED, HANDOFF, GivenBack(operator="ann")), Conversation("c", seq=3)),
        ((WROTE,), Conversation("c", with_operator=True, seq=1)),
        (
            (ASKED, CLARIFY, WROTE, GivenBack(operator="ann"), AGAIN),
            Conversation("c", asked=AGAIN, seq=5),
        ),
        ((Closed(reason="done"),), Conversation("c", closed=True, seq=1)),
        (
            (ASKED, Delivered(message_id="d"), Undeliverable(message_id="d", reason="gone")),
            Conversation("c", asked=ASKED, seq=3),
        ),
        (
            (
                Rated(message_id="d", value=Thumb.DOWN),
                Labelled(message_id="h1", intent="", operator="ann"),
            ),
            Conversation("c", seq=2),
        ),
    ],
)
def test_a_conversation_is_the_fold_of_its_events(
    events: tuple[Event, ...], expected: Conversation
) -> None:
    assert state(*events) == expected


def replied(intent: str) -> Decided:
    return replace(REPLY, intent=intent)


NOT_IT = Heard(message_id="h3", external_id="3", text="no, that's not it")


def test_a_rejection_is_about_what_was_answered() -> None:
    now = state(ASKED, replied("repair"), NOT_IT)
    assert now.asked is now.topic is ASKED
    assert now.turned_down == ("repair",)


def test_answers_to_one_question_add_up_until_another_is_asked() -> None:
    twice = state(ASKED, replied("repair"), NOT_IT, CLARIFY, AGAIN, replied("parcel"))
    assert (twice.topic, twice.given) == (ASKED, ("repair", "parcel"))
    assert twice.turned_down == ()
    other = state(ASKED, replied("repair"), AGAIN, replied("lamp"))
    assert (other.topic, other.given) == (AGAIN, ("lamp",))


@pytest.mark.parametrize(
    "says", ["no", "that's wrong", "???", "still no", "I don't understand", "不是"]
)
def test_a_bare_no_after_an_answer_turns_it_down(says: str) -> None:
    no = Heard(message_id="h3", external_id="3", text=says)
    assert turns_down(no, state(ASKED, replied("repair")))
    asking = replace(replied("repair"), text="Here. Did that help?")
    assert not turns_down(no, state(ASKED, asking))


def test_what_was_offered_and_not_taken_is_passed_over_until_another_is_asked() -> None:
    once = state(ASKED, CLARIFY, AGAIN, replied("lamp"), NOT_IT)
    assert (once.turned_down, once.questions) == (("lamp", "parcel"), 1)
    other = state(ASKED, CLARIFY, AGAIN, replied("lamp"), AGAIN, replied("repair"))
    assert (other.passed_over, other.questions) == ((), 0)


@pytest.mark.parametrize("person", [HANDOFF, WROTE])
def test_nothing_is_turned_down_once_a_person_had_it(person: Event) -> None:
    now = state(ASKED, replied("repair"), person, GivenBack(operator="ann"))
    assert (now.topic, now.given) == (None, ())


def test_what_was_never_answered_cannot_be_turned_down() -> None:
    assert state(NOT_IT).asked is NOT_IT
    assert state(ASKED, CLARIFY, NOT_IT).turned_down == ()
