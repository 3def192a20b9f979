"""The widget on somebody's page: one script tag, a strict policy, one request, the methods and events, and nothing left at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, FilePayload, Page, Request, expect

from bot.channels.web_face import DeskFace
from tests.bot.web_desk import NAME, Desk, served
from tests.bot.widget_page import CHROMIUM, Opened, bubbles, composer, host_page, say
from tests.bot.widget_states import address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def bare(tmp_path: Path, port: int) -> AsyncIterator[Desk]:
    """A desk with pages of somebody else's beside it, whose policy allows nothing but the desk."""

    pages = [
        host_page(
            "/head",
            '<script src="/widget.js" defer data-desk="Shop" data-accent="#ffe14d"></script>',
        ),
        host_page("/module", '<script type="module" src="/widget.js"></script>'),
        host_page(
            "/opener",
            '<script src="/widget.js" defer data-opener="Prices? Ask us."'
            ' data-starters="What is it?|And how much?" data-locale="de"></script>',
        ),
    ]
    async with served(
        tmp_path / "log.db", port, face=DeskFace(NAME, "Hello"), beside=pages
    ) as desk:
        yield desk


async def test_one_request_before_anybody_wants_to_talk(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "head")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.reload(wait_until="networkidle")
    paths = [request.url.removeprefix(bare.url) for request in asked]
    assert paths == ["head", "widget.js"]
    assert await page.context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await page.get_by_role("button", name="Open the chat").click()
    await expect(composer(page)).to_be_focused()
    await say(page, "echo hi")
    await expect(bubbles(page, "bot")).to_have_text(["hi"])
    then = [request.url.removeprefix(bare.url) for request in asked[2:]]
    assert [path for path in then if not path.startswith("widget/later/")] == ["widget/panel.js"]


async def test_the_module_form_goes_on_working(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "module")
    await page.get_by_role("button", name="Open the chat").click()
    await say(page, "echo hi")
    await expect(bubbles(page, "bot")).to_have_text(["hi"])


async def test_how_a_page_writes_is_not_how_the_widget_writes(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "module")
    loud = {
        "textTransform": "uppercase",
        "letterSpacing": "6px",
        "whiteSpace": "nowrap",
        "textIndent": "40px",
        "userSelect": "none",
        "visibility": "hidden",
    }
    await page.evaluate("loud => Object.assign(document.body.style, loud)", loud)
    await page.get_by_role("button", name="Open the chat").click()
    await say(page, "echo hi")
    bubble = bubbles(page, "bot")
    await expect(bubble).to_have_text(["hi"])
    own = "(it, names) => { const own = getComputedStyle(it); return Object.fromEntries(names.map((name) => [name, own[name]])) }"
    written = await bubble.evaluate(own, [*loud])
    assert [name for name, value in loud.items() if written[name] == value] == []


async def test_a_page_has_its_own_opener_and_questions_to_ask(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "opener")
    await page.get_by_role("button", name="Prices? Ask us.").click()
    await expect(page.get_by_text("Prices? Ask us.")).to_have_count(1)  # now the greeting
    await page.get_by_role("button", name="And how much?").click()
    await expect(bubbles(page, "customer")).to_have_text(["And how much?"])
    await expect(page.get_by_role("button", name="What is it?")).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Nachricht schreiben")).to_be_visible()


async def test_a_page_talks_to_the_widget_and_hears_it(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "head")
    await page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["open", "close", "ready", "send", "message", "rate", "unread", "error"])
            frontdesk.on(name, (detail) => heard.push([name, detail]));
          window.off = frontdesk.on("open", () => heard.push(["again"]));
          off();
        }"""
    )
    await page.evaluate("frontdesk.send('echo hello')")
    await expect(bubbles(page, "bot")).to_have_text(["hello"])
    await page.get_by_role("button", name="This helped").click()
    await page.evaluate("frontdesk.draft('half a thought')")
    await expect(composer(page)).to_have_value("half a thought")
    await page.evaluate("frontdesk.setLocale('fr-CA')")
    french = page.get_by_role("textbox", name="Écrivez un message")
    await expect(french).to_have_value("half a thought")
    await expect(page.locator(".log .bot .bubble")).to_have_text(["hello"])
    await page.evaluate("frontdesk.setTheme('dark')")
    dark = await page.get_by_role("dialog").evaluate("(n) => getComputedStyle(n).backgroundColor")
    assert dark == "rgb(23, 28, 27)"
    await page.evaluate("frontdesk.close()")
    names = [each[0] for each in await page.evaluate("heard")]
    assert [name for name in names if name not in {"unread", "ready", "open"}] == [
        "send",
        "message",
        "rate",
        "close",
    ]
    assert "again" not in names
    assert {"open", "ready"} <= set(names)


async def test_reset_forgets_the_visitor(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "head")
    await page.evaluate("frontdesk.send('echo mine')")
    await expect(bubbles(page, "bot")).to_have_text(["mine"])
    await page.evaluate("frontdesk.reset()")
    await expect(bubbles(page, "bot")).to_have_count(0)
    assert await page.evaluate("Object.keys(localStorage)") == []
    await say(page, "echo somebody else")
    await expect(bubbles(page, "bot")).to_have_text(["somebody else"])
    await page.reload()
    await page.get_by_role("button", name="Close the chat").wait_for()
    await expect(bubbles(page, "bot")).to_have_text(["somebody else"])


async def listeners(cdp: CDPSession, what: str) -> int:
    found = await cdp.send("Runtime.evaluate", {"expression": what})
    listed = await cdp.send(
        "DOMDebugger.getEventListeners", {"objectId": found["result"]["objectId"]}
    )
    return len(listed["listeners"])


async def test_destroy_leaves_nothing(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "head")
    cdp = await page.context.new_cdp_session(page)
    await page.evaluate("window.element = frontdesk; element.on('open', () => {})")
    await page.evaluate("frontdesk.send('echo hi')")
    await expect(bubbles(page, "bot")).to_have_count(1)
    before = [await listeners(cdp, what) for what in ("window", "document", "element")]
    assert sum(before) > 1
    await page.evaluate("frontdesk.destroy()")
    after = [await listeners(cdp, what) for what in ("window", "document", "element")]
    assert after == [1, 0, 0]  # the one is this test's own, see WATCH
    assert await page.locator("frontdesk-widget").count() == 0
    assert await page.evaluate("'frontdesk' in window") is False
    assert await page.evaluate("element.shadowRoot.querySelectorAll('.panel').length") == 0


async def test_the_badge_counts_what_came_on_another_page(bare: Desk, opened: Opened) -> None:
    page = await opened(bare.url + "head")
    await page.evaluate("frontdesk.send('slow question')")
    await expect(page.locator(".customer .meta")).to_have_text("Received")
    await page.evaluate("frontdesk.close()")
    await page.goto(bare.url + "module")
    bare.intake.go.set()
    await expect(page.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    await page.goto(bare.url + "head")  # and it is still unread there
    await page.get_by_role("button", name="Open the chat, 1 new message").click()
    await page.goto(bare.url + "module")  # it was open, and stays so
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.evaluate("frontdesk.close()")
    await page.reload()
    await expect(page.get_by_role("button", name="Open the chat", exact=True)).to_be_visible()


async def test_a_file_that_is_too_large_is_refused_in_a_sentence(
    bare: Desk, opened: Opened
) -> None:
    page = await opened(bare.url + "head")
    await page.get_by_role("button", name="Open the chat").click()
    large = FilePayload(name="film.mov", mimeType="video/quicktime", buffer=bytes(10_000_001))
    await page.locator("input[type=file]").set_input_files([large], timeout=30_000)
    await expect(page.get_by_role("alert")).to_have_text("film.mov is larger than 10 MB.")
    await page.get_by_role("button", name="Remove film.mov").click()
    await expect(page.locator(".upload")).to_have_count(0)


async def test_sound_is_off_until_it_is_switched_on(running: Desk, opened: Opened) -> None:
    page = await opened(address(running.url, "menu"))
    switch = page.get_by_role("switch", name="Sound")
    await expect(switch).not_to_be_checked()
    await page.evaluate(
        "() => { window.played = 0; const { start } = OscillatorNode.prototype;"
        "OscillatorNode.prototype.start = function (...at) { played += 1; start.apply(this, at); }; }"
    )
    await switch.click()
    await expect(switch).to_be_checked()
    await page.wait_for_function("played === 2")  # two notes


async def test_a_score_is_given_with_one_tap_and_words_if_one_likes(
    running: Desk, opened: Opened
) -> None:
    page = await opened(address(running.url, "score"))
    await heard_from(page)
    await page.get_by_role("button", name="Good").click()
    await page.get_by_role("textbox", name="Anything you would like to add?").fill("Quick!")
    await page.locator(".score").get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    await expect(composer(page)).to_be_focused()
    assert await page.evaluate("heard") == [
        {"score": 4, "comment": ""},
        {"score": 4, "comment": "Quick!"},
    ]


async def heard_from(page: Page) -> None:
    await page.evaluate(
        "() => { window.heard = []; frontdesk.on('score', (detail) => heard.push(detail)); }"
    )
