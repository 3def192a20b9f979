"""
The operators' console as files: one document for every path under /console, and the modules that it is made of.

There is no build step: the modules are served as they stand in `bot/static/console`, and Lit as its authors publish it. The document's
import map is its only inline script, and the policy names it by its hash. It names all that the page at its address is made of, so that
this is fetched together, at addresses that hold the hash of all files: a browser that has them asks for none of them again.
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
EARLY, SHELL = "console/early.js", "console/app.js"  # the scripts of every page
USUAL = "inbox"  # the page of an address that names none
# What a page fetches by itself once it is there, as it can do without.
LATER = {"numbers": ("vendor/uplot/uPlot.iife.min.js", "vendor/uplot/uPlot.min.css")}
_AT = "/console/static/"
_ONCE = {"Cache-Control": "public, max-age=31536000, immutable"}
_NAMED = re.compile(r'(?:^import |\bfrom |^await styled\(new URL\()"(\.{1,2}/[^"]+)"', re.MULTILINE)
_EARLY, _SHELL = b'<script type="module" async', b'<script type="module" src'
_MAP = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)


def routes() -> list[web.RouteDef]:
    """Return the routes; who is signed in is not asked: there is nothing of the desk's in these files."""
    files = static()
    modules = {path: body for path, body in sorted(files.items()) if _is_module(path)}
    edition = hashlib.sha256(repr(modules).encode()).hexdigest()[:12]
    document = files["console/index.html"].replace(_AT.encode(), f"{_AT}{edition}/".encode())
    page_headers = {"Content-Security-Policy": policy(document)}
    pages = {
        name: Asset.of("index.html", _linked(document, name, modules, edition))
        for name in _names(modules)
    }
    show = partial(_show, pages, page_headers)
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


async def _show(
    pages: Mapping[str, Asset], headers: Mapping[str, str], request: web.Request
) -> web.Response:
    """Answer with the document, which names what the page of this address is made of."""
    name = request.match_info.get("path", "").partition("/")[0]
    return await serve(pages.get(name, pages[USUAL]), dict(headers), request)


def parts(name: str, files: Mapping[str, bytes]) -> set[str]:
    """Return what a page is made of, the shell around it and Lit included."""
    lit = {path for path in files if path.startswith("vendor/lit/") and path.endswith(".js")}
    entries = (EARLY, SHELL, f"console/pages/{name}.js")
    return lit.union(*(needed(entry, files) for entry in entries), LATER.get(name, ()))


def _names(files: Mapping[str, bytes]) -> list[str]:
    folder = "console/pages/"
    return [
        path.removeprefix(folder).removesuffix(".js") for path in files if path.startswith(folder)
    ]


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


def _linked(document: bytes, name: str, files: Mapping[str, bytes], edition: str) -> bytes:
    """Return the document of a page: before each script stand links to what it needs, which is fetched together then, and before it is asked for."""
    early = needed(EARLY, files)
    for script, wanted in ((_EARLY, early), (_SHELL, parts(name, files) - early)):
        links = "".join(_link(path, edition) for path in sorted(wanted))
        document = document.replace(script, links.encode() + script, 1)
    return document


def _link(path: str, edition: str) -> str:
    how = 'rel="modulepreload"' if path.endswith(".js") else 'rel="preload" as="fetch" crossorigin'
    return f'<link {how} href="{address(path, edition)}">\n    '


def policy(document: bytes) -> str:
    """Return what the console's document may do: its own scripts and styles, its own server, and Lit's templates as the only markup."""
    [inline] = _MAP.findall(document)
    digest = base64.b64encode(hashlib.sha256(inline).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; "
        "connect-src 'self'; img-src 'self' data: blob:; font-src 'none'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "
        "trusted-types lit-html"
    )


def _is_module(path: str) -> bool:
    return path.startswith(FOLDERS) and not path.endswith(".html")
