"""
What a desk teaches tonight: its files and what its log says, without anything that the gate will ask.

The gate asks three sets: held-out questions, what customers asked these days (an audit sample that operators labelled, which
teaches a month later), and what the bot once got wrong, which teaches as well.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from conversations.audit import Audit
from conversations.events import Visitor
from conversations.labels import Lesson, Origin
from conversations.likeness import Likeness
from conversations.teachings import Teaching
from finetune.answers import corrected, described, examples_of, outspoken, with_taught
from finetune.build import Material
from finetune.crossfit import Drawn
from finetune.desks import refuse_no_desk
from finetune.examples import (
    FEWEST,
    Example,
    distinct,
    normalised,
    read_examples,
    read_intents,
    with_words,
)
from finetune.hearing import Heard, heard_in
from finetune.saved import overruled, with_saved
from retrieval.passages import read_pages
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.template_files import read_templates
from retrieval.templates import Template

GATE_SHARE = 7  # without a held-out file every seventh question, by its hash, is kept for the gate
GATE_FROM = 8  # examples of an intent before the gate may take some away from it

# Messages without a label from which guesses about them are worth their minutes; with fewer the gain is within chance.
MESSAGES_FROM = 300

# Curated examples that an operator's label counts for. It corrects a mistake, so two dozen examples beside it pull the
# other way: of 11 demo questions that were misread and labelled one by one, 4 were still not answered with weight 1, none
# with 1.5; 3 leaves room.
CORRECTION = 3.0


# What a visitor's lesson may not teach, and why: given what is trusted, the lessons, and who gave each.
Defence = Callable[[Sequence[Example], Sequence[Lesson], Sequence[Visitor]], Sequence[str]]


@dataclass(frozen=True)
class Curriculum:
    """
    What a desk teaches tonight.

    `left_out` says in words what was not used; `gate` are questions that training never sees, `fresh` are labels that it does
    not see yet, `regression` are lessons of what the bot had got wrong; `answers` are those that operators taught, `corrections` what they
    say of questions in the desk's files, `pages` the ids of what they did last to each page.
    """

    material: Material
    gate: Sequence[Example]
    lessons: Sequence[Lesson]
    left_out: Sequence[str]
    answers: Sequence[Teaching] = ()
    corrections: Sequence[Teaching] = ()
    fresh: Sequence[Example] = ()
    regression: Sequence[Example] = ()
    pages: Sequence[str] = ()

    def manifest(self) -> dict[str, Any]:
        """Return what a Release of it says about its data: counts, a hash, and which messages taught what."""
        examples = self.material.examples
        rows = sorted(f"{e.intent}\t{e.text}\t{e.weight}" for e in examples)
        return {
            "examples": len(examples),
            "sha256": hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest(),
            "intents": dict(sorted(Counter(e.intent for e in examples).items())),
            "origins": dict(sorted(Counter(str(one.origin) for one in self.lessons).items())),
            "messages": len(self.material.unlabelled),
            "gate": len(self.gate),
            "fresh": len(self.fresh),
            "regression": len(self.regression),
            "lessons": [
                {
                    "message_id": one.message_id,
                    "intent": one.intent,
                    "origin": str(one.origin),
                    "weight": one.weight,
                }
                for one in self.lessons
            ],
            "answers": [
                {
                    "teaching_id": one.teaching_id,
                    "intent": one.intent,
                    "operator": one.operator,
                    "at": one.at.isoformat(),
                    "message_id": one.message_id,
                }
                for one in self.answers
            ],
            "pages": list(self.pages),
            "left_out": list(self.left_out),
        }


def curriculum(folder: Path, defence: Defence, now: datetime) -> Curriculum:
    """
    Return what the desk's files and its log teach at this time, without anything that the gate will ask.

    Raises:
        DeskIncomplete, ExamplesError, TemplateError, PageError: the desk's files cannot be trained on.
        LogError: its log cannot be read.
    """
    refuse_no_desk(folder)
    file = folder / "templates.jsonl"
    templates = read_templates(file) if file.is_file() else ()
    heard = heard_in(folder / "desk.db", templates, now)
    answered = examples_of(heard.answers, CORRECTION)
    words = {normalised(e.text): e.intent for e in answered}
    told, left_out = outspoken(heard.lessons, words)
    fresh, taught = _fresh(told, heard.audit.asked, words)
    labelled = {normalised(one.text) for one in told if one.origin == Origin.OPERATOR}
    own = corrected(with_words(read_examples(folder / "examples.csv")), heard.corrections)
    gate, curated = _gate(folder, own, {*labelled, *words})
    curated, displaced = _without(curated, words)
    curated = [*curated, *answered]
    asked = {normalised(text) for text in (*(e.text for e in gate), *(one.text for one in fresh))}
    accepted, unfit = _accepted(taught, curated, asked, [one.text for one in fresh])
    trusted, relabelled = _without(curated, _by_operators(accepted))
    learned, objected = _defended(accepted, heard, trusted, defence)
    lessons = [_example(one, heard.audit.sampled) for one in learned]
    examples = _judged([*trusted, *lessons])
    answers = with_taught(with_saved(templates, heard.saved), heard.answers)
    material = _material(folder, examples, answers, heard.answers)
    return Curriculum(
        material=replace(
            material,
            unlabelled=_unlabelled(heard, asked),
            drawn=_sampled(told, heard.audit),
            kept_back=asked,
        ),
        gate=gate,
        lessons=learned,
        left_out=[
            *heard.left_out,
            *left_out,
            *unfit,
            *objected,
            *displaced,
            *relabelled,
            *overruled(templates, heard.saved),
        ],
        answers=heard.answers,
        corrections=heard.corrections,
        fresh=_questions(fresh),
        regression=_questions([one for one in learned if one.message_id in heard.audit.wrong]),
        pages=heard.pages,  # as they lie there: the log was read before the folder
    )


def _material(
    folder: Path,
    examples: Sequence[Example],
    templates: Sequence[Template],
    answers: Sequence[Teaching],
) -> Material:
    """Return what a Release is built from; what a new intent with a taught answer is about need not be written down."""
    intents = folder / "intents.csv"
    said = read_intents(intents) if intents.is_file() else {}
    return Material(
        examples=examples,
        templates=templates,
        passages=read_pages(folder / "pages"),
        descriptions={**described(answers, examples), **said},
    )


def _fresh(
    told: Sequence[Lesson], asked: Collection[str], answered: Collection[str]
) -> tuple[list[Lesson], list[Lesson]]:
    """
    Return the labels that the gate asks, and the lessons without them.

    What another label of nearly the same words, or an answer to them, teaches is no question any more.

    Args:
        asked: the message ids of the audit.
    """
    rest = [one for one in told if one.message_id not in asked]
    drawn = [one for one in told if one.message_id in asked]
    known = [*(one.text for one in rest if one.origin == Origin.OPERATOR), *answered]
    return [one for one, like in zip(drawn, _like(drawn, known), strict=True) if not like], rest


def _sampled(told: Sequence[Lesson], audit: Audit) -> Drawn:
    """Return what operators say of the audit sample, asked by the gate or learned by now."""
    sample = [
        one for one in told if one.message_id in audit.sampled and one.origin == Origin.OPERATOR
    ]
    return Drawn(len(sample), sum(one.intent == OUT_OF_SCOPE for one in sample))


def _like(lessons: Sequence[Lesson], texts: Sequence[str]) -> list[bool]:
    """Return for each lesson whether one of the texts nearly says the same."""
    known = Likeness([*texts, *(one.text for one in lessons)])
    for text in texts:
        known.add(text)
    return [known.of(one.text) > 0 for one in lessons]


def _unlabelled(heard: Heard, asked: Collection[str]) -> list[str]:
    """Return the messages to guess about, none of which the gate asks; none at all where they are few."""
    messages = [text for text in heard.messages if normalised(text) not in asked]
    return messages if len(messages) >= MESSAGES_FROM else []


def _questions(lessons: Sequence[Lesson]) -> list[Example]:
    return distinct(Example(one.text, one.intent) for one in lessons)


def _gate(
    folder: Path, curated: Sequence[Example], settled: Collection[str]
) -> tuple[list[Example], list[Example]]:
    """
    Return the gate's questions and the examples without them.

    An operator's word is meant to be learned: a question that one has labelled or answered leaves the gate.

    Args:
        settled: the normalised texts of those questions.
    """
    held_out = folder / "heldout.csv"
    if held_out.is_file():
        drawn = [e for e in read_examples(held_out) if normalised(e.text) not in settled]
    else:
        counts = Counter(e.intent for e in curated)
        able = [e for e in curated if normalised(e.text) not in settled]
        drawn = [e for e in able if counts[e.intent] >= GATE_FROM and _drawn(e.text)]
    asked = {normalised(e.text) for e in drawn}
    return drawn, [e for e in curated if normalised(e.text) not in asked]


def _drawn(text: str) -> bool:
    """The same every night, whatever else is in the file."""
    return hashlib.sha256(normalised(text).encode()).digest()[0] % GATE_SHARE == 0


def _defended(
    accepted: Sequence[Lesson],
    heard: Heard,
    curated: Sequence[Example],
    defence: Defence,
) -> tuple[list[Lesson], list[str]]:
    """Return the lessons without those of visitors that are objected to, and in words why."""
    sampled = heard.audit.sampled
    spoken = [_example(one, sampled) for one in accepted if one.origin == Origin.OPERATOR]
    trusted = _judged([*curated, *spoken])
    weak = [lesson for lesson in accepted if lesson.origin != Origin.OPERATOR]
    why = dict.fromkeys((lesson.message_id for lesson in accepted), "")
    if weak:
        said = defence(trusted, weak, [heard.visitors[lesson.conversation_id] for lesson in weak])
        why |= {lesson.message_id: reason for lesson, reason in zip(weak, said, strict=True)}
    objected = [f"{message_id}: {reason}" for message_id, reason in why.items() if reason]
    return [lesson for lesson in accepted if not why[lesson.message_id]], objected


def _accepted(
    taught: Sequence[Lesson], curated: Sequence[Example], asked: set[str], fresh: Sequence[str]
) -> tuple[list[Lesson], list[str]]:
    """Return the lessons that may teach, and in words those that may not; `fresh` are customers' questions of these days."""
    known = {e.intent for e in curated} | {OUT_OF_SCOPE}
    new = {(le.intent, normalised(le.text)) for le in taught if le.intent not in known}
    texts = Counter(intent for intent, text in new if text not in asked)
    enough = {intent for intent, count in texts.items() if count >= FEWEST}
    accepted, left_out = [], []
    for lesson, like in zip(taught, _like(taught, fresh), strict=True):
        if normalised(lesson.text) in asked:
            left_out.append(f"{lesson.message_id}: its text is one of the gate's questions")
        elif like:  # not an operator's label: then the gate would not ask it
            left_out.append(f"{lesson.message_id}: it nearly says what the gate asks of these days")
        elif lesson.intent not in known | enough:
            left_out.append(
                f"{lesson.message_id}: {lesson.intent!r} is a new intent with a single example"
            )
        else:
            accepted.append(lesson)
    return accepted, left_out


def _by_operators(learned: Sequence[Lesson]) -> dict[str, str]:
    """Return what operators say that texts mean, by their normalised words."""
    return {normalised(o.text): o.intent for o in learned if o.origin == Origin.OPERATOR}


def _without(
    curated: Sequence[Example], told: Mapping[str, str]
) -> tuple[list[Example], list[str]]:
    """
    Return the curated examples without those whose very text an operator has since said to mean something else, and in words those.

    Args:
        told: what operators say, by normalised text.
    """
    kept, left_out = [], []
    for example in curated:
        intent = told.get(normalised(example.text), example.intent)
        if intent == example.intent:
            kept.append(example)
        else:
            left_out.append(
                f"the example {example.text!r}: an operator says that it means {intent!r}, not {example.intent!r}"
            )
    return kept, left_out


def _example(lesson: Lesson, sampled: Collection[str]) -> Example:
    if lesson.origin != Origin.OPERATOR:
        return Example(lesson.text, lesson.intent, lesson.weight, fair=False)
    fair = lesson.message_id in sampled
    return Example(lesson.text, lesson.intent, CORRECTION * lesson.weight, fair=fair)


def _judged(examples: Sequence[Example]) -> list[Example]:
    """Let an intent of which no example is fair be judged by what operators say of it: there is nothing else."""
    known = {e.intent for e in examples if e.fair}
    return [replace(e, fair=e.fair or (e.intent not in known and e.weight >= 1)) for e in examples]
