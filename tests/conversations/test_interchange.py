"""Past conversations as a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.interchange import (
    Customer,
    Malformed,
    PastConversation,
    Side,
    Turn,
    line_of,
    parse,
    read,
    write,
)
from conversations.text import printable

TIMES = st.datetimes(
    datetime(1970, 1, 1), datetime(2100, 1, 1),  # noqa: DTZ001 - the zone comes from the next argument
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3))]),
)  # fmt: skip
ANY = st.text().map(printable)
SOME = ANY.filter(lambda text: bool(text.strip()))
TURNS = st.builds(Turn, at=TIMES, side=st.sampled_from(Side), text=SOME, operator=ANY)
CONVERSATIONS = st.builds(
    PastConversation,
    id=SOME,
    channel=SOME,
    started=TIMES,
    customer=st.builds(Customer, SOME, ANY),
    turns=st.lists(TURNS, min_size=1, max_size=4).map(tuple),
)


def whole() -> dict[str, Any]:
    return {
        "id": "c1",
        "channel": "mail",
        "started": "2026-03-01T09:00:00Z",
        "customer": {"id": "17"},
        "turns": [
            {"at": "2026-03-01T10:00:00+01:00", "from": "customer", "text": "Hello"},
            {"at": "2026-03-01T09:05:00Z", "from": "operator", "operator": "ann", "text": "Hi"},
        ],
    }


def parsed(*lines: Any) -> list[PastConversation]:
    return list(parse(json.dumps(line).encode() for line in lines))


def complaint(*lines: bytes) -> str:
    with pytest.raises(Malformed) as malformed:
        list(parse(lines))
    return str(malformed.value)


@given(st.lists(CONVERSATIONS, max_size=4, unique_by=lambda conversation: conversation.id))
def test_conversations_survive_the_file(conversations: list[PastConversation]) -> None:
    assert list(parse(line_of(one).encode() for one in conversations)) == conversations


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    conversations = parsed(whole(), whole() | {"id": "c2", "channel": "客服\u2028mail"})
    write(path, conversations)
    assert list(read(path)) == conversations
    assert len(path.read_bytes().splitlines()) == 2


def test_what_may_be_missing_is_empty_and_times_are_in_utc() -> None:
    [conversation] = parsed(whole() | {"more": "is ignored"})
    hello, hi = conversation.turns
    assert conversation.customer == Customer("17", "")
    assert hello == Turn(at=datetime(2026, 3, 1, 9, tzinfo=UTC), side=Side.CUSTOMER, text="Hello")
    assert hi.operator == "ann"


def test_a_byte_order_mark_and_empty_lines_are_no_matter() -> None:
    line = json.dumps(whole()).encode()
    assert len(list(parse([b"\xef\xbb\xbf" + line + b"\r\n", b"\n", b"  \n"]))) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": None}, "line 1, id: is missing"),
        ({"id": 7}, "line 1, id: is not a text"),
        ({"id": "  "}, "line 1, id: is empty"),
        ({"started": "yesterday"}, "line 1, started: is not a time like"),
        ({"started": "2026-03-01T09:00:00"}, "line 1, started: has no time zone"),
        ({"started": "0001-01-01T00:00:00+10:00"}, "line 1, started: is not a time like"),
        ({"customer": "ada"}, "line 1, customer: is not an object"),
        ({"customer": {"name": "Ada"}}, "line 1, customer.id: is missing"),
        ({"customer": {"id": "1", "name": 3}}, "line 1, customer.name: is not a text"),
        ({"turns": {}}, "line 1, turns: is not a list"),
        ({"turns": []}, "line 1, turns: is empty"),
        ({"turns": ["Hello"]}, "line 1, turns[0]: is not an object"),
        (
            {
                "turns": [
                    *whole()["turns"],
                    {"at": "2026-03-01T09:00:00Z", "from": "bot", "text": "x"},
                ]
            },
            'line 1, turns[2].from: is neither "customer" nor "operator"',
        ),
        (
            {"turns": [{"at": "2026-03-01T09:00:00Z", "from": "customer", "text": ""}]},
            "line 1, turns[0].text: is empty",
        ),
    ],
)
def test_a_field_that_is_wrong_is_named(change: dict[str, Any], expected: str) -> None:
    assert complaint(json.dumps(whole() | change).encode()).startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"{", "line 2: not JSON"),
        (b"[]", "line 2: is not an object"),
        (b"null", "line 2: is missing"),
        (b"\xff\xfe", "line 2: not UTF-8"),
        (b"[" * 100_000, "line 2: not JSON"),
        (b"9" * 5_000, "line 2: not JSON"),
        (json.dumps(whole()).encode(), "line 2, id: 'c1' came before"),
    ],
)
def test_a_line_that_is_wrong_is_named(line: bytes, expected: str) -> None:
    assert complaint(json.dumps(whole()).encode(), line).startswith(expected)
