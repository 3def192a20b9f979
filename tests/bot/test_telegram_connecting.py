"""How the channel meets Telegram: tokens, outages, webhooks, and what stays secret."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.channel import ChannelError
from bot.channels.telegram import MAX_BODY, SECRET_HEADER
from bot.channels.telegram_client import TelegramRefused, TelegramSettings, quiet_logs
from conversations.log import StorageUnavailable
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    SECRET,
    TEXTS,
    TOKEN,
    Desk,
    confirmed,
    outgoing,
    polling,
    unstarted,
    update_of,
)
from tests.fakes.telegram import FakeTelegram


class TestConnecting:
    @pytest.mark.parametrize("token", ["", "none", "123456:wrong-token", "123456:a/../b", "1:a\n"])
    async def test_a_token_that_is_no_good_is_refused_without_repeating_it(
        self, telegram: FakeTelegram, desk: Desk, token: str
    ) -> None:
        with pytest.raises(TelegramRefused) as refused:
            async with unstarted(telegram, desk, token=token):
                pass
        assert refused.value.__cause__ is None
        assert not token or token not in str(refused.value)

    @pytest.mark.parametrize("secret", ["", "with space", "x" * 257])
    async def test_a_webhook_without_a_good_secret_is_refused(
        self, telegram: FakeTelegram, desk: Desk, secret: str
    ) -> None:
        with pytest.raises(TelegramRefused, match="secret"):
            await unstarted(telegram, desk, webhook_url="https://a.b/c", secret=secret).connect()

    async def test_a_server_that_starts_before_telegram_is_reachable_connects_later(
        self, desk: Desk
    ) -> None:
        port = unused_port()
        later = FakeTelegram(TOKEN, port=port)
        async with unstarted(later, desk) as channel:
            assert not channel.connected
            await asyncio.sleep(0.1)
            async with later:
                later.customer_says(ADA, "Hello")
                await confirmed(later)
                assert channel.connected
                assert await desk.texts(ADA) == ["Hello"]

    async def test_a_token_revoked_at_work_stops_the_receiving_only(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        async with polling(telegram, desk) as channel:
            telegram.fail_next("getUpdates", 401, "Unauthorized")
            telegram.customer_says(ADA, "Hello")  # ends the poll that waits
            await telegram.wait_until(lambda: len(telegram.called("getUpdates")) == 2)
            for _ in range(200):
                await asyncio.sleep(0.01 if channel.connected else 0)
            assert not channel.connected
            assert len(telegram.called("getUpdates")) == 2

    async def test_closing_in_the_middle_of_a_poll_is_quick(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        channel = unstarted(telegram, desk, poll=30)
        await channel.connect()
        await telegram.wait_until(lambda: bool(telegram.called("getUpdates")))
        async with asyncio.timeout(1):
            await channel.close()

    async def test_the_settings_do_not_show_their_secrets(self) -> None:
        shown = repr(TelegramSettings(token=TOKEN, secret=SECRET))
        assert TOKEN not in shown
        assert SECRET not in shown

    async def test_the_token_and_what_customers_write_stay_out_of_the_log(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        before = {n: logging.getLogger(n).level for n in ("httpx", "httpcore", "telegram")}
        quiet_logs()
        caplog.set_level(logging.DEBUG)
        with structlog.testing.capture_logs() as ours:
            async with unstarted(telegram, desk) as channel:
                telegram.fail_next("getUpdates", 500, "Internal Server Error")
                telegram.delivers({"message": {"unheard": "my card is 4111"}})
                telegram.customer_says(ADA, "my card is 4111")
                await confirmed(telegram)
                with pytest.raises(ChannelError):
                    await channel.send(outgoing(BOB, text="your card is 4111"))
            with pytest.raises(TelegramRefused):
                await unstarted(telegram, desk, token="123456:wrong-token").connect()
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
        logged = caplog.text + str(ours)
        assert "telegram failed, trying again" in logged
        assert not any(planted in logged for planted in (TOKEN, "wrong-token", "4111"))


class TestWebhook:
    async def test_posted_updates_are_heard(self, telegram: FakeTelegram, desk: Desk) -> None:
        async with behind_a_route(telegram, desk) as url:
            telegram.customer_says(ADA, "Hello")
            telegram.customer_says(ADA, "/start")
            await confirmed(telegram)
            assert telegram.webhook_url == url
            assert (await telegram.wait_for_message(ADA)).text == TEXTS.greeting
            assert await desk.texts(ADA) == ["Hello"]
            assert not telegram.called("getUpdates")

    async def test_an_update_that_cannot_be_stored_is_posted_again(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        async with behind_a_route(telegram, desk) as url:
            desk.trouble[""] = StorageUnavailable("the disk is full")
            assert await post(url, UPDATE) == 503
            telegram.customer_says(ADA, "Hello")
            telegram.customer_says(ADA, "/start")
            await asyncio.sleep(0.1)
            assert telegram.pending
            desk.trouble.clear()
            await confirmed(telegram)
            assert await desk.texts(ADA) == ["Hello"]
            await telegram.wait_for_message(ADA)
            assert len(telegram.sent_to(ADA)) == 1

    async def test_a_file_that_is_posted_is_confirmed_before_it_is_fetched(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        rest = telegram.holds_back("file0")
        async with behind_a_route(telegram, desk):
            telegram.customer_sends_file(ADA, b"%PDF-1.7", caption="My bill")
            telegram.customer_says(ADA, "Is it right?")
            telegram.customer_says(BOB, "Hello")
            await telegram.wait_until(lambda: bool(telegram.called("file")))
            await confirmed(telegram)
            assert (await desk.texts(ADA), await desk.texts(BOB)) == ([], ["Hello"])
            rest.set()
            bill, question = await desk.hears(ADA, 2)
        assert (bill.text, len(bill.files), question.text) == ("My bill", 1, "Is it right?")

    async def test_a_channel_takes_nothing_before_it_begins_and_after_it_has_ended(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        app, port = web.Application(), unused_port()
        url = f"http://127.0.0.1:{port}/hook"
        channel = unstarted(telegram, desk, webhook_url=url, secret=SECRET)
        app.router.add_post("/hook", channel.webhook)
        async with TestServer(app, port=port):
            assert await post(url, UPDATE) == 503
            async with channel:
                await telegram.wait_until(lambda: telegram.webhook_url == url)
                assert await post(url, UPDATE) == 200
            assert await post(url, UPDATE) == 503
        assert await desk.texts(ADA) == ["Hello"]

    async def test_a_post_without_the_secret_is_turned_away(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        async with behind_a_route(telegram, desk) as url:
            for secret in (None, "", "wrong", SECRET + "x", SECRET[:-1], "s" * 5000, "é"):
                assert await post(url, UPDATE, secret=secret) == 403, secret
            assert await desk.heard(ADA) == []

    async def test_nonsense_is_a_bad_request(self, telegram: FakeTelegram, desk: Desk) -> None:
        async with behind_a_route(telegram, desk) as url:
            for body in NONSENSE:
                assert await post(url, body) == 400, body[:50]

    async def test_a_body_above_the_limit_is_not_read(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        async with behind_a_route(telegram, desk) as url:
            assert await post(url, b" " * MAX_BODY) == 400
            assert await post(url, b" " * (MAX_BODY + 1)) == 413

    async def test_a_replayed_post_is_heard_once(self, telegram: FakeTelegram, desk: Desk) -> None:
        async with behind_a_route(telegram, desk) as url:
            assert [await post(url, UPDATE) for _ in range(3)] == [200, 200, 200]
            assert await desk.texts(ADA) == ["Hello"]

    async def test_without_a_webhook_nobody_knows_the_secret(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        app, port = web.Application(), unused_port()
        app.router.add_post("/telegram/webhook", unstarted(telegram, desk).webhook)
        async with TestServer(app, port=port) as server:
            assert await post(str(server.make_url("/telegram/webhook")), UPDATE, secret="") == 403

    async def test_going_from_webhook_to_polling_and_back_loses_nothing(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        said: list[str] = []
        for way in (behind_a_route, polling, behind_a_route):
            said += [f"in between {len(said)}", f"by {way.__name__} {len(said)}"]
            telegram.customer_says(ADA, said[-2])
            async with way(telegram, desk):
                telegram.customer_says(ADA, said[-1])
                await confirmed(telegram)
                assert bool(telegram.webhook_url) is (way is behind_a_route)
        assert await desk.texts(ADA) == said
        assert not any(call.parameters.get("drop_pending_updates") for call in telegram.calls)


UPDATE = json.dumps(update_of(1, "Hello")).encode()
NONSENSE = (
    b"",
    b"{",
    b"[]",
    b"7",
    b'"text"',
    b"null",
    b"{}",
    b'{"update_id": "x"}',
    b'{"update_id": 1, "message": {"chat": 5}}',
    b'[["update_id", 1]]',
    b"\xff\xfe",
    b"[" * 100_000,
)


@asynccontextmanager
async def behind_a_route(telegram: FakeTelegram, desk: Desk) -> AsyncIterator[str]:
    """Serve a channel as the app does, and yield the address of its route."""
    app, port = web.Application(), unused_port()
    url = f"http://127.0.0.1:{port}/telegram/webhook"
    channel = unstarted(telegram, desk, webhook_url=url, secret=SECRET)
    app.router.add_post("/telegram/webhook", channel.webhook)
    async with TestServer(app, port=port), channel:
        await telegram.wait_until(lambda: telegram.webhook_url == url)
        yield url


async def post(url: str, body: bytes, *, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        ClientSession() as session,
        session.post(url, data=BytesIO(body), headers=headers) as response,
    ):
        return response.status
