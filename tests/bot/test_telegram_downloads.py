"""Files that Telegram gives late, broken or not at all: whoever sent one is told, and nobody else waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import structlog

from bot.channels.telegram import Telegram
from bot.channels.telegram_files import TRIES
from bot.channels.telegram_words import texts_in
from tests.bot.telegram_desk import ADA, BOB, TEXTS, TOKEN, Desk, confirmed, polling
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
