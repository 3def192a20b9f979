"""
What another program knows: one signed HTTP call a form, which never takes longer than it may.

The call is a POST of the slots as a JSON object. `Frontdesk-Signature` is the HMAC-SHA256 of "timestamp.body" in hex, the timestamp
being that of `Frontdesk-Timestamp` (seconds since 1970); `Idempotency-Key` is the id of the customer's message, the same when a turn
is taken again after a crash. The answer is a JSON object of strings with status 200, or any JSON object with status 404 where there
is no such thing. Everything else, and everything that takes too long, is Failed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, ClientResponse, ClientSession, DummyCookieJar, TCPConnector

from conversations.text import printable

OK, NOT_FOUND = 200, 404
MAX_ANSWER = 16 * 2**10  # bytes; more than a message can hold
MAX_VALUE = 1_000  # characters
CALLS = 32  # at a time; who waits for one waits within their own timeout

TIMESTAMP, SIGNATURE, KEY = "Frontdesk-Timestamp", "Frontdesk-Signature", "Idempotency-Key"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What the other program says, by name."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotFound:
    """The other program knows no such thing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """There was no answer in time, or none that can be read; `why` is for the log."""

    why: str


Answer = Found | NotFound | Failed


@dataclass(frozen=True, slots=True)
class Call:
    """One question to another program: where, what, and for how long at most."""

    url: str
    timeout: float  # seconds
    slots: Mapping[str, str]
    gives: Collection[str]
    key: str


@dataclass(slots=True)
class Lookups:
    """
    Asks other programs.

    A url that is only a path is of this server itself: it is asked once `own` is known, which is when it listens.
    """

    session: ClientSession
    secret: bytes = field(repr=False)
    hosts: Collection[str] = ()
    clock: Callable[[], float] = time.time
    _own: asyncio.Future[str] = field(default_factory=lambda: asyncio.Future())

    def listens_at(self, url: str) -> None:
        """Tell where this server itself is reached."""
        self._own.set_result(url)

    async def ask(self, call: Call) -> Answer:
        """Return what the other program says; never raises, and never takes longer than the call's timeout."""
        try:
            async with asyncio.timeout(call.timeout):
                answer = await self._ask(call)
        except TimeoutError:
            answer = Failed(f"no answer within {call.timeout:g} s")
        except ClientError as error:
            answer = Failed(type(error).__name__)
        if isinstance(answer, Failed):
            logger.warning("lookup failed", message_id=call.key, why=answer.why)
        return answer

    async def _ask(self, call: Call) -> Answer:
        url = call.url
        if url.startswith("/"):
            url = await asyncio.shield(self._own) + url
        elif why := refusal(url, self.hosts):
            return Failed(why)
        body = json.dumps(dict(call.slots), ensure_ascii=False).encode()
        at = str(int(self.clock()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: at,
            SIGNATURE: signature(self.secret, at, body),
            KEY: call.key,
        }
        async with self.session.post(
            url, data=body, headers=headers, allow_redirects=False
        ) as response:
            return await _read(response, call.gives)


@asynccontextmanager
async def lookups(secret: str, hosts: Collection[str]) -> AsyncIterator[Lookups]:
    """Ask other programs for as long as the context lasts: no cookies, no proxy of the environment."""
    session = ClientSession(connector=TCPConnector(limit=CALLS), cookie_jar=DummyCookieJar())
    async with session:
        yield Lookups(session, secret.encode(), hosts)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what a call is signed with, as hex."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def refusal(url: str, hosts: Collection[str]) -> str:
    """Return why a url may not be asked, empty where it may."""
    try:
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return "this is no url"
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None:
        return (
            "a url begins with https:// and a host, or is a path of this server that begins with /"
        )
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        return "outside this machine only https is asked"
    if not {place, parts.hostname} & set(hosts):
        return (
            f"the host {place} is not allowed; name it in desk.toml: [lookup] hosts = [{place!r}]"
        )
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def body_of(response: ClientResponse, at_most: int) -> bytes | None:
    """Return a response's body, None where it has more bytes than it may."""
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > at_most:
            return None
    return body


async def _read(response: ClientResponse, gives: Collection[str]) -> Answer:
    if response.status not in {OK, NOT_FOUND}:
        return Failed(f"status {response.status}")
    if response.content_type != "application/json":  # also a 404 of whoever does not know the path
        return Failed(f"status {response.status} without JSON")
    if (body := await body_of(response, MAX_ANSWER)) is None:
        return Failed(f"more than {MAX_ANSWER} bytes")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Failed("this is no JSON")
    if not isinstance(said, dict):
        return Failed("this is no JSON object")
    if response.status == NOT_FOUND:
        return NotFound()
    return _values(said, gives)


def _values(said: Mapping[str, object], gives: Collection[str]) -> Answer:
    """Take what the form knows; what else it says is left."""
    values = {name: value for name, value in said.items() if name in gives}
    for name, value in values.items():
        if not isinstance(value, str) or len(value) > MAX_VALUE:
            return Failed(f"{name} is no text of {MAX_VALUE} characters at most")
    return Found({name: printable(str(value)) for name, value in values.items()})
