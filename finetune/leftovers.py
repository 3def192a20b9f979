"""What a run left out, as people read it: a line a reason, with how often and some examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

EXAMPLES = 3
QUOTED = re.compile(
    r"""'[^']*'|"[^"]*"|\b\d[\d,.]*"""
)  # what differs between two of the same reason


def grouped(reasons: Sequence[str]) -> Iterator[str]:
    """
    Yield a line for each kind of reason, the most frequent first.

    Args:
        reasons: each with what it is about before a colon: `id12: its text is one of the gate's questions`. Two that differ only
            in what they quote and in numbers are of one kind; the line then quotes the first.
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for reason in reasons:
        about, colon, why = reason.partition(": ")
        about, why = (about, why) if colon else ("", reason)
        kinds.setdefault(QUOTED.sub("*", why), []).append((about, why))
    for found in sorted(kinds.values(), key=len, reverse=True):
        yield _line(found)


def _line(found: Sequence[tuple[str, str]]) -> str:
    sayings = list(dict.fromkeys(why for _, why in found))
    abouts = [about for about, _ in found if about]
    more = f", and {len(found) - EXAMPLES} more" if len(found) > EXAMPLES else ""
    named = f" ({', '.join(abouts[:EXAMPLES])}{more})" if abouts else more
    alike = " or alike" if len(sayings) > 1 else ""
    return f"{len(found):,}: {sayings[0]}{alike}{named}"
