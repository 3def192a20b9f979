"""
What a desk's pages say about a question: passages found by meaning and by words, and the sentences of them that answer it.

A question is moved a little towards the intents that it may have, whose examples say in many words what it says in few. A passage
fits as well as it does on the whole and in its best sentence, the better its words meet the question's, and the more of the question's
rare terms it holds. Its sentences are quoted as they stand, the best one with its neighbours: nothing is said that no page says. Figures: LOG.md.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.head import Head
from retrieval.headings import NOBODY, Headings
from retrieval.index import Index
from retrieval.lexical import Lexical, best
from retrieval.passages import Passage
from retrieval.prediction import Floats1d, Floats2d, Ints1d, PassageHit
from retrieval.quotes import as_it_stands, quotes
from retrieval.words import Meeting, Terms, Words, stretches, unit

LEANING = 0.4  # how far a question is moved, beside its own length of 1
SHARED = 0.75  # what sharing all rare terms counts, beside a cosine,
SHARED_TOO = 0.25  # and where it is also known how well the words meet,
MET = 1.5  # which counts so much
LOOKED_AT = 256  # passages by meaning and as many by words; of these the fit is worked out
ORDERED = 64  # of these, the best, how well their words meet the question's, too,
WORDED = 10_000  # where there are no more passages: of many, too much of what meets is not among those looked at
ASKED = 3  # what being like the questions that a passage answers counts,
UNLIKE = 0.2  # beyond what any two questions are alike,
THREE = 3  # half by the one most like it, half by so many
HEADED = (
    0.5  # what it counts how much likelier than by chance a question is answered under the heading
)
QUOTED = 3  # passages of one answer, at most,
NEAR = 0.9  # each of which fits nearly as well as the best one
RELATED = 3  # pages to look at, at most, where none is quoted
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
    terms: Terms = field(default_factory=Terms)  # none in a Release of before they were kept
    asked_points: Floats2d = field(
        default_factory=lambda: np.zeros((0, 1), np.float32)
    )  # (asked, dim) of what the passages say people ask, one passage's after the other's
    headings: Head | None = None  # tells apart the headings that say what people ask

    @classmethod
    def of(
        cls,
        passages: Sequence[Passage],
        language: str,
        place: Callable[[Sequence[str]], Floats2d],
        words: Callable[[Sequence[str]], Sequence[Words]] = lambda _: (),
    ) -> Pages:
        """Cut passages into pieces, `place` (texts to (n, dim) points) both, and take the passages' words."""
        found = [
            (row, piece)
            for row, passage in enumerate(passages)
            for piece in quotes(passage.text, language) or [passage.text]
        ]
        pieces = [piece for _, piece in found]
        owners = np.asarray([row for row, _ in found], dtype=np.int64)
        whole = [passage.keyed for passage in passages]
        keyed = [passages[row].under_headings(piece) for row, piece in found]
        terms = Terms.of(words(whole))
        asked = [question for passage in passages for question in passage.asked]
        points = place(whole)
        asked_points = place(asked) if asked else points[:0]
        return cls(passages, points, pieces, place(keyed), owners, terms, asked_points)

    @property
    def keyed_pieces(self) -> list[str]:
        """The pieces as they are embedded."""
        pairs = zip(self.owners.tolist(), self.pieces, strict=True)
        return [self.passages[row].under_headings(piece) for row, piece in pairs]

    @property
    def asked(self) -> list[str]:
        """What people ask, a row for each of `asked_points`."""
        return [question for passage in self.passages for question in passage.asked]

    @property
    def askers(self) -> Ints1d:
        """(asked,) the row of the passage that answers each, rising."""
        counts = [len(passage.asked) for passage in self.passages]
        return np.repeat(np.arange(len(counts)), counts)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its text, where it lies, where it lies once it is `leaning`, and, where they were read, its words."""

    text: str
    point: Floats1d
    leaning: Floats1d
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What pages say about a question, best first: passages to quote, or, where none fits well enough, one each of the pages worth a look."""

    quoted: tuple[PassageHit, ...] = ()
    related: tuple[PassageHit, ...] = ()


class Knowledge:
    """Finds what the pages say. It never changes."""

    def __init__(self, pages: Pages, language: str) -> None:
        self._pages = pages
        self._index = Index(pages.points)
        keyed = [passage.keyed for passage in pages.passages]
        self._words = Lexical(keyed, language)
        self._meeting = (
            Meeting(pages.terms, keyed, language, self._words.rarity) if self.by_words else None
        )
        self._shared = SHARED_TOO if self.by_words else SHARED
        self._piece_words = Lexical(pages.pieces, language)
        self._firsts = np.searchsorted(pages.owners, np.arange(len(pages.passages) + 1))
        self._asked = _Asked(pages)
        self._headings = Headings(pages.passages, pages.headings)

    def __len__(self) -> int:
        return len(self._pages.passages)

    @property
    def by_words(self) -> bool:
        """Whether it goes by what each word of a question means, and asks for them."""
        return bool(self._pages.terms.names) and len(self) <= WORDED

    def search(
        self, questions: Sequence[Asked], at: float, related_at: float = math.inf
    ) -> list[Found]:
        """
        Return what the pages say about each question.

        Args:
            at: the fit from which on passages are quoted.
            related_at: the fit from which on their pages are worth a look.
        """
        if not len(self):
            return [Found()] * len(questions)
        _, near = self._index.search(np.stack([asked.leaning for asked in questions]), LOOKED_AT)
        return [
            self._found(asked, rows, at, related_at)
            for asked, rows in zip(questions, near, strict=True)
        ]

    def fits(
        self, asked: Asked, near: Ints1d | None = None, without: Ints1d = NOBODY
    ) -> tuple[Ints1d, Floats1d]:
        """
        Return the rows of the passages worth a look, best first, and how well each fits.

        Args:
            near: the nearest ones, where they are known, or all that are to be looked at.
            without: passages that are as if they were not there.
        """
        if near is None:
            _, [near] = self._index.search(asked.leaning[None], LOOKED_AT)
        shared = self._words.scores(asked.text)
        worded = best(shared, LOOKED_AT)
        rows = np.unique(np.concatenate([near, worded, self._asked.near(asked.point)]))
        rows = np.setdiff1d(rows, without, assume_unique=True) if len(without) else rows
        whole = self._pages.points[rows] @ asked.leaning
        fit = (whole + self._best_pieces(rows, asked.leaning)) / 2 + self._shared * shared[rows]
        fit += ASKED * np.maximum(0, self._asked.likeness(asked.point, rows) - UNLIKE)
        fit += HEADED * self._headings.speaks(asked.point, rows, without)
        kept = best(fit, ORDERED)
        rows, fit = rows[kept], fit[kept]
        if asked.words and self._meeting:
            fit += MET * self._meeting.fits(asked.words, rows)
        order = np.lexsort((rows, -fit))
        return rows[order], fit[order]

    def best_elsewhere(self, asked: Asked) -> float:
        """
        Return how well the best passage fits that is not on the page of the best one; -1 where there is none.

        So a question is answered by a desk that has no page for it.
        """
        rows, _ = self.fits(asked, np.arange(len(self)))
        page = self._pages.passages[rows[0]].page
        return self._best_without(asked, lambda passage: passage.page == page)

    def best_beside(self, asked: Asked, row: int) -> float:
        """
        Return how well the best passage fits that does not stand under the heading of the one in this row; -1 where there is none.

        So a question that people ask is answered by a page that stops short of it.
        """
        own = self._pages.passages[row].under
        return self._best_without(asked, lambda passage: passage.under == own)

    def _best_without(self, asked: Asked, gone: Callable[[Passage], bool]) -> float:
        passages = enumerate(self._pages.passages)
        without = np.asarray([row for row, passage in passages if gone(passage)], dtype=np.int64)
        return self.best(asked, without) if len(without) < len(self) else -1.0

    def best(self, asked: Asked, without: Ints1d = NOBODY) -> float:
        """Return how well the best passage fits of those that are left without these."""
        _, fit = self.fits(asked, np.arange(len(self)), without)
        return float(fit[0])

    def _found(self, asked: Asked, near: Ints1d, at: float, related_at: float) -> Found:
        rows, fit = self.fits(asked, near)
        chosen = rows[fit >= max(at, NEAR * float(fit[0]))].tolist()
        if not chosen:
            worth = rows[fit >= related_at].tolist()
            first = {
                self._pages.passages[row].page: place
                for place, row in reversed(list(enumerate(worth)))
            }
            places = sorted(first.values())[:RELATED]
            return Found(related=tuple(self._hit(worth[place], fit[place]) for place in places))
        shared = self._piece_words.scores(asked.text)
        return Found(
            tuple(
                self._hit(row, score, self._quoted(row, asked.leaning, shared, room))
                for row, score, room in zip(chosen, fit, ROOM, strict=False)
            )
        )

    def _hit(self, row: int, fit: float, quote: str = "") -> PassageHit:
        passage = self._pages.passages[row]
        return PassageHit(
            passage.page,
            passage.title,
            passage.heading,
            passage.text,
            round(float(fit), 6),
            quote,
            passage.url,
        )

    def _best_pieces(self, rows: Ints1d, point: Floats1d) -> Floats1d:
        """Return (rows,) the cosine of the best piece of each passage; every passage has one."""
        pieces, starts = stretches(self._firsts, rows)
        return np.asarray(np.maximum.reduceat(self._pages.piece_points[pieces] @ point, starts))

    def _quoted(self, row: int, point: Floats1d, shared: Floats1d, room: int) -> str:
        """
        Return the best piece of a passage with the better of its neighbours in turn, as long as there is room.

        Args:
            shared: (pieces,) how many of the question's rare terms each piece holds.
        """
        own = slice(self._firsts[row], self._firsts[row + 1])
        pieces = self._pages.pieces[own]
        fit = self._pages.piece_points[own] @ point + SHARED * shared[own]
        first = last = int(fit.argmax())
        left = room - len(pieces[first])
        while beside := [n for n in (first - 1, last + 1) if 0 <= n < len(pieces)]:
            taken = max(beside, key=lambda n: fit[n])
            left -= len(pieces[taken])
            if left < 0:
                break
            first, last = min(first, taken), max(last, taken)
        return as_it_stands(self._pages.passages[row].text, pieces, first, last)


class _Asked:
    """The questions that the passages answer. It never changes."""

    def __init__(self, pages: Pages) -> None:
        self._points = pages.asked_points
        self._askers = pages.askers
        self._index = Index(pages.asked_points)
        firsts = np.searchsorted(self._askers, np.arange(len(pages.passages) + 1))
        self._counts = np.diff(firsts)
        places = np.arange(self._counts.max(initial=0))
        self._own = np.where(places < self._counts[:, None], firsts[:-1, None] + places, -1)

    def near(self, point: Floats1d) -> Ints1d:
        """Return the rows of the passages that answer the questions nearest to this one."""
        if not len(self._points):
            return self._askers
        _, [rows] = self._index.search(point[None], LOOKED_AT)
        return np.asarray(self._askers[rows])

    def likeness(self, point: Floats1d, rows: Ints1d) -> Floats1d:
        """Return (rows,) how like the questions of each passage this one is, as a cosine; 0 where a passage has none."""
        own = self._own[rows]  # (rows, most that any has)
        out = np.zeros(len(rows), np.float32)
        some = np.flatnonzero(self._counts[rows])
        if len(some):
            cosines = np.where(own[some] < 0, -np.inf, self._points[own[some]] @ point)
            counts = np.minimum(self._counts[rows[some]], THREE)
            ordered = -np.sort(-cosines, axis=1)[:, :THREE]
            three = np.where(np.isinf(ordered), 0, ordered).sum(axis=1) / counts
            out[some] = (ordered[:, 0] + three) / 2
        return out


def asking(
    texts: Sequence[str],
    points: Floats2d,
    probabilities: Floats2d,
    centres: Floats2d,
    words: Sequence[Words] | None = None,
) -> list[Asked]:
    """
    Return texts as pages are asked.

    Args:
        points: (n, dim) of the texts.
        probabilities, centres: (n, intents) and (intents, dim); see `leaning`.
        words: of the texts, where pages are searched by them.
    """
    moved = leaning(points, probabilities, centres)
    return [*map(Asked, texts, points, moved, words or itertools.repeat(None))]


def leaning(points: Floats2d, probabilities: Floats2d, centres: Floats2d) -> Floats2d:
    """
    Return (n, dim) the questions moved towards the intents that they may have.

    Args:
        probabilities: (n, intents) of each.
        centres: (intents, dim) the middle of each intent's examples.
    """
    towards = unit(probabilities @ centres)
    return unit(points + np.float32(LEANING) * towards)
