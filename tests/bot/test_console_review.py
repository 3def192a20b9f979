"""The console's review page in a real browser: labels by the keyboard alone, groups, undo, disagreement, and who may."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from conversations.audit import drawn
from tests.bot.console_desk import LAPTOP, fits, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
REVIEW = "/api/v1/review"
LARGEST = 200_000  # bytes of a picture
ASKED = (
    "maybe the parcel went to my neighbour, can you look where it is",
    "is there a shop near me, or maybe one that takes returns",
    "these boots leak, what now",
    "do you deliver to Norway before Friday",
    "the zip of my coat is stuck, maybe you repair that",
    "can I wash the rain coat with the red lining at 40 degrees",
    "somebody else signed for my order",
    "I want to return only one of the two",
    "the code in your letter does not work",
    "who do I speak to about a wrong invoice",
    "my dog ate the left glove, do you sell single ones",
    "is the wool itchy, maybe for small children",
)
LATE = "my order should be near by now, where is the parcel and who has it"
TWIN = "how long may I keep the tent from your shop before it has to go back"


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path, "Puddle & Pine")) as found:
        yield found


async def reviewing(client: Client, opened: Opened, name: str = "Mia", **options: Any) -> Page:
    page = await opened(f"{client.url}/console/review", **({"viewport": LAPTOP} | options))
    await sign_in(page, name)
    await page.locator(".review[aria-busy=false]").wait_for()
    return page


async def ask(client: Client, *texts: str, sampled: bool = False) -> list[str]:
    """Let visitors ask until the last of it is in the audit sample, or is not; returns the ids of what they said."""
    return [await said(client, text, sampled) for text in texts]


async def said(client: Client, text: str, sampled: bool) -> str:
    visitors = count()
    while True:
        one: str = (await client.say(text, visitor=f"{text} {next(visitors)}"))["in_reply_to"]
        if drawn(one) == sampled:
            return one


async def post(client: Client, path: str, **body: object) -> Any:
    status, answer = await client.post(f"{REVIEW}/{path}", body, operator=True)
    assert status == 200, answer
    return answer


async def left(client: Client) -> list[dict[str, Any]]:
    _, page = await client.get(f"{REVIEW}?limit=100", operator=True)
    tickets: list[dict[str, Any]] = page["tickets"]
    return tickets


async def kept(page: Page, decisions: int) -> None:
    """Wait until the server has what was decided: the page goes on before."""
    await expect(page.locator(".today")).to_contain_text(f"{decisions} by you today")


def question(page: Page) -> Locator:
    return page.locator(".question")


@pytest.mark.parametrize(
    ("view", "coming", "come"),
    [
        ("", "The questions to label are on their way.", "Nothing to label"),
        ("/suspects", "The labels in doubt are on their way.", "No label is in doubt"),
        ("/topics", "The new topics are on their way.", "No new topics"),
    ],
)
async def test_the_page_shows_its_frame_before_its_list_has_come(
    client: Client, opened: Opened, view: str, coming: str, come: str
) -> None:
    page = await reviewing(client, opened)
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await page.route("**/api/v1/review**", late)
    await page.goto(f"{client.url}/console/review{view}")
    await expect(page.get_by_role("heading", name="Review", level=1)).to_be_visible()
    await expect(page.get_by_text(coming)).to_be_visible()
    assert await complaints(page) == []
    arrives.set()
    await expect(page.get_by_role("heading", name=come)).to_be_visible()


async def test_twenty_questions_are_labelled_with_two_keys_each(
    client: Client, opened: Opened
) -> None:
    await ask(client, *(f"maybe question{n} about{n} things{n}" for n in range(24)))
    page = await reviewing(client, opened)
    await expect(page.locator(".queue li")).to_have_count(24)
    for n in range(20):
        seen = await question(page).inner_text()
        await page.keyboard.press(str(n % 4 + 1))
        await page.keyboard.press("Enter")
        await expect(question(page)).not_to_have_text(seen)
    await kept(page, 20)
    assert len(await left(client)) == 4


async def test_the_proposed_label_is_given_by_one_key_and_ten_decisions_are_taken_back(
    client: Client, opened: Opened
) -> None:
    await ask(client, *(f"maybe word{n}" for n in range(10)))
    page = await reviewing(client, opened)
    await expect(page.get_by_role("radio", name="Where my order is")).to_be_checked()
    first = await question(page).inner_text()
    for key in ["Enter", "Backspace"] * 5:
        await page.keyboard.press(key)
    await expect(page.get_by_role("heading", name="Nothing to label")).to_be_visible()
    await kept(page, 10)
    for n in range(10):
        await page.keyboard.press("u")
        await expect(page.locator(".queue li")).to_have_count(n + 1)
    await expect(question(page)).to_have_text(first)
    await page.keyboard.press("u")
    await expect(page.locator(".acts")).to_contain_text("You have no decision to take back.")
    assert len(await left(client)) == 10


async def test_of_a_sample_nothing_is_picked_and_what_the_bot_thinks_is_not_shown(
    client: Client, opened: Opened
) -> None:
    await ask(client, "maybe a sample", sampled=True)
    page = await reviewing(client, opened)
    await expect(page.get_by_text("Sample", exact=True).first).to_be_visible()
    await expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    await expect(page.locator(".review .score")).to_have_count(0)
    await expect(page.get_by_text("Proposed:")).to_have_count(0)
    await expect(page.get_by_role("heading", name="The bot asked back")).to_have_count(0)
    titles = await page.locator(".choice .title").all_inner_texts()
    assert titles[:-1] == sorted(titles[:-1], key=str.casefold)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Pick a label first")).to_be_visible()
    await page.keyboard.press("2")
    await page.keyboard.press("Enter")
    await kept(page, 1)
    assert await left(client) == []


async def test_a_label_is_found_by_its_title_without_the_mouse(
    client: Client, opened: Opened
) -> None:
    [about] = await ask(client, "my coat went grey")
    page = await reviewing(client, opened)
    await page.keyboard.press("/")
    await page.keyboard.type("repair")
    await expect(page.get_by_role("option")).to_have_text(["Where my repair isrepair_status"])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio", name="Where my repair is")).to_be_checked()
    await page.keyboard.press("Enter")
    await kept(page, 1)
    await post(client, "decisions", messages=[about], intent="washing_care", operator="Bob")
    [ticket] = await left(client)
    assert {"operator": "Mia", "intent": "repair_status"} in ticket["labels"]


async def test_near_duplicates_are_one_decision_and_may_be_left_out(
    client: Client, opened: Opened
) -> None:
    for more in ("", " now", " please"):
        await ask(client, f"{TWIN}{more}")
    page = await reviewing(client, opened)
    boxes = page.get_by_role("checkbox")
    await expect(page.get_by_text("2 more that say nearly this")).to_be_visible()
    await page.keyboard.press("g")
    await expect(boxes.first).not_to_be_checked()
    await boxes.last.check()
    await page.keyboard.press("Enter")
    await expect(boxes).to_have_count(0)
    await expect(question(page)).to_be_visible()  # the one that was left out stands for itself
    await page.keyboard.press("0")
    await page.keyboard.press("Enter")
    await kept(page, 2)
    await expect(page.get_by_role("heading", name="Nothing to label")).to_be_visible()
    assert await left(client) == []


async def test_two_who_disagree_are_seen_and_the_decision_settles_it(
    client: Client, opened: Opened
) -> None:
    about = await ask(client, "order maybe")
    await post(client, "decisions", messages=about, intent="order_status", operator="Ann")
    await post(client, "decisions", messages=about, intent="return_item", operator="Bob")
    page = await reviewing(client, opened)
    says = page.locator(".labels")
    await expect(says).to_contain_text("Ann says")
    await expect(says).to_contain_text("Sending something back")
    await page.keyboard.press("Enter")
    await kept(page, 1)
    await expect(page.get_by_role("heading", name="Nothing to label")).to_be_visible()
    assert await left(client) == []


async def test_the_examples_nearest_to_a_question_stand_beside_it(
    client: Client, opened: Opened
) -> None:
    await ask(client, ASKED[1])
    page = await reviewing(client, opened)
    evidence = page.get_by_role("complementary", name="Evidence")
    await expect(evidence).to_contain_text("where did my parcel go")
    await expect(evidence).to_contain_text("80 % alike")


async def test_what_a_customer_writes_is_text_and_nothing_else(
    client: Client, opened: Opened
) -> None:
    nasty = "<img src=x onerror=alert(1)><b>maybe</b>"
    await ask(client, nasty)
    page = await reviewing(client, opened)
    await expect(question(page)).to_have_text(nasty)
    assert await page.locator(".review img, .review b").count() == 0


async def test_who_is_no_trainer_may_look_and_no_more(client: Client, opened: Opened) -> None:
    await ask(client, "maybe this", "maybe that")
    page = await reviewing(client, opened, "Ann")
    first = await question(page).inner_text()
    await page.keyboard.press("Enter")
    await page.keyboard.press("j")
    await expect(question(page)).not_to_have_text(first)
    await expect(page.get_by_text("Labels are given by trainers")).to_be_visible()
    assert len(await left(client)) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_and_its_picture_is_taken(
    client: Client, opened: Opened, tmp_path: Path, scheme: str
) -> None:
    await ask(client, *ASKED, TWIN)
    for more in ("today", "please"):
        await ask(client, f"{LATE} {more}")
    answer = await client.say(LATE, visitor="eve")
    await client.post(
        "/api/v1/feedback",
        {"message_id": answer["message_id"], "value": "down", "comment": "I know the number"},
    )
    page = await reviewing(client, opened, color_scheme=scheme)
    assert await complaints(page) == []
    docs = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path))
    file = (docs if scheme == "light" else tmp_path) / "console-review.png"
    await page.screenshot(path=file)
    assert 10_000 < file.stat().st_size < LARGEST
    for key in ("j", "f", "/"):
        await page.keyboard.press(key)
    await page.get_by_role("option").first.wait_for()
    assert await complaints(page) == []


@pytest.mark.parametrize("width", [1280, 820])
async def test_nothing_is_cut_off_from_right_to_left_or_on_a_tablet(
    client: Client, opened: Opened, width: int
) -> None:
    await ask(client, *ASKED[:4])
    page = await reviewing(client, opened, viewport={"width": width, "height": 720})
    await page.keyboard.press("Control+k")
    await page.keyboard.type("turn the console")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert await fits(page)
    assert await complaints(page, ".review") == []
