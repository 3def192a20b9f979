"""
Regular expressions that people write into a desk's files, and that cannot be made to run for minutes.

A pattern runs over whatever customers send. What lets one run away is a repetition without bounds, a repetition of a repetition,
or too many bounded ones in a row; with those refused, a match is tried in at most WAYS ways at each place of a text.
"""

from __future__ import annotations

import re

MAX_PATTERN = 100  # characters
WAYS = 500  # 4,096 characters of the worst that is let through take a third of a second on a busy machine

_TOKEN = re.compile(
    r"(?P<escaped>\\.)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<opens>\((?:\?(?:[aiLmsu-]+[:)]|P<\w+>|P=\w+\)|<?.))?)"
    r"|(?P<closes>\))|(?P<or>\|)"
    r"|(?P<endless>[*+]|\{\d*,\})"
    r"|(?P<repeats>\{(?P<least>\d*)(?P<to>,?)(?P<most>\d*)\})|(?P<perhaps>\?)|.",
    re.DOTALL,
)

# Of a word that has an end: Chinese, Japanese and Korean stand right beside a number.
_LETTER = r"[^\W\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af]"
_VERBOSE = re.compile(
    r"\(\?[aiLmsu]*x"
)  # in this mode spaces and comments may hide what is repeated


def bounded(pattern: str) -> str:
    """
    Return a pattern that may run over every message.

    Raises:
        ValueError: it is none, it is too long, or it could run away; with the way out.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"this is no regular expression: {error}") from error
    if len(pattern) > MAX_PATTERN or (ways := _ways(pattern)) is None:
        raise ValueError("a pattern needs bounds: {1,20} instead of + or *, and no repeated groups")
    if ways > WAYS:
        raise ValueError(
            f"a pattern may match in {WAYS:,} ways at one place at most, and this one has {ways:,}: "
            "make its repetitions shorter, or use fewer of them"
        )
    return pattern


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a bounded pattern as it is looked for: case does not count, and a match never begins or ends within a word."""
    return re.compile(rf"(?<!{_LETTER})(?:{pattern})(?!{_LETTER})", re.IGNORECASE)


def _ways(pattern: str) -> int | None:
    """Return an upper bound of the ways in which a pattern can match at one place, None where there is none."""
    if _VERBOSE.search(pattern):
        return None
    ways, before = 1, ""
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup or ""
        kind = "repeats" if token["repeats"] else kind
        if kind == "endless" or (kind == "repeats" and before == "closes"):
            return None
        if kind == "repeats":
            least = int(token["least"] or 0)
            ways *= 1 + max(0, int(token["most"] or least) - least) if token["to"] else 1
        elif kind in {"or", "perhaps"}:
            ways *= 2
        before = kind
    return ways
