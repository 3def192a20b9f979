"""The web channel against the real log: what a visitor sees and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.channels import web_frames as frames
from bot.channels.web import Web
from bot.channels.web_face import DeskFace
from bot.channels.web_visitors import address_of
from conversations.events import Closed, GivenBack, Heard, OperatorWrote, Rated, Utterance
from tests.bot.web_desk import ANSWER, CHOICES, NAME, TO_A_PERSON, Desk, SmallIntake, desk
from tests.bot.web_tab import AiohttpClient, Client, enter


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path / "log.db") as made:
        yield made


@pytest.fixture
async def client(running: Desk, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(running.app())


async def test_a_question_is_acknowledged_and_answered(client: Client) -> None:
    tab = await enter(client)
    await tab.say("How long does delivery take?")
    asked = await tab.event("customer")
    acked = await tab.next("ack")
    answer = await tab.event("bot")
    assert asked["client_message_id"] == acked["id"] == "c1"
    assert asked["message_id"] == acked["message_id"]
    assert asked["seq"] == acked["seq"] < answer["seq"]
    assert (answer["text"], answer["action"], answer["rateable"]) == (ANSWER, "reply", True)


async def test_the_welcome_names_the_desk(client: Client) -> None:
    tab = await enter(client)
    assert tab.welcome["desk"]["name"] == NAME
    assert (tab.welcome["seq"], tab.welcome["with_person"]) == (0, False)


async def test_a_visitor_exists_only_after_the_first_message(client: Client, running: Desk) -> None:
    tab = await enter(client)
    address = address_of(tab.token)
    assert await running.log.visitor("web", address) is None
    await tab.say("hello")
    await tab.next("ack")
    visitor = await running.log.visitor("web", address)
    assert visitor is not None
    assert tab.token not in repr(visitor)


async def test_an_unknown_token_is_replaced_and_shows_nothing(client: Client) -> None:
    tab = await enter(client)
    await tab.say("hello")
    await tab.event("bot")
    for guess in ("token-9", tab.token + "x", "no token at all", "\ud800"):
        stranger = await enter(client, token=guess)
        assert stranger.token not in {guess, tab.token}
        assert stranger.welcome["seq"] == 0
        assert await stranger.quiet() == []


async def test_a_reload_shows_the_conversation_once(client: Client) -> None:
    tab = await enter(client)
    await tab.say("hello")
    await tab.event("bot")
    await tab.ws.close()
    again = await enter(client, token=tab.token)
    history = await again.quiet()
    assert [frame["kind"] for frame in history] == ["customer", "bot"]
    assert again.welcome["seq"] == history[-1]["seq"]
    assert again.token == tab.token


async def test_a_resumed_tab_gets_only_what_it_missed(client: Client) -> None:
    tab = await enter(client)
    await tab.say("hello")
    seen = await tab.event("bot")
    other = await enter(client, token=tab.token, seq=seen["seq"])
    await tab.ws.close()
    await other.say("echo and again", about="c2")
    await other.event("bot")
    resumed = await enter(client, token=tab.token, seq=seen["seq"])
    assert [frame["text"] for frame in await resumed.quiet()] == ["echo and again", "and again"]


async def test_every_tab_of_a_visitor_sees_everything_and_no_other_does(client: Client) -> None:
    first = await enter(client)
    second = await enter(client, token=first.token)
    stranger = await enter(client)
    await first.say("hello")
    assert (await second.event("customer"))["client_message_id"] == "c1"
    assert (await second.event("bot"))["text"] == ANSWER
    assert await stranger.quiet() == []


async def test_a_repeated_message_is_acknowledged_again_and_answered_once(client: Client) -> None:
    tab = await enter(client)
    await tab.say("hello")
    first = await tab.next("ack")
    await tab.event("bot")
    await tab.quiet()
    await tab.say("hello")
    assert await tab.next("ack") == first
    assert await tab.quiet() == []


async def test_resuming_while_answers_pour_in_leaves_no_gap_and_no_double(client: Client) -> None:
    tab = await enter(client)
    await tab.say("hello", about="c0")
    last = (await tab.event("bot"))["seq"]
    for turn in range(1, 8):
        await tab.say(f"echo {turn}", about=f"c{turn}")
        joining = await enter(client, token=tab.token)
        await tab.event("bot")
        seen = [frame["seq"] for frame in await joining.quiet() if frame["type"] == "event"]
        assert len(seen) == len(set(seen)) == 2 * (turn + 1)
        assert seen == sorted(seen)
        assert seen[-1] > last
        last = seen[-1]
        await joining.ws.close()


async def test_typing_shows_while_a_turn_runs(client: Client, running: Desk) -> None:
    tab = await enter(client)
    await tab.say("slow question")
    assert (await tab.next("typing"))["on"] is True
    running.intake.go.set()
    assert (await tab.event("bot"))["text"] == ANSWER
    assert (await tab.next("typing"))["on"] is False


async def test_choices_come_with_the_question_and_go_back_by_value(
    client: Client, running: Desk
) -> None:
    tab = await enter(client)
    await tab.say("parcel")
    question = await tab.event("bot")
    assert question["choices"] == [{"label": c.label, "value": c.value} for c in CHOICES]
    assert question["rateable"] is False
    await tab.quiet()
    await tab.say(CHOICES[0].label, about="c2", choice=CHOICES[0].value)
    heard = await running.log.message((await tab.next("ack"))["message_id"])
    assert heard is not None
    assert isinstance(heard.event, Heard)
    assert heard.event.chosen == CHOICES[0].value


async def test_a_handoff_an_operator_and_the_way_back_are_seen(
    client: Client, running: Desk
) -> None:
    tab = await enter(client)
    await tab.say("a person, please")
    assert (await tab.event("bot"))["text"] == TO_A_PERSON
    conversation = (await running.log.waiting())[0]
    await running.log.append(
        conversation, OperatorWrote(message_id="o1", operator="ida", text="Ida here.")
    )
    assert (await tab.event("operator"))["text"] == "Ida here."
    await tab.say("thank you", about="c2")  # the bot stays silent, and silence has no frame
    assert (await enter(client, token=tab.token)).welcome["with_person"] is True
    await running.log.append(conversation, GivenBack(operator="ida"))
    assert (await tab.event("notice"))["text"] == frames.GIVEN_BACK
    assert (await enter(client, token=tab.token)).welcome["with_person"] is False


async def test_a_closed_conversation_is_still_shown_and_is_over(
    client: Client, running: Desk
) -> None:
    tab = await enter(client)
    await tab.say("a person, please")
    await tab.event("bot")
    conversation = (await running.log.waiting())[0]
    await running.log.append(conversation, Closed(reason="solved"))
    assert (await tab.event("notice"))["text"] == frames.CLOSED
    again = await enter(client, token=tab.token)
    assert again.welcome["with_person"] is False
    texts = [frame["text"] for frame in await again.quiet()]
    assert texts == ["a person, please", TO_A_PERSON, frames.CLOSED]
    await again.say("echo new", about="c2")
    assert (await tab.event("bot"))["text"] == "new"  # the other tab follows into the next one
    both = await (await enter(client, token=tab.token)).quiet()
    assert [frame["text"] for frame in both] == [*texts, "echo new", "new"]


async def test_a_thumb_reaches_every_tab_and_stays(client: Client, running: Desk) -> None:
    tab = await enter(client)
    await tab.say("hello")
    answer = await tab.event("bot")
    other = await enter(client, token=tab.token, seq=answer["seq"])
    for value in ("down", "up"):
        await tab.send(type="rate", message_id=answer["message_id"], value=value, comment="")
        assert (await other.next("rated"))["value"] == value
    reloaded = await enter(client, token=tab.token)
    assert [frame["rated"] for frame in await reloaded.quiet()] == [None, "up"]
    resumed = await enter(client, token=tab.token, seq=answer["seq"])
    assert await resumed.quiet() == [
        {"type": "rated", "message_id": answer["message_id"], "value": "up"}
    ]


async def test_a_stranger_cannot_rate_an_answer(client: Client, running: Desk) -> None:
    tab = await enter(client)
    await tab.say("hello")
    answer = await tab.event("bot")
    stranger = await enter(client)
    await stranger.send(type="rate", message_id=answer["message_id"], value="down", comment="")
    assert (await stranger.next("error"))["code"] == "bad_input"
    conversation = await running.log.message(answer["message_id"])
    assert conversation is not None
    history = await running.log.history(conversation.conversation_id)
    assert not any(isinstance(recorded.event, Rated) for recorded in history)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_input"),
        (" \u200b\n", "bad_input"),
        ("x" * 4097, "too_long"),
        ("full", "storage_unavailable"),
        ("busy", "busy"),
    ],
)
async def test_a_refused_message_gets_one_sentence_and_its_id(
    client: Client, text: str, code: str
) -> None:
    tab = await enter(client)
    await tab.say(text, about="c7")
    refused = await tab.next("error")
    assert (refused["code"], refused["id"]) == (code, "c7")
    assert refused["message"].endswith(".")
    await tab.say("hello", about="c8")
    assert (await tab.next("ack"))["id"] == "c8"


async def test_nothing_is_left_behind(client: Client, running: Desk) -> None:
    tab = await enter(client)
    await tab.say("hello")
    await tab.event("bot")
    await tab.ws.close()
    await asyncio.sleep(0.05)
    assert (running.channel._lines, running.channel._view.rooms, running.channel._view._turns) == (
        set(),
        {},
        {},
    )


async def test_a_link_to_telegram_waits_for_telegram_to_name_the_bot(
    running: Desk, aiohttp_client: AiohttpClient
) -> None:
    urls = ["", "https://t.me/frontdesk_bot?start=x"]

    async def link(_: str) -> str:
        return urls.pop(0)

    log = running.log
    channel = Web(
        log,
        SmallIntake(log, str),
        DeskFace(NAME, "Hi"),
        lambda: "t",
        telegram_link=link,
        telegram_named=lambda: len(urls) < 2,
    )
    await log.hear(Utterance(channel="web", address=address_of("t"), external_id="1", text="Hello"))
    app = web.Application()
    app.add_routes(channel.routes())
    client = await aiohttp_client(app)
    bearer = {"Authorization": "Bearer t"}
    assert (await enter(client)).welcome["telegram"] is False
    refused = await client.post("/telegram-link", headers=bearer)
    assert refused.status == 503
    assert "Telegram cannot be reached just now" in await refused.text()
    assert (await enter(client)).welcome["telegram"] is True
    given = await client.post("/telegram-link", headers=bearer)
    assert (await given.json())["url"].endswith("?start=x")
