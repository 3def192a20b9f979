"""
What comes in from Telegram, one update of a chat at a time: heard, answered with a fixed sentence, or acted on.

An update may be confirmed once `is_taken` says so: what it says is durable then. One with a file waits in the backlog until the file
is there, and so does what the same chat says after it; taps do not wait, since somebody looks at the button.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from telegram import Update

from bot.channels.telegram_albums import Albums, together
from bot.channels.telegram_backlog import Backlog
from bot.channels.telegram_chats import Chats
from bot.channels.telegram_client import TelegramSettings
from bot.channels.telegram_files import Files
from bot.channels.telegram_menus import CHANNEL, Menus
from bot.channels.telegram_order import Order
from bot.channels.telegram_places import place_of_update
from bot.channels.telegram_sending import Handed, Page, Sender, Toast
from bot.channels.telegram_taps import Outcome, Taps
from bot.channels.telegram_updates import (
    Arriving,
    Edited,
    Me,
    Opened,
    Reach,
    Tap,
    Told,
    WithFile,
    chat_of,
    edited_at,
    language_of,
    read,
)
from bot.channels.telegram_words import TelegramTexts, spoken
from bot.intake import BadInput, Busy, Hearing, Intake, decided, heard_in
from bot.links import Links
from conversations.errors import Damaged, StorageUnavailable
from conversations.events import CANCEL, HUMAN, ActionKind, Heard, Recorded, Utterance
from conversations.log import EventLog

ANSWER_WITHIN = 0.5  # seconds; a tapped button spins until its query is answered
TRIES = 5  # of an update that fails for no reason we know
TOLD = 1000  # updates with a fixed answer that are remembered, so that a repeat gets no second one
GRACE = 2.0  # seconds that fixed answers may take when closing

logger = structlog.get_logger(__name__)


class Receiver:
    """
    The incoming half of the channel. `me` is the bot, once Telegram has said who that is.

    Args:
        waits: the seconds to wait after each failure in turn, of what waits here.
        links: the codes that lead here from the website; None where none does.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        intake: Intake,
        log: EventLog,
        sender: Sender,
        chats: Chats,
        menus: Menus,
        files: Files,
        waits: Callable[[], Iterator[float]],
        links: Links | None = None,
    ) -> None:
        self.me = Me(settings.user_id, "")
        self._phrases = settings.phrases
        self._intake = intake
        self._log = log
        self._sender = sender
        self._chats = chats
        self._menus = menus
        self._files = files
        self._links = links
        self._order = Order()
        self._backlog = Backlog(log, self._is_heard_later, waits)
        self._albums = Albums(log, self._backlog, lambda: self.me, settings.album_settles)
        self._taps = Taps(intake, log, menus, links)
        self._chores: set[asyncio.Task[Any]] = set()
        self._told: deque[int] = deque(maxlen=TOLD)
        self._failures: dict[int, int] = {}  # by update id

    async def resume(self) -> bool:
        """Go on with what an earlier life of the server left; false where the disk does not say what that is."""
        try:
            await self._backlog.resume()
        except (StorageUnavailable, Damaged) as error:
            logger.warning("telegram cannot go on yet", why=str(error))
            return False
        return True

    async def close(self) -> None:
        """Leave what waits for the next life, and give fixed answers a moment to leave."""
        await self._backlog.close()
        if self._chores:
            await asyncio.wait(self._chores, timeout=GRACE)
        for late in self._chores:
            late.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)

    async def is_taken(self, update: Update) -> bool:
        """Take an update; false where it has to come again."""
        return await self._succeeds(update, self._take_in)

    async def _is_heard_later(self, update: Update) -> bool:
        return await self._succeeds(update, partial(self._hear, with_files=True))

    async def _succeeds(self, update: Update, step: Callable[[Update], Awaitable[None]]) -> bool:
        try:
            await step(update)
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
        texts = self._phrases.of(spoken(language_of(update)))
        self._tell(update, Told(texts.failed))
        return True

    async def _take_in(self, update: Update) -> None:
        chat_id = chat_of(update)
        if not self._backlog.resumed:
            raise Busy  # what waits from an earlier life comes first; at the end nothing is begun
        async with self._order.turn(chat_id, update.update_id):
            if not self._backlog.holds(chat_id) or update.callback_query:
                await self._hear(update)
            elif self._concerns(update):
                await self._backlog.put(update)

    def _concerns(self, update: Update) -> bool:
        """Whether an update is anybody's business here; of an album in a group only the part with the words says so."""
        in_album = update.message and update.message.media_group_id
        return bool(in_album) or read(update, self.me, self._phrases.of("")) is not None

    async def _hear(self, update: Update, *, with_files: bool = False) -> None:
        chat_id = chat_of(update)
        language = (await self._chats.of(chat_id)).language or spoken(language_of(update))
        texts = self._phrases.of(language)
        reading = read(update, self.me, texts)
        if isinstance(reading, Reach) and reading.gone:
            self._sender.is_gone(chat_id)
            return
        self._sender.is_back(chat_id)
        match reading:
            case Utterance() as utterance:
                await self._utter(update, utterance, texts)
            case Edited(utterance, of):
                await self._correct(update, utterance, of, texts)
            case WithFile() as sent if with_files:
                await self._fetch(update, sent, texts)
            case WithFile():
                await self._backlog.put(update)
            case Told() as told:
                self._tell(update, told)
                self._list_commands(update, language)
            case Opened(menu):
                self._show(update, await self._menus.page(menu, chat_id, language))
            case Arriving() as arriving:
                await self._join(update, arriving, texts)
            case Tap() as tap:
                await self._tapped(tap, texts, language)
            case Reach() | None:
                pass

    async def _utter(self, update: Update, utterance: Utterance, texts: TelegramTexts) -> None:
        try:
            hearing = await self._intake.hear(utterance)
        except BadInput:
            self._tell(update, Told(texts.refused))
            return
        if utterance.chosen in {CANCEL, HUMAN}:
            self._start(self._not_in_silence(update, hearing, texts))

    async def _not_in_silence(self, update: Update, hearing: Hearing, texts: TelegramTexts) -> None:
        """Say who has the conversation, where the bot does nothing because of it."""
        decision = decided(await asyncio.shield(hearing.answer))
        if decision.action is ActionKind.SILENT:
            self._tell(update, Told(texts.with_person))

    async def _correct(
        self, update: Update, utterance: Utterance, of: str, texts: TelegramTexts
    ) -> None:
        """Hear what a message says now; one that was not heard yet counts as never having said anything else."""
        first = await self._log.heard("telegram", of)
        if first is None:
            await self._utter(update, replace(utterance, external_id=of), texts)
        elif await self._is_news(first, utterance):
            await self._utter(update, replace(utterance, corrects=of), texts)

    async def _is_news(self, first: Recorded, utterance: Utterance) -> bool:
        """Whether a message says something else by this edit: Telegram also tells of other changes, and a late edit is over."""
        history = await self._log.history(first.conversation_id)
        said = [one.event for one in history if isinstance(one.event, Heard)]
        own = heard_in(first).message_id
        wordings = [heard for heard in said if own in (heard.message_id, heard.corrects)]
        latest = max(edited_at(heard.external_id) for heard in wordings)
        return edited_at(utterance.external_id) >= latest and utterance.text != wordings[-1].text

    async def _fetch(self, update: Update, sent: WithFile, texts: TelegramTexts) -> None:
        """Keep a file, or those of an album, and hear them with what came beside them."""
        parts = await self._albums.parts(update) if sent.album else [sent]
        if not parts:
            return  # it was heard with the others
        utterance = together(parts)
        if await self._log.heard("telegram", utterance.external_id):
            return  # a repeat: nothing is fetched twice
        files, missing = await self._files.fetch_all([p.file for p in parts], utterance.address)
        if not await self._backlog.has(update):
            await self._files.drop(files)
            return
        if missing:
            self._tell(update, Told("\n\n".join(why.said(texts) for why in missing)))
        if not files and not utterance.text:
            return
        try:
            await self._utter(update, replace(utterance, files=files), texts)
        except (
            Busy,
            StorageUnavailable,
        ):  # nothing was stored: with the next try they are kept anew
            await self._files.drop(files)
            raise

    async def _join(self, update: Update, arriving: Arriving, texts: TelegramTexts) -> None:
        """Ask whether to go on with the conversation that somebody began on the website."""
        if self._links is None:
            self._tell(update, Told(texts.greeting))
            return
        good = await self._links.is_good(arriving.code, (CHANNEL, str(arriving.chat_id)))
        page = self._menus.asking_to_join(arriving.code, texts) if good else Page(texts.link_old)
        self._show(update, page)

    def _tell(self, update: Update, told: Told) -> None:
        self._show(update, Page(told.text))

    def _show(self, update: Update, page: Page) -> None:
        if update.update_id not in self._told:
            self._told.append(update.update_id)
            self._start(self._sender.tell(place_of_update(update), page.text, page.rows))

    def _list_commands(self, update: Update, language: str) -> None:
        """Telegram lists commands by two letters of a language, which do not tell the two ways to write Chinese apart."""
        if language == "zh-hant" and (chat_id := chat_of(update)) > 0:
            commands = self._phrases.of(language).commands
            self._start(self._sender.offer(commands, chat_id=chat_id))

    async def _tapped(self, tap: Tap, texts: TelegramTexts, language: str) -> None:
        """Act on a tap, and answer it even before that is done where the disk is slow."""
        acting = self._start(self._taps.act(tap, texts, language))
        await asyncio.wait({acting}, timeout=ANSWER_WITHIN)
        failed_or_slow = not acting.done() or acting.exception()
        toast = Toast() if failed_or_slow else acting.result().toast
        self._start(self._sender.answer(tap.query_id, toast))
        self._leave(tap, await acting)

    def _leave(self, tap: Tap, outcome: Outcome) -> None:
        if not tap.message_id:
            return
        if outcome.rows is not None:
            self._start(self._sender.show_buttons(tap.chat_id, tap.message_id, outcome.rows))
        if outcome.page is not None:
            self._start(self._sender.turn_to(tap.chat_id, tap.message_id, outcome.page))
        if outcome.handed is not None:
            self._start(self._give(tap.chat_id, outcome.handed))
        if outcome.language:
            commands = self._phrases.of(outcome.language).commands
            self._start(self._sender.offer(commands, chat_id=tap.chat_id))

    async def _give(self, chat_id: int, handed: Handed) -> None:
        if not await self._sender.give(chat_id, handed):
            self._taps.copies.forget(chat_id)

    def _start(self, chore: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task
