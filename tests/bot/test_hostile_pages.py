"""Hundreds of strings that would run if they were taken for more than text, on every page of the console but the inbox."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.desk import Desk
from conversations.text import printable
from tests.bot.hostile import STRINGS
from tests.bot.hostile_desk import SECOND, alerted, asked, hostile_desk
from tests.bot.onlooker import Onlooker, looking_at, pieces
from tests.bot.served import FIRST, Client, served
from tests.bot.test_suspects import FILE, suspect
from tests.bot.test_topics import keep
from tests.bot.widget_page import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
PAGE = "all-of-it"
USERS = (
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "then",
    "undefined",
    "null",
    "NaN",
)
WHOLE = [
    one for one in STRINGS if not set(one) & set("\ud800\udfff")
]  # no half signs: a file holds none
LONG = [one for one in WHOLE if len("".join(one.split())) > 20]  # found among others, too
PLAIN = [
    one for one in STRINGS if not set(one) & set("<>[]`*_\\&!\ud800\udfff")
]  # the same as Markdown


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk of whose files and log every field holds the strings."""
    desk = hostile_desk(tmp_path_factory.mktemp("desk"))
    messages = await asked(desk)
    await alerted(desk, messages)
    named = [" ".join(piece) for piece in pieces(WHOLE, 300)]
    suspect(
        desk.folder,
        *(
            {**FILE, "text": one, "place": one, "proposed": STRINGS[at]}
            for at, one in enumerate(named)
        ),
    )
    keep(
        desk.folder, *((one, [message]) for one, (message, _) in zip(named, messages, strict=False))
    )
    _pages(desk.folder / "pages")
    _releases(desk)
    return desk


def _pages(folder: Path) -> None:
    folder.mkdir()
    for at, one in enumerate(STRINGS):
        line = " ".join(one.split())
        text = f"---\ntitle: {line}\nurl: {line}\n---\n\n## {line}\n\n{one}\n"
        (folder / f"p{at}.md").write_text(text, encoding="utf-8", errors="replace")
    links = "".join(f"\n\n## {one}\n\n{one}\n\n[x]({one})\n\n![x]({one})\n" for one in STRINGS)
    (folder / f"{PAGE}.md").write_text(links, encoding="utf-8", errors="replace")


def _releases(desk: Desk) -> None:
    shelf = desk.shelf
    for piece in pieces(STRINGS, 400):
        shelf.promote(SECOND, because=printable(" ".join(piece)))
    shelf.promote(FIRST)
    row = {"intent": "", "support": 1, "recall": 1.0, "precision": 1.0, "f1": 1.0}
    report = {
        "regime": STRINGS[0],
        "promises": {one: one for one in STRINGS},
        "validation": {
            "questions": 1,
            "accuracy": 1.0,
            "intents": [{**row, "intent": one} for one in STRINGS],
        },
    }
    (shelf.releases / SECOND / "report.json").write_text(json.dumps(report))
    at = datetime.now(UTC).isoformat()
    nights = [
        {"at": at, "outcome": "refused", "why": " ".join(piece), "seconds": 1.0, "counts": {}}
        for piece in pieces(STRINGS, 400)
    ]
    (desk.folder / "nights.jsonl").write_text("".join(json.dumps(night) + "\n" for night in nights))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(desk: Desk) -> AsyncIterator[Client]:
    async with served(desk) as found:
        yield found


GROWN = """
([rows, many]) => document.querySelectorAll(rows).length > many || ![...document.querySelectorAll("button")].some((one) => /^Show (more|all)/.test(one.textContent.trim()))
"""


async def more(seen: Onlooker, rows: str) -> None:
    """Have all rows shown, page by page."""
    page = seen.page
    await page.locator(rows).first.wait_for()
    button = page.get_by_role("button", name=re.compile("^Show (more|all)"))
    while await button.count():
        many = await page.locator(rows).count()
        await button.first.click()
        await page.wait_for_function(GROWN, arg=[rows, many])


async def test_numbers(browser: Browser, client: Client) -> None:
    for split in ("intent", "answer", "channel", "language", "release"):
        async with looking_at(
            browser, f"{client.url}/console/numbers", "Ann", by=split, days="7"
        ) as seen:
            await more(seen, "desk-tables tbody tr")
            given = (
                STRINGS[::2] if split == "answer" else STRINGS
            )  # the others were handed to a person
            await seen.shows("desk-tables th bdi", given)
            if split == "intent":
                await seen.shows("desk-alerts bdi", LONG)


async def test_review(browser: Browser, client: Client) -> None:
    for view in ("", "/suspects", "/topics"):
        async with looking_at(browser, f"{client.url}/console/review{view}", "Mia") as seen:
            items = seen.page.locator(".queue .item")
            await items.first.wait_for()
            texts = [one for one in await items.locator(".text").all_inner_texts() if one.strip()]
            many = len(texts)
            if view:
                small = [
                    one
                    for one in LONG
                    if one == one.lower() and "_" not in one and not one[0].isalpha()
                ]
                await seen.shows(".queue .text", small if view == "/topics" else LONG)
            for at in range(0, many, 20):
                await items.nth(at).dispatch_event("click")
                await expect(items.nth(at)).to_have_attribute("aria-current", "true")
                await seen.shows(".question", texts[at : at + 1])
            await seen.page.locator(".review input[role=combobox]").fill("script")
            await seen.page.locator(".review [role=option]").first.wait_for()


async def test_answers(browser: Browser, client: Client) -> None:
    kept = [at for at, one in enumerate(STRINGS) if await _saved(client, at, one)]
    assert len(kept) >= 200
    async with looking_at(browser, f"{client.url}/console/answers", "Mia") as seen:
        await seen.shows(".list bdi", [STRINGS[at] for at in kept])
        for at in kept[::25]:
            await seen.page.goto(f"{client.url}/console/answers/t{at}")
            await seen.page.locator(".previews .bubble").first.wait_for()
            for place in (
                "desk-answer textarea",
                "desk-answer input",
                ".versions bdi",
                "desk-answer h2",
            ):
                await seen.shows(place, STRINGS[at : at + 1])
            assert await seen.calm() == []


async def _saved(client: Client, at: int, one: str) -> bool:
    """Save an answer that says the string; what is Liquid in it is refused with a sentence."""
    row = {
        "id": f"t{at}", "intent": "order_status", "title": one, "text": one, "questions": [one, f"{one} 2"],
        "variants": [{"language": "de", "channel": "", "text": one}],
    }  # fmt: skip
    body = {"operator": one, "version": 0, "template": row}
    status, _ = await client.ask("PUT", f"/api/v1/templates/t{at}", operator=True, json=body)
    assert status in {200, 400}
    return status == 200


async def test_knowledge(browser: Browser, client: Client) -> None:
    async with looking_at(browser, f"{client.url}/console/knowledge/{PAGE}", "Mia") as seen:
        await seen.shows(".said-here *", WHOLE)
        await seen.shows(
            ".shelf bdi", [one for one in WHOLE if one[0] != one[-1]]
        )  # those of fields go
        for at in range(0, len(STRINGS) - 30, 25):
            await seen.page.goto(f"{client.url}/console/knowledge/p{at}")
            await seen.shows("#page", STRINGS[at : at + 1])
            assert await seen.calm() == []
    async with looking_at(browser, f"{client.url}/pages/{PAGE}") as seen:
        await seen.shows("main *", PLAIN)
    for one in WHOLE:
        async with client.session.get(f"{client.url}/pages/{quote(one, safe='')}") as got:
            assert got.status == 404


async def test_releases(browser: Browser, client: Client) -> None:
    async with looking_at(browser, f"{client.url}/console/releases/{SECOND}", "Mia") as seen:
        await seen.shows(".why", LONG)
        await seen.shows("desk-release p bdi", WHOLE)
        await seen.shows("desk-release th bdi", WHOLE)


async def test_people(browser: Browser, client: Client) -> None:
    kept = []
    for one in STRINGS:
        name = quote(one[:40].encode("utf-8", "replace"), safe="")
        body = {"operator": one, "text": "x"}
        status, _ = await client.ask("PUT", f"/api/v1/canned/{name}", operator=True, json=body)
        assert status in {200, 400}
        kept += [one] if status == 200 else []
        body = {"operator": one, "name": one, "role": "viewer"}
        status, _ = await client.post("/api/v1/users", body, operator=True)
        assert status == (200 if one in USERS else 400)
    assert len(kept) >= 240
    async with looking_at(browser, f"{client.url}/console/people", "Mia") as seen:
        await more(seen, "desk-audit tbody tr")
        await seen.shows("desk-audit th bdi", kept)
        await seen.shows("desk-audit td bdi", [one[:40] for one in kept if one in WHOLE])
        await seen.shows(".people th bdi", USERS)
        await seen.page.get_by_role("button", name="Change constructor").click()


async def test_addresses(browser: Browser, client: Client) -> None:
    """What stands in an address is a filter or a search, or an id that nothing has."""
    asked = " ".join(STRINGS[::9])[:150].encode("utf-8", "replace").decode()
    for page in ("inbox", "answers", "knowledge", "people", "numbers"):
        names = ("q", "who", "state", "channel", "language", "intent", "by", "show", "release")
        query = dict.fromkeys(names, asked)
        async with looking_at(browser, f"{client.url}/console/{page}", "Mia", **query) as seen:
            await seen.page.locator("main > *").first.wait_for()
            await seen.page.wait_for_load_state("networkidle")
            if page != "numbers":
                await seen.shows("main input[name=q]", [asked])
    for one in STRINGS[::30]:
        path = quote(one.encode("utf-8", "replace"), safe="")
        async with looking_at(browser, f"{client.url}/console/inbox/{path}", "Mia") as seen:
            await seen.shows("[role=alert], .blank", ["There is no conversation"])
