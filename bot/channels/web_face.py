"""What a visitor sees of a desk before anybody has said anything: its name, its greeting on this page, what to ask first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from fnmatch import fnmatchcase
from typing import Literal
from urllib.parse import urlsplit

from conversations.events import SAYS, Choice

# The languages that the widget's own sentences are in.
LOCALES = ("en", "ar", "de", "es", "fr", "he", "hi", "ja", "pt", "ru", "zh-Hans", "zh-Hant")
_TRADITIONAL = {"tw", "hk", "mo", "hant"}


@dataclass(frozen=True, slots=True)
class Opener:
    """The greeting on some pages of the host's site: those whose path fits `path`, as in `/pricing*`."""

    path: str
    greeting: str


@dataclass(frozen=True, slots=True)
class DeskFace:
    """
    What a visitor sees of a desk.

    `locales` are those that its visitors are spoken to in, the usual one first; `starters` are questions to ask first; `zone` and
    `idle` are the desk's time zone and how long a conversation may rest.
    """

    name: str
    greeting: str
    page: Literal["shop", "plain"] = "plain"
    locales: Sequence[str] = ("en",)
    starters: Sequence[str] = ()
    openers: Sequence[Opener] = ()
    zone: tzinfo = UTC
    idle: timedelta = timedelta(hours=12)

    def greeting_on(self, url: str) -> str:
        """Return the greeting on a page."""
        try:
            path = urlsplit(url).path or "/"
        except ValueError:
            return self.greeting
        fits = (one.greeting for one in self.openers if fnmatchcase(path, one.path))
        return next(fits, self.greeting)

    def locale_for(self, wish: str) -> str:
        """Return the locale of the desk's that suits a visitor who wishes for this one."""
        return spoken(wish, self.locales) or self.locales[0]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The questions to ask first, as quick replies: their words are read like any others."""
        return tuple(Choice(words, f"{SAYS}{words}") for words in self.starters)


def spoken(wish: str, locales: Iterable[str]) -> str:
    """Return which of these locales a language tag means; empty where it is none of them."""
    wanted = _plain(wish)
    return next((locale for locale in locales if _plain(locale) == wanted), "") if wish else ""


def _plain(tag: str) -> str:
    """Return the language of a tag, and of Chinese its script too."""
    language, *more = tag.replace("_", "-").casefold().split("-")
    if language != "zh":
        return language
    return "zh-hant" if _TRADITIONAL.intersection(more) else "zh-hans"
