"""
Lighthouse's scores of a blank page and of the same page with the widget, in turn, so that both see the same machine.

Lighthouse is not part of the project: whoever measures has it and says how it is called (`npx lighthouse`, or the path of its command).
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import statistics
from collections.abc import Sequence

from aiohttp import web

from tests.bot.widget_page import CHROMIUM

VISITS = 5  # the median counts; each takes about twenty seconds
CATEGORIES = ("performance", "accessibility", "best-practices")
_ASKED = (
    "--output=json",
    "--quiet",
    "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    f"--only-categories={','.join(CATEGORIES)}",
)
Scores = dict[str, float]


def page(path: str, head: str) -> web.RouteDef:
    """Return a page that Lighthouse itself has nothing against, with this in its head."""

    async def show(request: web.Request) -> web.Response:
        text = (
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>A page</title>"
            '<meta name=viewport content="width=device-width, initial-scale=1">'
            f"<link rel=icon href=data:,>{head}</head><body><main><h1>A page</h1><p>Of words.</p></main></body></html>"
        )
        return web.Response(text=text, content_type="text/html")

    return web.get(path, show)


async def compared(command: str, blank: str, with_widget: str) -> dict[str, tuple[float, float]]:
    """Return by category the median score, 0 to 100, of the blank page and of the other."""
    seen = [
        (await scores(command, blank), await scores(command, with_widget)) for _ in range(VISITS)
    ]
    return {
        name: (median([one[name] for one, _ in seen]), median([other[name] for _, other in seen]))
        for name in CATEGORIES
    }


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


async def scores(command: str, url: str) -> Scores:
    """Return the scores of one visit with Lighthouse's own defaults: a phone on slow 4G."""
    environment = os.environ | {"CHROME_PATH": CHROMIUM or ""}
    process = await asyncio.create_subprocess_exec(
        *shlex.split(command),
        url,
        *_ASKED,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"Lighthouse failed with {process.returncode}")
    found = json.loads(said)["categories"]
    return {name: found[name]["score"] * 100 for name in CATEGORIES}
