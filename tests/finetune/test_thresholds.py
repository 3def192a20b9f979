"""Thresholds: what is promised on the validation rows holds on fresh ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from finetune.crossfit import Judged, join
from finetune.knowing import Unanswered
from finetune.thresholds import (
    CERTAINTY,
    FEWEST_ROWS,
    NEVER,
    UNWANTED_PAGES,
    UNWANTED_QUOTES,
    answer_threshold,
    clarify_threshold,
    fit,
    unseen_confidence,
)
from retrieval.calibration import FEATURES, UNREACHED, Calibration
from retrieval.prediction import OUT_OF_SCOPE, Floats1d

NO_PAGES = Unanswered()


def questions(count: int, seed: int, ease: float = 3.0) -> Judged:
    """Questions whose chance to be read right is the logistic of their evidence, plus `ease`."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(size=count) * 2
    right = rng.random(count) < 1 / (1 + np.exp(-(2 * evidence + ease)))
    also = right | (rng.random(count) < 0.3)
    noise = (
        rng.normal(size=(count, FEATURES - 1)) * 0.3
    )  # drawn last: a further signal is further noise
    return Judged(
        rows=np.arange(count),
        truth=np.where(right, "a", "b").astype(object),
        best=np.full(count, "a", dtype=object),
        offered=also,
        alike=right,
        features=np.column_stack([evidence, noise]).astype(np.float32),
        weights=np.ones(count, dtype=np.float32),
    )


def fitted(
    judged: Judged, pages: Unanswered, risk: float, languages: Sequence[str] = ()
) -> Calibration:
    return fit(judged, unseen_confidence(judged), pages, risk, languages)


def served(calibration: Calibration, fresh: Judged) -> tuple[float, float]:
    """Return how often fresh questions are answered, and how often wrongly."""
    answered = calibration.confidence(fresh.features) >= calibration.thresholds.answer_at
    return float(answered.mean()), float((~fresh.right[answered]).mean())


@pytest.mark.parametrize("risk", [0.03, 0.1])
def test_the_stated_risk_holds_on_fresh_questions(risk: float) -> None:
    fresh = questions(20_000, seed=999)
    found = [served(fitted(questions(800, seed), NO_PAGES, risk), fresh) for seed in range(20)]
    observed = np.asarray([wrong for _, wrong in found])
    assert observed.max() <= 1.5 * risk
    assert (observed <= risk).mean() >= CERTAINTY - 0.1
    assert min(coverage for coverage, _ in found) > 0.4


def test_more_risk_gives_more_answers() -> None:
    judged = questions(800, seed=1)
    limits = [
        fitted(judged, NO_PAGES, risk).thresholds.answer_at for risk in (0.02, 0.05, 0.1, 0.2)
    ]
    assert limits == sorted(limits, reverse=True)


def test_confidence_is_the_chance_to_be_right() -> None:
    calibration = fitted(questions(4000, seed=2), NO_PAGES, 0.05)
    fresh = questions(200_000, seed=998)
    confidence = calibration.confidence(fresh.features)
    for low in (0.1, 0.3, 0.5, 0.7, 0.9):
        here = (confidence >= low) & (confidence < low + 0.1)
        assert fresh.right[here].mean() == pytest.approx(confidence[here].mean(), abs=0.06)


def test_more_evidence_never_makes_less_sure() -> None:
    judged = questions(200, seed=22)
    backwards = replace(judged, features=-judged.features)
    for rows in (judged, backwards):
        calibration = fitted(rows, NO_PAGES, 0.05)
        assert min(*calibration.right.weights, *calibration.scope.weights) >= 0
    assert fitted(backwards, NO_PAGES, 0.05).right.weights[0] == 0


def test_the_promise_says_what_it_rests_on() -> None:
    sure = fitted(questions(800, seed=3), NO_PAGES, 0.05).thresholds.statement
    assert sure.startswith("on 800 unseen texts, ")
    assert "% of these answers were wrong; 90% upper bound" in sure
    assert "guaranteed; 15% of the messages are taken to be out of scope" in sure
    few = fitted(questions(30, seed=3, ease=90.0), NO_PAGES, 0.05).thresholds.statement
    assert "70% upper bound" in few
    assert "too few examples for a surer one; 15% of" in few


def test_where_no_threshold_keeps_the_risk_nothing_is_answered() -> None:
    calibration = fitted(questions(300, seed=4, ease=-40.0), NO_PAGES, 0.05)
    assert calibration.thresholds.answer_at == NEVER
    assert (
        calibration.thresholds.statement == "on 300 unseen texts no threshold keeps a risk of 5.0%"
    )
    assert calibration.confidence(questions(2000, seed=5).features).max() < NEVER


def test_equal_confidences_are_answered_together_or_not_at_all() -> None:
    judged = questions(400, seed=6)
    same = np.full(400, 0.7)
    wrong = float((~judged.right).mean())
    assert answer_threshold(same, judged, wrong / 2).at == NEVER
    assert answer_threshold(same, judged, min(0.99, 2 * wrong)).at == 0.7


def test_a_question_is_asked_below_the_answers_and_only_if_it_helps() -> None:
    judged = questions(2000, seed=7)
    confidence = fitted(judged, NO_PAGES, 0.05).confidence(judged.features)
    at = clarify_threshold(confidence, judged, 0.9)
    assert at < 0.9
    near = (confidence >= at) & (confidence < at + 0.1)
    assert judged.offered[near].mean() > 0.4
    assert clarify_threshold(confidence, judged, at / 2) == at / 2


def test_a_passage_is_quoted_at_few_strangers() -> None:
    fits: Floats1d = np.random.default_rng(0).uniform(size=200).astype(np.float32)
    at = fitted(questions(100, seed=8), Unanswered(fits[:80], fits[80:]), 0.05).passage_at
    assert (fits >= at).mean() == pytest.approx(UNWANTED_QUOTES, abs=0.01)
    assert fitted(questions(100, seed=8), NO_PAGES, 0.05).passage_at == UNREACHED


def test_a_page_is_worth_a_look_at_few_strangers_and_wherever_it_is_quoted() -> None:
    strange: Floats1d = np.random.default_rng(0).uniform(size=100).astype(np.float32)
    close = Unanswered(strange, strange + np.float32(0.5))
    calibration = fitted(questions(100, seed=8), close, 0.05)
    assert (strange >= calibration.related_at).mean() == pytest.approx(UNWANTED_PAGES, abs=0.01)
    assert calibration.related_at < calibration.passage_at
    far = fitted(questions(100, seed=8), Unanswered(strange, strange - np.float32(0.5)), 0.05)
    assert far.related_at == far.passage_at
    nobody = fitted(questions(100, seed=8), Unanswered(inside=strange), 0.05)
    assert nobody.related_at == nobody.passage_at


@pytest.mark.parametrize("right", [True, False])
def test_rows_all_of_one_kind_still_give_a_calibration(right: bool) -> None:
    calibration = fitted(questions(40, seed=9, ease=40.0 if right else -40.0), NO_PAGES, 0.05)
    confidence = calibration.confidence(questions(40, seed=10).features)
    assert np.isfinite(confidence).all()
    assert (confidence > 0.5).all() == right


def test_each_language_keeps_the_risk_on_its_own() -> None:
    both = join([questions(1500, seed=11, ease=6.0), questions(1500, seed=12, ease=0.0)])
    calibration = fitted(both, NO_PAGES, 0.05, ["en"] * 1500 + ["fr"] * 1500)
    for code, fresh in (("en", questions(20_000, 13, 6.0)), ("fr", questions(20_000, 14, 0.0))):
        answered = calibration.confidence(fresh.features) >= (
            calibration.thresholds_for(code).answer_at
        )
        assert answered.any()
        assert (~fresh.right[answered]).mean() <= 0.05
        assert calibration.thresholds_for(code).statement.startswith("on 1500 unseen texts")
    at = {code: fitted.answer_at for code, fitted in calibration.languages.items()}
    assert at["en"] < calibration.thresholds.answer_at < at["fr"]
    assert calibration.thresholds_for("nl") == calibration.thresholds


def test_a_language_of_few_rows_takes_the_thresholds_of_all_and_says_so() -> None:
    judged = join([questions(800, seed=16), questions(FEWEST_ROWS - 1, seed=17)])
    calibration = fitted(judged, NO_PAGES, 0.05, ["en"] * 800 + ["fr"] * (FEWEST_ROWS - 1))
    few = calibration.languages["fr"]
    assert few.answer_at == calibration.thresholds.answer_at
    assert few.statement.startswith("too few unseen texts in it, 59, for thresholds of its own")
    assert calibration.thresholds.statement in few.statement


def test_rows_in_one_language_have_the_thresholds_of_all() -> None:
    assert fitted(questions(80, seed=18), NO_PAGES, 0.05, ["en"] * 79 + [""]).languages == {}


def test_strangers_of_one_language_count_in_the_others() -> None:
    judged = questions(600, seed=19, ease=9.0)
    truth, spoken = judged.truth.copy(), ["en"] * 300 + ["de"] * 300
    truth[:60] = OUT_OF_SCOPE  # English, all of them
    calibration = fitted(replace(judged, truth=truth), NO_PAGES, 0.05, spoken)
    assert calibration.languages["de"].statement.startswith("on 360 unseen texts")


def test_too_few_rows_answer_nothing_and_say_how_many_would() -> None:
    thresholds = fitted(questions(18, seed=20, ease=90.0), NO_PAGES, 0.05).thresholds
    assert thresholds.answer_at == NEVER
    assert thresholds.statement.startswith(
        "18 unseen texts are too few to answer at a risk of 5.0%, 24"
    )


def test_some_rows_have_the_share_of_strangers_that_all_have() -> None:
    judged = questions(400, seed=21)
    truth = judged.truth.copy()
    truth[:100] = OUT_OF_SCOPE
    few = replace(judged, truth=truth).where(np.arange(90, 400))
    outside = few.truth == OUT_OF_SCOPE
    assert outside.sum() == 10
    assert few.weights[outside].sum() / few.weights.sum() == pytest.approx(few.share)


def test_confidence_in_a_row_is_not_learned_from_it() -> None:
    """Where nothing can be known, what is fitted on sixty rows still seems to know something about them."""

    def lead(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
        return float(confidence[right].mean() - confidence[~right].mean())

    seen, unseen = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        blind = replace(
            questions(60, seed),
            features=rng.normal(size=(60, FEATURES)).astype(np.float32),
            truth=rng.choice(["a", "b"], size=60).astype(object),
        )
        calibration = fitted(blind, NO_PAGES, 0.05)
        seen.append(lead(calibration.confidence(blind.features), blind.right))
        unseen.append(lead(unseen_confidence(blind), blind.right))
    assert np.mean(seen) > 0.05
    assert np.mean(unseen) < 0.01
