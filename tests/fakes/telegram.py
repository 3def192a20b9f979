"""
A Bot API server on loopback, with the memory and the strictness of the real one.

It is the outside world: it knows nothing of Frontdesk and needs no test framework. `base_url` goes where
`https://api.telegram.org/bot` would. Customers are moved with `customer_says` and `taps`, what they see is
in `sent_to`, and `fail_next` and `cut_next` make the next calls go wrong.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.fakes.telegram_parts import Answered, Json, Refusal, Sent, Upload, now
from tests.fakes.telegram_world import World

REPOST = 0.02  # seconds between two posts of an update that a webhook did not take
WELL_FORMED = re.compile(r"\d+:[\w-]+", re.ASCII)
STRUCTURED = {"allowed_updates", "commands", "reply_markup", "scope"}  # JSON texts within a form
FLAGS = {"drop_pending_updates", "show_alert"}


class Cut(Exception):
    """The connection breaks off before an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the bot."""

    method: str
    parameters: Mapping[str, Any]
    at: float  # time.monotonic()


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of a call: refused, or cut off before or after it is done."""

    refusal: Refusal | None  # none: the connection is cut
    executed: bool = False


class FakeTelegram:
    """The server of one bot. `async with` starts and stops it."""

    def __init__(
        self, token: str, *, username: str = "frontdesk_bot", host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.calls: list[Call] = []
        self._address = (host, port)
        self._world = World(token, username)
        self.weather: Callable[[str, Json], Fault | None] = fair  # asked before each call
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._broken: Counter[str] = Counter()  # downloads that break off, by file
        self._held: dict[
            str, asyncio.Event
        ] = {}  # downloads that stop half way until they may go on
        self._polls = 0
        self._news = asyncio.Condition()
        self._nudges: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/f/{file_id}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._address).start()
        self._address = self._runner.addresses[0][:2]
        self._posting = asyncio.create_task(self._post_updates())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._posting.cancel()
        with suppress(asyncio.CancelledError):
            await self._posting
        self._polls += 1  # a getUpdates that waits ends now
        await self._announce()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        host, port = self._address
        return f"http://{host}:{port}/bot"

    # What customers do and see. A negative chat id is a group.

    def customer_says(self, chat_id: int, text: str, *, name: str = "Ada", **fields: Any) -> int:
        """Write to the bot and return the message's id; `fields` go into the message as they are."""
        return self.customer_sends(chat_id, {"text": text, **fields}, name=name)

    def customer_sends(self, chat_id: int, content: Json, *, name: str = "Ada") -> int:
        """Send any content, such as `{"sticker": {...}}`."""
        message = self._world.message(chat_id, content, name)
        self.delivers({"message": message})
        return int(message["message_id"])

    def customer_sends_file(
        self,
        chat_id: int,
        content: bytes,
        name: str = "a.pdf",
        *,
        caption: str = "",
        mime: str = "application/pdf",
        **fields: Any,
    ) -> int:
        """Send a document."""
        file_id = f"file{len(self._world.files)}"
        self._world.files[file_id] = content
        document = {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_name": name,
            "mime_type": mime,
            "file_size": len(content),
        }
        return self.customer_sends(
            chat_id, {"document": document, **({"caption": caption} if caption else {}), **fields}
        )

    def customer_sends_album(
        self, chat_id: int, contents: Sequence[bytes], *, caption: str = "", album: str = "1"
    ) -> list[int]:
        """Send several documents at once, with the caption under the first, and return the ids of their messages."""
        return [
            self.customer_sends_file(
                chat_id, content, caption=caption if place == 0 else "", media_group_id=album
            )
            for place, content in enumerate(contents)
        ]

    def speaks(self, chat_id: int, language: str) -> None:
        """Let a customer's client be in this language, an IETF tag."""
        self._world.languages[chat_id] = language

    def customer_edits(
        self, chat_id: int, message_id: int, text: str, *, name: str = "Ada"
    ) -> None:
        changed = {"text": text, "message_id": message_id, "edit_date": now()}
        self.delivers({"edited_message": self._world.message(chat_id, changed, name)})

    def taps(self, chat_id: int, data: str, *, on: int | None = None, name: str = "Ada") -> str:
        """Tap a button of the message `on`, else of the latest that has it; return the query's id."""
        shown = self._world.message_with(chat_id, data) if on is None else on
        query_id = self._world.tap(chat_id, shown, data, name)
        self._nudge()
        return query_id

    def meets(self, chat_id: int) -> None:
        """Let the bot write to a chat that has not written yet."""
        self._world.chat(chat_id)

    def changes_membership(self, chat_id: int, status: str) -> None:
        """Let Telegram tell that the customer stopped the bot (`kicked`) or has it again (`member`)."""
        self.delivers({"my_chat_member": self._world.membership(chat_id, status)})

    def repeats(self, update_id: int) -> None:
        """Deliver an update once more, as Telegram does where it is not sure."""
        self.delivers(self._world.past[update_id])

    def blocks(self, chat_id: int) -> None:
        """Let the customer stop the bot."""
        self._world.blocked.add(chat_id)

    def unblocks(self, chat_id: int) -> None:
        """Let the customer have the bot again."""
        self._world.blocked.discard(chat_id)

    def sent_to(self, chat_id: int) -> tuple[Sent, ...]:
        """What the customer sees of the bot, oldest first."""
        return tuple(self._world.messages[chat_id])

    async def wait_for_message(self, chat_id: int, n: int = 1, *, within: float = 5.0) -> Sent:
        """Return the `n`-th message to this chat, counted from 1, once it is there."""
        await self.wait_until(lambda: len(self.sent_to(chat_id)) >= n, within=within)
        return self.sent_to(chat_id)[n - 1]

    async def wait_until(self, is_so: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait until `is_so()`, which is looked at whenever something happens here."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(is_so)

    # What the bot did, and what goes wrong.

    @property
    def pending(self) -> tuple[int, ...]:
        """The ids of the updates that are not confirmed yet."""
        return tuple(update["update_id"] for update in self._world.pending)

    @property
    def answers(self) -> Mapping[str, Answered]:
        """What the tapped buttons said, by query id."""
        return self._world.answers

    @property
    def commands(self) -> Mapping[tuple[int, str], Mapping[str, str]]:
        """The lists of commands with their descriptions, by chat (0: all) and language (empty: all)."""
        return self._world.commands

    @property
    def webhook_url(self) -> str:
        return self._world.webhook.url

    def called(self, method: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.method == method)

    def delivers(self, update: Json) -> int:
        """Queue an update as it is, a repeated one too, and return its id."""
        update_id = self._world.queue(update)
        self._nudge()
        return update_id

    def fail_next(
        self,
        method: str,
        status: int,
        description: str,
        retry_after: int | None = None,
        *,
        times: int = 1,
    ) -> None:
        """Answer the next calls of `method` with an error, unexecuted."""
        refusal = Refusal(status, description, retry_after)
        self._faults[method].extend([Fault(refusal)] * times)

    def cut_next(self, method: str, *, executed: bool, times: int = 1) -> None:
        """Break the connection of the next calls of `method`, before or after doing what they ask."""
        self._faults[method].extend([Fault(None, executed)] * times)

    def breaks_off(self, file_id: str, times: int) -> None:
        """Let the next downloads of a file end half way."""
        self._broken[file_id] += times

    def holds_back(self, file_id: str) -> asyncio.Event:
        """Give only half of a file to whoever asks for it, and the rest once the event is set."""
        return self._held.setdefault(file_id, asyncio.Event())

    # The server.

    async def _call(self, request: web.Request) -> web.Response:
        try:
            self._admit(request.match_info["token"])
            method, parameters = request.match_info["method"], await _parameters(request)
            self.calls.append(Call(method, parameters, time.monotonic()))
            self._nudge()
            result = await self._perform(method, parameters)
        except Refusal as refusal:
            return web.json_response(refusal.as_json(), status=refusal.status)
        except (Cut, ConnectionResetError):  # or the bot itself is gone
            if request.transport:
                request.transport.abort()
            return web.Response()
        finally:
            self._nudge()
        return web.json_response({"ok": True, "result": result})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self._world.token:
            return web.Response(status=404)
        file_id = request.match_info["file_id"]
        self.calls.append(Call("file", {"file_id": file_id}, time.monotonic()))
        self._nudge()
        content = self._world.files[file_id]
        held = self._held.get(file_id)
        if held is None and not self._broken[file_id]:
            return web.Response(body=content)
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        if held is not None:
            await held.wait()
            await response.write(content[len(content) // 2 :])
        elif request.transport:
            self._broken[file_id] -= 1
            request.transport.abort()
        return response

    def _admit(self, token: str) -> None:
        if not WELL_FORMED.fullmatch(token):
            raise Refusal(404, "Not Found")
        if token != self._world.token:
            raise Refusal(401, "Unauthorized")

    async def _perform(self, method: str, parameters: Json) -> Any:
        planned = self._faults[method].popleft() if self._faults[method] else None
        fault = planned or self.weather(method, parameters)
        if fault and fault.refusal:
            raise fault.refusal
        if fault and not fault.executed:
            raise Cut
        if method == "getUpdates":
            result = await self._get_updates(parameters)
        else:
            result = self._world.perform(method, parameters)
        if fault:
            raise Cut
        return result

    async def _get_updates(self, parameters: Json) -> list[Json]:
        self._world.allow(parameters)
        self._polls += 1
        poll = self._polls
        self._refuse_a_second_reader(poll)
        self._world.forget(int(parameters.get("offset") or 0))
        with suppress(TimeoutError):
            async with asyncio.timeout(float(parameters.get("timeout") or 0)), self._news:
                await self._news.wait_for(
                    lambda: self._world.pending or self._world.webhook.url or poll != self._polls
                )
        self._refuse_a_second_reader(poll)
        return self._world.pending[: int(parameters.get("limit") or 100)]

    def _refuse_a_second_reader(self, poll: int) -> None:
        if self._world.webhook.url:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if poll != self._polls:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )

    async def _post_updates(self) -> None:
        """Post what is pending to the webhook, in order, each until it is taken."""
        async with ClientSession(timeout=ClientTimeout(total=5)) as session:
            while True:
                async with self._news:
                    await self._news.wait_for(
                        lambda: self._world.webhook.url and self._world.pending
                    )
                if not await self._post(session, self._world.pending[0]):
                    await asyncio.sleep(REPOST)

    async def _post(self, session: ClientSession, update: Json) -> bool:
        webhook = self._world.webhook
        secret = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        try:
            async with session.post(webhook.url, json=update, headers=secret) as response:
                status = response.status
        except (ClientError, TimeoutError) as error:
            webhook.last_error = str(error)
            return False
        if status >= 300:
            webhook.last_error = f"Wrong response from the webhook: {status}"
            return False
        self._world.confirm(update)
        self._nudge()
        return True

    def _nudge(self) -> None:
        """Wake whoever waits for news; a task, so that what customers do needs no await."""
        nudge = asyncio.get_running_loop().create_task(self._announce())
        self._nudges.add(nudge)
        nudge.add_done_callback(self._nudges.discard)

    async def _announce(self) -> None:
        async with self._news:
            self._news.notify_all()


def fair(_: str, __: Json) -> Fault | None:
    """Let every call through."""
    return None


async def _parameters(request: web.Request) -> Json:
    """Read JSON or a form."""
    if request.content_type == "application/json":
        body: Json = await request.json()
        return body
    form = {**request.query, **await request.post()}
    return {key: _value(key, value) for key, value in form.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, web.FileField):
        return Upload(value.filename, value.file.read())
    if key in FLAGS:
        return value.lower() == "true"
    return json.loads(value) if key in STRUCTURED else value
