"""Past conversations as other systems export them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conversations.exports import chatwoot, intercom, table, zendesk
from conversations.exports.parts import NotAnExport, Problem, Read
from conversations.interchange import PastConversation
from conversations.values import when

Reader = Callable[[Path], Iterator[Read]]

NINE = 1_772_355_600  # 2026-03-01 09:00 UTC

CHATWOOT: dict[str, Any] = {
    "id": 17,
    "meta": {"sender": {"id": 4, "name": "Ada"}},
    "messages": [
        {
            "content": "It is on its way.",
            "message_type": 1,
            "created_at": NINE + 60,
            "sender": {"name": "Kofi"},
        },
        {"content": "Where is it?", "message_type": "incoming", "created_at": NINE},
        {
            "content": "She sounds cross",
            "message_type": 1,
            "created_at": NINE + 50,
            "private": True,
        },
        {"content": "Kofi took it", "message_type": 2, "created_at": NINE + 40},
        {"content": None, "message_type": 0, "created_at": NINE + 70},
    ],
}
ZENDESK: dict[str, Any] = {
    "id": 17,
    "requester_id": 4,
    "requester": {"name": "Ada"},
    "comments": [
        {"author_id": 4, "plain_body": "Where is it?", "created_at": "2026-03-01T09:00:00Z"},
        {"author_id": 9, "body": "hush", "public": False, "created_at": "2026-03-01T09:00:30Z"},
        {"author_id": 9, "html_body": "<p>It is on<br>its way.</p>", "created_at": "2026-03-01T09:01:00Z",
         "author": {"name": "Kofi"}},
    ],
}  # fmt: skip
INTERCOM: dict[str, Any] = {
    "id": "17",
    "created_at": NINE,
    "source": {"body": "<p>Where is it?</p>", "author": {"type": "user", "id": "4", "name": "Ada"}},
    "conversation_parts": {
        "conversation_parts": [
            {"part_type": "note", "body": "hush", "author": {"type": "admin"}, "created_at": NINE + 30},
            {"part_type": "comment", "body": "<p>It is on its way.</p>", "author": {"type": "admin", "name": "Kofi"},
             "created_at": NINE + 60},
            {"part_type": "comment", "body": "I am a bot", "author": {"type": "bot"}, "created_at": NINE + 70},
        ]
    },
}  # fmt: skip
FORMS = [
    pytest.param(chatwoot.read, CHATWOOT, id="chatwoot"),
    pytest.param(zendesk.read, ZENDESK, id="zendesk"),
    pytest.param(intercom.read, INTERCOM, id="intercom"),
]


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(("read", "record"), FORMS)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda r: [r],
        lambda r: r,
        lambda r: {"conversations": [r]},
        lambda r: {"data": {"payload": [r]}},
    ],
)
def test_an_export_gives_what_customer_and_operators_said(
    tmp_path: Path, read: Reader, record: dict[str, Any], wrap: Callable[[Any], Any]
) -> None:
    [past] = read(written(tmp_path / "export.json", wrap(record)))
    assert isinstance(past, PastConversation)
    assert (past.id, past.customer.id, past.customer.name) == ("17", "4", "Ada")
    assert past.started == datetime(2026, 3, 1, 9, tzinfo=UTC)
    said = [(str(t.side), t.operator, " ".join(t.text.split())) for t in past.turns]
    assert said == [("customer", "", "Where is it?"), ("operator", "Kofi", "It is on its way.")]


@pytest.mark.parametrize(("read", "record"), FORMS)
def test_a_broken_line_is_named_and_the_rest_is_read(
    tmp_path: Path, read: Reader, record: dict[str, Any]
) -> None:
    lines = [
        json.dumps(record),
        "{",
        "",
        "3",
        json.dumps({**record, "id": None}),
        json.dumps({"id": 18}),
    ]
    found = list(read(written(tmp_path / "export.jsonl", "\n".join(lines))))
    assert [str(one) if isinstance(one, Problem) else one.id for one in found] == [
        "17",
        "line 2: not JSON (Expecting property name enclosed in double quotes)",
        "line 4: is not an object",
        "line 5: has no id",
        "line 6: nobody said anything",
    ]


def broken(record: dict[str, Any]) -> dict[str, Any]:
    """The export with a time in its last message that is none."""
    copy = json.loads(json.dumps(record))
    messages = copy.get("messages") or copy.get("comments")
    messages = messages or copy["conversation_parts"]["conversation_parts"][:2]
    messages[-1] |= {"created_at": "yesterday", "content": "Hello?"}
    return dict(copy)


@pytest.mark.parametrize(
    ("read", "record", "number", "left"),
    [
        pytest.param(chatwoot.read, CHATWOOT, 5, 2, id="chatwoot"),
        pytest.param(zendesk.read, ZENDESK, 3, 1, id="zendesk"),
        pytest.param(intercom.read, INTERCOM, 3, 1, id="intercom"),
    ],
)
def test_a_message_without_a_time_is_named_and_the_rest_of_its_conversation_is_read(
    tmp_path: Path, read: Reader, record: dict[str, Any], number: int, left: int
) -> None:
    problem, past = read(written(tmp_path / "export.json", [broken(record)]))
    why = "'yesterday' is no time like 2026-03-01T09:00:00+00:00"
    assert str(problem) == f"conversation 1, message {number}: {why}"
    assert isinstance(past, PastConversation)
    assert len(past.turns) == left


def test_a_conversation_of_which_nothing_can_be_read_is_not_said_to_be_empty(
    tmp_path: Path,
) -> None:
    ticket = {"id": 3, "requester_id": 4, "description": "Help", "created_at": None}
    [problem] = zendesk.read(written(tmp_path / "t.json", [ticket]))
    assert str(problem) == "conversation 1, message 1: has no time"
    record = {"id": 1, "messages": ["hello"]}
    [problem] = chatwoot.read(written(tmp_path / "c.json", record))
    assert str(problem) == "conversation 1, message 1: is not an object"


@pytest.mark.parametrize("pretty", [False, True])
def test_bytes_that_are_not_utf8_cost_their_conversation_alone(
    tmp_path: Path, pretty: bool
) -> None:
    records = [{**ZENDESK, "id": 1}, {**ZENDESK, "id": 2, "subject": "caf\udce9"}]
    records.append({**ZENDESK, "id": 3})
    said = [json.dumps(one, ensure_ascii=False) for one in records]
    text = "[\n" + ",\n".join(said) + "]" if pretty else "\n".join(said)
    (tmp_path / "t.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    found = list(zendesk.read(tmp_path / "t.json"))
    place = "conversation" if pretty else "line"
    assert [str(one) if isinstance(one, Problem) else one.id for one in found] == [
        "1",
        f"{place} 2: not UTF-8",
        "3",
    ]


@pytest.mark.parametrize("read", [chatwoot.read, zendesk.read, intercom.read, table.read])
def test_what_cannot_be_read_is_refused(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "x", tmp_path / "none"):
        with pytest.raises(NotAnExport):
            list(read(path))


@pytest.mark.parametrize(
    "junk", [[], {}, [[]], "text", None, {"id": 1, "messages": 3, "comments": "x", "source": []}]
)
@pytest.mark.parametrize("read", [chatwoot.read, zendesk.read, intercom.read])
def test_junk_is_a_problem_and_no_crash(tmp_path: Path, read: Reader, junk: object) -> None:
    found = list(read(written(tmp_path / "export.json", json.dumps(junk))))
    assert all(isinstance(one, Problem) for one in found)


def test_a_ticket_without_comments_is_its_description(tmp_path: Path) -> None:
    ticket = {
        "id": 3,
        "requester_id": 4,
        "description": "Help",
        "created_at": "2026-03-01T09:00:00Z",
    }
    [past] = zendesk.read(written(tmp_path / "t.json", [ticket]))
    assert isinstance(past, PastConversation)
    assert [t.text for t in past.turns] == ["Help"]


TABLE = """\
chat,when,who,body,user
b,2026-03-01 09:00,Customer,Where is it?,4
a,2026-03-01T10:00:00+01:00,agent,Hello,
b,1772355660,support,On its way.,4
b,soon,user,Thanks,4
a,2026-03-01,nobody,Boo,
,2026-03-01,user,lost,
a,2026-03-02,user,,
"""
NAMES = {"conversation": "chat", "at": "when", "from": "who", "text": "body", "customer": "user"}


def test_a_table_gives_conversations_in_the_order_of_their_first_rows(tmp_path: Path) -> None:
    found = list(table.read(written(tmp_path / "chats.csv", TABLE), NAMES))
    problems = [str(one) for one in found if isinstance(one, Problem)]
    assert problems == [
        "line 5: 'soon' is no time like 2026-03-01T09:00:00+00:00",
        "line 6: 'nobody' is neither a customer nor an operator",
        "line 7: names no conversation",
        "line 8: has no text",
    ]
    past = [one for one in found if isinstance(one, PastConversation)]
    assert [(p.id, p.customer.id, [t.text for t in p.turns]) for p in past] == [
        ("b", "4", ["Where is it?", "On its way."]),
        ("a", "a", ["Hello"]),
    ]


def test_a_table_is_read_around_rows_that_are_none(tmp_path: Path) -> None:
    rows = [
        b"conversation,at,from,text",
        b'a,2026-03-01,user,"two',
        b'lines"',
        b"",
        b"b,2026-03-01,user,caf\xe9",
        b'c,2026-03-01,user,"never closed',
        b'd,2026-03-01,user,"so, ""quoted"" it is"',
        b"e,2026-03-01,robot,hello",
        b'f,2026-03-01,user,"nor this',
        b"g,2026-03-01,user,fine",
    ]
    (tmp_path / "chats.csv").write_bytes(b"\r\n".join(rows))
    found = list(table.read(tmp_path / "chats.csv"))
    assert [str(one) for one in found if isinstance(one, Problem)] == [
        "line 5: not UTF-8",
        "line 6: not valid CSV (',' expected after '\"')",
        "line 8: 'robot' is neither a customer nor an operator",
        "line 9: not valid CSV (unexpected end of data)",
    ]
    past = {one.id: one.turns[0].text for one in found if isinstance(one, PastConversation)}
    assert past == {"a": "two\nlines", "d": 'so, "quoted" it is', "g": "fine"}


def test_a_table_without_a_column_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match=r"no column 'text', only chat.*--column text=NAME"):
        list(table.read(written(tmp_path / "chats.csv", TABLE), {**NAMES, "text": "text"}))


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (NINE, "2026-03-01T09:00:00+00:00"),
        (str(NINE), "2026-03-01T09:00:00+00:00"),
        ("2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01 09:00", "2026-03-01T09:00:00+00:00"),
        ("", None), (None, None), (True, None), (1e30, None), ("9" * 40, None), ([], None),
    ],
)  # fmt: skip
def test_a_time_is_read_however_it_is_written(value: object, time: str | None) -> None:
    found = when(value)
    assert (found and found.isoformat()) == time
