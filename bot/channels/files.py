"""The files of a desk that its answers come with, from its folder files/: read only, none that is hidden or elsewhere."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.channels.problems import Problem
from retrieval.enclosures import FILE, FILES

# Whatever the file holds, a browser runs nothing of it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def file_of(desk: Path, url: str, at: str = "") -> Path | None:
    """
    Return the file of the desk in the folder `desk` that an address means, None where it means none.

    Args:
        at: where customers reach the desk's page, empty where they do not.
    """
    name = url.removeprefix(at.rstrip("/")).lstrip("/")
    folder = (desk / FILES).resolve()
    file = (desk / name).resolve() if FILE.fullmatch(name) else folder
    return file if file.parent == folder and file.is_file() else None


def file_routes(desk: Path) -> list[web.RouteDef]:
    """Return the route of the files of the desk in the folder `desk`."""

    async def given(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        file = file_of(desk, f"{FILES}/{name}")
        if file is None:
            raise Problem(404, f"There is no file {name!r}.")
        return web.FileResponse(file, headers=HEADERS)

    return [web.get(f"/{FILES}/{{name}}", given)]
