"""Conversations from elsewhere in the log: once, in their own times, and nobody answers them again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conversations.events import ActionKind, Closed, Decided, Heard, OperatorWrote, Utterance
from conversations.interchange import Customer, PastConversation, Side, Turn
from conversations.labels import Origin, lessons
from conversations.ledger import Ledger
from conversations.review import tickets
from conversations.store import Store

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


def turn(minute: int, text: str, operator: str = "") -> Turn:
    side = Side.OPERATOR if operator else Side.CUSTOMER
    return Turn(at=NINE + timedelta(minutes=minute), side=side, text=text, operator=operator)


PAST = PastConversation(
    id="17",
    channel="mail",
    started=NINE,
    customer=Customer("4", "Ada"),
    turns=(turn(0, "Where is it?"), turn(1, "On its way.", "Kofi"), turn(2, "Where is it?")),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(
        tmp_path / "desk.db",
        clock=lambda: datetime(2026, 11, 25, tzinfo=UTC),
        new_id=lambda: uuid.uuid4().hex,
        session_idle=timedelta(hours=1),
    ) as opened:
        yield opened


def test_it_is_in_the_log_as_it_was_and_over(store: Store) -> None:
    assert store.adopt([PAST]) == [3]
    [conversation_id] = {r.conversation_id for r in store.events()}
    history = store.history(conversation_id)
    kinds = [type(r.event) for r in history]
    assert kinds == [Heard, Decided, OperatorWrote, Heard, Decided, Closed]
    assert [r.at for r in history if isinstance(r.event, Heard)] == [
        NINE,
        NINE + timedelta(minutes=2),
    ]
    assert all(r.event.action is ActionKind.SILENT for r in history if isinstance(r.event, Decided))
    visitor = store.visitor_of(conversation_id)
    assert visitor
    assert (visitor.channel, visitor.address, visitor.name) == ("mail", "4", "Ada")
    assert len(store.search("where")) == 2


def test_nobody_has_to_do_anything_about_it(store: Store) -> None:
    store.adopt([PAST])
    assert store.unanswered() == []
    assert store.undelivered() == []
    assert store.waiting() == []
    assert lessons(store.events()) == []
    assert tickets(Ledger.of(store.events())) == []


@pytest.mark.parametrize(
    ("turns", "taught"),
    [
        (PAST.turns, ["Where is it?"]),
        ((turn(0, "Hello"), turn(1, "Where is it?"), turn(2, "On its way.", "Kofi")), []),
        (
            (turn(0, "Where is it?"), turn(1, "A moment.", "Kofi"), turn(2, "On its way.", "Kofi")),
            [],
        ),
        ((turn(0, "Hello?", "Kofi"), turn(1, "Where?"), turn(2, "ON ITS WAY", "Kofi")), ["Where?"]),
    ],
)
def test_what_an_operator_answered_an_opening_question_with_is_evidence(
    store: Store, turns: tuple[Turn, ...], taught: list[str]
) -> None:
    store.adopt([replace(PAST, turns=turns)])
    found = lessons(store.events(), {"on its way": "order_status"})
    assert [lesson.text for lesson in found] == taught
    assert {lesson.origin for lesson in found} <= {Origin.ANSWER}


def test_twice_adds_nothing_and_more_of_it_what_is_new(store: Store) -> None:
    store.adopt([PAST])
    before = list(store.events())
    assert store.adopt([PAST, PAST]) == [0, 0]
    assert list(store.events()) == before
    longer = replace(PAST, turns=(*PAST.turns, turn(9, "It came, thanks!")))
    assert store.adopt([longer]) == [1]
    assert len({r.conversation_id for r in store.events()}) == 1


def test_what_comes_twice_at_once_is_taken_in_once(store: Store) -> None:
    longer = replace(PAST, turns=(*PAST.turns, turn(9, "It came, thanks!")))
    assert store.adopt([PAST, longer, PAST]) == [3, 1, 0]
    kinds = [type(r.event) for r in store.events()]
    assert kinds.count(Closed) == 1
    assert kinds.count(Heard) == 3


def test_what_came_from_two_systems_stays_apart(store: Store) -> None:
    assert store.adopt([PAST, replace(PAST, channel="chatwoot")]) == [3, 3]
    assert len({r.conversation_id for r in store.events()}) == 2


def test_a_customer_who_comes_back_begins_anew(store: Store) -> None:
    store.adopt([PAST])
    said = Utterance(channel="mail", address="4", external_id="new", text="hello")
    heeded = store.hear(said)
    assert heeded.visitor.name == "Ada"
    assert len(store.history(heeded.recorded.conversation_id)) == 1


def test_a_turn_that_was_missing_is_added_alone_wherever_it_stands(store: Store) -> None:
    first, second, third = PAST.turns
    assert store.adopt([replace(PAST, turns=(first, third))]) == [2]
    assert store.adopt([PAST]) == [1]
    assert store.adopt([PAST]) == [0]
    wrote = [r.event for r in store.events() if isinstance(r.event, OperatorWrote)]
    assert [one.text for one in wrote] == [second.text]


def test_what_was_said_twice_within_a_second_is_two_turns(store: Store) -> None:
    twice = replace(PAST, turns=(turn(0, "Hello?"), turn(0, "Hello?"), turn(0, "Hi.", "Kofi")))
    assert store.adopt([twice]) == [3]
    assert store.adopt([twice]) == [0]
