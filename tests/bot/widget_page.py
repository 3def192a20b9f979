"""What the widget's tests in a real browser share: a watched page, and what is found on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable

from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Locator, Page, Request, ViewportSize, expect

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
"""
POLICY = (  # what a careful site sends: nothing but its own scripts, and none of them inline
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
Opened = Callable[..., Awaitable[Page]]


def watch(page: Page, url: str, faults: list[str]) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:")):
            faults.append(request.url)

    def logged(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            faults.append(message.text)

    page.on("request", asked)
    page.on("console", logged)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Write a message")


def bubbles(page: Page, kind: str) -> Locator:
    return page.locator(f"frontdesk-widget .log .{kind} .bubble")


async def ready(page: Page, words: str = "") -> Page:
    """Wait until the open panel and all its parts are there; these words are being written in it then."""
    await expect(composer(page)).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await expect(composer(page)).to_have_value(words)
    return page


async def say(page: Page, text: str) -> None:
    await composer(page).fill(text)
    await composer(page).press("Enter")


async def complaints(page: Page, within: str | None = None) -> list[str]:
    """Return what axe finds fault with, on the whole page or within a selector."""
    found = (await Axe().run(page, within)).response["violations"]
    return [f"{v['id']}: {json.dumps([n['html'] for n in v['nodes']])[:300]}" for v in found]


def host_page(path: str, head: str) -> web.RouteDef:
    """Return a page of somebody else's with this in its head, under a strict policy."""

    async def show(request: web.Request) -> web.Response:
        start = "<!doctype html><html lang=en><head><meta charset=utf-8><title>A page</title>"
        text = f"{start}{head}</head><body><h1>Theirs</h1><a href=#>Link</a></body>"
        headers = {"Content-Security-Policy": POLICY}
        return web.Response(text=text, content_type="text/html", headers=headers)

    return web.get(path, show)
