"""The benchmark of the mixed shop takes every word of its other languages away, and nothing else."""

from __future__ import annotations

from pathlib import Path

from benchmarks.languages import FIVE, spoken, without_the_five
from bot.commands.demos import copy_demo
from finetune.examples import read_examples
from retrieval.template_files import read_templates


def test_the_held_out_questions_are_told_apart_by_language() -> None:
    questions = spoken("heldout.csv")
    assert {code: len(of) for code, of in questions.items()} == {"en": 394, "zh": 102, "de": 102}


def test_what_is_unlearned_is_chinese_and_german_for_five_intents_of_one_answer_each(
    tmp_path: Path,
) -> None:
    copy_demo("multi", tmp_path)
    before = read_examples(tmp_path / "examples.csv")
    without_the_five(tmp_path)
    after = read_examples(tmp_path / "examples.csv")
    gone = [e for e in before if e not in after]
    assert len(gone) == len(before) - len(after) == 5 * (12 + 13)
    assert {e.intent for e in gone} == set(FIVE)
    answers = [t for t in read_templates(tmp_path / "templates.jsonl") if t.intent in FIVE]
    assert [t.id for t in answers] == [f"{t.intent}.general" for t in answers]
    assert len(answers) == 5
    assert all(question.isascii() for t in answers for question in t.questions)
