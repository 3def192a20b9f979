"""What wants a label."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.events import HUMAN, NONE_OF_THESE, ActionKind, Decided, Event, Recorded, Thumb
from conversations.evidence import Signal
from conversations.ledger import Ledger
from conversations.lessons import Dismissed
from conversations.review import Ticket, tickets
from tests.conversations.facts import NOON, ask, handoff, heard, joined, labelled, log, rated, reply


def about(recorded: list[Recorded]) -> list[str]:
    return [ticket.message_id for ticket in tickets(Ledger.of(recorded))]


def only(*events: Event | timedelta) -> Ticket:
    [ticket] = tickets(Ledger.of(log(*events)))
    return ticket


def test_the_same_words_are_one_ticket_with_the_latest_first() -> None:
    recorded = log(heard("a", "Where is it?"), reply("a"), heard("b", "where IS it"), reply("b"))
    [ticket] = tickets(Ledger.of(recorded))
    assert [said.heard.message_id for said in ticket.said] == ["b", "a"]
    assert ticket.decided.message_id == "d-b"


def test_words_that_have_a_label_want_none() -> None:
    first = log(heard("a"), reply("a"), labelled("a", "parcel"))
    again = log(heard("b"), reply("b"), heard("x", "other words"), reply("x"), conversation_id="e")
    assert about(joined(first, again)) == ["x"]


def test_taps_blanks_and_what_was_said_to_a_person_want_none() -> None:
    silence = Decided(message_id="s", in_reply_to="d", action=ActionKind.SILENT, text="")
    recorded = log(
        heard("a", "it is broken"),
        ask("a", "refund"),
        heard("b", "A person", chosen=HUMAN),
        handoff("b", "asked_for_person"),
        heard("c", "  "),
        handoff("c", "out_of_scope"),
        heard("d", "hello?"),
        silence,
    )
    assert about(recorded) == ["a"]


def test_words_that_were_not_read_by_themselves_want_none() -> None:
    beside = replace(reply("b"), by_itself=False)
    assert about(log(heard("a"), reply("a"), heard("b", "and to Norway?"), beside)) == ["a"]


def test_what_only_turns_an_answer_down_wants_none_and_what_it_says_instead_does() -> None:
    asked_back = replace(ask("b", "refund"), reason="turned_down")
    from_a_page = replace(reply("b"), reason="turned_down")
    for then in (asked_back, from_a_page):
        assert about(log(heard("a"), reply("a"), heard("b", "no, that's not it"), then)) == ["a"]
    instead = log(heard("a"), reply("a"), heard("b", "not what I asked, repair it"), reply("b"))
    assert about(instead) == ["b", "a"]


def test_a_tap_speaks_about_the_utterance_it_was_asked_about() -> None:
    ticket = only(
        heard("a", "it is broken"),
        ask("a", "refund"),
        heard("b", "None of these", chosen=NONE_OF_THESE),
        handoff("b", "still_unclear"),
    )
    assert ticket.message_id == "a"
    assert [e.signal for e in ticket.evidence] == [Signal.NOT_UNDERSTOOD]


def test_what_brought_the_offer_of_a_person_was_not_understood() -> None:
    offer = replace(handoff("a", "out_of_scope"), action=ActionKind.CLARIFY)
    ticket = only(heard("a", "do you wrap gifts"), offer)
    assert ticket.message_id == "a"
    assert [e.signal for e in ticket.evidence] == [Signal.NOT_UNDERSTOOD]


@pytest.mark.parametrize(
    ("next_events", "signal", "weight"),
    [
        ([rated("a", Thumb.DOWN)], Signal.THUMB_DOWN, 0.6),
        ([heard("b", "that's not what I asked")], Signal.REJECTED, 0.5),
        ([heard("b", "so where is it then")], Signal.REPHRASED, 0.3),
        ([heard("b", "human!"), handoff("b", "asked_for_person")], Signal.WANTED_PERSON, 0.2),
    ],
)
def test_what_speaks_against_an_answer_is_on_the_ticket(
    next_events: list[Event], signal: Signal, weight: float
) -> None:
    [ticket] = [
        t
        for t in tickets(Ledger.of(log(heard("a"), reply("a"), *next_events)))
        if t.message_id == "a"
    ]
    assert [e.signal for e in ticket.evidence] == [signal]
    assert ticket.complaint == pytest.approx(weight)


def test_a_question_that_nobody_answered_speaks_a_little_against_itself() -> None:
    asked = log(heard("a"), ask("a", "refund"))
    assert tickets(Ledger.of(asked))[0].complaint == 0
    later = log(timedelta(hours=2), heard("b", "hi"), reply("b"), conversation_id="later")
    [left] = [t for t in tickets(Ledger.of(joined(asked, later))) if t.message_id == "a"]
    assert [e.signal for e in left.evidence] == [Signal.LEFT]


def test_a_visitor_with_many_complaints_has_one() -> None:
    again: list[Event] = [
        rated("a", Thumb.DOWN),
        heard("b", "wrong answer"),
        heard("c", "no, that's not it"),
    ]
    [loud] = [
        t for t in tickets(Ledger.of(log(heard("a"), reply("a"), *again))) if t.message_id == "a"
    ]
    assert loud.complaint == pytest.approx(0.6)


def test_a_dismissed_utterance_comes_back_only_with_a_new_complaint() -> None:
    events: list[Event] = [heard("a"), reply("a"), rated("a", Thumb.DOWN)]
    away = Dismissed(message_id="a", operator="ann")
    assert about(log(*events, away)) == []
    assert about(log(*events, away, rated("a", Thumb.DOWN))) == ["a"]


def test_operators_who_disagree_are_both_on_the_ticket() -> None:
    ticket = only(heard("a"), reply("a"), labelled("a", "refund"), labelled("a", "repair", "bob"))
    assert [(label.operator, label.intent) for label in ticket.labels] == [
        ("ann", "refund"),
        ("bob", "repair"),
    ]
    agreed = log(heard("a"), reply("a"), labelled("a", "repair"), labelled("a", "repair", "bob"))
    assert about(agreed) == []


def test_what_was_not_asked_lately_is_left_out() -> None:
    recorded = log(
        heard("a"), reply("a"), timedelta(days=9), heard("b", "something new"), reply("b")
    )
    recent = tickets(Ledger.of(recorded), since=NOON + timedelta(days=1))
    assert [ticket.message_id for ticket in recent] == ["b"]
