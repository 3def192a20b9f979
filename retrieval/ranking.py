"""
Which template answers a question: ranked by meaning, by words, and by the intents that the question may have.

The intent is a prior and not a cage: a template of the second intent whose own question is nearly the customer's comes before one of
the first that has little to do with it. Where an intent has several templates, a head tells them apart that has learned their own
questions and, of the intent's examples, those that are most like these. Figures: LOG.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.head import Head, softmax
from retrieval.index import Index
from retrieval.lexical import Lexical, best
from retrieval.prediction import Floats1d, Floats2d, Ints1d, TemplateHit
from retrieval.templates import State, Template

# What each part of a fit counts: the cosine of the template's nearest own question, the words that it shares, and the
# logarithms of the probabilities of its intent and of itself.
QUESTION, SHARED, INTENT, ITSELF = 1.0, 0.5, 1.5, 1.0

LOOKED_AT = (
    64  # questions by meaning, and as many by words; of their templates the fit is worked out
)
ALL = 256  # templates, up to which that of all is
LIKELY = 3  # intents, of whose questions the nearest are looked at as well
RANKED = 16  # kept with a prediction; an intent with none among them gets its first template
RAREST = 1e-6  # probability, below which an intent or a template is as good as ruled out


@dataclass(frozen=True)
class Answers:
    """The templates of a desk, where their questions lie, and the head that tells them apart, None where they are too many."""

    templates: Sequence[Template] = ()
    question_points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    head: Head | None = None  # its classes are the templates' ids, in their order

    @property
    def questions(self) -> list[str]:
        return [question for template in self.templates for question in template.questions]


class Ranking:
    """Ranks templates. It never changes."""

    def __init__(self, answers: Answers, classes: Sequence[str], language: str) -> None:
        templates = answers.templates
        self._answers = answers
        self._index = Index(answers.question_points)
        self._words = Lexical(answers.questions, language)
        counts = [len(template.questions) for template in templates]
        self._firsts = np.append(0, np.cumsum(counts)).astype(np.int64)
        self._asked = np.repeat(np.arange(len(counts)), counts)  # the template of each question
        self._given = [template.state is State.LIVE for template in templates]
        place = {intent: number for number, intent in enumerate(classes)}
        nowhere = len(classes)  # an intent that nothing says anything about is never meant
        intents = [place.get(template.intent, nowhere) for template in templates]
        self._intents = np.asarray(intents, dtype=np.int64)
        of_questions = self._intents[self._asked]
        self._order = np.argsort(of_questions, kind="stable")
        bounds = np.searchsorted(of_questions[self._order], np.arange(len(classes) + 1))
        self._of_intents = [slice(*pair) for pair in itertools.pairwise(bounds.tolist())]
        # Side by side the questions of an intent are compared several times as fast as picked one by one.
        self._in_order = answers.question_points[self._order] if len(templates) > ALL else None

    def rank(
        self, texts: Sequence[str], points: Floats2d, probabilities: Floats2d
    ) -> list[tuple[TemplateHit, ...]]:
        """
        Return the templates that fit each of n questions best, best first.

        Args:
            points: (n, dim) of the questions.
            probabilities: (n, classes) of their intents.
        """
        if not self._answers.templates:
            return [()] * len(texts)
        return [self._ranked(*asked) for asked in zip(texts, points, probabilities, strict=True)]

    def of_questions(self, text: str, point: Floats1d, rows: Ints1d) -> Floats1d:
        """Return (rows,) how near the nearest own question of some templates is, in meaning and words; 0 without any."""
        return self._of_questions(point, self._words.scores(text), rows)

    def fits(
        self, text: str, point: Floats1d, probabilities: Floats1d, rows: Ints1d | None = None
    ) -> tuple[Ints1d, Floats1d]:
        """
        Return the rows of the templates worth a look, or of those given, and how well each fits.

        Args:
            point, probabilities: (dim,) and (classes,) of the question and its intents.
        """
        shared = self._words.scores(text)
        if rows is None:
            rows = self._worth_a_look(point, shared, probabilities)
        fit = self._of_questions(point, shared, rows) + INTENT * _log(
            np.append(probabilities, 0)[self._intents[rows]]
        )
        if head := self._answers.head:
            fit = fit + ITSELF * _log(softmax(head.scores(point[None]))[0, rows])
        return rows, np.asarray(fit)

    def _of_questions(self, point: Floats1d, shared: Floats1d, rows: Ints1d) -> Floats1d:
        spans = [np.arange(self._firsts[row], self._firsts[row + 1]) for row in rows]
        lengths = np.asarray([len(span) for span in spans])
        near = np.zeros(len(rows), dtype=np.float32)
        if lengths.any():
            questions = np.concatenate(spans)
            cosines = self._answers.question_points[questions] @ point
            each = QUESTION * cosines + SHARED * shared[questions]
            starts = np.append(0, np.cumsum(lengths[lengths > 0])[:-1])
            near[lengths > 0] = np.maximum.reduceat(each, starts)
        return near

    def _ranked(
        self, text: str, point: Floats1d, probabilities: Floats1d
    ) -> tuple[TemplateHit, ...]:
        rows, fit = self.fits(text, point, probabilities)
        order = [n for n in np.lexsort((rows, -fit)) if self._given[rows[n]]][:RANKED]
        found = [(self._answers.templates[rows[n]], round(float(fit[n]), 4)) for n in order]
        return tuple(TemplateHit(template.id, template.intent, f) for template, f in found)

    def _worth_a_look(self, point: Floats1d, shared: Floats1d, probabilities: Floats1d) -> Ints1d:
        """
        Return the rows of all templates where they are few, else of those with a question near or worded alike.

        Near is looked for among all questions, and among those of the likely intents.
        """
        if self._in_order is None:
            return np.arange(len(self._answers.templates))
        _, [near] = self._index.search(point[None], LOOKED_AT)
        worded = best(shared, LOOKED_AT)
        likely = [self._of_intents[intent] for intent in best(probabilities, LIKELY)]
        own = np.concatenate([self._order[of_intent] for of_intent in likely])
        cosines = np.concatenate([self._in_order[of_intent] @ point for of_intent in likely])
        meant = own[best(cosines, LOOKED_AT)]
        return np.unique(self._asked[np.concatenate([near, worded, meant])])


def _log(probabilities: Floats1d) -> Floats1d:
    return np.asarray(np.log(np.maximum(probabilities, RAREST)))
