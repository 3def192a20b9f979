"""Pages fetched from a real server on loopback, beside ports where nobody may ever knock."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Sequence

import pytest

from bot.pages.addresses import Allowed
from bot.pages.document import Unreadable
from bot.pages.fetching import MAX_BYTES, Fetcher, Lookup
from tests.bot.websites import PAGE, Canary, Site, open_site


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as server:
        yield server


@pytest.fixture
def canary() -> Iterator[Canary]:
    one = Canary("127.0.0.1")
    yield one
    one.close()


def fetcher(site: Site, *more: str, lookup: Lookup | None = None, seconds: float = 10) -> Fetcher:
    allowed = Allowed.of([f"127.0.0.1:{site.port}", *more])
    return (
        Fetcher(allowed, lookup, seconds=seconds) if lookup else Fetcher(allowed, seconds=seconds)
    )


def test_a_page_is_fetched_without_a_word_about_us(site: Site) -> None:
    raw = fetcher(site).fetch(site.page("/returns"))
    assert (raw.kind, raw.data, raw.charset) == ("html", PAGE, "utf-8")
    assert site.asked[0][1].keys() <= {
        "Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}  # fmt: skip


def test_packed_pages_are_unpacked(site: Site) -> None:
    for encoding, body in (("gzip", gzip.compress(PAGE)), ("deflate", zlib.compress(PAGE))):
        address = site.page(f"/{encoding}", body, Content_Encoding=encoding)
        assert fetcher(site).fetch(address).data == PAGE


def test_redirects_within_the_list_are_followed(site: Site) -> None:
    site.page("/c")
    site.page("/b", b"", 301, Location="c")
    assert fetcher(site).fetch(site.page("/a", b"", 302, Location="/b")).data == PAGE
    assert [path for path, _ in site.asked] == ["/a", "/b", "/c"]


Places = Callable[[int], Sequence[str]]
FORMS: Places = lambda port: [  # noqa: E731 - a table that needs to know a port
    f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://2130706433:{port}/",
    f"http://0177.0.0.1:{port}/", f"http://0x7f.1:{port}/", f"http://127.1:{port}/",
    f"http://[::ffff:127.0.0.1]:{port}/", f"http://[::1]:{port}/", f"http://0.0.0.0:{port}/",
    f"https://127.0.0.1:{port}/", f"//127.0.0.1:{port}/", f"http://user@127.0.0.1:{port}/",
    f"http://127.0.0.1.nip.example:{port}/", "file:///etc/hostname", f"gopher://127.0.0.1:{port}/",
]  # fmt: skip


def test_no_redirect_leads_to_a_port_that_is_not_named(site: Site, canary: Canary) -> None:
    for number, target in enumerate(FORMS(canary.port)):
        address = site.page(f"/{number}", b"", 302, Location=target)
        with pytest.raises(Unreadable):
            fetcher(site).fetch(address)
        with pytest.raises(Unreadable):
            fetcher(site).fetch(target)
    time.sleep(0.1)
    assert canary.connections == 0


def leads_to(*ips: str) -> tuple[Lookup, list[str]]:
    """Return a resolver that answers with each address in turn, and what it was asked."""
    asked: list[str] = []

    async def lookup(host: str, port: int) -> Sequence[tuple[int, str]]:
        asked.append(host)
        answer = ips[min(len(asked), len(ips)) - 1]
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip) for ip in answer.split()]

    return lookup, asked


@pytest.mark.parametrize(
    "ips",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "8.8.8.8 127.0.0.1", "169.254.169.254", "10.1.2.3"],
)
def test_a_name_that_leads_to_a_private_address_is_not_followed(
    site: Site, canary: Canary, ips: str
) -> None:
    lookup, _ = leads_to(ips)
    asking = fetcher(site, f"help.example.com:{canary.port}", lookup=lookup)
    with pytest.raises(
        Unreadable, match="which is no public address; where that is meant, name it"
    ):
        asking.fetch(f"https://help.example.com:{canary.port}/")
    assert canary.connections == 0


def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(site: Site) -> None:
    """A resolver that answers otherwise the second time gets no second time."""
    lookup, asked = leads_to("127.0.0.1", "8.8.8.8")
    site.page("/returns")
    asking = fetcher(site, f"localhost:{site.port}", lookup=lookup)
    assert asking.fetch(f"http://localhost:{site.port}/returns").data == PAGE
    assert asked == ["localhost"]


def test_each_redirect_is_looked_up_and_checked_anew(site: Site, canary: Canary) -> None:
    lookup, asked = leads_to("127.0.0.1", "127.0.0.2")
    site.page("/a", b"", 302, Location=f"http://localhost:{site.port}/b")
    asking = fetcher(site, f"localhost:{site.port}", lookup=lookup)
    with pytest.raises(Unreadable, match=r"it leads to 127\.0\.0\.2, which is no public address"):
        asking.fetch(f"http://localhost:{site.port}/a")
    assert asked == ["localhost", "localhost"]


def bomb(encoding: str) -> bytes:
    squeeze = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    return b"".join(squeeze.compress(bytes(2**20)) for _ in range(200)) + squeeze.flush()


WRONG: list[tuple[str, dict[str, str], bytes, int, str]] = [
    ("/missing", {}, b"secret detail", 404, "the server answers 404"),
    ("/broken", {}, b"secret detail", 500, "the server answers 500"),
    ("/picture", {"Content_Type": "image/png"}, b"\x89PNG", 200,
     "the server calls it 'image/png'; known are md, txt, html, pdf, docx and csv"),
    ("/said", {"Content_Length": str(10 << 30)}, b"", 200, "it is larger than 5 MB"),
    ("/large", {}, bytes(MAX_BYTES + 1), 200, "it is larger than 5 MB"),
    ("/endless", {"Content_Length": ""}, b"", 200, "it is larger than 5 MB"),
    ("/gzip-bomb", {"Content_Encoding": "gzip"}, bomb("gzip"), 200, "it is larger than 5 MB"),
    ("/zlib-bomb", {"Content_Encoding": "deflate"}, bomb("deflate"), 200, "it is larger than 5 MB"),
    ("/br", {"Content_Encoding": "br"}, b"x", 200, "it is packed as 'br', which was not asked for"),
    ("/no-gzip", {"Content_Encoding": "gzip"}, b"no gzip", 200, "what it sends cannot be unpacked"),
    ("/cut", {"Content_Encoding": "gzip"}, gzip.compress(PAGE)[:-4], 200,
     "it was cut off on its way; try again"),
    ("/short", {"Content_Length": "99"}, PAGE, 200, "it was cut off on its way; try again"),
    ("/circle", {"Location": "/circle"}, b"", 302, "it redirects more than 5 times"),
    ("/nowhere", {"Location": ""}, b"", 302, "it redirects to nowhere"),
    ("/slow", {}, PAGE, 200, "it does not answer within 0.5 seconds"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "why"), WRONG, ids=[w[0] for w in WRONG]
)
def test_what_is_no_page_says_why_and_nothing_of_what_was_sent(
    site: Site, path: str, headers: dict[str, str], body: bytes, status: int, why: str
) -> None:
    address = site.page(path, body, status, **headers)
    with pytest.raises(Unreadable) as refused:
        fetcher(site, seconds=0.5 if path == "/slow" else 10).fetch(address)
    assert str(refused.value) == why


def test_a_server_that_is_not_there_is_said_to_be_so(site: Site, canary: Canary) -> None:
    canary.close()
    asking = fetcher(site, f"127.0.0.1:{canary.port}", "no-such-host.invalid")
    for address, why in (
        (f"http://127.0.0.1:{canary.port}/", "^nothing answers there$"),
        (
            f"https://127.0.0.1:{site.port}/",
            "^its certificate is not trusted, or it does not speak https$",
        ),
        ("https://no-such-host.invalid/", "^its host is not known$"),
    ):
        with pytest.raises(Unreadable, match=why):
            asking.fetch(address)
