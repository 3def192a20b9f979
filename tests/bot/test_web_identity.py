"""Whom a page may vouch for: a corpus of wrong tokens, and every way in and out of a browser."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web_http import IDENTITY
from bot.channels.web_identity import MAX_TOKEN, BadIdentity, Vouching
from bot.channels.web_visitors import SESSION, address_of
from conversations.events import Joined, OperatorWrote
from conversations.privacy import erase
from tests.bot.web_desk import NAME, SECRET, Desk, desk
from tests.bot.web_tab import AiohttpClient, Client, enter

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VOUCHING = Vouching(SECRET, NAME)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def running(tmp_path: Path, clock: Clock) -> AsyncIterator[Desk]:
    async with desk(tmp_path / "log.db", clock=clock) as made:
        yield made


@pytest.fixture
async def client(running: Desk, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(running.app())


def claims(sub: object = "c-17", now: datetime = NOON, **more: object) -> dict[str, Any]:
    expires = int((now + timedelta(minutes=10)).timestamp())
    return {"sub": sub, "aud": NAME, "exp": expires, "name": "Ada"} | more


def signed(sub: object = "c-17", now: datetime = NOON, **more: object) -> str:
    return jwt.encode(claims(sub, now, **more), SECRET, algorithm="HS256")


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def in_minutes(minutes: float) -> int:
    return int((NOON + timedelta(minutes=minutes)).timestamp())


def without(name: str) -> str:
    return jwt.encode({k: v for k, v in claims().items() if k != name}, SECRET, algorithm="HS256")


WRONG = {
    "empty": "",
    "no token": "hello",
    "three dots": "a.b.c",
    "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.",
    "alg None": f"{part({'alg': 'None'})}.{part(claims())}.",
    "unsigned": signed().rpartition(".")[0] + ".",
    "another key": jwt.encode(claims(), "x" * 40, algorithm="HS256"),
    "another algorithm": jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    "a key path": jwt.encode(claims(), "x" * 40, algorithm="HS256", headers={"kid": "/dev/null"}),
    "another payload": f"{signed().split('.')[0]}.{part(claims('c-18'))}.{signed().split('.')[2]}",
    "another desk": signed(aud="Other"),
    "several desks": signed(aud=[NAME, "Other"]),
    "no exp": without("exp"),
    "no aud": without("aud"),
    "no sub": without("sub"),
    "for too long": signed(exp=in_minutes(17)),
    "for ever": signed(exp=10**18),
    "exp infinite": f"{part({'alg': 'HS256'})}.{part(claims(exp=float('inf')))}.x",
    "exp a text": signed(exp="tomorrow"),
    "exp true": signed(exp=True),
    "not yet": signed(nbf=in_minutes(5)),
    "sub empty": signed(sub=" "),
    "sub long": signed(sub="x" * 201),
    "name long": signed(name="x" * 201),
    "name a list": signed(name=["Ada"]),
    "huge": signed(more="x" * MAX_TOKEN),
    "not a letter": "\ud800.é.\x00",
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_vouches_for_nobody(token: str) -> None:
    with pytest.raises(BadIdentity) as refused:
        VOUCHING.identity(token, NOON)
    assert str(refused.value).endswith(".")
    assert SECRET not in str(refused.value)


def test_a_number_as_sub_is_refused() -> None:
    token = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims(17))}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    made = signature.sign(token.encode(), SECRET.encode())
    signed_number = f"{token}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
    with pytest.raises(BadIdentity):
        VOUCHING.identity(signed_number, NOON)


def test_a_right_token_vouches_for_its_subject_until_it_expires() -> None:
    who = VOUCHING.identity(signed(), NOON)
    assert (who.subject, who.name, who.current) == ("c-17", "Ada", True)
    assert VOUCHING.identity(signed(), NOON + timedelta(minutes=12)).current is False


def test_a_desk_without_a_secret_believes_nobody() -> None:
    empty = jwt.encode(claims(), "x" * 32, algorithm="HS256")
    with pytest.raises(BadIdentity, match=r"identity\.secret"):
        Vouching().identity(empty, NOON)


@given(st.text(max_size=200) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}"))
def test_any_text_is_a_token_or_refused(token: str) -> None:
    with pytest.raises(BadIdentity):
        VOUCHING.identity(token, NOON)


@pytest.mark.parametrize("token", [token for token in WRONG.values() if token.isascii() and token])
async def test_who_brings_a_wrong_token_stays_anonymous(client: Client, token: str) -> None:
    before = await enter(client)
    await before.say("hello")
    await before.event("bot")
    tab = await enter(client, token=before.token, identity=token)
    assert tab.token == before.token
    refused = await tab.next("error")
    assert refused["code"] == "bad_identity"
    await tab.say("echo again", about="c2")
    assert (await tab.event("bot"))["text"]


async def test_a_conversation_goes_along_to_another_device(client: Client, running: Desk) -> None:
    phone = await enter(client)
    await phone.say("echo from the phone")
    await phone.event("bot")
    signed_in = await enter(client, token=phone.token, seq=9, identity=signed())
    assert signed_in.token != phone.token
    assert [f["text"] for f in await signed_in.quiet()] == ["echo from the phone", "from the phone"]
    laptop = await enter(client, identity=signed())
    assert [f["text"] for f in await laptop.quiet()] == ["echo from the phone", "from the phone"]
    await laptop.say("echo from the laptop", about="c9")
    assert (await signed_in.event("customer"))["text"] == "echo from the laptop"
    joined = [r for r in await running.log.events(0, 99) if isinstance(r.event, Joined)]
    assert len(joined) == 1
    visitor = await running.log.visitor_of(joined[0].conversation_id)
    assert visitor is not None
    assert (visitor.name, visitor.address) == ("Ada", VOUCHING.identity(signed(), NOON).address)


async def test_another_customer_on_the_same_browser_sees_nothing_of_the_first(
    client: Client,
) -> None:
    ada = await enter(client, identity=signed("ada"))
    await ada.say("echo the secret of ada")
    await ada.event("bot")
    bob = await enter(client, token=ada.token, identity=signed("bob"))
    assert bob.token != ada.token
    assert await bob.quiet() == []
    await bob.say("echo of bob", about="c2")
    await bob.event("bot")
    again = await enter(client, token=bob.token, identity=signed("ada"))
    assert [f["text"] for f in await again.quiet()] == [
        "echo the secret of ada",
        "the secret of ada",
    ]


async def test_whoever_signs_out_is_a_stranger_and_the_old_token_opens_nothing(
    client: Client,
) -> None:
    ada = await enter(client, identity=signed())
    await ada.say("echo the secret of ada")
    await ada.event("bot")
    out = await enter(client, token=ada.token)
    assert out.token != ada.token
    assert await out.quiet() == []
    for identity in (None, signed(exp=in_minutes(-5))):
        thief = await enter(client, token=ada.token, identity=identity)
        assert thief.token != ada.token
        assert [f for f in await thief.quiet() if f["type"] == "event"] == []


async def test_a_planted_token_shows_nothing_of_whoever_signs_in_with_it(client: Client) -> None:
    planted = await enter(client)
    await planted.say("echo planted")
    await planted.event("bot")
    victim = await enter(client, token=planted.token, identity=signed())
    await victim.say("echo my address", about="c2")
    await victim.event("bot")
    assert await planted.closed() == 1012
    attacker = await enter(client, token=planted.token)
    assert attacker.token not in {planted.token, victim.token}
    assert await attacker.quiet() == []


async def test_a_browser_is_known_for_half_a_day_with_a_token_of_the_page_that_is_over(
    client: Client, clock: Clock
) -> None:
    ada = await enter(client, identity=signed())
    await ada.say("echo hello")
    await ada.event("bot")
    clock.now += timedelta(hours=3)
    again = await enter(client, token=ada.token, identity=signed())
    assert again.token == ada.token
    assert len(await again.quiet()) == 2
    clock.now += SESSION
    late = await enter(client, token=ada.token, identity=signed())
    assert late.token != ada.token
    assert (await late.next("error"))["code"] == "bad_identity"
    assert await late.quiet() == []


async def test_two_tabs_that_sign_in_at_once_get_one_token(client: Client) -> None:
    before = await enter(client)
    await before.say("hello")
    await before.event("bot")
    first = await enter(client, token=before.token, identity=signed())
    second = await enter(client, token=before.token, identity=signed())
    assert first.token == second.token
    assert len(await second.quiet()) == 2


async def test_an_operators_words_reach_a_conversation_that_was_joined(
    client: Client, running: Desk
) -> None:
    before = await enter(client)
    await before.say("person")
    heard = await before.next("ack")
    recorded = await running.log.message(heard["message_id"])
    assert recorded is not None
    tab = await enter(client, token=before.token, identity=signed())
    wrote = OperatorWrote(message_id="o1", operator="Ann", text="I am here.")
    await running.log.append(recorded.conversation_id, wrote)
    assert (await tab.event("operator"))["text"] == "I am here."


async def test_whoever_is_erased_loses_their_sockets_and_comes_back_as_a_stranger(
    client: Client, running: Desk
) -> None:
    tab = await enter(client)
    await tab.say("hello")
    await tab.event("bot")
    visitor = await running.log.visitor("web", address_of(tab.token))
    assert visitor is not None
    await erase(running.log, visitor.visitor_id, "ann")
    assert await tab.closed() == 1012
    again = await enter(client, token=tab.token)
    assert await again.quiet() == []


async def test_a_token_as_long_as_a_frame_is_refused_in_a_sentence(client: Client) -> None:
    tab = await enter(client, identity="x" * 60_000)
    assert "more than" in (await tab.next("error"))["message"]


async def test_a_customers_transcript_needs_the_word_of_the_page_too(client: Client) -> None:
    ada = await enter(client, identity=signed())
    await ada.say("echo the secret of ada")
    await ada.event("bot")
    bearer = {"Authorization": f"Bearer {ada.token}"}
    for path in ("GET /transcript", "POST /files"):
        method, _, url = path.partition(" ")
        for word in ({}, {IDENTITY: signed("bob")}, {IDENTITY: "a.b.c"}):
            async with client.request(method, url, headers=bearer | word) as refused:
                problem = await refused.json(content_type=None)
                assert (refused.status, problem["code"]) == (401, "bad_identity"), path
    async with client.get("/transcript", headers=bearer | {IDENTITY: signed()}) as given:
        assert "the secret of ada" in await given.text()
    over = {
        IDENTITY: signed(exp=in_minutes(-5))
    }  # as on the socket: the browser is known for half a day
    async with client.get("/transcript", headers=bearer | over) as given:
        assert given.status == 200
    await enter(client, token=ada.token)  # signed out
    async with client.get("/transcript", headers=bearer | {IDENTITY: signed()}) as refused:
        assert refused.status == 401
