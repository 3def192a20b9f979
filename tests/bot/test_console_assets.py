"""What the console's files weigh, where they come from, and what its page may do."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.channels import console_pages
from bot.channels.web_assets import static
from tests.bot.served import serving

FIRST_VIEW = 120 * 1024  # bytes gzipped, of the shell and the inbox; other pages come when opened
EXPORT = b"export default uPlot;\n"  # ours: it makes a published script a module
SUM = re.compile(r"^([0-9a-f]{64})  (\S+)$", re.MULTILINE)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(console_pages.routes()) as found:
        yield found


@pytest.mark.parametrize("library", ["lit", "uplot"])
def test_a_library_is_what_its_authors_published(
    request: pytest.FixtureRequest, library: str
) -> None:
    prefix = f"vendor/{library}/"
    readme = request.config.rootpath / "bot" / "static" / prefix / "README.md"
    listed = SUM.findall(readme.read_text(encoding="utf-8"))
    there = {
        path.removeprefix(prefix): hashlib.sha256(body.removesuffix(EXPORT)).hexdigest()
        for path, body in static().items()
        if path.startswith(prefix)
    }
    assert {path: digest for digest, path in listed} == there


def test_the_first_view_is_light() -> None:
    files = static()
    parts = console_pages.parts("inbox", files) | {"console/index.html", "console/console.css"}
    assert {"console/inbox/assist.css", "console/keys.js"} <= parts <= set(files)
    assert not parts & {"console/numbers/chart.js", "console/pages/numbers.js"}
    weights = {path: len(gzip.compress(files[path], 9)) for path in parts}
    assert sum(weights.values()) <= FIRST_VIEW, weights


def test_no_module_makes_markup_of_text() -> None:
    for path, body in static().items():
        if path.startswith("console/") and path.endswith(".js"):
            assert not re.search(
                rb"unsafeHTML|innerHTML|insertAdjacentHTML|\beval\b|style=", body
            ), path


def test_no_style_knows_left_from_right() -> None:
    css = static()["console/console.css"].decode()
    assert not re.findall(r"[{;\s-](?:left|right)\s*[:;]", css)


async def test_every_address_under_console_is_the_page(url: str) -> None:
    async with ClientSession() as session:
        for path in ("/console", "/console/", "/console/inbox/1?state=mine", "/console/people"):
            async with session.get(url + path) as got:
                assert (got.status, got.content_type) == (200, "text/html")
                policy = got.headers["Content-Security-Policy"]
                assert "unsafe" not in policy
                assert "default-src 'none'" in policy
        async with session.get(f"{url}/console/static/none.js") as got:
            assert got.status == 404


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("", "pages/inbox.js"),
        ("/nothing", "pages/inbox.js"),
        ("/inbox/1", "inbox/assist.css"),
        ("/numbers?days=7", "vendor/uplot/uPlot.iife.min.js"),
        ("/people", "pages/people.js"),
    ],
)
async def test_an_address_names_all_that_its_page_is_made_of(url: str, path: str, own: str) -> None:
    async with ClientSession() as session, session.get(f"{url}/console{path}") as got:
        page = await got.text()
    named = re.findall(
        r'<link rel="(?:module)?preload"[^>]* href="[^"]*/[0-9a-f]{12}/([^"]+)"', page
    )
    assert {"app.js", "early.js", "vendor/lit/lit-html/lit-html.js", own} <= set(named)
    pages = {one for one in named if one.startswith("pages/")}
    assert len(pages) == 1
    assert len(named) == len(set(named))


async def test_a_module_is_asked_for_once_and_what_an_upgrade_changed_anew(url: str) -> None:
    async with ClientSession() as session:
        async with session.get(f"{url}/console") as got:
            page = await got.text()
        [app] = re.findall(r'<script type="module" src="([^"]+)"', page)
        for address in {app, *re.findall(r'href="(/console/[^"]+)"', page)}:
            async with session.get(url + address) as got:
                assert got.status == 200
                assert "immutable" in got.headers["Cache-Control"]
        before = re.sub("[0-9a-f]{12}", "0" * 12, app)
        async with session.get(url + before) as got:  # a console that was opened then goes on
            assert got.headers["Content-Encoding"] == "gzip"
            assert got.headers["Cache-Control"] == "no-cache"
            known = {"If-None-Match": got.headers["ETag"]}
        async with session.get(url + before, headers=known) as got:
            assert got.status == 304
