"""The knowledge pages of a desk, under the addresses that quotes of them link to: read only, and nothing in them runs."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from bot.channels.bodies import named
from bot.pages.showing import missing, page_file, shown
from retrieval.enclosures import PAGES

KEPT = 64  # pages; to make one of a million characters takes seconds
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def page_routes(desk: Path, name: str, language: str) -> list[web.RouteDef]:
    """Return the route of the pages of the desk in the folder `desk`, which is called `name` and speaks `language`."""
    made = lru_cache(KEPT)(shown)

    def read(page: str) -> tuple[int, str]:
        try:
            if file := page_file(desk, page):
                return 200, made(file.read_text(encoding="utf-8-sig"), page, name, language)
        except (OSError, UnicodeDecodeError):
            pass  # it went, or was broken, since the desk learned it
        return 404, missing(page, name)

    async def given(request: web.Request) -> web.Response:
        status, text = await asyncio.to_thread(read, request.match_info["name"])
        return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)

    return [web.get(f"/{PAGES}/{named('name')}", given)]
