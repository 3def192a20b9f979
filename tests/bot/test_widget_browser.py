"""The widget in a real browser, against a real desk on the loopback."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.channels.web_face import DeskFace
from conversations.events import Decided, Heard, OperatorWrote
from tests.bot.web_desk import CHOICES, NAME, SUGGESTION, TO_A_PERSON, Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, complaints, composer, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),  # one browser, one loop
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


async def test_a_visitor_asks_chooses_rates_and_reloads(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "How long does delivery take?")
    await expect(bubbles(page, "bot").first).to_contain_text("Parcels take 2 to 4 working days")
    link = page.get_by_role("link", name="the delivery page")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await page.get_by_role("button", name="This helped").click()
    await say(page, "parcel")
    await page.locator(".choice", has_text=CHOICES[0].label).click()
    await expect(page.locator(".choice").first).to_be_disabled()
    await expect(bubbles(page, "customer")).to_have_count(3)
    await expect(bubbles(page, "bot")).to_have_count(3)
    await expect(page.locator(".pending")).to_have_count(0)

    await page.reload()
    await expect(bubbles(page, "customer")).to_have_count(3)
    await expect(bubbles(page, "bot")).to_have_count(3)
    thumb = page.get_by_role("button", name="This helped").first
    await expect(thumb).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".choice.taken")).to_have_text(CHOICES[0].label)


async def test_a_suggestion_under_an_answer_is_asked_with_a_tap(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "time")
    offered = page.get_by_role("group", name="What others asked next").get_by_role("button")
    await expect(offered).to_have_text([SUGGESTION.label])
    await offered.click()
    await expect(bubbles(page, "customer").last).to_have_text(SUGGESTION.label)
    await expect(bubbles(page, "bot")).to_have_count(2)
    await expect(offered).to_be_disabled()
    heard = [r.event for r in await running.log.events(0, 50) if isinstance(r.event, Heard)]
    assert [one.chosen for one in heard] == ["", SUGGESTION.value]


async def test_nothing_is_kept_before_the_first_message(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    assert await page.evaluate("localStorage.length") == 0
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    kept = await page.evaluate("Object.keys(localStorage)")
    assert {key.rpartition("/")[2] for key in kept} == {"token", "seen"}
    assert await page.context.cookies() == []


async def test_a_restart_in_between_loses_and_doubles_nothing(
    tmp_path: Path, port: int, opened: Opened
) -> None:
    async with served(tmp_path / "log.db", port, life="1") as first:
        page = await opened(first.url)
        await say(page, "echo before")
        await expect(bubbles(page, "bot")).to_have_text(["before"])
    await say(page, "echo one while away")
    await say(page, "echo two while away")
    await expect(page.locator(".pending")).to_have_count(2)
    await expect(page.get_by_role("status")).to_contain_text("will be sent")
    async with served(tmp_path / "log.db", port, life="2") as second:
        await page.evaluate("dispatchEvent(new Event('online'))")
        said = ["before", "one while away", "two while away"]
        await expect(bubbles(page, "bot")).to_have_text(said)
        await expect(bubbles(page, "customer")).to_have_text([f"echo {text}" for text in said])
        await expect(page.get_by_role("status")).to_have_text("")
        await page.reload()
        await expect(bubbles(page, "bot")).to_have_text(said)
        assert await said_and_answered(second) == (3, 3)


async def said_and_answered(desk: Desk) -> tuple[int, int]:
    visitor = await desk.log.visitor_of((await desk.log.search("before"))[0].conversation_id)
    assert visitor is not None
    history = await desk.log.history(await desk.log.current(visitor.visitor_id) or "")
    heard = [recorded for recorded in history if isinstance(recorded.event, Heard)]
    decided = [recorded for recorded in history if isinstance(recorded.event, Decided)]
    return len(heard), len(decided)


async def test_what_was_written_while_the_desk_was_away_survives_a_closed_tab(
    tmp_path: Path, port: int, opened: Opened
) -> None:
    async with served(tmp_path / "log.db", port) as first:
        page = await opened(first.url)
        await say(page, "echo before")
        await expect(bubbles(page, "bot")).to_have_count(1)
    await say(page, "echo later")
    await expect(page.locator(".pending")).to_have_count(1)
    async with served(tmp_path / "log.db", port, life="2"):
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.reload()  # the panel stays closed, and yet:
        await page.get_by_role("button", name="Open the chat, 1 new").click()
        await expect(bubbles(page, "bot")).to_have_text(["before", "later"])
        await expect(page.locator(".pending")).to_have_count(0)


SCRIPTS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    '[x](https://a.example/"onmouseover=alert(1))',
    "**<b onclick=alert(1)>bold</b>**",
    "javascript:alert(1)",
    "\u202e<a href=//evil.example>",
]


async def test_scripts_stay_text_on_both_sides(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    for at, script in enumerate(SCRIPTS, start=1):
        await say(page, f"echo {script}")
        await expect(bubbles(page, "bot")).to_have_count(at)
    assert await bubbles(page, "customer").all_inner_texts() == [f"echo {s}" for s in SCRIPTS]
    assert (
        await page.locator(".log :is(img, script, svg[onload], [onclick], [onerror])").count() == 0
    )
    hrefs = await page.locator(".log a").evaluate_all("links => links.map((link) => link.href)")
    assert all(href.startswith("https://a.example/") for href in hrefs)


async def test_a_person_is_always_in_reach(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(bubbles(page, "bot")).to_have_text([TO_A_PERSON])
    await expect(page.get_by_role("status")).to_have_text("A person will answer here.")
    conversation = (await running.log.waiting())[0]
    wrote = OperatorWrote(message_id="o1", operator="ida", text="Ida here, **hello**.")
    await running.log.append(conversation, wrote)
    await expect(bubbles(page, "operator")).to_have_text(["Ida here, hello."])


async def test_a_refused_message_can_be_tried_again(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "full")
    await expect(page.locator(".failed .meta")).to_contain_text("could not be kept")
    await say(page, "echo next")
    await expect(bubbles(page, "bot")).to_have_text(["next"])
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".failed .meta")).to_contain_text("could not be kept")


async def test_typing_is_shown_and_goes(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "slow question")
    await expect(page.locator(".typing")).to_be_visible()
    running.intake.go.set()
    await expect(bubbles(page, "bot")).to_have_count(1)
    await expect(page.locator(".typing")).to_be_hidden()


async def test_the_keyboard_is_enough(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await page.keyboard.press("Escape")  # outside the panel: nobody's
    await composer(page).focus()
    await page.keyboard.type("first line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second line")
    await page.keyboard.press("Enter")
    await expect(bubbles(page, "customer")).to_have_text(["first line\nsecond line"])
    await expect(bubbles(page, "bot")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_be_focused()


async def test_enter_inside_a_composition_does_not_send(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await composer(page).fill("退款")
    await composer(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(composer(page)).to_have_value("退款")
    await expect(bubbles(page, "customer")).to_have_count(0)


async def test_a_closed_panel_counts_what_is_new(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "slow question")
    await expect(page.locator(".typing")).to_be_visible()
    await page.get_by_role("button", name="Close the chat").click()
    running.intake.go.set()
    await expect(page.get_by_role("button", name="Open the chat, 1 new")).to_be_visible()
    await page.get_by_role("button", name="Open the chat, 1 new").click()
    await expect(bubbles(page, "bot")).to_be_visible()


async def test_a_suggestion_of_the_shop_fills_the_composer(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await page.get_by_role("button", name="Do you ship to Norway?").click()
    await expect(composer(page)).to_have_value("Do you ship to Norway?")
    await expect(composer(page)).to_be_focused()


async def test_a_second_tab_joins_the_conversation(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    other = await page.context.new_page()
    await other.goto(running.url)
    await expect(other.get_by_text("What can we do for you?")).to_be_visible()
    await say(page, "echo from the first")
    await expect(bubbles(other, "bot")).to_have_text(["from the first"])
    await say(other, "echo from the second")
    await expect(bubbles(page, "bot")).to_have_text(["from the first", "from the second"])


async def test_a_phone_gets_the_whole_screen(running: Desk, opened: Opened) -> None:
    page = await opened(running.url, has_touch=True, viewport={"width": 390, "height": 844})
    await page.get_by_role("button", name="Open the chat").click()
    box = await page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    await expect(composer(page)).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page_name", ["shop", "plain"])
async def test_axe_finds_nothing(
    tmp_path: Path, port: int, opened: Opened, scheme: str, page_name: str
) -> None:
    face = DeskFace(NAME, "Hello, what can we do?", "shop" if page_name == "shop" else "plain")
    async with served(tmp_path / "log.db", port, face=face) as desk:
        page = await opened(desk.url, color_scheme=scheme, bypass_csp=True)
        await say(page, "time")
        await page.get_by_role("button", name="This helped").click()
        assert await complaints(page) == []
        await say(page, "parcel")
        await expect(bubbles(page, "bot")).to_have_count(2)
        assert await complaints(page) == []
        await page.locator(".choice", has_text=CHOICES[0].label).click()
        await say(page, "full")
        await page.get_by_role("button", name="Talk to a person").click()
        await expect(page.get_by_role("status")).to_have_text("A person will answer here.")
        assert await complaints(page) == []
        await page.get_by_role("button", name="Close the chat").click()
        assert await complaints(page) == []


async def test_reduced_motion_moves_nothing(running: Desk, opened: Opened) -> None:
    page = await opened(running.url)
    await say(page, "hello")
    await expect(bubbles(page, "bot")).to_have_count(1)
    running_now = "document.getAnimations().filter((a) => a.playState === 'running').length"
    assert await page.evaluate(running_now) == 0
