"""New topics over a served desk: what is shown, what is decided about them, and looking for them now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.topics import TOPICS
from finetune.mining.looking import keep_failure
from tests.bot.served import Client, make_desk, served

PATH = "/api/v1/review/topics"
WRAPPING = ("do you wrap gifts", "gift wrapping please", "can it come as a gift, maybe")
INVOICE = ("send me the invoice", "where is my invoice")


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


async def ask(client: Client, *texts: str) -> list[str]:
    said = [await client.say(text, visitor=text) for text in texts]
    return [one["in_reply_to"] for one in said]


def keep(folder: Path, *topics: tuple[str, Sequence[str]], note: str = "") -> None:
    """Let these topics have been found: their names and the ids of their messages."""
    rows = [
        {"name": name, "title": name.replace("_", " ").capitalize(), "words": [name], "messages": m}
        for name, m in topics
    ]
    found = {"at": "2026-03-01T03:00:00+00:00", "release": "a" * 16, "looked_at": 7, "note": note}
    (folder / TOPICS).write_text(json.dumps({**found, "topics": rows}))


async def page(client: Client, query: str = "") -> Any:
    status, found = await client.get(f"{PATH}{query}", operator=True)
    assert status == 200, found
    return found


async def names(client: Client) -> list[str]:
    return [topic["name"] for topic in (await page(client))["topics"]]


async def post(client: Client, path: str, **body: object) -> Any:
    body = {"operator": "ann", **body}
    status, answer = await client.post(f"/api/v1/review/{path}", body, operator=True)
    assert status == 200, answer
    return answer


async def test_a_desk_that_never_looked_says_so(client: Client) -> None:
    assert await page(client) == {
        "open": 0,
        "at": None,
        "release": "",
        "looked_at": 0,
        "note": "",
        "failed": None,
        "looking": {"running": False},
        "topics": [],
    }


async def test_a_topic_says_what_was_asked_how_often_and_when(
    client: Client, tmp_path: Path
) -> None:
    invoice = await ask(client, *INVOICE)
    wrapping = await ask(client, *WRAPPING)
    await client.say(WRAPPING[0].upper(), visitor="once more")
    keep(tmp_path, ("invoice", invoice), ("gift_wrap", wrapping))
    found = await page(client)
    assert (found["open"], found["at"], found["looked_at"]) == (2, "2026-03-01T03:00:00+00:00", 7)
    first, second = found["topics"]
    assert (first["name"], first["title"]) == ("gift_wrap", "Gift wrap")
    assert (first["asked"], first["wordings"], second["asked"]) == (4, 3, 2)
    assert [one["text"].casefold() for one in first["examples"]] == list(WRAPPING)
    assert first["examples"][0]["asked"] == 2
    today = datetime.now(UTC).date().isoformat()
    assert first["days"] == [{"day": today, "asked": 4}]
    assert (first["first"], first["last"]) == (today, today)
    assert first["likely"][0] == {
        "intent": "order_status",
        "title": "Where my order is",
        "score": 0.9,
    }
    assert (await page(client, "?limit=1"))["topics"] == [first]


async def test_a_night_that_could_not_look_is_told_beside_what_was_found_before(
    client: Client, tmp_path: Path
) -> None:
    keep(tmp_path, ("invoice", await ask(client, *INVOICE)))
    keep_failure(tmp_path, datetime(2026, 3, 2, 3, tzinfo=UTC), "the disk is full.")
    found = await page(client)
    assert found["failed"] == {"at": "2026-03-02T03:00:00+00:00", "why": "the disk is full."}
    assert (found["at"], await names(client)) == ("2026-03-01T03:00:00+00:00", ["invoice"])


async def test_a_topic_that_is_given_to_an_intent_or_dismissed_is_gone_until_it_is_undone(
    client: Client, tmp_path: Path
) -> None:
    keep(
        tmp_path,
        ("gift_wrap", await ask(client, *WRAPPING)),
        ("invoice", await ask(client, *INVOICE)),
    )
    first, second = (await page(client))["topics"]
    await post(client, "decisions", messages=first["messages"], intent="return_item")
    assert await names(client) == ["invoice"]
    await post(client, "dismissals", messages=second["messages"])
    assert await names(client) == []
    await post(client, "undo")
    await post(client, "undo")
    assert await names(client) == ["gift_wrap", "invoice"]


async def test_what_was_decided_alone_is_left_out_of_a_topic(
    client: Client, tmp_path: Path
) -> None:
    messages = await ask(client, *WRAPPING)
    keep(tmp_path, ("gift_wrap", messages))
    await post(client, "decisions", messages=messages[:1], intent="")
    [topic] = (await page(client))["topics"]
    assert topic["messages"] == messages[1:]


async def test_a_topic_whose_answer_is_a_draft_says_so_until_it_is_live(
    client: Client, tmp_path: Path
) -> None:
    keep(tmp_path, ("gift_wrap", await ask(client, *WRAPPING)))
    template = {"intent": "gift_wrap", "text": "Yes, for two euros.", "questions": WRAPPING[:2]}
    status, saved = await client.ask(
        "PUT",
        "/api/v1/templates/gift_wrap",
        operator=True,
        json={"operator": "ann", "version": 0, "template": template},
    )
    assert status == 200, saved
    [topic] = (await page(client))["topics"]
    assert topic["draft"] == "gift_wrap"
    body = {"operator": "ann", "version": 1}
    status, _ = await client.post("/api/v1/templates/gift_wrap/live", body, operator=True)
    assert status == 200
    [topic] = (await page(client))["topics"]
    assert topic["draft"] == ""
    await post(client, "decisions", messages=topic["messages"], intent="gift_wrap")
    assert await names(client) == []


async def test_an_erased_customer_is_in_no_topic(client: Client, tmp_path: Path) -> None:
    one, other = await ask(client, *INVOICE)
    keep(tmp_path, ("invoice", [one, other]))
    [topic] = (await page(client))["topics"]
    conversation = topic["examples"][0]["conversation_id"]
    _, about = await client.get(f"/api/v1/conversations/{conversation}", operator=True)
    visitor = about["visitor_id"]
    status, _ = await client.post(
        f"/api/v1/visitors/{visitor}/erase", {"operator": "ann"}, operator=True
    )
    assert status == 200
    [topic] = (await page(client))["topics"]
    assert topic["messages"] == [other]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"topics": []}', '{"failed": 3}'])
async def test_a_file_that_says_nothing_is_no_error(
    client: Client, tmp_path: Path, content: str
) -> None:
    (tmp_path / TOPICS).write_text(content)
    assert (await page(client))["topics"] == []


async def test_looking_runs_apart_and_one_at_a_time_and_says_how_it_ended(client: Client) -> None:
    status, state = await client.post(f"{PATH}/look", {"operator": "ann"}, operator=True)
    assert (status, state["running"], state["by"]) == (200, True, "ann")
    status, problem = await client.post(f"{PATH}/look", {"operator": "bob"}, operator=True)
    assert (status, problem["code"]) == (409, "running")
    assert problem["detail"].startswith("ann began it at ")
    async with asyncio.timeout(60):
        while (found := await page(client))["looking"]["running"]:  # noqa: ASYNC110 - as a page sees it
            await asyncio.sleep(0.05)
    assert found["looking"]["code"] == 1
    assert "there is no examples.csv" in found["looking"]["said"][-1]


async def test_a_look_is_ended(client: Client) -> None:
    await client.post(f"{PATH}/look", {"operator": "ann"}, operator=True)
    status, state = await client.ask("DELETE", f"{PATH}/look", operator=True)
    assert (status, state["running"], state["stopped"]) == (200, False, True)


async def test_topics_are_for_operators_alone(client: Client) -> None:
    assert (await client.get(PATH))[0] == 401
    assert (await client.get(f"{PATH}?limit=0", operator=True))[0] == 400
