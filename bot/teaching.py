"""
What operators may teach, and the overlay that it comes to over a Release.

Unteachable        the answer cannot be taught as it is; one sentence says why
└── Contradicts    another teaching says that a question of it means something else
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.intake import BadInput, checked
from bot.operators import Unknown, utterance_of
from bot.saved import fresh_questions, fresh_templates, retired_of
from conversations.events import DESK, Recorded
from conversations.lessons import PageSaved, Taught, Unlabelled, Untaught
from conversations.log import EventLog
from conversations.teachings import Teaching, Teachings, teachings
from retrieval.passages import passages_of
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.teachings import Overlay, Question, Teachable
from retrieval.template_files import template_of
from retrieval.templates import Template, TemplateError, unreadable
from retrieval.variables import Variables

# Together at most 1,500 questions, which a new champion reads in some ten seconds. The nightly retrain takes them in.
MAX_ANSWERS = 100  # taught and not yet learned
MAX_QUESTIONS = 10  # of one answer
MAX_LABELS = 500  # not yet learned; of more the latest count until the retrain

TemplatesOf = Callable[[str], Iterable[Template]]


class Unteachable(Exception):
    """The answer cannot be taught as it is."""


class Contradicts(Unteachable):
    """Another teaching says that a question of it means something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What an operator wants to teach.

    Args:
        message_id: of an utterance, or of the decision on it; its text is one of the questions.
        external_id: under which it is taught once; empty for one of its own.
    """

    operator: str
    intent: str
    text: str
    questions: tuple[str, ...] = ()
    title: str = ""
    needs: tuple[str, ...] = ()
    message_id: str = ""
    external_id: str = ""


async def teach(
    log: EventLog,
    answer: Answer,
    *,
    teaching_id: str,
    templates_of: TemplatesOf,
    learned: Collection[tuple[str, str]],
    variables: Variables,
) -> Recorded:
    """
    Record an answer; the same `external_id` again returns the first.

    Args:
        teaching_id: a fresh one.
        templates_of: the templates that an intent has already.
        learned: what the serving Release has learned, as (teaching id, intent).
        variables: what the answers of the desk may say.

    Raises:
        Unteachable: the answer is not fit to be given, or there is too much of it.
        Unknown: the message.
    """
    if answer.external_id and (first := await log.taught_as(answer.external_id)):
        return first
    answer = await _with_its_message(log, answer)
    await asyncio.to_thread(_refuse_unfit, answer, templates_of(answer.intent), variables)
    known = teachings(await log.teachings())
    _refuse_contradiction(answer, known)
    waiting = [one for one in known.answers if (one.teaching_id, one.intent) not in learned]
    if len(waiting) >= MAX_ANSWERS:
        raise Unteachable(
            f"{MAX_ANSWERS} answers wait to be learned already: run frontdesk retrain, or undo one."
        )
    return await log.append(DESK, _event(answer, teaching_id))


async def undo(log: EventLog, teaching_id: str, operator: str) -> Recorded:
    """
    Take a teaching back: an answer by its id, the label in force of a message by the id of that.

    Raises:
        Unknown: nothing of that id is in force.
    """
    known = teachings(await log.teachings())
    for one in known.in_force:
        if one.teaching_id == teaching_id:
            return await _taken_back(log, one, operator)
    raise Unknown(f"There is no teaching {teaching_id!r} in force.")


def overlay_of(known: Teachings, release: Teachable) -> Overlay:
    """
    Return what a Release has to be told of the teachings: what it has not learned, and what it must forget.

    What is in `left_out` is not laid over it; where such an answer took the place of the Release's own, neither is given.
    """
    fresh = [one for one in _fresh(known, release) if not (one.text and unreadable(_answer(one)))]
    labels = [one.teaching_id for one in fresh if not one.text]
    late = set(labels[-MAX_LABELS:])
    asked = [one for one in fresh if one.text or one.teaching_id in late]
    templates = tuple(_answer(one) for one in fresh if one.text)
    changed = tuple(fresh_templates(known.saved, release))
    saved = tuple(template for template in changed if not unreadable(template))
    unfit = (template.id for template in changed if unreadable(template))
    intents = {OUT_OF_SCOPE, *release.titles, *(t.intent for t in (*templates, *saved))}
    undone = (
        template.id
        for one in known.undone
        for template in release.templates_of(one.intent)
        if template.id == one.teaching_id
    )
    return Overlay(
        seq=known.seq,
        questions=(
            *fresh_questions(saved, release),
            *(q for one in asked for q in _questions(one, intents)),
        ),
        templates=(*templates, *saved),
        withdrawn=frozenset((*undone, *retired_of(known.saved, release), *unfit)),
        pages={
            page.page: passages_of(page.page, page.text) for page in fresh_pages(known, release)
        },
    )


def fresh_pages(known: Teachings, release: Teachable) -> list[PageSaved]:
    """Return the pages that operators changed since a Release was trained."""
    return [page for page in known.pages.values() if (page.change_id, "") not in release.learned]


def left_out(known: Teachings, release: Teachable) -> list[str]:
    """Return why answers are not laid over a Release that were taught or saved when Liquid was allowed more than now."""
    taught = (_answer(one) for one in _fresh(known, release) if one.text)
    answers = (*taught, *fresh_templates(known.saved, release))
    return list(filter(None, map(unreadable, answers)))


def _fresh(known: Teachings, release: Teachable) -> list[Teaching]:
    """Return what a Release has not learned."""
    return [one for one in known.in_force if (one.teaching_id, one.intent) not in release.learned]


def _questions(teaching: Teaching, intents: Collection[str]) -> Iterator[Question]:
    if teaching.intent in intents:
        for text in teaching.questions:
            yield Question(teaching.teaching_id, text, teaching.intent)


def _answer(teaching: Teaching) -> Template:
    return template_of(teaching.template, teaching.teaching_id)


def as_rows(known: Teachings, learned: Collection[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """Return what is in force as JSON has it, the latest first."""
    return [
        {
            "teaching_id": one.teaching_id,
            "kind": "answer" if one.text else "label",
            "operator": one.operator,
            "at": one.at.isoformat(),
            "intent": one.intent,
            "questions": list(one.questions),
            "text": one.text,
            "title": one.title,
            "needs": list(one.needs),
            "message_id": one.message_id,
            "learned": (one.teaching_id, one.intent) in learned,
        }
        for one in reversed(known.in_force)
    ]


async def _taken_back(log: EventLog, teaching: Teaching, operator: str) -> Recorded:
    if teaching.text or teaching.of_files:
        event = Untaught(teaching_id=teaching.teaching_id, operator=operator)
        return await log.append(DESK, event)
    conversation_id, heard = await utterance_of(log, teaching.message_id)
    label = Unlabelled(message_id=heard.message_id, operator=teaching.operator, by=operator)
    return await log.append(conversation_id, label)


async def _with_its_message(log: EventLog, answer: Answer) -> Answer:
    if not answer.message_id:
        return answer
    _, heard = await utterance_of(log, answer.message_id)
    questions = dict.fromkeys([heard.text, *answer.questions])
    return replace(answer, message_id=heard.message_id, questions=tuple(questions))


def _refuse_unfit(answer: Answer, siblings: Iterable[Template], variables: Variables) -> None:
    if not answer.questions:
        raise Unteachable("An answer needs a question that it answers, or the message it is for.")
    if len(answer.questions) > MAX_QUESTIONS:
        raise Unteachable(f"An answer may have {MAX_QUESTIONS} questions at most.")
    if any(template.hands_off for template in siblings):
        raise Unteachable(
            f"The intent {answer.intent!r} hands over to a person, so that no answer of it is ever given; "
            "choose another intent."
        )
    try:
        for question in answer.questions:
            checked(question)
        _template(answer).check(variables)
    except (BadInput, TemplateError) as error:
        raise Unteachable(f"This cannot be taught: {str(error).rstrip('.')}.") from error


def _template(answer: Answer) -> Template:
    """Return the answer as a template that is called like its intent."""
    row = asdict(answer)
    fields = ("intent", "title", "text", "needs", "questions")
    return template_of({"id": answer.intent, **{f: row[f] for f in fields}}, "the answer")


def _refuse_contradiction(answer: Answer, known: Teachings) -> None:
    for question in answer.questions:
        other = known.about(question)
        if other is not None and other.intent != answer.intent:
            raise Contradicts(
                f"The question {question!r} means {other.intent or 'nothing in scope'!r} since {other.operator} taught so "
                f"({other.teaching_id}), and {answer.intent!r} here; undo that one first, or choose its intent."
            )


def _event(answer: Answer, teaching_id: str) -> Taught:
    return Taught(
        teaching_id=teaching_id,
        external_id=answer.external_id or teaching_id,
        operator=answer.operator,
        intent=answer.intent,
        questions=answer.questions,
        text=answer.text,
        title=answer.title,
        needs=answer.needs,
        message_id=answer.message_id,
    )
