"""Hundreds of strings that would run if they were taken for more than text, wherever the inbox shows what somebody wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.bot.hostile import STRINGS
from tests.bot.hostile_desk import hostile_desk, written
from tests.bot.onlooker import looking_at, pieces
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@dataclass
class Lived:
    """A served desk; `talk` is the conversation that holds every string."""

    client: Client
    talk: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    desk = hostile_desk(tmp_path_factory.mktemp("desk"))
    talk = await written(desk)
    async with served(desk) as client:
        yield Lived(client, talk)


LONG = [
    one for one in STRINGS if one.isascii() and len("".join(one.split())) > 20
]  # found among others, too
FLUID = [
    one for one in STRINGS if not set(one) & set("{}\ud800\udfff")
]  # the rest is Liquid, which is looked over
SHORT = [
    one
    for one in FLUID
    if len(one) <= 40
    and one.isascii()
    and one.isprintable()
    and "/" not in one
    and one == one.strip()
]
TALK = (
    ".message.customer .words",
    ".message.bot .words",
    ".message.operator .words",
    ".message.operator .by",
    ".message.operator .file",
    ".message.note .words",
    ".message.note .by",
    ".offer",
    ".thumb q",
    ".understood bdi",
    ".fact span",
    "desk-card .notes p",
    "desk-card .notes bdi",
    "desk-card dd",
)
SPACED = (".unsent", ".understood .quiet", "desk-card dt", "desk-card h3 bdi")
SPOKEN = [one.replace("_", " ") for one in STRINGS]  # a name of the program's is said in words


async def test_nothing_runs_of_a_conversation(browser: Browser, lived: Lived) -> None:
    address = f"{lived.client.url}/console/inbox/{lived.talk}?state=all"
    async with looking_at(browser, address, "Ann") as seen:
        await seen.page.get_by_role("log").locator(".message").last.wait_for()
        for place in TALK:
            await seen.shows(place, STRINGS)
        for place in SPACED:
            await seen.shows(place, SPOKEN)


async def test_nothing_runs_of_the_list(browser: Browser, lived: Lived) -> None:
    async with looking_at(browser, f"{lived.client.url}/console/inbox?state=all", "Ann") as seen:
        rows = seen.page.get_by_role("list", name="Conversations").locator("a.row")
        further = seen.page.get_by_role("button", name="Show more")
        await rows.first.wait_for()
        while await further.count():
            many = await rows.count()
            await further.click()
            await expect(rows.nth(many)).to_be_attached()
            await expect(further.or_(rows.nth(2 * len(STRINGS))).first).to_be_attached()
        for place in (".rows .row", ".rows .badge.operator", ".rows .badge.asked"):
            await seen.shows(place, STRINGS)
        await seen.shows(".rows .marks .cut", SPOKEN)


async def test_nothing_runs_of_what_one_writes(browser: Browser, lived: Lived) -> None:
    """Drafts, canned answers and searches: what operators write themselves, or get from each other."""
    client, texts = lived.client, ["\n".join(piece) for piece in pieces(FLUID, 1500)]
    for at, (one, text) in enumerate(zip(SHORT, texts * len(SHORT), strict=False)):
        body = {"operator": "Ann", "text": text if at < len(texts) else one}
        name = quote(one, safe="")
        status, said = await client.ask("PUT", f"/api/v1/canned/{name}", operator=True, json=body)
        assert status == 200, said
    address = f"{client.url}/console/inbox/{lived.talk}"
    async with looking_at(browser, address, "Mia", state="all", q="script alert") as seen:
        await seen.page.locator(".found .row").first.wait_for()
        await expect(seen.page.locator(".found mark").first).to_be_attached()
        field = seen.page.get_by_role("textbox", name="Note for colleagues")
        await seen.page.get_by_role("tab", name="Note").dispatch_event("click")
        await field.fill("\n".join(STRINGS).encode("utf-8", "replace").decode())
        await seen.page.get_by_role("tab", name="Reply").dispatch_event("click")
        await seen.page.get_by_role("tab", name="Note").dispatch_event("click")
        await seen.shows("desk-composer textarea", LONG)
        await seen.page.keyboard.press("Escape")
        await seen.page.locator("body").press("Control+k")
        await seen.page.keyboard.type("canned")
        await seen.page.keyboard.press("Enter")
        await seen.shows("desk-canning li bdi", SHORT)
        for one in SHORT[: len(texts)]:
            await seen.page.locator("desk-canning li button").filter(has_text=one).first.click()
        await seen.shows("desk-canning input", SHORT[len(texts) - 1 : len(texts)])
