"""What a language model makes of quotes: through real HTTP, and only where it says no more than they do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.config import read_settings
from bot.phrasing import MAX_ANSWER, MAX_SAID, Phrasing, phrasing, unfaithful
from bot.refused import Refused
from conversations.events import ActionKind
from tests.bot.house import house
from tests.bot.served import serving

QUOTES = [
    "Wool is washed at 30 degrees.",
    "Write to care@shop.example or see https://shop.example/wool.",
]
PATIENCE = 0.5  # seconds


@contextlib.asynccontextmanager
async def model(
    says: object, *, status: int = 200, after: float = 0.0
) -> AsyncIterator[tuple[Phrasing, list[dict[str, Any]]]]:
    """Give a phrasing whose model says so, and what it is asked; what is no string is the whole body."""
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append({**await request.json(), "key": request.headers.get("Authorization", "")})
        await asyncio.sleep(after)
        body = {"choices": [{"message": {"content": says}}]} if isinstance(says, str) else says
        return web.json_response(body, status=status)

    async with (
        serving([web.post("/v1/chat/completions", answer)]) as url,
        phrasing(f"{url}/v1", "small", "secret", PATIENCE) as found,
    ):
        assert found is not None
        yield found, asked


async def test_the_model_gets_the_question_and_the_quotes_and_nothing_else() -> None:
    async with model("Wash it at 30 degrees.") as (found, asked):
        assert await found.phrase("how do I wash wool", QUOTES) == "Wash it at 30 degrees."
    [one] = asked
    assert (one["model"], one["temperature"], one["key"]) == ("small", 0, "Bearer secret")
    told, said = one["messages"]
    assert told["role"] == "system"
    assert said["content"] == (
        f"Passage: {QUOTES[0]}\n\nPassage: {QUOTES[1]}\n\nQuestion: how do I wash wool"
    )


@pytest.mark.parametrize(
    "said",
    [
        "Wash it at 40 degrees.",
        "Call 030 555.",
        "See https://elsewhere.example/wool.",
        "Write to me@elsewhere.example.",
        "See HTTPS://elsewhere.example.",
        "Pay at evil-shop.com/pay.",
        "It is at bit.ly/abc.",
        "NOTHING",
        "nothing.",
        " ",
        "wool " * MAX_SAID,
    ],
)
async def test_what_the_quotes_do_not_say_is_left_out(said: str) -> None:
    async with model(said) as (found, _):
        assert await found.phrase("how do I wash wool", QUOTES) == ""


@pytest.mark.parametrize(
    "said",
    [
        "At 30 degrees.",
        "Write to care@shop.example.",
        "See (https://shop.example/wool).",
        "Gently.",
    ],
)
def test_what_the_quotes_say_may_be_said(said: str) -> None:
    assert unfaithful(said, QUOTES) == ""


@pytest.mark.parametrize("said", ["Order 204817 is there.", "Ask jane.doe@example.com."])
def test_why_words_are_left_out_says_none_of_them(said: str) -> None:
    assert unfaithful(said, QUOTES) in {
        "a number that no passage has",
        "an address that no passage has",
    }


@pytest.mark.parametrize(
    "body", [{}, {"choices": []}, {"choices": [{"message": {"content": 7}}]}, [1], "x" * MAX_ANSWER]
)
async def test_what_is_no_completion_is_left_out(body: object) -> None:
    async with model(body) as (found, _):
        assert await found.phrase("how do I wash wool", QUOTES) == ""


async def test_a_model_that_refuses_or_is_slow_or_is_gone_costs_the_words_and_no_more() -> None:
    async with model("At 30 degrees.", status=503) as (found, _):
        assert await found.phrase("how", QUOTES) == ""
    async with model("At 30 degrees.", after=2 * PATIENCE) as (found, _):
        assert await found.phrase("how", QUOTES) == ""
    async with phrasing("http://127.0.0.1:9/v1", "small", "", PATIENCE) as gone:
        assert gone is not None
        assert await gone.phrase("how", QUOTES) == ""


async def test_the_quotes_and_their_page_stay_under_what_the_model_says(tmp_path: Path) -> None:
    async with model("Cold water, they say.") as (found, _):
        async with house(_made(tmp_path / "with"), phrasing=found) as desk:
            phrased = await desk.say("what does the page say")
    async with house(_made(tmp_path / "without")) as desk:
        plain = await desk.say("what does the page say")
    assert plain.action is phrased.action is ActionKind.REPLY
    assert phrased.text == f"Cold water, they say.\n\n{plain.text}"
    assert phrased.source == plain.source
    assert json.loads(phrased.evidence)["phrased_by"] == "small"
    assert "phrased_by" not in json.loads(plain.evidence)


async def test_an_approved_answer_is_never_phrased(tmp_path: Path) -> None:
    async with model("Something else.") as (found, asked), house(tmp_path, phrasing=found) as desk:
        decision = await desk.say("where is my order")
    assert decision.template_id == "order-ask"
    assert asked == []


async def test_without_an_address_nobody_is_asked() -> None:
    async with phrasing("", "", "", PATIENCE) as found:
        assert found is None


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("url = 'http://models.example/v1'\nmodel = 'small'", "only https"),
        ("url = 'ftp://models.example'\nmodel = 'small'", "https://"),
        ("url = 'http://127.0.0.1:11434/v1'", "name the model"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused_at_the_start(
    tmp_path: Path, toml: str, said: str
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(f"name = 'Test'\n[phrasing]\n{toml}\n")
    with pytest.raises(Refused, match=said):
        read_settings(file)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
