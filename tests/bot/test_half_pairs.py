"""Half a surrogate pair, which JSON may hold and no UTF-8 may: in whatever staff write, it is a sign like another, and breaks nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar

from bot import app
from bot.desk import Desk
from tests.bot.served import world
from tests.bot.staffed import Browser, staffed_desk

HALF, SIGN = "a\ud800b", "a\ufffdb"
TEMPLATE = {"intent": HALF, "title": HALF, "text": HALF, "examples": [HALF, "another one"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return staffed_desk(tmp_path)


@pytest.fixture
async def admin(desk: Desk) -> AsyncIterator[Browser]:
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        browser = Browser(url, session)
        await browser.sign_in("admin-ada")
        yield browser


async def waiting(admin: Browser) -> dict[str, str]:
    """Return what a customer said who waits for a person."""
    said = {"visitor": "v", "text": "I want to talk to a person"}
    status, answer = await admin.ask("POST", "/api/v1/messages", said, {})
    assert status == 200, answer
    return dict(answer)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/canned/hello", {"text": HALF}),
        ("PUT", "/api/v1/canned/a%ED%A0%80b", {"text": "Hi"}),
        ("GET", "/api/v1/inbox?q=a%ED%A0%80b&owner=%ED%A0%80", None),
        ("GET", "/api/v1/search?q=a%ED%A0%80b", None),
        ("GET", "/api/v1/templates?q=a%ED%A0%80b", None),
        ("GET", "/api/v1/audit?q=a%ED%A0%80b", None),
        ("POST", "/api/v1/conversations/{conversation_id}/take", {"expects": HALF}),
        ("POST", "/api/v1/conversations/{conversation_id}/assign", {"to": HALF}),
        ("POST", "/api/v1/conversations/{conversation_id}/notes", {"text": HALF}),
        ("POST", "/api/v1/conversations/{conversation_id}/snooze", {"until": HALF}),
        ("POST", "/api/v1/conversations/{conversation_id}/messages", {"text": HALF, "client_message_id": HALF}),
        ("POST", "/api/v1/bulk", {"do": "assign", "to": HALF, "conversations": [HALF]}),
        ("POST", "/api/v1/review/decisions", {"messages": [HALF], "intent": HALF}),
        ("POST", "/api/v1/review/dismissals", {"messages": [HALF]}),
        ("POST", "/api/v1/explain", {"text": HALF, "language": HALF}),
        ("POST", "/api/v1/templates/preview", {"text": HALF, "values": {HALF: HALF}}),
        ("PUT", "/api/v1/templates/half", TEMPLATE),
        ("POST", "/api/v1/users", {"name": HALF, "role": HALF}),
        ("POST", "/api/v1/alerts/none/seen", {"operator": HALF}),
        ("PUT", "/api/v1/me/preferences", {"keys": {HALF: HALF}, "direction": "ltr"}),
        ("POST", "/api/v1/me/password", {"old": HALF, "new": HALF}),
        ("POST", "/api/v1/feedback", {"message_id": HALF, "value": "up", "comment": HALF}),
        ("POST", "/console/login", {"name": HALF, "password": HALF, "code": HALF}),
    ],
)  # fmt: skip
async def test_it_breaks_nothing(admin: Browser, method: str, path: str, body: Any) -> None:
    place = path.format(**await waiting(admin)) if "{" in path else path
    status, answer = await admin.ask(method, place, body)
    assert status < 500, answer
    json.dumps(answer, ensure_ascii=False).encode()


async def test_what_is_kept_has_a_sign_in_its_place(admin: Browser) -> None:
    about = await waiting(admin)
    one = f"/api/v1/conversations/{about['conversation_id']}"
    assert (await admin.ask("PUT", "/api/v1/canned/hello", {"text": HALF}))[0] == 200
    assert (await admin.ask("POST", f"{one}/notes", {"text": HALF}))[0] == 200
    assert (await admin.ask("POST", f"{one}/assign", {"to": HALF}))[0] == 200
    _, canned = await admin.ask("GET", f"/api/v1/canned?conversation={about['conversation_id']}")
    assert [row["filled"] for row in canned["canned"]] == [SIGN]
    _, talk = await admin.ask("GET", one)
    assert [event["text"] for event in talk["events"] if event["kind"] == "noted"] == [SIGN]
    assert talk["assigned"] == SIGN


@pytest.mark.parametrize(
    ("frame", "kind"), [(json.dumps({"watch": HALF}), "viewing"), ("[" * 3000, "error")]
)
async def test_the_live_line_goes_on(admin: Browser, frame: str, kind: str) -> None:
    about = await waiting(admin)
    live = admin.url.replace("http", "ws") + "/api/v1/live"
    async with (
        asyncio.timeout(20),
        admin.session.ws_connect(live, headers={"Origin": admin.url}) as line,
    ):
        await line.send_str(frame)
        while (await line.receive_json())["kind"] != kind:
            pass
        await line.send_json({"watch": about["conversation_id"]})
        while (await line.receive_json()).get("conversation_id") != about["conversation_id"]:
            pass
