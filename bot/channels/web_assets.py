"""
The widget's and the pages' files, read once from the package and served with one strict policy.

There is no build step: what is served is what stands in `bot/static`; the widget's panel goes over the wire as one script,
see `bot.channels.web_slim`.
"""

from __future__ import annotations

import gzip
import hashlib
import html
from dataclasses import dataclass
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web

from bot.channels.web_loader import LOST, loader_in, wished
from bot.channels.web_slim import beside, joined, needed_from_above, slim

CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_LOADER = "widget.js"
_PANEL = "widget/"
_LATER = f"{_PANEL}later/"
_APART = ("console/", "vendor/")  # the console's, see `bot.channels.console_pages`
_ENTRIES = frozenset({"panel.js", "opener.js"})  # what the loader asks for, beside the languages
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}
# A module script from another origin is fetched with CORS: the company's own pages embed the widget.
_EMBEDDABLE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it goes over the wire."""

    body: bytes
    gzipped: bytes
    etag: str
    content_type: str

    @classmethod
    def of(cls, name: str, body: bytes) -> Asset:
        content_type = _TYPES["." + name.rpartition(".")[2]]
        digest = hashlib.sha256(body).hexdigest()[:32]
        return cls(body, gzip.compress(body, 9, mtime=0), digest, content_type)


def routes(page: str, name: str) -> list[web.RouteDef]:
    """Return a route per file, `/` for the page (`shop` or `plain`) of the desk called `name`, and the pages for site owners."""
    files = {path: body for path, body in static().items() if not path.startswith(_APART)}
    pages = {path: body for path, body in files.items() if path.endswith(".html")}
    front = pages["page.html" if page == "shop" else "plain.html"]
    served = {"/": front, "/demo": pages["demo.html"], "/demo/states": pages["states.html"]}
    called = html.escape(name).encode()
    return [
        *(
            web.get(
                path, partial(serve, Asset.of("page.html", body.replace(b"{{name}}", called)), {})
            )
            for path, body in served.items()
        ),
        *(_route(path, body) for path, body in sorted(wire(files).items())),
    ]


def wire(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files that go over the wire: scripts slimmed, and the panel's modules as one, with which its later parts share."""
    scripts = {path: body.decode() for path, body in files.items() if path.endswith(".js")}
    modules = {
        path.removeprefix(_PANEL): script
        for path, script in scripts.items()
        if path.startswith(_PANEL) and path.count("/") == 1
    }
    later = {path: script for path, script in scripts.items() if path.startswith(_LATER)}
    shared = {name for script in later.values() for name in needed_from_above(script)}
    scripts |= {path: beside(script, "panel.js") for path, script in later.items()}
    scripts[f"{_PANEL}panel.js"] = joined(modules, "panel.js", shared)
    for name in set(modules) - _ENTRIES:
        del scripts[_PANEL + name]
    others = {path: body for path, body in files.items() if not path.endswith((".js", ".html"))}
    return others | {path: slim(script).encode() for path, script in scripts.items()}


def static() -> dict[str, bytes]:
    """Return the files of the package that browsers get, by their path under `bot/static`."""
    return dict(_files(resources.files("bot") / "static"))


def _files(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{prefix}{entry.name}/")
        elif "." + entry.name.rpartition(".")[2] in _TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def _route(path: str, body: bytes) -> web.RouteDef:
    if path == _LOADER:
        return web.get(f"/{path}", partial(_serve_loader, _loaders(body.decode())))
    asset = Asset.of(path, body)
    if path.startswith(_PANEL):
        return web.get(f"/{path}", partial(serve, asset, _EMBEDDABLE))
    return web.get(f"/static/{path}", partial(serve, asset, {}))


def _loaders(script: str) -> dict[str, Asset]:
    return {locale: Asset.of(_LOADER, loader_in(locale, script).encode()) for locale in LOST}


async def _serve_loader(loaders: dict[str, Asset], request: web.Request) -> web.Response:
    asset = loaders[wished(request.headers.get("Accept-Language", ""))]
    varying = {"Vary": "Accept-Encoding, Accept-Language"}
    return await serve(asset, _EMBEDDABLE | varying, request)


async def serve(asset: Asset, extra: dict[str, str], request: web.Request) -> web.Response:
    """Answer with a file, under the strict policy but for what `extra` headers say."""
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    tag = asset.etag + ("-gz" if packed else "")
    headers = _HEADERS | extra | {"ETag": f'"{tag}"'}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = asset.content_type
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=asset.gzipped if packed else asset.body, headers=headers)
