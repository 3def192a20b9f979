"""One visitor on several channels, and what is kept beside the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations import notes
from conversations.errors import Rejected
from conversations.events import Heard, Utterance
from conversations.jobs import Erase, Ran, Run
from conversations.notes import Errand
from conversations.store import Store

HOME, FACE = ("web", "browser"), ("telegram", "7")


class Now:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 26, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def store(tmp_path: Path, now: Now) -> Iterator[Store]:
    ids = count(1)
    with Store.open(
        tmp_path / "log.db",
        clock=now,
        new_id=lambda: f"id{next(ids)}",
        session_idle=timedelta(hours=1),
    ) as opened:
        yield opened


def run(store: Store, errand: Errand) -> str:
    (ran,) = store.write([Run(errand)])
    assert isinstance(ran, Ran)
    return ran.text


def said(text: str, place: tuple[str, str], number: str = "1", corrects: str = "") -> Utterance:
    channel, address = place
    return Utterance(
        channel=channel,
        address=address,
        external_id=f"{address}:{number}",
        text=text,
        corrects=corrects,
    )


def test_whoever_comes_from_the_website_goes_on_with_the_conversation(store: Store) -> None:
    web = store.hear(said("Where is my order?", HOME))
    run(store, notes.bind(HOME, FACE))
    there = store.hear(said("And the other one?", FACE))
    back = store.hear(said("Thank you", HOME, "2"))
    conversation = web.recorded.conversation_id
    assert {there.recorded.conversation_id, back.recorded.conversation_id} == {conversation}
    assert {w.visitor.visitor_id for w in (there, back)} == {web.visitor.visitor_id}
    assert [(w.visitor.channel, w.visitor.address) for w in (web, there, back)] == [
        HOME,
        FACE,
        HOME,
    ]


def test_the_one_to_write_to_is_where_the_visitor_last_wrote_from(store: Store) -> None:
    conversation = store.hear(said("Where is my order?", HOME)).recorded.conversation_id
    run(store, notes.bind(HOME, FACE))
    for place in (HOME, FACE, HOME):
        store.hear(said("Hello", place, f"{store.seq()}"))
        asked = store.addressee(conversation)
        assert asked
        assert (asked.channel, asked.address) == place
    by_telegram = store.addressee(conversation, "telegram")
    assert by_telegram
    assert by_telegram.address == "7"


def test_what_was_said_before_the_two_were_one_stays_where_it_was(store: Store) -> None:
    before = store.hear(said("Hello", FACE))
    store.hear(said("Hi", HOME))
    run(store, notes.bind(HOME, FACE))
    assert store.hear(said("Hello", FACE)) == type(before)(
        before.recorded, before.visitor, fresh=False
    )
    assert {v.visitor_id for v in store.visitors_at(*FACE)} == {"id1", "id4"}
    with pytest.raises(Rejected):
        store.hear(replace(said("Hello", FACE), address="8"))


def test_a_visitor_who_said_nothing_yet_can_be_bound(store: Store) -> None:
    run(store, notes.bind(HOME, FACE))
    there = store.hear(said("Hello", FACE))
    here = store.hear(said("Hello", HOME))
    assert here.recorded.conversation_id == there.recorded.conversation_id


def test_whoever_is_erased_leaves_no_face_and_no_note(store: Store) -> None:
    visitor = store.hear(said("Hello", HOME)).visitor
    run(store, notes.bind(HOME, FACE))
    run(store, notes.keep("telegram:7", "settings"))
    run(store, notes.keep("link:x", "web:browser", timedelta(minutes=1)))
    run(store, notes.keep("telegram:8", "another's"))
    store.write([Erase(visitor.visitor_id, by="a test")])
    assert store.note("telegram:7") == store.note("link:x") == ""
    assert store.note("telegram:8") == "another's"
    assert store.hear(said("Hello again", FACE)).visitor.visitor_id != visitor.visitor_id


def test_notes_that_begin_alike_are_found_in_the_order_of_their_coming_and_dropped(
    store: Store,
) -> None:
    for key in ("w:-7:9", "w:-7:10", "w:-71:1", "w:-7", "x:-7:1"):
        run(store, notes.keep(key, f"text of {key}"))
    both = [(key, f"text of {key}") for key in ("w:-7:9", "w:-7:10")]
    assert [store.notes("w:-7:", most) for most in (9, 1)] == [both, both[:1]]
    run(store, notes.drop("w:-7:"))
    assert [key for key, _ in store.notes("w:", 9)] == ["w:-71:1", "w:-7"]


def test_what_waits_to_be_heard_of_whoever_is_erased_is_gone(store: Store) -> None:
    visitor = store.hear(said("Hello", HOME)).visitor
    run(store, notes.bind(HOME, FACE))
    for chat in ("7", "70"):
        run(store, notes.keep(f"{notes.WAITING}telegram:{chat}:1", "My bill"))
    store.write([Erase(visitor.visitor_id, by="a test")])
    assert store.notes(notes.WAITING, 9) == [(f"{notes.WAITING}telegram:70:1", "My bill")]


def test_an_edited_message_is_tied_to_what_it_said_first(store: Store) -> None:
    first = store.hear(said("Where is my oder?", FACE))
    later = store.hear(said("Where is my order?", FACE, "1:e1", corrects="7:1"))
    assert isinstance(first.recorded.event, Heard)
    assert isinstance(later.recorded.event, Heard)
    assert later.recorded.event.corrects == first.recorded.event.message_id
    (_, read) = store.history(first.recorded.conversation_id)
    assert read == later.recorded


def test_a_note_binds_one_face_before_its_time_is_over(store: Store, now: Now) -> None:
    run(store, notes.keep("a", ":".join(HOME), timedelta(minutes=15)))
    other = (FACE[0], "8")
    assert [run(store, notes.bind_once("a", face)) for face in (FACE, FACE, other)] == [
        ":".join(FACE),
        ":".join(FACE),  # a repeat is told the same
        "",
    ]
    there, here = store.hear(said("Hello", FACE)), store.hear(said("Hello", HOME))
    assert here.recorded.conversation_id == there.recorded.conversation_id
    run(store, notes.keep("b", "web:tablet", timedelta(minutes=15)))
    assert run(store, notes.fresh("b")) == "web:tablet"
    now.at += timedelta(minutes=15)
    assert run(store, notes.fresh("b")) == run(store, notes.bind_once("b", other)) == ""


def test_of_the_notes_that_end_only_so_many_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST", 3)
    run(store, notes.keep("stays", "for ever"))
    for number in range(5):
        run(store, notes.keep(f"n{number}", f"{number}", timedelta(minutes=number + 1)))
    assert [n for n in range(5) if store.note(f"n{n}")] == [2, 3, 4]
    assert store.note("stays") == "for ever"
