"""Text as it is stored and as it is searched: pure functions that every string passes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser

MAX_WORDS = 32  # of one search; nobody types more, and the query stays cheap

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # C0 without \t and \n

# Scripts that are written without spaces between words: Thai to Lao, Burmese, Khmer, Han with its
# radicals and marks, kana, Hangul. FTS5 would take a whole sentence of them for one word.
_SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def printable(text: str) -> str:
    r"""
    Return `text` as it may be stored: a lone surrogate becomes U+FFFD, C0 controls other than \n and \t go.

    A lone surrogate passes `json.loads` and then fails in SQLite, and would take its whole batch with it.
    """
    if text.isprintable():  # most texts; Python's word for it is stricter than ours
        return text
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))


def whole(value: object) -> object:
    """Return what JSON says with U+FFFD for each lone surrogate, in whatever text of it: what is kept can be written then."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [whole(one) for one in value]
        case dict():
            return {whole(name): whole(one) for name, one in value.items()}
        case _:
            return value


def without_tags(html: str) -> str:
    """Return what a person reads of HTML: paragraphs and breaks are lines, scripts and styles nothing."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    lines = (" ".join(line.split()) for line in "".join(reading.said).split("\n"))
    return "\n".join(filter(None, lines))


class _Reading(HTMLParser):
    BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"})
    UNREAD = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in self.UNREAD
        if tag in self.BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(0, self._unread - (tag in self.UNREAD))
        if tag in self.BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)


def searchable(text: str) -> str:
    """Return `text` with every character of a script without spaces as a word of its own."""
    return _SPACELESS.sub(r" \g<0> ", text)


def matching(query: str) -> str:
    """
    Return the FTS5 expression for what a person typed; empty where there is nothing to look for.

    Every word is a quoted phrase, so no string has a special meaning; the last one may be unfinished.
    """
    words = printable(query).split()[:MAX_WORDS]
    phrases = ['"' + searchable(word).replace('"', '""') + '"' for word in words]
    return " ".join(phrases) + "*" if phrases else ""


@lru_cache(maxsize=64)  # a turn compares the same words a dozen times
def normalised(text: str) -> str:
    """Return `text` as compared: compatibility forms, case, punctuation and spacing do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded)) or folded.strip()
