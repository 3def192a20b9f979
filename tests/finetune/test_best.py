"""The best champion so far: which one it is, and what of it can be compared."""

from __future__ import annotations

from pathlib import Path

from finetune.best import Best, note
from finetune.evaluation import Outcome
from finetune.examples import Example

QUESTIONS = [Example(f"question {n}", "a") for n in range(4)]


def outcomes(*right: bool) -> list[Outcome]:
    return [Outcome("a", "a" if one else "b", 0.9, True) for one in right]


def test_whoever_understands_as_much_is_the_best_now() -> None:
    first = Best().or_better("one", QUESTIONS, outcomes(True, True, False, False))
    assert (first.release, first.on(QUESTIONS)) == ("one", [True, True, False, False])
    assert first.or_better("two", QUESTIONS, outcomes(True, False, False, False)) is first
    assert (
        first.or_better("three", QUESTIONS, outcomes(False, False, True, True)).release == "three"
    )


def test_questions_that_came_or_went_are_left_out() -> None:
    first = Best().or_better("one", QUESTIONS[:3], outcomes(True, True, True))
    assert first.on(QUESTIONS) == [True, True, True, None]
    assert first.on([Example("question 1", "b")]) == [None]  # relabelled
    # Of the two that both were asked it is worse, though it understands one more in all.
    assert first.or_better("two", QUESTIONS[1:], outcomes(True, False, True)) is first
    assert first.or_better("three", QUESTIONS[2:], outcomes(True, True)).release == "three"


def test_where_most_questions_are_new_the_measure_begins_anew() -> None:
    first = Best().or_better("one", QUESTIONS[:1], outcomes(True))
    assert first.or_better("two", QUESTIONS, outcomes(*[False] * 4)).release == "two"


def test_it_is_kept_and_a_broken_file_is_nobody(tmp_path: Path) -> None:
    assert Best.read(tmp_path) == Best()
    best = Best().or_better("one", QUESTIONS, outcomes(*[True] * 4))
    note(tmp_path, best.as_json())
    assert Best.read(tmp_path) == best
    (tmp_path / "best.json").write_text("torn")
    assert Best.read(tmp_path) == Best()
