"""What people change about themselves over HTTP, and how often somebody may guess at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp import ClientSession, CookieJar

from bot import app
from bot.desk import Desk
from tests.bot.served import world
from tests.bot.staffed import PASSWORD, Browser, book_of, staffed_desk

NEW = "four words quite different"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return staffed_desk(tmp_path, "trusted_proxies = ['127.0.0.1']")


@pytest.fixture
async def url(desk: Desk) -> AsyncIterator[str]:
    async with app.serving(desk, world(), host="127.0.0.1", port=0) as url:
        yield url


@pytest.fixture
async def here(url: str) -> AsyncIterator[Browser]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Browser(url, session)


@pytest.fixture
async def there(url: str) -> AsyncIterator[Browser]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Browser(url, session)


def noted(desk: Desk, count: int) -> list[tuple[str, str]]:
    book = book_of(desk)
    lines = [(line.who, line.what) for line in book.audit(count)]
    book.close()
    return lines


async def second_factor(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Switch one's second factor on; gives the app, and the recovery codes."""
    status, begun = await browser.ask("POST", "/api/v1/me/second-factor")
    assert status == 200, begun
    parsed = pyotp.parse_uri(begun["uri"])
    assert isinstance(parsed, pyotp.TOTP)
    body = {"code": parsed.now()}
    status, confirmed = await browser.ask("PUT", "/api/v1/me/second-factor", body)
    assert status == 200, confirmed
    return parsed, confirmed["recovery_codes"]


async def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(
    here: Browser, there: Browser, desk: Desk
) -> None:
    await here.sign_in("operator-ada")
    await there.sign_in("operator-ada")
    change = {"old": PASSWORD, "new": NEW}
    assert (await here.ask("POST", "/api/v1/me/password", change))[0] == 204
    assert (await here.ask("GET", "/api/v1/me"))[0] == 200
    assert (await there.ask("GET", "/api/v1/me"))[0] == 401
    assert (await there.sign_in("operator-ada"))[0] == 401
    assert (await there.sign_in("operator-ada", NEW))[0] == 204
    assert ("operator-ada", "password changed") in noted(desk, 9)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"old": "wrong horse battery", "new": NEW}, 403, "bad_login"),
        ({"old": PASSWORD, "new": "password123"}, 400, "bad_input"),
        ({"old": PASSWORD, "new": "viewer-ada2026"}, 400, "bad_input"),
        ({"old": PASSWORD, "new": PASSWORD}, 400, "bad_input"),
        ({"old": PASSWORD}, 400, "bad_input"),
        ({"old": "\ud800", "new": NEW}, 403, "bad_login"),
    ],
)
async def test_a_password_that_is_not_to_be_changed_stays(
    here: Browser, change: dict[str, str], status: int, code: str
) -> None:
    await here.sign_in("viewer-ada")
    said = await here.ask("POST", "/api/v1/me/password", change)
    assert (said[0], said[1]["code"]) == (status, code)
    assert (await here.sign_in("viewer-ada"))[0] == 204


async def test_whoever_finds_a_signed_in_browser_guesses_at_a_pace(here: Browser) -> None:
    await here.sign_in("viewer-ada")
    for _ in range(10):
        said = await here.ask("POST", "/api/v1/me/password", {"old": "a guess", "new": NEW})
        assert said[0] == 403
    status, problem = await here.ask("POST", "/api/v1/me/password", {"old": PASSWORD, "new": NEW})
    assert (status, problem["code"]) == (429, "locked")


async def test_a_second_factor_asks_for_nothing_before_a_code_confirms_it(
    here: Browser, there: Browser, desk: Desk
) -> None:
    await here.sign_in("admin-ada")
    path = "/api/v1/me/second-factor"
    assert (await here.ask("PUT", path, {"code": "123456"}))[1]["code"] == "conflict"
    assert "otpauth://totp/Test:admin-ada?" in (await here.ask("POST", path))[1]["uri"]
    assert (await here.ask("PUT", path, {"code": "12345"}))[1]["code"] == "bad_code"
    assert (await there.sign_in("admin-ada"))[0] == 204
    app, codes = await second_factor(here)
    assert len(set(codes)) == 10
    assert (await here.ask("GET", "/api/v1/me"))[1]["second_factor"] is True
    assert (await there.ask("GET", "/api/v1/me"))[0] == 401
    assert (await here.ask("POST", path))[1]["code"] == "conflict"
    assert (await there.sign_in("admin-ada"))[1]["code"] == "code_needed"
    login = {"name": "admin-ada", "password": PASSWORD}
    used = {**login, "code": app.now()}
    assert (await there.ask("POST", "/console/login", used))[1]["code"] == "bad_login"
    later = {**login, "code": app.at(datetime.now(UTC) + timedelta(seconds=30))}
    assert (await there.ask("POST", "/console/login", later))[0] == 204
    lost = {**login, "code": codes[0]}
    assert (await there.ask("POST", "/console/login", lost))[0] == 204
    assert ("admin-ada", "second factor on") in noted(desk, 9)


@pytest.mark.parametrize("proof", ["password", "code"])
async def test_it_is_switched_off_with_the_password_or_a_code(
    here: Browser, desk: Desk, proof: str
) -> None:
    await here.sign_in("admin-ada")
    path = "/api/v1/me/second-factor"
    assert (await here.ask("DELETE", path, {"password": PASSWORD}))[0] == 409
    _, codes = await second_factor(here)
    for body, status in (
        ({}, 400),
        ({"password": "a guess"}, 403),
        ({"code": "000000"}, 403),
        ({"password": PASSWORD} if proof == "password" else {"code": codes[3]}, 204),
    ):
        assert (await here.ask("DELETE", path, body))[0] == status
    assert (await here.ask("GET", "/api/v1/me"))[1]["second_factor"] is False
    assert noted(desk, 1) == [("admin-ada", "second factor off")]


async def test_the_operator_token_has_no_password_and_no_second_factor(
    here: Browser, desk: Desk
) -> None:
    token = {"Authorization": f"Bearer {desk.operator_token()}"}
    for method, path in (
        ("POST", "password"),
        ("POST", "second-factor"),
        ("PUT", "second-factor"),
        ("DELETE", "second-factor"),
    ):
        said = await here.ask(method, f"/api/v1/me/{path}", {}, token)
        assert (said[0], said[1]["code"]) == (400, "bad_input")


async def test_thirty_guesses_from_one_place_are_stopped_and_the_owner_gets_in_from_hers(
    url: str, here: Browser
) -> None:
    hers, theirs = ({"Origin": url, "X-Forwarded-For": ip} for ip in ("192.0.2.1", "203.0.113.9"))
    right, wrong = ({"name": "admin-ada", "password": p} for p in (PASSWORD, "wrong horse battery"))
    assert (await here.ask("POST", "/console/login", right, hers))[0] == 204
    told: list[tuple[int, Any, bool]] = []
    for _ in range(30):
        async with here.session.post(f"{url}/console/login", json=wrong, headers=theirs) as got:
            code = (await got.json(content_type=None))["code"]
            told.append((got.status, code, 0 < int(got.headers.get("Retry-After", 0)) <= 30))
    assert told == [(401, "bad_login", False)] * 10 + [(401, "locked", True)] * 20
    assert (await here.ask("POST", "/console/login", right, theirs))[1]["code"] == "locked"
    assert (await here.ask("POST", "/console/login", right, hers))[0] == 204


async def test_a_password_of_half_a_character_is_a_wrong_one(here: Browser) -> None:
    status, problem = await here.sign_in("viewer-ada", "\ud800")
    assert (status, problem["code"]) == (401, "bad_login")
