"""The lint: what is planted is found, what is fine is left alone, and everything comes with a way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from finetune.crossfit import unseen_probabilities
from finetune.ending import endings
from finetune.examples import Example, read_examples
from finetune.findings import SHOWN, Finding, Kind, by_kind, report
from finetune.lint import (
    NEAR,
    SLICE,
    Unseen,
    at_a_glance,
    confusable_intents,
    duplicates,
    few_examples,
    imbalance,
    near_duplicates,
    suspected_labels,
)
from finetune.linting import command_for, lint, remarks
from finetune.progress import Nobody
from finetune.splits import folds
from retrieval.centre import centred
from retrieval.encoder import Encoder
from retrieval.prediction import OUT_OF_SCOPE, Floats2d
from retrieval.templates import Template
from tests import tiny

COMMAND = "frontdesk lint examples.csv"


def named(intent: str, count: int) -> list[Example]:
    return [Example(f"{intent} {n}", intent) for n in range(count)]


def cloud(topics: list[int], *, blur: float = 0.15) -> Floats2d:
    """Unit vectors in twelve dimensions, those of a topic around an axis of their own."""
    rng = np.random.default_rng(0)
    rows = np.eye(12)[topics] + rng.normal(0, blur, (len(topics), 12))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def unseen(examples: list[Example], points: Floats2d) -> Unseen:
    split = folds(examples, 0, hide=False)
    return Unseen(examples, *unseen_probabilities(points, examples, split))


def test_a_text_under_two_intents_is_found_whatever_its_case() -> None:
    rows = [
        Example("Where is  it", "order", place="e.csv, line 2"),
        Example("hello", "greeting"),
        Example("where is it", "repair", place="e.csv, line 9"),
        Example("where is it", "repair", place="e.csv, line 10"),
    ]
    (found,) = duplicates(rows)
    assert (found.kind, found.intents) == (Kind.DUPLICATE_UNDER_TWO_LABELS, ("order", "repair"))
    assert found.sentence == (
        "\"Where is it\" stands under 'order' (e.csv, line 2) and under 'repair' (e.csv, line 9)."
    )


def test_a_text_twice_under_one_intent_is_fine() -> None:
    assert list(duplicates([Example("hello", "greeting"), Example("Hello", "greeting")])) == []


def test_a_text_that_is_out_of_scope_and_in_it_is_said_in_words() -> None:
    (found,) = duplicates([Example("sing", "music"), Example("sing", OUT_OF_SCOPE)])
    assert found.sentence == "\"sing\" stands under 'music' and as out of scope."


def test_few_examples_are_counted_without_repeats_and_the_poorest_comes_first() -> None:
    rows = [*named("rich", 10), *named("poor", 9), Example("POOR 1", "poor"), *named("alone", 1)]
    found = list(few_examples(rows))
    assert [f.sentence for f in found] == [
        "'alone' has 1: write 9 more.",
        "'poor' has 9: write 1 more.",
    ]


def test_near_duplicates_are_pairs_under_two_intents_the_most_alike_first() -> None:
    angles = np.deg2rad([0, 20, 0, 90, 10])  # cosine 0.9 is 26 degrees
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    rows = [Example(f"t{n}", intent) for n, intent in enumerate("aabbb")]
    found = list(near_duplicates(rows, points))
    assert [tuple(e.text for e in f.examples) for f in found] == [
        ("t0", "t2"),
        ("t0", "t4"),
        ("t1", "t4"),
        ("t1", "t2"),
    ]
    assert "likeness 1.00 of 1" in found[0].sentence


def test_the_same_text_is_no_near_duplicate_of_itself() -> None:
    rows = [Example("same", "a"), Example("Same", "b")]
    assert list(near_duplicates(rows, np.eye(1, 3, dtype=np.float32)[[0, 0]])) == []


def test_near_duplicates_among_many_are_those_that_brute_force_finds() -> None:
    vectors = np.random.default_rng(0).normal(size=(SLICE + 80, 32))
    vectors[SLICE:] = vectors[:80] + np.linspace(0, 0.1, 80)[:, None]
    points = centred(vectors.astype(np.float32), np.zeros(32, dtype=np.float32))
    rows = [Example(f"t{n}", "ab"[n % 3 // 2]) for n in range(len(points))]
    near = np.triu(points @ points.T >= NEAR, 1)
    expected = {(r, c) for r, c in np.argwhere(near) if rows[r].intent != rows[c].intent}
    found = [f.examples for f in near_duplicates(rows, points)]
    assert {(rows.index(one), rows.index(other)) for one, other in found} == expected
    assert len(expected) > 20


def test_planted_wrong_labels_are_found_with_the_right_proposal() -> None:
    topics = [n % 5 for n in range(100)]
    rows = [Example(f"text {n}", f"intent {t}") for n, t in enumerate(topics)]
    planted = {8: 4, 41: 3, 77: 0}
    for row, wrong in planted.items():
        rows[row] = Example(f"text {row}", f"intent {wrong}")
    found = list(suspected_labels(unseen(rows, cloud(topics))))
    assert {f.examples[0].text: f.intents for f in found} == {
        f"text {row}": (f"intent {wrong}", f"intent {topics[row]}")
        for row, wrong in planted.items()
    }
    assert all(f.suggestion.startswith("If this customer should get the answer of") for f in found)


def test_a_text_under_two_intents_is_not_suspected_as_well() -> None:
    topics = [n % 5 for n in range(100)]
    rows = [Example(f"text {n}", f"intent {t}") for n, t in enumerate(topics)]
    rows[8] = Example("TEXT 3", "intent 4")  # as row 3 is, and it lies where row 3 does not
    assert list(suspected_labels(unseen(rows, cloud(topics)))) == []


def test_the_lint_suspects_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    topics = [n % 3 for n in range(30)]
    rows = [Example(f"text {n}", f"intent {t}") for n, t in enumerate(topics)]
    list(suspected_labels(unseen(rows, cloud(topics))))
    assert capfd.readouterr() == ("", "")


def test_two_intents_about_the_same_are_called_mixed_up() -> None:
    topics = [0] * 20 + [1] * 10  # 'one' and 'two' share a topic
    rows = [*named("one", 10), *named("two", 10), *named("other", 10)]
    (found,) = confusable_intents(unseen(rows, cloud(topics)))
    assert set(found.intents) == {"one", "two"}
    assert {e.intent for e in found.examples} == {"one", "two"}
    assert found.sentence.startswith(f"'{found.intents[0]}' and '{found.intents[1]}':")
    assert found.suggestion.startswith("If one answer serves both, make them one intent.")


def test_mixed_up_with_out_of_scope_nobody_is_told_to_merge() -> None:
    topics = [0] * 20 + [1] * 10
    rows = [*named("one", 10), *[Example(f"stranger {n}", OUT_OF_SCOPE) for n in range(10)]]
    (found,) = confusable_intents(unseen([*rows, *named("other", 10)], cloud(topics)))
    assert "make them one intent" not in found.suggestion
    assert "belongs out of scope" in found.suggestion


def test_a_large_intent_that_draws_a_small_one_s_texts_outweighs_it() -> None:
    rows = [*named("large", 60), *named("small", 6), *named("far", 6)]
    guess = Unseen(rows, *_guesses(rows, {60: "large", 61: "large", 62: "large"}))
    (found,) = imbalance(guess)
    assert found.intents == ("large", "small")
    assert "'small' (3 of its 6)" in found.sentence
    assert "up to about 12 each" in found.suggestion
    assert list(confusable_intents(guess)) == []  # one finding a pair


def test_a_large_intent_that_does_no_harm_is_left_alone() -> None:
    rows = [*named("large", 60), *named("small", 6)]
    assert list(imbalance(Unseen(rows, *_guesses(rows, {})))) == []


def _guesses(rows: list[Example], wrong: dict[int, str]) -> tuple[tuple[str, ...], Floats2d]:
    classes = tuple(sorted({e.intent for e in rows}))
    said = [wrong.get(n, e.intent) for n, e in enumerate(rows)]
    return classes, np.eye(len(classes), dtype=np.float32)[[classes.index(s) for s in said]]


def test_every_text_is_judged_by_a_head_that_had_not_seen_it() -> None:
    rows = named("a", 7) + named("b", 7)
    split = folds(rows, 0, hide=False)
    assert sorted(np.concatenate([fold.judge for fold in split])) == list(range(14))
    assert all(not set(fold.judge) & set(fold.learn) for fold in split)
    classes, probabilities = unseen_probabilities(cloud([0] * 7 + [1] * 7), rows, split)
    assert classes == ("a", "b")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> Encoder:
    return Encoder.load(str(tiny_encoder))


def test_a_real_encoder_s_lint_finds_the_planted_and_is_the_same_twice(encoder: Encoder) -> None:
    rows = [*tiny.examples(), Example("the zip is broken", "opening_hours")]
    found = lint(rows, encoder, Nobody())
    kinds = by_kind(found)
    assert [f.intents for f in kinds[Kind.DUPLICATE_UNDER_TWO_LABELS]] == [
        ("repair", "opening_hours")
    ]
    assert {f.intents[0] for f in kinds[Kind.FEW_EXAMPLES]} == {*tiny.QUESTIONS, OUT_OF_SCOPE}
    assert lint(rows, encoder, Nobody()) == found


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [Example("", "a")],
        [Example("where", "a")],
        [Example("where", "a"), Example("my", "b")],
        [Example("where", "a"), Example("my", "b"), Example("is", "b")],
        [Example("where", "a"), Example("it", "a"), Example("my", "b"), Example("is", "b")],
    ],
)
def test_sets_that_cannot_be_trained_on_can_be_looked_over(
    encoder: Encoder, rows: list[Example]
) -> None:
    few = by_kind(lint(rows, encoder, Nobody())).get(Kind.FEW_EXAMPLES, [])
    assert {f.intents[0] for f in few} == {e.intent for e in rows if e.text}


def test_hints_are_a_line_a_kind_with_the_command() -> None:
    rows = [*named("a", 12), *named("b", 12), Example("a 1", "b"), Example("b 2", "a")]
    assert list(remarks(rows, COMMAND)) == [
        f"lint: 2 texts stand under two intents; see: {COMMAND}"
    ]
    assert list(remarks([*rows, *named("c", 3)], COMMAND))[1:] == [
        f"lint: 1 intent has fewer than ten examples; see: {COMMAND}"
    ]
    assert list(remarks(named("a", 12), COMMAND)) == []


def test_the_command_can_be_pasted() -> None:
    assert command_for(Path("examples.csv")) == COMMAND
    assert command_for(Path("my desk/e.csv"), Path("t.jsonl"), "multilingual") == (
        "frontdesk lint 'my desk/e.csv' --templates t.jsonl --encoder multilingual"
    )


def test_examples_know_the_line_they_stand_on(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text('text,intent\n"two\nlines",a\nhello,b\n')
    rows = read_examples(tmp_path / "e.csv")
    assert [e.place for e in rows] == ["e.csv, line 2", "e.csv, line 4"]


def test_a_long_report_is_cut_and_says_so() -> None:
    rows = [e for n in range(SHOWN + 3) for e in named(f"intent {n}", 2)]
    lines = report(at_a_glance(rows)).splitlines()
    assert lines[0] == "13 intents have fewer than ten examples:"
    assert sum(line.startswith("  - ") for line in lines) == SHOWN
    assert sum(line.startswith("    -> ") for line in lines) == 1  # the same advice stands once
    assert lines[-1] == "  ... and 3 more; --json has all"


def test_a_long_text_is_shortened_for_people_and_whole_in_json() -> None:
    text = "where is my order " * 20
    (found,) = duplicates([Example(text, "a"), Example(text, "b")])
    assert "…" in found.sentence
    assert len(found.sentence) < 150
    assert _texts(found) == [text, text]


def _texts(found: Finding) -> list[str]:
    return [example["text"] for example in found.as_json()["examples"]]


def test_answers_that_have_ended_or_soon_will_are_told_the_first_to_end_first() -> None:
    days = {"soon": date(2026, 3, 14), "far": date(2026, 3, 15), "over": date(2026, 2, 28)}
    answers = [Template(name, "a", "b", valid_until=day) for name, day in days.items()]
    found = list(endings([*answers, Template("ever", "a", "b")], date(2026, 3, 1)))
    assert [f.sentence for f in found] == [
        "The answer 'over' ended on 2026-02-28.",
        "The answer 'soon' ends on 2026-03-14.",
    ]
    assert "2 answers have ended or end soon" in report(found)
