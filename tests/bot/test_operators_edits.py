"""What operators edit: both wordings in the log, the last one before the customer's eyes, on Telegram and in the widget."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import operators
from bot.channels.telegram_posting import Placed
from conversations.errors import Over
from conversations.events import (
    Delivered,
    Event,
    GivenBack,
    OperatorEdited,
    Recorded,
    Undeliverable,
)
from tests.bot.house import House, event_log
from tests.bot.telegram_desk import ADA, TOKEN
from tests.bot.test_operators_on_telegram import conversation_of, desk_on, written
from tests.fakes.telegram import FakeTelegram


def edited(replaces: int, text: str, number: int = 1, operator: str = "Maud") -> OperatorEdited:
    return OperatorEdited(
        message_id=f"e{replaces}-{text[:5]}", corrects=f"w{number}", replaces=replaces, operator=operator, text=text
    )  # fmt: skip


async def taken_over(desk: House, telegram: FakeTelegram) -> str:
    telegram.customer_says(ADA, "a person please")
    await telegram.wait_for_message(ADA)
    return await conversation_of(desk)


async def ends(desk: House, conversation: str) -> list[Event]:
    """What became of what the operator wrote and edited."""
    history = await desk.log.history(conversation)
    found = [r.event for r in history if isinstance(r.event, Delivered | Undeliverable)]
    return list(found[1:])  # the bot's own hand-off came first


async def change(desk: House, conversation: str, recorded: Recorded, text: str) -> Recorded:
    number = int(getattr(recorded.event, "corrects", getattr(recorded.event, "message_id", ""))[1:])
    return await operators.edit(desk.log, conversation, edited(recorded.seq, text, number))


async def until_settled(desk: House, conversation: str, count: int) -> None:
    async with asyncio.timeout(5):
        while len(await ends(desk, conversation)) < count:  # noqa: ASYNC110 - the log tells nobody what it is waited for
            await asyncio.sleep(0.02)


async def shows(telegram: FakeTelegram, *texts: str) -> None:
    await telegram.wait_until(lambda: [s.text for s in telegram.sent_to(ADA)][1:] == list(texts))


async def test_an_edit_changes_the_message_in_the_chat_in_order_with_all_else(
    tmp_path: Path,
) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        wrote = await desk.log.append(conversation, written("It costs 5 €."))
        first = await change(desk, conversation, wrote, "It costs **7** €.")
        await desk.log.append(conversation, written("Anything else?", 2))
        await change(desk, conversation, first, "It costs 8 €.")
        await shows(telegram, "It costs 8 €.", "Anything else?")
        calls = [c.method for c in telegram.calls if c.method in {"sendMessage", "editMessageText"}]
        assert calls[1:] == ["sendMessage", "editMessageText", "sendMessage", "editMessageText"]
        await until_settled(desk, conversation, 4)
        assert not [e for e in await ends(desk, conversation) if isinstance(e, Undeliverable)]
        history = await desk.log.history(conversation)
        assert [r.event.text for r in history if isinstance(r.event, OperatorEdited)] == [
            "It costs **7** €.",
            "It costs 8 €.",
        ]


async def test_a_longer_wording_goes_on_in_more_messages_and_a_shorter_one_takes_them_away(
    tmp_path: Path,
) -> None:
    long = "\n\n".join(letter * 3000 for letter in "abc")
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        wrote = await desk.log.append(conversation, written("short"))
        first = await change(desk, conversation, wrote, long)
        await shows(telegram, *(letter * 3000 for letter in "abc"))
        await change(desk, conversation, first, "short again")
        await shows(telegram, "short again")


async def test_words_that_a_file_gets_later_stand_under_it(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        kept = desk.log.files.keep("operators", "label.pdf", "application/pdf", b"%PDF")
        wrote = await desk.log.append(conversation, written("", 1, (kept.enclosed,)))
        await change(desk, conversation, wrote, "Your **label**")
        await shows(telegram, "Your label")
        assert telegram.sent_to(ADA)[1].file == ("label.pdf", b"%PDF")


@pytest.mark.parametrize(
    ("status", "why", "kind"),
    [
        (400, "Bad Request: message is not modified", Delivered),
        (400, "Bad Request: message can't be edited", Undeliverable),
        (400, "Bad Request: message to edit not found", Undeliverable),
    ],
)
async def test_an_edit_that_telegram_does_not_make_holds_up_nothing(
    status: int, why: str, kind: type[Event], tmp_path: Path
) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        wrote = await desk.log.append(conversation, written("Hello"))
        await telegram.wait_for_message(ADA, 2)
        telegram.fail_next("editMessageText", status, why)
        await change(desk, conversation, wrote, "Hello there")
        await desk.log.append(conversation, written("Next", 2))
        await telegram.wait_for_message(ADA, 3)
        await until_settled(desk, conversation, 3)
        assert isinstance((await ends(desk, conversation))[1], kind)
        assert len(telegram.called("editMessageText")) == 1


async def test_an_edit_waits_as_long_as_telegram_asks(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        wrote = await desk.log.append(conversation, written("Hello"))
        await telegram.wait_for_message(ADA, 2)
        telegram.fail_next("editMessageText", 429, "Too Many Requests: retry after 1", 1)
        await change(desk, conversation, wrote, "Hello there")
        await shows(telegram, "Hello there")
        first, second = (call.at for call in telegram.called("editMessageText"))
        assert second - first >= 1


async def test_an_edit_before_a_crash_is_made_after_it(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram:
        async with desk_on(telegram, tmp_path) as desk:
            conversation = await taken_over(desk, telegram)
            wrote = await desk.log.append(conversation, written("Hello"))
            await until_settled(desk, conversation, 1)
        async with event_log(tmp_path) as log:
            await operators.edit(log, conversation, edited(wrote.seq, "Hello there"))
        async with desk_on(telegram, tmp_path):
            await shows(telegram, "Hello there")


async def test_a_message_that_never_arrived_is_not_sent_by_an_edit_of_it(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        telegram.fail_next("sendMessage", 400, "Bad Request: refused")
        wrote = await desk.log.append(conversation, written("Hello"))
        await change(desk, conversation, wrote, "Hello there")
        await until_settled(desk, conversation, 2)
        assert all(isinstance(end, Undeliverable) for end in await ends(desk, conversation))
        assert len(telegram.sent_to(ADA)) == 1


async def test_of_two_edits_of_one_wording_the_second_is_told(tmp_path: Path) -> None:
    async with FakeTelegram(TOKEN) as telegram, desk_on(telegram, tmp_path) as desk:
        conversation = await taken_over(desk, telegram)
        wrote = await desk.log.append(conversation, written("one"))
        first = await change(desk, conversation, wrote, "two")
        assert (await change(desk, conversation, wrote, "two")).seq == first.seq  # the same again
        with pytest.raises(operators.Superseded, match=str(first.seq)):
            await change(desk, conversation, wrote, "three")
        with pytest.raises(operators.Superseded):
            await operators.edit(desk.log, conversation, edited(1, "four"))
        second = await change(desk, conversation, first, "two and a half")
        with pytest.raises(operators.Superseded, match=str(second.seq)):
            await change(desk, conversation, wrote, "three")
        with pytest.raises(operators.NotYours, match="Maud"):
            await operators.edit(desk.log, conversation, edited(first.seq, "x", operator="Bob"))
        with pytest.raises(operators.Unknown):
            await operators.edit(desk.log, conversation, edited(first.seq, "x", number=9))
        await desk.log.append(conversation, GivenBack(operator="Maud"))
        with pytest.raises(Over, match="bot"):
            await change(desk, conversation, second, "five")
        await shows(telegram, "two and a half")


@pytest.mark.parametrize("placed", [Placed(7, (1, 2), (3,)), Placed(-100, ()), Placed(7, (), (4,))])
def test_where_messages_are_is_read_as_it_was_kept(placed: Placed) -> None:
    assert Placed.read(placed.external_id) == placed
    assert Placed.read("12") is None
