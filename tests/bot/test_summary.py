"""A conversation in a few of its own sentences: what is wanted, what was tried, what is open."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summary import MOST, Line, Part, Speaker, summary
from conversations.events import (
    ActionKind,
    Decided,
    Event,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
)
from conversations.exchanges import ASKED_FOR_PERSON

AT = datetime(2026, 11, 1, tzinfo=UTC)
PARCEL = (
    ("c", "Hello!"),
    ("c", "I ordered a coat twelve days ago, and it has not arrived. My order is PP-204817."),
    ("b", "Your order left our warehouse last Monday, and usually takes four days."),
    ("c", "The tracking says delivered, but there is no coat here. I was home all day."),
    ("p", "Please let me talk to a person."),
    ("o", "Hello, let me look. The courier left the parcel at the shop in Mill Lane."),
    ("c", "Thanks. Until when can I pick the parcel up there?"),
)
CHINESE = (
    ("c", "你好"),
    ("c", "我三天前下的单，订单号 PP-204817，到现在还没有收到。"),
    ("b", "您的订单已经发货，一般需要三到五天。"),
    ("c", "可是物流显示已经签收了！我没有收到包裹。"),
    ("o", "您好，我帮您查一下。快递放在了南门的驿站，取件码是 5521。"),
    ("c", "驿站几点关门？我今晚能去拿吗？"),
)


def history(talk: Sequence[tuple[str, str]], *more: Event) -> list[Recorded]:
    events: list[Event] = []
    for at, (by, text) in enumerate(talk):
        if by in "cp":
            events.append(Heard(message_id=f"m{at}", external_id=f"x{at}", text=text))
        if by in "bp":
            asked = by == "p"
            events.append(
                Decided(
                    message_id=f"d{at}",
                    in_reply_to=f"m{at}",
                    action=ActionKind.HANDOFF if asked else ActionKind.REPLY,
                    text="I pass this to a person." if asked else text,
                    reason=ASKED_FOR_PERSON if asked else "confident",
                )
            )
        if by == "o":
            events.append(OperatorWrote(message_id=f"m{at}", operator="Ann", text=text))
    return [Recorded(seq, "c1", AT, event) for seq, event in enumerate([*events, *more], start=1)]


def parts(lines: Sequence[Line]) -> dict[Part, list[str]]:
    return {part: [line.text for line in lines if line.part is part] for part in Part}


def test_it_says_what_is_wanted_what_was_tried_and_what_is_open() -> None:
    lines = summary(history(PARCEL))
    told = parts(lines)
    assert "has not arrived" in " ".join(told[Part.WANTS])
    assert told[Part.TRIED] == [
        PARCEL[2][1],
        "The courier left the parcel at the shop in Mill Lane.",
    ]
    assert told[Part.OPEN] == ["Until when can I pick the parcel up there?"]
    assert [line.who for line in lines if line.by is Speaker.OPERATOR] == ["Ann"]


def test_chinese_sentences_are_sentences() -> None:
    told = parts(summary(history(CHINESE), "zh"))
    assert told[Part.WANTS][0] == "我三天前下的单，订单号 PP-204817，到现在还没有收到。"
    assert told[Part.OPEN] == ["我今晚能去拿吗？"]


@pytest.mark.parametrize("talk", [(), PARCEL[:3]])
def test_a_short_conversation_needs_none(talk: Sequence[tuple[str, str]]) -> None:
    assert summary(history(talk)) == ()


def test_what_was_asked_last_is_open_where_a_person_was_called_after_the_bots_answer() -> None:
    talk = (*PARCEL[:4], ("c", "Can you send a new coat?"), ("b", "Coats are made of wool."), ("p", "A person"))  # fmt: skip
    assert parts(summary(history(talk)))[Part.OPEN] == ["Can you send a new coat?"]


def test_what_an_operator_edited_is_said_as_it_stands() -> None:
    edited = OperatorEdited(
        message_id="e", corrects="m5", replaces=7, operator="Ann", text="The parcel is lost, and a new coat leaves today."
    )  # fmt: skip
    assert (
        "The parcel is lost, and a new coat leaves today."
        in parts(summary(history(PARCEL, edited)))[Part.TRIED]
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from("cbo"),
            st.text(st.sampled_from("abc XY.?!。？ 我要退款 1234\n"), max_size=80),
        ),
        max_size=30,
    )
)
def test_every_sentence_was_said_by_whom_it_says_and_there_are_few(
    talk: list[tuple[str, str]],
) -> None:
    lines = summary(history(talk))
    said = {
        (Speaker.CUSTOMER, f"m{at}") if by == "c" else (Speaker.OPERATOR, f"m{at}") if by == "o" else (Speaker.BOT, f"d{at}"): text
        for at, (by, text) in enumerate(talk)
    }  # fmt: skip
    assert len(lines) <= MOST
    assert all(line.text in said[line.by, line.message_id] for line in lines)
