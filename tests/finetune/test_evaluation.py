"""The figures, against scikit-learn's and against a small case by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score

from finetune.evaluation import BINS, PAIRS, Confusion, Outcome, evaluate
from retrieval.prediction import OUT_OF_SCOPE


@pytest.fixture(scope="module")
def drawn() -> list[Outcome]:
    rng = np.random.default_rng(0)
    truths = rng.choice(["a", "b", "c", "d", OUT_OF_SCOPE], size=400)
    return [
        Outcome(
            str(truth),
            str(truth) if truth and rng.random() < 0.7 else str(rng.choice(["a", "b", "c", "e"])),
            float(rng.random()),
            bool(rng.random() < 0.6),
        )
        for truth in truths
    ]


def test_accuracy_f1_and_confusions_are_those_of_scikit_learn(drawn: list[Outcome]) -> None:
    inside = [o for o in drawn if o.truth != OUT_OF_SCOPE]
    truth, predicted = [o.truth for o in inside], [o.predicted for o in inside]
    names = ["a", "b", "c", "d"]
    found = evaluate(drawn)
    assert found.accuracy == pytest.approx(accuracy_score(truth, predicted))
    assert found.macro_f1 == pytest.approx(
        f1_score(truth, predicted, labels=names, average="macro", zero_division=0)
    )
    assert [s.f1 for s in found.intents] == pytest.approx(
        f1_score(truth, predicted, labels=names, average=None, zero_division=0)
    )
    table = confusion_matrix(truth, predicted, labels=[*names, "e"])
    for confusion in found.confusions:
        row, column = names.index(confusion.truth), [*names, "e"].index(confusion.predicted)
        assert confusion.count == table[row, column]
    counts = [confusion.count for confusion in found.confusions]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == PAIRS


def test_auroc_is_that_of_scikit_learn(drawn: list[Outcome]) -> None:
    inside = [o.truth != OUT_OF_SCOPE for o in drawn]
    assert evaluate(drawn).auroc == pytest.approx(
        roc_auc_score(inside, [o.confidence for o in drawn])
    )


def test_coverage_and_risk_count_every_question(drawn: list[Outcome]) -> None:
    answered = [o for o in drawn if o.answered]
    strangers = [o for o in drawn if o.truth == OUT_OF_SCOPE]
    found = evaluate(drawn)
    assert found.coverage == pytest.approx(len(answered) / len(drawn))
    assert found.risk == pytest.approx(
        sum(o.truth != o.predicted for o in answered) / len(answered)
    )
    assert found.out_of_scope_answered == pytest.approx(
        sum(o.answered for o in strangers) / len(strangers)
    )


def test_the_calibration_error_is_the_one_worked_out_by_hand() -> None:
    """Two at 0.9 and one at 0.95 of which two are right, one at 0.1 that is wrong."""
    found = evaluate(
        [
            Outcome("a", "a", 0.95, True),
            Outcome("a", "a", 0.95, True),
            Outcome("b", "a", 0.95, True),
            Outcome(OUT_OF_SCOPE, "a", 0.10, False),
        ]
    )
    assert [b.count for b in found.curve] == [1, 3]
    assert found.calibration_error == pytest.approx((3 * abs(0.95 - 2 / 3) + 1 * abs(0.10 - 0)) / 4)
    assert found.confusions == (Confusion("b", "a", 1),)


def test_certainty_falls_into_the_last_bin() -> None:
    found = evaluate([Outcome("a", "a", 1.0, True), Outcome("a", "a", 1 - 0.5 / BINS, True)])
    assert [b.count for b in found.curve] == [2]


def test_what_was_not_asked_has_no_figure() -> None:
    nothing = evaluate([])
    assert (nothing.questions, nothing.accuracy, nothing.coverage, nothing.risk) == (0, 0, 0, 0)
    inside = evaluate([Outcome("a", "a", 0.9, True)])
    assert (inside.out_of_scope_answered, inside.auroc) == (None, None)
    outside = evaluate([Outcome(OUT_OF_SCOPE, "a", 0.9, True)])
    assert (outside.in_scope, outside.intents, outside.out_of_scope_answered) == (0, (), 1.0)


def test_the_figures_are_json(drawn: list[Outcome]) -> None:
    assert json.loads(json.dumps(evaluate(drawn).as_json()))["questions"] == 400


def test_what_is_kept_while_four_of_five_strangers_are_caught() -> None:
    strangers = [
        Outcome(OUT_OF_SCOPE, "a", n / 10, False) for n in range(5)
    ]  # 0 to 0.4; caught below 0.32
    inside = [
        Outcome("a", "a", 0.9, True),
        Outcome("a", "b", 0.9, True),
        Outcome("a", "a", 0.35, True),
        Outcome("a", "a", 0.3, True),
    ]
    assert evaluate([*inside, *strangers]).kept == pytest.approx(2 / 4)
    assert evaluate(inside).kept is None
