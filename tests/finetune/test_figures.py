"""The calibration picture: a PNG, and the same one for the same figures."""

from __future__ import annotations

import pytest

from finetune.evaluation import Outcome, evaluate
from finetune.figures import calibration_curve

ASKED = [Outcome("a", "a" if n % 4 else "b", n / 20, n > 10) for n in range(20)]


@pytest.mark.parametrize("outcomes", [ASKED, []])
def test_the_same_figures_give_the_same_picture(outcomes: list[Outcome]) -> None:
    one, two = (calibration_curve(evaluate(outcomes), "How sure, how often right") for _ in "ab")
    assert one.startswith(b"\x89PNG\r\n\x1a\n")
    assert one == two


def test_other_figures_give_another_picture() -> None:
    assert calibration_curve(evaluate(ASKED), "") != calibration_curve(evaluate(ASKED[:9]), "")
