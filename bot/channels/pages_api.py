"""Knowledge pages over HTTP: listed, taken in from documents after a look at what they change, removed, and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import PurePosixPath
from typing import Any, TypeVar

from aiohttp import web

from bot.channels.bodies import body_of, choice_in, name_in, named
from bot.channels.file_uploads import file_of
from bot.channels.guard import Gate, changed, operator_in
from bot.channels.problems import Problem, unavailable
from bot.librarian import MAX_FRESH, Change, Librarian, NoPage, NotDone, Shown, TooMuch
from bot.pages.document import Unreadable
from bot.pages.formats import KNOWN
from bot.pages.keeping import Plan, Way
from bot.pages.ledger import Damaged
from bot.pages.sources import MAX_FILE
from bot.pages.syncing import Busy
from bot.staff.roles import Role
from conversations.lessons import PageSaved
from conversations.text import printable
from retrieval.passages import Passage

T = TypeVar("T")

PATH = "/api/v1/pages"
AT_ONCE = 4  # documents that arrive or are read at a time, each with as much memory as it is long
LONGEST = 200  # characters of a file's name


class PagesApi:
    """The routes under /api/v1/pages."""

    def __init__(self, *, librarian: Librarian, gate: Gate) -> None:
        self._librarian = librarian
        self._gate = gate
        self._reading = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        one = f"{PATH}/{named('name')}"
        return [
            web.get(PATH, guarded(self._all, Role.VIEWER)),
            web.post(PATH, guarded(self._take, Role.TRAINER)),
            web.post(f"{PATH}/preview", guarded(self._preview, Role.TRAINER, audited=False)),
            web.get(one, guarded(self._one, Role.VIEWER)),
            web.delete(one, guarded(self._remove, Role.TRAINER)),
            web.post(f"{one}/undo", guarded(self._undo, Role.TRAINER)),
        ]

    async def _all(self, request: web.Request) -> web.Response:
        pages, removed = await _done(self._librarian.all())
        return web.json_response(
            {
                "pages": [_row(one) for one in pages],
                "removed": [_last(one) | {"name": one.page} for one in removed],
                "formats": KNOWN,
                "most": {"bytes": MAX_FILE, "fresh_passages": MAX_FRESH},
            }
        )

    async def _one(self, request: web.Request) -> web.Response:
        shown = await _done(self._librarian.one(request.match_info["name"]))
        passages = [_passage(one) for one in shown.page.passages]
        return web.json_response(_row(shown) | {"said": passages})

    async def _preview(self, request: web.Request) -> web.Response:
        async with self._in_turn():
            name, data = await _document(request)
            plan = await _done(self._librarian.preview(name, data, _way(request)), name)
            return web.json_response(_planned(plan))

    async def _take(self, request: web.Request) -> web.Response:
        operator = operator_in(request, request.query)
        async with self._in_turn():
            name, data = await _document(request)
            took = self._librarian.take(
                name, data, _way(request), seen=request.query.get("seen"), operator=operator
            )
            return _told(request, await _done(took, name))

    async def _remove(self, request: web.Request) -> web.Response:
        operator = operator_in(request, request.query)
        removed = self._librarian.remove(request.match_info["name"], operator=operator)
        return _told(request, await _done(removed))

    async def _undo(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        undone = self._librarian.undo(
            request.match_info["name"],
            name_in(body, "change_id"),
            operator=operator_in(request, body),
        )
        return _told(request, await _done(undone))

    def _in_turn(self) -> asyncio.Semaphore:
        if self._reading.locked():
            raise Problem(503, "Too many files are on their way. Please try again.", code="busy")
        return self._reading


async def _done(work: Awaitable[T], file: str = "") -> T:
    """Await what the librarian does; what stands in its way is a problem with its sentence."""
    try:
        return await work
    except NoPage as error:
        raise Problem(404, str(error)) from error
    except TooMuch as error:
        raise Problem(409, str(error), code="too_much") from error
    except NotDone as error:
        raise Problem(409, str(error), code="conflict") from error
    except Unreadable as error:
        raise Problem(
            400, f"{file}: {error}." if file else f"{error}.", code="unreadable"
        ) from error
    except Busy as error:
        raise Problem(503, "Pages are being imported just now. Try again.", code="busy") from error
    except Damaged as error:
        raise Problem(409, f"{error}.", code="damaged") from error
    except OSError as error:
        raise unavailable() from error


async def _document(request: web.Request) -> tuple[str, bytes]:
    """Return the file of a request: the one part of a form, or the whole body with its name in the query."""
    if request.content_type.startswith("multipart/"):
        name, data = await file_of(request, MAX_FILE)
    else:
        name, data = request.query.get("name", ""), await _body(request)
    name = PurePosixPath(printable(name).replace("\\", "/")).name.strip()
    if not 0 < len(name) <= LONGEST:
        raise Problem(
            400, f"The file needs a name of 1 to {LONGEST} characters, which says what it is."
        )
    if not data:
        raise Problem(400, f"{name}: the file is empty.", code="empty")
    return name, data


async def _body(request: web.Request) -> bytes:
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > MAX_FILE:
            raise Problem(413, f"A file may have {MAX_FILE >> 20} MB at most.", code="too_long")
    return bytes(content)


def _way(request: web.Request) -> Way:
    return Way(choice_in(request, "way", list(Way), Way.ASK))


def _told(request: web.Request, change: Change) -> web.Response:
    saved = change.saved
    if saved is not None:
        changed(request, _size(saved.before), f"{saved.page}: {_size(saved.text)}")
    return web.json_response(
        {
            "name": change.page,
            "quoted": change.quoted,
            "change_id": saved.change_id if saved else None,
        }
    )


def _size(text: str) -> str:
    return f"{len(text):,} characters" if text else "none"


def _planned(plan: Plan) -> dict[str, Any]:
    changes = plan.changes
    return {
        "name": plan.made.name,
        "title": plan.made.document.title,
        "note": plan.made.document.note,
        "seen": plan.seen,
        "in_the_way": plan.in_the_way,
        "new": [_passage(one) for one in changes.new],
        "changed": [{**_passage(now), "before": before.text} for before, now in changes.changed],
        "gone": [_passage(one) for one in changes.gone],
        "same": changes.same,
        "alike": [
            {**_passage(one), "page": other.page, "page_title": other.title, "says": other.text}
            for one, other in plan.alike
        ],
    }


def _row(shown: Shown) -> dict[str, Any]:
    page = shown.page
    return {
        "name": page.name,
        "title": page.title,
        "url": page.url,
        "source": page.source,
        "imported_at": page.imported_at,
        "edited": page.edited,
        "passages": len(page.passages),
        "words": page.words,
        "quoted": shown.quoted,
        "fault": page.fault,
        "last": _last(shown.last) if shown.last else None,
    }


def _last(saved: PageSaved) -> dict[str, str]:
    return {"change_id": saved.change_id, "operator": saved.operator, "source": saved.source}


def _passage(passage: Passage) -> dict[str, Any]:
    return {"heading": passage.heading, "text": passage.text, "asked": list(passage.asked)}
