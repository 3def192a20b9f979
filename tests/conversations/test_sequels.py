"""What customers ask next, counted from the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.events import (
    NETWORKS_FROM,
    ActionKind,
    Decided,
    Event,
    Heard,
    OpenForm,
    Rated,
    Recorded,
    Thumb,
    Visitor,
)
from conversations.sequels import PAIRS, REMEMBERED, SOON, VISITORS, Segment, Sequels
from tests.conversations.facts import NOON, ask, handoff, heard, rated, reply

HERE = Segment("web")
NO = heard("no", "No, that's not what I meant")
INTENTS = ("parcel", "refund", "size", "wash")


def counted(*visitors: Sequence[Event | timedelta], channel: str = "web") -> Sequels:
    """Return the counts of a log in which each of some visitors has said something, one after the other."""
    sequels, seq = Sequels(aside={"thanks"}), 0
    for number, events in enumerate(visitors):
        at, said = NOON, dict[str, Heard]()
        for event in events:
            seq += 1
            if isinstance(event, timedelta):
                at += event
            elif isinstance(event, Heard):
                said[event.message_id] = event
            else:
                answers = said.get(event.in_reply_to) if isinstance(event, Decided) else None
                who = visitor(f"v{number}", channel)
                sequels.enter(who, Recorded(seq, f"c{number}", at, event), answers)
    return sequels


def enters(sequels: Sequels, who: Visitor, *intents: str) -> None:
    for seq, intent in enumerate(intents):
        sequels.enter(who, Recorded(seq, "c", NOON, reply(f"{seq}", intent)))


def visitor(visitor_id: str, channel: str = "web") -> Visitor:
    return Visitor(visitor_id=visitor_id, channel=channel, address=visitor_id)


def asks(*intents: str) -> list[Event | timedelta]:
    return [reply(f"{number}", intent) for number, intent in enumerate(intents)]


def following(sequels: Sequels, *context: str) -> dict[str, int]:
    return {one.intent: one.visitors for one in sequels.after(context, HERE)}


def test_what_was_asked_next_is_counted_by_visitors_and_the_commonest_comes_first() -> None:
    sequels = counted(
        asks("parcel", "refund"), asks("parcel", "refund"), asks("parcel", "size"), asks("wash")
    )
    found = sequels.after(["parcel"], HERE)
    assert [(one.intent, one.visitors, one.after) for one in found] == [
        ("refund", 2, "parcel"),
        ("size", 1, "parcel"),
    ]
    assert found[0].share > found[1].share > sequels.shares(["parcel"], HERE)["wash"] > 0


def test_one_visitor_counts_once_however_often_they_ask() -> None:
    assert following(counted(asks(*["parcel", "refund"] * 5)), "parcel") == {"refund": 1}


def test_one_visitor_counts_once_after_more_matters_than_are_remembered() -> None:
    round_trip = ["parcel", "refund", *(f"other {n}" for n in range(REMEMBERED))]
    assert following(counted(asks(*round_trip * 6)), "parcel") == {"refund": 1}


def test_a_visitor_counts_for_so_many_pairs_and_no_more() -> None:
    sequels = counted(asks(*(f"{n}" for n in range(PAIRS + 3))))
    assert following(sequels, f"{PAIRS - 1}") == {f"{PAIRS}": 1}
    assert following(sequels, f"{PAIRS}") == {}


def test_a_pair_that_was_taken_back_counts_when_it_is_meant() -> None:
    events = [*asks("parcel", "refund"), rated("1", Thumb.DOWN), reply("2", "refund")]
    assert following(counted(events), "parcel") == {"refund": 1}


@pytest.mark.parametrize(("others", "number"), [(NETWORKS_FROM - 1, 1), (NETWORKS_FROM - 2, 6)])
def test_visitors_of_one_network_count_once_where_networks_tell_visitors_apart(
    others: int, number: int
) -> None:
    sequels = counted()
    for other in range(others):
        enters(sequels, replace(visitor(f"o{other}"), network=f"n{other}"), "size")
    for many in range(6):
        enters(sequels, replace(visitor(f"v{many}"), network="of one"), "parcel", "refund")
    assert following(sequels, "parcel") == {"refund": number}
    for unplaced in range(3):
        enters(sequels, visitor(f"u{unplaced}"), "parcel", "refund")
    assert following(sequels, "parcel") == {"refund": number + 3}


def test_a_network_counts_for_as_long_as_one_of_its_visitors_does() -> None:
    sequels = counted()
    for other in range(NETWORKS_FROM):
        enters(sequels, replace(visitor(f"o{other}"), network=f"n{other}"), "size")
    pair = [replace(visitor(f"v{n}"), network="of one") for n in range(2)]
    for one in pair:
        enters(sequels, one, "parcel", "refund")
    for one, left in zip(pair, ({"refund": 1}, {}), strict=True):
        sequels.enter(one, Recorded(9, "c", NOON, rated("1", Thumb.DOWN)))
        assert following(sequels, "parcel") == left


@pytest.mark.parametrize(
    "events",
    [
        [reply("1", "parcel"), SOON + timedelta(seconds=1), reply("2", "refund")],
        [reply("1", "parcel"), reply("2", "parcel")],
        [reply("1", "parcel"), ask("2", "refund", "size")],
        [reply("1", "parcel"), replace(reply("2", "refund"), source="page")],
        [reply("1", "parcel"), reply("2", "thanks")],
        [reply("1", "parcel"), reply("2", "refund"), rated("2", Thumb.DOWN)],
        [reply("1", "parcel"), reply("2", "refund"), NO, ask("no", "size")],
        [reply("1", "parcel"), reply("2", "refund"), NO, handoff("no", "still_unclear")],
        [reply("1", "parcel"), NO, reply("no", "refund")],
        [reply("1", "parcel"), replace(reply("2", "refund"), reason="suggested")],
        [reply("1", "parcel"), replace(heard("2"), tapped=True), reply("2", "refund")],
    ],
)
def test_what_is_no_next_question_of_its_own_is_not_counted(
    events: list[Event | timedelta],
) -> None:
    assert following(counted(events), "parcel") == {}


def test_small_talk_in_between_and_another_conversation_soon_after_part_nothing() -> None:
    thanks = counted(asks("parcel", "thanks", "refund"))
    later = counted([reply("1", "parcel"), SOON, reply("2", "refund")])
    assert following(thanks, "parcel") == following(later, "parcel") == {"refund": 1}
    assert thanks.shares(["parcel", "thanks"], HERE) == thanks.shares(["parcel"], HERE)
    assert thanks.shares(["thanks"], HERE) == {}


def test_a_tap_on_a_quick_reply_counts_half_as_one_on_a_suggestion_does() -> None:
    quick: list[Event | timedelta] = [
        reply("1", "parcel"),
        replace(heard("2"), tapped=True),
        reply("2", "refund"),
    ]
    suggested = [reply("1", "parcel"), replace(reply("2", "refund"), reason="suggested")]
    shares = counted(quick).shares(["parcel"], HERE)
    assert shares == counted(suggested).shares(["parcel"], HERE)
    assert shares != counted(asks("parcel", "refund")).shares(["parcel"], HERE)


def test_a_bad_answer_was_still_what_was_asked() -> None:
    bad = Rated(message_id="d-1", value=Thumb.DOWN, reason="outdated")
    assert following(counted([*asks("parcel", "refund"), bad]), "parcel") == {"refund": 1}


def test_words_that_turn_down_a_question_a_form_or_a_person_withdraw_no_answer() -> None:
    form = replace(reply("2", "refund"), forms=(OpenForm(form="order", asking="number"),))
    silent = replace(reply("no", ""), action=ActionKind.SILENT)
    logs: list[list[Event | timedelta]] = [
        [*asks("parcel", "refund"), ask("q", "size"), NO, ask("no", "size")],
        [reply("1", "parcel"), form, NO, ask("no")],
        [*asks("parcel", "refund"), NO, silent],
        [*asks("parcel", "refund", "thanks"), NO, ask("no", "size")],
    ]
    for events in logs:
        assert following(counted(events), "parcel") == {"refund": 1}


def test_words_that_turn_down_come_too_late_in_another_conversation() -> None:
    sequels = counted(asks("parcel", "refund"))
    sequels.enter(visitor("v0"), Recorded(9, "another", NOON, ask("no", "size")), NO)
    assert following(sequels, "parcel") == {"refund": 1}


def test_a_segment_leans_towards_its_own_customs() -> None:
    sequels = counted(*[asks("parcel", "refund")] * 9)
    for number in range(9):
        for seq, event in enumerate(asks("parcel", "size")):
            assert isinstance(event, Decided)
            sequels.enter(visitor(f"t{number}", "telegram"), Recorded(100 + seq, "c", NOON, event))
    web = sequels.shares(["parcel"], HERE)
    telegram = sequels.shares(["parcel"], Segment("telegram"))
    assert web["refund"] > web["size"]
    assert telegram["size"] > telegram["refund"]


def test_what_was_asked_before_the_last_matter_counts_less_than_that() -> None:
    sequels = counted(*[asks("parcel", "refund")] * 6, *[asks("size", "wash")] * 6)
    assert [one.intent for one in sequels.after(["size", "parcel"], HERE)] == ["refund", "wash"]
    assert [one.intent for one in sequels.after(["parcel", "size"], HERE)] == ["wash", "refund"]


def test_an_earlier_matter_speaks_where_too_few_asked_it_after_the_last() -> None:
    sequels = counted(*[asks("size", "wash")] * 4, *[asks("parcel", "wash")] * 5)
    [found] = sequels.after(["parcel", "size"], HERE, least=5)
    assert (found.intent, found.after, found.visitors) == ("wash", "parcel", 5)
    assert sequels.after(["parcel", "size"], HERE)[0].after == "size"


def test_what_visitors_asked_is_remembered_within_bounds() -> None:
    sequels = counted(asks(*INTENTS * 5))
    assert sequels.of("v0", NOON) == list(INTENTS * 5)[-REMEMBERED:]
    assert sequels.of("v0", NOON + timedelta(seconds=1)) == []
    for number in range(VISITORS):
        sequels.enter(visitor(f"w{number}"), Recorded(1, "c", NOON, reply("1")))
    assert sequels.of("v0", NOON) == []


@given(
    st.lists(st.lists(st.sampled_from(INTENTS), max_size=8), max_size=8),
    st.lists(st.sampled_from(INTENTS), min_size=1, max_size=5),
)
def test_shares_are_shares_and_the_same_log_gives_the_same(
    visitors: list[list[str]], context: list[str]
) -> None:
    one, other = (counted(*(asks(*of) for of in visitors)) for _ in range(2))
    assert one.after(context, HERE) == other.after(context, HERE)
    shares = one.shares(context, HERE)
    assert all(0 <= share <= 1 for share in shares.values())
    assert not shares or sum(shares.values()) == pytest.approx(1, abs=1e-4)
    assert {found.intent for found in one.after(context, HERE)} <= {
        i for of in visitors for i in of
    }


def test_a_decision_that_answers_nothing_is_no_matter() -> None:
    silent = Decided(message_id="d", in_reply_to="m", action=ActionKind.SILENT, text="", intent="x")
    assert counted([silent]).of("v0", NOON) == []
