"""What the channel shows by itself: the settings, and a customer's own data. Neither takes a turn."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.telegram_backlog import waiting_at
from bot.channels.telegram_buttons import Asking, Setting, joining, link, own_data, settings, sure
from bot.channels.telegram_chats import DEFAULTS, Chats, Preferences
from bot.channels.telegram_sending import Handed, Page
from bot.channels.telegram_updates import Menu
from bot.channels.telegram_words import Phrasebook, TelegramTexts
from conversations.log import EventLog
from conversations.privacy import erase, export

CHANNEL = "telegram"
COPY = "my-data.json"  # what a customer's copy is called


@dataclass(frozen=True, slots=True)
class OwnData:
    """What a customer may ask about what is kept of them, whatever they wrote from."""

    log: EventLog

    async def export(self, chat_id: int) -> dict[str, Any]:
        """Return everything, as JSON can say it."""
        return {"visitors": [await export(self.log, one) for one in await self._kept(chat_id)]}

    async def erase(self, chat_id: int) -> None:
        """Erase everything, for good, also what waits to be heard."""
        await self.log.drop_notes(waiting_at(chat_id))
        for visitor_id in await self._kept(chat_id):
            await erase(self.log, visitor_id, by=f"{CHANNEL}: the customer")

    async def _kept(self, chat_id: int) -> list[str]:
        """Return the visitors who said something; of others nothing is kept."""
        visitors = await self.log.visitors_at(CHANNEL, str(chat_id))
        return [v.visitor_id for v in visitors if await self.log.everything_of(v.visitor_id)]


@dataclass(frozen=True, slots=True)
class Menus:
    """
    The menus of one bot.

    Args:
        own_data: None where customers may not ask for it; then nothing of it is offered.
        web: where the chat goes on in a browser, empty for nowhere.
    """

    chats: Chats
    phrases: Phrasebook
    own_data: OwnData | None = None
    web: str = ""

    async def page(self, menu: Menu, chat_id: int, language: str) -> Page:
        """Return a menu as it opens, in one of our languages."""
        texts = self.phrases.of(language)
        match menu:
            case Menu.SETTINGS:
                return self._settings(await self.chats.of(chat_id), language)
            case Menu.PRIVACY:
                return Page(texts.privacy, own_data(texts) if self.own_data else ())

    def asking_to_join(self, code: str, texts: TelegramTexts) -> Page:
        """Return what somebody is asked who comes with a code: the link may be a stranger's."""
        return Page(texts.join_ask, joining(code, texts))

    def joined(self, texts: TelegramTexts) -> Page:
        """Return what somebody reads who came from the website."""
        return Page(texts.joined, link(texts.open_web, self.web))

    def _settings(self, chosen: Preferences, language: str) -> Page:
        texts = self.phrases.of(language)
        rows = settings(texts, language, suggestions=chosen.suggestions, web=self.web)
        return Page(texts.settings, rows)

    async def set(self, chat_id: int, setting: Setting, language: str) -> Page:
        """Keep a setting and return the page that shows it."""
        before = await self.chats.of(chat_id)
        chosen = replace(
            before,
            language=setting.language or before.language,
            suggestions=before.suggestions if setting.suggestions is None else setting.suggestions,
        )
        await self.chats.set(chat_id, chosen)
        return self._settings(chosen, chosen.language or language)

    async def asked(self, chat_id: int, asking: Asking, language: str) -> Page | Handed:
        """Do what was asked about the customer's own data, and return the page or the file that follows."""
        texts = self.phrases.of(language)
        if self.own_data is None:
            return Page(texts.privacy)
        match asking.what:
            case "export":
                return await self._export(self.own_data, chat_id, texts)
            case "erase":
                return Page(texts.erase_sure, sure(texts))
            case "sure":
                await self._erase(self.own_data, chat_id)
                return Page(texts.erased)
            case _:
                return Page(texts.privacy, own_data(texts))

    async def _export(self, data: OwnData, chat_id: int, texts: TelegramTexts) -> Handed:
        held = json.dumps(await data.export(chat_id), ensure_ascii=False, indent=2).encode()
        return Handed(COPY, held, texts.exported)

    async def _erase(self, data: OwnData, chat_id: int) -> None:
        await data.erase(chat_id)
        await self.chats.set(chat_id, DEFAULTS)
