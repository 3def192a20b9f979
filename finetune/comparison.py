"""
Champion against challenger, set by set: promote, or refuse with the reason.

frozen       the desk's held-out questions, the same every night
unseen       where those are few: the desk's examples, as each of both read them before it had learned them
regression   what an operator corrected; it is learned too, and must not be unlearned
fresh        an audit sample of what customers ask these days, labelled by operators; asked before it is learned
labels       no questions: what tonight's labels say about the texts that the champion knows

Where a language has questions enough of the frozen set, it has rules of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from finetune.checks import (
    INTENT_DROP,
    INTENT_QUESTIONS,
    Check,
    of_fresh,
    of_frozen,
    of_language,
    of_losses,
)
from finetune.evaluation import Outcome
from finetune.examples import normalised
from retrieval.languages import UNKNOWN
from retrieval.prediction import OUT_OF_SCOPE

ENOUGH = 20  # questions of a language, or of a set, before its shares mean anything
FEW = 100  # held-out questions, below which the examples are asked as well


@dataclass(frozen=True, slots=True)
class Section:
    """One set of questions and its rules; nothing is judged where there are too few."""

    name: str
    questions: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the gate saw; promoted only if every section passed."""

    sections: tuple[Section, ...]

    @property
    def passed(self) -> bool:
        return all(section.passed for section in self.sections)

    @property
    def questions(self) -> int:
        return sum(section.questions for section in self.sections)

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for section in self.sections for check in section.checks)

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "questions": self.questions,
            "sets": [
                {"name": s.name, "questions": s.questions, "passed": s.passed}
                for s in self.sections
            ],
            "checks": [
                {"set": s.name, **asdict(check)} for s in self.sections for check in s.checks
            ],
        }


def frozen(
    champion: Sequence[Outcome],
    challenger: Sequence[Outcome],
    risk: float,
    languages: Sequence[str] = (),
    best: Sequence[bool | None] = (),
) -> Section:
    """
    Return the section of two readings of the same questions, in the same order.

    Args:
        best: what the best champion so far made of them, see `checks.of_frozen`.
        risk: the share of given answers that the owner allows to be wrong.
        languages: (n,) of each question; nothing where the desk has one.
    """
    checks = [*of_frozen(champion, challenger, risk, best)]
    for code in sorted(set(languages) - {UNKNOWN}):
        rows = [row for row, spoken in enumerate(languages) if spoken == code]
        if len(rows) >= ENOUGH:
            before, after = [champion[r] for r in rows], [challenger[r] for r in rows]
            checks += of_language(code, before, after, risk)
    return Section("frozen", len(champion), tuple(checks))


def regression(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Section:
    """Return the section of questions that the bot once got wrong, which both may have learned."""
    checks = (of_losses("handled", champion, challenger),) if champion else ()
    return Section("regression", len(champion), checks)


def unseen(champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float) -> Section:
    """Return the section of examples that neither had learned when it was asked them."""
    return _by_chance("unseen", champion, challenger, risk)


def fresh(champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float) -> Section:
    """Return the section of what customers ask these days; a handful is shown and not judged."""
    return _by_chance("fresh", champion, challenger, risk)


def _by_chance(
    name: str, champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Section:
    checks = of_fresh(champion, challenger, risk) if len(champion) >= ENOUGH else ()
    return Section(name, len(champion), tuple(checks))


def labels(
    known: Iterable[tuple[str, str]],
    tonight: Iterable[tuple[str, str]],
    withdrawable: Collection[str] = (),
) -> Section:
    """
    Return the section about texts that the champion learned and that have another intent tonight.

    Where the gate's questions come from the same file as the examples, they are relabelled with them, and a challenger that
    learned the mistake answers them best. Only intents that the champion knows count as the other one: a new name is no mistake.

    Args:
        known: (text, intent) of the champion's examples.
        tonight: (text, intent) of what is taught and asked.
        withdrawable: intents that the log taught something of; when an operator takes that back, none may be left.
    """
    before = [(normalised(text), intent) for text, intent in known]
    now: defaultdict[str, set[str]] = defaultdict(set)
    for text, intent in tonight:
        now[normalised(text)].add(intent)
    return Section("labels", 0, tuple(_relabelled(before, now, {*withdrawable, OUT_OF_SCOPE})))


def _relabelled(
    before: Sequence[tuple[str, str]], now: Mapping[str, set[str]], may_go: Collection[str]
) -> Iterator[Check]:
    """Yield a failed check for each intent that lost its examples to others, or all of them."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for text, intent in before:
        texts[intent].append(text)
    taught, known = set().union(*now.values()), {*texts, OUT_OF_SCOPE}
    for intent, own in sorted(texts.items()):
        moved = sum(_moved(intent, now.get(text, set()), known) for text in own)
        if moved >= INTENT_QUESTIONS and moved > INTENT_DROP * len(own):
            yield _check(
                intent,
                len(own),
                len(own) - moved,
                f"{moved} of its {len(own)} known texts have another intent now",
            )
        elif intent not in taught and intent not in may_go:
            yield _check(
                intent,
                len(own),
                0,
                f"the champion knows {len(own)} examples of it, and none is left",
            )


def _moved(intent: str, now: set[str], known: set[str]) -> bool:
    return bool(now) and intent not in now and not now.isdisjoint(known)


def _check(intent: str, before: int, after: int, why: str) -> Check:
    said = f"the labels of {intent or 'what is out of scope'} changed: {why}; if that is meant, retrain with --relabelled"
    return Check(f"labels of {intent or 'out of scope'}", before, after, False, said)
