"""What operators taught, as the fold of the log: what is in force, whose a question is, and what was taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from conversations.errors import Rejected
from conversations.events import DESK, Event, Heard, Recorded
from conversations.labels import lessons
from conversations.lessons import Labelled, PageSaved, Taught, Unlabelled, Untaught
from conversations.log import EventLog
from conversations.reader import Reader
from conversations.teachings import teachings
from tests.bot.house import event_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def answer(
    teaching_id: str, intent: str, *questions: str, text: str = "Yes.", operator: str = "eve"
) -> Taught:
    return Taught(
        teaching_id=teaching_id,
        external_id=teaching_id,
        operator=operator,
        intent=intent,
        questions=questions,
        text=text,
    )


def heard(message_id: str, text: str) -> Heard:
    return Heard(message_id=message_id, external_id=message_id, text=text)


def label(message_id: str, intent: str, operator: str = "ann") -> Labelled:
    return Labelled(message_id=message_id, intent=intent, operator=operator)


def unlabelled(message_id: str, operator: str = "ann") -> Unlabelled:
    return Unlabelled(message_id=message_id, operator=operator, by="eve")


def undone(teaching_id: str) -> Untaught:
    return Untaught(teaching_id=teaching_id, operator="eve")


def log_of(*events: Event) -> list[Recorded]:
    numbers = count(1)
    return [Recorded(next(numbers), DESK, NOON, event) for event in events]


def in_force(*events: Event) -> list[tuple[str, str, tuple[str, ...]]]:
    known = teachings(log_of(*events))
    return [(one.teaching_id, one.intent, one.questions) for one in known.in_force]


def test_answers_and_labels_are_in_force_in_the_order_they_were_given() -> None:
    events = (
        heard("m1", "may my dog come in"),
        answer("t1", "gifts", "do you wrap gifts", "gift wrapping?"),
        label("m1", "dogs"),
    )
    assert in_force(*events) == [
        ("t1", "gifts", ("do you wrap gifts", "gift wrapping?")),
        ("m1", "dogs", ("may my dog come in",)),
    ]
    known = teachings(log_of(*events))
    assert [one.text for one in known.in_force] == ["Yes.", ""]
    assert [one.teaching_id for one in known.answers] == ["t1"]
    assert known.seq == 3


def test_what_was_taken_back_is_not_in_force_and_is_known_to_be_undone() -> None:
    known = teachings(log_of(answer("t1", "gifts", "do you wrap gifts"), undone("t1")))
    assert known.in_force == ()
    assert [one.teaching_id for one in known.undone] == ["t1"]
    assert in_force(heard("m1", "hello"), label("m1", "greeting"), unlabelled("m1")) == []


def test_a_later_answer_takes_a_question_over() -> None:
    before, after = answer("t1", "gifts", "Do you wrap gifts?"), answer("t2", "gifts", "do you wrap gifts")  # fmt: skip
    known = teachings(log_of(before, after))
    assert [one.teaching_id for one in known.in_force] == ["t2"]
    assert [one.teaching_id for one in known.undone] == ["t1"]
    kept = in_force(answer("t1", "gifts", "do you wrap gifts", "gift wrapping"), after)
    assert kept == [
        ("t1", "gifts", ("gift wrapping",)),
        ("t2", "gifts", ("do you wrap gifts",)),
    ]


def test_a_label_takes_a_question_over_only_where_it_means_something_else() -> None:
    taught = answer("t1", "gifts", "do you wrap gifts")
    said = heard("m1", "Do you wrap gifts?")
    assert in_force(taught, said, label("m1", "gifts"))[0][0] == "t1"
    assert len(in_force(taught, said, label("m1", "gifts"))) == 1
    assert [one[0] for one in in_force(taught, said, label("m1", "parcels"))] == ["m1"]


def test_the_latest_label_counts_and_one_without_words_teaches_nothing() -> None:
    said = heard("m1", "hello")
    assert in_force(said, label("m1", "a"), label("m1", "b")) == [("m1", "b", ("hello",))]
    assert in_force(heard("m1", " "), label("m1", "a")) == []
    assert in_force(label("gone", "a")) == []


def test_of_two_operators_labels_the_last_that_stands_counts() -> None:
    said = heard("m1", "hello")
    both = (said, label("m1", "a", "ann"), label("m1", "b", "bob"))
    assert in_force(*both) == [("m1", "b", ("hello",))]
    assert in_force(*both, unlabelled("m1", "bob")) == [("m1", "a", ("hello",))]
    assert in_force(*both, unlabelled("m1", "ann")) == [("m1", "b", ("hello",))]
    assert in_force(*both, unlabelled("m1", "ann"), unlabelled("m1", "bob")) == []
    for events in (both, (*both, unlabelled("m1", "bob"))):
        [lesson], [(_, intent, _)] = lessons(log_of(*events)), in_force(*events)
        assert lesson.intent == intent


async def record(log: EventLog, event: Event) -> Recorded:
    return await log.append(DESK, event)


async def test_the_log_keeps_what_was_taught_across_a_restart_and_as_it_was_then(
    tmp_path: Path,
) -> None:
    async with event_log(tmp_path) as log:
        first = await record(log, answer("t1", "gifts", "do you wrap gifts"))
        await record(log, undone("t1"))
    async with event_log(tmp_path) as log:
        assert teachings(await log.teachings()).in_force == ()
        [then] = teachings(await log.teachings(first.seq)).in_force
        assert (then.teaching_id, then.operator, then.at) == ("t1", "eve", first.at)
    with Reader.open(tmp_path / "desk.db") as reader:
        assert [r.event for r in reader.teachings()] == [first.event, undone("t1")]


async def test_the_same_id_of_the_caller_is_taught_once(tmp_path: Path) -> None:
    async with event_log(tmp_path) as log:
        first = await record(log, answer("t1", "gifts", "do you wrap gifts"))
        again = await record(log, answer("t1", "other", "something else"))
        assert (again.seq, again.event) == (first.seq, first.event)
        assert await log.taught_as("t1") == first
        with pytest.raises(Rejected):
            await log.append("nobody's", answer("t2", "gifts", "hello"))


async def test_of_each_page_the_last_that_was_done_to_it_counts(tmp_path: Path) -> None:
    def saved(number: int, page: str, text: str) -> PageSaved:
        return PageSaved(
            change_id=f"page-{number}", page=page, operator="eve", text=text, before=""
        )

    async with event_log(tmp_path) as log:
        await log.append(DESK, saved(1, "wax", "Once."))
        second = await log.append(DESK, saved(2, "zips", "Soap."))
        last = await log.append(DESK, saved(3, "wax", ""))
        assert second.event == saved(2, "zips", "Soap.")
        known = teachings(await log.teachings())
        assert {page: one.text for page, one in known.pages.items()} == {"zips": "Soap.", "wax": ""}
        assert known.seq == last.seq
        assert len(await log.teachings()) == 2  # their texts may be long
        earlier = teachings(await log.teachings(second.seq))
        assert earlier.pages["wax"].text == "Once."
