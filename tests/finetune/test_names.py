"""What an intent is called, as an example that nobody had to write."""

from __future__ import annotations

import pytest

from finetune.examples import Example
from finetune.names import hints, spoken
from retrieval.prediction import OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("card_arrival", "card arrival"),
        ("Refund_not_showing_up", "refund not showing up"),
        ("getBoardingPass", "get boarding pass"),
        ("return-item.late", "return item late"),
        ("查询订单", "查询订单"),
        ("__", ""),
    ],
)
def test_a_name_is_read_as_words(intent: str, words: str) -> None:
    assert spoken(intent) == words


def test_a_title_and_a_description_say_more_and_nothing_is_said_twice() -> None:
    said = hints(
        ["refund", OUT_OF_SCOPE],
        {"refund": ["Refund", "Where my money is"]},
        {"refund": "The money for goods sent back"},
    )
    assert [e.text for e in said] == [
        "Refund",
        "Where my money is",
        "The money for goods sent back",
    ]
    assert all(e.hint and e.intent == "refund" for e in said)


@pytest.mark.parametrize("code", ["q17", "12", "a_1", "--"])
def test_a_code_says_nothing(code: str) -> None:
    assert hints([code], {}, {}) == []


def test_a_chinese_name_of_one_sign_is_a_word() -> None:
    assert hints(["退"], {}, {}) == [Example("退", "退", hint=True)]
