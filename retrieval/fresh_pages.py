"""
Pages that changed since a Release was trained, put in the place of its own until the next training.

Only what a page says anew is read: a passage that says what one of the Release said, under the same headings, keeps its place. Texts are
read one by one, since in a batch with others their last digits would depend on them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.knowledge import Pages
from retrieval.passages import Passage
from retrieval.prediction import Floats1d, Floats2d
from retrieval.words import Terms, Words

FreshPages = Mapping[str, tuple[Passage, ...]]  # by their names; without passages: gone


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a text lies, (dim,), and its words where pages are searched by them."""

    point: Floats1d
    words: Words | None = None


Read = Callable[[str], Reading]


def renewed(pages: Pages, fresh: FreshPages, language: str, read: Read) -> Pages:
    """Return the pages with some of them as they are now; `read` is asked once of each text that was not said before."""
    kept = _without(pages, fresh.keys())
    now = [passage for passages in fresh.values() for passage in passages]
    if not now:
        return kept
    places, read = _places(pages), functools.cache(read)
    words: list[Words] = []

    def place(texts: Sequence[str]) -> Floats2d:
        return np.asarray(
            [places[text] if text in places else read(text).point for text in texts],
            dtype=np.float32,
        )

    def heard(texts: Sequence[str]) -> Sequence[Words]:
        words.extend(found for text in texts if text not in places and (found := read(text).words))
        return ()

    added = Pages.of(now, language, place, heard)
    terms = _joined_terms(pages.terms, Terms.of(words)) if pages.terms.names else pages.terms
    return Pages(
        [*kept.passages, *added.passages],
        np.concatenate([kept.points, added.points]),
        [*kept.pieces, *added.pieces],
        np.concatenate([kept.piece_points, added.piece_points]),
        np.concatenate([kept.owners, added.owners + len(kept.passages)]),
        terms,
        np.concatenate([kept.asked_points, added.asked_points]),
        pages.headings,
    )


def _places(pages: Pages) -> dict[str, Floats1d]:
    """Return where each text of the pages lies, passages and pieces alike."""
    pieces = dict(zip(pages.keyed_pieces, pages.piece_points, strict=True))
    whole = (passage.keyed for passage in pages.passages)
    asked = dict(zip(pages.asked, pages.asked_points, strict=True))
    return asked | pieces | dict(zip(whole, pages.points, strict=True))


def _without(pages: Pages, names: Collection[str]) -> Pages:
    rows = [row for row, passage in enumerate(pages.passages) if passage.page not in names]
    pieces = np.flatnonzero(np.isin(pages.owners, rows))
    return Pages(
        [pages.passages[row] for row in rows],
        pages.points[rows],
        [pages.pieces[row] for row in pieces.tolist()],
        pages.piece_points[pieces],
        np.searchsorted(rows, pages.owners[pieces]),
        pages.terms,
        pages.asked_points[np.isin(pages.askers, rows)],
        pages.headings,
    )


def _joined_terms(own: Terms, added: Terms) -> Terms:
    """Return a Release's own terms and those that only the fresh pages have."""
    known = set(own.names)
    rows = [row for row, name in enumerate(added.names) if name not in known]
    if not rows:
        return own
    names = [*own.names, *(added.names[row] for row in rows)]
    return Terms(names, np.concatenate([own.points, added.points[rows]]))
