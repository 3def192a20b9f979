"""Who has a conversation: a table over its events, the same in the fold, in the store and for answers on their way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.conversation import fold
from conversations.errors import Held, Over
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
    Utterance,
)
from conversations.handling import Assigned, Noted, Released, Taken
from conversations.handover import Holder, Standing, after, assigned, standing
from conversations.jobs import Append
from conversations.store import Store
from tests.conversations.facts import NOON, heard, log, reply

ORDERS = 100_000  # of random events

CLOSED = Closed(reason="resolved", operator="Ann")
ANN, BOB = Taken(operator="Ann"), Taken(operator="Bob")
TO_BOB = Assigned(operator="Ann", to="Bob")
LET_GO, BACK = Released(by="Ann", reason="gone"), GivenBack(operator="Ann")


def handoff(to: str = "m") -> Decided:
    return Decided(
        message_id=f"d-{to}",
        in_reply_to=to,
        action=ActionKind.HANDOFF,
        text="A person comes.",
        reason="asked_for_person",
    )


def wrote(operator: str, number: int = 1) -> OperatorWrote:
    return OperatorWrote(message_id=f"o-{number}", operator=operator, text="Hello, how can I help?")


@pytest.mark.parametrize(
    ("events", "holder", "owner"),
    [
        ([heard("m"), reply("m")], Holder.BOT, ""),
        ([handoff()], Holder.WAITING, ""),
        ([handoff(), ANN], Holder.OPERATOR, "Ann"),
        ([ANN, BOB], Holder.OPERATOR, "Bob"),
        ([ANN, wrote("Bob")], Holder.OPERATOR, "Ann"),
        ([handoff(), wrote("Bob")], Holder.OPERATOR, "Bob"),
        ([handoff(), ANN, LET_GO], Holder.WAITING, ""),
        ([handoff(), LET_GO], Holder.WAITING, ""),
        ([ANN, BACK], Holder.RETURNED, ""),
        ([ANN, BACK, handoff()], Holder.WAITING, ""),
        ([BACK], Holder.BOT, ""),
        ([ANN, CLOSED, BOB, wrote("Bob"), BACK, handoff()], Holder.CLOSED, ""),
    ],
)
def test_the_table_says_who_has_it(events: list[Event], holder: Holder, owner: str) -> None:
    now = standing(log(*events))
    assert (now.holder, now.owner) == (holder, owner)


@pytest.mark.parametrize(
    ("events", "who"),
    [
        ([handoff(), TO_BOB], "Bob"),
        ([ANN, TO_BOB, wrote("Ann")], "Bob"),
        ([ANN, TO_BOB, LET_GO, handoff()], "Bob"),
        ([handoff(), TO_BOB, Assigned(operator="Ann", to="")], ""),
        ([handoff(), TO_BOB, BOB], ""),
        ([handoff(), TO_BOB, ANN], ""),
        ([handoff(), TO_BOB, wrote("Bob")], ""),
        ([ANN, TO_BOB, BACK], ""),
        ([ANN, BACK, TO_BOB], "Bob"),
        ([TO_BOB, CLOSED], ""),
        ([CLOSED, TO_BOB], ""),
    ],
)
def test_somebody_is_asked_to_care_until_somebody_does(events: list[Event], who: str) -> None:
    assert assigned(log(*events)) == who


def test_no_order_of_events_leaves_the_table() -> None:
    chance = random.Random(0)  # noqa: S311 - chance that repeats
    kinds: list[Callable[[], Event]] = [
        lambda: heard("m"), lambda: reply("m"), handoff, lambda: ANN, lambda: BOB, lambda: LET_GO,
        lambda: BACK, lambda: wrote("Ann"), lambda: wrote("Bob"),
        lambda: Noted(message_id="n", operator="Ann", text="angry"), lambda: CLOSED,
    ]  # fmt: skip
    pool = [log(kind())[0] for kind in kinds]
    for _ in range(ORDERS):
        now, closed = Standing(), False
        for recorded in chance.choices(pool, k=6):
            now = after(now, recorded)
            closed = closed or isinstance(recorded.event, Closed)
            assert (now.holder is Holder.CLOSED) == closed
            assert bool(now.owner) == (now.holder is Holder.OPERATOR)
            assert now.with_person == (now.holder in {Holder.WAITING, Holder.OPERATOR})


# The store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    numbers = count(1)
    with Store.open(
        tmp_path / "log.db",
        clock=lambda: NOON,
        new_id=lambda: f"id{next(numbers)}",
        session_idle=timedelta(hours=1),
    ) as opened:
        yield opened


def begun(store: Store, number: int = 1) -> tuple[str, str]:
    """Return a conversation and the utterance that waits in it."""
    utterance = Utterance(channel="web", address="ada", external_id=f"x{number}", text="help")
    recorded = store.hear(utterance).recorded
    assert isinstance(recorded.event, Heard)
    return recorded.conversation_id, recorded.event.message_id


def test_the_store_and_the_folds_agree(store: Store) -> None:
    chance = random.Random(1)  # noqa: S311 - chance that repeats
    for number in range(40):
        conversation_id, message_id = begun(store, number)
        for step in range(chance.randrange(1, 7)):
            said = wrote("Ann", 100 * number + step)
            events: list[Event] = [handoff(message_id), ANN, BOB, LET_GO, BACK, said]
            store.append(conversation_id, chance.choice(events))
            history = store.history(conversation_id)
            now = store.standing(conversation_id)
            assert now == standing(history)
            assert now.with_person == store.with_person(conversation_id)
            assert now.with_person == fold(conversation_id, history).with_operator
        store.append(conversation_id, CLOSED)
        assert store.standing(conversation_id).holder is Holder.CLOSED


def test_of_two_who_take_it_one_does_and_the_other_learns_the_name(store: Store) -> None:
    conversation_id, _ = begun(store)
    first, second = store.write(
        [Append(conversation_id, event, frozenset({"", event.operator})) for event in (ANN, BOB)]
    )
    assert not isinstance(first, Exception)
    assert isinstance(second, Held)
    assert second.owner == "Ann"
    [refused] = store.write([Append(conversation_id, wrote("Bob"), frozenset({"", "Bob"}))])
    assert isinstance(refused, Held)
    store.append(conversation_id, CLOSED)
    [late] = store.write([Append(conversation_id, ANN, frozenset({"", "Ann"}))])
    assert isinstance(late, Over)
    assert [r.event for r in store.history(conversation_id)][1:] == [ANN, CLOSED]


def test_an_answer_that_comes_after_a_person_says_nothing(store: Store) -> None:
    conversation_id, message_id = begun(store)
    store.append(conversation_id, ANN)
    late = store.append(conversation_id, reply(message_id)).event
    assert isinstance(late, Decided)
    assert (late.action, late.text, late.reason) == (ActionKind.SILENT, "", "with_operator")
    assert late.intent == "parcel"  # what was understood stays
