"""What staff look at, over HTTP: a message that was just said is in the inbox, is found, and is counted."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.numbers_api import TABLES, as_csv
from bot.desk import Desk
from tests.bot.served import Client, make_desk, served


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, "[console]\nanswer_within = '5m'\n")


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


async def seen(client: Client, path: str) -> Any:
    """Ask until all that was said is in the views, as it is within moments."""
    async with asyncio.timeout(10):
        while True:
            status, found = await client.get(path, operator=True)
            if status == 200 and found["behind"] == 0:
                return found
            await asyncio.sleep(0.02)


async def test_the_inbox_shows_who_waits_for_a_person(client: Client) -> None:
    await client.say("order", visitor="ada")
    answer = await client.say("a person please", visitor="bob")
    found = await seen(client, "/api/v1/inbox?state=waiting")
    [row] = found["rows"]
    assert (row["conversation_id"], row["state"]) == (answer["conversation_id"], "waiting")
    assert row["visitor"]["channel"] == "api"
    waits, due = (datetime.fromisoformat(row[name]) for name in ("waiting_since", "due_at"))
    assert due - waits == timedelta(minutes=5)
    assert found["counts"] == {
        "waiting": 1, "mine": 0, "open": 1, "bot": 1, "snoozed": 0, "closed": 0,
    }  # fmt: skip
    path = f"/api/v1/conversations/{answer['conversation_id']}/messages"
    assert (await client.post(path, {"operator": "ann", "text": "x"}, operator=True))[0] == 409
    close = f"/api/v1/conversations/{answer['conversation_id']}/close"
    await client.post(close, {"operator": "ann"}, operator=True)
    found = await seen(client, "/api/v1/inbox?state=waiting")
    assert (found["rows"], found["counts"]["closed"]) == ([], 1)


async def test_where_no_answer_is_promised_none_is_due(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        await client.say("a person please")
        [row] = (await seen(client, "/api/v1/inbox?state=waiting"))["rows"]
        assert (bool(row["waiting_since"]), row["due_at"]) == (True, None)


async def test_pages_of_the_inbox_follow_each_other(client: Client) -> None:
    for visitor in ("ada", "bob", "eve"):
        await client.say("order", visitor=visitor)
    first = await seen(client, "/api/v1/inbox?limit=2")
    rest = await seen(client, f"/api/v1/inbox?limit=2&after={first['next']}")
    ids = [row["conversation_id"] for row in first["rows"] + rest["rows"]]
    assert (len(set(ids)), rest["next"]) == (3, None)


async def test_what_was_said_is_found_with_its_place(client: Client) -> None:
    await client.say("\U0001f422 我要退款 please", visitor="ada")
    _, found = await client.get("/api/v1/search?q=退款", operator=True)
    [row] = found["rows"]
    assert (row["by"], row["marks"]) == ("customer", [[5, 7]])
    for number in range(3):
        await client.say("order", visitor=f"v{number}")
    _, first = await client.get("/api/v1/search?q=order&limit=4", operator=True)
    _, rest = await client.get(f"/api/v1/search?q=order&after={first['next']}", operator=True)
    assert len(first["rows"]) == 4
    assert len(rest["rows"]) == 2
    assert rest["next"] is None


async def test_numbers_come_with_their_meaning_and_as_tables(client: Client) -> None:
    answer = await client.say("order", visitor="ada")
    await client.post("/api/v1/feedback", {"message_id": answer["message_id"], "value": "up"})
    await client.post("/api/v1/scores", {"conversation_id": answer["conversation_id"], "score": 5})
    await client.say("weather in Saltmarsh", visitor="bob")
    found = await seen(client, "/api/v1/numbers")
    assert found["figures"]["conversations"] == {"value": 2, "previous": 0, "unit": "count"}
    assert found["definitions"].keys() == found["figures"].keys()
    assert [row["text"] for row in found["unanswered"]] == ["weather in Saltmarsh"]
    assert found["by_answer"] == [{"answer": "order-ask", "given": 1, "up": 1, "down": 0}]
    assert len(found["series"]) == found["period"]["days"] == 30
    week = await seen(client, "/api/v1/numbers?days=7")
    assert len(week["series"]) == week["period"]["days"] == 7
    assert week["period"]["to"] == found["period"]["to"]
    for table in TABLES:
        text = await read(client, f"/api/v1/numbers.csv?table={table}")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == len(found[table]), table


async def read(client: Client, path: str) -> str:
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(f"{client.url}{path}", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/csv"
        return await response.text()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("inbox?state=lost", "state"), ("inbox?sort=name", "sort"), ("inbox?after=x", "next"), ("inbox?limit=101", "limit"),
        ("inbox?mood=high", "mood"), ("search?after=x", "after"), ("numbers?from=today", "from"), ("numbers?step=year", "step"),
        ("numbers?from=2026-02-01&to=2026-01-01", "before"), ("numbers?from=0001-01-01", "before"), ("numbers.csv?table=secrets", "table"),
        ("numbers?days=0", "days"), ("numbers?days=1e3", "days"), ("numbers?days=9999", "days"),
    ],
)  # fmt: skip
async def test_bad_input_is_named(client: Client, path: str, names: str) -> None:
    status, problem = await client.get(f"/api/v1/{path}", operator=True)
    assert (status, names in problem["detail"]) == (400, True)


@pytest.mark.parametrize("path", ["inbox", "search?q=a", "numbers", "numbers.csv"])
async def test_only_operators_may_look(client: Client, path: str) -> None:
    assert (await client.get(f"/api/v1/{path}"))[0] == 401


async def test_views_that_were_damaged_are_made_anew(desk: Desk) -> None:
    async with served(desk) as client:
        await client.say("order", visitor="ada")
    (desk.folder / "views.db").write_bytes(b"not a database at all" * 500)
    async with served(desk) as client:
        assert len((await seen(client, "/api/v1/inbox"))["rows"]) == 1


def test_a_table_holds_no_formula() -> None:
    text = as_csv([{"text": "=1+1", "count": -1}])
    assert text == '"text","count"\r\n"\'=1+1",-1\r\n'
    assert as_csv([]) == ""
