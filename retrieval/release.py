"""
The Release: everything that decides an answer, and how it reads utterances.

Training builds a `Contents`; `retrieval.sealing` writes it as a folder named by its content, and loads it again.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from retrieval.calibration import (
    NEIGHBOURS,
    Calibration,
    Landmarks,
    both,
    features,
    signals,
)
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from retrieval.fresh_pages import FreshPages, Read, renewed
from retrieval.head import Head, softmax
from retrieval.index import Index
from retrieval.knowledge import Asked, Found, Knowledge, Pages, asking
from retrieval.languages import UNKNOWN, language, told
from retrieval.mood import Ear
from retrieval.passages import Passage
from retrieval.prediction import (
    OUT_OF_SCOPE,
    Candidate,
    Floats1d,
    Floats2d,
    Neighbour,
    Prediction,
    Signals,
    Verdict,
)
from retrieval.ranking import Answers, Ranking
from retrieval.spelling import Speller, lexicon
from retrieval.templates import Template, live
from retrieval.wording import Wording
from retrieval.words import Words

CANDIDATES = 8  # kept with a prediction: two clarifications of three, and the next best


@dataclass(frozen=True)
class Contents:
    """What a Release is made of. Points are centred unit vectors, row by row with their texts."""

    encoder: Encoder
    centre: Centre
    head: Head
    calibration: Calibration
    titles: Mapping[str, str]
    examples: Sequence[tuple[str, str]]  # (text, intent)
    example_points: Floats2d  # (examples, dim)
    answers: Answers = field(default_factory=Answers)
    pages: Pages = field(default_factory=Pages)
    language: str = "en"  # ISO 639-1, that most of it is written in
    moods: Ear | None = None  # where customers write languages without a lexicon


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder makes of texts: (n, dim) unit vectors and, where they were asked for, the words of each."""

    vectors: Floats2d
    words: Sequence[Words] | None = None


class Release:
    """
    A loaded Release. It never changes, so threads may share it.

    `learned`: what operators taught it, as (id of the teaching, intent), and it reads as it was taught.
    """

    def __init__(
        self, name: str, contents: Contents, learned: Collection[tuple[str, str]] = ()
    ) -> None:
        self.hash = name
        self.learned = frozenset(learned)
        self._contents = contents
        self._examples = Index(contents.example_points)
        self._ranking = Ranking(contents.answers, contents.head.classes, contents.language)
        self._knowledge = Knowledge(contents.pages, contents.language)
        self._speller = _speller(contents)
        self._templates = {t.id: t for t in contents.answers.templates}
        classes = contents.head.classes
        self._class_of = {intent: row for row, intent in enumerate(classes)}
        self._in_scope = np.asarray([i for i, c in enumerate(classes) if c != OUT_OF_SCOPE])
        self._votes = np.asarray([self._class_of.get(i, -1) for _, i in contents.examples])
        self._landmarks = Landmarks.of(contents.example_points, self._votes, self._in_scope)
        self._wording = Wording.of(
            [text for text, _ in contents.examples], self._votes, len(classes)
        )

    @property
    def contents(self) -> Contents:
        """What it is made of."""
        return self._contents

    @property
    def titles(self) -> Mapping[str, str]:
        """What each intent is called on a choice button."""
        return self._contents.titles

    @property
    def calibration(self) -> Calibration:
        return self._contents.calibration

    @property
    def examples(self) -> Sequence[tuple[str, str]]:
        """What it learned from, each text with its intent."""
        return self._contents.examples

    def template(self, template_id: str) -> Template:
        """Return the template; KeyError where the Release has none of that id."""
        return self._templates[template_id]

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        return tuple(t for t in live(self._contents.answers.templates) if t.intent == intent)

    def passages_of(self, page: str) -> tuple[Passage, ...]:
        """Return what it may quote of a page."""
        return tuple(p for p in self._contents.pages.passages if p.page == page)

    def with_pages(self, fresh: FreshPages, read: Read) -> Self:
        """
        Return this Release with some pages as they are now.

        One that was trained without pages stays as it is: it has not learned how well a passage must fit.
        """
        if not len(self._knowledge):
            return self
        pages = renewed(self._contents.pages, fresh, self._contents.language, read)
        other = copy.copy(self)
        other._contents = replace(self._contents, pages=pages)
        other._knowledge = Knowledge(pages, self._contents.language)
        return other

    @cached_property
    def _handing_off(self) -> frozenset[str]:
        return frozenset(t.intent for t in self._contents.answers.templates if t.hands_off)

    @cached_property
    def _small_talk(self) -> frozenset[str]:
        return frozenset(t.intent for t in self._contents.answers.templates if not t.on_offer)

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction a text, from one forward pass that head and indexes share."""
        return self.judge(texts, *self.heard(texts)) if texts else []

    def points(self, texts: Sequence[str]) -> Floats2d:
        """
        Return (n, dim) the centred unit vectors of texts.

        Raises:
            FloatingPointError: the encoder gave a number that is none.
        """
        return self._contents.centre.points(self._numbers(self._contents.encoder.encode(texts)))

    def heard(self, texts: Sequence[str]) -> tuple[Floats2d, Sequence[Words] | None]:
        """Return the points of texts and, where pages are searched by them, their words; raises as `points`."""
        return self._heard(self.encoded(texts))

    def encoded(self, texts: Sequence[str]) -> Encoded:
        """
        Return what the encoder makes of the texts; Releases with the same encoder may share it.

        Raises:
            FloatingPointError: the encoder gave a number that is none.
        """
        encoder = self._contents.encoder
        if not self._knowledge.by_words:
            return Encoded(self._numbers(encoder.encode(texts)))
        vectors, words = encoder.read(texts, self._contents.language)
        return Encoded(self._numbers(vectors), words)

    def _numbers(self, vectors: Floats2d) -> Floats2d:
        if not np.isfinite(vectors).all():
            raise FloatingPointError(f"the encoder of Release {self.hash} returned NaN")
        return vectors

    def read_encoded(self, texts: Sequence[str], encoded: Encoded) -> list[Prediction]:
        """Return one prediction a text from what this Release's encoder made of it."""
        return self.judge(texts, *self._heard(encoded))

    def _heard(self, encoded: Encoded) -> tuple[Floats2d, Sequence[Words] | None]:
        return self._contents.centre.points(encoded.vectors), encoded.words

    def judge(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None = None
    ) -> list[Prediction]:
        """
        Return the predictions for points (n, dim) that the encoder already made of the texts.

        What is not understood surely, and was mistyped, is read once more as it was meant.

        Args:
            words: of each text, from the same pass; where pages are searched by them and they are not given, the texts are read again.
        """
        predictions = self._as_written(texts, points, words)
        meant = {
            row: repaired
            for row, (text, prediction) in enumerate(zip(texts, predictions, strict=True))
            if prediction.verdict is not Verdict.CONFIDENT
            and (repaired := self._speller.repaired(text)) != text
        }
        if meant:
            again = [*meant.values()]
            better = self._as_written(again, *self.heard(again))
            for (row, repaired), prediction in zip(meant.items(), better, strict=True):
                predictions[row] = replace(prediction, text=texts[row], read_as=repaired)
        return predictions

    def _as_written(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None
    ) -> list[Prediction]:
        scores = self._contents.head.scores(points)
        probabilities = softmax(scores)
        similarities, rows = self._examples.search(points, NEIGHBOURS)
        votes = self._votes[rows]
        parts = signals(
            texts,
            scores,
            points,
            self._landmarks,
            self._wording,
            self._in_scope,
            similarities,
            votes,
        )
        calibration = self._contents.calibration
        seen = features(parts)
        in_scope, right = calibration.scope(seen), calibration.right(seen)
        confidences = both(in_scope, right)
        languages = [self._language(text) for text in texts]
        verdicts = [
            calibration.thresholds_for(code).verdict(float(confidence))
            for code, confidence in zip(languages, confidences, strict=True)
        ]
        templates = self._ranking.rank(texts, points, probabilities)
        pages = self._pages_on(texts, points, words, probabilities)
        moods = self._moods(texts, points)
        return [
            Prediction(
                text=text,
                verdict=verdicts[n],
                confidence=float(confidences[n]),
                in_scope=round(float(in_scope[n]), 6),
                right=round(float(right[n]), 6),
                candidates=self._candidates(probabilities[n]),
                templates=templates[n],
                neighbours=self._neighbours(similarities[n], rows[n]),
                passages=pages[n].quoted,
                related=pages[n].related,
                signals=_rounded(parts[n]),
                release=self.hash,
                language=languages[n],
                mood=moods[n],
            )
            for n, text in enumerate(texts)
        ]

    def _language(self, text: str) -> str:
        """Return whose thresholds a text is judged by; most desks have one language and no need to tell."""
        own = self._contents.calibration.languages
        return language(text, list(own)) if own else UNKNOWN

    def _moods(self, texts: Sequence[str], points: Floats2d) -> Sequence[float | None]:
        """Return how each text sounds, None where it is in a language that the ear is not good at."""
        if not (ear := self._contents.moods):
            return [None] * len(texts)
        scores = zip(texts, ear.scores(points), strict=True)
        return [score if ear.understands(told(text)) else None for text, score in scores]

    def _candidates(self, probabilities: Floats1d) -> tuple[Candidate, ...]:
        order = self._in_scope[np.argsort(-probabilities[self._in_scope], kind="stable")]
        classes = self._contents.head.classes
        return tuple(
            Candidate(
                intent=classes[row],
                title=self.titles.get(classes[row], classes[row]),
                score=round(float(probabilities[row]), 6),
                hands_off=classes[row] in self._handing_off,
                on_offer=classes[row] not in self._small_talk,
            )
            for row in order[:CANDIDATES]
        )

    def _neighbours(self, similarities: Floats1d, rows: Any) -> tuple[Neighbour, ...]:
        examples = self._contents.examples
        return tuple(
            Neighbour(examples[row][0], examples[row][1], round(float(cosine), 6))
            for cosine, row in zip(similarities, rows, strict=True)
        )

    def questions(
        self,
        texts: Sequence[str],
        points: Floats2d,
        words: Sequence[Words] | None,
        probabilities: Floats2d,
    ) -> list[Asked]:
        """Return the texts as pages are asked; `probabilities` (n, classes) are the head's."""
        if words is None and self._knowledge.by_words:
            words = self.encoded(texts).words
        likely = probabilities[:, self._in_scope]
        return asking(texts, points, likely, self._landmarks.centres, words)

    def _pages_on(
        self,
        texts: Sequence[str],
        points: Floats2d,
        words: Sequence[Words] | None,
        probabilities: Floats2d,
    ) -> list[Found]:
        if not len(self._knowledge):
            return [Found()] * len(texts)
        asked = self.questions(texts, points, words, probabilities)
        calibration = self._contents.calibration
        return self._knowledge.search(asked, calibration.passage_at, calibration.related_at)


def _speller(contents: Contents) -> Speller:
    examples = (text for text, _ in contents.examples)
    passages = (passage.keyed for passage in contents.pages.passages)
    asked = itertools.chain(contents.answers.questions, contents.pages.asked)
    texts = itertools.chain(examples, asked, passages)
    spoken = {contents.language, *contents.calibration.languages}
    return Speller(texts, contents.encoder.vocabulary.union(*map(lexicon, spoken)))


def _rounded(parts: Signals) -> Signals:
    return Signals(*(round(value, 6) for value in asdict(parts).values()))
