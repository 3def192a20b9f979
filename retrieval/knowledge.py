"""
What a desk's pages say about a question: passages found by meaning and by words, and the sentences of them that answer it.

A question is moved a little towards the intents that it may have, whose examples say in many words what it says in few. A passage
fits as well as it does on the whole and in its best sentence, and the more of the question's rare terms it holds. Its
sentences are quoted as they stand, the best one with its neighbours: nothing is said that no page says. Figures: LOG.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.index import Index
from retrieval.lexical import Lexical, best
from retrieval.passages import Passage
from retrieval.prediction import Floats1d, Floats2d, Ints1d, PassageHit
from retrieval.quotes import as_it_stands, quotes

LEANING = 0.4  # how far a question is moved, beside its own length of 1
WORDS = 0.75  # what sharing all rare terms counts, beside a cosine
LOOKED_AT = 256  # passages by meaning and as many by words; of these the fit is worked out
QUOTED = 3  # passages of one answer, at most,
NEAR = 0.9  # each of which fits nearly as well as the best one
ROOM = 400, 200, 200  # characters quoted of each: a chat bubble is read without scrolling


@dataclass(frozen=True)
class Pages:
    """The passages of a desk, the pieces of them that may be quoted, and where each of these lies; every passage has a piece."""

    passages: Sequence[Passage] = ()
    points: Floats2d = field(
        default_factory=lambda: np.zeros((0, 1), np.float32)
    )  # (passages, dim)
    pieces: Sequence[str] = ()
    piece_points: Floats2d = field(
        default_factory=lambda: np.zeros((0, 1), np.float32)
    )  # (pieces, dim), each under its headings
    owners: Ints1d = field(
        default_factory=lambda: np.zeros(0, np.int64)
    )  # (pieces,) the row of the passage that it is a piece of, rising

    @classmethod
    def of(
        cls, passages: Sequence[Passage], language: str, place: Callable[[Sequence[str]], Floats2d]
    ) -> Pages:
        """Cut passages into pieces, and `place` (texts to (n, dim) points) both."""
        found = [
            (row, piece)
            for row, passage in enumerate(passages)
            for piece in quotes(passage.text, language) or [passage.text]
        ]
        pieces = [piece for _, piece in found]
        owners = np.asarray([row for row, _ in found], dtype=np.int64)
        points = place([passage.keyed for passage in passages])
        keyed = [passages[row].under_headings(piece) for row, piece in found]
        return cls(passages, points, pieces, place(keyed), owners)

    @property
    def keyed_pieces(self) -> list[str]:
        """The pieces as they are embedded."""
        pairs = zip(self.owners.tolist(), self.pieces, strict=True)
        return [self.passages[row].under_headings(piece) for row, piece in pairs]


class Knowledge:
    """Finds what the pages say. It never changes."""

    def __init__(self, pages: Pages, language: str) -> None:
        self._pages = pages
        self._index = Index(pages.points)
        self._words = Lexical([passage.keyed for passage in pages.passages], language)
        self._piece_words = Lexical(pages.pieces, language)
        self._firsts = np.searchsorted(pages.owners, np.arange(len(pages.passages) + 1))

    def __len__(self) -> int:
        return len(self._pages.passages)

    def search(
        self, texts: Sequence[str], points: Floats2d, at: float
    ) -> list[tuple[PassageHit, ...]]:
        """
        Return the passages that fit each question from `at` on, best first, with what to quote of them.

        Args:
            texts, points: (n,) and (n, dim) of the questions, already `leaning`.
        """
        if not len(self):
            return [()] * len(texts)
        _, near = self._index.search(points, LOOKED_AT)
        return [
            tuple(self._hits(text, point, rows, at))
            for text, point, rows in zip(texts, points, near, strict=True)
        ]

    def fits(
        self, text: str, point: Floats1d, near: Ints1d | None = None
    ) -> tuple[Ints1d, Floats1d]:
        """
        Return the rows of the passages worth a look, best first, and how well each fits.

        Args:
            near: the nearest ones, where they are known, or all that are to be looked at.
        """
        if near is None:
            _, [near] = self._index.search(point[None], LOOKED_AT)
        shared = self._words.scores(text)
        rows = np.union1d(near, best(shared, LOOKED_AT))
        whole = self._pages.points[rows] @ point
        fit = (whole + self._best_pieces(rows, point)) / 2 + WORDS * shared[rows]
        order = np.lexsort((rows, -fit))
        return rows[order], fit[order]

    def best_elsewhere(self, text: str, point: Floats1d) -> float:
        """
        Return how well the best passage fits that is not on the page of the best one.

        So a question is answered by a desk that has no page for it.
        """
        rows, fit = self.fits(text, point, np.arange(len(self)))
        pages = [self._pages.passages[row].page for row in rows]
        return next(
            (float(f) for page, f in zip(pages, fit, strict=True) if page != pages[0]), -1.0
        )

    def best(self, text: str, point: Floats1d) -> float:
        """Return how well the best passage fits."""
        _, fit = self.fits(text, point, np.arange(len(self)))
        return float(fit[0])

    def _hits(self, text: str, point: Floats1d, near: Ints1d, at: float) -> Iterator[PassageHit]:
        rows, fit = self.fits(text, point, near)
        enough = max(at, NEAR * float(fit[0]))
        chosen = rows[fit >= enough].tolist()
        shared = self._piece_words.scores(text) if chosen else fit
        for row, score, room in zip(chosen, fit, ROOM, strict=False):
            passage = self._pages.passages[row]
            yield PassageHit(
                passage.page,
                passage.title,
                passage.heading,
                passage.text,
                round(float(score), 6),
                self._quoted(row, point, shared, room),
                passage.url,
            )

    def _best_pieces(self, rows: Ints1d, point: Floats1d) -> Floats1d:
        """Return (rows,) the cosine of the best piece of each passage; every passage has one."""
        firsts, ends = self._firsts[rows], self._firsts[rows + 1]
        pieces = np.concatenate([np.arange(*span) for span in zip(firsts, ends, strict=True)])
        starts = np.append(0, np.cumsum(ends - firsts)[:-1])
        return np.asarray(np.maximum.reduceat(self._pages.piece_points[pieces] @ point, starts))

    def _quoted(self, row: int, point: Floats1d, shared: Floats1d, room: int) -> str:
        """
        Return the best piece of a passage with the better of its neighbours in turn, as long as there is room.

        Args:
            shared: (pieces,) how many of the question's rare terms each piece holds.
        """
        own = slice(self._firsts[row], self._firsts[row + 1])
        pieces = self._pages.pieces[own]
        fit = self._pages.piece_points[own] @ point + WORDS * shared[own]
        first = last = int(fit.argmax())
        left = room - len(pieces[first])
        while beside := [n for n in (first - 1, last + 1) if 0 <= n < len(pieces)]:
            taken = max(beside, key=lambda n: fit[n])
            left -= len(pieces[taken])
            if left < 0:
                break
            first, last = min(first, taken), max(last, taken)
        return as_it_stands(self._pages.passages[row].text, pieces, first, last)


def leaning(points: Floats2d, probabilities: Floats2d, centres: Floats2d) -> Floats2d:
    """
    Return (n, dim) the questions moved towards the intents that they may have.

    Args:
        probabilities: (n, intents) of each.
        centres: (intents, dim) the middle of each intent's examples.
    """
    towards = _unit(probabilities @ centres)
    return _unit(points + np.float32(LEANING) * towards)


def _unit(vectors: Floats2d) -> Floats2d:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
