"""
Telegram: receives by polling or by webhook, sends with buttons.

The library's own Updater and webhook server confirm an update before anything is stored, so both ways in
are ours: an update is confirmed once what it says is durable. Repeats are the log's to recognise, by
(channel, external id).
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from random import Random
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web
from telegram import BotCommand, Update
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.channel import Outgoing
from bot.channels.telegram_client import (
    TelegramRefused,
    TelegramSettings,
    asked_wait,
    client,
    plainly,
    read_update,
    waits,
)
from bot.channels.telegram_sending import Sender, Toast
from bot.channels.telegram_text import Choosing, Rating, left
from bot.channels.telegram_updates import Me, Tap, Told, read
from bot.intake import BadInput, Busy, Intake
from conversations.errors import Damaged, StorageUnavailable
from conversations.events import Choice, Utterance, Visitor

ALLOWED = ("message", "edited_message", "callback_query")
MAX_BODY = 2**20  # bytes of a webhook's body
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
ANSWER_WITHIN = 0.5  # seconds; a tapped button spins until its query is answered
TRIES = 5  # of an update that fails for no reason we know
TOLD = 1000  # updates with a fixed answer that are remembered, so that a repeat gets no second one
GRACE = 2.0  # seconds that fixed answers may take when closing

logger = structlog.get_logger(__name__)

ChoicesOf = Callable[[str], Awaitable[tuple[Choice, ...]]]


class Telegram:
    """
    The channel. `connect()` or `async with` starts it.

    Args:
        choices_of: the choices of a decision, empty where there is no such decision.
        rng: spreads the waits after a failure.
    """

    name = "telegram"

    def __init__(
        self, settings: TelegramSettings, *, intake: Intake, choices_of: ChoicesOf, rng: Random
    ) -> None:
        self.connected = False
        self._settings = settings
        self._intake = intake
        self._choices_of = choices_of
        self._rng = rng
        self._bot = client(settings)
        self._sender = Sender(self._bot, settings, rng)
        self._me = Me(settings.user_id, "")
        self._offset = 0
        self._serving: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[Any]] = set()
        self._told: deque[int] = deque(maxlen=TOLD)
        self._failures: dict[int, int] = {}  # by update id

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """
        Ask Telegram whether it knows the token, and begin to receive.

        Where Telegram cannot be reached the asking goes on in the background: the other channels do not
        wait for it.

        Raises:
            TelegramRefused: the token or the webhook's secret is no good.
        """
        self._settings.check()
        try:
            await self._bot.initialize()
        except InvalidToken:
            await self._bot.shutdown()
            raise TelegramRefused(  # from nothing: the library's message contains the token
                "Telegram refused the token: compare it with the one that @BotFather shows."
            ) from None
        except TelegramError as error:
            logger.warning("telegram not reached yet", why=self._plainly(error))
        self._serving = asyncio.create_task(self._serve(), name="telegram")

    async def close(self) -> None:
        """Stop receiving, give fixed answers a moment to leave, and hang up."""
        self.connected = False
        if self._serving:
            self._serving.cancel()
            await asyncio.wait({self._serving})
        if self._chores:
            await asyncio.wait(self._chores, timeout=GRACE)
        for late in self._chores:
            late.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self._bot.shutdown()

    async def send(self, outgoing: Outgoing) -> str:
        """
        Send a decision and return the id of its last message.

        Telegram has no key against repeats: a try that timed out may have been delivered, and the next one
        delivers it again.
        """
        return await self._sender.send(outgoing)

    async def typing(self, visitor: Visitor) -> None:
        """Show `typing` for about five seconds."""
        await self._sender.typing(visitor)

    async def webhook(self, request: web.Request) -> web.Response:
        """
        Take an update that Telegram posts; 200 once it is durable.

        403 without the secret, 413 above 1 MiB, 400 for what is no update, 503 where it could not be
        stored: Telegram then posts it again.
        """
        if not self._knows_secret(request):
            return web.Response(status=403)
        update = _posted(await _body(request))
        if update is None:
            return web.Response(status=400)
        return web.Response(status=200 if await self._is_heard(update) else 503)

    def _knows_secret(self, request: web.Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        secret = self._settings.secret.encode()
        return bool(secret) and hmac.compare_digest(given, secret)

    async def _serve(self) -> None:
        try:
            await self._until_done(self._introduce)
            while not self._settings.webhook_url:
                await self._until_done(self._fetch)
        except InvalidToken:
            self.connected = False
            # Without the traceback: the library's message contains the token.
            logger.error("telegram refuses the token; nothing is received until a restart")  # noqa: TRY400

    async def _until_done(self, step: Callable[[], Awaitable[bool]]) -> None:
        for wait in waits(self._settings, self._rng):
            asked = 0.0
            try:
                if await step():
                    return
            except InvalidToken:
                raise
            except TelegramError as error:
                logger.warning("telegram failed, trying again", why=self._plainly(error))
                asked = asked_wait(error)
            await asyncio.sleep(max(wait, asked))

    async def _introduce(self) -> bool:
        await self._bot.initialize()
        self._me = Me(self._bot.id, self._bot.username)
        if self._settings.webhook_url:
            await self._bot.set_webhook(
                self._settings.webhook_url,
                secret_token=self._settings.secret,
                allowed_updates=ALLOWED,
            )
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)
        await self._offer_commands()
        self.connected = True
        logger.info("telegram connected", username=self._me.username)
        return True

    async def _offer_commands(self) -> None:
        texts = self._settings.texts
        offered = (
            BotCommand("start", texts.start_command),
            BotCommand("help", texts.help_command),
            BotCommand("human", texts.human_command),
        )
        try:
            await self._bot.set_my_commands(offered)
        except BadRequest as error:
            logger.warning("telegram lists no commands", why=self._plainly(error))

    async def _fetch(self) -> bool:
        """
        Fetch what is new and hear it; false where something has to come again.

        The next fetch asks for what follows the offset, and that confirms all before it.
        """
        updates = await self._bot.get_updates(
            self._offset, timeout=self._settings.poll, allowed_updates=ALLOWED
        )
        chats: dict[int, list[Update]] = {}
        for update in updates:
            chats.setdefault(_chat_id(update), []).append(update)
        stuck = await asyncio.gather(*map(self._hear_in_order, chats.values()))
        again = [update_id for update_id in stuck if update_id is not None]
        if again:
            logger.warning("telegram updates wait", first=min(again), chats=len(again))
            self._offset = min(again)
        elif updates:
            self._offset = updates[-1].update_id + 1
        return not again

    async def _hear_in_order(self, updates: Sequence[Update]) -> int | None:
        """Hear the updates of one chat; return the id of the one that has to come again."""
        for update in updates:
            if not await self._is_heard(update):
                return update.update_id
        return None

    async def _is_heard(self, update: Update) -> bool:
        try:
            await self._hear(update)
        except (StorageUnavailable, Damaged, Busy):
            return False
        except Exception:
            logger.exception("telegram update failed", update_id=update.update_id)
            return self._is_given_up(update)
        self._failures.pop(update.update_id, None)
        return True

    def _is_given_up(self, update: Update) -> bool:
        """One update that always fails must not hold up all others for ever; its sender is told."""
        failures = self._failures.pop(update.update_id, 0) + 1
        if failures < TRIES:
            self._failures[update.update_id] = failures
            return False
        self._tell(update, Told(_chat_id(update), self._settings.texts.failed))
        return True

    async def _hear(self, update: Update) -> None:
        match read(update, self._me, self._settings.texts):
            case Utterance() as utterance:
                await self._utter(update, utterance)
            case Told() as told:
                self._tell(update, told)
            case Tap() as tap:
                await self._tapped(tap)
            case None:
                pass

    async def _utter(self, update: Update, utterance: Utterance) -> None:
        try:
            await self._intake.hear(utterance)
        except BadInput:
            self._tell(update, Told(_chat_id(update), self._settings.texts.refused))

    def _tell(self, update: Update, told: Told) -> None:
        if update.update_id not in self._told:
            self._told.append(update.update_id)
            self._start(self._sender.tell(told.chat_id, told.text))

    async def _tapped(self, tap: Tap) -> None:
        """Act on a tap, and answer it even before that is done where the disk is slow."""
        acting = self._start(self._act(tap))
        await asyncio.wait({acting}, timeout=ANSWER_WITHIN)
        failed_or_slow = not acting.done() or acting.exception()
        toast = Toast() if failed_or_slow else acting.result()
        self._start(self._sender.answer(tap.query_id, toast))
        await acting
        if tap.message_id:
            kept = left(tap.keyboard, tap.button)
            self._start(self._sender.show_buttons(tap.chat_id, tap.message_id, kept))

    async def _act(self, tap: Tap) -> Toast:
        texts = self._settings.texts
        expired = Toast(texts.expired, alert=True)
        match tap.button:
            case Rating(value, message_id):
                address = str(tap.chat_id)
                kept = await self._intake.rate(message_id, value, "", address=address)
                return Toast(texts.thanks) if kept else expired
            case Choosing(index, message_id):
                choices = await self._choices_of(message_id)
                if index >= len(choices):
                    return expired
                await self._intake.hear(_chosen(tap, message_id, choices[index]))
                return Toast()
            case None:
                return expired

    def _start(self, chore: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task

    def _plainly(self, error: TelegramError) -> str:
        return plainly(error, self._settings.token)


def _chosen(tap: Tap, message_id: str, choice: Choice) -> Utterance:
    """One external id for every button of a keyboard: only the first tap on it is heard."""
    return Utterance(
        channel="telegram",
        address=str(tap.chat_id),
        external_id=f"cb:{tap.message_id}:{message_id}",
        text=choice.label,
        chosen=choice.value,
        name=tap.name,
    )


def _chat_id(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat else 0


async def _body(request: web.Request) -> bytes:
    try:
        await request.content.readexactly(MAX_BODY + 1)
    except asyncio.IncompleteReadError as short:
        return short.partial
    raise web.HTTPRequestEntityTooLarge(MAX_BODY, MAX_BODY + 1)


def _posted(body: bytes) -> Update | None:
    try:
        return read_update(json.loads(body))
    except (ValueError, RecursionError):
        return None
