"""Taking files over HTTP and giving them back: bounded, known by their bytes, and inert in every browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from email.message import Message
from math import ceil
from urllib.parse import quote

import structlog
from aiohttp import BodyPartReader, web
from aiohttp.hdrs import CONTENT_DISPOSITION
from aiohttp.http_exceptions import BadHttpMessage

from bot.channels.file_kinds import SHOWN, kind_of, media_type, safe_name
from bot.channels.files import HEADERS
from bot.channels.problems import Problem
from bot.channels.upload_pace import Paces
from conversations.events import Enclosed
from conversations.text import printable
from conversations.vault import Card, Full, Vault

MAX_FILE = 10 * 2**20  # bytes
CHUNK = 64 * 1024  # bytes
AT_ONCE = 8  # uploads that are read at a time: as many megabytes of memory as they are long
WITHIN = 120.0  # seconds that one may take
SWEEP = 3600.0  # seconds

logger = structlog.get_logger(__name__)


class Uploads:
    """The door to the vault."""

    def __init__(self, vault: Vault, now: Callable[[], float] = time.monotonic) -> None:
        self._vault = vault
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._paces = Paces(now)

    async def received(
        self, request: web.Request, owner: str, *, network: str = "", bounded: bool = True
    ) -> Card:
        """
        Keep the one part `file` of a multipart request.

        Args:
            owner: whose it is: an address of a channel.
            network: where it comes from, see `bot.channels.networks`; empty where nobody can tell.
            bounded: how much one owner and one network may keep, and how fast, has an end.

        Raises:
            Problem: in one sentence, why the file is not taken.
        """
        size = request.content_length or MAX_FILE
        if bounded and (wait := self._paces.wait(owner, network, size)):
            why = "That was a lot at once. Please wait a moment."
            raise Problem(429, why, code="rate_limited", retry_after=wait)
        if self._reading.locked():
            raise Problem(503, "Too many files are on their way. Please try again.", code="busy")
        async with self._reading:
            name, content = await file_of(request, MAX_FILE)
            return await self._kept(owner, name, content, network, bounded)

    async def _kept(
        self, owner: str, name: str, content: bytes, network: str, bounded: bool
    ) -> Card:
        kind = kind_of(content)
        if kind is None:
            raise Problem(
                415,
                "This kind of file is not taken: send a picture, a PDF, a document, sound, video or text.",
                code="wrong_type",
            )
        try:
            return await asyncio.to_thread(
                self._vault.keep,
                owner,
                safe_name(name, kind),
                kind,
                content,
                network=network,
                bounded=bounded,
            )
        except Full as error:
            wait = ceil(error.wait.total_seconds())
            raise Problem(429, str(error), code="too_many", retry_after=wait) from error
        except OSError as error:
            raise _not_kept() from error

    async def said(self, owner: str, file_ids: Sequence[str]) -> tuple[Enclosed, ...]:
        """
        Return the files that come with a message, which are kept from now on.

        Raises:
            Problem: one of them is not there, or is somebody else's.
        """
        if not file_ids:
            return ()
        try:
            cards = await asyncio.to_thread(self._vault.say, owner, file_ids)
        except OSError as error:
            raise _not_kept() from error
        if cards is None:
            why = "One of the files is not there any more: please send it again."
            raise Problem(400, why, code="file_gone")
        return tuple(card.enclosed for card in cards)

    async def given(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file, which nobody asks for who was not given its id."""
        card = self._vault.get(request.match_info["id"])
        if card is None or request.match_info["name"] != card.name:
            raise Problem(404, "There is no such file.")
        how = "inline" if card.type in SHOWN else "attachment"
        headers = HEADERS | {
            "Content-Type": media_type(card.type),
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(card.name, safe='')}",
            "Cache-Control": "private, no-cache",
            "Referrer-Policy": "no-referrer",
        }
        return web.FileResponse(self._vault.path(card), headers=headers)

    async def sweep(self) -> None:
        """Drop, every hour, what was never said with words; runs until it is cancelled."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                await asyncio.to_thread(self._vault.sweep)
            except OSError as error:  # the next hour will do
                logger.warning("files that were never said are still there", why=str(error))


async def file_of(request: web.Request, most: int) -> tuple[str, bytes]:
    """
    Return the name and the content, of at most so many bytes, of the one part `file` of a multipart request.

    Raises:
        Problem: in one sentence, why the file is not taken.
    """
    wrong = Problem(400, "The request must be multipart/form-data with one part called 'file'.")
    if (request.content_length or 0) > most + CHUNK:
        raise _too_long(most)
    if not request.content_type.startswith("multipart/"):
        raise wrong
    try:
        async with asyncio.timeout(WITHIN):
            part = await (await request.multipart()).next()
            if not isinstance(part, BodyPartReader):
                raise wrong
            field, name = _named(part.headers.get(CONTENT_DISPOSITION, ""))
            if field != "file":
                raise wrong
            return name, await _content(part, most)
    except TimeoutError as error:
        raise Problem(408, "The file took too long to arrive. Please send it again.") from error
    except (
        ValueError,
        BadHttpMessage,
    ) as error:  # whatever is wrong with the parts, a control in a name too
        raise wrong from error


def _named(disposition: str) -> tuple[str, str]:
    """Return the name of a part and of its file; aiohttp's own reading gives up at two semicolons in a name."""
    header = Message()
    header["Content-Disposition"] = printable(disposition)
    field = header.get_param("name", "", header="content-disposition")
    return str(field), header.get_filename("")


async def _content(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk
        if len(content) > most:
            raise _too_long(most)
    if not content:
        raise Problem(400, "The file is empty.", code="empty")
    return bytes(content)


def _not_kept() -> Problem:
    sentence = "The file could not be kept just now. Please try again."
    return Problem(503, sentence, code="storage_unavailable")


def _too_long(most: int) -> Problem:
    return Problem(413, f"A file may have {most // 2**20} MB at most.", code="too_long")
