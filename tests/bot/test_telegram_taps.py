"""What taps on the buttons of Telegram's messages do: once, and in sight."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.channels.telegram import Telegram
from conversations.events import HUMAN, NEXT, ActionKind, Choice, Dislike, Thumb
from conversations.log import StorageUnavailable
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    TEXTS,
    Desk,
    confirmed,
    is_decided,
)
from tests.fakes.telegram import FakeTelegram

REFUND = (Choice("Get a refund", "refund"), Choice("Pay an invoice", "invoice"))


def labels(telegram: FakeTelegram, message: int = 0, chat_id: int = ADA) -> list[list[str]]:
    """What stands on the buttons of a message, row by row."""
    return [[label for label, _ in row] for row in telegram.sent_to(chat_id)[message].buttons]


def data(telegram: FakeTelegram, message: int = 0, chat_id: int = ADA) -> list[str]:
    return [of for row in telegram.sent_to(chat_id)[message].buttons for _, of in row]


async def said(telegram: FakeTelegram, text: str, chat_id: int = ADA) -> None:
    telegram.customer_says(chat_id, text)
    await confirmed(telegram)


async def left(telegram: FakeTelegram, rows: list[list[str]], message: int = 0) -> None:
    await telegram.wait_until(lambda: labels(telegram, message) == rows)


class TestThumbs:
    async def test_a_thumb_up_is_counted_once_and_replaced_by_thanks(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "Where is my order?")
        reply = await is_decided(desk, ADA)
        await channel.send(reply)
        up = f"u:{reply.decided.message_id}"
        shown = telegram.sent_to(ADA)[0].message_id
        queries = [telegram.taps(ADA, up, on=shown) for _ in range(3)]
        await telegram.wait_until(lambda: set(queries) <= set(telegram.answers))
        await left(telegram, [[TEXTS.thanks]])
        assert {telegram.answers[query].text for query in queries} == {TEXTS.thanks}
        assert [(r.message_id, r.value) for r in await desk.rated(ADA)] == [
            (reply.decided.message_id, Thumb.UP)
        ]

    async def test_a_thumb_down_asks_what_was_wrong(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "Where is my order?")
        reply = await is_decided(desk, ADA)
        await channel.send(reply)
        query = telegram.taps(ADA, f"d:{reply.decided.message_id}")
        await left(telegram, [[TEXTS.not_my_question, TEXTS.wrong], [TEXTS.incomplete, TEXTS.outdated],
                              [TEXTS.unfriendly, TEXTS.other]])  # fmt: skip
        assert telegram.answers[query].text == TEXTS.what_was_wrong
        telegram.taps(ADA, data(telegram)[3])
        await left(telegram, [[TEXTS.thanks]])
        down = [(r.value, r.reason) for r in await desk.rated(ADA)]
        assert down == [(Thumb.DOWN, ""), (Thumb.DOWN, Dislike.OUTDATED)]

    async def test_a_thumb_of_another_chat_does_not_count(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "Where is my order?")
        reply = await is_decided(desk, ADA)
        query = telegram.taps(BOB, f"u:{reply.decided.message_id}")
        await telegram.wait_until(lambda: query in telegram.answers)
        assert telegram.answers[query].text == TEXTS.expired
        assert await desk.rated(ADA) == []


class TestChoices:
    @pytest.mark.parametrize(
        ("taps", "label", "intent"),
        [
            ((1, 1, 1), "Pay an invoice", "invoice"),
            ((0, 1), "Get a refund", "refund"),
        ],
    )
    async def test_of_several_taps_the_first_is_heard_and_stays_to_be_seen(
        self,
        telegram: FakeTelegram,
        desk: Desk,
        channel: Telegram,
        taps: Sequence[int],
        label: str,
        intent: str,
    ) -> None:
        await said(telegram, "money")
        question = await is_decided(desk, ADA, action=ActionKind.CLARIFY, choices=REFUND)
        await channel.send(question)
        shown = telegram.sent_to(ADA)[0]
        assert labels(telegram) == [["Get a refund"], ["Pay an invoice"]]
        tapped = [f"c:{tap}:{question.decided.message_id}" for tap in taps]
        queries = [telegram.taps(ADA, data, on=shown.message_id) for data in tapped]
        await telegram.wait_until(lambda: set(queries) <= set(telegram.answers))
        await confirmed(telegram)
        heard = [(one.text, one.chosen) for one in await desk.heard(ADA)]
        assert heard == [("money", ""), (label, intent)]
        assert not any(telegram.answers[query].alert for query in queries)
        await left(telegram, [[f"✓ {label}"]])

    async def test_a_thumb_leaves_the_suggestions_and_a_suggestion_the_thumbs(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        choices = (Choice("How long does it take?", f"{NEXT}time"), Choice("Abroad", f"{NEXT}far"))
        await said(telegram, "Where is my order?")
        reply = await is_decided(desk, ADA, choices=choices)
        await channel.send(reply)
        telegram.taps(ADA, f"c:1:{reply.decided.message_id}")
        await left(telegram, [["✓ Abroad"], ["👍", "👎"]])
        await said(telegram, "And my other one?")
        reply = await is_decided(desk, ADA, choices=choices)
        await channel.send(reply)
        telegram.taps(ADA, f"u:{reply.decided.message_id}")
        await left(telegram, [["How long does it take?"], ["Abroad"], [TEXTS.thanks]], message=1)
        assert [h.chosen for h in await desk.heard(ADA)] == ["", f"{NEXT}far", ""]

    async def test_a_question_that_was_passed_over_is_expired_but_a_person_is_still_to_be_had(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "money")
        choices = (*REFUND, Choice("Talk to a person", HUMAN))
        question = await is_decided(desk, ADA, action=ActionKind.CLARIFY, choices=choices)
        await channel.send(question)
        await said(telegram, "never mind, where are you?")
        person = telegram.taps(ADA, data(telegram)[2])
        await telegram.wait_until(lambda: person in telegram.answers)
        query = telegram.taps(
            ADA, f"c:0:{question.decided.message_id}", on=telegram.sent_to(ADA)[0].message_id
        )
        await telegram.wait_until(lambda: query in telegram.answers)
        assert telegram.answers[query].text == TEXTS.expired
        await left(telegram, [[TEXTS.expired_button]])
        assert [h.chosen for h in await desk.heard(ADA)] == ["", "", HUMAN]

    @pytest.mark.parametrize("unknown", ["u:gone", "c:0:gone", "what is this", "c:99999999999:id1"])
    async def test_a_button_no_longer_in_use_says_so(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram, unknown: str
    ) -> None:
        query = telegram.taps(ADA, unknown)
        await telegram.wait_until(lambda: query in telegram.answers)
        assert telegram.answers[query].text == TEXTS.expired
        assert telegram.answers[query].alert

    async def test_a_tap_stops_spinning_and_comes_again_while_the_disk_is_full(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "money")
        question = await is_decided(desk, ADA, action=ActionKind.CLARIFY, choices=REFUND)
        desk.trouble[""] = StorageUnavailable("the disk is full")
        query = telegram.taps(ADA, f"c:0:{question.decided.message_id}")
        await telegram.wait_until(lambda: query in telegram.answers)
        assert telegram.pending
        desk.trouble.clear()
        await confirmed(telegram)
        assert await desk.texts(ADA) == ["money", "Get a refund"]

    async def test_forty_taps_at_once_are_all_answered(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        await said(telegram, "money")
        question = await is_decided(desk, ADA, action=ActionKind.CLARIFY, choices=REFUND)
        await channel.send(question)
        queries = [
            telegram.taps(ADA, f"c:{n % 2}:{question.decided.message_id}", on=1 + n)
            for n in range(40)
        ]
        await telegram.wait_until(lambda: set(queries) <= set(telegram.answers))
