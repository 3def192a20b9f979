"""What each chat has chosen in /settings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.channels.telegram_words import LANGUAGES
from conversations.log import EventLog

REMEMBERED = 10_000  # chats whose choices are known without asking the log


@dataclass(frozen=True, slots=True)
class Preferences:
    """`language` is one of `LANGUAGES`, empty where the customer's own client says it; `suggestions`: what may be asked next is shown."""

    language: str = ""
    suggestions: bool = True


DEFAULTS = Preferences()


class Chats:
    """The preferences of every chat, kept in the log's file."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._known: dict[int, Preferences] = {}

    async def of(self, chat_id: int) -> Preferences:
        if chat_id not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[chat_id] = _read(await self._log.note(_key(chat_id)))
        return self._known[chat_id]

    async def set(self, chat_id: int, chosen: Preferences) -> None:
        """Keep what a chat has chosen; nothing is kept of one that has chosen nothing."""
        text = "" if chosen == DEFAULTS else json.dumps(asdict(chosen))
        await self._log.keep_note(_key(chat_id), text)
        self._known[chat_id] = chosen


def _key(chat_id: int) -> str:
    return f"telegram:{chat_id}"


def _read(text: str) -> Preferences:
    """Return what was kept; a note of another version is as good as none."""
    try:
        kept = json.loads(text or "{}")
        language, suggestions = kept.get("language", ""), kept.get("suggestions", True)
    except (ValueError, AttributeError):
        return DEFAULTS
    return Preferences(language if language in LANGUAGES else "", suggestions is not False)
