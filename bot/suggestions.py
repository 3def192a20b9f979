"""
The questions that are suggested under an answer: what others asked next, in curated words, and never what was asked already.

Pure. What is likely comes from the log as counts; what is shown comes from the Release: a question of an approved template, or
the intent's title. What an operator taught may be a customer's own words, and lends its title alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.dialogue import Speech, candidate_of, template_for
from bot.policy import Reason
from bot.reader import Reader
from conversations.events import NEXT, ActionKind, Choice, Decided, Heard, Recorded, suggested
from conversations.sequels import Sequel, answers
from conversations.teachings import TAUGHT
from retrieval.templates import Template
from retrieval.variants import ANY, Occasion

MOST = 3  # suggestions under one answer; more are a menu
VISITORS = 5  # who asked the one after the other by themselves, before anybody is told
SHARE = 0.05  # of what is asked next; figures for both in docs/benchmarks.md
LONGEST = 60  # characters of a question on a button
FEWEST = 3  # words of a question that says what it is about
SURE = {Reason.CONFIDENT, Reason.CHOSEN, Reason.SUGGESTED}

# One clause without a number. Who asked about one product or place is not who reads it, so no names either.
_QUESTION = re.compile(r"[^\d@\n,，;:：]*[?？]")  # noqa: RUF001 - Chinese has its own punctuation


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question under an answer, and what speaks for it."""

    label: str
    sequel: Sequel

    @property
    def choice(self) -> Choice:
        return Choice(self.label, NEXT + self.sequel.intent)


def takes_suggestions(speech: Speech, release: Reader) -> bool:
    """Return whether something may be suggested under an answer: one that is sure, from a template, with nothing left to ask."""
    sure = speech.action is ActionKind.REPLY and speech.reason in SURE
    plain = speech.template_id and not speech.choices and not speech.forms
    return bool(sure and plain and on_offer(release.templates_of(speech.intent)))


def suggestions(
    sequels: Iterable[Sequel],
    release: Reader,
    known: Mapping[str, str],
    but: Collection[str],
    occasion: Occasion = ANY,
) -> tuple[Suggestion, ...]:
    """
    Return the suggestions, the likeliest first.

    Args:
        sequels: the likeliest first.
        known: the variables of the answers.
        but: the intents that are not to be suggested.
        occasion: what their answers have to suit.
    """
    found: dict[str, Suggestion] = {}
    for sequel in sequels:
        enough = sequel.visitors >= VISITORS and sequel.share >= SHARE
        if (
            enough
            and sequel.intent not in but
            and _answerable(sequel.intent, release, known, occasion)
        ):
            label = label_of(sequel.intent, release)
            found.setdefault(label, Suggestion(label, sequel))
        if len(found) == MOST:
            break
    return tuple(found.values())


def label_of(intent: str, release: Reader) -> str:
    """
    Return what a suggestion says: the shortest plain question of the intent's general answer, else what the intent is called.

    The general answer is the first that needs nothing; the others are for special cases.
    """
    title = release.titles[intent]
    general = next((t for t in release.templates_of(intent) if not t.needs), None)
    if general is None or general.id.startswith(TAUGHT):
        return title
    plain = filter(_is_plain, general.questions)
    return min(plain, key=lambda question: (len(question), question), default=title)


def answered(history: Iterable[Recorded]) -> list[str]:
    """Return the intents that a conversation answered so far, the latest last."""
    said = [recorded.event for recorded in history]
    return [one.intent for one in said if isinstance(one, Decided) and answers(one)]


def mentioned(history: Iterable[Recorded]) -> set[str]:
    """Return every intent that was answered, begun, chosen or suggested in a conversation."""
    found: set[str] = set()
    for recorded in history:
        match recorded.event:
            case Heard(chosen=chosen):
                found.add(suggested(chosen) or chosen)
            case Decided() as decided:
                found |= {suggested(choice.value) for choice in decided.choices}
                found |= {decided.intent} if answers(decided) or decided.forms else set()
            case _:
                pass
    return found - {""}


def on_offer(templates: Sequence[Template]) -> bool:
    """Return whether an intent is a matter that a person may ask about: it has answers, and is neither small talk nor hands off."""
    return bool(templates) and all(t.on_offer and not t.hands_off for t in templates)


def _answerable(intent: str, release: Reader, known: Mapping[str, str], occasion: Occasion) -> bool:
    if candidate_of(intent, release) is None or not on_offer(release.templates_of(intent)):
        return False
    return template_for(intent, release, (), known, occasion) is not None


def _is_plain(question: str) -> bool:
    """Whether a question can stand on a button: short, for everybody, written as one writes for others."""
    said = question.strip()
    first, *others = said.split() or [""]
    long_enough = len(others) + 1 >= FEWEST or not said.isascii()
    names = any(word != word.lower() and word != "I" for word in (first[1:], *others))
    fits = long_enough and len(said) <= LONGEST and not names and not first[:1].islower()
    return bool(fits and _QUESTION.fullmatch(said))
