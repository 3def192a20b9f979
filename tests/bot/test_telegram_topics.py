"""Groups with topics: what is said in one is answered in it, by the bot and by people, and only what is meant for the bot is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_places import Place
from conversations.events import Rated, Thumb
from tests.bot.house import House
from tests.bot.telegram_desk import ADA, GROUP, TEXTS, TOKEN, Desk, confirmed
from tests.bot.test_operators_on_telegram import conversation_of, desk_on, written
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_parts import Sent, in_topic

RETURNS, PARCELS = 5, 9
AT = "@frontdesk_bot"


@pytest.fixture
async def shop(telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[House]:
    async with desk_on(telegram, tmp_path) as opened:
        yield opened


async def answered(telegram: FakeTelegram, topic: int, n: int = 1) -> Sent:
    """Return the `n`-th message in a topic, once it is there."""

    def said() -> list[Sent]:
        return [sent for sent in telegram.sent_to(GROUP) if sent.topic == topic]

    await telegram.wait_until(lambda: len(said()) >= n)
    return said()[n - 1]


class TestAnswers:
    async def test_each_topic_is_a_conversation_that_is_answered_where_it_is(
        self, telegram: FakeTelegram, shop: House
    ) -> None:
        for topic, number in ((RETURNS, 1), (PARCELS, 2)):
            asked = f"{AT} where is order PP-00000{number}"
            telegram.customer_says(GROUP, asked, **in_topic(topic))
        telegram.customer_says(GROUP, f"{AT} where is order PP-000003")
        for topic in (RETURNS, PARCELS, 0):
            await answered(telegram, topic)
        assert len(telegram.sent_to(GROUP)) == 3
        places = [Place(GROUP, topic).address for topic in (RETURNS, PARCELS, 0)]
        assert len({await conversation_of(shop, address=place) for place in places}) == 3

    async def test_what_a_person_writes_and_a_tap_under_an_answer_stay_in_the_topic(
        self, telegram: FakeTelegram, shop: House
    ) -> None:
        asked = f"{AT} where is order PP-000001"
        telegram.customer_says(GROUP, asked, **in_topic(RETURNS))
        reply = await answered(telegram, RETURNS)
        thumb = next(of for row in reply.buttons for _, of in row if of.startswith("u:"))
        tap = telegram.taps(GROUP, thumb, on=reply.message_id)
        await telegram.wait_until(lambda: tap in telegram.answers)
        assert telegram.answers[tap].text == TEXTS.thanks
        conversation = await conversation_of(shop, address=Place(GROUP, RETURNS).address)
        kept = shop.log.files.keep("operators", "label.pdf", "application/pdf", b"%PDF")
        await shop.log.append(conversation, written("Hello, Maud here."))
        await shop.log.append(conversation, written("", 2, (kept.enclosed,)))
        assert (await answered(telegram, RETURNS, 2)).text == "Hello, Maud here."
        assert (await answered(telegram, RETURNS, 3)).file == ("label.pdf", b"%PDF")
        rated = [r.event for r in await shop.log.history(conversation) if isinstance(r.event, Rated)]  # fmt: skip
        assert [one.value for one in rated] == [Thumb.UP]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ({"text": "/help@frontdesk_bot"}, TEXTS.help),
            ({"text": "/privacy@frontdesk_bot"}, TEXTS.in_private),
            ({"text": AT}, TEXTS.help),
            ({"caption": AT, "photo": [{"file_id": "gone", "file_unique_id": "u", "width": 1,
                                        "height": 1}]}, TEXTS.file_failed),
        ],
    )  # fmt: skip
    async def test_a_fixed_answer_is_given_in_the_topic(
        self, telegram: FakeTelegram, channel: Telegram, content: dict[str, Any], told: str
    ) -> None:
        telegram.customer_sends(GROUP, content | in_topic(PARCELS))
        assert (await answered(telegram, PARCELS)).text == told

    async def test_typing_is_shown_in_the_topic(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_says(GROUP, f"{AT} hello", **in_topic(PARCELS))
        await confirmed(telegram)
        visitor = await desk.log.visitor("telegram", Place(GROUP, PARCELS).address)
        assert visitor
        await channel.typing(visitor)
        [typing] = telegram.called("sendChatAction")
        assert str(typing.parameters["message_thread_id"]) == str(PARCELS)


class TestWhatIsMeant:
    @pytest.mark.parametrize("by", [99, int(TOKEN.partition(":")[0])])
    async def test_that_a_topic_was_opened_by_the_bot_does_not_make_all_of_it_meant_for_the_bot(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, by: int
    ) -> None:
        opened = {
            "message_id": RETURNS,
            "date": 0,
            "chat": {"id": GROUP, "type": "supergroup"},
            "from": {"id": by, "is_bot": by != 99, "first_name": "F"},
            "forum_topic_created": {"name": "Returns", "icon_color": 1},
        }
        telegram.customer_says(GROUP, "I like this", reply_to_message=opened, **in_topic(RETURNS))
        telegram.customer_says(GROUP, f"{AT} hello", reply_to_message=opened, **in_topic(RETURNS))
        await confirmed(telegram)
        visitor = await desk.log.visitor("telegram", Place(GROUP, RETURNS).address)
        assert visitor
        conversation = await desk.log.current(visitor.visitor_id)
        assert conversation
        assert len(await desk.log.history(conversation)) == 1
        assert await desk.heard(GROUP) == []

    @pytest.mark.parametrize(
        ("chat_id", "fields"),
        [
            (GROUP, {"message_thread_id": 3}),  # the thread of replies in a group without topics
            (GROUP, in_topic(1)),  # the general topic
            (ADA, in_topic(3)),
        ],
    )
    async def test_elsewhere_a_thread_is_no_topic(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        channel: Telegram,
        chat_id: int,
        fields: dict[str, Any],
    ) -> None:
        telegram.customer_says(chat_id, f"{AT} hello", **fields)
        await confirmed(telegram)
        assert await desk.texts(chat_id) == ["hello"]


class TestPlaces:
    @pytest.mark.parametrize("place", [Place(7), Place(-100), Place(-100, 5)])
    def test_an_address_says_the_place(self, place: Place) -> None:
        assert Place.read(place.address) == place

    @pytest.mark.parametrize("address", ["", "7/", "/5", "browser", "7/5/3", "-", "7 ", "\u0667"])
    def test_anything_else_is_no_address(self, address: str) -> None:
        with pytest.raises(ValueError, match="not an address"):
            Place.read(address)
