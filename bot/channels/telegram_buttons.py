"""
The buttons under what the bot says: what stands on them, what comes back when one is tapped, and what a tap leaves.

`callback_data` is short and opaque, for Telegram takes 64 bytes: a letter for the kind, then what it is about. All of it is pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.channels.telegram_words import LANGUAGES, TelegramTexts
from conversations.events import LEFT, SMALL_TALK, ActionKind, Decided, Dislike, Thumb, suggested

MAX_DATA = 64  # bytes of callback_data; Bot API, InlineKeyboardButton
SPENT = "x"  # the data of a button that only says what became of the others
IN_A_ROW = 3  # names of languages that a phone shows side by side


@dataclass(frozen=True, slots=True)
class Button:
    """What the customer reads, and what comes back when it is tapped, or the page that it opens."""

    label: str
    data: str = ""
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """A tap on a thumb under the decision `message_id`, or on what was wrong with it."""

    value: Thumb
    message_id: str
    reason: str = ""  # a Dislike


@dataclass(frozen=True, slots=True)
class Choosing:
    """A tap on choice `index` of the decision `message_id`."""

    index: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A tap in the settings: the `language`, one of `LANGUAGES`, or whether to suggest questions."""

    language: str = ""
    suggestions: bool | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """A tap about the customer's own data: `export`, `erase`, `sure` or `keep`."""

    what: str


@dataclass(frozen=True, slots=True)
class Joining:
    """A tap on whether to go on here with the conversation that `code` leads to; no code is a no."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """A tap on a button that only says what became of the others."""


Tapped = Rating | Choosing | Setting | Asking | Joining | Spent
ASKED = {"e": "export", "d": "erase", "y": "sure", "n": "keep"}


def buttons(decided: Decided, *, suggestions: bool = True) -> Rows:
    """Return the rows under a decision: a choice each, and thumbs under an answer; `suggestions`: what may be asked next, too."""
    rows: list[tuple[Button, ...]] = [
        (Button(choice.label, f"c:{index}:{decided.message_id}"),)
        for index, choice in enumerate(decided.choices)
        if suggestions or not suggested(choice.value)
    ]
    if decided.action is ActionKind.REPLY and decided.reason not in (LEFT, SMALL_TALK):
        thumbs = (("👍", "u"), ("👎", "d"))
        rows.append(tuple(Button(label, f"{key}:{decided.message_id}") for label, key in thumbs))
    return tuple(row for row in rows if all(_fits(button) for button in row))


def reasons(message_id: str, texts: TelegramTexts) -> Rows:
    """Return what may have been wrong with an answer, two in a row."""
    offered = [
        Button(str(getattr(texts, dislike)), f"r:{index}:{message_id}")
        for index, dislike in enumerate(Dislike)
    ]
    return tuple(tuple(offered[at : at + 2]) for at in range(0, len(offered), 2))


def note(text: str) -> Rows:
    """Return a row that only says something."""
    return ((Button(text, SPENT),),)


def after(shown: Rows, tapped: Tapped, data: str, texts: TelegramTexts) -> Rows:
    """Return the keyboard that a tap leaves: what was tapped stays to be seen, and what is about something else stays in use."""
    match tapped:
        case Choosing():
            label = next((b.label for row in shown for b in row if b.data == data), "")
            return (*note(f"✓ {label}"), *_without(shown, Choosing))
        case Rating(Thumb.DOWN, message_id, ""):
            return (*_without(shown, Rating), *reasons(message_id, texts))
        case Rating():
            return (*_without(shown, Rating), *note(texts.thanks))
        case _:
            return shown


def expired(texts: TelegramTexts) -> Rows:
    """Return what is left of a keyboard that is no longer in use."""
    return note(texts.expired_button)


def _without(shown: Rows, kind: type[Tapped]) -> Rows:
    return tuple(row for row in shown if row and not isinstance(read_button(row[0].data), kind))


def settings(texts: TelegramTexts, language: str, *, suggestions: bool, web: str = "") -> Rows:
    """Return the settings, the ones in force marked; `web` is where the chat goes on in a browser, empty for nowhere."""
    named = [
        Button(f"✓ {name}" if code == language else name, f"s:l:{code}")
        for code, name in LANGUAGES.items()
    ]
    rows = [tuple(named[at : at + IN_A_ROW]) for at in range(0, len(named), IN_A_ROW)]
    shown = texts.suggestions_on if suggestions else texts.suggestions_off
    rows.append((Button(shown, f"s:n:{0 if suggestions else 1}"),))
    return (*rows, *link(texts.open_web, web))


def link(label: str, url: str) -> Rows:
    """Return a row that opens a page, none where there is no page."""
    return ((Button(label, url=url),),) if url else ()


def own_data(texts: TelegramTexts) -> Rows:
    """Return what a customer may ask about their own data."""
    return ((Button(texts.export, "p:e"),), (Button(texts.erase, "p:d"),))


def sure(texts: TelegramTexts) -> Rows:
    """Return the question before everything is erased."""
    return ((Button(texts.erase_yes, "p:y"), Button(texts.erase_no, "p:n")),)


def joining(code: str, texts: TelegramTexts) -> Rows:
    """Return the question before a chat goes on with the conversation that a code leads to."""
    return ((Button(texts.join_yes, f"j:{code}"), Button(texts.join_no, "j:")),)


def _fits(button: Button) -> bool:
    # One button too long and Telegram refuses the whole message; an answer without it is still one.
    return bool(button.label.strip()) and len(button.data.encode()) <= MAX_DATA


def read_button(data: str) -> Tapped | None:
    """Return what a tap means; none for data that these buttons never carry."""
    kind, _, about = data.partition(":")
    match kind:
        case "u" | "d" if about:
            return Rating(Thumb.UP if kind == "u" else Thumb.DOWN, about)
        case "c" | "r":
            return _numbered(kind, about)
        case "s":
            return _setting(about)
        case "p" if about in ASKED:
            return Asking(ASKED[about])
        case "j":
            return Joining(about)
        case "x" if data == SPENT:
            return Spent()
        case _:
            return None


def _numbered(kind: str, about: str) -> Choosing | Rating | None:
    number, _, message_id = about.partition(":")
    if not message_id or not (number.isascii() and number.isdigit()):
        return None
    if kind == "c":
        return Choosing(int(number), message_id)
    dislike = _at(Dislike, number)
    return Rating(Thumb.DOWN, message_id, dislike) if dislike else None


def _at(these: Iterable[str], number: str) -> str:
    return {str(index): one for index, one in enumerate(these)}.get(number, "")


def _setting(about: str) -> Setting | None:
    kind, _, value = about.partition(":")
    if kind == "l" and value in LANGUAGES:
        return Setting(language=value)
    if kind == "n" and value in {"0", "1"}:
        return Setting(suggestions=value == "1")
    return None
