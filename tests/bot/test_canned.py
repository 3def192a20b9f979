"""Canned answers: looked over when they are saved, filled in for a conversation, and whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from yarl import URL

from bot import app
from bot.canned import filled, refuse_unfit, variables_for
from bot.desk import Desk
from bot.staff import canned
from retrieval.sandbox import Unfit
from retrieval.variables import Variables
from tests.bot.served import world
from tests.bot.staffed import Browser, staffed_desk

KNOWN = variables_for(Variables(constants={"phone": "555 0100"}))
HELLO = 'Hello {{ name | default: "there" }}, this is {{ operator }}.'
TOML = "[patterns]\norder_number = 'PP-\\d{6}'\n[variables]\nphone = '555 0100'\n"


@pytest.mark.parametrize(
    "text",
    ["Plain", HELLO, "Call {{ phone }}.", "Hi{% if order_number %} about {{ order_number }}{% endif %}"],
)  # fmt: skip
def test_a_text_that_reads_whatever_is_known_is_taken(text: str) -> None:
    refuse_unfit(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hi {{ nmae }}", "uses nmae, which is not known: did you mean name? There are name, "),
        ("Hi {{ zzz | default: 'x' }}", "uses zzz, which is not known: There are name, operator, "),
        ("Hi {{ name }}", 'write {{ name | default: "..." }}, or put it between {% if name %}'),
        ("Hi {{ name", "is not valid Liquid"),
        ("{% include 'x' %}", "write its words here instead"),
        ("{% for i in (1..9999) %}x{% endfor %}", "rounds are the most"),
        ("{% if name %}Hi{% endif %}", "must give between 1 and 4,096 characters"),
    ],
)
def test_a_text_that_would_be_sent_broken_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Unfit) as refused:
        refuse_unfit(text, KNOWN)
    assert sentence in str(refused.value)


def test_a_text_whose_variables_are_gone_stays_as_it_was_written() -> None:
    assert filled("Hi {{ name | nothing }}", {}) == "Hi {{ name | nothing }}"
    assert filled(HELLO, {"operator": "Ann"}) == "Hello there, this is Ann."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return staffed_desk(tmp_path, TOML)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        yield Browser(url, session)


async def put(browser: Browser, name: str, text: str) -> tuple[int, Any]:
    return await browser.ask("PUT", f"/api/v1/canned/{name}", {"text": text})


async def listed(browser: Browser, query: str = "") -> dict[str, Any]:
    status, found = await browser.ask("GET", f"/api/v1/canned{query}")
    assert status == 200, found
    return {one["name"]: one for one in found["canned"]}


async def test_a_text_is_filled_in_for_a_conversation(browser: Browser) -> None:
    said = {"visitor": "v", "text": "where is PP-204817?", "name": "Ada"}
    _, answer = await browser.ask("POST", "/api/v1/messages", said, {})
    await browser.sign_in("operator-ada")
    text = HELLO + "{% if order_number %} {{ order_number }}?{% endif %} {{ phone }}"
    assert (await put(browser, "hello", text))[0] == 200
    found = await listed(browser, f"?conversation={answer['conversation_id']}")
    assert found["hello"]["text"] == text
    assert found["hello"]["filled"] == "Hello Ada, this is operator-ada. PP-204817? 555 0100"
    assert "filled" not in (await listed(browser))["hello"]
    assert (await browser.ask("GET", "/api/v1/canned?conversation=none"))[0] == 404


async def test_operators_change_their_own_and_trainers_any(browser: Browser, desk: Desk) -> None:
    await browser.sign_in("trainer-ada")
    assert (await put(browser, "Bye", "Bye!"))[0] == 200
    await browser.sign_in("operator-ada")
    status, refused = await put(browser, "bye", "Mine now")
    assert (status, refused["detail"]) == (
        403,
        "trainer-ada wrote 'Bye': they change it, or a trainer does. Save yours under another name.",
    )
    assert (await browser.ask("DELETE", "/api/v1/canned/bye", {}))[0] == 403
    assert (await put(browser, "mine", "One"))[0] == 200
    assert (await put(browser, "Mine", "Two"))[1]["text"] == "Two"
    await browser.sign_in("trainer-ada")
    assert (await put(browser, "mine", "Three"))[1]["author"] == "operator-ada"
    assert (await browser.ask("DELETE", "/api/v1/canned/MINE", {}))[0] == 204
    assert (await browser.ask("DELETE", "/api/v1/canned/mine", {}))[0] == 404
    assert list(await listed(browser)) == ["Bye"]
    token = {"Authorization": f"Bearer {desk.operator_token()}"}
    lines = (await browser.ask("GET", "/api/v1/audit?limit=4", headers=token))[1]["lines"]
    assert ("canned answer deleted", "MINE", "trainer-ada") in {
        (one["what"], one["subject"], one["who"]) for one in lines
    }


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("x", " ", "'text' must have 1 to"),
        ("x", "Hi {{ nmae }}", "The text uses nmae, which is not known: did you mean name?"),
        ("x" * 41, "Hi", "must have 1 to 40 characters"),
        ("a%0Ab", "Hi", "is one line"),
    ],
)
async def test_bad_input_is_named(browser: Browser, name: str, text: str, sentence: str) -> None:
    await browser.sign_in("operator-ada")
    status, problem = await put(browser, name, text)
    assert (status, sentence in problem["detail"]) == (400, True), problem


@pytest.mark.parametrize(
    ("sent", "name"),
    [("%7Bhello%7D", "{hello}"), ("{a", "{a"), ("50%25%3F%23", "50%?#"), ("%C3%A9", "\u00e9")],
)
async def test_a_name_may_have_any_signs_but_a_slash(
    browser: Browser, sent: str, name: str
) -> None:
    await browser.sign_in("operator-ada")
    path = URL(f"{browser.url}/api/v1/canned/{sent}", encoded="%" in sent)
    async with browser.session.put(path, json={"text": "Hi"}, headers=browser.headers) as got:
        assert got.status == 200, await got.text()
    assert list(await listed(browser)) == [name]
    async with browser.session.delete(path, json={}, headers=browser.headers) as got:
        assert got.status == 204


async def test_there_is_room_for_so_many(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canned, "MOST", 1)
    await browser.sign_in("operator-ada")
    assert (await put(browser, "one", "1"))[0] == 200
    assert (await put(browser, "one", "2"))[0] == 200
    status, problem = await put(browser, "two", "2")
    assert (status, problem["detail"]) == (
        400,
        "There are 1 canned answers already; delete one first.",
    )
