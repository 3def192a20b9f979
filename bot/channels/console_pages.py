"""
The operators' console as files: one page for every path under /console, and the modules that it is made of.

There is no build step: the modules are served as they stand in `bot/static/console`, and Lit as its authors publish it. The page's
import map is its only inline script, and the policy names it by its hash. The page names what the first view is made of, so that it is
fetched together, at addresses that hold the hash of all files: a browser that has them asks for none of them again.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Mapping
from functools import partial

from aiohttp import web

from bot.channels.web_assets import Asset, serve, static

FOLDERS = ("console/", "vendor/")
FIRST = ("console/app.js", "console/pages/inbox.js")  # whose modules the first view is made of
_AT = "/console/static/"
_ONCE = {"Cache-Control": "public, max-age=31536000, immutable"}
_NAMED = re.compile(r'(?:^import |\bfrom |^await styled\(new URL\()"(\.{1,2}/[^"]+)"', re.MULTILINE)
_BEFORE = b'<script type="module"'
_MAP = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)


def routes() -> list[web.RouteDef]:
    """Return the routes; who is signed in is not asked: there is nothing of the desk's in these files."""
    files = static()
    modules = {path: body for path, body in sorted(files.items()) if _is_module(path)}
    edition = hashlib.sha256(repr(modules).encode()).hexdigest()[:12]
    page = _page(files["console/index.html"], modules, edition)
    page_headers = {"Content-Security-Policy": policy(page)}
    show = partial(serve, Asset.of("index.html", page), page_headers)
    return [
        *(
            web.get(address(path), partial(_serve, edition, Asset.of(path, body), page_headers))
            for path, body in modules.items()
        ),
        web.get("/console", show),
        web.get("/console/{path:(?!static/).*}", show),
    ]


def address(path: str, edition: str = "{edition:[0-9a-f]{12}}") -> str:
    """Return where a file of the package is served: at an address of its edition, or the pattern of all."""
    return f"{_AT}{edition}/{path.removeprefix('console/')}"


async def _serve(
    edition: str, asset: Asset, headers: Mapping[str, str], request: web.Request
) -> web.Response:
    """Answer with a file of today; a console that was opened before an upgrade gets it at the address of yesterday."""
    once = _ONCE if request.match_info["edition"] == edition else {}
    return await serve(asset, {**headers, **once}, request)


def needed(entry: str, files: Mapping[str, bytes]) -> set[str]:
    """Return a module with all that it imports at once, and the style sheets that it waits for."""
    found, waiting = set[str](), [entry]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.endswith(".js"):
            named = _NAMED.findall(files[path].decode())
            waiting += [posixpath.normpath(f"{posixpath.dirname(path)}/{one}") for one in named]
    return found


def _page(page: bytes, modules: Mapping[str, bytes], edition: str) -> bytes:
    """Return the page with the addresses of an edition, and a link for each module of the first view."""
    first = set[str]().union(*(needed(entry, modules) for entry in FIRST))
    links = [
        f'<link rel="modulepreload" href="{address(path, edition)}">\n    '
        for path in sorted(first)
        if path.endswith(".js")
    ]
    whole = page.replace(_AT.encode(), f"{_AT}{edition}/".encode())
    return whole.replace(_BEFORE, "".join(links).encode() + _BEFORE, 1)


def policy(page: bytes) -> str:
    """Return what the console's page may do: its own scripts and styles, its own server, and Lit's templates as the only markup."""
    [inline] = _MAP.findall(page)
    digest = base64.b64encode(hashlib.sha256(inline).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; "
        "connect-src 'self'; img-src 'self' data: blob:; font-src 'none'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
        "trusted-types lit-html"
    )


def _is_module(path: str) -> bool:
    return path.startswith(FOLDERS) and not path.endswith(".html")
