"""What the log teaches, and what it cannot be made to teach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Choice,
    Decided,
    Event,
    Heard,
    Labelled,
    Rated,
    Recorded,
    Thumb,
)
from conversations.feedback import thumbs
from conversations.labels import (
    CHOICE_WEIGHT,
    THUMB_WEIGHT,
    WEAK_PER_CONVERSATION,
    Lesson,
    Origin,
    labels,
    lessons,
    to_review,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log(*events: Event, conversation_id: str = "c") -> list[Recorded]:
    return [Recorded(seq, conversation_id, NOON, event) for seq, event in enumerate(events, 1)]


def joined(*logs: Iterable[Recorded]) -> list[Recorded]:
    every = [recorded for one in logs for recorded in one]
    return [Recorded(seq, r.conversation_id, r.at, r.event) for seq, r in enumerate(every, 1)]


def heard(message_id: str, text: str = "where is it", chosen: str = "") -> Heard:
    return Heard(message_id=message_id, external_id=message_id, text=text, chosen=chosen)


def reply(to: str, intent: str = "parcel") -> Decided:
    return Decided(
        message_id=f"d-{to}", in_reply_to=to, action=ActionKind.REPLY, text="Here.", intent=intent
    )


def ask(to: str, *intents: str) -> Decided:
    choices = tuple(Choice(intent.title(), intent) for intent in (*intents, HUMAN, NONE_OF_THESE))
    return Decided(
        message_id=f"d-{to}",
        in_reply_to=to,
        action=ActionKind.CLARIFY,
        text="Which?",
        choices=choices,
    )


def handoff(to: str, reason: str) -> Decided:
    return Decided(
        message_id=f"d-{to}", in_reply_to=to, action=ActionKind.HANDOFF, text="", reason=reason
    )


def rated(to: str, value: Thumb = Thumb.UP) -> Rated:
    return Rated(message_id=f"d-{to}", value=value)


def labelled(message_id: str, intent: str, operator: str = "ann") -> Labelled:
    return Labelled(message_id=message_id, intent=intent, operator=operator)


def test_the_latest_thumb_on_a_decision_counts() -> None:
    down = rated("a", Thumb.DOWN)
    assert thumbs(log(rated("a"), rated("b"), down)) == {"d-a": down, "d-b": rated("b")}


def test_the_latest_label_of_an_utterance_counts() -> None:
    assert labels(log(labelled("a", "x"), labelled("a", "y"))) == {"a": labelled("a", "y")}


def test_an_operators_label_is_a_full_lesson() -> None:
    recorded = log(heard("a"), reply("a"), labelled("a", "wrong"), labelled("a", "refund", "bob"))
    assert lessons(recorded) == [Lesson("where is it", "refund", 1.0, Origin.OPERATOR, "a", "c")]


def test_an_operators_empty_label_teaches_out_of_scope() -> None:
    assert lessons(log(heard("a", "sing"), labelled("a", ""))) == [
        Lesson("sing", "", 1.0, Origin.OPERATOR, "a", "c")
    ]


def test_a_label_of_an_unknown_message_teaches_nothing() -> None:
    assert lessons(log(labelled("gone", "refund"))) == []


def test_a_thumb_up_on_a_reply_is_a_weak_lesson() -> None:
    assert lessons(log(heard("a"), reply("a"), rated("a"))) == [
        Lesson("where is it", "parcel", THUMB_WEIGHT, Origin.THUMB, "a", "c")
    ]


@pytest.mark.parametrize(
    "events",
    [
        [heard("a"), handoff("a", "out_of_scope"), rated("a")],
        [heard("a"), ask("a", "parcel"), rated("a")],
        [heard("a"), reply("a", intent=""), rated("a")],  # composed from a knowledge page
        [heard("a", "Parcel", chosen="parcel"), reply("a"), rated("a")],  # a button's label
        [heard("a", " "), reply("a"), rated("a")],
        [heard("a"), reply("a"), rated("b")],
        [heard("a"), reply("a"), rated("a"), rated("a", Thumb.DOWN)],
        [heard("a"), reply("a"), rated("a", Thumb.DOWN)],
    ],
    ids=["handoff", "clarify", "composed", "tap", "blank", "other", "changed", "down"],
)
def test_no_other_thumb_teaches_anything(events: list[Event]) -> None:
    assert lessons(log(*events)) == []


def test_an_operators_label_overrules_the_thumb_on_the_same_utterance() -> None:
    recorded = log(heard("a"), reply("a"), labelled("a", "refund"), rated("a"))
    assert [lesson.intent for lesson in lessons(recorded)] == ["refund"]


def test_a_thumb_down_cancels_the_thumbs_up_of_everyone_who_asked_the_same() -> None:
    pleased = log(heard("a", "Where is it?"), reply("a"), rated("a"))
    other = log(heard("b", "another thing"), reply("b"), rated("b"), conversation_id="e")
    annoyed = log(
        heard("f", "WHERE  is it"), reply("f"), rated("f", Thumb.DOWN), conversation_id="g"
    )
    assert [lesson.message_id for lesson in lessons(joined(pleased, other, annoyed))] == ["b"]


def test_one_conversation_teaches_only_so_much_by_thumbs_and_the_first_ones_stay() -> None:
    events = [
        event
        for n in range(WEAK_PER_CONVERSATION + 3)
        for event in (heard(f"m{n}", f"question {n}"), reply(f"m{n}"), rated(f"m{n}"))
    ]
    taught = [lesson.message_id for lesson in lessons(log(*events))]
    assert taught == [f"m{n}" for n in range(WEAK_PER_CONVERSATION)]
    another = log(heard("z", "mine"), reply("z"), rated("z"), conversation_id="other")
    assert len(lessons(joined(log(*events), another))) == WEAK_PER_CONVERSATION + 1


def test_a_tapped_choice_is_a_lesson_about_the_utterance_that_was_asked_about() -> None:
    recorded = log(
        heard("a", "it is broken"),
        ask("a", "refund", "repair"),
        heard("b", "None of these", chosen=NONE_OF_THESE),
        ask("b", "exchange"),
        heard("c", "Exchange", chosen="exchange"),
        reply("c", "exchange"),
    )
    assert lessons(recorded) == [
        Lesson("it is broken", "exchange", CHOICE_WEIGHT, Origin.CHOICE, "a", "c")
    ]


@pytest.mark.parametrize("chosen", ["password", HUMAN, NONE_OF_THESE])
def test_a_choice_that_is_no_offered_intent_teaches_nothing(chosen: str) -> None:
    recorded = log(heard("a"), ask("a", "refund"), heard("b", "x", chosen=chosen), reply("b"))
    assert lessons(recorded) == []


def test_a_choice_without_a_question_teaches_nothing() -> None:
    assert lessons(log(heard("a"), reply("a"), heard("b", "x", chosen="parcel"))) == []


def test_an_operators_label_overrules_the_choice() -> None:
    recorded = log(
        heard("a", "it is broken"),
        ask("a", "refund"),
        heard("b", "Refund", chosen="refund"),
        labelled("a", "repair"),
    )
    assert [lesson.intent for lesson in lessons(recorded)] == ["repair"]


def test_lessons_come_in_the_order_in_which_they_were_said() -> None:
    recorded = log(
        heard("a", "one"), reply("a"), heard("b", "two"), reply("b"), labelled("b", "x"), rated("a")
    )
    assert [lesson.message_id for lesson in lessons(recorded)] == ["a", "b"]


def test_what_was_not_understood_is_to_be_reviewed_the_latest_first() -> None:
    recorded = log(
        heard("a"),
        reply("a"),
        heard("b"),
        handoff("b", "out_of_scope"),
        heard("c"),
        handoff("c", "still_unclear"),
        heard("d"),
        handoff("d", "asked_for_person"),
        heard("e"),
        reply("e"),
        rated("e"),
        rated("a", Thumb.DOWN),
    )
    assert to_review(recorded) == ["a", "c", "b"]


def test_a_label_settles_the_review() -> None:
    recorded = log(
        heard("a"), handoff("a", "out_of_scope"), rated("a", Thumb.DOWN), labelled("a", "")
    )
    assert to_review(recorded) == []


def test_a_thumb_that_turned_up_settles_the_review() -> None:
    assert to_review(log(heard("a"), reply("a"), rated("a", Thumb.DOWN), rated("a"))) == []


def test_a_tap_is_reviewed_as_the_utterance_it_was_asked_about() -> None:
    recorded = log(
        heard("a", "it is broken"),
        ask("a", "refund"),
        heard("b", "None of these", chosen=NONE_OF_THESE),
        handoff("b", "still_unclear"),
    )
    assert to_review(recorded) == ["a"]
