"""What a person at the desk writes reaches the customer's chat: words and files, in order, also after a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from bot.channels.telegram import Telegram
from conversations.events import Delivered, Enclosed, OperatorWrote, Undeliverable
from conversations.handling import Taken
from tests.bot.house import House, house, until
from tests.bot.telegram_desk import ADA, TEXTS, TOKEN, settings_for
from tests.fakes.telegram import FakeTelegram


@asynccontextmanager
async def desk_on(telegram: FakeTelegram, folder: Path) -> AsyncIterator[House]:
    async with house(folder) as desk:
        jitter = Random(1)  # noqa: S311 - spreads waits, guards nothing
        settings = settings_for(telegram)
        channel = Telegram(settings, intake=desk.turns, log=desk.log, rng=jitter)
        desk.delivery.connect(channel)
        stop = desk.delivery.follow({"telegram"})
        await desk.turns.recover()
        await desk.delivery.recover({"telegram"})
        async with channel:
            yield desk
        stop()


async def conversation_of(desk: House, channel: str = "telegram", address: str = str(ADA)) -> str:
    visitor = await desk.log.visitor(channel, address)
    assert visitor
    conversation = await desk.log.current(visitor.visitor_id)
    assert conversation
    return conversation


def written(text: str, number: int = 1, files: tuple[Enclosed, ...] = ()) -> OperatorWrote:
    return OperatorWrote(message_id=f"w{number}", operator="Maud", text=text, files=files)


async def test_an_operator_s_words_and_files_reach_the_chat_within_a_second_and_once(
    tmp_path: Path,
) -> None:
    async with FakeTelegram(TOKEN) as telegram:
        async with desk_on(telegram, tmp_path) as desk:
            telegram.customer_says(ADA, "a person please")
            await telegram.wait_for_message(ADA)
            conversation = await conversation_of(desk)
            kept = desk.log.files.keep("operators", "label.pdf", "application/pdf", b"%PDF")
            began = monotonic()
            await desk.log.append(conversation, written("Hello, **Maud** here."))
            await desk.log.append(conversation, written("", 2, (kept.enclosed,)))
            said, file = [await telegram.wait_for_message(ADA, n) for n in (2, 3)]
            assert monotonic() - began < 1.0
            assert (said.text, said.bold, said.buttons) == ("Hello, Maud here.", ("Maud",), ())
            assert file.file == ("label.pdf", b"%PDF")
            await until(lambda: len(telegram.sent_to(ADA)) == 3)
        async with desk_on(telegram, tmp_path) as desk:  # nothing is left to do
            telegram.customer_says(ADA, "thank you")
            await telegram.wait_until(lambda: not telegram.pending)
            history = await desk.log.history(conversation)
            delivered = [r.event.message_id for r in history if isinstance(r.event, Delivered)]
            assert delivered[1:] == ["w1", "w2"]
        assert len(telegram.sent_to(ADA)) == 3


async def test_what_an_operator_wrote_before_a_crash_is_sent_after_it(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram:
        async with desk_on(telegram, tmp_path):
            telegram.customer_says(ADA, "a person please")
            await telegram.wait_for_message(ADA)
        async with house(tmp_path) as desk:
            await desk.log.append(await conversation_of(desk), written("Hello, Maud here."))
        async with desk_on(telegram, tmp_path):
            assert (await telegram.wait_for_message(ADA, 2)).text == "Hello, Maud here."


async def test_whoever_came_from_the_website_is_written_to_where_they_are(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        await desk.say("a person please", who="browser")
        conversation = await conversation_of(desk, "pigeon", "browser")
        await desk.log.bind(("pigeon", "browser"), ("telegram", str(ADA)))
        await desk.log.append(conversation, written("Hello there"))
        telegram.customer_says(ADA, "I am here now")
        await telegram.wait_until(lambda: not telegram.pending)
        await desk.log.append(conversation, written("Hello here", 2))
        assert (await telegram.wait_for_message(ADA)).text == "Hello here"


@pytest.mark.parametrize("command", ["/human", "/cancel"])
async def test_a_command_while_a_person_has_the_chat_says_so(command: str, tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        telegram.customer_says(ADA, "a person please")
        await telegram.wait_for_message(ADA)
        await desk.log.append(await conversation_of(desk), written("Hello, Maud here."))
        await telegram.wait_for_message(ADA, 2)
        telegram.customer_says(ADA, command)
        assert (await telegram.wait_for_message(ADA, 3)).text == TEXTS.with_person


async def test_an_answer_that_telegram_kept_waiting_is_not_sent_after_a_person_took_over(
    tmp_path: Path,
) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2)
        telegram.customer_says(ADA, "my order please")
        await until(lambda: len(telegram.called("sendMessage")) == 1)
        conversation = await conversation_of(desk)
        await desk.log.append(conversation, Taken(operator="Maud"))
        await desk.log.append(conversation, written("Maud here."))
        said = await telegram.wait_for_message(ADA)
        assert said.text == "Maud here."
        history = await desk.log.history(conversation)
        [kept_back] = [r.event for r in history if isinstance(r.event, Undeliverable)]
        assert kept_back.reason == "with_operator"
