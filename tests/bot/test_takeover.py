"""Taking a conversation over: the bot is silent from then on, answers on their way included, and one operator has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.desk import Desk
from tests.bot.served import Client, make_desk, served

RACES = 12  # more of them in the benchmark


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


async def say(client: Client, visitor: str, text: str) -> dict[str, Any]:
    status, answer = await client.post("/api/v1/messages", {"visitor": visitor, "text": text})
    assert status == 200, answer
    return dict(answer)


async def act(client: Client, conversation: str, what: str, **body: object) -> tuple[int, Any]:
    path = f"/api/v1/conversations/{conversation}/{what}"
    return await client.post(path, {"operator": "Ann", **body}, operator=True)


async def looked_at(client: Client, conversation: str) -> dict[str, Any]:
    status, answer = await client.get(f"/api/v1/conversations/{conversation}", operator=True)
    assert status == 200, answer
    return dict(answer)


async def test_a_conversation_is_taken_let_go_and_given_back(client: Client) -> None:
    conversation = (await say(client, "ada", "my order please"))["conversation_id"]
    status, taken = await act(client, conversation, "take")
    assert (status, taken["state"], taken["owner"]) == (200, "operator", "Ann")
    assert (await act(client, conversation, "take"))[1] == taken  # again is once
    assert (await say(client, "ada", "my order please"))["action"] == "silent"
    status, refused = await act(client, conversation, "take", operator="Bob")
    assert (status, refused["code"], refused["owner"]) == (409, "taken", "Ann")
    assert (await act(client, conversation, "release", operator="Bob", reason="gone"))[0] == 200
    assert (await looked_at(client, conversation))["state"] == "waiting"
    assert (await act(client, conversation, "take", operator="Bob"))[0] == 200
    assert (await act(client, conversation, "take", expects="Bob"))[1]["owner"] == "Ann"
    assert (await act(client, conversation, "give-back"))[1]["changed"] is True
    assert (await looked_at(client, conversation))["state"] == "returned"
    assert (await say(client, "ada", "my order please"))["action"] == "reply"
    await act(client, conversation, "close")
    status, refused = await act(client, conversation, "take")
    assert (status, refused["code"]) == (409, "closed")


async def test_colleagues_assign_lay_aside_and_write_notes(client: Client) -> None:
    conversation = (await say(client, "ada", "my order please"))["conversation_id"]
    await act(client, conversation, "assign", to="Bob")
    await act(client, conversation, "snooze", until="2026-12-01T10:00:00+01:00")
    status, note = await act(client, conversation, "notes", text="She called, too.")
    assert (status, note["kind"], note["text"]) == (200, "noted", "She called, too.")
    found = await looked_at(client, conversation)
    assert (found["state"], found["assigned"]) == ("bot", "Bob")
    assert found["snoozed_until"] == "2026-12-01T09:00:00+00:00"
    status, refused = await act(client, conversation, "snooze", until="tomorrow")
    assert (status, "such as" in refused["detail"]) == (400, True)
    assert (await act(client, "none", "notes", text="x"))[0] == 404


async def test_in_no_race_does_the_bot_speak_after_a_person_or_do_two_have_it(
    client: Client,
) -> None:
    for race in range(RACES):
        visitor = f"visitor {race}"
        conversation = (await say(client, visitor, "my order please"))["conversation_id"]
        _, *taken = await asyncio.gather(
            say(client, visitor, "my order please"),
            act(client, conversation, "take"),
            act(client, conversation, "take", operator="Bob"),
        )
        assert sorted(status for status, _ in taken) == [200, 409]
        events = (await looked_at(client, conversation))["events"]
        kinds = [event["kind"] for event in events]
        late = events[kinds.index("taken") :]
        assert not [e for e in late if e["kind"] == "decided" and e["action"] != "silent"]
