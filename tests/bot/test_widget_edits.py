"""What an operator edits changes where it stands, is announced once, and is there after a return; what the desk refuses is said in the visitor's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from conversations.edits import edited_message
from conversations.events import Enclosed, OperatorEdited, OperatorWrote, Recorded
from tests.bot.web_desk import Desk
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, complaints, say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
ANNOUNCED = """() => {
  window.added = [];
  const log = document.querySelector("frontdesk-widget").shadowRoot.querySelector("[role=log]");
  const each = (records) => { for (const { addedNodes } of records) added.push(...[...addedNodes].map((node) => node.textContent)); };
  new MutationObserver(each).observe(log, { childList: true, subtree: true });
}"""


async def written(desk: Desk, text: str, files: tuple[Enclosed, ...] = ()) -> Recorded:
    """Let Mira write into the only conversation."""
    conversation_id = (await desk.log.search("please"))[0].conversation_id
    wrote = OperatorWrote(message_id=f"o {text}", operator="Mira", text=text, files=files)
    return await desk.log.append(conversation_id, wrote)


async def edited(desk: Desk, wrote: Recorded, text: str, replaces: int) -> Recorded:
    assert isinstance(wrote.event, OperatorWrote)
    edit = OperatorEdited(
        message_id=f"e {text}",
        corrects=wrote.event.message_id,
        replaces=replaces,
        operator="Mira",
        text=text,
    )
    assert edited_message([wrote], edit) == wrote.event
    return await desk.log.append(wrote.conversation_id, edit)


async def test_an_edit_takes_the_place_of_what_was_said_and_is_announced_alone(
    running: Desk, opened: Opened, tmp_path: Path
) -> None:
    page = await opened(running.url, bypass_csp=True)
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    first = await written(running, "It costs 5.")
    await written(running, "Anything else?")
    await expect(bubbles(page, "operator")).to_have_text(["It costs 5.", "Anything else?"])
    await page.evaluate(ANNOUNCED)
    await page.evaluate(
        "() => { window.heard = []; frontdesk.on('message', (one) => heard.push(one)); }"
    )
    edit = await edited(running, first, "It costs **7**.", first.seq)
    shown = ["EditedIt costs 7.", "Anything else?"]
    await expect(bubbles(page, "operator")).to_have_text(shown)
    assert await page.evaluate("added") == ["EditedIt costs 7."]
    (said,) = await page.evaluate("heard")
    assert (said["kind"], said["edits"]) == ("operator", "o It costs 5.")
    await edited(running, first, "No: 8.", edit.seq)
    shown[0] = "EditedNo: 8."
    await expect(bubbles(page, "operator")).to_have_text(shown)
    assert await complaints(page, "frontdesk-widget") == []
    await page.screenshot(path=tmp_path / "edited.png")
    await page.reload()
    await expect(bubbles(page, "operator")).to_have_text(shown)


async def test_an_edit_that_was_missed_is_made_up_for_when_the_line_is_back(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "a person please")
    first = await written_to(page, running)
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await edited(running, first, "It costs 7.", first.seq)
    await page.context.set_offline(False)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(bubbles(page, "operator")).to_have_text(["EditedIt costs 7."])


async def written_to(page: Page, desk: Desk) -> Recorded:
    await expect(bubbles(page, "bot")).to_have_count(1)
    first = await written(desk, "It costs 5.")
    await expect(bubbles(page, "operator")).to_have_text(["It costs 5."])
    return first


async def test_words_for_a_file_that_came_without_any_stand_above_it(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await say(page, "a person please")
    await expect(bubbles(page, "bot")).to_have_count(1)
    label = Enclosed(file_id="f1", name="label.pdf", type="application/pdf", size=86_400)
    sent = await written(running, "", (label,))
    await expect(page.locator(".operator .card")).to_have_count(1)
    await edited(running, sent, "Your label.", sent.seq)
    await expect(bubbles(page, "operator")).to_have_text(["EditedYour label."])
    await expect(page.locator(".operator .bubble + .enclosed .card")).to_contain_text("label.pdf")


async def test_what_the_desk_refuses_is_said_in_the_visitors_language(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url + "demo")
    await page.evaluate("frontdesk.setLocale('fr')")
    await page.evaluate("frontdesk.send('full')")
    await expect(page.locator(".failed .meta")).to_contain_text("Votre message")
    await page.evaluate("frontdesk.send('busy')")
    status = page.locator("frontdesk-widget").get_by_role("status")
    await expect(status).to_contain_text("pas fonctionné.")
