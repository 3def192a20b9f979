"""
What operators taught, as a training takes it in, and whether it has been learned.

An answer becomes a template of the Release, its questions become examples that are trusted like an operator's label. A
new intent may have a single question: what it is called then says what it is about.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conversations.labels import Lesson, Origin
from conversations.teachings import Teaching
from finetune.examples import FEWEST, Example, normalised
from retrieval.prediction import OUT_OF_SCOPE, Prediction, Verdict
from retrieval.release import Release
from retrieval.template_files import template_of
from retrieval.templates import Template, unreadable

logger = logging.getLogger(__name__)


def examples_of(answers: Sequence[Teaching], weight: float) -> list[Example]:
    """Return the questions of taught answers as examples of their intents."""
    return [
        Example(question, one.intent, weight, fair=False, place=f"teaching {one.teaching_id}")
        for one in answers
        for question in one.questions
    ]


def corrected(own: Sequence[Example], corrections: Sequence[Teaching]) -> list[Example]:
    """
    Return a file's examples under the intents that operators gave them since.

    Nothing is added: what the file does not hold any more is no example. An intent that the file does not hold is not given.
    """
    known = {OUT_OF_SCOPE, *(e.intent for e in own)}
    meant = {
        normalised(question): one.intent
        for one in corrections
        for question in one.questions
        if one.intent in known
    }
    return [replace(e, intent=meant.get(normalised(e.text), e.intent)) for e in own]


def readable(answers: Sequence[Teaching]) -> list[Teaching]:
    """Return the answers that are Liquid of answers; those that were taught when more was allowed are named in the log."""
    kept = []
    for one in answers:
        if why := unreadable(template_of(one.template, f"teaching {one.teaching_id}")):
            logger.warning("Left out: %s", why)
        else:
            kept.append(one)
    return kept


def with_taught(own: Sequence[Template], answers: Sequence[Teaching]) -> tuple[Template, ...]:
    """Return the desk's own templates and the taught ones; one that was copied into the desk's file is its own."""
    ids = {template.id for template in own}
    taught = (template_of(one.template, f"teaching {one.teaching_id}") for one in answers)
    return (*own, *(template for template in taught if template.id not in ids))


def described(answers: Sequence[Teaching], examples: Sequence[Example]) -> dict[str, str]:
    """Return what the taught intents with too few examples to be learned from them alone are about."""
    counts = Counter(intent for intent, _ in {(e.intent, normalised(e.text)) for e in examples})
    return {
        one.intent: one.title or one.questions[0]
        for one in reversed(answers)  # the first that taught it says it
        if counts[one.intent] < FEWEST
    }


def outspoken(taught: Sequence[Lesson], words: Mapping[str, str]) -> tuple[list[Lesson], list[str]]:
    """
    Return the lessons that taught answers do not contradict, and in words those that they do.

    Args:
        words: the intent of each question that has a taught answer, by its normalised text.
    """
    kept, left_out = [], []
    for lesson in taught:
        intent = words.get(normalised(lesson.text), lesson.intent)
        if intent == lesson.intent:
            kept.append(lesson)
        else:
            left_out.append(
                f"{lesson.message_id}: an operator's answer of {intent!r} is to its text"
            )
    return kept, left_out


def learned(
    release: Release, answers: Sequence[Teaching], lessons: Sequence[Lesson]
) -> list[dict[str, str]]:
    """
    Return what a Release reads as operators taught it, and so need no longer be laid over it: answers, and labels of any kind.

    A teaching that it was trained on and still reads otherwise is not among them: it stays in force beside the Release.
    """
    labels = [one for one in lessons if one.origin == Origin.OPERATOR]
    rows = [(one.teaching_id, one.intent, one.questions) for one in answers]
    rows += [(one.message_id, one.intent, (one.text,)) for one in labels]
    given = {one.teaching_id for one in answers if one.text}
    return [
        {"teaching_id": teaching_id, "intent": intent}
        for teaching_id, intent, questions in rows
        if all(
            _as_taught(reading, intent, teaching_id if teaching_id in given else "")
            for reading in release.read(questions)
        )
    ]


def _as_taught(reading: Prediction, intent: str, template_id: str) -> bool:
    if intent == OUT_OF_SCOPE:
        return reading.verdict is Verdict.OUT_OF_SCOPE
    hits = [hit.template_id for hit in reading.templates if hit.intent == intent]
    answered = not template_id or hits[:1] == [template_id]
    return reading.verdict is Verdict.CONFIDENT and reading.best.intent == intent and answered
