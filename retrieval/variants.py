"""
One answer in several wordings: which of them a customer gets, and whether they get the answer at all.

The language counts for more than the channel: whoever reads German gets the German text, even where only another one was
written for Telegram. The first of these that there is: the very language (zh-Hant) on this channel, that on any channel, the
language without its script or region (zh), in the same order, any language on this channel, the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.enclosures import QuickReply

CHANNELS = ("web", "telegram", "api")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")  # BCP 47: de, zh-Hant, pt-BR
SEGMENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Occasion:
    """
    Whom an answer is for, where and when; what is empty says nothing.

    `segments` are groups of customers that the visitor belongs to; `on` is the day in the desk's time zone.
    """

    channel: str = ""
    language: str = ""
    segments: frozenset[str] = frozenset()
    on: date | None = None


ANY = Occasion()


@dataclass(frozen=True, slots=True)
class Variant:
    """A text for a channel, a language or both, with its buttons; what is empty is for all."""

    text: str
    channel: str = ""
    language: str = ""
    quick_replies: tuple[QuickReply, ...] = ()


def wording_for(itself: Variant, variants: Sequence[Variant], occasion: Occasion) -> Variant:
    """Return the wording that fits best: one of the variants, else the answer itself."""
    written = {(variant.language, variant.channel): variant for variant in variants}
    for language in (*lineage(occasion.language), ""):
        for channel in (occasion.channel, ""):
            if fitting := written.get((language, channel)):
                return fitting
    return itself


def lineage(language: str) -> Iterable[str]:
    """Yield a language and what it is a kind of: zh-Hant-TW, zh-Hant, zh."""
    while language:
        yield language
        language = language.rpartition("-")[0]
