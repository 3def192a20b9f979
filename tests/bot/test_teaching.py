"""Teach once: an operator's answer serves the next customer, is undone as fast, and survives what servers go through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from bot.cli import frontdesk
from bot.desk import Desk
from bot.teaching import MAX_ANSWERS, MAX_QUESTIONS
from conversations.events import DESK
from conversations.lessons import Taught, TemplateSaved
from retrieval.shelf import Shelf
from tests.bot.house import event_log
from tests.bot.reader import write_reader
from tests.bot.served import Client, make_desk, served

TEACHINGS = "/api/v1/teachings"
QUESTION, ANSWER = "do you wrap gifts", "Yes, for two euros."
NEAR = "do you wrap gifts please"  # four of five words


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(make_desk(tmp_path)) as found:
        yield found


def lesson(**more: object) -> dict[str, Any]:
    body = {"operator": "eve", "intent": "gift_wrap", "text": ANSWER, "questions": [QUESTION]}
    return body | more


async def teach(client: Client, **more: object) -> Any:
    status, taught = await client.post(TEACHINGS, lesson(**more), operator=True)
    assert status == 200, taught
    return taught


async def listed(client: Client) -> list[Any]:
    status, found = await client.get(TEACHINGS, operator=True)
    assert status == 200
    rows: list[Any] = found["teachings"]
    return rows


async def undo(client: Client, teaching_id: str) -> int:
    path = f"{TEACHINGS}/{teaching_id}?operator=ann"
    return (await client.ask("DELETE", path, operator=True))[0]


async def test_a_taught_answer_serves_the_next_customer(client: Client) -> None:
    before = await client.say(QUESTION, "ada")
    assert before["action"] == "clarify"
    taught = await teach(client)
    assert (taught["in_force"], taught["kind"]) == (True, "taught")
    for number, text in enumerate((QUESTION, "Do you wrap GIFTS?", NEAR)):
        answer = await client.say(text, f"bob-{number}")
        assert (answer["action"], answer["text"]) == ("reply", ANSWER)
        assert (answer["intent"], answer["template_id"]) == ("gift_wrap", taught["teaching_id"])
    assert (await client.say("do you sell boots", "cleo"))["action"] == "clarify"
    assert (await client.say("my order", "dora"))["template_id"] == "order-ask"


async def test_an_answer_is_taught_from_the_message_that_had_none(client: Client) -> None:
    asked = await client.say(QUESTION, "ada")
    body = {"questions": [], "message_id": asked["message_id"]}
    taught = await teach(client, **body)
    assert taught["questions"] == [QUESTION]
    assert taught["message_id"] == asked["in_reply_to"]
    assert (await client.say(QUESTION, "bob"))["text"] == ANSWER


async def test_a_card_names_the_teaching_and_its_edition(client: Client) -> None:
    taught = await teach(client)
    answer = await client.say(NEAR)
    path = f"/api/v1/messages/{answer['message_id']}/evidence"
    card = (await client.get(path, operator=True))[1]["evidence"]
    assert card["edition"]["seq"] == taught["seq"]
    assert len(card["edition"]["hash"]) == 16
    assert card["taught"]["teaching_id"] == taught["teaching_id"]
    assert card["taught"]["question"] == QUESTION
    assert 0.75 < card["taught"]["similarity"] < 1


async def test_it_is_undone_as_fast(client: Client) -> None:
    taught = await teach(client)
    assert await undo(client, taught["teaching_id"]) == 200
    assert (await client.say(QUESTION))["action"] == "clarify"
    assert await listed(client) == []
    assert await undo(client, taught["teaching_id"]) == 404


async def test_a_label_is_in_force_at_once_and_can_be_taken_back(client: Client) -> None:
    asked = await client.say("where has my order gone", "ada")
    assert asked["intent"] == "order_status"
    body = {"message_id": asked["message_id"], "intent": "return_item", "operator": "eve"}
    assert (await client.post("/api/v1/labels", body, operator=True))[0] == 200
    assert (await client.say("where has my order gone", "bob"))["intent"] == "return_item"
    assert (await client.say("my order", "cleo"))["intent"] == "order_status"
    [row] = await listed(client)
    assert (row["kind"], row["teaching_id"]) == ("label", asked["in_reply_to"])
    assert await undo(client, asked["in_reply_to"]) == 200
    assert (await client.say("where has my order gone", "dora"))["intent"] == "order_status"


async def test_the_same_id_of_the_caller_is_taught_once(client: Client) -> None:
    first = await teach(client, client_teaching_id="1")
    again = await teach(client, client_teaching_id="1", text="Another.")
    assert again == first
    assert len(await listed(client)) == 1


async def test_two_operators_cannot_teach_the_same_question_two_meanings(client: Client) -> None:
    first = await teach(client)
    body = lesson(intent="presents", questions=["Do you wrap gifts?"], operator="ann")
    status, problem = await client.post(TEACHINGS, body, operator=True)
    assert (status, problem["code"]) == (409, "contradicts")
    for named in ("Do you wrap gifts?", "gift_wrap", "presents", "eve", first["teaching_id"]):
        assert named in problem["detail"]
    both = [client.post(TEACHINGS, lesson(intent=i, questions=["a b c"]), operator=True) for i in "xy"]  # fmt: skip
    assert sorted(status for status, _ in await asyncio.gather(*both)) == [200, 409]


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        ({"text": "Dear {{ customer }}"}, 400, "customer, which is not known: use name"),
        ({"text": "{% if %}"}, 400, "not valid Liquid"),
        ({"text": " "}, 400, "'text' is missing"),
        ({"text": "x" * 4097}, 400, "between 1 and 4096 characters"),
        ({"text": 7}, 400, "'text' must be a string"),
        ({"intent": "talk_to_person"}, 400, "hands over to a person"),
        ({"intent": ""}, 400, "'intent' must have 1 to 200 characters"),
        ({"questions": []}, 400, "needs a question"),
        ({"questions": ["  "]}, 400, "nothing to read"),
        ({"questions": ["a" * 4097]}, 400, "4,096 characters"),
        ({"questions": "hello"}, 400, "'questions' must be a list"),
        ({"questions": [f"q {n}" for n in range(MAX_QUESTIONS + 1)]}, 400, "10 questions"),
        ({"needs": ["shoe_size"]}, 400, "shoe_size, which is not known"),
        ({"message_id": "gone"}, 404, "no utterance 'gone'"),
        ({"operator": None}, 400, "'operator' must be a string"),
    ],
)
async def test_what_cannot_be_taught_is_refused_in_a_sentence(
    client: Client, more: dict[str, Any], status: int, why: str
) -> None:
    found, problem = await client.post(TEACHINGS, lesson(**more), operator=True)
    assert (found, why in problem["detail"]) == (status, True), problem
    assert await listed(client) == []


async def test_visitors_teach_nothing(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path, "api_key = 'secret'")) as client:
        client.headers = {"Authorization": "Bearer secret"}
        assert (await client.post(TEACHINGS, lesson()))[0] == 401
        assert (await client.get(TEACHINGS))[0] == 401
        assert (await client.ask("DELETE", f"{TEACHINGS}/t", operator=False))[0] == 401
        assert await listed(client) == []


async def test_too_many_answers_wait_for_the_retrain(client: Client) -> None:
    for number in range(MAX_ANSWERS):
        await teach(client, questions=[f"question {number}"])
    status, problem = await client.post(TEACHINGS, lesson(), operator=True)
    assert (status, "run frontdesk retrain" in problem["detail"]) == (400, True)


async def test_what_was_taught_survives_a_restart(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    async with served(desk) as client:
        await teach(client)
    async with served(desk) as client:
        assert (await client.say(QUESTION))["text"] == ANSWER


async def test_a_new_champion_is_taught_and_one_that_has_learned_needs_no_telling(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path)
    shelf = desk.shelf
    async with served(desk) as client:
        taught = await teach(client)
        write_reader(shelf.releases, "b" * 16)
        await promoted(client, shelf, "b" * 16)
        assert (await client.say(QUESTION, "bob"))["text"] == ANSWER
        write_reader(shelf.releases, "c" * 16, learned=[[taught["teaching_id"], "gift_wrap"]])
        await promoted(client, shelf, "c" * 16)
        assert [row["learned"] for row in await listed(client)] == [True]
        answer = await client.say(QUESTION, "cleo")
        assert answer["action"] == "clarify"  # this Release only says that it has learned it
        shelf.rollback()
        await serves(client, "b" * 16)
        assert (await client.say(QUESTION, "dora"))["text"] == ANSWER


async def promoted(client: Client, shelf: Shelf, name: str) -> None:
    shelf.promote(name)
    await serves(client, name)


async def serves(client: Client, name: str) -> None:
    async with asyncio.timeout(10):
        number = 0
        while (await client.say("order", f"waiting-{name}-{number}"))["release"] != name:
            number += 1
            await asyncio.sleep(0.02)


async def test_what_was_taught_and_saved_when_liquid_was_allowed_more_is_left_out_and_named_once(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path)
    old = "For {{ name | escape }}, two euros."
    row = {"id": "return", "intent": "return_item", "text": old}
    async with event_log(tmp_path) as log:
        await log.append(
            DESK, Taught(teaching_id="taught-1", external_id="taught-1", **lesson(text=old))
        )
        await log.append(
            DESK,
            TemplateSaved(
                template_id="return",
                version=1,
                external_id="return@1",
                operator="eve",
                state="live",
                content=json.dumps(row),
            ),
        )
    with capture_logs() as logged:
        async with served(desk) as client:
            assert (await client.say(QUESTION, "ada"))["action"] == "clarify"
            answer = await client.say("return", "bob")
            assert (answer["action"], answer["template_id"]) == ("reply", "return-gift")
            await teach(client, questions=["do you engrave"])
            assert (await client.say("do you engrave", "cleo"))["text"] == ANSWER
    named = [line["why"] for line in logged if line["event"] == "answer not given"]
    assert [why.partition(" uses")[0] for why in named] == [
        "template 'taught-1'",
        "template 'return'",
    ]
    assert not [line for line in logged if "Traceback" in str(line)]


# The command


async def run(desk: Desk, *words: str) -> Result:
    words = ("teach", *words, "--desk", str(desk.folder), "--operator", "eve")
    return await asyncio.to_thread(CliRunner().invoke, frontdesk, words)


WORDS = ("--intent", "gift_wrap", "--text", ANSWER, "--question", QUESTION)


async def test_the_command_teaches_lists_and_takes_back_beside_a_server(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    async with served(desk) as client:
        taught = await run(desk, *WORDS)
        assert (taught.exit_code, "for the next customer" in taught.stderr) == (0, True)
        teaching_id = taught.stdout.strip()
        assert (await client.say(QUESTION, "ada"))["template_id"] == teaching_id
        shown = json.loads((await run(desk, "--list", "--json")).stdout)
        assert [row["teaching_id"] for row in shown["teachings"]] == [teaching_id]
        assert ANSWER in (await run(desk, "--list")).stdout
        assert (await run(desk, "--undo", teaching_id)).exit_code == 0
        assert (await client.say(QUESTION, "bob"))["action"] == "clarify"
        refused = await run(desk, "--intent", "talk_to_person", "--text", "x", "--question", "y")
        assert (refused.exit_code, "hands over to a person" in refused.stderr) == (1, True)


async def test_the_command_teaches_a_desk_that_nobody_serves(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    taught = await run(desk, *WORDS)
    assert (taught.exit_code, "from the next start" in taught.stderr) == (0, True)
    assert taught.stdout.strip() in (await run(desk, "--list")).stdout
    async with served(desk) as client:
        assert (await client.say(QUESTION))["text"] == ANSWER
    assert (await run(desk, "--undo", taught.stdout.strip())).exit_code == 0
    assert json.loads((await run(desk, "--list", "--json")).stdout) == {"teachings": []}
    again = await run(desk, "--undo", "nothing")
    assert (again.exit_code, "no teaching 'nothing'" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    "words",
    [(), ("--intent", "a"), ("--list", "--undo", "t"), (*WORDS, "--list"), ("--text", "a")],
)
async def test_a_command_that_asks_for_nothing_or_for_two_things_is_a_mistake(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = await run(make_desk(tmp_path), *words)
    assert (result.exit_code, "--intent and --text" in result.stderr) == (2, True)
