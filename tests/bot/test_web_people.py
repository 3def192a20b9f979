"""People behind the desk, as a visitor's socket shows them: words, files, typing, presence, hours, and how it went."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.desk import Desk
from tests.bot.served import Client, make_desk, served
from tests.bot.test_web_files import opened, upload
from tests.bot.web_tab import Tab

SETTINGS = """
language = "multi"
[widget]
starters = ["my order please"]
openers = [{ path = "/pricing*", greeting = "Shall I explain the prices?" }]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, SETTINGS)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


async def conversation_of(client: Client, tab: Tab) -> str:
    waiting = (await client.get("/api/v1/conversations?waiting=1", operator=True))[1]
    return str(waiting["conversations"][-1]["conversation_id"])


async def handed_off(client: Client, tab: Tab) -> str:
    await tab.say("a person")
    await tab.event("bot")
    return f"/api/v1/conversations/{await conversation_of(client, tab)}"


async def done(client: Client, path: str, **body: object) -> Any:
    status, answer = await client.post(path, {"operator": "Ann", **body}, operator=True)
    assert status == 200, answer
    return answer


async def test_the_welcome_says_what_a_visitor_may_expect(client: Client) -> None:
    page = {"url": "https://shop.example/pricing/all?x=1", "title": "Prices"}
    async with opened(client, locale="ar-EG", page=page) as tab:
        face = tab.welcome
        assert (face["locale"], face["operator"], face["open"]) == ("ar", None, True)
        assert (face["opens"], face["wait"], face["csat"]) == (None, None, False)
        assert face["telegram"] is False  # the desk has no bot there
        [starter] = face["starters"]
        assert starter["label"] == "my order please"
        assert face["desk"]["greeting"] == "Shall I explain the prices?"
        await tab.say(starter["label"], choice=starter["value"])
        assert (await tab.event("bot"))["action"] == "reply"


async def test_an_operator_is_seen_to_write_and_named(client: Client) -> None:
    async with opened(client) as tab:
        path = await handed_off(client, tab)
        await tab.next("status")
        await done(client, f"{path}/typing", on=True)
        types = [f for f in await tab.quiet() if f["type"] == "typing" and f["who"] == "operator"]
        assert [(f["on"], f["name"]) for f in types] == [(True, "Ann")]
        assert (await client.get(path, operator=True))[1]["writing"] == ["Ann"]
        form_id = (await upload(client, client.token, path="/api/v1/files"))[1]["id"]
        body = {"text": "Here you are.", "files": [form_id], "client_message_id": "1"}
        first = await done(client, f"{path}/messages", **body)
        assert (await done(client, f"{path}/messages", **body))["seq"] == first["seq"]
        wrote = await tab.event("operator")
        assert (wrote["author"], wrote["text"]) == ("Ann", "Here you are.")
        assert [file["id"] for file in wrote["files"]] == [form_id]
        assert (await tab.next("presence"))["operator"] == "Ann"
    async with opened(client, token=tab.token) as again:
        assert again.welcome["operator"] == "Ann"
        await done(client, f"{path}/give-back")
        assert (await again.next("presence"))["operator"] is None


async def test_what_an_operator_edits_is_shown_as_edited_and_kept_as_it_was(client: Client) -> None:
    async with opened(client) as tab:
        path = await handed_off(client, tab)
        wrote = await done(client, f"{path}/messages", text="It costs 5.")
        await tab.event("operator")
        at = f"{path}/messages/{wrote['message_id']}"
        body = {"operator": "Ann", "text": "It costs 7.", "seq": wrote["seq"]}
        assert (await client.ask("PATCH", at, operator=False, json=body))[0] == 401
        for wrong, status in (
            ({"seq": "1"}, 400),
            ({"seq": wrote["seq"] - 1}, 409),
            ({"operator": "Bob"}, 403),
            ({"text": " "}, 400),
        ):
            assert (await client.ask("PATCH", at, operator=True, json=body | wrong))[0] == status
        status, edit = await client.ask("PATCH", at, operator=True, json=body)
        assert (status, edit["kind"], edit["corrects"]) == (
            200,
            "operatoredited",
            wrote["message_id"],
        )
        shown = await tab.event("operator")
        assert (shown["text"], shown["author"]) == ("It costs 7.", "Ann")
        assert shown["edits"] == wrote["message_id"]
        assert (await client.ask("PATCH", at, operator=True, json=body | {"text": "No, 8."}))[
            0
        ] == 409
        told = [event.get("text") for event in (await client.get(path, operator=True))[1]["events"]]
        assert told[-2:] == ["It costs 5.", "It costs 7."]
    async with opened(
        client, token=tab.token
    ) as again:  # only the last wording, and that it is one
        first, last = await again.event("operator"), await again.event("operator")
        assert first["text"] == last["text"] == "It costs 7."
        assert (first["message_id"], "edits" in first) == (wrote["message_id"], False)
        assert last["edits"] == wrote["message_id"]
    bearer = {"Authorization": f"Bearer {tab.token}"}
    async with client.session.get(f"{client.url}/transcript", headers=bearer) as response:
        text = await response.text()
    assert "Ann: It costs 7. (edited)" in text
    assert "It costs 5." not in text


async def test_a_waiting_visitor_is_told_that_a_person_comes(client: Client) -> None:
    async with opened(client) as tab:
        await handed_off(client, tab)
        told = await tab.next("status")
        assert (told["state"], told["open"], told["wait"]) == ("person", True, None)
        await tab.say("still there?", about="c2")
        assert (await tab.next("status"))["state"] == "person"


async def test_a_visitor_who_writes_is_seen_by_operators(client: Client) -> None:
    page = {"url": "https://shop.example/cart", "title": "<b>Cart</b>"}
    async with opened(client, page=page) as tab:
        path = await handed_off(client, tab)
        await tab.send(type="typing", on=True)
        await tab.send(type="seen", seq=3)
        await tab.say("hello", about="c2")  # what comes before it has been taken in
        await tab.next("ack")
        await tab.send(type="typing", on=True)
        await tab.send(type="rate", message_id="x", value="up")
        await tab.next("error")
        about = (await client.get(path, operator=True))[1]
        assert (about["typing"], about["page"], about["seen"]) == (True, page, 3)


async def test_a_closed_conversation_asks_once_how_it_was(client: Client) -> None:
    async with opened(client) as tab:
        await tab.send(type="csat", score=5)
        assert "No conversation has ended" in (await tab.next("error"))["message"]
        path = await handed_off(client, tab)
        await done(client, f"{path}/messages", text="Sorted.")
        assert (await done(client, f"{path}/close"))["changed"] is True
        assert (await done(client, f"{path}/close"))["changed"] is False
        await tab.next("ask_csat")
    async with opened(client, token=tab.token) as again:
        assert again.welcome["csat"] is True
        await again.send(type="csat", score=4, comment="Quick.")
        await again.say("hello", about="c9")
        await again.next("ack")
        events = (await client.get(path, operator=True))[1]["events"]
        scored = [event for event in events if event["kind"] == "scored"]
        assert [(one["score"], one["comment"]) for one in scored] == [(4, "Quick.")]
        assert events[[e["kind"] for e in events].index("closed")]["operator"] == "Ann"
    async with opened(client, token=tab.token) as third:
        assert third.welcome["csat"] is False


async def test_what_operators_may_not_do_is_said(client: Client) -> None:
    async with opened(client) as tab:
        path = await handed_off(client, tab)
        for what, body, status in (
            ("messages", {"operator": "Ann"}, 400),
            ("messages", {"operator": "Ann", "text": " "}, 400),
            ("messages", {"operator": "Ann", "text": "x" * 5000}, 413),
            ("messages", {"operator": "Ann", "text": "x", "files": ["nope"]}, 400),
            ("messages", {"operator": "Ann", "text": "x", "files": "nope"}, 400),
            ("typing", {"operator": "Ann", "on": 1}, 400),
            ("close", {}, 400),
        ):
            assert (await client.post(f"{path}/{what}", body, operator=True))[0] == status, body
            assert (await client.post(f"{path}/{what}", body))[0] == 401
        gone = path.rpartition("/")[0] + "/nope"
        for what in ("close", "messages", "typing"):
            body = {"operator": "Ann", "text": "x", "on": True}
            assert (await client.post(f"{gone}/{what}", body, operator=True))[0] == 404
        await done(client, f"{path}/close")
        body = {"operator": "Ann", "text": "too late"}
        assert (await client.post(f"{path}/messages", body, operator=True))[0] == 409
    answer = await client.say("weather", visitor="api-visitor")
    elsewhere = f"/api/v1/conversations/{answer['conversation_id']}/messages"
    assert (await client.post(elsewhere, {"operator": "Ann", "text": "x"}, operator=True))[0] == 409


async def test_nobody_is_there_when_the_desk_is_closed(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    desk = make_desk(tmp_path / "closed", '[hours]\nmonday = "00:00-00:01"')
    async with served(desk) as client, opened(client) as tab:
        face = tab.welcome
        assert (face["open"], face["wait"], face["locale"]) == (False, None, "en")
        assert face["opens"].endswith("T00:00:00+00:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "csat", "score": 6},
        {"type": "csat", "score": True},
        {"type": "csat", "score": 3, "comment": 4},
        {"type": "typing"},
        {"type": "typing", "on": 1},
        {"type": "seen", "seq": True},
        {"type": "say", "id": "c1", "text": "x", "files": "f"},
        {"type": "say", "id": "c1", "text": "x", "files": ["f"] * 11},
        {"type": "say", "id": "c1", "text": "x", "files": ["../x"]},
        {"type": "say", "id": "c1", "text": ""},
    ],
    ids=str,
)
async def test_a_frame_that_is_none_is_refused(client: Client, wrong: dict[str, object]) -> None:
    async with opened(client) as tab:
        await tab.send(**wrong)
        assert (await tab.next("error"))["code"] == "bad_input"
