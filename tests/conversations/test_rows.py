"""An event as a row and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.events import (
    ActionKind,
    Attached,
    Choice,
    Decided,
    Enclosed,
    Event,
    Filled,
    Heard,
    OpenForm,
)
from conversations.rows import Kind, cleaned, decode, encode, kind_of, timestamp

ANY_TEXT = st.text(st.characters(categories=None))  # surrogates and controls too
ATTACHED = st.lists(st.builds(Attached, ANY_TEXT, ANY_TEXT)).map(tuple)
ENCLOSED = st.lists(st.builds(Enclosed, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers())).map(tuple)
CHOICES = st.lists(st.builds(Choice, ANY_TEXT, ANY_TEXT)).map(tuple)
FLOATS = st.floats()
FILLED = st.lists(st.builds(Filled, ANY_TEXT, ANY_TEXT)).map(tuple)
FORMS = st.lists(
    st.builds(
        OpenForm,
        form=ANY_TEXT,
        asking=ANY_TEXT,
        filled=FILLED,
        turned_down=FILLED,
        tries=st.integers(),
        language=ANY_TEXT,
    )
).map(tuple)


def events() -> st.SearchStrategy[Event]:
    """Every kind of event, every field of it filled with anything its type allows."""
    return st.one_of([st.builds(kind, **_fields(kind)) for kind in get_args(Event)])


def _fields(kind: type[Event]) -> dict[str, st.SearchStrategy[object]]:
    hints = {name: str(field.type) for name, field in kind.__dataclass_fields__.items()}
    by_type: dict[str, st.SearchStrategy[object]] = {
        "str": ANY_TEXT,
        "float": FLOATS,
        "int": st.integers(),
        "bool": st.booleans(),
        "tuple[Choice, ...]": CHOICES,
        "tuple[OpenForm, ...]": FORMS,
        "tuple[Attached, ...]": ATTACHED,
        "tuple[Enclosed, ...]": ENCLOSED,
        "tuple[str, ...]": st.lists(ANY_TEXT).map(tuple),
        "ActionKind": st.sampled_from(ActionKind),
    }
    return {name: by_type[hint] for name, hint in hints.items() if hint in by_type}


@given(events())
def test_an_event_survives_its_row(event: Event) -> None:
    stored = cleaned(event)
    assert decode(encode(stored)) == stored
    assert cleaned(stored) == stored


@given(events())
def test_a_row_holds_nothing_that_sqlite_refuses(event: Event) -> None:
    for value in encode(cleaned(event)).values():
        assert value is None or "\x00" not in value.encode("utf-8").decode("utf-8")


def test_every_kind_of_event_has_its_own_name_in_the_table() -> None:
    assert len(get_args(Event)) == len(Kind)


def test_a_number_that_is_none_is_stored_as_no_confidence() -> None:
    decided = Decided(
        message_id="d",
        in_reply_to="h",
        action=ActionKind.REPLY,
        text="",
        confidence=float("nan"),
    )
    stored = cleaned(decided)
    assert isinstance(stored, Decided)
    assert stored.confidence == 0.0


def test_a_row_from_before_a_field_existed_is_read_with_its_default() -> None:
    row = encode(Heard(message_id="h", external_id="1", text="hello")) | {
        "body": '{"text":"hello"}'
    }
    assert decode(row) == Heard(message_id="h", external_id="1", text="hello")


def test_an_unknown_kind_is_an_error_and_not_another_event() -> None:
    row = encode(Heard(message_id="h", external_id="1", text="hello")) | {"kind": "whispered"}
    with pytest.raises(ValueError, match="whispered"):
        decode(row)


def test_a_name_in_the_table_is_what_the_event_is() -> None:
    assert kind_of(Heard(message_id="h", external_id="1", text="")) is Kind.HEARD


def test_times_are_written_in_utc() -> None:
    eight = datetime(2026, 3, 1, 8, 0, 0, 5, tzinfo=timezone(timedelta(hours=-3)))
    assert timestamp(eight) == "2026-03-01T11:00:00.000005+00:00"
    assert datetime.fromisoformat(timestamp(eight)) == eight.astimezone(UTC)
