"""The widget for everyone: axe in every state, the keyboard, what screen readers hear, motion, directions, colours."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.channels.web_face import DeskFace
from tests.bot.web_desk import NAME, Desk, served
from tests.bot.widget_page import CHROMIUM, PHONE, WIDE, Opened, bubbles, complaints, composer, say
from tests.bot.widget_states import CLOSED, STATES, address, show

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
ACCENTS = ["#1d5c4f", "#ffe14d", "#e8e8e8", "#111111"]

PAINTED = """() => getComputedStyle(document.querySelector("frontdesk-widget")).getPropertyValue("--link-night")"""


@pytest.mark.parametrize(
    ("turn", "theme", "locale"),
    [(at, *each) for at, each in enumerate(product(("light", "dark"), ("en", "ar")))],
)
async def test_axe_finds_nothing_in_any_state(
    running: Desk, opened: Opened, turn: int, theme: str, locale: str
) -> None:
    page = await opened(address(running.url, STATES[0]), color_scheme=theme, bypass_csp=True)
    found = {}
    for at, state in enumerate(STATES):
        accent = ACCENTS[(at + turn) % len(ACCENTS)]
        await show(page, running.url, state, theme=theme, locale=locale, accent=accent)
        found[state] = await complaints(page)
    assert {state: said for state, said in found.items() if said} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "demo"])
async def test_axe_finds_nothing_on_the_pages_around_it(
    tmp_path: Path, port: int, opened: Opened, scheme: str, path: str
) -> None:
    async with served(tmp_path / "log.db", port, face=DeskFace(NAME, "Hello")) as desk:
        page = await opened(desk.url + path, color_scheme=scheme, bypass_csp=True)
        await page.wait_for_function(
            "document.querySelector('frontdesk-widget').matches(':defined')"
        )
        assert await complaints(page, within="body") == []


async def test_the_keyboard_alone_opens_asks_rates_and_returns(
    tmp_path: Path, port: int, opened: Opened
) -> None:
    async with served(tmp_path / "log.db", port, face=DeskFace(NAME, "Hello")) as desk:
        page = await opened(desk.url + "demo")
        await page.locator("main a").last.focus()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(composer(page)).to_be_focused()
        await page.keyboard.type("How long?")
        await page.keyboard.press("Enter")
        await expect(bubbles(page, "bot")).to_have_count(1)
        await reach(page, "This did not help", backwards=True)
        await page.keyboard.press("Enter")
        await reach(page, "Out of date")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Thank you, that helps us.")).to_be_focused()
        await reach(page, "More", backwards=True)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("switch", name="Sound")).to_be_visible()
        await page.keyboard.press("Escape")  # the menu first
        await expect(page.get_by_role("switch", name="Sound")).to_be_hidden()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
        await page.keyboard.press("Shift+Tab")  # no trap
        await expect(page.locator("main a").last).to_be_focused()


async def reach(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until this has the focus, twenty times at most."""
    wanted = page.get_by_role("button", name=name, exact=True)
    for _ in range(20):
        if await wanted.evaluate("(node) => node.getRootNode().activeElement === node"):
            return
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
    await expect(wanted).to_be_focused()


async def test_on_a_phone_the_focus_stays_in_the_panel(running: Desk, opened: Opened) -> None:
    page = await opened(running.url, viewport=PHONE)
    await page.get_by_role("button", name="Open the chat").click()
    within = (
        "document.querySelector('frontdesk-widget').shadowRoot.activeElement?.closest('.panel')"
    )
    await page.wait_for_function(within)  # before it is there, the keyboard is still the page's
    for _ in range(15):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") == "frontdesk-widget"


async def test_on_a_phone_the_focus_stays_in_the_panel_backwards_from_its_opening_too(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url, viewport=PHONE, has_touch=True, is_mobile=True)
    await page.get_by_role("button", name="Open the chat").tap()
    await expect(page.get_by_role("dialog")).to_be_focused()
    for _ in range(15):
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate("document.activeElement.localName") == "frontdesk-widget"
        assert await page.evaluate("frontdesk.shadowRoot.activeElement?.closest('.panel') != null")


async def test_the_dialog_is_modal_where_it_covers_the_page_and_only_there(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_have_attribute("aria-modal", "false")
    await page.wait_for_load_state("networkidle")
    for viewport, modal in ((PHONE, "true"), (WIDE, "false"), (PHONE, "true")):
        await page.set_viewport_size(viewport)
        await expect(dialog).to_have_attribute("aria-modal", modal)
    await page.get_by_role("button", name="Close the chat").click()
    await page.set_viewport_size(WIDE)
    await page.get_by_role("button", name="Open the chat").click()
    await expect(dialog).to_have_attribute("aria-modal", "false")


HEARD = """
window.heard = [];
const log = document.querySelector("frontdesk-widget").shadowRoot.querySelector("[role=log]");
new MutationObserver((records) => {
  for (const record of records) {
    if (record.target.closest("[aria-live=off]")) continue;
    for (const node of record.addedNodes) {
      const said = node.cloneNode(true);
      said.querySelectorAll?.("[aria-live=off]").forEach((part) => part.remove());
      heard.push(said.textContent.trim());
    }
  }
}).observe(log, { childList: true, subtree: true });
"""


async def test_a_screen_reader_hears_each_message_once_and_no_history(
    running: Desk, opened: Opened
) -> None:
    page = await opened(running.url)
    await expect(page.get_by_text("What can we do for you?")).to_be_visible()
    await page.evaluate(HEARD)
    for number, text in enumerate(("echo one", "echo two"), start=1):
        await say(page, text)
        await expect(bubbles(page, "bot")).to_have_count(number)
    heard = [text for text in await page.evaluate("heard") if text]
    assert [text.split(":")[-1].strip() for text in heard] == ["echo one", "one", "echo two", "two"]
    assert await page.get_by_role("log").count() == 1

    other = await page.context.new_page()
    await other.add_init_script(
        "addEventListener('frontdesk-open', () => setTimeout(() => {"
        + HEARD
        + "}), { once: true })"
    )
    await other.goto(running.url)
    await expect(bubbles(other, "bot")).to_have_count(2)
    assert await other.evaluate("heard") == []
    await other.get_by_role("button", name="Close the chat").click()
    await expect(other.get_by_role("log")).to_have_count(0)  # not in the tree


@pytest.mark.parametrize("locale", ["ar", "he"])
async def test_a_language_from_right_to_left_mirrors_the_panel(
    running: Desk, opened: Opened, locale: str
) -> None:
    page = await opened(address(running.url, "operator", locale=locale))
    box = await page.get_by_role("dialog").bounding_box()
    close = await page.locator(".close").bounding_box()
    mine = await page.locator(".customer .bubble").bounding_box()
    assert box is not None and close is not None and mine is not None  # noqa: PT018
    assert box["x"] == 24
    assert close["x"] - box["x"] < 30
    assert mine["x"] - box["x"] < 30


async def test_nothing_moves_for_those_who_ask_for_calm(running: Desk, opened: Opened) -> None:
    page = await opened(address(running.url, "operator"))
    running_now = (
        "document.querySelector('frontdesk-widget').shadowRoot.getAnimations()"
        ".filter((a) => a.playState === 'running').length"
    )
    for state in STATES:
        await show(page, running.url, state)
        assert await page.evaluate(running_now) == 0, state


async def test_forced_colours_leave_borders(running: Desk, opened: Opened) -> None:
    page = await opened(address(running.url, "answer"), forced_colors="active")
    for part in (".panel", ".bot .bubble", ".send", ".composer"):
        width = await page.locator(part).first.evaluate(
            "(node) => getComputedStyle(node).borderTopWidth"
        )
        assert width != "0px", part


async def test_targets_are_large_enough(running: Desk, opened: Opened) -> None:
    page = await opened(address(running.url, "welcome"))
    small = {}
    for state in STATES:
        await show(page, running.url, state)
        sizes = await page.locator("frontdesk-widget button").evaluate_all(
            "nodes => nodes.map((n) => [n.getAttribute('aria-label') || n.textContent, n.getBoundingClientRect()])"
        )
        for name, box in sizes:
            if box["width"] and min(box["width"], box["height"]) < 24:
                small[state, name] = box
    assert small == {}


async def test_it_reflows_on_a_screen_of_320_pixels(running: Desk, opened: Opened) -> None:
    page = await opened(address(running.url, "files"), viewport={"width": 320, "height": 640})
    for state in STATES[len(CLOSED) :]:
        await show(page, running.url, state)
        wide = await page.get_by_role("dialog").evaluate("(node) => node.scrollWidth")
        assert wide <= 320, state
        await expect(composer(page)).to_be_in_viewport()


async def test_any_accent_is_readable(running: Desk, opened: Opened) -> None:
    """1,331 accents on a grid over all colours, each set as a page would set it, read back from the panel's own styles."""
    page = await opened(address(running.url, "answer"))
    await page.wait_for_function(PAINTED)
    worst = await page.evaluate(
        """() => {
          const widget = document.querySelector("frontdesk-widget");
          const light = ([r, g, b]) => [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0.05);
          const parts = (name) => getComputedStyle(widget).getPropertyValue(name).match(/\\d+/g).map(Number);
          const ratio = (a, b) => Math.max(light(a) / light(b), light(b) / light(a));
          const grounds = { day: [240, 243, 241], night: [42, 51, 49] };
          let worst = 21;
          for (let r = 0; r < 256; r += 25.5) for (let g = 0; g < 256; g += 25.5) for (let b = 0; b < 256; b += 25.5) {
            const hex = [r, g, b].map((v) => Math.floor(v).toString(16).padStart(2, "0")).join("");
            widget.setAttribute("accent", "#" + hex);
            for (const time of ["day", "night"]) {
              worst = Math.min(worst, ratio(parts(`--fill-${time}`), parts(`--on-fill-${time}`)), ratio(parts(`--link-${time}`), grounds[time]));
            }
          }
          return worst;
        }"""
    )
    assert worst >= 4.5
