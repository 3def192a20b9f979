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
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken, TelegramError

from bot.channels.channel import Outgoing
from bot.channels.telegram_chats import DEFAULTS, Chats
from bot.channels.telegram_client import (
    TelegramRefused,
    TelegramSettings,
    asked_wait,
    client,
    plainly,
    read_update,
    waits,
)
from bot.channels.telegram_files import Files
from bot.channels.telegram_menus import Menus, OwnData
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_places import Place
from bot.channels.telegram_receiving import Receiver
from bot.channels.telegram_sending import FileOf, Sender, no_file
from bot.channels.telegram_updates import Me, chat_of, in_order
from bot.channels.telegram_words import LANGUAGES
from bot.intake import Intake
from bot.links import Links
from conversations.events import Visitor
from conversations.log import EventLog, StorageUnavailable

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
MAX_BODY = 2**20  # bytes of a webhook's body
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

logger = structlog.get_logger(__name__)


class Telegram:
    """
    The channel. `connect()` or `async with` starts it.

    Args:
        rng: spreads the waits after a failure.
        links: the codes that lead here from the website; None where none does.
        own_data: what customers may ask about what is kept of them; None where they may not.
        file_of: the file of the desk that an attachment's address means, None where it means none.
    """

    name = "telegram"

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        intake: Intake,
        log: EventLog,
        rng: Random,
        links: Links | None = None,
        own_data: OwnData | None = None,
        file_of: FileOf = no_file,
    ) -> None:
        self.connected = False
        self._settings = settings
        self._links = links
        self._rng = rng
        self._bot = client(settings)
        self._files = Files(self._bot, settings, log.files)
        self._sender = Sender(
            self._bot, settings, rng, Pace(), lambda url: self._files.kept(url) or file_of(url)
        )
        self._chats = Chats(log)
        self._receiver = Receiver(
            settings,
            intake=intake,
            log=log,
            sender=self._sender,
            chats=self._chats,
            menus=Menus(self._chats, settings.phrases, own_data, settings.public_url),
            files=self._files,
            waits=lambda: waits(settings, rng),
            links=links,
        )
        self._offset = 0
        self._serving: asyncio.Task[None] | None = None

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
        await self._receiver.close()
        await self._bot.shutdown()

    async def send(self, outgoing: Outgoing) -> str:
        """
        Send a decision and return the id of its last message.

        Telegram has no key against repeats: a try that timed out may have been delivered, and the next one
        delivers it again, unless the settings say `at_most_once`.
        """
        try:
            chosen = await self._chats.of(Place.read(outgoing.visitor.address).chat_id)
        except (ValueError, StorageUnavailable):
            chosen = DEFAULTS
        return await self._sender.send(outgoing, suggestions=chosen.suggestions)

    @property
    def username(self) -> str:
        """The bot's name on Telegram, empty until Telegram has said it."""
        return self._receiver.me.username

    async def link(self, address: str) -> str:
        """Return where the visitor at an address of the website goes on here, once; empty until Telegram has said the bot's name."""
        if self._links is None or not self.username:
            return ""
        return f"https://t.me/{self.username}?start={await self._links.issue(address)}"

    async def tell(self, chat_id: int, text: str) -> None:
        """Say something to a chat that is no customer's, as patiently as any fixed answer."""
        await self._sender.tell(Place(chat_id), text)

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
        return web.Response(status=200 if await self._receiver.is_taken(update) else 503)

    def _knows_secret(self, request: web.Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        secret = self._settings.secret.encode()
        return bool(secret) and hmac.compare_digest(given, secret)

    async def _serve(self) -> None:
        try:
            await self._until_done(self._introduce)
            offering = asyncio.create_task(self._until_done(self._offer_commands))
            try:
                while not self._settings.webhook_url:
                    await self._until_done(self._fetch)
                await offering
            finally:
                offering.cancel()
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
        self._receiver.me = Me(self._bot.id, self._bot.username)
        if not await self._receiver.resume():
            return False
        if self._settings.webhook_url:
            await self._bot.set_webhook(
                self._settings.webhook_url,
                secret_token=self._settings.secret,
                allowed_updates=ALLOWED,
            )
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)
        self.connected = True
        logger.info("telegram connected", username=self.username)
        return True

    async def _offer_commands(self) -> bool:
        """List the commands in every language that Telegram tells apart, and in the desk's own for everybody else."""
        phrases = self._settings.phrases
        await self._sender.offer(phrases.of(phrases.own).commands)
        for language in LANGUAGES:
            if language != "zh-hant":  # for Telegram both are zh; see Receiver
                await self._sender.offer(phrases.of(language).commands, language[:2])
        return True

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
            chats.setdefault(chat_of(update), []).append(update)
        stuck = await asyncio.gather(*map(self._hear_in_order, chats.values()))
        again = [update_id for update_id in stuck if update_id is not None]
        if again:
            logger.warning("telegram updates wait", first=min(again), chats=len(again))
            self._offset = min(again)
        elif updates:
            self._offset = updates[-1].update_id + 1
        return not again

    async def _hear_in_order(self, updates: Sequence[Update]) -> int | None:
        """Hear the updates of one chat; return the first id that has to come again."""
        updates = in_order(updates)
        for place, update in enumerate(updates):
            if not await self._receiver.is_taken(update):
                return min(left.update_id for left in updates[place:])
        return None

    def _plainly(self, error: TelegramError) -> str:
        return plainly(error, self._settings.token)


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
