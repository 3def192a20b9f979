"""Where past messages come from: every form that import reads, piles of messages, and a desk's log."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.mining.errors import Unreadable
from finetune.mining.sources import read_file, read_log
from tests.finetune.small_desk import Log, make_desk, open_log

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
DEMO = Path(__file__).parents[2] / "bot" / "demo" / "desk"


@pytest.mark.parametrize(
    "file",
    [
        SAMPLES / "chatwoot.json",
        SAMPLES / "intercom.json",
        SAMPLES / "zendesk.jsonl",
        DEMO / "conversations.jsonl",
    ],
    ids=lambda file: file.name,
)
def test_conversations_of_every_form_are_told_by_their_first_record(file: Path) -> None:
    speech = read_file(file)
    assert speech.conversations
    assert speech.messages[0].opening
    assert all(reply.text for reply in speech.replies)
    assert any(reply.asked for reply in speech.replies)


def test_a_table_of_conversations_is_one_and_a_column_of_texts_is_a_pile(tmp_path: Path) -> None:
    table, pile = tmp_path / "table.csv", tmp_path / "pile.csv"
    table.write_text(
        "conversation,at,from,text\n"
        "c,2026-03-01T09:00:00Z,customer,where is it\n"
        "c,2026-03-01T09:01:00Z,operator,on its way\n"
        "c,2026-03-01T09:02:00Z,customer,thanks\n"
    )
    pile.write_text("text,intent\nwhere is it,\nthanks,\n")
    said = read_file(table)
    assert [(m.text, m.opening) for m in said.messages] == [
        ("where is it", True),
        ("thanks", False),
    ]
    assert [(r.text, r.asked) for r in said.replies] == [("on its way", (0,))]
    assert [m.text for m in read_file(pile).messages] == ["where is it", "thanks"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", '{"question": "where"}', "its first record has question"),
        ("a.jsonl", "where is it", "is not JSON"),
        ("a.csv", "question\nwhere\n", "there is no column 'text'"),
        ("a.csv", "text\n \n", "holds no message of a customer"),
    ],
)
def test_what_holds_no_messages_is_refused_by_name(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Unreadable, match=why):
        read_file(tmp_path / name)


def test_only_what_the_bot_did_not_understand_is_open_in_a_desk_with_a_release(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path)
    with open_log(desk) as store:
        log = Log(store)
        log.reply(log.hear("where is my order"), "order_status")
        log.reply(log.hear("Please wrap my order", tapped=True), "gift_wrap")
        log.write(log.hand_off(log.hear("do you sell gift cards")), "Yes, from 10 euros.")
    speech = read_log(desk / "desk.db", unanswered=True)
    assert [m.text for m in speech.messages if not m.settled] == ["do you sell gift cards"]
    assert "Please wrap my order" not in [m.text for m in speech.messages]
    assert [reply.text for reply in speech.replies] == ["Yes, from 10 euros."]
    assert not any(m.settled for m in read_log(desk / "desk.db", unanswered=False).messages)
