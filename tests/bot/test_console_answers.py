"""The page Answers in a real browser: found, edited with a preview, approved, made live, gone back to."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.bot.console_desk import LAPTOP, TABLET, fits, sign_in, staffed
from tests.bot.served import Client, served
from tests.bot.widget_page import CHROMIUM, Opened, complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LARGEST = 200_000  # bytes of a picture
HOSTILE = "<img src=x onerror=alert(1)> **bold**"
FIRST = "which order?"  # in the answer that the tests edit


@pytest_asyncio.fixture(loop_scope="module")
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(staffed(tmp_path, "Puddle & Pine")) as found:
        yield found


async def answers(client: Client, opened: Opened, name: str = "Mia", path: str = "") -> Page:
    page = await opened(f"{client.url}/console/answers{path}", viewport=LAPTOP)
    await sign_in(page, name)
    await expect(page.get_by_role("region", name="Answers")).to_be_visible()
    return page


async def edit(page: Page, text: str) -> None:
    await page.get_by_role("link").filter(has_text=FIRST).first.click()
    field = page.get_by_label("Text", exact=True)
    await expect(field).not_to_have_value("")
    await field.fill(text)


async def test_an_answer_goes_from_draft_to_live_and_back(client: Client, opened: Opened) -> None:
    page = await answers(client, opened)
    await edit(page, f"Look under My orders. {HOSTILE}")
    shown = page.get_by_label("For everybody")
    await expect(shown.locator(".bubble").first).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(shown.locator(".bubble b")).to_have_text("bold")
    await expect(shown.locator(".telegram")).to_contain_text("bold")
    await page.get_by_role("button", name="Save as draft").click()
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("button", name="Make it live").click()
    versions = page.get_by_role("region", name="Versions")
    await expect(versions.get_by_role("listitem")).to_have_count(4)
    assert (await client.say("order"))["text"].startswith("Look under My orders.")
    await versions.get_by_role("button", name="Go back to what was trained").click()
    await expect(versions.get_by_role("listitem")).to_have_count(5)
    assert not (await client.say("order", visitor="bob"))["text"].startswith("Look under")


async def test_what_cannot_be_said_is_told_while_it_is_written(
    client: Client, opened: Opened
) -> None:
    page = await answers(client, opened)
    await edit(page, "Hello {{ nmae }}")
    await expect(page.get_by_role("alert")).to_contain_text("nmae")
    await expect(page.get_by_role("alert")).to_contain_text("did you mean name?")
    await expect(page.get_by_role("button", name="Save as draft")).to_be_disabled()
    await page.get_by_label("Text", exact=True).fill("Hello {{ name }}")
    await expect(page.get_by_role("alert")).to_contain_text("{{ name | default: '...' }}")
    await page.get_by_label("Text", exact=True).fill("Hello {{ name | default: 'you' }}")
    await expect(page.get_by_label("For everybody")).to_contain_text("Hello Ada")
    await page.get_by_text("Where nothing is known").click()
    await expect(page.get_by_label("For everybody")).to_contain_text("Hello you")
    await page.get_by_label("Text", exact=True).press("Control+s")
    await expect(page.get_by_role("region", name="Versions")).to_contain_text("Version 1")


async def saved_by_bob(client: Client, text: str, *, live: bool = False, **more: object) -> str:
    """Let somebody else save the answer that is edited here, and perhaps make it live; returns its id."""
    listed = (await client.get("/api/v1/templates", operator=True))[1]["templates"]
    one = next(row for row in listed if FIRST in row["text"])
    path = f"/api/v1/templates/{one['id']}"
    row = (await client.get(path, operator=True))[1]["template"] | {"text": text, **more}
    body = {"operator": "bob", "version": 0, "template": row}
    assert (await client.ask("PUT", path, operator=True, json=body))[0] == 200
    if live:
        seen = {"operator": "bob", "version": 1}
        assert (await client.post(f"{path}/live", seen, operator=True))[0] == 200
    return str(one["id"])


async def test_whoever_was_slower_sees_both_and_may_save_theirs_over_it(
    client: Client, opened: Opened
) -> None:
    page = await answers(client, opened)
    await edit(page, "Mine is longer.")
    name = await saved_by_bob(client, "Ours is longer.")
    await page.get_by_role("button", name="Save as draft").click()
    both = page.get_by_role("region", name="Saved by two")
    await expect(both.get_by_role("alert")).to_contain_text("bob saved version 1")
    await expect(both.locator("del")).to_have_text("Ours")
    await expect(both.locator("ins")).to_have_text("Mine")
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Mine is longer.")
    await both.get_by_role("button", name="Save mine over it").click()
    await expect(page.get_by_role("region", name="Versions")).to_contain_text("Version 2")
    _, found = await client.get(f"/api/v1/templates/{name}", operator=True)
    assert [one["operator"] for one in found["versions"]] == ["", "bob", "Mia"]
    assert found["template"]["text"] == "Mine is longer."


async def test_whoever_was_slower_may_take_the_others(client: Client, opened: Opened) -> None:
    page = await answers(client, opened)
    await edit(page, "Mine.")
    await saved_by_bob(client, "Ours.")
    await page.get_by_role("button", name="Save as draft").click()
    await page.get_by_role("button", name="Take theirs").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Ours.")
    await expect(page.get_by_role("region", name="Saved by two")).to_have_count(0)


async def test_what_is_written_is_kept_while_another_answer_is_looked_at(
    client: Client, opened: Opened
) -> None:
    page = await answers(client, opened)
    await edit(page, "Half a thought")
    await page.get_by_role("link").filter(has_text="Cold water").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Cold water.")
    await page.get_by_role("link").filter(has_text=FIRST).click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Half a thought")
    await page.get_by_role("button", name="Discard").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile(FIRST))


async def test_buttons_and_wordings_are_written_and_seen(client: Client, opened: Opened) -> None:
    page = await answers(client, opened)
    await edit(page, "Look under My orders.")
    await page.get_by_label("Button 1").fill("My orders")
    await page.get_by_label("Says 1").fill("where are my orders")
    await page.get_by_label("Says 1").press("Tab")
    everybody = page.get_by_label("For everybody")
    await expect(everybody.get_by_role("listitem").filter(has_text="My orders")).to_have_count(2)
    await page.get_by_role("button", name="Another wording").click()
    await page.get_by_label("Text of the wording").fill("Tap below.")
    telegram = page.get_by_label("for telegram")
    await expect(telegram.locator(".telegram")).to_have_text("Tap below.")
    await page.get_by_role("button", name="Save as draft").click()
    versions = page.get_by_role("region", name="Versions")
    await expect(versions).to_contain_text("For telegram")
    await expect(versions).to_contain_text("Also changed: quick replies")


async def test_a_question_is_tried_out_with_its_evidence(client: Client, opened: Opened) -> None:
    page = await answers(client, opened, "Vic")
    await page.keyboard.press("t")
    await page.keyboard.type("near my order <img src=x onerror=alert(1)>")
    await page.keyboard.press("Enter")
    said = page.get_by_role("region", name="What it says")
    await expect(said).to_contain_text("Hello there, which order?")
    await expect(page.get_by_role("region", name="Why", exact=True)).to_contain_text(
        re.compile("95.% sure. It answers from 90.% on, and asks back from 50.% on")
    )
    rests = page.get_by_role("region", name="What it rests on")
    await expect(rests).to_contain_text("where did my parcel go")
    await page.get_by_label("A question, as a customer would write it").fill("page")
    await page.get_by_role("button", name="Ask").click()
    await expect(rests).to_contain_text("care: Boots")
    await expect(rests).to_contain_text("Rinse them, dry them slowly.")
    await page.get_by_label("A question, as a customer would write it").fill("order")
    await page.get_by_role("button", name="Ask").click()
    await said.get_by_role("link", name="order-ask").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile(FIRST))


async def test_a_draft_is_tried_beside_what_is_given_now(client: Client, opened: Opened) -> None:
    page = await answers(client, opened)
    await edit(page, "Look under My orders.")
    question = page.get_by_label("A question, as a customer would write it")
    await question.fill("order")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("region", name="Now: what it says")).to_contain_text(FIRST)
    await expect(page.get_by_role("region", name="With the draft: what it says")).to_contain_text(
        "Look under My orders."
    )
    await expect(page.get_by_role("region", name="Why", exact=True)).to_have_count(1)
    await page.get_by_label("Questions that it answers").fill("any news of my socks")
    await question.fill("any news of my socks")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("region", name="With the draft: why")).to_contain_text(
        "Settled by what was taught: any news of my socks"
    )
    await question.fill("return")
    await question.press("Enter")
    box = page.get_by_role("region", name="Try a question")
    await expect(box).to_contain_text("With the draft of order-ask the customer gets the same.")
    assert FIRST in (await client.say("order"))["text"]


async def test_a_question_is_tried_for_a_language_and_a_group(
    client: Client, opened: Opened
) -> None:
    await saved_by_bob(
        client,
        "Which one?",
        live=True,
        variants=[{"text": "Welche?", "language": "de"}],
        only_for=["business"],
    )
    page = await answers(client, opened, "Vic")
    await page.get_by_label("A question, as a customer would write it").fill("order")
    await page.get_by_label("Answered in").select_option("German")
    await page.get_by_label("Asked by").select_option("business")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("region", name="What it says")).to_contain_text("Welche?")


async def test_what_is_to_be_looked_at_is_told_and_found(client: Client, opened: Opened) -> None:
    page = await answers(client, opened, path="?state=flagged")
    rows = page.get_by_role("region", name="Answers").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await rows.filter(has_text="Sixty days").click()
    look = page.get_by_role("region", name="To look at")
    await expect(look).to_contain_text("return-gift is for the same case")
    await look.get_by_role("link", name="return-gift").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Gifts go back too.")
    await page.get_by_role("button", name="Retire").click()
    await expect(look).to_have_count(0)
    await expect(page).to_have_url(re.compile("state=flagged"))


async def test_an_answer_under_a_changed_page_is_right_as_it_is_or_not(
    client: Client, opened: Opened, tmp_path: Path
) -> None:
    await saved_by_bob(client, "Rinse them, see /pages/boots.", live=True)
    (tmp_path / "pages").mkdir()
    page_of = tmp_path / "pages" / "boots.md"
    page_of.write_text("# Boots\n\nRinse them.\n")
    os.utime(page_of)
    page = await answers(client, opened, path="?state=flagged")
    await page.get_by_role("link").filter(has_text="Page changed").click()
    look = page.get_by_role("region", name="To look at")
    await expect(look).to_contain_text("The page boots, which it leads to, changed on")
    await look.get_by_role("button", name="It is right as it is").click()
    await expect(look).to_have_count(0)
    await expect(page.get_by_role("region", name="Versions")).to_contain_text("Version 3")
    assert "Rinse them" in (await client.say("order"))["text"]


async def test_what_customers_turn_down_leads_to_what_they_asked(
    client: Client, opened: Opened
) -> None:
    for visitor in ("ada", "bob", "cyd"):
        said = await client.say("order", visitor=visitor)
        rating = {"visitor": visitor, "message_id": said["message_id"], "value": "down"}
        await client.post("/api/v1/feedback", rating)
    await listed(client, "disliked")
    page = await answers(client, opened, "Vic", "/order-ask")
    look = page.get_by_role("region", name="To look at")
    await expect(look).to_contain_text("3 of the 3 customers with a thumb turned it down since")
    await look.get_by_role("link", name="See what they asked").click()
    await expect(page).to_have_url(re.compile("/console/inbox.*intent=order_status"))


async def listed(client: Client, kind: str) -> None:
    """Wait until something is flagged so: what customers do is counted behind the log."""
    async with asyncio.timeout(30):
        while kind not in str((await client.get("/api/v1/templates", operator=True))[1]):  # noqa: ASYNC110 - as a console sees it
            await asyncio.sleep(0.05)


async def test_answers_are_found_and_a_viewer_only_reads(client: Client, opened: Opened) -> None:
    page = await answers(client, opened, "Vic", "?q=order")
    rows = page.get_by_role("region", name="Answers").get_by_role("listitem")
    await expect(rows.filter(has_text=FIRST)).to_have_count(1)
    await page.keyboard.press("j")
    await expect(page.get_by_label("Text", exact=True)).to_have_attribute("readonly", "")
    await expect(page.get_by_role("button", name="Save as draft")).to_have_count(0)
    await expect(page.get_by_label("For everybody")).to_contain_text("Order [order_number] is")
    await page.keyboard.press("/")
    await page.keyboard.type(" mia nothing")
    await expect(page).to_have_url(re.compile("q="))
    await expect(rows.filter(has_text=FIRST)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_it_fits(
    client: Client, opened: Opened, tmp_path: Path, scheme: str
) -> None:
    page = await opened(
        f"{client.url}/console/answers", viewport=LAPTOP, color_scheme=scheme, bypass_csp=True
    )
    ends = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    await saved_by_bob(client, f"Hello there, {FIRST}", live=True, valid_until=ends)
    await sign_in(page, "Mia")
    await edit(
        page,
        "Thank you{% if name %}, {{ name }}{% endif %}. You see **where it is** under My orders.",
    )
    await page.get_by_role("button", name="Save as draft").click()
    await expect(page.get_by_role("region", name="Versions")).to_contain_text("Version 3")
    await expect(page.get_by_label("For everybody")).to_contain_text("Ada")
    await expect(page.get_by_role("region", name="To look at")).to_contain_text("Its last day")
    await page.get_by_label("A question, as a customer would write it").fill("near my order")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("region", name="With the draft: what it says")).to_be_visible()
    await page.get_by_text("Who gets it").click()
    assert await complaints(page) == []
    if scheme == "light":
        picture = Path(os.environ.get("FRONTDESK_PICTURES", tmp_path)) / "console-answers.png"
        await page.reload()
        await expect(page.get_by_label("For everybody")).to_contain_text("Ada")
        await page.screenshot(path=picture)
        assert picture.stat().st_size < LARGEST
    await page.set_viewport_size(TABLET)
    assert await fits(page)
