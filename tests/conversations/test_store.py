"""The store: what was said, once, and every question about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.errors import LogError, Rejected
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Delivered,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
    Rated,
    Thumb,
    Undeliverable,
    Utterance,
)
from conversations.jobs import Append, Hear, Heeded
from conversations.lessons import Labelled
from conversations.reader import PAGE
from conversations.store import Store

IDLE = timedelta(hours=1)


class Clock:
    """A time that passes when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id{next(numbers)}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(path, clock=clock, new_id=ids(), session_idle=IDLE) as store:
        yield store


def said(
    text: str = "hello",
    external_id: str = "1",
    address: str = "ada",
    name: str = "",
    chosen: str = "",
) -> Utterance:
    return Utterance(
        channel="web", address=address, external_id=external_id, text=text, chosen=chosen, name=name
    )


def decided(
    on: str, text: str = "Here it is.", action: ActionKind = ActionKind.REPLY, reason: str = ""
) -> Decided:
    return Decided(message_id=f"d-{on}", in_reply_to=on, action=action, text=text, reason=reason)


def heard_id(heeded: Heeded) -> str:
    assert isinstance(heeded.recorded.event, Heard)
    return heeded.recorded.event.message_id


# Hearing


def test_an_utterance_is_heard_by_a_new_visitor_in_a_new_conversation(
    store: Store, clock: Clock
) -> None:
    heeded = store.hear(said("Where is my parcel?", name="Ada", chosen="parcel"))
    assert heeded.fresh
    assert heeded.recorded.seq == 1
    assert heeded.recorded.at == clock.now
    assert heeded.visitor == store.visitor("web", "ada")
    assert heeded.visitor.name == "Ada"
    assert heeded.recorded.event == Heard(
        message_id=heard_id(heeded), external_id="1", text="Where is my parcel?", chosen="parcel"
    )
    assert store.message(heard_id(heeded)) == heeded.recorded
    assert store.visitor_of(heeded.recorded.conversation_id) == heeded.visitor


def test_a_redelivered_message_is_appended_once(store: Store) -> None:
    first = store.hear(said("first"))
    again = store.hear(said("and another text"))
    assert again == Heeded(first.recorded, first.visitor, fresh=False)
    assert store.seq() == 1


def test_a_message_repeated_within_one_batch_is_appended_once(store: Store) -> None:
    first, second = store.write([Hear(said()), Hear(said())])
    assert isinstance(first, Heeded)
    assert isinstance(second, Heeded)
    assert (first.fresh, second.fresh) == (True, False)
    assert first.recorded == second.recorded


def test_the_same_id_on_another_channel_is_another_message(store: Store) -> None:
    store.hear(said())
    other = Utterance(channel="telegram", address="ada", external_id="1", text="hello")
    assert store.hear(other).fresh


def test_a_visitor_who_names_anothers_message_id_does_not_get_the_message(store: Store) -> None:
    store.hear(said("my secret", address="ada"))
    with pytest.raises(Rejected):
        store.hear(said("whatever", address="eve"))
    assert store.seq() == 1


def test_a_visitor_is_known_again_and_a_changed_name_is_kept(store: Store) -> None:
    first = store.hear(said(name="Ada"))
    second = store.hear(said(external_id="2", name="Ada L."))
    third = store.hear(said(external_id="3"))
    assert second.visitor.visitor_id == first.visitor.visitor_id
    assert third.visitor.name == "Ada L."
    assert store.visitor("web", "ada") == third.visitor


@pytest.mark.parametrize("minutes", [0, 59, 60])
def test_a_visitor_who_comes_back_soon_goes_on_with_the_conversation(
    store: Store, clock: Clock, minutes: int
) -> None:
    first = store.hear(said())
    clock.pass_by(timedelta(minutes=minutes))
    second = store.hear(said(external_id="2"))
    assert second.recorded.conversation_id == first.recorded.conversation_id


def test_a_conversation_that_rested_too_long_is_followed_by_another(
    store: Store, clock: Clock
) -> None:
    first = store.hear(said())
    clock.pass_by(IDLE + timedelta(seconds=1))
    store.append(
        first.recorded.conversation_id,
        Labelled(message_id=heard_id(first), intent="", operator="ann"),
    )
    second = store.hear(said(external_id="2"))
    assert second.recorded.conversation_id != first.recorded.conversation_id
    assert store.current(second.visitor.visitor_id) == second.recorded.conversation_id


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([decided("id3", action=ActionKind.HANDOFF)], True),
        ([OperatorWrote(message_id="o", operator="ann", text="One moment")], True),
        ([decided("id3", action=ActionKind.HANDOFF), GivenBack(operator="ann")], False),
        ([decided("id3", action=ActionKind.HANDOFF), Closed(reason="done")], False),
        ([decided("id3")], False),
    ],
)
def test_an_idle_conversation_goes_on_only_while_a_person_has_it(
    store: Store, clock: Clock, events: list[Event], kept: bool
) -> None:
    first = store.hear(said())
    conversation_id = first.recorded.conversation_id
    for event in events:
        store.append(conversation_id, event)
    assert store.waiting() == ([conversation_id] if kept else [])
    clock.pass_by(timedelta(days=3))
    second = store.hear(said(external_id="2"))
    assert (second.recorded.conversation_id == conversation_id) is kept


def test_a_closed_conversation_is_followed_by_another_at_once(store: Store) -> None:
    first = store.hear(said())
    store.append(first.recorded.conversation_id, Closed(reason="done"))
    assert store.current(first.visitor.visitor_id) is None
    second = store.hear(said(external_id="2"))
    assert second.recorded.conversation_id != first.recorded.conversation_id


def test_a_clock_that_jumps_back_changes_neither_order_nor_conversation(
    store: Store, clock: Clock
) -> None:
    first = store.hear(said())
    clock.pass_by(-timedelta(days=20_000))
    second = store.hear(said(external_id="2"))
    assert second.recorded.conversation_id == first.recorded.conversation_id
    assert store.history(first.recorded.conversation_id) == [first.recorded, second.recorded]


# Appending


def test_an_utterance_is_answered_once(store: Store) -> None:
    heeded = store.hear(said())
    conversation_id = heeded.recorded.conversation_id
    first = store.append(conversation_id, decided(heard_id(heeded), "first"))
    second = Decided(
        message_id="other", in_reply_to=heard_id(heeded), action=ActionKind.REPLY, text="second"
    )
    assert store.append(conversation_id, second) == first
    assert store.decision_on(heard_id(heeded)) == first
    assert store.seq() == 2


def test_an_answer_is_delivered_or_given_up_once(store: Store) -> None:
    conversation_id = store.hear(said()).recorded.conversation_id
    first = store.append(conversation_id, Delivered(message_id="d", external_id="77"))
    assert store.append(conversation_id, Delivered(message_id="d")) == first
    assert store.append(conversation_id, Undeliverable(message_id="d", reason="gone")) == first


@pytest.mark.parametrize(
    "job",
    [
        Append("nowhere", Closed(reason="done")),
        Append("id2", OperatorWrote(message_id="id3", operator="ann", text="an id used twice")),
        Hear(said("of another visitor", address="eve")),
    ],
)
def test_an_event_that_contradicts_the_log_is_undone_alone(
    store: Store, job: Append | Hear
) -> None:
    store.hear(said())  # visitor id1, conversation id2, message id3
    before, refused, after = store.write(
        [Hear(said(external_id="2")), job, Hear(said(external_id="3"))]
    )
    assert isinstance(before, Heeded)
    assert isinstance(refused, Rejected)
    assert isinstance(after, Heeded)
    assert [entry.seq for entry in store.events()] == [1, 2, 3]
    assert store.search("twice") == []


def test_a_refused_utterance_leaves_no_visitor_and_no_conversation(
    path: Path, clock: Clock
) -> None:
    taken = iter(["visitor", "talk", "message", "other visitor", "other talk", "message"])
    with Store.open(path, clock=clock, new_id=lambda: next(taken), session_idle=IDLE) as store:
        kept, refused = store.write([Hear(said()), Hear(said(external_id="2", address="eve"))])
        assert isinstance(kept, Heeded)
        assert isinstance(refused, Rejected)
        assert store.visitor("web", "eve") is None
        assert store.current("other visitor") is None


def test_a_value_that_cannot_be_bound_is_refused_alone(store: Store) -> None:
    poison = Utterance(channel="web", address="ada", external_id="2", text=object())  # type: ignore[arg-type]  # what a careless caller may do
    outcomes = store.write([Hear(said()), Hear(poison), Hear(said(external_id="3"))])
    assert [isinstance(outcome, LogError) for outcome in outcomes] == [False, True, False]


def test_a_poison_row_is_stored_cleaned_in_the_middle_of_a_batch(store: Store) -> None:
    poison = said("\ud800 nul\x00 \x1b[31m", external_id="\udfff", address="\x00eve")
    outcomes = store.write([Hear(said()), Hear(poison), Hear(said(external_id="3"))])
    assert all(isinstance(outcome, Heeded) for outcome in outcomes)
    stored = store.heard("web", "\udfff")
    assert stored is not None
    assert isinstance(stored.event, Heard)
    assert stored.event.text == "\ufffd nul [31m"
    assert not store.hear(poison).fresh


# Reading


def test_what_is_left_to_do_is_read_from_the_log(store: Store) -> None:
    heeded = [store.hear(said(external_id=str(n), address=f"v{n}")) for n in range(5)]
    unanswered, silent, empty, delivered, pending = heeded
    for one, text, action in (
        (silent, "", ActionKind.SILENT),
        (empty, "", ActionKind.HANDOFF),
        (delivered, "Here.", ActionKind.REPLY),
        (pending, "Here.", ActionKind.REPLY),
    ):
        store.append(one.recorded.conversation_id, decided(heard_id(one), text, action))
    store.append(
        delivered.recorded.conversation_id, Delivered(message_id=f"d-{heard_id(delivered)}")
    )
    assert store.unanswered() == [unanswered.recorded]
    assert store.undelivered() == [store.decision_on(heard_id(pending))]


def test_conversations_that_a_person_has_are_listed_longest_untouched_first(store: Store) -> None:
    first, second, third = (store.hear(said(external_id=str(n), address=f"v{n}")) for n in range(3))
    for one in (first, second, third):
        handoff = decided(heard_id(one), action=ActionKind.HANDOFF)
        store.append(one.recorded.conversation_id, handoff)
    store.append(
        first.recorded.conversation_id, OperatorWrote(message_id="o", operator="ann", text="Hi")
    )
    store.append(third.recorded.conversation_id, GivenBack(operator="ann"))
    store.append(third.recorded.conversation_id, Rated(message_id="d", value=Thumb.UP))
    assert store.waiting() == [second.recorded.conversation_id, first.recorded.conversation_id]


def test_the_whole_log_is_read_in_order_page_by_page(store: Store) -> None:
    total = PAGE + 3
    store.write([Hear(said(external_id=str(n))) for n in range(total)])
    assert [entry.seq for entry in store.events()] == list(range(1, total + 1))
    assert [entry.seq for entry in store.events(after=total - 2)] == [total - 1, total]
    assert store.seq() == total


def test_what_nobody_said_is_not_found(store: Store) -> None:
    assert store.seq() == 0
    assert store.message("none") is None
    assert store.message("\ud800") is None
    assert store.decision_on("none") is None
    assert store.visitor("web", "nobody") is None
    assert store.visitor_of("none") is None
    assert store.current("none") is None
    assert store.history("none", after=10**30) == []
    assert store.unanswered() == store.undelivered() == store.search("x") == []
    assert store.waiting() == []


def test_search_finds_what_customer_bot_and_operator_said_newest_first(store: Store) -> None:
    heeded = store.hear(said("My Päckchen is broken"))
    conversation_id = heeded.recorded.conversation_id
    answer = store.append(conversation_id, decided(heard_id(heeded), "Your packchen is on its way"))
    operator = store.append(
        conversation_id, OperatorWrote(message_id="o", operator="ann", text="A new PÄCKCHEN left")
    )
    store.append(conversation_id, Rated(message_id="d", value=Thumb.UP, comment="packchen"))
    assert store.search("päckchen") == [operator, answer, heeded.recorded]
    assert store.search("packchen", limit=1) == [operator]
    assert store.search("broken my") == [heeded.recorded]
    assert store.search("brok") == [heeded.recorded]
    assert store.search("brok my") == []


def test_search_finds_words_of_scripts_without_spaces(store: Store) -> None:
    heeded = store.hear(said("我要退款 谢谢"))
    assert store.search("退款") == [heeded.recorded]
    assert store.search("款退") == []


@pytest.mark.parametrize(
    "query",
    ["", " ", '"', '""', "'; DROP TABLE events --", "a AND", "NOT", "NEAR(", "text:x", "*", "^", "-",
     "(", "\x00", "\ud800", "%", "a" * 100_000, "x " * 5_000, "{}", "+", "🙂", "\\"],
)  # fmt: skip
def test_an_odd_query_finds_something_or_nothing_and_never_raises(store: Store, query: str) -> None:
    store.hear(said("hello"))
    assert len(store.search(query)) <= 1
