"""The HTTP API, over HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conversations.events import HUMAN
from tests.bot.served import FIRST, Client, make_desk, served

VISITORS = ("/files", "/transcript", "/telegram-link")
MESSAGES, FEEDBACK, SCORES = "/api/v1/messages", "/api/v1/feedback", "/api/v1/scores"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


async def test_a_message_is_answered(client: Client) -> None:
    answer = await client.say("my order please", client_message_id="1")
    assert answer["action"] == "reply"
    assert answer["text"] == "Hello there, which order?"
    assert answer["intent"] == "order_status"
    assert answer["confidence"] == 0.95
    assert answer["template_id"] == "order-ask"
    assert answer["release"] == FIRST
    assert answer["verdict"] == "confident"
    assert answer["choices"] == []
    assert answer["message_id"]
    assert answer["conversation_id"]


async def test_the_same_client_message_id_gets_the_same_answer(client: Client) -> None:
    asked = [client.say("order", client_message_id="1") for _ in range(10)]
    together = await asyncio.gather(*asked)
    later = await client.say("order", client_message_id="1")
    assert all(answer == later for answer in together)
    path = f"/api/v1/conversations/{later['conversation_id']}"
    kinds: list[str] = []
    async with asyncio.timeout(10):  # that it arrived is written down in its own time
        while "delivered" not in kinds:
            _, conversation = await client.get(path, operator=True)
            kinds = [event["kind"] for event in conversation["events"]]
    assert kinds == ["heard", "decided", "delivered"]


async def test_two_visitors_may_count_alike_and_no_id_is_an_own_message(client: Client) -> None:
    first = await client.say("order", client_message_id="1")
    other = await client.say("order", visitor="eve", client_message_id="1")
    again, once_more = await client.say("order"), await client.say("order")
    assert first["conversation_id"] != other["conversation_id"]
    assert again["message_id"] != once_more["message_id"]


async def test_a_question_is_answered_with_a_choice(client: Client) -> None:
    question = await client.say("maybe")
    assert question["action"] == "clarify"
    value = question["choices"][1]["value"]
    answer = await client.say(question["choices"][1]["label"], choice=value)
    assert (answer["action"], answer["intent"], answer["reason"]) == ("reply", value, "chosen")


async def test_a_thumb_is_kept(client: Client) -> None:
    answer = await client.say("order")
    body = {"message_id": answer["message_id"], "value": "down", "comment": "too short"}
    assert await client.post(FEEDBACK, body) == (
        200,
        {"message_id": answer["message_id"], "value": "down"},
    )
    _, conversation = await client.get(
        f"/api/v1/conversations/{answer['conversation_id']}", operator=True
    )
    assert conversation["events"][-1]["comment"] == "too short"


async def test_a_thumb_down_may_say_why_and_a_conversation_may_be_scored(client: Client) -> None:
    answer = await client.say("order")
    body = {"message_id": answer["message_id"], "value": "down", "reason": "outdated"}
    assert (await client.post(FEEDBACK, body))[0] == 200
    scored = {"conversation_id": answer["conversation_id"], "score": 2, "comment": "slow"}
    assert await client.post(SCORES, scored) == (
        200,
        {"conversation_id": answer["conversation_id"], "score": 2},
    )
    _, conversation = await client.get(
        f"/api/v1/conversations/{answer['conversation_id']}", operator=True
    )
    assert conversation["events"][-2]["reason"] == "outdated"
    assert (conversation["events"][-1]["score"], conversation["events"][-1]["comment"]) == (
        2,
        "slow",
    )


async def test_a_reason_is_one_that_is_known_and_only_for_a_thumb_down(client: Client) -> None:
    answer = await client.say("order")
    for value, reason in (("down", "boring"), ("up", "outdated")):
        body = {"message_id": answer["message_id"], "value": value, "reason": reason}
        status, problem = await client.post(FEEDBACK, body)
        assert status == 400
        assert "one of these reasons: not_my_question, wrong," in problem["detail"]


LONG = "x" * 4097
BAD: list[tuple[str, Any, int, str]] = [
    (MESSAGES, b"not json", 400, "bad_input"),
    (MESSAGES, b"", 400, "bad_input"),
    (MESSAGES, b'{"visitor": "a", "text": "\xff"}', 400, "bad_input"),
    (MESSAGES, b"[" * 100_000, 400, "bad_input"),
    (MESSAGES, b'{"visitor": "a", "text": "b", "n": ' + b"9" * 5000 + b"}", 400, "bad_input"),
    (MESSAGES, [1], 400, "bad_input"),
    (MESSAGES, None, 400, "bad_input"),
    (MESSAGES, {}, 400, "bad_input"),
    (MESSAGES, {"text": "order"}, 400, "bad_input"),
    (MESSAGES, {"visitor": "", "text": "order"}, 400, "bad_input"),
    (MESSAGES, {"visitor": "v" * 201, "text": "order"}, 400, "bad_input"),
    (MESSAGES, {"visitor": 7, "text": "order"}, 400, "bad_input"),
    (MESSAGES, {"visitor": "a"}, 400, "bad_input"),
    (MESSAGES, {"visitor": "a", "text": 7}, 400, "bad_input"),
    (MESSAGES, {"visitor": "a", "text": "b", "client_message_id": 7}, 400, "bad_input"),
    (MESSAGES, {"visitor": "a", "text": "b", "choice": "c" * 201}, 400, "bad_input"),
    (MESSAGES, {"visitor": "a", "text": ""}, 400, "empty"),
    (MESSAGES, {"visitor": "a", "text": " \u200b "}, 400, "empty"),
    (MESSAGES, {"visitor": "a", "text": LONG}, 413, "too_long"),
    (MESSAGES, {"visitor": "a", "text": "x" * 2**20}, 413, "too_long"),
    (FEEDBACK, {"message_id": "m", "value": "sideways"}, 400, "bad_input"),
    (FEEDBACK, {"message_id": "m", "value": ["up"]}, 400, "bad_input"),
    (FEEDBACK, {"value": "up"}, 400, "bad_input"),
    (FEEDBACK, {"message_id": "m", "value": "up", "comment": 1}, 400, "bad_input"),
    (FEEDBACK, {"message_id": "m", "value": "up", "comment": LONG}, 413, "too_long"),
    (FEEDBACK, {"message_id": "m", "value": "up"}, 404, "not_found"),
    (SCORES, {"conversation_id": "c", "score": 6}, 400, "bad_input"),
    (SCORES, {"conversation_id": "c", "score": True}, 400, "bad_input"),
    (SCORES, {"conversation_id": "c", "score": "5"}, 400, "bad_input"),
    (SCORES, {"conversation_id": "c", "score": 5}, 404, "not_found"),
    ("/api/v1/nothing", {}, 404, "not_found"),
    ("/api/v1/openapi.json", {}, 405, "method_not_allowed"),
    ("/api/v1/labels", {}, 401, "unauthorized"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), BAD)
async def test_every_error_is_a_problem(
    client: Client, path: str, body: Any, status: int, code: str
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    found, problem = await client.post(path, data=io.BytesIO(data))
    assert (found, problem["code"]) == (status, code)
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == status
    assert "Traceback" not in problem["detail"]


@pytest.mark.parametrize("text", ['"\\ud800 order"', '"order\\u0000"', '"\\u202eorder"'])
async def test_a_strange_text_is_stored_legibly(client: Client, text: str) -> None:
    body = b'{"visitor":"a","text":%s}' % text.encode()
    status, answer = await client.post(MESSAGES, data=io.BytesIO(body))
    assert status == 200
    _, found = await client.get(f"/api/v1/conversations/{answer['conversation_id']}", operator=True)
    assert "\0" not in found["events"][0]["text"]
    assert "order" in found["events"][0]["text"]


async def test_operators_label_give_back_search_and_look_into_evidence(client: Client) -> None:
    await client.say("rain")
    answer = await client.say("weather in Saltmarsh")
    conversation_id = answer["conversation_id"]
    assert await client.get("/api/v1/conversations?waiting=1", operator=True) == (
        200,
        {"conversations": [{"conversation_id": conversation_id}]},
    )
    body = {"message_id": answer["message_id"], "intent": "washing_care", "operator": "eve"}
    status, label = await client.post("/api/v1/labels", body, operator=True)
    assert (status, label["kind"], label["message_id"]) == (
        200,
        "labelled",
        answer["in_reply_to"],
    )
    path = f"/api/v1/conversations/{conversation_id}"
    given = {"operator": "eve"}
    assert (await client.post(f"{path}/give-back", given, operator=True))[1]["changed"]
    assert not (await client.post(f"{path}/give-back", given, operator=True))[1]["changed"]
    assert (await client.say("order"))["action"] == "reply"
    _, found = await client.get("/api/v1/search?q=saltmarsh", operator=True)
    assert [row["text"] for row in found["rows"]] == ["weather in Saltmarsh"]
    for message_id in (answer["message_id"], answer["in_reply_to"]):
        _, card = await client.get(f"/api/v1/messages/{message_id}/evidence", operator=True)
        assert card["evidence"]["verdict"] == "out_of_scope"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v1/labels", {"message_id": "m", "intent": "", "operator": "e"}, 404),
        ("POST", "/api/v1/labels", {"message_id": "m", "intent": "nope", "operator": "e"}, 400),
        ("POST", "/api/v1/labels", {"message_id": "m", "operator": "e"}, 400),
        ("POST", "/api/v1/conversations/c/give-back", {"operator": "e"}, 404),
        ("POST", "/api/v1/conversations/c/give-back", {}, 400),
        ("GET", "/api/v1/conversations/c", None, 404),
        ("GET", "/api/v1/conversations", None, 400),
        ("GET", "/api/v1/messages/m/evidence", None, 404),
    ],
)
async def test_operators_are_told_what_is_wrong(
    client: Client, method: str, path: str, body: object, status: int
) -> None:
    assert (await client.ask(method, path, operator=True, json=body))[0] == status
    assert (await client.ask(method, path, operator=False, json=body))[0] == 401


async def test_an_api_key_guards_messages_and_feedback(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path, "api_key = 'secret'")) as client:
        body = {"visitor": "ada", "text": "order"}
        assert (await client.post(MESSAGES, body))[0] == 401
        assert (await client.post(FEEDBACK, {}))[0] == 401
        assert (await client.post(MESSAGES, body, operator=True))[0] == 200
        client.headers = {"Authorization": "Bearer secret"}
        assert (await client.post(MESSAGES, body))[0] == 200
        assert (await client.get("/api/v1/search?q=a"))[0] == 401


async def test_asking_for_a_person_is_a_choice(client: Client) -> None:
    answer = await client.say("A person, please", choice=HUMAN)
    assert (answer["action"], answer["reason"]) == ("handoff", "asked_for_person")
    silent = await client.say("order")
    assert (silent["action"], silent["text"]) == ("silent", "")
