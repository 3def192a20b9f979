"""What a quote adds to the quotes above it in one answer, word for word: pages repeat one another's sentences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from conversations.text import normalised
from retrieval.quotes import as_it_stands, quotes

TELLING = (
    24  # bytes, eight Chinese characters; a shorter piece ("No.") says something else elsewhere
)


def unsaid(quote: str, said: Sequence[str], language: str = "en") -> str:
    """
    Return what a quote adds to those before it: its pieces that none of them has, as they stand, a gap for a line's end.

    Args:
        said: the quotes before; how they write a sentence, with which spaces and marks, does not count.
        language: ISO 639-1, whose abbreviations end no sentence.
    """
    known = {normalised(piece) for one in said for piece in (one, *quotes(one, language))}
    if normalised(quote) in known:
        return ""
    pieces = quotes(quote, language)
    fresh = [number for number, piece in enumerate(pieces) if not _held(normalised(piece), known)]
    if len(fresh) == len(pieces):
        return quote
    runs = [list(run) for _, run in groupby(enumerate(fresh), key=lambda one: one[1] - one[0])]
    return "\n".join(as_it_stands(quote, pieces, run[0][1], run[-1][1]) for run in runs)


def _held(piece: str, known: Collection[str]) -> bool:
    return piece in known and len(piece.encode()) >= TELLING
