"""
A Release with what operators taught since: their questions are looked at beside its own examples, their answers are templates, and
pages that changed are quoted as they are now.

A taught question is one more example, and speaks for an utterance under the rule that the Release's likeness was fitted on:
it is the nearest of all, no example of another intent is nearer, and the confidence of that likeness keeps the owner's
risk. Against a confident reading of another intent the surer of the two wins. The very words of a taught question always
mean what they were taught to mean. Everything else is read as the Release reads it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from retrieval.calibration import Calibration
from retrieval.fresh_pages import FreshPages, Read, Reading
from retrieval.passages import Passage
from retrieval.prediction import (
    OUT_OF_SCOPE,
    Candidate,
    Edition,
    Floats1d,
    Floats2d,
    Prediction,
    TaughtHit,
    TemplateHit,
    Verdict,
)
from retrieval.template_files import template_row
from retrieval.templates import Template, titles_of
from retrieval.wording import words_of
from retrieval.words import Words

ABOVE_ALL = 10.0  # a fit that no template of a Release reaches: what was taught is the answer


class Teachable(Protocol):
    """What a Release lets others build on; `retrieval.release.Release` is one."""

    @property
    def hash(self) -> str: ...

    @property
    def titles(self) -> Mapping[str, str]: ...

    @property
    def learned(self) -> Collection[tuple[str, str]]:
        """What it was taught already, as (teaching id, intent)."""
        ...

    @property
    def calibration(self) -> Calibration: ...

    def points(self, texts: Sequence[str]) -> Floats2d: ...

    def heard(self, texts: Sequence[str]) -> tuple[Floats2d, Sequence[Words] | None]: ...

    def judge(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None = None
    ) -> list[Prediction]: ...

    def read(self, texts: Sequence[str]) -> list[Prediction]: ...

    def template(self, template_id: str) -> Template: ...

    def templates_of(self, intent: str) -> tuple[Template, ...]: ...

    def passages_of(self, page: str) -> tuple[Passage, ...]: ...

    def with_pages(self, fresh: FreshPages, read: Read) -> Teachable: ...


@dataclass(frozen=True, slots=True)
class Question:
    """A text that means an intent, empty for out of scope, because of a teaching."""

    teaching_id: str
    text: str
    intent: str


@dataclass(frozen=True)
class Overlay:
    """
    What is laid over a Release.

    Args:
        seq: of the last event of the log that it takes in.
        questions: in the order they were taught.
        templates: the answers, each under the id of its teaching, or of the template of the Release that it takes the place of.
        withdrawn: templates of the Release that are no longer to be given.
        pages: those that changed since it was trained.
    """

    seq: int = 0
    questions: tuple[Question, ...] = ()
    templates: tuple[Template, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    pages: FreshPages = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.questions or self.templates or self.withdrawn or self.pages)

    @cached_property
    def edition(self) -> Edition:
        content = {
            "questions": [asdict(question) for question in self.questions],
            "templates": [template_row(template) for template in self.templates],
            "withdrawn": sorted(self.withdrawn),
        }
        if self.pages:  # else as it was when there were no pages here: cards name it
            content["pages"] = {
                name: [asdict(passage) for passage in passages]
                for name, passages in self.pages.items()
            }
        written = json.dumps(content, sort_keys=True).encode()
        return Edition(self.seq, hashlib.sha256(written).hexdigest()[:16])


def laid_over(
    release: Teachable,
    overlay: Overlay,
    before: TaughtRelease | None = None,
    paged: Teachable | None = None,
) -> Teachable | TaughtRelease:
    """Return a Release under an overlay, itself where that is empty; see `TaughtRelease.of`."""
    return TaughtRelease.of(release, overlay, before, paged) if overlay else release


def read_by(release: Teachable) -> Read:
    """Return how a Release reads a text of a page."""

    def read(text: str) -> Reading:
        points, words = release.heard([text])
        return Reading(points[0], words[0] if words else None)

    return read


class TaughtRelease:
    """A Release under an overlay. It never changes either."""

    def __init__(
        self, sealed: Teachable, release: Teachable, overlay: Overlay, points: Floats2d
    ) -> None:
        self._sealed = sealed
        self._release = release  # with the pages as they are now
        self._overlay = overlay
        self._points = points  # (questions, dim)
        self._templates = {template.id: template for template in overlay.templates}
        self._very_words = {_said(q.text): row for row, q in enumerate(overlay.questions)}
        taught = titles_of(overlay.templates, {t.intent for t in overlay.templates})
        self.titles: Mapping[str, str] = {**taught, **release.titles}

    @classmethod
    def of(
        cls,
        release: Teachable,
        overlay: Overlay,
        before: TaughtRelease | None = None,
        paged: Teachable | None = None,
    ) -> TaughtRelease:
        """
        Lay an overlay over a Release; questions that `before` has the points of are not read again.

        Each question is read alone: in a batch with others its last digits would depend on them.

        Args:
            paged: the Release with the pages of the overlay, where that is made already.
        """
        known = before.known(release) if before else {}
        texts = [question.text for question in overlay.questions]
        points = [known[text] if text in known else release.points([text])[0] for text in texts]
        if paged is None and overlay.pages:
            same = before.paged(release, overlay.pages) if before else None
            paged = same or release.with_pages(overlay.pages, read_by(release))
        return cls(release, paged or release, overlay, np.asarray(points, dtype=np.float32))

    def paged(self, release: Teachable, pages: FreshPages) -> Teachable | None:
        """Return the Release with these pages, None where this is another one or has others."""
        same = release is self._sealed and pages == self._overlay.pages
        return self._release if same else None

    def known(self, release: Teachable) -> dict[str, Floats1d]:
        """Return the points of the taught questions, none where another Release made them."""
        if release is not self._sealed:
            return {}
        pairs = zip(self._overlay.questions, self._points, strict=True)
        return {question.text: point for question, point in pairs}

    @property
    def hash(self) -> str:
        return self._release.hash

    @property
    def calibration(self) -> Calibration:
        return self._release.calibration

    def template(self, template_id: str) -> Template:
        return self._templates.get(template_id) or self._release.template(template_id)

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        """The Release's own first: among the templates of a known intent a taught one is for its questions."""
        withdrawn = self._overlay.withdrawn
        own = [t for t in self._release.templates_of(intent) if t.id not in withdrawn]
        held = {template.id for template in own}
        fresh = (t for t in self._overlay.templates if t.intent == intent and t.id not in held)
        return (*(self._templates.get(template.id, template) for template in own), *fresh)

    def passages_of(self, page: str) -> tuple[Passage, ...]:
        return self._release.passages_of(page)

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction a text, from the one forward pass of the Release."""
        return self.judge(texts, *self.heard(texts)) if texts else []

    def points(self, texts: Sequence[str]) -> Floats2d:
        """Return (n, dim) where the Release puts each text."""
        return self._release.points(texts)

    def heard(self, texts: Sequence[str]) -> tuple[Floats2d, Sequence[Words] | None]:
        """Return the points of texts, and their words where the Release searches pages by them."""
        return self._release.heard(texts)

    def judge(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None = None
    ) -> list[Prediction]:
        """Return the predictions for points (n, dim) and words of the texts."""
        predictions = self._release.judge(texts, points, words)
        if not len(self._points):
            return [self._noted(prediction, None) for prediction in predictions]
        similarities = points @ self._points.T  # (n, questions)
        return [
            self._noted(prediction, self._settling(prediction, near))
            for prediction, near in zip(predictions, similarities, strict=True)
        ]

    def _settling(self, prediction: Prediction, similarities: Floats1d) -> TaughtHit | None:
        """Return the taught question that speaks for an utterance, if one does."""
        row = self._very_words.get(_said(prediction.text))
        if row is not None:
            return self._hit(row, similarities, confidence=1.0)
        row = len(similarities) - 1 - int(similarities[::-1].argmax())  # of equals the last taught
        hit = self._hit(row, similarities)
        likely = hit.confidence >= self._release.calibration.likeness.answer_at
        return hit if likely and _nearest(hit, prediction) and _surer(hit, prediction) else None

    def _hit(self, row: int, similarities: Floats1d, confidence: float | None = None) -> TaughtHit:
        question, similarity = self._overlay.questions[row], round(float(similarities[row]), 6)
        if confidence is None:
            confidence = self._release.calibration.likeness.confidence(similarity)
        return TaughtHit(
            question.teaching_id, question.text, question.intent, similarity, confidence
        )

    def _noted(self, prediction: Prediction, hit: TaughtHit | None) -> Prediction:
        """Return the reading as the teachings have it."""
        kept = tuple(
            t for t in prediction.templates if t.template_id not in self._overlay.withdrawn
        )
        prediction = replace(prediction, templates=kept, edition=self._overlay.edition)
        if hit is None:
            return prediction
        if hit.intent == OUT_OF_SCOPE:
            confidence = round(min(prediction.confidence, 1 - hit.confidence), 6)
            verdict = Verdict.OUT_OF_SCOPE
            return replace(prediction, verdict=verdict, confidence=confidence, taught=hit)
        return replace(
            prediction,
            verdict=Verdict.CONFIDENT,
            confidence=max(hit.confidence, _agreeing(prediction, hit)),
            candidates=self._candidates(prediction, hit),
            templates=(*self._answer(hit), *kept),
            taught=hit,
        )

    def _candidates(self, prediction: Prediction, hit: TaughtHit) -> tuple[Candidate, ...]:
        hands_off = any(template.hands_off for template in self.templates_of(hit.intent))
        best = Candidate(hit.intent, self.titles[hit.intent], hit.confidence, hands_off)
        return (best, *(c for c in prediction.candidates if c.intent != hit.intent))

    def _answer(self, hit: TaughtHit) -> tuple[TemplateHit, ...]:
        if hit.teaching_id not in self._templates:  # a label: the intent's own templates answer
            return ()
        return (TemplateHit(hit.teaching_id, hit.intent, round(ABOVE_ALL + hit.similarity, 6)),)


def _said(text: str) -> str:
    """Return a text as compared; one without any word is compared as it stands."""
    return " ".join(words_of(text)) or text.strip()


def _nearest(hit: TaughtHit, prediction: Prediction) -> bool:
    others = (n.similarity for n in prediction.neighbours if n.intent != hit.intent)
    return hit.similarity >= max(others, default=-1.0)


def _agreeing(prediction: Prediction, hit: TaughtHit) -> float:
    """Return how sure the Release itself is of the taught intent, as far as it says."""
    return prediction.confidence if prediction.best.intent == hit.intent else 0.0


def _surer(hit: TaughtHit, prediction: Prediction) -> bool:
    if prediction.verdict is not Verdict.CONFIDENT or prediction.best.intent == hit.intent:
        return True
    return hit.confidence > prediction.confidence
