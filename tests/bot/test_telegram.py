"""What Telegram's customers say reaches the log, once and in order."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import structlog

from bot.channels.telegram import Telegram
from bot.channels.telegram_sending import TRIES
from bot.intake import Busy
from conversations.events import HUMAN
from conversations.log import StorageUnavailable
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    GROUP,
    TEXTS,
    Desk,
    confirmed,
    polled,
    unstarted,
    update_of,
)
from tests.fakes.telegram import FakeTelegram


class TestReceiving:
    async def test_what_a_customer_writes_is_heard(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        message_id = telegram.customer_says(ADA, "Where is my order?", name="Ada")
        await confirmed(telegram)
        (heard,) = await desk.heard(ADA)
        assert (heard.text, heard.external_id) == ("Where is my order?", f"{ADA}:{message_id}")
        visitor = await desk.log.visitor("telegram", str(ADA))
        assert visitor
        assert visitor.name == "Ada"

    async def test_an_update_is_not_confirmed_before_it_is_stored(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        desk.trouble[""] = StorageUnavailable("the disk is full")
        telegram.customer_says(ADA, "Hello?")
        await polled(telegram, 4)
        assert telegram.pending
        assert await desk.texts(ADA) == []
        desk.trouble.clear()
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Hello?"]

    async def test_a_busy_desk_is_asked_again(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        desk.trouble["Hello?"] = Busy()
        telegram.customer_says(ADA, "Hello?")
        telegram.customer_says(ADA, "Anyone?")
        telegram.customer_says(BOB, "Hi")
        await polled(telegram, 4)
        assert len(telegram.pending) == 3
        desk.trouble.clear()
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Hello?", "Anyone?"]
        assert await desk.texts(BOB) == ["Hi"]

    async def test_a_redelivered_message_is_heard_once(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        for update_id in (5, 5, 6):
            telegram.delivers(update_of(1, "Hello") | {"update_id": update_id})
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Hello"]

    async def test_repeats_and_restarts_lose_nothing_and_double_nothing(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        order = Random(3)  # noqa: S311 - a test's shuffle
        said = list(range(1, 151))
        for message_id in order.sample(said + order.sample(said, 45), 195):
            update = update_of(message_id, str(message_id), chat_id=message_id % 5 + 1)
            telegram.delivers({"message": update["message"]})
        for polls in (1, 1, 2, 1, 2):  # the second poll of a life confirms the first one's batch
            before = len(telegram.called("getUpdates"))
            async with unstarted(telegram, desk):
                await polled(telegram, before + polls)
                await asyncio.sleep(order.uniform(0, 0.02))  # and cut off wherever it is
        async with unstarted(telegram, desk):
            await confirmed(telegram)
        heard = [int(text) for chat_id in range(1, 6) for text in await desk.texts(chat_id)]
        assert sorted(heard) == said

    async def test_messages_of_one_chat_are_heard_in_order(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        said = [str(number) for number in range(150)]
        for text in said:
            telegram.customer_says(ADA, text)
            telegram.customer_says(BOB, text)
        await confirmed(telegram)
        assert await desk.texts(ADA) == await desk.texts(BOB) == said

    async def test_an_update_the_library_cannot_read_is_skipped(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.delivers({"message": {"unheard": "of"}})
        telegram.customer_says(ADA, "Still here?")
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Still here?"]

    async def test_a_message_that_always_fails_is_given_up_and_its_writer_told(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        desk.trouble["poison"] = RuntimeError("a fault of ours")
        with structlog.testing.capture_logs() as logged:
            telegram.customer_says(ADA, "poison")
            telegram.customer_says(ADA, "and then?")
            await confirmed(telegram)
        assert any("exc_info" in line for line in logged)
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.failed
        assert await desk.texts(ADA) == ["and then?"]

    async def test_an_unusable_text_is_refused_to_the_customers_face_once(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "\u200b")
        telegram.customer_says(ADA, "hello")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.refused
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["hello"]
        assert len(telegram.sent_to(ADA)) == 1

    async def test_failures_of_telegram_are_outlived(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.fail_next("getUpdates", 502, "Bad Gateway")
        telegram.fail_next("getUpdates", 429, "Too Many Requests: retry after 1", retry_after=1)
        telegram.fail_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
        telegram.cut_next("getUpdates", executed=True)
        telegram.customer_says(ADA, "Hello")
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Hello"]
        polls = telegram.called("getUpdates")
        refused = [later.at - poll.at for poll, later in pairwise(polls)]
        assert max(refused) >= 1.0  # what Telegram asked for


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            ("/start", TEXTS.greeting),
            ("/start from-the-website", TEXTS.greeting),
            ("/help", TEXTS.help),
            ("/help@frontdesk_bot", TEXTS.help),
            ("/refund", TEXTS.help),
        ],
    )
    async def test_a_command_is_answered_without_a_turn(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, command: str, answer: str
    ) -> None:
        telegram.customer_says(ADA, command)
        assert (await telegram.wait_for_message(ADA)).text == answer
        await confirmed(telegram)
        assert await desk.heard(ADA) == []

    @pytest.mark.parametrize(
        ("written", "text"),
        [("/human", TEXTS.human), ("/HUMAN my parcel is torn", "my parcel is torn")],
    )
    async def test_human_asks_for_a_person(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, written: str, text: str
    ) -> None:
        telegram.customer_says(ADA, written)
        await confirmed(telegram)
        (heard,) = await desk.heard(ADA)
        assert (heard.text, heard.chosen) == (text, HUMAN)

    async def test_the_commands_are_listed_in_every_language_at_the_start(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        await telegram.wait_until(lambda: len(telegram.commands) == 12)
        assert telegram.commands[0, "de"]["human"] == "Mit einem Menschen sprechen"
        assert telegram.commands[0, ""] == TEXTS.commands
        names = {"start", "help", "human", "cancel", "settings", "privacy"}
        assert all(set(listed) == names for listed in telegram.commands.values())

    async def test_a_greeting_survives_a_flood_limit(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        why = "Too Many Requests: retry after 1"
        telegram.fail_next("sendMessage", 429, why, retry_after=1, times=TRIES)
        telegram.customer_says(ADA, "/start")
        await telegram.wait_until(lambda: len(telegram.called("sendMessage")) > 2)
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.greeting
        first, second, *_ = telegram.called("sendMessage")
        assert second.at - first.at >= 1.0


class TestContent:
    @pytest.mark.parametrize(
        ("content", "heard", "told"),
        [
            ({"sticker": {"type": "regular", "file_id": "f", "file_unique_id": "u", "width": 1,
                          "height": 1, "is_animated": False, "is_video": False}}, [], [TEXTS.only_text]),
            ({"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
             [], [TEXTS.file_failed]),
            ({"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
              "caption": "It is torn"}, ["It is torn"], [TEXTS.file_failed]),
            ({"location": {"longitude": 1.0, "latitude": 2.0}}, [], [TEXTS.only_text]),
            ({"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": ADA, "type": "private"}}},
             [], []),
        ],
        ids=["sticker", "photo gone", "photo gone, with caption", "location", "service message"],
    )  # fmt: skip
    async def test_what_cannot_be_read_is_said(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        channel: Telegram,
        content: dict[str, Any],
        heard: list[str],
        told: list[str],
    ) -> None:
        telegram.customer_sends(ADA, content)
        await confirmed(telegram)
        await telegram.wait_until(lambda: len(telegram.sent_to(ADA)) >= len(told))
        assert [one.text for one in await desk.hears(ADA, len(heard))] == heard
        assert [sent.text for sent in telegram.sent_to(ADA)] == told

    async def test_an_edit_takes_the_place_of_what_was_written(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        message_id = telegram.customer_says(ADA, "Where is my oder?")
        telegram.customer_edits(ADA, message_id, "Where is my order?")
        telegram.customer_edits(ADA, message_id, "Where is my order?")  # only its link preview came
        await confirmed(telegram)
        first, corrected = await desk.heard(ADA)
        assert (first.text, corrected.text) == ("Where is my oder?", "Where is my order?")
        assert (first.corrects, corrected.corrects) == ("", first.message_id)

    async def test_an_edit_that_comes_after_a_later_one_changes_nothing(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        message_id = telegram.customer_says(ADA, "Where is my ordr?")
        await confirmed(telegram)
        for at, text in ((30, "Where is my parcel?"), (20, "Where is my order?")):
            update = update_of(message_id, text)["message"] | {"edit_date": at}
            telegram.delivers({"edited_message": update})
            await confirmed(telegram)
        assert await desk.texts(ADA) == ["Where is my ordr?", "Where is my parcel?"]

    async def test_an_edit_that_comes_first_is_what_was_written(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_edits(ADA, 1, "Where is my order?")
        telegram.delivers({"message": update_of(1, "Where is my oder?")["message"]})
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Where is my order?"]

    @pytest.mark.parametrize(
        ("text", "fields", "heard"),
        [
            ("I like this shop", {}, []),
            ("/start@other_bot", {}, []),
            ("/refund", {}, []),
            ("Ask @frontdesk_bots", {}, []),
            ("@Frontdesk_Bot where is my order?", {}, ["where is my order?"]),
            ("/human", {}, [TEXTS.human]),
            ("Yes", {"reply_to_message": {"message_id": 1, "date": 0,
                                          "chat": {"id": GROUP, "type": "supergroup"},
                                          "from": {"id": 123456, "is_bot": True,
                                                   "first_name": "F"}}}, ["Yes"]),
            ("Yes", {"reply_to_message": {"message_id": 1, "date": 0,
                                          "chat": {"id": GROUP, "type": "supergroup"},
                                          "from": {"id": 99, "is_bot": False,
                                                   "first_name": "F"}}}, []),
        ],
    )  # fmt: skip
    async def test_in_a_group_only_what_is_meant_for_the_bot_is_heard(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        channel: Telegram,
        text: str,
        fields: dict[str, Any],
        heard: list[str],
    ) -> None:
        telegram.customer_says(GROUP, text, **fields)
        await confirmed(telegram)
        assert await desk.texts(GROUP) == heard
        assert telegram.sent_to(GROUP) == ()
