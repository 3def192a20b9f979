"""docs/console.md names which role may what, as the server has it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web

from bot import app
from bot.staff.roles import Role
from tests.bot.served import world
from tests.bot.staffed import Browser, staffed_desk
from tests.bot.test_gate import PAGES, PUBLIC, listed

DOCS = (Path(__file__).parents[2] / "docs" / "console.md").read_text(encoding="utf-8")
NEEDS = re.compile(r"This needs the role (\w+); ")


@pytest.fixture
async def viewer(tmp_path: Path) -> AsyncIterator[Browser]:
    desk, more = staffed_desk(tmp_path), [web.get("/-/routes", listed)]
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0, more=more) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        browser = Browser(url, session)
        await browser.sign_in("viewer-ada")
        yield browser


async def needed(viewer: Browser, route: str) -> str:
    """Return the role that a route tells a viewer it needs."""
    method, path = route.split(" ")
    body: dict[str, str] | None = None if method == "GET" else {}
    _, said = await viewer.ask(method, re.sub(r"\{\w+\}", "x", path), body)
    found = NEEDS.match(said.get("detail", "")) if isinstance(said, dict) else None
    return found[1] if found else str(Role.VIEWER)


async def test_the_table_of_roles_is_the_servers(viewer: Browser) -> None:
    routes = [
        route
        for route in (await viewer.ask("GET", "/-/routes"))[1]
        if route not in PUBLIC and not route.split(" ")[1].startswith(PAGES) and route != "GET /"
    ]
    routes.sort(key=lambda route: route == "POST /console/logout")  # last: it ends the session
    roles = {route: await needed(viewer, route) for route in routes}
    told = {
        route: row[1]
        for row in re.finditer(r"^\| (\w+) \|.*$", DOCS, re.MULTILINE)
        if row[1] in set(Role)
        for route in re.findall(r"`([A-Z]+ /\S+)`", row[0])
    }
    must = {
        route: role
        for route, role in roles.items()
        if role != Role.VIEWER or not route.startswith("GET ")
    }
    assert told == must, "say it in docs/console.md, in the row of the role"
