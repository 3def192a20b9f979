"""The same done to several conversations: each has its own outcome, and what a colleague has stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.together import MOST
from tests.bot.served import Client, make_desk, served

LATER, SOONER = "2126-03-02T09:00:00+00:00", "2126-03-01T09:00:00+00:00"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


async def waiting(client: Client, visitor: str) -> str:
    said = await client.say("a person please", visitor=visitor)
    return str(said["conversation_id"])


async def bulk(client: Client, ids: list[str], do: str, **more: Any) -> list[tuple[str, str, str]]:
    body = {"operator": "ann", "conversations": ids, "do": do, **more}
    status, found = await client.post("/api/v1/bulk", body, operator=True)
    assert status == 200, found
    assert [one["conversation_id"] for one in found["outcomes"]] == list(dict.fromkeys(ids))
    return [(one["outcome"], one["owner"], one["before"]) for one in found["outcomes"]]


async def act(client: Client, id_: str, what: str, **body: str) -> None:
    path = f"/api/v1/conversations/{id_}/{what}"
    assert (await client.post(path, {"operator": "bob", **body}, operator=True))[0] == 200


async def of(client: Client, id_: str) -> Any:
    return (await client.get(f"/api/v1/conversations/{id_}", operator=True))[1]


async def test_what_nobody_or_oneself_has_is_resolved_and_the_rest_stays(client: Client) -> None:
    free, bobs, over = [await waiting(client, name) for name in ("ada", "eve", "kim")]
    await act(client, bobs, "take")
    await act(client, over, "close")
    assert await bulk(client, [free, bobs, over, "nothing", free, "desk"], "close") == [
        ("done", "", ""),
        ("held", "bob", ""),
        ("already", "", ""),
        ("unknown", "", ""),
        ("unknown", "", ""),
    ]
    assert (await of(client, free))["closed"]
    assert (await of(client, bobs))["owner"] == "bob"


async def test_a_colleague_is_asked_and_it_is_taken_back_where_nobody_changed_it(
    client: Client,
) -> None:
    first, second, bobs = [await waiting(client, name) for name in ("ada", "eve", "kim")]
    await act(client, second, "assign", to="Cy")
    await act(client, bobs, "take")
    ids = [first, second, bobs]
    assert await bulk(client, ids, "assign", to="Di") == [
        ("done", "", ""),
        ("done", "", "Cy"),
        ("done", "", ""),
    ]
    assert await bulk(client, ids, "assign", to="Di") == [("already", "", "Di")] * 3
    await act(client, bobs, "assign", to="Flo")
    assert await bulk(client, [first, bobs], "assign", to="", expects="Di") == [
        ("done", "", "Di"),
        ("changed", "", "Flo"),
    ]
    assert await bulk(client, [second], "assign", to="Cy", expects="Di") == [("done", "", "Di")]
    assert [(await of(client, one))["assigned"] for one in ids] == ["", "Cy", "Flo"]


async def test_what_is_laid_aside_comes_back_and_what_a_colleague_has_stays(client: Client) -> None:
    free, bobs, over = [await waiting(client, name) for name in ("ada", "eve", "kim")]
    await act(client, bobs, "take")
    await act(client, over, "close")
    assert await bulk(client, [free, bobs, over], "snooze", until="2126-03-02T09:00:00.000Z") == [
        ("done", "", ""),
        ("held", "bob", ""),
        ("closed", "", ""),
    ]
    kept = (await of(client, free))["snoozed_until"]
    [(outcome, _, before)] = await bulk(client, [free], "snooze", until=SOONER, expects=LATER)
    assert (outcome, before) == ("done", kept)
    await client.say("are you there?", visitor="ada")
    assert (await of(client, free))["snoozed_until"] == ""
    assert await bulk(client, [free], "snooze", until="", expects=SOONER) == [("changed", "", "")]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"conversations": [], "do": "close"}, f"a list of 1 to {MOST} ids"),
        ({"conversations": ["x"] * (MOST + 1), "do": "close"}, f"a list of 1 to {MOST} ids"),
        ({"conversations": [1], "do": "close"}, "'conversations' must be a string"),
        ({"conversations": ["x"], "do": "erase"}, "must be one of assign, snooze, close"),
        ({"conversations": ["x"], "do": "snooze", "until": "soon"}, "'until' must be a time"),
        ({"conversations": ["x"], "do": "snooze", "expects": "soon"}, "'expects' must be a time"),
    ],
)
async def test_bad_input_is_named(client: Client, body: dict[str, Any], sentence: str) -> None:
    status, problem = await client.post("/api/v1/bulk", {"operator": "ann", **body}, operator=True)
    assert (status, sentence in problem["detail"]) == (400, True), problem
