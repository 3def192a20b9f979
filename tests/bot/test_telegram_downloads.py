"""Files that Telegram gives late, broken or not at all: whoever sent one is told, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from bot.channels.telegram import Telegram
from bot.channels.telegram_files import AT_ONCE, TRIES
from bot.channels.telegram_menus import OwnData
from bot.channels.telegram_words import texts_in
from conversations.errors import StorageUnavailable
from conversations.notes import WAITING
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    GROUP,
    TEXTS,
    TOKEN,
    Desk,
    confirmed,
    is_decided,
    polling,
)
from tests.fakes.telegram import FakeTelegram

PDF = b"%PDF-1.7 of a bill"
FILE = "file0"  # the id of the first one that is sent


def refused(telegram: FakeTelegram) -> None:
    telegram.fail_next("getFile", 500, "Internal Server Error", times=TRIES)


def cut(telegram: FakeTelegram) -> None:
    telegram.cut_next("getFile", executed=True, times=TRIES)


def broken(telegram: FakeTelegram) -> None:
    telegram.breaks_off(FILE, TRIES)


def stuck(telegram: FakeTelegram) -> None:
    telegram.holds_back(FILE)


class TestGivenUp:
    @pytest.mark.parametrize("trouble", [refused, cut, broken, stuck])
    async def test_a_file_that_telegram_will_not_give_is_given_up_and_its_words_are_heard(
        self, telegram: FakeTelegram, desk: Desk, trouble: Callable[[FakeTelegram], None]
    ) -> None:
        trouble(telegram)
        telegram.speaks(ADA, "de")
        with structlog.testing.capture_logs() as logged:
            async with polling(telegram, desk, fetch_within=0.1):
                telegram.customer_sends_file(ADA, PDF, caption="My bill is wrong")
                telegram.customer_says(BOB, "Hello")
                told = await telegram.wait_for_message(ADA)
                [heard] = await desk.hears(ADA, 1)
                await confirmed(telegram)
        assert told.text == texts_in("de").file_failed
        assert (heard.text, heard.files) == ("My bill is wrong", ())
        assert await desk.texts(BOB) == ["Hello"]
        tries = [one["tried"] for one in logged if one["event"] == "telegram does not give a file"]
        assert tries == [1, 2, 3]
        assert TOKEN not in str(logged)

    @pytest.mark.parametrize("trouble", [refused, broken])
    async def test_one_without_words_is_only_told_of_and_may_be_sent_again(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram,
        trouble: Callable[[FakeTelegram], None],
    ) -> None:  # fmt: skip
        trouble(telegram)
        telegram.customer_sends_file(ADA, PDF)
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.file_failed
        telegram.customer_sends_file(ADA, PDF)
        [heard] = await desk.hears(ADA, 1)
        assert [file.size for file in heard.files] == [len(PDF)]

    async def test_the_tries_are_further_apart_each_time_and_as_patient_as_telegram_asks(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        telegram.fail_next("getFile", 502, "Bad Gateway")
        telegram.fail_next("getFile", 429, "Too Many Requests: retry after 1", retry_after=1)
        async with polling(telegram, desk, longest_wait=2.0):
            telegram.customer_sends_file(ADA, PDF)
            [heard] = await desk.hears(ADA, 1)
        first, second, third = (call.at for call in telegram.called("getFile"))
        assert second - first >= 0.02  # first_wait is 0.01 here
        assert third - second >= 1.0
        assert heard.files

    async def test_a_file_that_telegram_has_for_later_only_is_not_waited_for(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.fail_next("getFile", 429, "Too Many Requests: retry after 900", retry_after=900)
        telegram.customer_sends_file(ADA, PDF, caption="My bill")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.file_failed
        assert [heard.text for heard in await desk.hears(ADA, 1)] == ["My bill"]


class TestMeanwhile:
    async def test_nobody_waits_for_a_slow_file_and_its_own_chat_keeps_its_order(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "money")
        telegram.customer_says(BOB, "money")
        await confirmed(telegram)
        for chat_id in (ADA, BOB):
            await channel.send(await is_decided(desk, chat_id))
        rest = telegram.holds_back(FILE)
        telegram.customer_sends_file(ADA, PDF, caption="My bill")
        bill = telegram.customer_says(ADA, "Is it right?")
        telegram.customer_edits(ADA, bill, "Is it wrong?")
        await telegram.wait_until(lambda: bool(telegram.called("file")))

        telegram.customer_says(BOB, "Hello")
        taps = [telegram.taps(chat_id, thumb_under(telegram, chat_id)) for chat_id in (ADA, BOB)]
        await telegram.wait_until(lambda: set(taps) <= set(telegram.answers), within=1.0)
        assert {telegram.answers[tap].text for tap in taps} == {TEXTS.thanks}
        await confirmed(telegram)
        assert await desk.texts(BOB) == ["money", "Hello"]
        assert await desk.texts(ADA) == ["money"]

        rest.set()
        heard = (await desk.hears(ADA, 4))[1:]
        assert [one.text for one in heard] == ["My bill", "Is it right?", "Is it wrong?"]
        assert [len(one.files) for one in heard] == [1, 0, 0]
        await nothing_waits(desk)
        telegram.customer_says(ADA, "Thanks")
        assert (await desk.hears(ADA, 5))[-1].text == "Thanks"

    async def test_many_slow_files_keep_nobody_s_words_waiting(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        crowd = range(100, 100 + 2 * AT_ONCE)
        held = [telegram.holds_back(f"file{place}") for place in range(len(crowd))]
        for chat_id in crowd:
            telegram.customer_sends_file(chat_id, PDF, caption="My bill")
        await telegram.wait_until(lambda: len(telegram.called("file")) == AT_ONCE)
        telegram.customer_says(ADA, "Hello")
        assert [heard.text for heard in await desk.hears(ADA, 1, within=1.0)] == ["Hello"]
        for one in held:
            one.set()
        for chat_id in crowd:
            [heard] = await desk.hears(chat_id, 1)
            assert heard.files

    async def test_what_waits_for_a_file_outlives_the_server(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        rest = telegram.holds_back(FILE)
        async with polling(telegram, desk):
            telegram.customer_sends_file(ADA, PDF, caption="My bill")
            telegram.customer_says(ADA, "Is it right?")
            await telegram.wait_until(lambda: bool(telegram.called("file")))
            await confirmed(telegram)
        assert await desk.heard(ADA) == []
        rest.set()
        telegram.customer_says(ADA, "Hello?")
        async with polling(telegram, desk):
            heard = await desk.hears(ADA, 3)
        assert [one.text for one in heard] == ["My bill", "Is it right?", "Hello?"]
        assert [file.size for file in heard[0].files] == [len(PDF)]

    async def test_a_disk_that_refuses_meanwhile_loses_nothing(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, tmp_path: Path
    ) -> None:
        desk.trouble["My bill"] = StorageUnavailable("the disk is full")
        telegram.customer_sends_file(ADA, PDF, caption="My bill")
        telegram.customer_says(ADA, "Is it right?")
        await telegram.wait_until(lambda: len(telegram.called("file")) >= 2)
        assert await desk.heard(ADA) == []
        desk.trouble.clear()
        bill, question = await desk.hears(ADA, 2)
        assert (bill.text, question.text) == ("My bill", "Is it right?")
        kept = [file for file in tmp_path.rglob("*.json") if file.stem != bill.files[0].file_id]  # noqa: ASYNC240 - a test may block
        assert kept == []

    async def test_of_a_group_only_what_is_meant_for_the_bot_waits_on_the_disk(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        rest = telegram.holds_back(FILE)
        telegram.customer_sends_file(GROUP, PDF, caption="@frontdesk_bot my bill")
        await telegram.wait_until(lambda: bool(telegram.called("file")))
        for text in ("I like this shop", "@frontdesk_bot is it right?"):
            telegram.customer_says(GROUP, text)
        await confirmed(telegram)
        assert len(await desk.log.notes(WAITING)) == 2
        rest.set()
        said = [one.text for one in await desk.hears(GROUP, 2)]
        assert said == ["my bill", "is it right?"]

    @pytest.mark.parametrize("says_something_first", [True, False])
    async def test_who_has_everything_erased_is_not_heard_by_a_file_that_was_on_its_way(
        self, telegram: FakeTelegram, desk: Desk, tmp_path: Path, *, says_something_first: bool
    ) -> None:
        desk.extras = {"own_data": OwnData(desk.log)}
        async with polling(telegram, desk):
            if says_something_first:
                telegram.customer_says(ADA, "Hello")
            telegram.customer_says(ADA, "/privacy")
            menu = await telegram.wait_for_message(ADA)
            rest = telegram.holds_back(FILE)
            telegram.customer_sends_file(ADA, PDF, caption="My bill")
            telegram.customer_says(ADA, "Is it right?")
            await telegram.wait_until(lambda: bool(telegram.called("file")))
            await confirmed(telegram)
            telegram.taps(ADA, "p:y", on=menu.message_id)
            await telegram.wait_until(lambda: telegram.sent_to(ADA)[0].text == TEXTS.erased)
            rest.set()
            telegram.customer_says(ADA, "Hello again")
            heard = await desk.hears(ADA, 1)
            await nothing_waits(desk)
        assert [one.text for one in heard] == ["Hello again"]
        assert [*tmp_path.rglob("*.json")] == []  # noqa: ASYNC240 - a test may block


async def nothing_waits(desk: Desk) -> None:
    """Wait until nothing is left on the disk of what was put there to wait."""
    async with asyncio.timeout(5):
        while await desk.log.notes(WAITING):  # noqa: ASYNC110 - nothing tells of notes
            await asyncio.sleep(0)


def thumb_under(telegram: FakeTelegram, chat_id: int) -> str:
    """Return what the thumb up says under the bot's last message."""
    return next(
        of for row in telegram.sent_to(chat_id)[-1].buttons for _, of in row if of[0] == "u"
    )
