"""What an answer looks like before anybody gets it."""

from __future__ import annotations

import pytest

from bot.answers import Unsavable
from bot.previews import previews
from retrieval.variables import Variables

VARIABLES = Variables(constants={"phone": "555 0100"})


def test_every_wording_is_shown_filled_in_and_bare() -> None:
    row = {
        "intent": "a",
        "text": "Hello{% if name %} {{ name }}{% endif %}, call **{{ phone }}**.",
        "variants": [
            {"text": "Ring {{ phone }}.", "channel": "telegram"},
            {"text": "Hallo.", "language": "de"},
        ],
    }
    everybody, telegram, german = (one.as_json() for one in previews(row, VARIABLES))
    assert everybody["web"] == "Hello Ada, call **555 0100**."
    assert everybody["telegram"] == [
        {"text": "Hello Ada, call 555 0100.", "length": 25, "most": 4096}
    ]
    assert everybody["bare"] == "Hello, call **555 0100**."
    assert (telegram["web"], telegram["telegram"][0]["text"]) == ("", "Ring 555 0100.")
    assert (german["language"], german["web"], german["bare"]) == ("de", "Hallo.", "")


def test_what_needs_a_variable_is_not_shown_without() -> None:
    row = {"intent": "a", "text": "It is {{ order_number }}.", "needs": ["order_number"]}
    [one] = previews(row, VARIABLES)
    assert (one.web, one.bare) == ("It is [order_number].", "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"intent": "a", "text": "Hello {{ nmae }}"}, "nmae"),
        ({"intent": "a", "text": "{% for a in b %}"}, "This cannot be saved"),
        ({"text": "no intent"}, "intent"),
    ],
)
def test_what_cannot_be_an_answer_is_said(row: dict[str, str], said: str) -> None:
    with pytest.raises(Unsavable, match=said):
        previews(row, VARIABLES)
