"""What a Release said of its examples before it learned them, and what the gate makes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from finetune.build import Built, Options, seal
from finetune.evaluation import Outcome as Answered
from finetune.examples import Example, write_examples
from finetune.night import Outcome
from finetune.nightly import build_first
from finetune.progress import Nobody
from finetune.unseen import UNSEEN, on_both, record
from retrieval.prediction import OUT_OF_SCOPE
from tests.finetune.small_desk import clock, curated, make_desk, night, teach

FEW = 5  # examples of an intent: too few to put any aside

WHERE = tuple(
    f"{asked} {what}"
    for asked in ("where is", "please track", "when will I get", "no news of", "still waiting for")
    for what in ("my parcel", "the order", "my boots", "the coat", "that parcel", "my order")
)


def said(text: str, truth: str, predicted: str) -> tuple[Example, Answered]:
    return Example(text, truth), Answered(truth, predicted, 0.5, False)


def test_only_texts_that_both_read_unseen_under_the_same_intent_are_compared(
    tmp_path: Path,
) -> None:
    first = [said("Where is it?", "a", "a"), said("Mend it", "b", "a"), said("Open?", "c", "c")]
    then = [said("where is it", "a", "b"), said("Mend it", "c", "c"), said("New", "a", "a")]
    for name, told in (("first", first), ("then", then)):
        (tmp_path / name).mkdir()
        examples, outcomes = zip(*told, strict=True)
        (tmp_path / name / UNSEEN).write_bytes(record(examples, outcomes))
    before, after = on_both(tmp_path / "first", tmp_path / "then")
    assert [(o.truth, o.predicted) for o in before] == [("a", "a")]
    assert [(o.truth, o.predicted) for o in after] == [("a", "b")]


def test_an_intent_that_was_hidden_from_the_reader_is_left_out(tmp_path: Path) -> None:
    example, outcome = said("Where is it?", "a", "b")
    hidden = replace(outcome, truth=OUT_OF_SCOPE)
    (tmp_path / UNSEEN).write_bytes(record([example], [hidden]))
    assert on_both(tmp_path, tmp_path) == ([], [])


def test_a_release_without_the_file_compares_with_nothing(tmp_path: Path) -> None:
    assert on_both(tmp_path, tmp_path) == ([], [])


def test_a_sealed_release_keeps_what_was_judged(
    tiny_built: Built, options: Options, tmp_path: Path
) -> None:
    seal(tiny_built, tmp_path / "release", options)
    before, after = on_both(tmp_path / "release", tmp_path / "release")
    assert before == after
    assert len(before) >= 20
    assert {o.truth for o in before} <= {intent for _, intent in tiny_built.contents.examples}


@pytest.fixture
def bare(tmp_path: Path, options: Options) -> Path:
    """A desk of five examples an intent and no held-out file: no question can be put aside."""
    desk = make_desk(tmp_path)
    (desk / "heldout.csv").unlink()
    seen = Counter[str]()
    few = [e for e in curated() if not seen.update([e.intent]) and seen[e.intent] <= FEW]
    write_examples(desk / "examples.csv", few)
    build_first(desk, options, clock=clock, watch=Nobody())
    return desk


def test_a_desk_too_small_to_put_questions_aside_is_still_judged(
    bare: Path, options: Options
) -> None:
    teach(bare, *WHERE, intent="repair")
    ended = night(bare, options)
    assert ended.outcome is Outcome.REFUSED
    assert any("order_status" in why or "right answer" in why for why in ended.failed_checks())


def test_an_honest_night_passes_there(bare: Path, options: Options) -> None:
    teach(bare, *WHERE[:6], intent="order_status")
    assert night(bare, options).outcome is Outcome.PROMOTED
