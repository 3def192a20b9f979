"""Labels that are probably wrong, over a served desk: what is shown, what is decided, and taking it back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.suspects import SUSPECTS
from tests.bot.served import FIRST, Client, make_desk, served

PATH = "/api/v1/review/suspects"
FILE: dict[str, Any] = {
    "text": "near the shop, is it open",
    "intent": "washing_care",
    "place": "examples.csv, line 7",
    "given": 0.01,
    "proposed": "order_status",
    "probability": 0.8,
}
SAID: dict[str, Any] = {**FILE, "text": "where is my parcel", "place": "", "intent": "return_item"}
ELSEWHERE: dict[str, Any] = {**FILE, "text": "gift box", "place": "template gift"}


def suspect(folder: Path, *rows: dict[str, Any]) -> None:
    """Let the champion have been made with these suspicions."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "releases" / FIRST / SUSPECTS).write_text(lines)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    desk = make_desk(tmp_path)
    suspect(tmp_path, FILE, SAID, ELSEWHERE)
    async with served(desk) as found:
        yield found


async def suspects(client: Client) -> list[dict[str, Any]]:
    status, page = await client.get(PATH, operator=True)
    assert status == 200, page
    assert page["open"] == len(page["suspects"])
    found: list[dict[str, Any]] = page["suspects"]
    return found


async def texts(client: Client) -> list[str]:
    return [one["text"] for one in await suspects(client)]


async def post(client: Client, path: str, **body: object) -> Any:
    status, answer = await client.post(path, {"operator": "ann", **body}, operator=True)
    assert status == 200, answer
    return answer


async def decide(client: Client, row: dict[str, Any], meant: str, operator: str = "ann") -> Any:
    return await post(
        client, PATH, text=row["text"], intent=row["intent"], meant=meant, operator=operator
    )


async def undo(client: Client, operator: str = "ann") -> Any:
    return await post(client, "/api/v1/review/undo", operator=operator)


async def label(client: Client, text: str, intent: str, operator: str, visitor: str = "v") -> str:
    said: str = (await client.say(text, visitor=visitor))["in_reply_to"]
    await post(
        client,
        "/api/v1/review/decisions",
        messages=[said],
        intent=intent,
        operator=operator,
    )
    return said


async def test_a_suspect_of_the_files_says_where_it_stands_and_what_the_model_thinks(
    client: Client,
) -> None:
    first, _ = await suspects(client)
    assert first == {
        **FILE,
        "correctable": True,
        "labels": [],
        "nearest": [
            {"text": "where did my parcel go", "intent": "order_status", "similarity": 0.8}
        ],
    }


async def test_a_label_of_an_operator_says_who_gave_it_and_when(client: Client) -> None:
    said = await label(client, SAID["text"].upper(), SAID["intent"], "eve")
    _, found, _ = await suspects(client)
    [given] = found["labels"]
    assert (given["operator"], given["message_id"]) == ("eve", said)
    assert given["at"].startswith("20")


async def test_a_label_that_nobody_gives_any_more_is_no_suspect(client: Client) -> None:
    assert SAID["text"] not in await texts(client)
    await label(client, SAID["text"], "order_status", "eve")
    assert SAID["text"] not in await texts(client)


@pytest.mark.parametrize("meant", ["washing_care", "order_status", ""])
async def test_what_is_decided_about_the_files_does_not_come_again_until_it_is_undone(
    client: Client, meant: str
) -> None:
    decided = await decide(client, FILE, meant)
    assert await texts(client) == [ELSEWHERE["text"]]
    _, taught = await client.get("/api/v1/teachings", operator=True)
    [row] = taught["teachings"]
    assert (row["teaching_id"], row["kind"]) == (decided["decision"], "label")
    assert (row["intent"], row["questions"]) == (meant, [FILE["text"]])
    assert await undo(client) == {"unlabelled": [], "restored": [], "reopened": [FILE["text"]]}
    assert await texts(client) == [FILE["text"], ELSEWHERE["text"]]


async def test_a_correction_is_taken_back_as_a_teaching_too(client: Client) -> None:
    decided = await decide(client, FILE, "order_status")
    status, _ = await client.ask(
        "DELETE", f"/api/v1/teachings/{decided['decision']}?operator=bob", operator=True
    )
    assert status == 200
    assert FILE["text"] in await texts(client)


async def test_a_label_that_is_right_stays_and_is_asked_about_no_more(client: Client) -> None:
    said = await label(client, SAID["text"], SAID["intent"], "eve")
    await decide(client, SAID, SAID["intent"])
    assert SAID["text"] not in await texts(client)
    assert (await undo(client))["restored"] == [said]
    assert SAID["text"] in await texts(client)


async def test_a_wrong_label_is_replaced_wherever_it_was_given_and_undo_gives_it_back(
    client: Client,
) -> None:
    one = await label(client, SAID["text"], SAID["intent"], "eve", "v1")
    two = await label(client, SAID["text"], SAID["intent"], "ann", "v2")
    await decide(client, SAID, "order_status")
    assert SAID["text"] not in await texts(client)
    _, queue = await client.get("/api/v1/review", operator=True)
    assert queue["tickets"] == []
    assert sorted((await undo(client))["unlabelled"]) == sorted([one, two])
    _, found, _ = await suspects(client)
    assert {(g["operator"], g["message_id"]) for g in found["labels"]} == {
        ("eve", one),
        ("ann", two),
    }


async def test_two_who_disagreed_disagree_again_when_the_settling_is_undone(client: Client) -> None:
    said = await label(client, "maybe this", "order_status", "eve")
    for intent, settle in (("return_item", False), ("washing_care", True)):
        await post(
            client, "/api/v1/review/decisions", messages=[said], intent=intent, settle=settle
        )
    await undo(client)
    _, queue = await client.get("/api/v1/review", operator=True)
    [ticket] = queue["tickets"]
    assert {(one["operator"], one["intent"]) for one in ticket["labels"]} == {
        ("eve", "order_status"),
        ("ann", "return_item"),
    }
    await undo(client)
    assert (await undo(client))["unlabelled"] == []


async def test_what_stands_elsewhere_is_changed_there(client: Client) -> None:
    found = (await suspects(client))[-1]
    assert (found["text"], found["correctable"]) == (ELSEWHERE["text"], False)
    body = {"text": found["text"], "intent": found["intent"], "meant": "", "operator": "ann"}
    status, problem = await client.post(PATH, body, operator=True)
    assert (status, problem["code"]) == (409, "elsewhere")
    assert problem["detail"] == "This label stands in template gift: change it there, and retrain."
    await decide(client, found, found["intent"])
    assert await texts(client) == [FILE["text"]]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"intent": "", "meant": ""}, 400, "'text' must be a string"),
        ({"text": "x", "intent": "", "meant": ""}, 409, "'x' is not suspected under"),
        ({"text": "x", "intent": ""}, 400, "'meant' must be a string"),
        ({"text": FILE["text"], "intent": "washing_care", "meant": "x"}, 400, "no intent 'x'"),
    ],
)
async def test_a_bad_request_is_told_in_a_sentence(
    client: Client, body: dict[str, object], status: int, sentence: str
) -> None:
    got, problem = await client.post(PATH, {"operator": "ann", **body}, operator=True)
    assert got == status
    assert sentence in problem["detail"]


async def test_a_release_that_is_older_was_not_asked(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        page = await client.get(PATH, operator=True)
        assert page == (200, {"open": 0, "known": False, "suspects": []})


async def test_a_page_has_at_most_what_is_asked_for(client: Client) -> None:
    _, page = await client.get(f"{PATH}?limit=1", operator=True)
    assert (page["open"], len(page["suspects"])) == (2, 1)
    assert (await client.get(f"{PATH}?limit=0", operator=True))[0] == 400
