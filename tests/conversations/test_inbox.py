"""The inbox: who has a conversation, and pages of them in every order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from conversations.events import Closed, Event, GivenBack, OperatorEdited, OperatorWrote
from conversations.handling import Assigned, Released, Snoozed, Taken
from conversations.handover import Holder
from conversations.views.happened import Happened, micros
from conversations.views.inbox import SHOWN, inbox
from conversations.views.inbox_pages import (
    BadCursor,
    Moment,
    Wanted,
    counts,
    one,
    page,
    state_of,
)
from conversations.views.people import People
from conversations.views.standing import Standing, standing_after
from tests.conversations.facts import NOON, ask, handoff, heard, log, reply

WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")
BACK, CLOSED = GivenBack(operator="ann"), Closed(reason="resolved")
HOUR = timedelta(hours=1)
NOW = Moment(now=micros(NOON + HOUR), idle=round(12 * HOUR.total_seconds() * 1e6), me="ann")


def happened(*events: Event | timedelta, conversation_id: str = "c") -> list[Happened]:
    name = f"Name {conversation_id}"
    return [
        Happened(recorded, f"v-{conversation_id}", name, "web")
        for recorded in log(*events, conversation_id=conversation_id)
    ]


@pytest.mark.parametrize(
    ("events", "state", "owner"),
    [
        ([heard("1"), reply("1")], Holder.BOT, ""),
        ([heard("1"), handoff("1", "upset")], Holder.WAITING, ""),
        ([heard("1"), handoff("1", "upset"), WROTE], Holder.OPERATOR, "ann"),
        ([heard("1"), WROTE, heard("2")], Holder.OPERATOR, "ann"),
        ([heard("1"), handoff("1", "upset"), BACK], Holder.RETURNED, ""),
        ([heard("1"), WROTE, BACK, heard("2"), handoff("2", "upset")], Holder.WAITING, ""),
        ([heard("1"), WROTE, CLOSED], Holder.CLOSED, "ann"),
        ([heard("1"), CLOSED, WROTE], Holder.CLOSED, ""),
    ],
)
def test_who_has_a_conversation(events: Iterable[Event], state: Holder, owner: str) -> None:
    now = Standing()
    for event in happened(*events):
        now = standing_after(now, event)
    assert (now.state, now.owner) == (state, owner)


def test_what_is_laid_aside_comes_back_with_the_customer_s_next_words() -> None:
    later = "2026-03-02T09:00:00+00:00"
    now = Standing()
    for event in happened(heard("1"), WROTE, Snoozed(operator="ann", until=later)):
        now = standing_after(now, event)
    assert now.snoozed_until == micros(datetime.fromisoformat(later))
    [wakes] = happened(heard("2"))
    assert standing_after(now, wakes).snoozed_until is None
    [back] = happened(Snoozed(operator="ann", until=""))
    assert standing_after(now, back).snoozed_until is None


def test_a_customer_waits_again_where_their_operator_lets_go() -> None:
    let_go = Released(by="ann", reason="gone home")
    now = Standing()
    for event in happened(heard("1"), Taken(operator="ann"), HOUR, let_go):
        now = standing_after(now, event)
    assert (now.state, now.owner, now.waiting_since) == (Holder.WAITING, "", micros(NOON + HOUR))


def test_a_customer_waits_from_the_hand_off_and_again_from_what_was_not_answered() -> None:
    now, since = Standing(), []
    minute = timedelta(minutes=1)
    events: list[Event | timedelta] = [
        heard("1"), handoff("1", "upset"), minute, heard("2"), minute, WROTE,
        minute, heard("3"), minute, heard("4"),
    ]  # fmt: skip
    for event in happened(*events):
        now = standing_after(now, event)
        since.append(now.waiting_since and (now.waiting_since - micros(NOON)) // 60_000_000)
    assert since == [None, 0, 0, None, 3, 3]


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection, execute_plugins=False)
        for view in (People(), inbox()):
            view.create(db)
        yield connection


def take(file: sqlite3.Connection, *lists: list[Happened]) -> None:
    for view in (People(), inbox()):
        view.take(file, [event for events in lists for event in events])


def ids(file: sqlite3.Connection, **wanted: object) -> list[str]:
    found = page(file, Wanted(**wanted), NOW)  # type: ignore[arg-type]  # the tests name the fields
    return [named.row.conversation_id for named in found.rows]


def fill(file: sqlite3.Connection) -> None:
    minute = timedelta(minutes=1)
    take(
        file,
        happened(heard("b"), replace(reply("b"), mood=0.5), conversation_id="bot"),
        happened(
            minute,
            heard("w", "this is bad"),
            replace(handoff("w", "upset"), mood=-0.9),
            conversation_id="wait",
        ),
        happened(heard("v"), handoff("v", "out_of_scope"), conversation_id="long"),
        happened(heard("m"), minute, minute, WROTE, conversation_id="mine"),
        happened(heard("x"), ask("x", "a", "b"), CLOSED, conversation_id="over"),
        happened(-24 * HOUR, heard("o"), reply("o"), conversation_id="old"),
    )


def test_each_state_has_its_rows_and_its_count(file: sqlite3.Connection) -> None:
    fill(file)
    assert ids(file, state="waiting", sort="waiting") == ["long", "wait"]
    assert ids(file, state="mine") == ["mine"]
    assert ids(file, state="open", sort="waiting") == ["long", "wait", "mine"]
    assert ids(file, state="bot") == ["bot"]
    assert set(ids(file, state="closed")) == {"over", "old"}
    assert ids(file, state="all", sort="mood")[0] == "wait"
    assert ids(file, low_mood=True) == ["wait"]
    assert counts(file, NOW) == {
        "waiting": 2, "mine": 1, "open": 3, "bot": 1, "snoozed": 0, "closed": 2,
    }  # fmt: skip


def test_mine_is_also_what_i_am_asked_to_care_for(file: sqlite3.Connection) -> None:
    asked, later = Assigned(operator="bob", to="ann"), "2126-03-02T09:00:00+00:00"
    by_bob, upset = Taken(operator="bob"), handoff("1", "upset")
    take(
        file,
        happened(heard("1"), upset, asked, conversation_id="waits"),
        happened(heard("1"), by_bob, asked, conversation_id="bobs"),
        happened(heard("1"), reply("1"), asked, conversation_id="bots"),
        happened(-24 * HOUR, heard("1"), reply("1"), asked, conversation_id="old"),
        happened(heard("1"), asked, Taken(operator="ann"), conversation_id="taken"),
        happened(heard("1"), asked, by_bob, conversation_id="met"),
        happened(heard("1"), upset, asked, Snoozed(operator="bob", until=later), conversation_id="asleep"),
        happened(heard("1"), asked, CLOSED, conversation_id="over"),
        happened(heard("1"), upset, conversation_id="nobody's"),
    )  # fmt: skip
    assert set(ids(file, state="mine")) == {"waits", "bobs", "bots", "taken"}
    assert counts(file, NOW)["mine"] == 4
    bobs = one(file, "bobs")
    assert bobs is not None
    assert (bobs.row.owner, bobs.row.assigned) == ("bob", "ann")
    program = replace(NOW, me="")
    assert page(file, Wanted(state="mine"), program).rows == []


def test_what_the_bot_has_is_over_after_the_idle_hours(file: sqlite3.Connection) -> None:
    fill(file)
    old, long = one(file, "old"), one(file, "long")
    assert old is not None
    assert long is not None
    assert state_of(old.row, NOW) is Holder.CLOSED
    later = Moment(now=NOW.now + 100 * NOW.idle, idle=NOW.idle)
    assert state_of(long.row, later) is Holder.WAITING  # nobody is forgotten


def test_rows_are_found_by_words_names_and_fields(file: sqlite3.Connection) -> None:
    fill(file)
    assert ids(file, q="name WAIT") == ["wait"]
    assert ids(file, q="hello") == ["mine"]
    assert ids(file, q="%") == []
    assert set(ids(file, intent="parcel")) == {"bot", "old"}
    assert ids(file, channel="telegram") == []
    assert ids(file, owner="ann") == ["mine"]


@pytest.mark.parametrize("sort", ["waiting", "mood", "recent"])
def test_pages_follow_each_other_without_a_gap(file: sqlite3.Connection, sort: str) -> None:
    lists = []
    for number in range(23):
        wait = timedelta(minutes=number % 5)
        words = heard(f"m{number}", "bad" if number % 3 else "fine")
        events = happened(wait, words, handoff(words.message_id, "upset"), conversation_id=f"c{number}")  # fmt: skip
        lists.append(events)
    take(file, *lists)
    whole = ids(file, sort=sort, limit=100)
    assert len(whole) == 23
    found, after = list[str](), ""
    while True:
        part = page(file, Wanted(sort=sort, after=after, limit=4), NOW)
        found += [named.row.conversation_id for named in part.rows]
        if part.next is None:
            break
        after = part.next
    assert found == whole


@pytest.mark.parametrize("cursor", ["x", "e30=", "WzEsIDJd", "[]", "\u9000", "WyJhIiwgImIiXQ=="])
def test_a_place_that_no_page_named_is_refused(file: sqlite3.Connection, cursor: str) -> None:
    with pytest.raises(BadCursor):
        page(file, Wanted(after=cursor), NOW)


def test_a_row_shows_the_beginning_of_the_last_words(file: sqlite3.Connection) -> None:
    take(file, happened(heard("1", "far  \n too long " * 100)))
    shown = one(file, "c")
    assert shown is not None
    assert shown.name == "Name c"
    assert shown.row.last_text.startswith("far too long far")
    assert len(shown.row.last_text) == SHOWN
    assert (shown.row.last_by, shown.row.messages, shown.row.mood) == ("customer", 1, None)
    assert one(file, "nobody") is None


@pytest.mark.parametrize(("corrects", "shown"), [("o", "Good morning"), ("o0", "Hello")])
def test_a_row_shows_last_words_as_they_were_changed(
    file: sqlite3.Connection, corrects: str, shown: str
) -> None:
    before = replace(WROTE, message_id="o0", text="Hi")
    edited = OperatorEdited(
        message_id="e", corrects=corrects, replaces=3, operator="ann", text="Good \n morning"
    )
    take(file, happened(heard("1"), before, WROTE, edited))
    found = one(file, "c")
    assert found is not None
    assert (found.row.last_text, found.row.messages) == (shown, 3)
