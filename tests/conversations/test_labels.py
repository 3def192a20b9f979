"""What the log teaches, and what it cannot be made to teach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.events import HUMAN, NONE_OF_THESE, Event, OperatorWrote, Scored, Thumb
from conversations.evidence import WEIGHTS, Signal, evidence
from conversations.feedback import thumbs
from conversations.labels import (
    WEAK_PER_CONVERSATION,
    Lesson,
    Origin,
    Taught,
    lessons,
    taught_in,
)
from conversations.ledger import Ledger
from conversations.lessons import Unlabelled
from tests.conversations.facts import (
    ask,
    handoff,
    heard,
    joined,
    labelled,
    log,
    rated,
    reply,
)

TAPPED = replace(heard("a"), tapped=True)  # a quick reply, in the desk's words
CHOICE, THUMB = WEIGHTS[Signal.CHOICE], WEIGHTS[Signal.THUMB_UP]


def test_the_latest_thumb_on_a_decision_counts() -> None:
    down = rated("a", Thumb.DOWN)
    assert thumbs(log(rated("a"), rated("b"), down)) == {"d-a": down, "d-b": rated("b")}


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
        Lesson("where is it", "parcel", THUMB, Origin.THUMB, "a", "c")
    ]


@pytest.mark.parametrize(
    "events",
    [
        [heard("a"), handoff("a", "out_of_scope"), rated("a")],
        [heard("a"), ask("a", "parcel"), rated("a")],
        [heard("a"), reply("a", intent=""), rated("a")],  # composed from a knowledge page
        [heard("a", "Parcel", chosen="parcel"), reply("a"), rated("a")],  # a button's label
        [TAPPED, reply("a"), rated("a")],
        [TAPPED, ask("a", "parcel"), heard("b", "Parcel", chosen="parcel")],
        [heard("a", " "), reply("a"), rated("a")],
        [heard("a"), reply("a"), rated("b")],
        [heard("a"), reply("a"), rated("a"), rated("a", Thumb.DOWN)],
        [heard("a"), reply("a"), rated("a", Thumb.DOWN)],
    ],
    ids=[
        "handoff",
        "clarify",
        "composed",
        "tap",
        "quick",
        "quick choice",
        "blank",
        "other",
        "changed",
        "down",
    ],
)
def test_no_other_thumb_teaches_anything(events: list[Event]) -> None:
    assert lessons(log(*events)) == []


@pytest.mark.parametrize(
    "events",
    [
        [replace(reply("a"), by_itself=False), rated("a")],
        [replace(ask("a", "parcel"), by_itself=False), heard("b", "Parcel", chosen="parcel")],
        [
            replace(handoff("a", "out_of_scope"), by_itself=False),
            OperatorWrote(message_id="o", operator="ann", text="Here.", template_id="where"),
        ],
    ],
    ids=["thumb", "choice", "answer"],
)
def test_words_that_were_not_read_by_themselves_teach_nothing_but_by_an_operators_label(
    events: list[Event],
) -> None:
    intents = {"where": "parcel"}
    said = [heard("a", "and to Norway?"), *events]
    assert lessons(log(*said), intents) == []
    assert [one.origin for one in lessons(log(*said, labelled("a", "abroad")), intents)] == [
        Origin.OPERATOR
    ]


def test_a_quick_reply_asks_nothing_again_and_may_turn_an_answer_down() -> None:
    said: list[Event] = [heard("a", "how do I return this coat"), reply("a")]
    again = replace(heard("b", "How do I return this coat?"), tapped=True)
    assert list(evidence(Ledger.of(log(*said, again)))) == []
    missed = replace(heard("b", "That did not help"), tapped=True)
    [one] = evidence(Ledger.of(log(*said, missed)))
    assert one.signal is Signal.REJECTED


def test_what_speaks_against_the_answer_to_several_requests_is_a_ticket_about_no_intent() -> None:
    both = replace(reply("a"), by_itself=False)
    ledger = Ledger.of(log(heard("a"), both, rated("a", Thumb.DOWN)))
    assert [(one.signal, one.intent) for one in evidence(ledger)] == [(Signal.THUMB_DOWN, "")]


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
    left_out = taught_in(Ledger.of(log(*events))).left_out
    why = f"its conversation teaches {WEAK_PER_CONVERSATION} messages already"
    assert left_out == [
        f"m{n}: {why}" for n in range(WEAK_PER_CONVERSATION, WEAK_PER_CONVERSATION + 3)
    ]
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
        Lesson("it is broken", "exchange", CHOICE, Origin.CHOICE, "a", "c")
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


def test_a_label_that_is_taken_back_leaves_the_one_before_it() -> None:
    events: list[Event] = [heard("a"), labelled("a", "refund"), labelled("a", "repair", "bob")]
    back = Unlabelled(message_id="a", operator="bob", by="ann")
    assert [lesson.intent for lesson in lessons(log(*events))] == ["repair"]
    assert [lesson.intent for lesson in lessons(log(*events, back))] == ["refund"]
    all_back = Unlabelled(message_id="a", operator="ann", by="ann")
    assert lessons(log(*events, back, all_back)) == []


def test_what_speaks_for_an_intent_adds_up() -> None:
    recorded = log(heard("a"), reply("a"), rated("a"), Scored(score=5))
    assert [lesson.weight for lesson in lessons(recorded)] == [1 - (1 - 0.3) * (1 - 0.1)]


@pytest.mark.parametrize(
    "next_words",
    [
        [heard("b", "no, that's not it")],
        [heard("b", "a person please"), handoff("b", "asked_for_person")],
        [Scored(score=1)],
    ],
    ids=["rejected", "wanted a person", "dissatisfied"],
)
def test_a_thumb_that_is_contradicted_teaches_nothing(next_words: list[Event]) -> None:
    taught = taught_in(Ledger.of(log(heard("a"), reply("a"), rated("a"), *next_words)))
    assert taught == Taught([], ["a: too much speaks against 'parcel'"])


def test_words_long_after_an_answer_are_not_about_it() -> None:
    late = timedelta(hours=1)
    events: list[Event] = [heard("a"), reply("a"), rated("a")]
    assert len(lessons(log(*events, late, heard("b", "that's not it")))) == 1


def test_a_like_question_after_an_answer_that_pleased_is_another_question() -> None:
    events: list[Event] = [heard("a"), reply("a"), rated("a"), heard("b", "where is it now??")]
    assert len(lessons(log(*events))) == 1


def test_what_an_operator_answered_with_a_template_names_the_intent_of_what_was_handed_off() -> (
    None
):
    events: list[Event] = [heard("a", "it is lost"), handoff("a", "out_of_scope")]
    by_id = OperatorWrote(message_id="o", operator="ann", text="Hello Ada ...", template_id="t1")
    by_words = OperatorWrote(message_id="o", operator="ann", text="we  look into it.")
    intents = {"t1": "lost_parcel", "we look into it": "lost_parcel"}
    for wrote in (by_id, by_words):
        [lesson] = lessons(log(*events, wrote), intents)
        assert (lesson.intent, lesson.origin, lesson.weight) == ("lost_parcel", Origin.ANSWER, 0.6)
    chat = OperatorWrote(message_id="n", operator="ann", text="Good morning!")
    assert lessons(log(*events, chat, by_id), intents) == []


def test_a_thumb_down_for_the_answers_own_fault_says_nothing_about_the_intent() -> None:
    pleased = log(heard("a"), reply("a"), rated("a"))
    annoyed = log(
        heard("b"), reply("b"), rated("b", Thumb.DOWN, "outdated"), conversation_id="other"
    )
    assert len(lessons(joined(pleased, annoyed))) == 1
