"""
Ways to learn from examples.

`frozen`                   the encoder as it came, a logistic head over its centred vectors: seconds
`self-taught`              the same, with guesses about the desk's unlabelled messages to learn from too
`fine-tuned`               the encoder's upper layers learned together with the head, and with what stands beside: minutes
`fine-tuned, self-taught`  what was fine-tuned on the examples guesses, together with the frozen encoder, what the
                           messages mean; then a student is fine-tuned anew on examples and guesses
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from finetune.courses import Course
from finetune.examples import Example
from finetune.fitting import class_numbers
from finetune.progress import Watch
from finetune.reading import read
from finetune.search import student_plan
from finetune.selftraining import Guesses, agreed, guess
from finetune.strangers import familiar
from finetune.training import Plan, fine_tune
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from retrieval.head import Head
from retrieval.prediction import OUT_OF_SCOPE, Floats2d, Ints1d


@dataclass(frozen=True)
class Start:
    """Where every way begins: the texts as the frozen encoder sees them, and the seed of all chance."""

    encoder: Encoder
    centre: Centre  # of the desk's texts, taken out of every vector
    points: Floats2d  # (examples, dim), centred
    examples: Sequence[Example]  # hints among them
    seed: int
    messages: Sequence[str] = ()  # unlabelled
    message_points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    beside: Sequence[Course] = ()  # what an encoder learns while it is tuned to the examples

    def hearing(self, rows: Ints1d) -> Start:
        """Return the start with these of the messages only."""
        heard = [self.messages[row] for row in rows]
        return replace(self, messages=heard, message_points=self.message_points[rows])


@dataclass(frozen=True, slots=True)
class Way:
    """How to learn: with the encoder tuned by a plan or frozen where there is none, with guesses about messages or without."""

    plan: Plan | None = None
    self_taught: bool = False

    @property
    def regime(self) -> str:
        tuned = "fine-tuned" if self.plan else ""
        taught = "self-taught" if self.self_taught else ""
        return ", ".join(filter(None, (tuned, taught))) or "frozen"


@dataclass(frozen=True)
class Learned:
    """An encoder and its head, and the points that it makes of the examples."""

    encoder: Encoder
    head: Head
    points: Floats2d  # (examples, dim)


def learn(
    start: Start,
    rows: Ints1d,
    way: Way,
    watch: Watch,
    *,
    trying: bool = False,
    teacher: Learned | None = None,
) -> Learned:
    """
    Return what a way makes of some of the examples.

    Args:
        rows: of the examples to learn from.
        trying: the texts may be read in half precision.
        teacher: what the same way without self-teaching made of the same rows, where that is known.
    """
    course, plan = _course(start, rows), way.plan
    if way.self_taught and start.messages:
        alone = replace(way, self_taught=False)
        teacher = teacher or learn(start, rows, alone, watch, trying=trying)
        course = _with_guesses(start, course, rows, teacher, watch)
        plan = student_plan(plan, len(course.texts)) if plan else None
    if plan is None:
        return Learned(start.encoder, course.head(), start.points)
    with watch.stage(f"{'trying' if trying else 'learning'}: {way.regime}") as advance:
        encoder, head = fine_tune(
            start.encoder, course, start.centre, plan, start.seed, advance, start.beside
        )
    texts = [e.text for e in start.examples]
    vectors = read(encoder, texts, "examples with it", watch, fast=trying)
    return Learned(encoder, head, start.centre.points(vectors))


def meanings(start: Start) -> list[str]:
    """Return the intent that each message probably means, by the frozen encoder and all examples."""
    course = _course(start, np.arange(len(start.examples)))
    shares = _guessed(course, course.points, start.message_points)
    return [course.classes[best] for best in shares.argmax(axis=1)]


def _course(start: Start, rows: Ints1d) -> Course:
    given = [start.examples[row] for row in rows]
    classes = sorted({e.intent for e in given})
    return Course.of(
        classes,
        [e.text for e in given],
        start.points[rows],
        [e.intent for e in given],
        np.asarray([e.weight for e in given], dtype=np.float32),
    )


def _guessed(course: Course, known: Floats2d, messages: Floats2d) -> Floats2d:
    """Return (messages, classes) shares of what the messages may mean, where `known` (n, dim) are the course's texts."""
    return guess(known, course.classes, course.targets, course.weights, messages)


def _with_guesses(
    start: Start, own: Course, rows: Ints1d, teacher: Learned, watch: Watch
) -> Course:
    """
    Return the course with what the messages may mean, as all views of them agree.

    The tuned encoder tells the desk's intents apart, the frozen one has forgotten nothing; together they see more
    than either (LOG.md).
    """
    views = [(own.points, start.message_points)]
    if teacher.encoder is not start.encoder:
        vectors = read(teacher.encoder, start.messages, "messages with it", watch, fast=True)
        tuned = (teacher.points[rows], start.centre.points(vectors))
        views = [tuned, _beside(tuned, views[0])]
    with watch.stage(f"guessing what {len(start.messages):,} messages mean"):
        shares = agreed([_guessed(own, known, messages) for known, messages in views])
    kept = _familiar(start, rows)
    guesses = Guesses.of(shares[kept])
    return Course(
        own.classes,
        [*own.texts, *(start.messages[row] for row in kept)],
        np.vstack([own.points, start.message_points[kept]]),
        np.vstack([own.targets, guesses.targets]),
        np.append(own.weights, guesses.weights),
    )


def _familiar(start: Start, rows: Ints1d) -> Ints1d:
    """Return the rows of the messages that the frozen encoder finds no stranger than the examples."""
    inside = [row for row in rows if start.examples[row].intent != OUT_OF_SCOPE]
    given = [start.examples[row] for row in inside]
    intents = class_numbers(sorted({e.intent for e in given}), [e.intent for e in given])
    asked = np.flatnonzero([not e.hint for e in given])
    return familiar(start.points[inside], intents, asked, start.message_points)


def _beside(
    one: tuple[Floats2d, Floats2d], two: tuple[Floats2d, Floats2d]
) -> tuple[Floats2d, Floats2d]:
    """Return unit vectors whose cosine is the mean of the cosines in both views."""
    known, new = (np.hstack(pair) / np.float32(np.sqrt(2)) for pair in zip(one, two, strict=True))
    return known, new
