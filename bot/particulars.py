"""
What in a text is one customer's own: names, numbers, addresses, links that lead to something of theirs.

Before words that were written to one customer are offered for another, or taught to the bot, what is here goes out of them. Numbers that say
how things are ("60 days", "€12") stay. A postal address cannot be taken out of a sentence dependably, so a text with one is not used at all.
Whom a text talks about by name and nobody introduced is not known here: a person reads every text before it is sent.
"""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

NAME = "name"  # the kind of a customer's name; the variable of that name in answers
FEWEST = 2  # letters of a name by which somebody is recognised

_LETTER = r"[^\W\d_]"
_CAPITAL = r"(?-i:[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-Я])"
_WORD = rf"{_CAPITAL}[\w'’-]+"

# The most telling first: what is found once is not looked at again. The desk's own patterns come between the two.
_WHERE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("link", re.compile(r"https?://[^\s/]+/[^\s<>]*[\d?=#][^\s<>]*")),
)
_NUMBERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("phone", re.compile(r"(?<!\w)(?:\+|00|\(0)\d(?:[ ()/.-]{0,2}\d){6,14}(?!\w)")),
    ("number", re.compile(r"(?<!\w)#?(?=[\w/-]*\d[\w/-]*\d[\w/-]*\d)[A-Za-z]{1,6}[-_/]?\d[\dA-Za-z]*(?:[-/]\d+)*(?!\w)", re.ASCII)),
    ("number", re.compile(r"(?<!\w)(?=(?:[A-Za-z]*\d){6})(?=\d*[A-Za-z])[\dA-Za-z]{7,}(?!\w)", re.ASCII)),
    ("number", re.compile(r"(?<![\w€$£¥])#?\d(?:[ /-]?\d){4,}(?![\d%])")),
)  # fmt: skip

GREETED = re.compile(  # a greeting by name at the beginning of a line
    rf"^[ \t]{{0,9}}(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|moin|bonjour|bonsoir|hola|ciao"
    rf"|buongiorno|olá|oi|beste|hoi)[ ,]+(?P<name>(?:(?:mr|mrs|ms|dr|herr|frau|mme|sr|sra)\.? )?{_WORD}(?: {_WORD})?)(?=[ \t]{{0,9}}(?:[,!.:;—–-]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Dr|Herrn?|Frau|Mme|Señora?|Sra?)\.? (?P<name>{_WORD})"
    r"|(?P<chinese>[\u4e00-\u9fff]{1,2})(?=先生|女士|小姐|太太)"
)
_INTRODUCED = re.compile(
    rf"(?:\bmy name(?: is|'s|’s)|\bi am called|\bthis is|\bich heiße|\bmein name ist|\bje m'appelle|\bme llamo|\bmi chiamo) (?P<name>{_WORD}(?: {_WORD})?)"
    r"|(?:我叫|我姓|我的名字是)(?P<chinese>[\u4e00-\u9fff]{1,4})",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    rf"(?:regards|thanks|thank you|cheers|best|love|grüße|gruß|danke|merci|saludos|gracias|grazie)[,.!]?\s{{0,9}}(?P<name>{_WORD}(?: {_WORD})?)\s{{0,9}}\.?\s{{0,9}}$",
    re.IGNORECASE,
)

_STREETS = (
    rf"\b\d{{1,5}}[a-z]?,? (?:{_WORD} ){{1,3}}(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|court|square|terrace|boulevard|blvd)\b",
    rf"\b(?:{_WORD} ){{1,3}}(?:street|road|avenue|lane|drive|square|terrace|boulevard)\b,? (?:(?:no|number|flat|apartment)\.? ?)?\d",
    rf"\b{_WORD}(?:straße|strasse|str\.|gasse|weg|platz|allee|ufer|laan|straat|gata|vägen) ?\d{{1,4}}\b",
    rf"\b\d{{1,4}},? (?:rue|avenue|boulevard|place|quai|chemin) (?:\w+ ){{0,3}}{_WORD}",
    rf"\b(?:calle|avenida|via|viale|piazza|rua|ulica|ul\.) (?:\w+ ){{0,3}}{_WORD},? (?:n[º.]? ?)?\d{{1,4}}\b",
    r"\b(?-i:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b",
    rf",\s?(?:(?-i:[A-Z]{{1,2}})-)?\d{{4,5}} {_WORD}",
    r"[\u4e00-\u9fff]{1,12}(?:路|街|道|巷|弄|胡同)\s?\d{1,5}\s?(?:号|號|弄)|\d{1,4}\s?(?:号楼|號樓|单元|單元|栋|棟)",
)
_ADDRESS = re.compile("|".join(f"(?:{one})" for one in _STREETS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Particular:
    """A stretch of a text that is somebody's own, and what it is: `name`, `email`, a pattern of the desk's, ..."""

    kind: str
    begin: int
    end: int


def particulars(
    text: str, patterns: Mapping[str, re.Pattern[str]], names: Iterable[str] = ()
) -> list[Particular]:
    """
    Return what in a text is one customer's own, in order and without overlaps.

    Args:
        patterns: the desk's, by the name of the variable.
        names: of people whom it may name.
    """
    named = [(NAME, one) for one in _named(text, names)]
    kinds = [*_WHERE, *patterns.items(), *_NUMBERS, *named]
    found: list[Particular] = []
    for kind, pattern in kinds:
        for match in pattern.finditer(text):
            begin, end = match.span()
            if begin < end and all(end <= one.begin or begin >= one.end for one in found):
                found.append(Particular(kind, begin, end))
    return sorted(found, key=lambda one: one.begin)


def without(text: str, found: Sequence[Particular], word: Callable[[str, str], str]) -> str:
    """Return a text with each particular as `word` of its kind and of the words that stand there."""
    out, end = "", 0
    for one in found:
        out += text[end : one.begin] + word(one.kind, text[one.begin : one.end])
        end = one.end
    return out + text[end:]


def addressed(text: str) -> bool:
    """Return whether a postal address, or a part of one, stands in a text."""
    return _ADDRESS.search(text) is not None


def introduced(texts: Iterable[str]) -> list[str]:
    """Return the names by which customers call themselves in what they write: "my name is ...", or under their words."""
    return [name for text in texts for name in _captured(text, (_INTRODUCED, _SIGNED))]


def _named(text: str, names: Iterable[str]) -> Iterator[re.Pattern[str]]:
    """Yield what finds the names that a text greets, and the given ones, whole and word by word."""
    whole = [*names, *_captured(text, (GREETED, _TITLED))]
    parts = [part for name in whole for part in (name, *name.split())]
    for part in sorted(dict.fromkeys(parts), key=len, reverse=True):
        bare = part.strip(".,'’-")
        spaceless = re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", bare) is not None
        if spaceless and bare:
            yield re.compile(re.escape(bare))
        elif sum(map(str.isalpha, bare)) >= FEWEST:
            yield re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)", re.IGNORECASE)


def _captured(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[str]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield from filter(None, match.groupdict().values())
