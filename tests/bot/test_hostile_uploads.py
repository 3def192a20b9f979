"""Files whose names would be taken for more than names: kept under safe ones, and given back without a header that they wrote."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.channels.file_kinds import ENDINGS, LONGEST, safe_name
from conversations.text import printable
from tests.bot.hostile import STRINGS
from tests.bot.served import Client, make_desk, served
from tests.bot.test_file_kinds import PNG

# aiohttp reads the header of each part, too, and warns where it cannot
pytestmark = pytest.mark.filterwarnings(
    "ignore::aiohttp.multipart.BadContentDispositionHeader",
    "ignore::aiohttp.multipart.BadContentDispositionParam",
)
WHOLE = [one for one in STRINGS if not set(one) & set("\ud800\udfff")]
HTML = b"<!doctype html><script>alert(1)</script>"
UNSAFE = set('<>:"|?*\\/')


def test_every_name_is_one_that_any_system_saves() -> None:
    for kind, endings in ENDINGS.items():
        for one in STRINGS:
            for name in (one, f"{one}{endings[0]}", f"a/{one}.html", f"{one}.exe"):
                safe = safe_name(name, kind)
                assert safe.isprintable(), ascii(name)
                assert not set(safe) & UNSAFE
                assert safe.endswith(endings)
                assert len(safe) <= LONGEST
                assert safe == safe.strip()
                assert not safe.startswith(".")
                assert safe.encode()
                assert safe_name(safe, kind) == safe


async def sent(client: Client, disposition: bytes, content: bytes) -> dict[str, str] | None:
    """Send a file as an operator does, whose part has this header; None where it is refused in a sentence."""
    start = b'--b\r\nContent-Disposition: form-data; name="file"; ' + disposition
    body = start + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
    headers = {
        "Authorization": f"Bearer {client.token}",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    async with client.session.post(f"{client.url}/api/v1/files", data=body, headers=headers) as got:
        card: dict[str, str] = await got.json(content_type=None)
        assert got.status in {200, 400}, card
        return card if got.status == 200 else None


def quoted(name: str) -> bytes:
    """Return a name as browsers send it: https://html.spec.whatwg.org/#multipart-form-data."""
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return f'filename="{escaped}"'.encode()


async def test_a_file_of_any_name_comes_back_inert_and_under_one_header(tmp_path: Path) -> None:
    refused = list[str]()
    async with served(make_desk(tmp_path)) as client:
        for at, one in enumerate(WHOLE):
            content = (PNG, HTML)[at % 2]
            card = await sent(client, quoted(one), content)
            if card is None:
                refused.append(one)
                continue
            assert not set(card["name"]) & UNSAFE
            async with client.session.get(f"{client.url}{card['url']}") as got:
                assert await got.read() == content
                assert got.content_type == ("image/png", "text/plain")[at % 2]
                assert got.headers["X-Content-Type-Options"] == "nosniff"
                assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
                assert "Set-Cookie" not in got.headers
                [given] = got.headers.getall("Content-Disposition")
            how, _, name = given.partition("; filename*=UTF-8''")
            assert how == ("inline", "attachment")[at % 2]
            assert name.isascii()
            assert unquote(name) == card["name"]
    assert all(
        any(ord(c) < 32 or ord(c) == 127 for c in one) for one in refused
    )  # no header holds those


@pytest.mark.parametrize("quoting", [b'filename="%s"', b"filename=%s", b"filename*=UTF-8''%s"])
async def test_a_header_of_a_part_that_no_browser_writes_is_a_name_or_refused(
    tmp_path: Path, quoting: bytes
) -> None:
    async with served(make_desk(tmp_path)) as client:
        for one in STRINGS:
            raw = printable(one).encode().replace(b"\n", b" ")
            card = await sent(client, quoting % raw, PNG)
            assert card is None or not set(card["name"]) & UNSAFE
