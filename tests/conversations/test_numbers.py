"""The numbers: every conversation in exactly one class, and every table adds up to the raw events."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from conversations.adoption import ADOPTED
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Erased,
    Event,
    GivenBack,
    OperatorWrote,
    Recorded,
    Scored,
    Thumb,
    Undeliverable,
)
from conversations.handling import Taken
from conversations.helped import helped
from conversations.views.answers import Answers, Wear, worn
from conversations.views.cases import Cases, Outcome, begun, case_after
from conversations.views.happened import UNHAPPY, Happened, micros
from conversations.views.numbers import (
    CLASSES,
    DEFINITIONS,
    UNITS,
    Numbers,
    Period,
    numbers,
)
from retrieval.mood import CLEAR
from tests.conversations.facts import NOON, ask, handoff, heard, rated, reply

WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")
BACK, CLOSED = GivenBack(operator="ann"), Closed(reason="resolved")
LOST = Undeliverable(message_id="d-1", reason="blocked")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
IDLE = round(12 * HOUR / timedelta(microseconds=1))
TELLING = (
    (heard("1"), "heard"), (heard("1", "that helped, thank you"), "helped"), (heard("1", "that is not what i asked"), "no"),
    (reply("1"), "reply"), (ask("1", "parcel"), "ask"), (handoff("1", "out_of_scope"), "handoff"), (WROTE, "wrote"),
    (BACK, "back"), (rated("1", Thumb.UP), "up"), (rated("1", Thumb.DOWN), "down"), (Scored(score=5), "five"),
    (Scored(score=3), "three"), (Scored(score=1), "one"), (LOST, "lost"), (CLOSED, "closed"),
    (Taken(operator="ann"), "taken"),
)  # fmt: skip


def expected(told: Sequence[str]) -> str:
    """Return the class of a conversation by its raw events, written down apart from the fold: as the definitions say it."""
    if {"handoff", "wrote", "taken"} & set(told):
        return "handed_off"
    answered = [at for at, kind in enumerate(told) if kind in ("reply", "ask")]
    first = answered[0] if answered else len(told)
    good, bad = {"up", "five"}, {"down", "one"}
    in_words = {"helped": 1, "no": -1}
    verdicts = [
        (at, 1 if kind in good else -1 if kind in bad else in_words.get(kind, 0))
        for at, kind in enumerate(told)
        if kind in good | bad | {"three"} or (kind in in_words and at > first)
    ]
    verdict = verdicts[-1][1] if verdicts else 0
    if verdict < 0:
        return "rejected"
    opening, closing_ = (
        ("heard", "helped", "no", "ask"),
        ("reply", "up", "down", "five", "three", "one"),
    )
    last = [kind for at, kind in enumerate(told) if kind in (*opening, *closing_) or (kind == "lost" and at > first)]  # fmt: skip
    if last and last[-1] in (*opening, "lost"):
        return "abandoned"
    return "confirmed" if verdict > 0 else "assumed"


def placed(events: Sequence[Event], conversation_id: str, at: datetime, **who: str) -> list[Happened]:  # fmt: skip
    return [
        Happened(
            Recorded(seq, conversation_id, at + seq * timedelta(minutes=1), event),
            who.get("visitor", f"v-{conversation_id}"), "", who.get("channel", "web"),
        )
        for seq, event in enumerate(events)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TELLING), min_size=1, max_size=9))
def test_the_class_of_a_conversation_is_what_its_definition_says(
    told: list[tuple[Event, str]],
) -> None:
    events = placed([event for event, _ in told], "c", NOON)
    case = begun(events[0], UTC)
    for event in events:
        case = case_after(case, event)
    assert case.outcome.value == expected([kind for _, kind in told])


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    with closing(_file()) as connection:
        yield connection


def _file() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for view in (Cases(UTC), Answers(UTC)):
        view.create(Database(connection, execute_plugins=False))
    return connection


def take(file: sqlite3.Connection, *lists: list[Happened]) -> None:
    for view in (Cases(UTC), Answers(UTC)):
        view.take(file, [event for events in lists for event in events])


def asked(file: sqlite3.Connection, days: int = 5, **narrowed: Any) -> Numbers:
    first = NOON.date()
    now = micros(NOON + 100 * DAY)
    period = Period(
        first=first, last=first + (days - 1) * DAY, now=now, idle=IDLE, **narrowed
    )  # fmt: skip
    return numbers(file, period)


def spoken(told: Sequence[tuple[Event, str]], language: str, release: str) -> list[Event]:
    evidence = f'{{"language": "{language}"}}'
    return [
        _of(event, evidence, release) if isinstance(event, Decided) else event for event, _ in told
    ]


def _of(decided: Decided, evidence: str, release: str) -> Decided:
    return replace(decided, evidence=evidence, release=release, template_id="t")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(TELLING), min_size=1, max_size=6),
            st.sampled_from(("web", "telegram")),
            st.sampled_from(("en", "zh")),
            st.sampled_from(("r1", "r2")),
            st.integers(0, 4),
        ),
        max_size=25,
    )
)
def test_every_table_adds_up_to_the_raw_events(
    desk: list[tuple[list[tuple[Event, str]], str, str, str, int]],
) -> None:
    with closing(_file()) as file:
        take(
            file,
            *(
                placed(spoken(told, language, release), f"c{number}", NOON + day * DAY, channel=channel)
                for number, (told, channel, language, release, day) in enumerate(desk)
            ),
        )  # fmt: skip
        found = asked(file)
    kinds = [[kind for _, kind in told] for told, *_ in desk]
    over = [told for told in kinds if _over(told)]
    classes = Counter(map(expected, over))
    value = {name: figure.value for name, figure in found.figures.items()}
    assert value["conversations"] == len(desk)
    assert value["ended"] == len(over) == sum(classes.values())
    assert {name: value[name] for name in CLASSES} == {name: classes[name] for name in CLASSES}
    for name, table in found.tables.items():
        if name != "by_answer":
            for column in ("conversations", "ended", *CLASSES):
                assert sum(row[column] for row in table) == value[column], (name, column)
    replies = sum(told.count("reply") > 0 for told in kinds)
    # The same message id in several conversations is one reply to the table of answers.
    assert sum(row["given"] for row in found.tables["by_answer"]) == min(1, replies)


def _over(told: list[str]) -> bool:
    """Closed, or nobody of the team has it at the end."""
    if "closed" in told:
        return True
    held = [kind for kind in told if kind in ("handoff", "wrote", "taken", "back")]
    return not held or held[-1] == "back"


def case(answer: int, *events: Event, of: str, **who: str) -> list[Happened]:
    return placed(events, of, NOON + answer * DAY, **who)


def test_a_period_stands_beside_as_many_days_before_it(file: sqlite3.Connection) -> None:
    take(
        file,
        case(-1, heard("1"), reply("1"), of="before"),
        case(-9, heard("2"), reply("2"), of="long before"),
        case(0, heard("3"), reply("3"), rated("3"), of="now"),
        case(1, heard("4"), handoff("4", "upset"), WROTE, Scored(score=2), CLOSED, of="handed"),
    )
    figures = asked(file).figures
    assert (figures["conversations"].value, figures["conversations"].previous) == (2, 1)
    assert (figures["containment"].value, figures["containment"].previous) == (0.5, 1.0)
    assert (figures["resolution"].value, figures["resolution"].previous) == (0.5, 0.0)
    assert (figures["satisfaction"].value, figures["satisfaction"].previous) == (2.0, None)
    assert figures["first_response"].value == 60.0
    assert figures.keys() == DEFINITIONS.keys() == UNITS.keys()


def test_a_conversation_is_unhappy_by_the_worst_that_its_customer_said(
    file: sqlite3.Connection,
) -> None:
    bad, good = replace(reply("1"), mood=-0.8), replace(reply("2"), mood=0.9)
    erased: list[Event] = [heard("4"), replace(reply("4"), mood=-0.9), Erased(by="ann", events=2)]
    take(
        file,
        case(0, heard("1"), bad, heard("2"), good, of="upset"),
        case(0, heard("2"), good, of="happy"),
        case(0, heard("3"), reply("3"), of="unheard"),
        case(0, *erased, of="gone"),
    )
    figures = asked(file).figures
    assert (figures["felt"].value, figures["unhappy"].value) == (2, 1)
    assert figures["unhappiness"].value == 0.5


def test_a_bad_mood_is_what_the_moods_call_negative() -> None:
    assert -CLEAR == UNHAPPY


def test_an_empty_desk_has_numbers_without_a_division(file: sqlite3.Connection) -> None:
    found = asked(file)
    assert found.figures["containment"].value is None
    assert found.figures["conversations"].value == 0
    assert len(found.tables["series"]) == 5


@pytest.mark.parametrize(
    ("step", "rows", "at"),
    [("day", 5, "2026-03-01"), ("hour", 120, "2026-03-01T12:00"), ("week", 2, "2026-02-23")],
)
def test_a_series_has_a_row_for_every_step(
    file: sqlite3.Connection, step: str, rows: int, at: str
) -> None:
    take(file, case(0, heard("1"), reply("1"), of="c"))
    series = asked(file, step=step).tables["series"]
    assert len(series) == rows
    assert [row["at"] for row in series if row["conversations"]] == [at]


def test_a_long_time_counts_answers_as_a_short_one_does(file: sqlite3.Connection) -> None:
    def given(to: str) -> Decided:
        return replace(reply(to), template_id="t")

    take(
        file,
        case(0, heard("1"), given("1"), rated("1"), of="first"),
        case(1, heard("2"), given("2"), of="next"),
        case(90, heard("3"), given("3"), of="late"),
    )
    found = [asked(file, days).tables["by_answer"] for days in (2, 80, 100)]
    counted = [[(row["given"], row["up"]) for row in rows] for rows in found]
    assert counted == [[(2, 1)], [(2, 1)], [(3, 1)]]


def test_days_and_hours_are_those_of_the_desk(file: sqlite3.Connection) -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    [event] = placed([heard("1")], "c", late)
    there = begun(event, ZoneInfo("Europe/Berlin"))
    assert (date.fromordinal(there.day), there.hour) == (date(2026, 3, 2), 0)


def test_filters_narrow_every_table(file: sqlite3.Connection) -> None:
    take(
        file,
        case(0, heard("1"), reply("1"), of="a", channel="web"),
        case(0, heard("2"), handoff("2", "out_of_scope"), of="b", channel="telegram"),
    )
    found = asked(file, channel="web")
    assert found.figures["conversations"].value == 1
    assert found.unanswered == []
    assert [row["channel"] for row in found.tables["by_channel"]] == ["web"]
    assert asked(file, release="none").figures["conversations"].value == 0


def test_the_same_matter_again_within_three_days_reopens_it(file: sqlite3.Connection) -> None:
    take(file, case(0, heard("1"), reply("1"), of="first", visitor="ada"))
    assert asked(file).figures["reopened"].value == 0
    take(file, case(2, heard("2"), reply("2"), of="again", visitor="ada"))
    take(file, case(0, heard("3"), reply("3"), of="other", visitor="bob"))
    take(file, case(2, heard("4"), reply("4", "refund"), of="another", visitor="bob"))
    take(file, case(0, heard("5"), reply("5"), of="old", visitor="eve"))
    take(file, case(4, heard("6"), reply("6"), of="late", visitor="eve"))
    assert asked(file).figures["reopened"].value == 1


def test_what_was_imported_is_not_counted(file: sqlite3.Connection) -> None:
    silence = Decided(
        message_id="s", in_reply_to="1", action=ActionKind.SILENT, text="", reason=ADOPTED
    )
    take(file, case(0, heard("1"), silence, WROTE, Closed(reason=ADOPTED), of="old"))
    assert asked(file).figures["conversations"].value == 0


def test_thumbs_count_for_the_answer_and_the_last_one_wins(file: sqlite3.Connection) -> None:
    answered = _of(reply("1"), "{}", "r")
    take(file, case(0, heard("1"), answered, rated("1"), rated("1", Thumb.DOWN), of="c"))
    assert asked(file).tables["by_answer"] == [{"answer": "t", "given": 1, "up": 0, "down": 1}]


def test_how_answers_were_taken_counts_from_a_day_of_their_own(file: sqlite3.Connection) -> None:
    first = NOON.date()
    assert worn(file, {"t": first}) == {}
    for day, thumb in enumerate((Thumb.DOWN, Thumb.DOWN, Thumb.UP)):
        given = _of(reply(f"{day}"), "{}", "r")
        take(file, case(day, heard(f"{day}"), given, rated(f"{day}", thumb), of=f"c{day}"))
    again = [_of(reply(name), "{}", "r") for name in ("x", "y")]
    take(file, case(1, *again, rated("x", Thumb.DOWN), rated("y", Thumb.DOWN), of="c1"))
    assert worn(file, {"t": first - DAY, "u": first}) == {
        "t": Wear(first, given=True, up=1, down=2),  # a conversation counts once
        "u": Wear(first, given=False, up=0, down=0),
    }
    assert worn(file, {"t": first + DAY})["t"] == Wear(first + DAY, given=True, up=1, down=1)
    assert worn(file, {"t": first + 3 * DAY})["t"].given is False
    assert worn(file, {}) == {}


def test_questions_that_nearly_say_the_same_are_one(file: sqlite3.Connection) -> None:
    texts = ["can i pay with shells please", "can i pay with sea shells please", "why is the sky blue"]  # fmt: skip
    for number, text in enumerate(texts):
        take(file, case(number, heard(text, text), handoff(text, "out_of_scope"), of=f"c{number}"))
    found = asked(file).unanswered
    assert [(one.text, one.count) for one in found] == [(texts[1], 2), (texts[2], 1)]
    assert [one.conversation_id for one in found[0].examples] == ["c1", "c0"]
    assert asked(file).figures["unanswered"].value == 3


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("That helped, thanks!", True), ("it works now", True), ("Perfect, that was helpful", True), ("解决了, 谢谢", True),
        ("Das hat mir geholfen", True), ("cela m'a aidé", True), ("всё получилось", True), ("thanks", False),
        ("thank you", False), ("did that help?", False), ("that did not help", False), ("does it work with wool", False), ("", False),
    ],
)  # fmt: skip
def test_only_explicit_words_say_that_an_answer_helped(text: str, says_so: bool) -> None:
    assert helped(text) is says_so


def test_there_is_a_sentence_for_every_class() -> None:
    assert set(CLASSES) == {str(one) for one in Outcome} <= DEFINITIONS.keys()
