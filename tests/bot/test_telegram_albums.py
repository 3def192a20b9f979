"""Albums: several files that a customer sends at once are one turn, with their words once."""

from __future__ import annotations

from bot.channels.telegram import Telegram
from bot.channels.telegram_albums import MOST
from bot.channels.telegram_files import TRIES
from tests.bot.telegram_desk import ADA, BOB, GROUP, TEXTS, Desk, confirmed, polling
from tests.fakes.telegram import FakeTelegram

PAGES = [b"%PDF-1.7 page " + bytes([number]) * (number + 1) for number in range(4)]
SIZES = [len(page) for page in PAGES]
LONG = 5.0  # seconds; so long no album waits for its rest


async def test_an_album_is_one_turn_with_its_words_once(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    first, *_ = telegram.customer_sends_album(ADA, PAGES, caption="My bill")
    telegram.customer_says(ADA, "Is it right?")
    telegram.customer_says(BOB, "Hello")
    album, question = await desk.hears(ADA, 2)
    assert (album.text, album.external_id) == ("My bill", f"{ADA}:{first}")
    assert [file.size for file in album.files] == SIZES
    assert question.text == "Is it right?"
    assert await desk.texts(BOB) == ["Hello"]


async def test_two_albums_and_one_without_words_are_each_a_turn(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    telegram.customer_sends_album(ADA, PAGES[:2], caption="One", album="1")
    telegram.customer_sends_album(ADA, PAGES[2:], album="2")
    telegram.customer_sends_file(ADA, PAGES[0])
    heard = await desk.hears(ADA, 3)
    assert [one.text for one in heard] == ["One", "", ""]
    assert [len(one.files) for one in heard] == [2, 2, 1]


async def test_parts_that_are_not_taken_are_said_once_and_the_others_heard(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    telegram.breaks_off("file1", TRIES)
    contents = [PAGES[0], PAGES[1], b"MZ\x90\x00\xff", b"MZ\x90\x00\xfe"]
    telegram.customer_sends_album(ADA, contents, caption="My bill")
    told = await telegram.wait_for_message(ADA)
    assert told.text == f"{TEXTS.file_failed}\n\n{TEXTS.file_refused}"
    [album] = await desk.hears(ADA, 1)
    assert (album.text, [file.size for file in album.files]) == ("My bill", SIZES[:1])


async def test_a_part_that_comes_too_late_is_heard_by_itself_and_a_repeated_one_not_again(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    telegram.customer_sends_album(ADA, PAGES[:3], caption="My bill")
    parts = list(telegram.pending)
    await desk.hears(ADA, 1)
    telegram.customer_sends_file(ADA, PAGES[3], media_group_id="1")
    for update_id in parts:
        telegram.repeats(update_id)
    telegram.customer_says(ADA, "Is it right?")
    album, late, question = await desk.hears(ADA, 3)
    assert [len(one.files) for one in (album, late, question)] == [3, 1, 0]
    assert late.files[0].size == SIZES[3]
    assert len(telegram.called("getFile")) == 4


async def test_an_album_that_the_server_did_not_hear_before_it_ended_is_heard_by_the_next(
    telegram: FakeTelegram, desk: Desk
) -> None:
    rest = telegram.holds_back("file2")
    async with polling(telegram, desk):
        telegram.customer_sends_album(ADA, PAGES, caption="My bill")
        await telegram.wait_until(lambda: len(telegram.called("file")) == len(PAGES))
        await confirmed(telegram)
    assert await desk.heard(ADA) == []
    rest.set()
    async with polling(telegram, desk, album_settles=LONG):  # which parts it has is known by now
        telegram.customer_says(ADA, "Is it right?")
        album, question = await desk.hears(ADA, 2)
    assert ([file.size for file in album.files], question.text) == (SIZES, "Is it right?")


async def test_an_album_of_as_many_parts_as_there_may_be_is_one_turn(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    telegram.customer_sends_album(ADA, [b"%PDF-1.7"] * MOST, caption="My bill")
    [album] = await desk.hears(ADA, 1)
    assert len(album.files) == MOST


async def test_the_words_of_an_album_are_edited_like_any_others(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    first, *_ = telegram.customer_sends_album(ADA, PAGES, caption="My bil")
    [album] = await desk.hears(ADA, 1)
    telegram.customer_edits(ADA, first, "My bill")
    _, corrected = await desk.hears(ADA, 2)
    assert (corrected.text, corrected.corrects) == ("My bill", album.message_id)


async def test_in_a_group_the_words_of_an_album_say_for_all_of_it_whether_it_is_meant(
    telegram: FakeTelegram, desk: Desk, channel: Telegram
) -> None:
    telegram.customer_sends_album(GROUP, PAGES, caption="@frontdesk_bot my bill", album="1")
    telegram.customer_sends_album(GROUP, PAGES, caption="our cat", album="2")
    telegram.customer_says(GROUP, "@frontdesk_bot is it right?")
    album, question = await desk.hears(GROUP, 2)
    assert (album.text, len(album.files)) == ("my bill", len(PAGES))
    assert question.text == "is it right?"
