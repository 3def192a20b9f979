"""Days as customers write them, in figures or with a month's name; read without a guess between day and month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_MONTHS = (
    ("january", "januar", "jänner", "jan", "janvier", "enero", "gennaio", "janeiro", "januari"),
    ("february", "februar", "feb", "février", "febrero", "febbraio", "fevereiro", "februari"),
    ("march", "märz", "mar", "mär", "mars", "marzo", "março", "maart"),
    ("april", "apr", "avril", "abril", "aprile"),
    ("may", "mai", "mayo", "maggio", "maio", "mei"),
    ("june", "juni", "jun", "juin", "junio", "giugno", "junho"),
    ("july", "juli", "jul", "juillet", "julio", "luglio", "julho"),
    ("august", "aug", "août", "agosto", "augustus"),
    ("september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"),
    ("october", "oktober", "oct", "okt", "octobre", "octubre", "ottobre", "outubro"),
    ("november", "nov", "novembre", "noviembre", "novembro"),
    ("december", "dezember", "dec", "dez", "décembre", "diciembre", "dicembre", "dezembro"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_DAYS = {
    **dict.fromkeys(("today", "heute", "aujourd hui", "hoy", "oggi", "hoje", "今天", "今日"), 0),
    **dict.fromkeys(("tomorrow", "morgen", "demain", "mañana", "domani", "amanhã", "明天"), 1),
    **dict.fromkeys(("yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "昨天"), -1),
}
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\. ?(\d{1,2})\.(?: ?(\d{4}|\d{2}))?(?![.\d])")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_CHINESE = re.compile(r"(?:(\d{4})[年])?(\d{1,2})[月](\d{1,2})[日号號]?")
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?({_NAME})\b\.?,?(?: (\d{{4}}))?"
)
_MONTH_FIRST = re.compile(rf"\b({_NAME})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b,?(?: (\d{{4}}))?")
_WORD = re.compile("|".join(rf"\b{day}\b" if day.isascii() else day for day in _DAYS))


def day_in(text: str, today: date, *, by_name: bool = True) -> date | None:
    """
    Return the first day that a text names, None where it names none or could mean two.

    Args:
        text: in lower case. A day without a year is the one nearest to `today`.
        by_name: "tomorrow" is one, too.
    """
    for year, month, day in _named(text):
        found = _nearest(month, day, today) if year is None else _date(year, month, day)
        if found is not None:
            return found
    if by_name and (word := _WORD.search(text)):
        return today + timedelta(days=_DAYS[word.group()])
    return None


def _named(text: str) -> Iterator[tuple[int | None, int, int]]:
    """Yield year, month and day as they are written; 3/4/2026 is a day in March or in April, and left out."""
    for found in _ISO.finditer(text):
        yield int(found[1]), int(found[2]), int(found[3])
    for found in _DOTTED.finditer(text):
        yield _year(found[3]), int(found[2]), int(found[1])
    for found in _SLASHED.finditer(text):
        one, other, year = map(int, found.groups())
        if max(one, other) > len(_MONTHS) or one == other:
            yield year, min(one, other), max(one, other)
    for found in _CHINESE.finditer(text):
        yield _year(found[1]), int(found[2]), int(found[3])
    for found in _DAY_FIRST.finditer(text):
        yield _year(found[3]), _MONTH[found[2]], int(found[1])
    for found in _MONTH_FIRST.finditer(text):
        yield _year(found[3]), _MONTH[found[1]], int(found[2])


def _year(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if len(written) == len("2026") else 2000 + int(written)


def _nearest(month: int, day: int, today: date) -> date | None:
    years = (today.year - 1, today.year, today.year + 1)
    days = [found for year in years if (found := _date(year, month, day))]
    return min(days, key=lambda found: abs(found - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of June
        return None
