"""What the bot says reaches Telegram's customers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.channels.channel import ChannelError, Undeliverable
from bot.channels.files import file_of
from bot.channels.telegram import Telegram
from bot.channels.telegram_files import MAX_FILE
from bot.channels.telegram_menus import OwnData
from bot.channels.telegram_text import MAX_TEXT
from conversations.events import ActionKind, Attached, Visitor
from conversations.vault import PER_OWNER
from tests.bot.telegram_desk import (
    ADA,
    BOB,
    TEXTS,
    Desk,
    confirmed,
    outgoing,
    polling,
    unstarted,
)
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_html import units

PAGE = b"<script>alert(1)</script>"


class TestSending:
    async def test_a_decision_arrives_with_its_bold_and_its_buttons(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        decided = outgoing(text="Refunds take **5 days** & <more>", action=ActionKind.REPLY)
        external_id = await channel.send(decided)
        (sent,) = telegram.sent_to(ADA)
        assert external_id == f"{ADA}:{sent.message_id};"
        assert (sent.text, sent.bold) == ("Refunds take 5 days & <more>", ("5 days",))
        assert sent.buttons == ((("👍", "u:m1"), ("👎", "d:m1")),)

    async def test_a_long_text_comes_in_several_messages_the_buttons_under_the_last(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        await channel.send(outgoing(text="A sentence. " * 900, action=ActionKind.REPLY))
        sent = telegram.sent_to(ADA)
        assert [bool(each.buttons) for each in sent] == [False, False, True]
        assert all(units(each.text) <= MAX_TEXT for each in sent)

    async def test_a_long_text_that_broke_off_goes_on_where_it_stopped(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        long = outgoing(text="\n\n".join(letter * 4000 for letter in "abc"))
        telegram.customer_says(BOB, "/start")  # its answer takes the first, healthy call
        await telegram.wait_for_message(BOB)
        telegram.cut_next("sendMessage", executed=False)
        with pytest.raises(ChannelError):
            await channel.send(long)
        telegram.fail_next("sendMessage", 500, "Internal Server Error")
        with pytest.raises(ChannelError):
            await channel.send(long)
        await channel.send(long)
        assert [sent.text[0] for sent in telegram.sent_to(ADA)] == ["a", "b", "c"]

    @pytest.mark.parametrize(
        "why",
        [
            "Bad Request: can't parse entities: Unexpected end tag at byte offset 3",
            "Bad Request: ENTITIES_TOO_LONG",
            "Bad Request: message is too long",
        ],
    )
    async def test_html_that_telegram_refuses_is_sent_again_as_plain_text(
        self, telegram: FakeTelegram, channel: Telegram, why: str
    ) -> None:
        telegram.meets(ADA)
        telegram.fail_next("sendMessage", 400, why)
        await channel.send(outgoing(text="**Hello** <you>"))
        (sent,) = telegram.sent_to(ADA)
        assert (sent.text, sent.entities) == ("Hello <you>", ())

    async def test_a_flood_limit_says_how_long_to_wait(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 17", retry_after=17)
        with pytest.raises(ChannelError) as failure:
            await channel.send(outgoing())
        assert not isinstance(failure.value, Undeliverable)
        assert failure.value.retry_after == 17.0

    @pytest.mark.parametrize(
        ("status", "why"),
        [
            (403, "Forbidden: bot was blocked by the user"),
            (400, "Bad Request: chat not found"),
            (400, "Bad Request: BUTTON_DATA_INVALID"),
        ],
    )
    async def test_what_telegram_will_never_take_is_undeliverable(
        self, telegram: FakeTelegram, channel: Telegram, status: int, why: str
    ) -> None:
        telegram.meets(ADA)
        telegram.fail_next("sendMessage", status, why)
        with pytest.raises(Undeliverable):
            await channel.send(outgoing())
        assert len(telegram.called("sendMessage")) == 1

    async def test_a_customer_who_blocked_the_bot_or_never_wrote_is_out_of_reach(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        telegram.blocks(ADA)
        for chat_id in (ADA, BOB):
            with pytest.raises(Undeliverable):
                await channel.send(outgoing(chat_id))

    @pytest.mark.parametrize("executed", [True, False])
    async def test_an_answer_that_does_not_come_means_try_again(
        self, telegram: FakeTelegram, channel: Telegram, executed: bool
    ) -> None:
        telegram.meets(ADA)
        telegram.cut_next("sendMessage", executed=executed)
        with pytest.raises(ChannelError) as failure:
            await channel.send(outgoing())
        assert not isinstance(failure.value, Undeliverable)
        assert len(telegram.sent_to(ADA)) == executed

    async def test_nothing_to_say_or_nobody_to_say_it_to_is_undeliverable(
        self, channel: Telegram
    ) -> None:
        nobody = replace(outgoing(), visitor=Visitor(visitor_id="v", channel="x", address="x"))
        for impossible in (outgoing(text=" "), nobody):
            with pytest.raises(Undeliverable):
                await channel.send(impossible)

    async def test_typing_is_shown_and_its_failure_is_nobodys_concern(
        self, telegram: FakeTelegram, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        await channel.typing(outgoing().visitor)
        assert telegram.called("sendChatAction")[0].parameters["action"] == "typing"
        await channel.typing(outgoing(BOB).visitor)  # a chat Telegram does not know


class TestReach:
    async def test_a_customer_who_stopped_the_bot_is_left_in_peace_until_they_are_back(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        telegram.blocks(ADA)
        for _ in range(5):
            with pytest.raises(Undeliverable):
                await channel.send(outgoing())
        await channel.typing(outgoing().visitor)
        assert len(telegram.called("sendMessage")) == 1
        assert not telegram.called("sendChatAction")
        telegram.unblocks(ADA)
        telegram.customer_says(ADA, "I am back")
        await confirmed(telegram)
        await channel.send(outgoing())
        assert [sent.text for sent in telegram.sent_to(ADA)] == ["Hello"]

    async def test_telegram_tells_who_stopped_the_bot(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.meets(ADA)
        telegram.changes_membership(ADA, "kicked")
        await confirmed(telegram)
        with pytest.raises(Undeliverable):
            await channel.send(outgoing())
        telegram.changes_membership(ADA, "member")
        await confirmed(telegram)
        await channel.send(outgoing())
        assert len(telegram.called("sendMessage")) == 1

    async def test_a_message_that_may_have_arrived_is_given_up_where_the_desk_wants_none_twice(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        channel = unstarted(telegram, desk, at_least_once=False)
        await channel.connect()
        telegram.meets(ADA)
        telegram.cut_next("sendMessage", executed=True)
        with pytest.raises(Undeliverable, match="may have arrived"):
            await channel.send(outgoing())
        telegram.fail_next("sendMessage", 500, "Internal Server Error")
        with pytest.raises(ChannelError) as failure:
            await channel.send(outgoing())
        assert not isinstance(failure.value, Undeliverable)
        await channel.close()


class TestFiles:
    async def test_what_customers_send_is_kept_with_their_words(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_sends_file(ADA, b"%PDF-1.7", "invoice.pdf", caption="My invoice")
        telegram.customer_sends_file(ADA, b"%PDF-1.8", "a/../b.pdf")
        worded, alone = await desk.hears(ADA, 2)
        assert (worded.text, worded.chosen) == ("My invoice", "")
        assert (alone.text, alone.chosen) == ("", "")
        (file,) = worded.files
        card = desk.log.files.get(file.file_id)
        assert card
        assert (file.name, file.size, card.owner) == ("invoice.pdf", 8, str(ADA))
        assert desk.log.files.path(card).read_bytes() == b"%PDF-1.7"
        assert alone.files[0].name == "b.pdf"

    async def test_a_file_is_what_its_bytes_say_under_a_name_that_is_safe(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_sends_file(ADA, PAGE, "x.png", mime="image/png\r\nSet-Cookie: a=b")
        telegram.customer_sends_file(ADA, b"%PDF-1.7", "bill\u202efdp.exe", mime="text/html")
        (page,), (bill,) = (heard.files for heard in await desk.hears(ADA, 2))
        assert (page.name, page.type) == ("x.png.txt", "text/plain")
        assert (bill.name, bill.type) == ("billfdp.exe.pdf", "application/pdf")

    async def test_a_program_is_refused_and_its_words_heard(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_sends_file(ADA, b"MZ\x90\x00\xff", "bill.pdf", caption="My bill")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.file_refused
        (heard,) = await desk.hears(ADA, 1)
        assert (heard.text, heard.files) == ("My bill", ())

    async def test_one_file_too_many_for_today_is_said_to_be_that(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        for _ in range(PER_OWNER):
            desk.log.files.keep(str(ADA), "a.pdf", "application/pdf", b"%PDF-1.7")
        telegram.customer_sends_file(ADA, b"%PDF-1.7")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.files_full

    async def test_a_repeated_file_is_fetched_once(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_sends_file(ADA, b"%PDF-1.7")
        (first,) = telegram.pending or (0,)
        await desk.hears(ADA, 1)
        telegram.repeats(first)
        telegram.customer_says(ADA, "There it is")
        assert [heard.text for heard in await desk.hears(ADA, 2)] == ["", "There it is"]
        assert len(telegram.called("getFile")) == 1

    async def test_a_file_above_ten_megabytes_is_refused_and_its_words_heard(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.customer_sends_file(ADA, b"x" * (MAX_FILE + 1), caption="My film")
        assert (await telegram.wait_for_message(ADA)).text == TEXTS.too_large
        (heard,) = await desk.hears(ADA, 1)
        assert (heard.text, heard.files) == ("My film", ())
        assert not telegram.called("getFile")

    async def test_a_file_that_does_not_come_now_comes_with_the_next_try(
        self, telegram: FakeTelegram, desk: Desk, channel: Telegram
    ) -> None:
        telegram.fail_next("getFile", 500, "Internal Server Error")
        telegram.customer_sends_file(ADA, b"%PDF-1.7")
        (heard,) = await desk.hears(ADA, 1)
        assert len(heard.files) == 1

    async def test_the_desk_s_own_files_come_as_files_and_others_as_addresses(
        self, telegram: FakeTelegram, desk: Desk, tmp_path: Path
    ) -> None:
        (tmp_path / "files").mkdir()
        for name, content in (("label.pdf", b"%PDF"), ("map.png", b"PNG")):
            (tmp_path / "files" / name).write_bytes(content)
        desk.extras = {"file_of": partial(file_of, tmp_path, at="https://desk.example/")}
        attachments = (
            Attached("Label", "https://desk.example/files/label.pdf"),
            Attached("Map", "files/map.png"),
            Attached("Form", "https://elsewhere.example/files/label.pdf"),
        )
        telegram.meets(ADA)
        async with polling(telegram, desk) as channel:
            await channel.send(outgoing(attachments=attachments))
        text, label, picture = telegram.sent_to(ADA)
        assert text.text == "Hello\n\nForm: https://elsewhere.example/files/label.pdf"
        assert (label.text, label.file) == ("Label", ("label.pdf", b"%PDF"))
        assert (picture.text, picture.file) == ("Map", ("map.png", b"PNG"))
        assert len(telegram.called("sendPhoto")) == 1

    @pytest.mark.parametrize(
        ("public_url", "line"),
        [
            ("", "\n\nWeb: https://help.example/web"),
            (
                "https://desk.example/",
                "\n\nCare: https://desk.example/pages/care\nWeb: https://help.example/web",
            ),
        ],
    )
    async def test_a_page_is_linked_to_where_customers_reach_it_unless_the_text_does(
        self, telegram: FakeTelegram, desk: Desk, public_url: str, line: str
    ) -> None:
        telegram.meets(ADA)
        said, unsaid = "https://help.example/said?a=*", "https://help.example/web"
        sources = (Attached("Care", "/pages/care"), Attached("Said", said), Attached("Web", unsaid))
        async with polling(telegram, desk, public_url=public_url) as channel:
            await channel.send(outgoing(text=f"{said[:-1]}%2A", sources=sources))
        (text,) = telegram.sent_to(ADA)
        assert text.text == f"https://help.example/said?a=%2A{line}"

    async def test_a_photo_that_telegram_refuses_comes_as_a_document(
        self, telegram: FakeTelegram, desk: Desk, tmp_path: Path
    ) -> None:
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "map.png").write_bytes(b"PNG")
        desk.extras = {"file_of": partial(file_of, tmp_path, at="https://desk.example/")}
        telegram.meets(ADA)
        telegram.fail_next("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        async with polling(telegram, desk) as channel:
            await channel.send(outgoing(attachments=(Attached("Map", "files/map.png"),)))
        assert telegram.sent_to(ADA)[-1].file == ("map.png", b"PNG")
        assert telegram.called("sendDocument")

    async def test_an_edit_and_a_file_of_the_moment_have_the_patience_that_telegram_asks_for(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        telegram.meets(ADA)
        desk.extras = {"own_data": OwnData(desk.log)}
        async with polling(telegram, desk):
            telegram.customer_says(ADA, "/privacy")
            menu = await telegram.wait_for_message(ADA)
            telegram.fail_next("sendDocument", 429, "Too Many Requests", 1)
            telegram.taps(ADA, "p:e", on=menu.message_id)
            assert (await telegram.wait_for_message(ADA, 2)).file
            telegram.fail_next("editMessageText", 429, "Too Many Requests", 1)
            telegram.taps(ADA, "p:d", on=menu.message_id)
            await telegram.wait_until(lambda: telegram.sent_to(ADA)[0].text == TEXTS.erase_sure)
        for method in ("sendDocument", "editMessageText"):
            first, second = telegram.called(method)
            assert second.at - first.at >= 1.0
