"""The onlooker sees what runs: pages that show a string as markup are caught, and the same page is calm with the string as text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from tests.bot import hostile
from tests.bot.onlooker import looking_at
from tests.bot.served import serving
from tests.bot.widget_page import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
CAUGHT = {
    hostile.SCRIPTS[0]: "alert(1)",
    hostile.SCRIPTS[2]: "evil.example",
    hostile.HANDLERS[0]: "alert(20)",
    hostile.FOREIGN[0]: "alert(60)",
    hostile.FRAMES[1]: "window.ran",
    hostile.FRAMES[16]: ": <base href",
    "<a href='java\tscript:alert(103)'>x</a>": "an address that runs",
    "<form action=x></form>": "a form that leads somewhere",
    "<a target=_blank href=https://elsewhere.example>x</a>": "a link that hands itself over",
    "<p style='background:url(x)'>x": "a style",
    "<script>eval('alert(1)')</script>": "eval(alert(1))",
    "<script>document.write('x')</script>": "document.write(x)",
    "<script>setTimeout('alert(1)')</script>": "setTimeout(alert(1)",
    "<script>throw Error('it broke')</script>": "it broke",
    "<img name=cookie>": "document.cookie is an element",
    "<script>Object.prototype.ran = 1</script>": "every object has ran",
    "<script>location = 'data:text/plain,x'</script>": "",
    "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img src=x>": "img-src",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def careless() -> AsyncIterator[str]:
    """A site that shows what it is told: /markup as it is, /text as text."""

    async def shown(request: web.Request) -> web.Response:
        words = request.query["q"]
        body = words if request.path == "/markup" else escape(words)
        page = f"<!doctype html><html><head><title>x</title></head><body><main>{body}</main></body></html>"
        return web.Response(text=page, content_type="text/html")

    async def nothing(_: web.Request) -> web.Response:
        return web.Response(status=404)

    routes = [web.get("/markup", shown), web.get("/text", shown), web.get("/{any}", nothing)]
    async with serving(routes) as url:
        yield url


@pytest.mark.parametrize("string", CAUGHT)
async def test_what_runs_is_caught(browser: Browser, careless: str, string: str) -> None:
    with pytest.raises(AssertionError) as caught:
        async with looking_at(browser, f"{careless}/markup", q=string) as seen:
            await seen.page.wait_for_function("document.readyState === 'complete'")
    assert CAUGHT[string] in str(caught.value)


async def test_the_same_as_text_is_calm(browser: Browser, careless: str) -> None:
    async with looking_at(browser, f"{careless}/text", q="\n".join(CAUGHT)) as seen:
        await seen.shows("main", [*CAUGHT])


async def test_what_is_not_shown_as_it_is_is_missed(browser: Browser, careless: str) -> None:
    async with looking_at(browser, f"{careless}/text", q="a <b> constructor of things") as seen:
        assert await seen.lacking("main", ["a <b>", "of\u202e\u00a0things", "constructor"]) == [
            "constructor"
        ]
        assert await seen.lacking("main", ["a <b> constructor of cabins", "a <i>"]) == [
            "a <b> constructor of cabins",
            "a <i>",
        ]
