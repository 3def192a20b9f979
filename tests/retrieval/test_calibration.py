"""From signals to a confidence, and from a confidence to a verdict."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import (
    FEATURES,
    SHARPNESS,
    Calibration,
    Landmarks,
    Logistic,
    Thresholds,
    features,
    quantile_above,
    signals,
)
from retrieval.prediction import Signals, Verdict
from retrieval.wording import Wording

SCOPE = Logistic((0.5, 0.1, 2.0, 0.2, 0.3, 1.5, 1.0, 0.4, 0.6), 1.0)
RIGHT = Logistic((1.2, 0.8, 0.3, 0.5, 0.1, 0.2, 0.4, 0.1, 0.3), -1.5)
FITTED = Calibration(
    SCOPE,
    RIGHT,
    Thresholds(0.8, 0.3, ""),
    0.5,
    0.05,
    {"de": Thresholds(0.9, 0.4, "in German"), "en": Thresholds(0.7, 0.2, "in English")},
)
SHARE = st.floats(0, 1)
RANK = [Verdict.OUT_OF_SCOPE, Verdict.AMBIGUOUS, Verdict.CONFIDENT]


def confidence(*rows: Signals) -> list[float]:
    return [float(value) for value in FITTED.confidence(features(list(rows)))]


@given(st.lists(SHARE, min_size=FEATURES, max_size=FEATURES), SHARE, st.integers(0, FEATURES - 1))
def test_more_evidence_is_never_less_confidence(
    less: list[float], other: float, place: int
) -> None:
    more = [*less]
    less[place], more[place] = min(less[place], other), max(less[place], other)
    low, high = confidence(Signals(*less), Signals(*more))
    assert 0 <= low <= high <= 1


@given(SHARE, SHARE)
def test_a_verdict_rises_with_confidence(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert RANK.index(FITTED.thresholds.verdict(low)) <= RANK.index(FITTED.thresholds.verdict(high))


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (1.0, Verdict.CONFIDENT),
        (0.8, Verdict.CONFIDENT),
        (0.799999, Verdict.AMBIGUOUS),
        (0.3, Verdict.AMBIGUOUS),
        (0.299999, Verdict.OUT_OF_SCOPE),
        (0.0, Verdict.OUT_OF_SCOPE),
        (math.nan, Verdict.OUT_OF_SCOPE),
    ],
)
def test_a_threshold_belongs_to_the_verdict_above_it(value: float, verdict: Verdict) -> None:
    assert FITTED.thresholds.verdict(value) is verdict


def test_signals_are_those_worked_out_by_hand() -> None:
    """Classes: out of scope, refund, repair. The vote of a cosine 0.1 lower counts e^-2."""
    classes = np.asarray([0, 1, 2])
    [found] = signals(
        ["a b"],
        np.log(np.asarray([[0.5, 0.2, 0.3]], dtype=np.float32)),
        np.asarray([[0.6, 0.8]], dtype=np.float32),
        Landmarks(np.asarray([[1, 0], [0, 0.5]], np.float32), np.asarray([0.5, 0.25], np.float32)),
        Wording.of(["x", "y", "a c"], classes, 3),
        np.asarray([1, 2]),
        np.asarray([[0.9, 0.8, 0.8]], dtype=np.float32),
        np.asarray([[2, 1, 0]]),
    )
    far = math.exp(-0.1 * SHARPNESS)
    assert found.probability == pytest.approx(0.3)
    assert found.margin == pytest.approx(0.1)
    assert found.similarity == pytest.approx(0.9)
    assert found.agreement == pytest.approx(1 / (1 + 2 * far), rel=1e-5)
    assert found.energy == pytest.approx(math.log(0.2 + 0.3))
    assert found.density == pytest.approx(
        (0.9 + 0.8) / 3
    )  # the out-of-scope neighbour counts nothing
    assert found.closeness == pytest.approx(max(0.6 - 1 / 2, 0.4 - 0.25 / 2))
    assert found.typicality == pytest.approx(0.6 / 2 + 0.8 / 4)
    # " a b " is cut into nine pieces; " a", "a " and " a " are the repair example's, each in one text of three
    known, unknown = 1 + math.log(4 / 2), 1 + math.log(4 / 1)
    assert found.wording == pytest.approx(3 * known / (3 * known + 6 * unknown))


def test_a_single_intent_has_its_whole_probability_as_margin() -> None:
    [found] = signals(
        ["a"],
        np.log(np.asarray([[0.4, 0.6]], dtype=np.float32)),
        np.asarray([[1.0]], dtype=np.float32),
        Landmarks(np.ones((1, 1), np.float32), np.ones(1, np.float32)),
        Wording.of(["a"], np.asarray([1]), 2),
        np.asarray([1]),
        np.asarray([[0.5]], dtype=np.float32),
        np.asarray([[1]]),
    )
    assert found.margin == found.probability == pytest.approx(0.6)


def test_landmarks_are_of_the_in_scope_examples() -> None:
    points = np.asarray([[1, 0], [0, 1], [0, 1], [-1, 0]], dtype=np.float32)
    found = Landmarks.of(points, np.asarray([1, 1, 2, 0]), np.asarray([1, 2]))
    np.testing.assert_allclose(found.centres, [[0.5, 0.5], [0.0, 1.0]])
    np.testing.assert_allclose(found.middle, [1 / 3, 2 / 3])


def test_a_calibration_comes_back_from_its_record() -> None:
    record = json.loads(json.dumps(asdict(FITTED)))
    assert Calibration.of_record(record) == FITTED


def test_certainty_stays_finite() -> None:
    table = features([Signals(*[1.0] * FEATURES), Signals(*[0.0] * FEATURES)])
    assert table.shape == (2, FEATURES)
    assert np.isfinite(table).all()
    assert features([]).shape == (0, FEATURES)


COSINES = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=60)


@given(COSINES, SHARE)
def test_at_most_the_share_lies_above_a_quantile(values: list[float], share: float) -> None:
    at = quantile_above(np.asarray(values, dtype=np.float32), share)
    assert sum(value >= at for value in values) <= share * len(values)


@given(COSINES, SHARE)
def test_a_quantile_is_as_low_as_it_may_be(values: list[float], share: float) -> None:
    ordered = np.asarray(values, dtype=np.float32)
    at = quantile_above(ordered, share)
    below = [value for value in values if value < at - 2e-6]
    if below:  # one value lower, more than the share would lie at or above it
        assert sum(value >= max(below) for value in values) > share * len(values)


def test_nothing_is_above_the_quantile_of_nothing() -> None:
    assert quantile_above(np.zeros(0, dtype=np.float32), 0.5) == math.inf


def test_a_language_has_its_own_thresholds() -> None:
    assert FITTED.thresholds_for("de").answer_at == 0.9
    assert FITTED.thresholds_for("en").answer_at == 0.7
    assert FITTED.thresholds_for("") == FITTED.thresholds
