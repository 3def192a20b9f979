"""The gate, as a table of challengers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from finetune.comparison import Comparison, frozen
from finetune.evaluation import Outcome
from retrieval.prediction import OUT_OF_SCOPE

INTENTS = tuple("abcdefghij")

RISK = 0.05

Change = Callable[[list[Outcome]], list[Outcome]]


def champion() -> list[Outcome]:
    """A hundred questions of ten intents, eight of ten right, and twenty strangers, none answered."""
    inside = [
        Outcome(intent, intent if n < 8 else "other", 0.8, n < 6)
        for intent in INTENTS
        for n in range(10)
    ]
    return inside + [Outcome(OUT_OF_SCOPE, "a", 0.1, False)] * 20


def right(outcome: Outcome) -> Outcome:
    return replace(outcome, predicted=outcome.truth)


def wrong(outcome: Outcome) -> Outcome:
    return replace(outcome, predicted="other")


def some(change: Callable[[Outcome], Outcome], *rows: int) -> Change:
    return lambda outcomes: [change(o) if n in rows else o for n, o in enumerate(outcomes)]


def both(one: Change, two: Change) -> Change:
    return lambda outcomes: two(one(outcomes))


def answered(outcome: Outcome) -> Outcome:
    return replace(outcome, answered=True)


def silent(outcome: Outcome) -> Outcome:
    return replace(outcome, answered=False)


def sure(outcome: Outcome) -> Outcome:
    return replace(outcome, confidence=0.99)


UNDERSTOOD = (6, 7, 16, 17, 26, 27)  # right, and not answered: losing them harms nobody yet
MISUNDERSTOOD = tuple(10 * i + n for i in range(10) for n in (8, 9))
A = (0, 1, 2, 6, 7)

TABLE: list[tuple[str, Change, set[str]]] = [
    ("equal", lambda outcomes: outcomes, set()),
    ("better", both(some(right, *MISUNDERSTOOD), some(sure, *range(100))), set()),
    ("one question worse, which is chance", some(wrong, 6), set()),
    ("worse overall", some(wrong, *UNDERSTOOD), {"understood"}),
    ("one intent broken, though the average rose",
     both(some(lambda o: replace(wrong(o), answered=False), *A), some(right, *MISUNDERSTOOD[2:])),
     {"intent a"}),
    ("one intent lower by two questions", some(wrong, 6, 7), {"understood"}),
    ("one wrong answer more, which is chance", some(answered, 100), set()),
    ("twice as many answers, a few wrong, as many as allowed",
     both(some(right, *MISUNDERSTOOD[4:]), some(lambda o: sure(answered(o)), *range(100))), set()),
    ("no answers at all", some(silent, *range(100)), {"right answers"}),
    ("half of the answers", some(silent, *range(0, 100, 2)), {"right answers"}),
    ("a fifth of the answers fewer, which a threshold fitted anew may give",
     some(silent, *range(0, 100, 10), 1, 11), set()),
    ("more wrong answers", some(answered, 100, 101, 102, 8, 9), {"wrong answers"}),
    ("an answer to every stranger", some(answered, *range(100, 120)), {"wrong answers"}),
    ("sure of everything", some(sure, *range(120)), {"calibration error"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "failed"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_the_gate_lets_through_what_is_not_worse(change: Change, failed: set[str]) -> None:
    comparison = frozen(champion(), change(champion()), RISK)
    assert {check.name for check in comparison.checks if not check.passed} == failed
    assert comparison.passed == (not failed)


def test_a_reason_names_both_figures() -> None:
    comparison = frozen(champion(), some(wrong, *A)(champion()), RISK)
    said = {check.name: check.sentence for check in comparison.checks}
    assert said["understood"] == "in-scope questions whose intent is right: 75, 80 for the champion"
    assert said["intent a"] == "a was right in 80% of its questions, now in 30%"
    assert said["wrong answers"] == (
        "wrong among the answers given: 3 of 60, 0 of 60 for the champion; 5.0% may be"
    )


def test_a_champion_that_broke_the_risk_may_be_followed_by_one_that_answers_less() -> None:
    reckless = some(answered, *range(120))(champion())
    assert frozen(reckless, champion(), RISK).passed


def test_no_questions_are_no_reason() -> None:
    assert frozen([], [], RISK).passed


def test_a_comparison_is_json() -> None:
    body = json.loads(json.dumps(Comparison((frozen(champion(), champion(), RISK),)).as_json()))
    assert body["passed"] is True
    assert body["questions"] == 120
