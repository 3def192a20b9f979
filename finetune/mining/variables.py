"""
What differs from one customer to the next: order numbers, names, amounts, dates, addresses of mail.

In a reply it becomes a variable of the template language; in a customer's message, a word that stands for its kind, so
that messages are not alike by their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"

# Each kind, the most telling first, as a desk's templates call it. What has no name there (an amount, say) a person has to
# take out of the proposal, or give the desk a variable for.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("date", re.compile(rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? \d{{4}}\b)?|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?|\b{_DAY}\b", re.I)),
    ("amount", re.compile(r"[$€£¥₹] ?\d[\d.,]*\d|[$€£¥₹] ?\d|\b\d[\d.,]* ?(?:€|£|\$|eur|usd|gbp|chf|euros?|dollars?|pounds?|rupees)(?!\w)", re.I)),
    ("time", re.compile(r"\b\d{1,2}[:.]\d\d(?: ?(?:am|pm|h|uhr))?\b|\b\d{1,2} ?(?:am|pm)\b", re.I)),
    ("repair_number", re.compile(r"(?<=repair )(?:number |no\.? ?|#)?(?-i:[A-Z]{1,4})?-?\d{3,}\b|\bR-\d{3,}\b", re.I)),
    ("order_number", re.compile(r"\b[A-Z]{1,4}-\d{3,}\b|\b[A-Z]{2,4}\d{4,}\b|(?<=order )(?:number |no\.? ?)?#?\d{3,}\b|#\d{3,}\b")),
    ("phone", re.compile(r"\+\d[\d ()/-]{6,}\d")),
    ("number", re.compile(r"\b\d(?:[\d -]*\d)?\b")),
)  # fmt: skip


def masked(text: str) -> str:
    """Return the text with every variable as the word for its kind: "order PP-204817" is "order order number"."""
    return replaced(text, lambda kind: kind.replace("_", " "))


def replaced(text: str, called: Callable[[str], str]) -> str:
    """Return the text with each variable as what its kind is called; what was found first is not looked at again."""
    pieces = [(text, False)]
    for kind, pattern in KINDS:
        pieces = [
            made
            for piece, settled in pieces
            for made in ([(piece, True)] if settled else _split(piece, pattern, called(kind)))
        ]
    return "".join(piece for piece, _ in pieces)


def _split(text: str, pattern: re.Pattern[str], word: str) -> list[tuple[str, bool]]:
    out, end = [], 0
    for match in pattern.finditer(text):
        out += [(text[end : match.start()], False), (word, True)]
        end = match.end()
    return [*out, (text[end:], False)]
