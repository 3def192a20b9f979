"""
Replay: what two Releases make of the same questions, and what of it changes for customers.

Each question is asked as the first words of a customer whose name is not known, in the question's language and on every channel. What
the bot would do about it is the policy's, as it is when serving.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.dialogue import Words, template_for
from bot.occasions import language_for
from bot.policy import Chat, Clarify, Compose, Handoff, Offer, Reason, Reply, Silent, Soothe, decide
from bot.reader import Reader
from conversations.conversation import Conversation
from conversations.questions import Question
from retrieval.prediction import Prediction
from retrieval.templates import Template
from retrieval.variants import CHANNELS, Occasion

if TYPE_CHECKING:
    from retrieval.release import Release

PIECE = 2048  # questions read at once: batches of one length, and a sign of life every few seconds

Advance = Callable[[int, int], None]  # (done, total)


class Kind(StrEnum):
    """What a customer gets."""

    TEMPLATE = "template"
    PAGE = "page"
    CLARIFY = "clarify"
    HANDOFF = "handoff"
    CHAT = "small_talk"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What the bot would do: `name` is the template's id, the knowledge page, or why a person takes over or is offered.

    `said` is the wording by channel, of a template before its variables are filled in: first the one that holds everywhere, under an
    empty name, then those of channels that have another one.
    """

    kind: Kind
    name: str = ""
    said: tuple[tuple[str, str], ...] = ()

    @property
    def answers(self) -> bool:
        """Whether the customer is told something, and not asked back or handed over."""
        return self.kind in {Kind.TEMPLATE, Kind.PAGE, Kind.CHAT}

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


class Shift(StrEnum):
    """How two answers to one question differ."""

    SAME = "same"
    NEWLY_ANSWERED = "newly_answered"
    NO_LONGER_ANSWERED = "no_longer_answered"
    ANSWERED_OTHERWISE = "answered_otherwise"
    REWORDED = "reworded"  # by the same template or page, in other words
    STILL_UNANSWERED = "still_unanswered"  # asked back before, handed over after, or the reverse


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with both answers to it."""

    question: Question
    before: Answer
    after: Answer

    @property
    def shift(self) -> Shift:
        match self.before.answers, self.after.answers:
            case _ if self.before == self.after:
                return Shift.SAME
            case False, True:
                return Shift.NEWLY_ANSWERED
            case True, False:
                return Shift.NO_LONGER_ANSWERED
            case True, True if str(self.before) == str(self.after):
                return Shift.REWORDED
            case True, True:
                return Shift.ANSWERED_OTHERWISE
            case _:
                return Shift.STILL_UNANSWERED


@dataclass(frozen=True, slots=True)
class Change:
    """
    All questions that had one answer and get one other; `examples` are the commonest of them.

    A page is quoted by what is asked: both answers are then those to the commonest.
    """

    before: Answer
    after: Answer
    times: int
    wordings: int
    examples: Sequence[Question]

    def as_json(self) -> dict[str, Any]:
        return {
            "before": str(self.before),
            "after": str(self.after),
            "said_before": dict(self.before.said),
            "said_after": dict(self.after.said),
            "times": self.times,
            "wordings": self.wordings,
            "examples": [{"text": e.text, "times": e.times} for e in self.examples],
        }


@dataclass(frozen=True, slots=True)
class Replayed:
    """What changes: `times` each shift was met, every question as often as it was asked; the changes, largest first."""

    times: Mapping[Shift, int]
    wordings: int
    changes: Sequence[Change]

    @property
    def asked(self) -> int:
        return sum(self.times.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "asked": self.asked,
            "wordings": self.wordings,
            **{str(shift): self.times.get(shift, 0) for shift in Shift},
            "changes": [change.as_json() for change in self.changes],
        }


def replay(
    questions: Sequence[Question],
    before: Release,
    after: Release,
    words: Words,
    *,
    one_encoder: bool,
    advance: Advance = lambda done, total: None,
) -> Iterator[Answered]:
    """
    Yield each question with both answers, the shortest first.

    Args:
        words: the desk's, which say what an order number looks like.
        one_encoder: both Releases have the same one, which then reads only once.
    """
    ordered = sorted(questions, key=lambda question: len(question.text))
    for start in range(0, len(ordered), PIECE):
        piece = ordered[start : start + PIECE]
        texts = [question.text for question in piece]
        encoded = before.encoded(texts)
        old = before.read_encoded(texts, encoded)
        new = after.read_encoded(texts, encoded if one_encoder else after.encoded(texts))
        for question, was, now in zip(piece, old, new, strict=True):
            yield Answered(question, answer(was, before, words), answer(now, after, words))
        advance(start + len(piece), len(ordered))


def answer(prediction: Prediction, release: Reader, words: Words) -> Answer:
    """Return what a customer gets whose conversation begins with this utterance."""
    match decide(prediction, Conversation("")):
        case Reply(candidate):
            known = words.known("", [prediction.text])
            template = template_for(candidate.intent, release, prediction.templates, known)
            if template is None:
                return Answer(Kind.HANDOFF, Reason.NO_ANSWER)
            language = language_for([candidate.intent], [prediction.text], release, words)
            return Answer(Kind.TEMPLATE, template.id, _wordings(template, language))
        case Chat(talk):
            return Answer(Kind.CHAT, talk)
        case Clarify() | Soothe():
            return Answer(Kind.CLARIFY)
        case Compose(passages):
            quotes = " … ".join(dict.fromkeys(passage.quote for passage in passages))
            return Answer(Kind.PAGE, passages[0].page, (("", quotes),))
        case Offer():
            return Answer(Kind.CLARIFY, Reason.OUT_OF_SCOPE)
        case Handoff(reason):
            return Answer(Kind.HANDOFF, reason)
        case Silent():  # nobody has a conversation that begins
            return Answer(Kind.HANDOFF, Reason.WITH_OPERATOR)


def _wordings(template: Template, language: str) -> tuple[tuple[str, str], ...]:
    """Return what a template says in a language, on any channel and on those that have a wording of their own."""
    everywhere = template.wording(Occasion(language=language)).text
    own = ((on, template.wording(Occasion(on, language)).text) for on in CHANNELS)
    return (("", everywhere), *((on, text) for on, text in own if text != everywhere))


def changes(answered: Sequence[Answered], examples: int) -> Replayed:
    """
    Return only what changes, grouped by what the answer was and what it is.

    Args:
        examples: of each group, at most.
    """
    times: Counter[Shift] = Counter()
    groups: defaultdict[tuple[Answer, Answer], list[Answered]] = defaultdict(list)
    for one in answered:
        times[one.shift] += one.question.times
        if one.shift is not Shift.SAME:
            groups[grouped(one.before), grouped(one.after)].append(one)
    found = [_change(group, examples) for group in groups.values()]
    found.sort(key=lambda change: (-change.times, str(change.before), str(change.after)))
    return Replayed(times, len(answered), found)


def grouped(answer: Answer) -> Answer:
    """Return what answers have in common that are shown as one: those from a page quote different sentences of it."""
    return replace(answer, said=()) if answer.kind is Kind.PAGE else answer


def _change(group: Sequence[Answered], examples: int) -> Change:
    commonest = sorted(group, key=lambda one: -one.question.times)
    asked = [one.question for one in commonest]
    first = commonest[0]
    return Change(
        first.before, first.after, sum(q.times for q in asked), len(asked), asked[:examples]
    )
