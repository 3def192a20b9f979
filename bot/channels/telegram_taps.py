"""What a tapped button does: once, however often it is tapped, and said on the keyboard that it stood on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.telegram_buttons import (
    Asking,
    Choosing,
    Joining,
    Rating,
    Rows,
    Setting,
    Spent,
    after,
    expired,
)
from bot.channels.telegram_menus import CHANNEL, Menus
from bot.channels.telegram_sending import Handed, Page, Toast
from bot.channels.telegram_updates import Tap
from bot.channels.telegram_words import TelegramTexts
from bot.intake import Intake
from bot.links import Links
from conversations.events import (
    HUMAN,
    ActionKind,
    Choice,
    Decided,
    Heard,
    Recorded,
    Thumb,
    Utterance,
    suggested,
)
from conversations.log import EventLog
from conversations.notices import Told

REMEMBERED = 1000  # thumbs that were counted, so that a second tap on one is not
COPY_LASTS = 60.0  # seconds in which a second tap brings no second copy of a customer's data


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tap says for a moment, and what it leaves: other buttons, or another page, or a file, or all as it was."""

    toast: Toast
    rows: Rows | None = None
    page: Page | None = None
    handed: Handed | None = None
    language: str = ""  # chosen, for the list of commands


class Copies:
    """The chats that have a copy of their data under way, or got one within `COPY_LASTS` by `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[int, float] = {}  # the oldest first

    def may_begin(self, chat_id: int) -> bool:
        """Say whether a chat is to get a copy now; if so, it is the one for the next minute."""
        now = self._clock()
        while self._begun and next(iter(self._begun.values())) <= now - COPY_LASTS:
            del self._begun[next(iter(self._begun))]
        if chat_id in self._begun:
            return False
        self._begun[chat_id] = now
        return True

    def forget(self, chat_id: int) -> None:
        """The copy did not come, or is of what is no more: the next tap brings one."""
        self._begun.pop(chat_id, None)


class Taps:
    """Acts on taps; neither answers them nor changes a keyboard."""

    def __init__(
        self, intake: Intake, log: EventLog, menus: Menus, links: Links | None = None
    ) -> None:
        self._intake = intake
        self._log = log
        self._menus = menus
        self._links = links
        self.copies = Copies()
        self._counted: deque[tuple[int, int, str]] = deque(maxlen=REMEMBERED)

    async def act(self, tap: Tap, texts: TelegramTexts, language: str) -> Outcome:
        """Do what a button says. Raises what the intake and the log raise: the tap comes again."""
        match tap.button:
            case Rating() as rating:
                return await self._rated(tap, rating, texts)
            case Choosing() as choosing:
                return await self._chosen(tap, choosing, texts)
            case Setting() as setting:
                page = await self._menus.set(tap.chat_id, setting, language)
                saved = self._menus.phrases.of(setting.language or language).saved
                return Outcome(Toast(saved), page=page, language=setting.language)
            case Asking("export"):
                return await self._copied(tap, texts, language)
            case Asking() as asking:
                return await self._asked(tap, asking, language)
            case Joining(code):
                return Outcome(Toast(), page=await self._joined(tap.chat_id, code, texts))
            case Spent():
                return Outcome(Toast())
            case None:
                return _expired(texts)

    async def _copied(self, tap: Tap, texts: TelegramTexts, language: str) -> Outcome:
        """Hand over a copy, once however often it is tapped: everything is read for each."""
        if not self.copies.may_begin(tap.chat_id):
            return Outcome(Toast(texts.exported))
        try:
            return await self._asked(tap, Asking("export"), language)
        except BaseException:
            self.copies.forget(tap.chat_id)
            raise

    async def _asked(self, tap: Tap, asking: Asking, language: str) -> Outcome:
        after_it = await self._menus.asked(tap.chat_id, asking, language)
        if isinstance(after_it, Handed):
            return Outcome(Toast(), handed=after_it)
        if asking.what == "sure":
            self.copies.forget(tap.chat_id)
        return Outcome(Toast(), page=after_it)

    async def _joined(self, chat_id: int, code: str, texts: TelegramTexts) -> Page:
        """Go on with the conversation of the website where that is wanted: only now is the code used."""
        if not code:
            return Page(texts.not_joined)
        private = chat_id > 0
        if private and self._links and await self._links.redeem(code, (CHANNEL, str(chat_id))):
            return self._menus.joined(texts)
        return Page(texts.link_old)

    async def _rated(self, tap: Tap, rating: Rating, texts: TelegramTexts) -> Outcome:
        open_to_reasons = rating.value is Thumb.DOWN and not rating.reason
        toast = Toast(texts.what_was_wrong if open_to_reasons else texts.thanks)
        this = (tap.chat_id, tap.message_id, tap.data)
        if this in self._counted:
            return Outcome(toast)
        kept = await self._intake.rate(
            rating.message_id, rating.value, "", address=tap.place.address, reason=rating.reason
        )
        if not kept:
            return _expired(texts)
        self._counted.append(this)
        return Outcome(toast, after(tap.keyboard, rating, tap.data, texts))

    async def _chosen(self, tap: Tap, choosing: Choosing, texts: TelegramTexts) -> Outcome:
        choice = await self._choice(tap, choosing)
        if choice is None:
            return _expired(texts)
        hearing = await self._intake.hear(_said(tap, choosing.message_id, choice))
        heard = (
            hearing.recorded.event
        )  # of taps on several choices the first; the keyboard says which
        taken = heard.text if isinstance(heard, Heard) else choice.label
        buttons = (button for row in tap.keyboard for button in row)
        data = next((button.data for button in buttons if button.label == taken), tap.data)
        return Outcome(Toast(), after(tap.keyboard, choosing, data, texts))

    async def _choice(self, tap: Tap, choosing: Choosing) -> Choice | None:
        """Return the choice that was tapped, None where it is not, or no longer, this customer's to make."""
        recorded = await self._log.message(choosing.message_id)
        if recorded is None or not isinstance(recorded.event, Decided | Told):
            return None
        choices = recorded.event.choices
        if choosing.index >= len(choices) or not await self._is_theirs(tap, recorded):
            return None
        choice = choices[choosing.index]
        lasting = suggested(choice.value) or choice.value == HUMAN
        return choice if lasting or await self._is_open(tap, recorded) else None

    async def _is_theirs(self, tap: Tap, recorded: Recorded) -> bool:
        owner = await self._log.visitor_of(recorded.conversation_id)
        return owner is not None and await self._log.is_at(owner, tap.place.address)

    async def _is_open(self, tap: Tap, recorded: Recorded) -> bool:
        """Whether a question still waits for its answer; the same answer again is one."""
        match recorded.event:
            case Decided(message_id=message_id, action=action) if action is not ActionKind.REPLY:
                pass
            case Told(message_id=message_id):
                pass
            case _:
                return True
        later = await self._log.history(recorded.conversation_id, recorded.seq)
        said = [one.event for one in later if isinstance(one.event, Heard)]
        this = _external_id(tap, message_id)
        return not said or said[0].external_id == this


def _expired(texts: TelegramTexts) -> Outcome:
    return Outcome(Toast(texts.expired, alert=True), expired(texts))


def _said(tap: Tap, message_id: str, choice: Choice) -> Utterance:
    return Utterance(
        channel="telegram",
        address=tap.place.address,
        external_id=_external_id(tap, message_id),
        text=choice.label,
        chosen=choice.value,
        name=tap.name,
    )


def _external_id(tap: Tap, message_id: str) -> str:
    """One for every button of a keyboard: only the first tap on it is heard."""
    return f"cb:{tap.message_id}:{message_id}"
