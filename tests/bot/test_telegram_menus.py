"""Telegram's menus: commands, settings, a customer's own data, and the way from the website, each in the customer's language."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_menus import OwnData
from bot.channels.telegram_taps import COPY_LASTS, Copies
from bot.channels.telegram_words import LANGUAGES, Phrasebook, spoken, texts_in
from bot.links import Links
from bot.refused import Refused
from conversations.events import CANCEL, HUMAN, NEXT, Choice, Utterance
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    GROUP,
    TEXTS,
    Desk,
    confirmed,
    is_decided,
    open_desk,
    polling,
    unstarted,
)
from tests.fakes.telegram import FakeTelegram

WITH_ADA, WITH_BOB = ("telegram", str(ADA)), ("telegram", str(BOB))
GERMAN = texts_in("de")


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def codes() -> Iterator[str]:
    return (f"{number:022}" for number in count())


@pytest.fixture
async def desk(tmp_path: Path, time: Time) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, time) as opened:
        new = codes()
        links = Links(opened.log, new_code=lambda: next(new))
        opened.extras = {"links": links, "own_data": OwnData(opened.log)}
        yield opened


async def shown(telegram: FakeTelegram, text: str, message: int = 0) -> None:
    """Wait until a message says something else."""
    await telegram.wait_until(
        lambda: len(telegram.sent_to(ADA)) > message and telegram.sent_to(ADA)[message].text == text
    )


async def tapped(telegram: FakeTelegram, data: str, on: int) -> None:
    """Tap a button, and wait until the tap is answered."""
    tap = telegram.taps(ADA, data, on=on)
    await telegram.wait_until(lambda: tap in telegram.answers)


class TestWords:
    @pytest.mark.parametrize(
        ("tag", "language"),
        [("de", "de"), ("pt-BR", "pt"), ("zh-hans", "zh-hans"), ("zh", "zh-hans"), ("zh-TW", "zh-hant"),
         ("zh-hant-HK", "zh-hant"), ("iw", "he"), ("nl", ""), ("", ""), (None, ""), ("x" * 99, "")],
    )  # fmt: skip
    def test_a_client_s_language_is_one_of_ours_or_none(
        self, tag: str | None, language: str
    ) -> None:
        assert spoken(tag) == language

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    def test_every_language_has_every_sentence_and_no_other_s(self, language: str) -> None:
        texts, english = texts_in(language), texts_in("en")
        names = list(texts.__slots__)
        same = [name for name in names if getattr(texts, name) == getattr(english, name)]
        assert same == [] or language == "en"
        assert all(getattr(texts, name).strip() for name in names)
        assert all(f"/{name}" in texts.help for name in ("human", "cancel", "settings", "privacy"))
        assert all(1 <= len(text) <= 256 for text in texts.commands.values())

    def test_a_desk_says_it_in_its_own_words(self) -> None:
        phrases = Phrasebook("de", {"greeting": "Moin!", "greeting:en": "Ahoy!"})
        said = [phrases.of(language).greeting for language in ("de", "en", "nl", "fr")]
        assert said == ["Moin!", "Ahoy!", "Moin!", texts_in("fr").greeting]

    @pytest.mark.parametrize("key", ["greting", "greeting:xx", ":de"])
    def test_a_sentence_or_language_that_there_is_not_is_refused_by_name(self, key: str) -> None:
        with pytest.raises(Refused, match=r"telegram\.texts"):
            Phrasebook("en", {key: "Hello"})


class TestCommands:
    async def test_a_customer_is_answered_in_the_language_of_their_client(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.speaks(ADA, "de-AT")
        telegram.customer_says(ADA, "/help")
        assert (await telegram.wait_for_message(ADA)).text == GERMAN.help

    async def test_whoever_writes_traditional_characters_finds_them_in_the_list_of_commands(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.speaks(ADA, "zh-hant")
        telegram.customer_says(ADA, "/start")
        await telegram.wait_until(lambda: (ADA, "") in telegram.commands)
        assert telegram.commands[ADA, ""] == texts_in("zh-hant").commands

    @pytest.mark.parametrize(
        ("command", "text", "chosen"),
        [("/cancel", TEXTS.cancel, CANCEL), ("/human", TEXTS.human, HUMAN)],
    )
    async def test_a_command_needs_no_words_beside_it(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        channel: Telegram,
        command: str,
        text: str,
        chosen: str,
    ) -> None:
        telegram.customer_says(ADA, command)
        await confirmed(telegram)
        assert [(h.text, h.chosen) for h in await desk.heard(ADA)] == [(text, chosen)]


class TestSettings:
    async def test_a_language_that_was_chosen_stays_over_a_restart(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        async with polling(telegram, desk):
            telegram.customer_says(ADA, "/settings")
            menu = await telegram.wait_for_message(ADA)
            assert menu.text == TEXTS.settings
            assert menu.buttons[0][0][0] == "✓ English"
            query = telegram.taps(ADA, "s:l:de")
            await shown(telegram, GERMAN.settings)
            assert telegram.answers[query].text == GERMAN.saved
            await telegram.wait_until(lambda: (ADA, "") in telegram.commands)
        async with unstarted(telegram, desk):
            telegram.customer_says(ADA, "/help")
            assert (await telegram.wait_for_message(ADA, 2)).text == GERMAN.help

    async def test_suggestions_can_be_turned_off_and_on_again(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "/settings")
        await telegram.wait_for_message(ADA)
        telegram.customer_says(ADA, "Where is my order?")
        await confirmed(telegram)
        reply = await is_decided(desk, ADA, choices=(Choice("How long?", f"{NEXT}time"),))
        for data, rows in (("s:n:0", 1), ("s:n:1", 2)):
            telegram.taps(ADA, data, on=telegram.sent_to(ADA)[0].message_id)
            label = TEXTS.suggestions_off if rows == 1 else TEXTS.suggestions_on
            await telegram.wait_until(
                lambda label=label: telegram.sent_to(ADA)[0].buttons[-1][0][0] == label  # type: ignore[misc]
            )
            await channel.send(reply)
            assert len(telegram.sent_to(ADA)[-1].buttons) == rows

    async def test_a_page_that_telegram_held_up_does_not_come_over_a_later_one(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "/settings")
        await telegram.wait_for_message(ADA)
        telegram.fail_next("editMessageText", 429, "Too Many Requests: retry after 1", 1)
        telegram.taps(ADA, "s:l:fr")
        await telegram.wait_until(lambda: len(telegram.called("editMessageText")) == 1)
        telegram.taps(ADA, "s:l:de")
        await shown(telegram, GERMAN.settings)
        telegram.customer_says(ADA, "/help")  # which waits as long as the first page does
        assert (await telegram.wait_for_message(ADA, 2)).text == GERMAN.help
        told = [call.parameters["text"] for call in telegram.called("editMessageText")]
        assert told[1:] == [GERMAN.settings]
        assert telegram.sent_to(ADA)[0].text == GERMAN.settings

    @pytest.mark.parametrize("command", ["/settings", "/privacy"])
    async def test_what_is_about_one_person_is_not_for_a_group(
        self, telegram: FakeTelegram, channel: Telegram, command: str
    ) -> None:
        telegram.customer_says(GROUP, f"{command}@frontdesk_bot")
        assert (await telegram.wait_for_message(GROUP)).text == TEXTS.in_private


class TestOwnData:
    async def test_a_customer_gets_a_copy_of_everything(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "My number is 0151 12345")
        telegram.customer_says(BOB, "Another's words")
        telegram.customer_says(ADA, "/privacy")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.privacy
        telegram.taps(ADA, "p:e")
        sent = await telegram.wait_for_message(ADA, 2)
        assert sent.text == TEXTS.exported
        assert sent.file
        copy = json.loads(sent.file[1])
        assert copy["visitors"][0]["visitor"]["address"] == str(ADA)
        assert "0151 12345" in json.dumps(copy)
        assert "Another's" not in json.dumps(copy)

    async def test_everything_is_erased_once_the_customer_is_sure(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "My number is 0151 12345")
        telegram.customer_says(ADA, "/privacy")
        await telegram.wait_for_message(ADA)
        telegram.taps(ADA, "p:d")
        await shown(telegram, TEXTS.erase_sure)
        telegram.taps(ADA, "p:n")
        await shown(telegram, TEXTS.privacy)
        assert await desk.texts(ADA) == ["My number is 0151 12345"]
        telegram.taps(ADA, "p:d")
        await shown(telegram, TEXTS.erase_sure)
        telegram.taps(ADA, "p:y")
        await shown(telegram, TEXTS.erased)
        assert await desk.log.visitor("telegram", str(ADA)) is None
        assert await desk.log.search("0151") == []

    async def test_whoever_said_nothing_has_an_empty_copy_and_nothing_to_erase(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "/privacy")
        await telegram.wait_for_message(ADA)
        telegram.taps(ADA, "p:e")
        sent = await telegram.wait_for_message(ADA, 2)
        assert sent.file
        assert json.loads(sent.file[1]) == {"visitors": []}
        telegram.taps(ADA, "p:y", on=telegram.sent_to(ADA)[0].message_id)
        await shown(telegram, TEXTS.erased)

    async def test_several_taps_bring_one_copy_and_each_is_answered(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "My secret")
        telegram.customer_says(ADA, "/privacy")
        menu = await telegram.wait_for_message(ADA)
        taps = [telegram.taps(ADA, "p:e", on=menu.message_id) for _ in range(3)]
        await telegram.wait_until(lambda: set(taps) <= set(telegram.answers))
        assert (await telegram.wait_for_message(ADA, 2)).file
        taps.append(telegram.taps(ADA, "p:e", on=menu.message_id))
        await telegram.wait_until(lambda: set(taps) <= set(telegram.answers))
        assert [telegram.answers[tap].text for tap in taps] == ["", *[TEXTS.exported] * 3]
        telegram.customer_says(BOB, "/privacy")
        await telegram.wait_for_message(BOB)
        telegram.taps(BOB, "p:e")
        assert (await telegram.wait_for_message(BOB, 2)).file  # another chat has its own
        assert len(telegram.called("sendDocument")) == 2

    async def test_a_copy_that_did_not_arrive_is_sent_with_the_next_tap(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "/privacy")
        menu = await telegram.wait_for_message(ADA)
        telegram.fail_next("sendDocument", 400, "Bad Request: file must be non-empty")
        telegram.taps(ADA, "p:e", on=menu.message_id)
        await telegram.wait_until(lambda: bool(telegram.called("sendDocument")))
        async with asyncio.timeout(5):
            while len(telegram.sent_to(ADA)) < 2:
                await tapped(telegram, "p:e", menu.message_id)
        assert telegram.sent_to(ADA)[1].file

    def test_a_copy_lasts_a_minute_and_then_is_forgotten(self) -> None:
        now = [0.0]
        copies = Copies(lambda: now[0])
        assert [copies.may_begin(chat_id) for chat_id in (ADA, BOB, ADA)] == [True, True, False]
        copies.forget(BOB)
        now[0] = COPY_LASTS - 1
        assert [copies.may_begin(chat_id) for chat_id in (ADA, BOB)] == [False, True]
        now[0] = COPY_LASTS
        assert [copies.may_begin(chat_id) for chat_id in (ADA, BOB)] == [True, False]


async def on_the_web(desk: Desk, text: str = "Where is my order?") -> str:
    """Say something in the widget, and return the conversation."""
    said = Utterance(channel="web", address="browser", external_id=f"browser:{text}", text=text)
    return (await desk.log.hear(said)).recorded.conversation_id


class TestLinks:
    async def test_a_customer_goes_on_here_with_the_conversation_of_the_website(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        conversation = await on_the_web(desk)
        there, _, code = (await channel.link("browser")).partition("?start=")
        assert there == "https://t.me/frontdesk_bot"
        telegram.customer_says(ADA, f"/start {code}")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.join_ask
        telegram.taps(ADA, f"j:{code}")
        await shown(telegram, TEXTS.joined)
        telegram.customer_says(ADA, "And the other one?")
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["Where is my order?", "And the other one?"]
        assert await on_the_web(desk, "Thank you") == conversation

    async def test_a_code_is_good_for_one_use_and_for_a_quarter_of_an_hour(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, time: Time
    ) -> None:
        await on_the_web(desk)
        links: Links = desk.extras["links"]
        first, second = await links.issue("browser"), await links.issue("browser")
        assert not await links.redeem(first, WITH_ADA)  # the second took its place
        assert [await links.redeem(second, WITH_ADA) for _ in range(2)] == [True, True]
        assert not await links.redeem(second, WITH_BOB)
        assert not await links.is_good(second, WITH_BOB)
        late = await links.issue("tablet")
        time.now += timedelta(minutes=15)
        telegram.customer_says(ADA, f"/start {late}")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.link_old
        telegram.customer_says(ADA, "Hello")
        await confirmed(telegram)
        assert (await desk.texts(ADA))[-1] == "Hello"

    async def test_a_link_that_a_stranger_sent_binds_nobody_who_says_no(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await on_the_web(desk)
        code = (await channel.link("browser")).partition("?start=")[2]
        telegram.customer_says(ADA, f"/start {code}")
        question = await telegram.wait_for_message(ADA)
        assert [label for row in question.buttons for label, _ in row] == ["Yes", "No"]
        telegram.customer_says(ADA, "What is this?")
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["What is this?"]
        telegram.taps(ADA, "j:")
        await shown(telegram, TEXTS.not_joined)
        assert await desk.texts(ADA) == ["What is this?"]
        assert await desk.extras["links"].is_good(code, WITH_BOB)  # nothing was used

    async def test_a_code_that_was_used_after_the_question_is_said_to_be_old(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await on_the_web(desk)
        code = (await channel.link("browser")).partition("?start=")[2]
        telegram.customer_says(ADA, f"/start {code}")
        await telegram.wait_for_message(ADA)
        assert await desk.extras["links"].redeem(code, WITH_BOB)
        telegram.taps(ADA, f"j:{code}")
        await shown(telegram, TEXTS.link_old)

    async def test_a_code_outlives_a_restart_and_is_kept_as_a_hash(self, tmp_path: Path) -> None:
        async with open_desk(tmp_path) as desk:
            code = await Links(desk.log, new_code=lambda: "c" * 22).issue("browser")
        assert code.encode() not in (tmp_path / "desk.db").read_bytes()
        async with open_desk(tmp_path) as desk:
            again = Links(desk.log, new_code=lambda: "")
            assert await again.redeem(code, WITH_ADA)

    async def test_a_copy_of_everything_has_what_was_said_on_both(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(ADA, "said before")
        await confirmed(telegram)
        await on_the_web(desk, "said on the web")
        await desk.extras["links"].redeem(await desk.extras["links"].issue("browser"), WITH_ADA)
        telegram.customer_says(ADA, "/privacy")
        await telegram.wait_for_message(ADA)
        telegram.taps(ADA, "p:e")
        sent = await telegram.wait_for_message(ADA, 2)
        assert sent.file
        assert b"said before" in sent.file[1]
        assert b"said on the web" in sent.file[1]
