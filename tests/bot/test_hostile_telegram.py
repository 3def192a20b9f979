"""Hundreds of strings that would be taken for more than text, to and from Telegram: its parser refuses none, and the inbox runs none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.channels.telegram import Telegram
from bot.channels.telegram_buttons import buttons
from bot.channels.telegram_text import MAX_URL, lines, parts
from conversations.events import Attached, Choice
from conversations.text import printable
from tests.bot.console_desk import staffed
from tests.bot.hostile import STRINGS
from tests.bot.onlooker import looking_at, pieces
from tests.bot.served import Client, served
from tests.bot.telegram_desk import TOKEN, outgoing
from tests.bot.telegram_desk import Desk as Ears
from tests.bot.test_file_kinds import PNG
from tests.bot.widget_page import CHROMIUM
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_html import parse

PATIENCE = 120.0  # seconds
WAYS = (
    "{}", "**{}**", "*{}*", "_{}_", "`{}`", "[{}](https://shop.example/a)", "[a](https://shop.example/{})", "[{0}](https://shop.example/{0})",
    "**{}", "`{}", "[{}](", "{0}: {0}", "**a** {0} `b` {0} *c*",
)  # fmt: skip
WHOLE = [one for one in STRINGS if not set(one) & set("\ud800\udfff")]
TITLED = [" ".join(printable(one).split()) for one in STRINGS]


def bare(text: str) -> str:
    return "".join(text.split())


# What goes out


@pytest.mark.parametrize("way", WAYS)
def test_telegram_parses_whatever_an_answer_holds(way: str) -> None:
    for one in STRINGS:
        for part in parts(way.format(one)):
            visible, entities = parse(part.html)  # it would raise what Telegram refuses
            assert visible == part.plain
            links = [entity.url for entity in entities if entity.type == "text_link"]
            assert all(url.startswith(("https://shop.example/", "https://example.com")) for url in links), links  # fmt: skip
            assert all(len(url) <= MAX_URL for url in links)


def test_what_is_no_markup_is_read_as_it_was_written() -> None:
    plain = [one for one in STRINGS if not set(one) & set("*_`[")]
    for one in plain:
        assert bare("".join(part.plain for part in parts(one))) == bare(printable(one))


def test_telegram_parses_the_lines_of_files_and_pages() -> None:
    for name in STRINGS:
        for part in parts(lines([Attached(name, f"https://shop.example/{name}"), Attached(name, name)])):  # fmt: skip
            assert parse(part.html)[0] == part.plain


def test_no_label_of_a_button_is_taken_for_another_s() -> None:
    choices = tuple(Choice(one, one) for one in STRINGS)
    for row in buttons(outgoing(choices=choices).decided, suggestions=True):
        for button in row:
            assert len(button.data.encode()) <= 64  # Bot API, InlineKeyboardButton
            assert button.url == ""


async def test_nothing_that_the_bot_says_is_refused(
    telegram: FakeTelegram, desk: Ears, channel: Telegram
) -> None:
    said = list(pieces(WHOLE, 900))
    for chat, piece in enumerate(said, 100):
        telegram.meets(chat)
        sources = tuple(Attached(one, f"https://help.example/{at}") for at, one in enumerate(piece))
        choices = tuple(Choice(one, one) for one in piece[:8])
        decided = outgoing(
            chat, message_id=f"m{chat}", text="\n".join(piece), sources=sources, choices=choices
        )
        await channel.send(decided)
    sent = [one for chat in range(100, 100 + len(said)) for one in telegram.sent_to(chat)]
    assert len(telegram.called("sendMessage")) == len(
        sent
    )  # none was sent a second time as plain text
    whole = bare("".join(one.text for one in sent))
    plain = [one for one in WHOLE if not set(one) & set("*_`[")]
    assert not [one for one in plain if bare(printable(one)) not in whole]


# What comes in


@pytest.mark.parametrize("name", [one for one in WHOLE if one.strip()][::6])
async def test_a_file_of_any_name_is_kept_under_a_safe_one(
    telegram: FakeTelegram, desk: Ears, channel: Telegram, name: str
) -> None:
    telegram.customer_sends_file(7, PNG, name, caption=name)
    [heard] = await desk.hears(7, 1)
    [file] = heard.files
    assert file.type == "image/png"
    assert file.name.endswith(".png")
    assert file.name.isprintable()
    assert not set(file.name) & set('<>:"|?*\\/')


@dataclass
class Lived:
    """A served desk with a Bot API beside it."""

    client: Client
    telegram: FakeTelegram


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    async with FakeTelegram(TOKEN) as telegram:
        toml = (
            f"[telegram]\ntoken = {json.dumps(TOKEN)}\nbase_url = {json.dumps(telegram.base_url)}\n"
        )
        desk = staffed(tmp_path_factory.mktemp("desk"), "Test", toml)
        async with served(desk) as client:
            for chat, one in enumerate(STRINGS, 1000):
                telegram.customer_says(chat, one or "x", name=one or "x")
            await telegram.wait_until(lambda: not telegram.pending, within=PATIENCE)
            yield Lived(client, telegram)


HEARD = [one for one in STRINGS if printable(one).strip() and not one.startswith("/")]


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
async def test_nothing_that_telegram_brings_runs_in_the_inbox(
    browser: Browser, lived: Lived
) -> None:
    address = f"{lived.client.url}/console/inbox"
    async with looking_at(browser, address, "Ann", state="all", channel="telegram") as seen:
        rows = seen.page.get_by_role("list", name="Conversations").locator("a.row")
        further = seen.page.get_by_role("button", name="Show more")
        await rows.first.wait_for()
        while await further.count():
            many = await rows.count()
            await further.click()
            await expect(rows.nth(many)).to_be_attached()
        await seen.shows(".rows .row", HEARD)
        for at in range(0, await rows.count(), 40):
            await rows.nth(at).dispatch_event("click")
            await seen.page.get_by_role("log").locator(".message.customer").first.wait_for()
            assert await seen.calm() == []
