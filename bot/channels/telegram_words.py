"""
What the channel says by itself, without a turn: each sentence in every language that Telegram's customers find it in.

The sentences are in `telegram_words/`, a file for each language, all with the same names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from bot.refused import Refused

FOLDER = Path(__file__).with_name("telegram_words")

# Each as its speakers call it; the widget has the same twelve.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "zh-hans": "简体中文",
        "zh-hant": "繁體中文",
        "es": "Español",
        "fr": "Français",
        "de": "Deutsch",
        "pt": "Português",
        "ar": "العربية",
        "he": "עברית",
        "ja": "日本語",
        "ru": "Русский",
        "hi": "हिन्दी",
    }
)
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
OLD_NAMES = {"iw": "he"}  # Android's name of Hebrew
OF_DESK = {"en": "en", "zh": "zh-hans", "multi": "en"}  # by a desk's `language`


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramTexts:
    """The sentences in one language. `human` and `cancel` are what the customer is taken to say; `..._command` describe the menu."""

    greeting: str
    help: str
    human: str
    cancel: str
    only_text: str
    refused: str
    failed: str
    thanks: str
    expired: str
    expired_button: str
    what_was_wrong: str
    not_my_question: str
    wrong: str
    incomplete: str
    outdated: str
    unfriendly: str
    other: str
    settings: str
    suggestions_on: str
    suggestions_off: str
    saved: str
    open_web: str
    privacy: str
    export: str
    erase: str
    erase_sure: str
    erase_yes: str
    erase_no: str
    exported: str
    erased: str
    too_large: str
    file_failed: str
    file_refused: str
    files_full: str
    join_ask: str
    join_yes: str
    join_no: str
    not_joined: str
    joined: str
    link_old: str
    in_private: str
    with_person: str
    start_command: str
    help_command: str
    settings_command: str
    cancel_command: str
    human_command: str
    privacy_command: str

    @property
    def commands(self) -> dict[str, str]:
        """The menu: each command with its description, the first one most used."""
        names = ("start", "help", "human", "cancel", "settings", "privacy")
        return {name: getattr(self, f"{name}_command") for name in names}


@cache
def texts_in(language: str) -> TelegramTexts:
    """Return the sentences of one of `LANGUAGES`."""
    given = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return TelegramTexts(**given)


def spoken(code: str | None) -> str:
    """Return which of our languages a client's `language_code` asks for (an IETF tag), empty for none of them."""
    tag = (code or "").lower().replace("_", "-")
    if tag.startswith("zh"):
        return "zh-hant" if tag.startswith(TRADITIONAL) else "zh-hans"
    language = tag.partition("-")[0]
    language = OLD_NAMES.get(language, language)
    return language if language in LANGUAGES else ""


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """
    The sentences of one desk.

    Args:
        own: of `LANGUAGES`, for whoever speaks none of them.
        changes: a desk's own sentences: `help` in its own language, `help:de` in another.

    Raises:
        Refused: a change names no sentence or no language of ours.
    """

    own: str = "en"
    changes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = {one.name for one in fields(TelegramTexts)}
        for key in self.changes:
            name, _, language = key.partition(":")
            if name not in names:
                raise Refused(
                    f"telegram.texts in desk.toml: there is no sentence {name!r}; these are: {', '.join(sorted(names))}."
                )
            if (language or self.own) not in LANGUAGES:
                raise Refused(
                    f"telegram.texts in desk.toml, {key!r}: write one of these languages: {', '.join(LANGUAGES)}."
                )

    def of(self, language: str) -> TelegramTexts:
        """Return the sentences in one of `LANGUAGES`; in the desk's own for anything else."""
        language = language if language in LANGUAGES else self.own
        changed = {
            key.partition(":")[0]: text
            for key, text in self.changes.items()
            if (key.partition(":")[2] or self.own) == language
        }
        return replace(texts_in(language), **changed)
