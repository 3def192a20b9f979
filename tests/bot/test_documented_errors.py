"""What docs/errors.md says a request is answered with: each row of this table is asked for, and stands there word by word."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pyotp
import pytest
from aiohttp import ClientSession, CookieJar

from bot import app
from tests.bot.served import world
from tests.bot.staffed import PASSWORD, Browser, staffed_desk

MESSAGES, LOGIN, OWN = "/api/v1/messages", "/console/login", "/api/v1/me/password"
FACTOR = "/api/v1/me/second-factor"
NEW = "four words of another kind"


@dataclass(frozen=True)
class Asked:
    """A request, and how many times it is sent; `who` is signed in."""

    path: str
    body: object = field(default_factory=dict)
    method: str = "POST"
    who: str = ""
    headers: dict[str, str] | None = None
    raw: bytes = b""
    times: int = 1


def said(text: str) -> dict[str, str]:
    return {"visitor": "v", "text": text}


def login(password: str) -> dict[str, str]:
    return {"name": "viewer-ada", "password": password}


ROWS = [
    (Asked(MESSAGES, said(" \u200b ")), 400, "empty", "There is nothing to read in this message."),
    (Asked(MESSAGES, said("x" * 4097)), 413, "too_long", "A message may have 4,096 characters at most."),
    (Asked(MESSAGES, said("x" * 2**20)), 413, "too_long", "The request is too large."),
    (Asked(MESSAGES, raw=b'{"text": "\xff"}'), 400, "bad_input", "The body is not valid UTF-8."),
    (Asked(MESSAGES, raw=b"{"), 400, "bad_input", "The body is not valid JSON."),
    (Asked(LOGIN, login("a guess")), 401, "bad_login", "The name, the password or the code is wrong."),
    (Asked(LOGIN, login("a guess"), times=30), 401, "locked", "Too many tries. Please wait a moment and try again."),
    (Asked(OWN, who="viewer-ada", headers={}), 403, "foreign_origin", "Only a page of this server may ask for this."),
    (Asked(OWN, who="viewer-ada", headers={"Origin": ""}), 403, "csrf", "This needs the header X-CSRF: the csrf of GET /api/v1/me."),
    (Asked(OWN, {"old": "a guess", "new": NEW}, who="viewer-ada"), 403, "bad_login", "The password is wrong."),
    (Asked(OWN, {"old": PASSWORD, "new": "password123"}, who="viewer-ada"), 400, "bad_input", "This password is among the first that are guessed; choose three or four words, or --generate one."),
    (Asked(FACTOR, {"code": "123456"}, "PUT", who="viewer-ada"), 409, "conflict", "No second factor is begun, or not lately: begin with POST."),
]  # fmt: skip


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with (
        app.serving(staffed_desk(tmp_path), world(), host="127.0.0.1", port=0) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        yield Browser(url, session)


@pytest.fixture(scope="module")
def documented(request: pytest.FixtureRequest) -> str:
    return (request.config.rootpath / "docs" / "errors.md").read_text(encoding="utf-8")


async def answer(browser: Browser, asked: Asked) -> tuple[int, dict[str, str], str | None]:
    """Return the status, the problem and `Retry-After`."""
    headers = browser.headers if asked.headers is None else asked.headers
    if "Origin" in headers:
        headers = {**headers, "Origin": browser.url}
    data = BytesIO(asked.raw or json.dumps(asked.body).encode())
    sent = {"Content-Type": "application/json", **headers}
    url = browser.url + asked.path
    async with browser.session.request(asked.method, url, data=data, headers=sent) as got:
        return got.status, await got.json(content_type=None), got.headers.get("Retry-After")


@pytest.mark.parametrize(("asked", "status", "code", "detail"), ROWS, ids=[f"{s}-{c}-{n}" for n, (_, s, c, _) in enumerate(ROWS)])  # fmt: skip
async def test_a_refusal_is_what_is_written_of_it(
    browser: Browser, documented: str, asked: Asked, status: int, code: str, detail: str
) -> None:
    if asked.who:
        await browser.sign_in(asked.who)
    for _ in range(asked.times - 1):
        await answer(browser, asked)
    got, told, after = await answer(browser, asked)
    assert (got, told["code"], told["detail"]) == (status, code, detail)
    assert (after is not None) == (code == "locked")
    assert any(
        f"{status} `{code}`" in line and detail.rstrip(".") in line
        for line in documented.splitlines()
    )


async def test_the_second_factor_is_asked_for_in_the_words_that_are_written(
    browser: Browser, documented: str
) -> None:
    await browser.sign_in("viewer-ada")
    _, begun = await browser.ask("POST", FACTOR)
    status, wrong = await browser.ask("PUT", FACTOR, {"code": "12345"})
    found = pyotp.parse_uri(begun["uri"])
    assert isinstance(found, pyotp.TOTP)
    assert (await browser.ask("PUT", FACTOR, {"code": found.now()}))[0] == 200
    needed = await browser.ask("POST", LOGIN, login(PASSWORD))
    for got, code, told in ((status, "bad_code", wrong), (needed[0], "code_needed", needed[1])):
        assert told["code"] == code
        assert f'{got} `{code}` "{told["detail"]}"' in documented
