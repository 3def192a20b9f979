"""
An answer that a person gave, made one for everybody: what "Save as answer" begins with.

Pure. What is one customer's own goes out of it: of the question without a trace, of the answer as a variable where the desk has one for it,
and as a gap that somebody has to fill in where it has none. The greeting by name and the name under it go, too.
"""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.assist import gap, gaps, unsigned
from bot.particulars import GREETED, NAME, introduced, particulars, without

INTENTS = 3  # that are proposed

_BLANKS = re.compile(r"[ \t]{2,}| +(?=[,.!?;:，。！？；：])")


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A question and its answer, to be looked over and taught.

    `needs` are the variables that the answer cannot do without, `gaps` what stands in it to be filled in.
    """

    question: str
    text: str
    needs: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def draft(
    question: str,
    answer: str,
    *,
    operator: str,
    names: Iterable[str],
    patterns: Mapping[str, re.Pattern[str]],
    variables: Collection[str],
) -> Draft:
    """
    Return an answer as it may be taught.

    Args:
        operator: who wrote it.
        names: what the customer is called.
        variables: what answers may say of a customer.
    """
    called = [*filter(None, names), *introduced([question])]
    asked = without(question, particulars(question, patterns, called), lambda *_: "")
    bare = _capital(GREETED.sub("", unsigned(answer, operator), count=1).lstrip(" ,!.，！。\n"))
    found = particulars(bare, patterns, called)
    usable = {one.kind for one in found} & {*variables} - {NAME}
    text = without(
        bare, found, lambda kind, _: f"{{{{ {kind} }}}}" if kind in usable else gap(kind)
    )
    return Draft(_tidy(asked), text.strip(), tuple(sorted(usable)), gaps(text))


def _tidy(text: str) -> str:
    return _BLANKS.sub(lambda found: " " * (len(found.group()) > 1), text).strip(" ,，")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
