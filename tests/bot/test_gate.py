"""The gate before every operator route: who may ask, from where, and what is noted of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web
from yarl import URL

from bot import app
from bot.desk import Desk
from tests.bot.served import world
from tests.bot.staffed import BOSS, Browser, book_of, staffed_desk

# What customers, their browsers and whoever runs the server reach without being anybody's staff.
PUBLIC = {
    "POST /api/v1/messages", "POST /api/v1/feedback", "POST /api/v1/scores",
    "GET /api/v1/openapi.json", "POST /console/login", "GET /ws", "GET /healthz", "GET /readyz",
    "GET /metrics", "POST /files", "OPTIONS /files", "GET /transcript", "OPTIONS /transcript",
    "GET /console", "GET /console/{path}", "GET /files/{id}/{name}", "GET /files/{name}", "GET /-/routes",
}  # fmt: skip
LOOKS = {("POST", "/api/v1/explain"), ("POST", "/api/v1/templates/preview")}  # they change nothing
PAGES = ("/static/", "/console/static/", "/widget", "/demo", "/pages/")


async def listed(request: web.Request) -> web.Response:
    """Answer with every route of the application that it stands in."""
    found = [
        f"{route.method} {route.resource.canonical}"
        for route in request.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]
    return web.json_response(found)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return staffed_desk(tmp_path)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    more = [web.get("/-/routes", listed)]
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0, more=more) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        yield Browser(url, session)


async def guarded_routes(browser: Browser) -> list[tuple[str, str]]:
    routes = (await browser.ask("GET", "/-/routes"))[1]
    return [
        (method, re.sub(r"\{\w+\}", "x", path))
        for method, path in (route.split(" ") for route in routes)
        if f"{method} {path}" not in PUBLIC and path != "/" and not path.startswith(PAGES)
    ]


async def test_no_route_but_the_public_ones_answers_without_a_credential(browser: Browser) -> None:
    routes = await guarded_routes(browser)
    assert len(routes) > 30
    for method, path in routes:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": "frontdesk=x"}):
            status, problem = await browser.ask(method, path, {}, headers)
            assert (status, problem["code"]) == (401, "unauthorized"), (method, path)
            assert problem["detail"].startswith("This needs a sign-in at /console, or:")


async def test_every_route_is_in_the_openapi_document(browser: Browser) -> None:
    document = (await browser.ask("GET", "/api/v1/openapi.json"))[1]
    described = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    routes = set((await browser.ask("GET", "/-/routes"))[1])
    assert {route for route in routes if route.split(" ")[1].startswith("/api/v1/")} <= described
    assert described - routes <= {"POST /telegram-link"}  # only where the desk has a bot there


async def test_a_viewer_changes_nothing_and_is_told_why(browser: Browser) -> None:
    await browser.sign_in("viewer-ada")
    unsafe = [
        (method, path)
        for method, path in await guarded_routes(browser)
        if method != "GET" and path != "/console/logout" and not path.startswith("/api/v1/me/")
        if (method, path) not in LOOKS
    ]
    assert len(unsafe) >= 20
    for method, path in unsafe:
        status, problem = await browser.ask(method, path, {})
        assert (status, problem["code"]) == (403, "forbidden"), (method, path)
        assert problem["detail"].endswith("; viewer-ada is viewer.")
    assert (await browser.ask("GET", "/api/v1/teachings"))[0] == 200


async def test_a_change_by_cookie_needs_the_csrf_and_a_page_of_the_server(
    browser: Browser,
) -> None:
    await browser.sign_in("admin-ada")
    csrf = browser.headers["X-CSRF"]
    for headers, code in (
        ({"X-CSRF": csrf}, "foreign_origin"),
        ({"X-CSRF": csrf, "Origin": "null"}, "foreign_origin"),
        ({"X-CSRF": csrf, "Origin": browser.url + ".evil.example"}, "foreign_origin"),
        ({"Origin": browser.url}, "csrf"),
        ({"Origin": browser.url, "X-CSRF": "x"}, "csrf"),
    ):
        status, problem = await browser.ask("POST", "/api/v1/review/undo", {}, headers)
        assert (status, problem["code"]) == (403, code)
    assert (await browser.ask("POST", "/api/v1/review/undo", {}))[0] == 200


async def test_a_sign_in_takes_no_token_that_was_planted_and_ends_the_one_before(
    browser: Browser,
) -> None:
    browser.session.cookie_jar.update_cookies({"frontdesk": "planted"}, URL(browser.url))
    await browser.sign_in("admin-ada")
    first = next(c.value for c in browser.session.cookie_jar if c.key == "frontdesk")
    assert first != "planted"
    await browser.sign_in("admin-ada")
    browser.session.cookie_jar.clear()
    for dead in ("planted", first):
        assert (await browser.ask("GET", "/api/v1/me", headers={"Cookie": f"frontdesk={dead}"}))[0] == 401  # fmt: skip


async def test_signing_out_and_being_disabled_by_another_process_take_effect_at_once(
    browser: Browser, desk: Desk
) -> None:
    await browser.sign_in("admin-ada")
    assert (await browser.ask("POST", "/console/logout"))[0] == 204
    assert (await browser.ask("GET", "/api/v1/me"))[0] == 401
    await browser.sign_in("trainer-ada")
    book = book_of(desk)
    book.set_disabled("trainer-ada", True, BOSS)
    book.close()
    assert (await browser.ask("GET", "/api/v1/me"))[0] == 401


async def test_who_is_signed_in_acts_under_their_own_name_and_it_is_noted(
    browser: Browser, desk: Desk
) -> None:
    await browser.sign_in("trainer-ada")
    body = {"intent": "new", "text": "Yes.", "questions": ["is it so"], "operator": "eve"}
    status, taught = await browser.ask("POST", "/api/v1/teachings", body)
    assert (status, taught.get("operator")) == (200, "trainer-ada")
    token = {"Authorization": f"Bearer {desk.operator_token()}"}
    status, undone = await browser.ask("POST", "/api/v1/review/undo", {"operator": "prog"}, token)
    assert status == 200, undone
    assert (await browser.ask("POST", "/api/v1/review/undo", {}, token))[0] == 400
    lines = (await browser.ask("GET", "/api/v1/audit?limit=2", headers=token))[1]["lines"]
    assert [(line["who"], line["via"], line["what"]) for line in lines] == [
        ("prog", "token", "POST /api/v1/review/undo"),
        ("trainer-ada", "session", "POST /api/v1/teachings"),
    ]
    assert "Yes." not in json.dumps(lines)


async def test_an_admin_adds_and_changes_users_and_preferences_are_kept(browser: Browser) -> None:
    await browser.sign_in("admin-ada")
    status, added = await browser.ask("POST", "/api/v1/users", {"name": "Bo", "role": "viewer"})
    assert (status, len(added["password"])) == (200, 24)
    assert (await browser.ask("POST", "/api/v1/users", {"name": "bo", "role": "viewer"}))[0] == 409
    assert (await browser.ask("POST", "/api/v1/users/eve", {"role": "viewer"}))[0] == 404
    weak = {"name": "Cy", "role": "viewer", "password": "password123"}
    assert (await browser.ask("POST", "/api/v1/users", weak))[0] == 400
    changed = (await browser.ask("POST", "/api/v1/users/bo", {"role": "operator"}))[1]
    assert changed["role"] == "operator"
    status, made = await browser.ask("POST", "/api/v1/users/bo", {"generate": True})
    assert (status, len(made["password"])) == (200, 24)
    assert await browser.sign_in("bo", made["password"]) == (204, "")
    await browser.sign_in("admin-ada")
    users = {one["name"]: one for one in (await browser.ask("GET", "/api/v1/users"))[1]["users"]}
    assert len(users["Bo"]["sessions"]) == 0  # this browser's went over to the admin
    assert (bool(users["Bo"]["last_seen"]), users["trainer-ada"]["last_seen"]) == (True, None)
    assert len(users["admin-ada"]["sessions"]) == 1
    for change in ({"disabled": True}, {"role": "trainer", "password": "four words quite new"}):
        status, problem = await browser.ask("POST", "/api/v1/users/admin-ada", change)
        assert (status, problem["code"]) == (409, "last_admin")
        assert problem["detail"].startswith("admin-ada is the last admin who may sign in: make")
    lines = (await browser.ask("GET", "/api/v1/audit?who=admin-ada&q=PASS"))[1]["lines"]
    assert [(line["what"], line["subject"]) for line in lines] == [("password changed", "Bo")]
    kept = {"theme": "dark"}
    assert (await browser.ask("PUT", "/api/v1/me/preferences", kept))[1] == kept
    assert (await browser.ask("GET", "/api/v1/me"))[1]["preferences"] == kept
    assert (await browser.ask("PUT", "/api/v1/me/preferences", {"x": "y" * 20_000}))[0] == 413


async def test_everybody_sees_the_names_of_those_who_may_take(browser: Browser, desk: Desk) -> None:
    book = book_of(desk)
    book.set_disabled("trainer-ada", True, BOSS)
    book.close()
    await browser.sign_in("viewer-ada")
    assert await browser.ask("GET", "/api/v1/colleagues") == (
        200,
        {"names": ["admin-ada", "operator-ada"]},
    )


async def test_a_refused_sign_in_has_its_code(browser: Browser) -> None:
    for _ in range(10):
        status, problem = await browser.sign_in("viewer-ada", "wrong horse battery")
        assert (status, problem["code"]) == (401, "bad_login")
    status, problem = await browser.sign_in("viewer-ada")
    assert (status, problem["code"]) == (401, "locked")
