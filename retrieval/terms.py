"""
The terms that a text is searched by: stems of words, and for scripts without spaces words and pairs of characters.

Compatibility forms, case and traditional characters do not count, so that full-width digits, capitals and 退貨 find what was
written as digits, small letters and 退货.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import opencc

# Characters of scripts that are written without spaces: Thai to Lao, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# A run of those, or a word of any other script with its apostrophes.
RUN = re.compile(
    rf"[{SPACELESS}]+|(?:(?![{SPACELESS}])[^\W_])+(?:['\u2019](?:(?![{SPACELESS}])[^\W_])+)*"
)
UNSPACED = re.compile(f"[{SPACELESS}]")

# Languages whose words are cut to their stems, under the names that Snowball has for them.
STEMMED = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ru": "russian",
    "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def terms(text: str, language: str = "en") -> list[str]:
    """
    Return the terms of a text, in its order.

    Args:
        language: ISO 639-1, whose stems its words are cut to; words of a language without a stemmer stay whole.
    """
    return [term for run in RUN.findall(_folded(text)) for term in _terms_of(run, language)]


def placed(text: str, language: str = "en") -> list[tuple[str, int, int]]:
    """
    Return the words of a text in their order, each as its term and where it stands: (term, start, end) in characters.

    A run of a script without spaces has the words that a dictionary cuts it into, and no pairs of characters.
    """
    return [place for run in RUN.finditer(text) for place in _placed(run, language)]


def _placed(run: re.Match[str], language: str) -> Iterator[tuple[str, int, int]]:
    folded, (start, end) = _folded(run.group()), run.span()
    if not UNSPACED.match(folded):
        yield _word(folded, language), start, end
    elif len(folded) == end - start:  # else nothing would stand where it is said to
        import rjieba

        for word in rjieba.cut(_simplified().convert(folded)):
            yield word, start, start + len(word)
            start += len(word)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _terms_of(run: str, language: str) -> Iterator[str]:
    if UNSPACED.match(run):
        yield from _unspaced(_simplified().convert(run))
    else:
        yield _word(run, language)


def _unspaced(run: str) -> Iterator[str]:
    """Yield the words that a Chinese dictionary finds, and the pairs of neighbours, for what it does not know."""
    import rjieba  # tens of megabytes, and few desks need it

    words = rjieba.cut_for_search(run)
    yield from words
    known = set(words)
    yield from (pair for pair in map("".join, itertools.pairwise(run)) if pair not in known)


def _word(run: str, language: str) -> str:
    return _stem(run.replace("\u2019", "'").removesuffix("'s"), language)


def _stem(word: str, language: str) -> str:
    return _stemmer(language)(word) if language in STEMMED else word


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return cache(snowballstemmer.stemmer(STEMMED[language]).stemWord)


def scripts(text: str) -> tuple[bool, bool]:
    """Return whether a text has traditional characters, and whether it has simplified ones."""
    return _simplified().convert(text) != text, _traditional().convert(text) != text


@cache
def _simplified() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _traditional() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("s2t")
