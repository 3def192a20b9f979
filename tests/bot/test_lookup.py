"""Lookups through real HTTP: signed, bounded in time and size, and what the customer hears when they fail."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.demo.orders import PATH, Orders
from bot.lookup import (
    KEY,
    SIGNATURE,
    TIMESTAMP,
    Call,
    Failed,
    Found,
    Lookups,
    NotFound,
    lookups,
    refusal,
    signature,
)
from conversations.events import ActionKind
from tests.bot.form_desk import TOML, forms_in
from tests.bot.house import house
from tests.bot.served import Client, make_desk, served, serving

SECRET = "sixteen-letters-and-more"
NUMBER = "PP-204817"
PATIENCE = 0.3  # seconds that a call may take here

LOOKUP = """
forms:
  order_status:
    slots:
      order_number: {kind: order_number, ask: "Which number?"}
    lookup:
      url: %s
      timeout: 0.3
      gives: [status, carrier]
      answer: "{{ order_number }} is {{ status }} with {{ carrier }}."
      not_found: "There is no {{ order_number }}."
      failed: Not now.
"""


@contextlib.asynccontextmanager
async def asking(
    answer: Callable[[web.Request], object] | web.StreamResponse,
) -> AsyncIterator[tuple[Lookups, str]]:
    """Give lookups, and the url of a service that answers so."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if isinstance(answer, web.StreamResponse):
            return answer
        said = answer(request)
        if asyncio.iscoroutine(said):
            said = await said
        assert isinstance(said, web.StreamResponse)
        return said

    async with serving([web.post("/orders", handle)]) as url:
        async with lookups(SECRET, [url.removeprefix("http://")]) as found:
            yield found, f"{url}/orders"


def call(url: str, key: str = "m1") -> Call:
    return Call(url, PATIENCE, {"order_number": NUMBER}, ["status", "carrier"], key)


async def test_a_call_is_signed_and_says_whose_turn_it_is() -> None:
    seen: dict[str, str] = {}

    async def answer(request: web.Request) -> web.Response:
        seen.update(request.headers)
        body = await request.read()
        assert body == b'{"order_number": "PP-204817"}'
        mine = signature(SECRET.encode(), request.headers[TIMESTAMP], body)
        assert request.headers[SIGNATURE] == mine
        return web.json_response({"status": "packed", "carrier": "Harbour Post", "cost": 3})

    async with asking(answer) as (found, url):
        said = await found.ask(call(url))
    assert said == Found({"status": "packed", "carrier": "Harbour Post"})
    assert seen[KEY] == "m1"
    assert abs(int(seen[TIMESTAMP]) - time.time()) < 60


async def _slowly(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(50):
            await response.write(b" ")
            await asyncio.sleep(0.05)
    return response


async def _silent(request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.json_response({})


async def _elsewhere(request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_silent, "no answer within 0.3 s"),
        (_slowly, "no answer within 0.3 s"),
        (_elsewhere, "status 302"),
        (lambda _: web.Response(status=500), "status 500"),
        (lambda _: web.Response(text="hello"), "without JSON"),
        (lambda _: web.Response(status=404), "status 404 without JSON"),
        (lambda _: web.json_response(["a"]), "no JSON object"),
        (lambda _: web.json_response(text="{"), "no JSON"),
        (lambda _: web.json_response(text="[" * 15_000), "no JSON"),
        (lambda _: web.json_response({"status": "x" * 20_000}), "more than 16384 bytes"),
        (lambda _: web.json_response({"status": 3}), "status is no text"),
        (lambda _: web.json_response({"status": "x" * 1_001}), "status is no text"),
    ],
)
async def test_whatever_goes_wrong_is_over_in_time(
    answer: Callable[[web.Request], object], why: str
) -> None:
    async with asking(answer) as (found, url):
        begun = time.monotonic()
        said = await found.ask(call(url))
        took = time.monotonic() - begun
    assert isinstance(said, Failed)
    assert why in said.why
    assert took < PATIENCE + 0.7  # a busy machine


async def test_nobody_there_is_a_failure_and_no_such_order_is_none() -> None:
    async with asking(lambda _: web.json_response({}, status=404)) as (found, url):
        assert await found.ask(call(url)) == NotFound()
    async with lookups(SECRET, ["127.0.0.1"]) as found:
        assert isinstance(await found.ask(call(url)), Failed)


async def test_a_host_that_is_not_allowed_is_never_asked() -> None:
    async with asking(lambda _: web.json_response({"status": "asked"})) as (found, url):
        found.hosts = ["shop.example"]
        said = await found.ask(call(url))
    assert isinstance(said, Failed)
    assert "not allowed" in said.why
    assert refusal("http://localhost/x", ["localhost"]) == ""
    assert refusal("http://localhost.evil.example/x", ["localhost.evil.example"]) != ""
    assert refusal("https://[::1", []) != ""


async def test_a_service_of_this_server_is_asked_once_it_listens() -> None:
    routes = Orders.bundled(SECRET).routes()
    async with serving(routes) as url, lookups(SECRET, []) as found:
        early = await found.ask(call(PATH))
        found.listens_at(url)
        said = await found.ask(call(PATH))
    assert isinstance(early, Failed)
    assert isinstance(said, Found)
    assert said.values["carrier"] == "Harbour Post"


@pytest.mark.parametrize(
    ("secret", "moved", "status"),
    [
        (SECRET, 0, 200),
        ("another-secret-than-that", 0, 401),
        (SECRET, 301, 401),
        (SECRET, -301, 401),
    ],
)
async def test_the_order_service_checks_who_asks(secret: str, moved: int, status: int) -> None:
    body = b'{"order_number": "PP-204817"}'
    at = str(int(time.time()) + moved)
    headers = {TIMESTAMP: at, SIGNATURE: signature(secret.encode(), at, body)}
    async with serving(Orders.bundled(SECRET).routes()) as url, ClientSession() as session:
        async with session.post(url + PATH, data=body, headers=headers) as response:
            assert response.status == status
        async with session.post(url + PATH, data=body) as response:
            assert response.status == 401
        short = {TIMESTAMP: at, SIGNATURE: signature(SECRET.encode(), at, b"[]")}
        async with session.post(url + PATH, data=b"[]", headers=short) as response:
            assert response.status in {400, 401}


async def test_a_form_answers_with_what_was_looked_up(tmp_path: Path) -> None:
    routes = Orders.bundled(SECRET).routes()
    forms = forms_in(tmp_path / "desk", LOOKUP % PATH)
    async with serving(routes) as url, lookups(SECRET, []) as found:
        found.listens_at(url)
        async with house(tmp_path, forms=forms, asking=found) as desk:
            at_once = await desk.say(f"where is order {NUMBER}")
            missing = await desk.say("no, I meant PP-000000")
            right = await desk.say("PP-118230")
    assert at_once.text == f"{NUMBER} is on its way with Harbour Post."
    assert (at_once.reason, at_once.verdict) == ("looked_up", "confident")
    assert (missing.text, missing.reason) == ("There is no PP-000000.", "not_found")
    assert right.text == "PP-118230 is being packed with Harbour Post."


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        (["PP-1", "PP-118230"], ["asked_for_slot", "looked_up"]),
        (["PP-1", "hm", "PP-118230"], ["asked_for_slot", "asked_for_slot", "looked_up"]),
        (["PP-000000", "PP-118230"], ["not_found", "looked_up"]),
        (["PP-000001", "PP-000002", "PP-000003"], ["not_found", "not_found", "still_unclear"]),
        (["one moment", "forget it"], ["asked_for_slot", "form_left"]),
    ],
)
async def test_a_number_that_nobody_knows_is_waited_for_again(
    tmp_path: Path, said: list[str], reasons: list[str]
) -> None:
    forms = forms_in(tmp_path / "desk", LOOKUP % PATH)
    async with serving(Orders.bundled(SECRET).routes()) as url, lookups(SECRET, []) as found:
        found.listens_at(url)
        async with house(tmp_path, forms=forms, asking=found) as desk:
            first = await desk.say("where is order PP-000000")
            answers = [await desk.say(text) for text in said]
    assert (first.reason, first.forms[-1].asking) == ("not_found", "order_number")
    assert [one.reason for one in answers] == reasons


async def test_after_a_number_that_nobody_knows_the_other_one_is_taken(tmp_path: Path) -> None:
    forms = forms_in(tmp_path / "desk", LOOKUP % PATH)
    async with serving(Orders.bundled(SECRET).routes()) as url, lookups(SECRET, []) as found:
        found.listens_at(url)
        async with house(tmp_path, forms=forms, asking=found) as desk:
            await desk.say(f"where is order {NUMBER}, or is it PP-000000")
            other = await desk.say("no, the other number")
    assert other.text == f"{NUMBER} is on its way with Harbour Post."


@pytest.mark.parametrize("failed", ["Not now.", ""])
async def test_a_service_that_refuses_the_signature_brings_the_fallback(
    tmp_path: Path, failed: str
) -> None:
    """Without a sentence for it, the intent's approved answer stands in."""
    yaml = (LOOKUP % PATH).replace(
        "      failed: Not now.\n", "" if not failed else "      failed: Not now.\n"
    )
    forms = forms_in(tmp_path / "desk", yaml)
    routes = Orders.bundled("another-secret-than-that").routes()
    async with serving(routes) as url, lookups(SECRET, []) as found:
        found.listens_at(url)
        async with house(tmp_path, forms=forms, asking=found) as desk:
            await desk.say("where is my order")
            said = await desk.say(NUMBER)
    assert said.text == (failed or f"Order {NUMBER} is on its way.")
    assert (said.action, said.reason) == (ActionKind.REPLY, "lookup_failed")


async def test_a_served_desk_looks_up_while_others_are_answered(tmp_path: Path) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.25)
        return web.json_response({"status": "packed", "carrier": "Post"})

    async with serving([web.post("/orders", slow)]) as url:
        host = url.removeprefix("http://")
        toml = TOML.replace("name = 'Test'\n", "") + (
            f"[lookup]\nsecret = '{SECRET}'\nhosts = ['{host}']\n"
        )
        desk = make_desk(tmp_path, toml)
        (tmp_path / "forms.yaml").write_text(LOOKUP % f"{url}/orders")
        async with served(desk) as client:
            looking = asyncio.create_task(client.say(f"order {NUMBER}", visitor="ada"))
            await asyncio.sleep(0.05)
            other = await client.say("return", visitor="eve")
            assert not looking.done()
            said = await looking
    assert other["intent"] == "return_item"
    assert (said["text"], said["action"]) == (f"{NUMBER} is packed with Post.", "reply")


async def test_a_choice_looks_the_same_over_http_as_a_clarification(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, TOML.replace("name = 'Test'\n", ""))
    forms_in(tmp_path / "desk")
    (tmp_path / "forms.yaml").write_text((tmp_path / "desk" / "forms.yaml").read_text())
    async with served(desk) as client:
        asked = await client.say(f"return of {NUMBER}")
        chosen = await _choose(client, asked["choices"][0])
    assert asked["action"] == "clarify"
    assert [choice["label"] for choice in asked["choices"]][:2] == ["Too small", "Too big"]
    assert chosen["text"] == "How many pieces?"


async def _choose(client: Client, choice: dict[str, str]) -> dict[str, object]:
    said: dict[str, object] = await client.say(choice["label"], choice=choice["value"])
    return said


async def test_an_answer_that_was_taught_for_the_very_question_comes_before_a_form(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path, TOML.replace("name = 'Test'\n", ""))
    forms_in(tmp_path / "desk")
    (tmp_path / "forms.yaml").write_text((tmp_path / "desk" / "forms.yaml").read_text())
    body = {
        "intent": "order_status",
        "questions": ["is my order late because of the storm"],
        "text": "Everything is two days late.",
        "operator": "ann",
    }
    async with served(desk) as client:
        status, _ = await client.post("/api/v1/teachings", body, operator=True)
        asked = await client.say("is my order late because of the storm", "ada")
        form = await client.say("my order", "bob")
    assert status in {200, 201}
    assert asked["text"] == "Everything is two days late."
    assert form["text"] == "Let me look.\nWhich number?"
