"""
Pages from the web, bounded: 10 seconds and 5 MB an address, and no connection that was not checked.

A name is looked up once a connection, all that it leads to is checked, and the connection goes to what was checked; each
redirect is an address of its own. Proxies are not used: they would look up the name again.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.pages.addresses import Allowed, NotAllowed
from bot.pages.document import Unreadable
from bot.pages.formats import of_media
from bot.pages.sources import Raw

SECONDS = 10.0  # all of it: looking up, connecting, redirects and reading
MAX_BYTES = 5 << 20  # as sent, and again unpacked
MAX_REDIRECTS = 5
CHUNK = 1 << 16
MOVED = {301, 302, 303, 307, 308}
HEADERS = {
    "User-Agent": "frontdesk (knowledge import)",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "text/html, application/pdf, text/*;q=0.8, */*;q=0.1",
}

# What aiohttp raises, the closest first, and what it is to whoever made the list.
REASONS = (
    (aiohttp.ClientConnectorDNSError, "its host is not known"),
    (aiohttp.ClientSSLError, "its certificate is not trusted, or it does not speak https"),
    (aiohttp.ClientConnectorError, "nothing answers there"),
    (aiohttp.ClientPayloadError, "it was cut off on its way; try again"),
)

Lookup = Callable[[str, int], Awaitable[Sequence[tuple[int, str]]]]  # (family, address) of a name


async def looked_up(host: str, port: int) -> list[tuple[int, str]]:
    """Return what the system's resolver says of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, str(address[0])) for family, _, _, _, address in found]


class Fetcher:
    """
    Fetches addresses that the desk allows.

    `lookup` is asked where names lead; by default the system.
    """

    def __init__(
        self, allowed: Allowed, lookup: Lookup = looked_up, *, seconds: float = SECONDS
    ) -> None:
        self._allowed, self._lookup, self._seconds = allowed, lookup, seconds

    def fetch(self, address: str) -> Raw:
        """
        Fetch a page.

        Raises:
            Unreadable: it may not be asked, it does not answer, or what it sends is no page.
        """
        return asyncio.run(self._bounded(address))

    async def _bounded(self, address: str) -> Raw:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(address)
        except NotAllowed as error:
            raise Unreadable(str(error)) from error
        except TimeoutError as error:
            raise Unreadable(f"it does not answer within {self._seconds:g} seconds") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreadable(_why(error)) from error

    async def _followed(self, address: str) -> Raw:
        connector = aiohttp.TCPConnector(
            resolver=_Checked(self._allowed, self._lookup), use_dns_cache=False, force_close=True
        )
        async with aiohttp.ClientSession(
            connector=connector,
            headers=HEADERS,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        ) as session:
            for _ in range(MAX_REDIRECTS + 1):
                url = self._allowed.checked(address)
                async with session.get(url, allow_redirects=False) as response:
                    if response.status not in MOVED:
                        return await _read(response)
                    address = _target(url, response.headers.get("Location", ""))
        raise Unreadable(f"it redirects more than {MAX_REDIRECTS} times")


class _Checked(AbstractResolver):
    """Looks a name up, and gives it back only where all that it leads to may be asked."""

    def __init__(self, allowed: Allowed, lookup: Lookup) -> None:
        self._allowed, self._lookup = allowed, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._lookup(host, port)
        try:
            for _, ip in found:
                self._allowed.checked_ip(ip, port)
        except NotAllowed as error:
            raise OSError(str(error)) from error
        return [
            ResolveResult(
                hostname=host, host=ip, port=port, family=of, proto=0, flags=socket.AI_NUMERICHOST
            )
            for of, ip in found
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _why(error: BaseException) -> str:
    """Return what went wrong; what the resolver refused is behind the errors that aiohttp makes of it."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, NotAllowed):
            return str(behind)
        behind = behind.__cause__
    known = (said for kind, said in REASONS if isinstance(error, kind))
    return next(known, f"it cannot be reached ({type(error).__name__})")


def _target(url: URL, location: str) -> str:
    if not location:
        raise Unreadable("it redirects to nowhere")
    return str(url.join(URL(location)))


async def _read(response: aiohttp.ClientResponse) -> Raw:
    if response.status != 200:
        raise Unreadable(f"the server answers {response.status}")
    kind = of_media(response.content_type, response.url.path)
    if (response.content_length or 0) > MAX_BYTES:
        raise Unreadable(_too_large())
    data = b""
    async for part in response.content.iter_chunked(CHUNK):
        data += part
        if len(data) > MAX_BYTES:
            raise Unreadable(_too_large())
    return Raw(
        kind, _unpacked(data, response.headers.get("Content-Encoding", "")), response.charset or ""
    )


def _unpacked(data: bytes, encoding: str) -> bytes:
    """Unpack what was sent packed, and stop where it becomes too much: a bomb of 5 MB unpacks to 5 GB."""
    match encoding.strip().lower():
        case "" | "identity":
            return data
        case "gzip" | "x-gzip" | "deflate":
            unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either header
        case other:
            raise Unreadable(f"it is packed as {other[:20]!r}, which was not asked for")
    try:
        plain = unpack.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise Unreadable("what it sends cannot be unpacked") from error
    if len(plain) > MAX_BYTES:
        raise Unreadable(_too_large())
    if not unpack.eof:
        raise Unreadable("it was cut off on its way; try again")
    return plain


def _too_large() -> str:
    return f"it is larger than {MAX_BYTES >> 20} MB"
