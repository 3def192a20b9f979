"""Permanent by morning: what operators taught is in the next Release, or stays in force beside it; what they took back is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from conversations.events import DESK
from conversations.labels import Lesson, Origin
from conversations.lessons import Taught, Untaught
from conversations.teachings import Teaching
from finetune.answers import learned
from finetune.build import Options
from finetune.curriculum import CORRECTION, curriculum
from finetune.examples import Example
from finetune.hearing import heard_in
from finetune.nightly import build_first
from finetune.progress import Nobody
from retrieval.dataset import learned_by
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.templates import Template
from tests.finetune.small_desk import (
    NOON,
    Log,
    clock,
    held_out,
    make_desk,
    night,
    open_log,
    unguarded,
)

QUESTIONS = ("do you wrap a gift", "gift wrap please")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return make_desk(tmp_path)


def teach(
    desk: Path,
    *questions: str,
    intent: str = "gift_wrap",
    teaching_id: str = "t1",
    text: str = "Yes, for two euros.",
) -> None:
    with open_log(desk) as store:
        event = Taught(
            teaching_id=teaching_id,
            external_id=teaching_id,
            operator="eve",
            intent=intent,
            questions=questions,
            text=text,
            title="Wrapping a gift",
        )
        store.append(DESK, event)


def undo(desk: Path, teaching_id: str = "t1") -> None:
    with open_log(desk) as store:
        store.append(DESK, Untaught(teaching_id=teaching_id, operator="ann"))


def texts_of(examples: Sequence[Example], intent: str) -> list[str]:
    return [e.text for e in examples if e.intent == intent]


def test_a_taught_answer_is_a_template_and_its_questions_are_examples(desk: Path) -> None:
    teach(desk, *QUESTIONS)
    material = curriculum(desk, unguarded, NOON).material
    assert list(material.templates[-1:]) == [
        Template("t1", "gift_wrap", "Yes, for two euros.", "Wrapping a gift", QUESTIONS)
    ]
    taught = [e for e in material.examples if e.intent == "gift_wrap"]
    assert taught == [Example(text, "gift_wrap", CORRECTION) for text in QUESTIONS]
    assert material.descriptions == {}


def test_a_new_intent_with_one_question_is_learned_from_what_it_is_called(desk: Path) -> None:
    teach(desk, QUESTIONS[0])
    assert curriculum(desk, unguarded, NOON).material.descriptions == {
        "gift_wrap": "Wrapping a gift"
    }


def test_a_taught_question_overrules_examples_and_lessons_and_leaves_the_gate(desk: Path) -> None:
    [asked, *others] = held_out()
    with open_log(desk) as store:
        [labelled] = Log(store).labelled(["Where is my ORDER"], "repair")
    teach(desk, "where is my order", asked.text)
    taught = curriculum(desk, unguarded, NOON)
    assert list(taught.gate) == others
    assert texts_of(taught.material.examples, "gift_wrap") == ["where is my order", asked.text]
    assert "where is my order" not in texts_of(taught.material.examples, "order_status")
    assert "Where is my ORDER" not in texts_of(taught.material.examples, "repair")
    assert taught.left_out == [
        f"{labelled}: an operator's answer of 'gift_wrap' is to its text",
        "the example 'where is my order': an operator says that it means 'gift_wrap', not 'order_status'",
    ]


def test_a_desk_without_a_gate_of_its_own_does_not_ask_what_was_taught(desk: Path) -> None:
    (desk / "heldout.csv").unlink()
    drawn = curriculum(desk, unguarded, NOON).gate
    teach(desk, drawn[0].text)
    taught = curriculum(desk, unguarded, NOON)
    assert drawn[0] not in taught.gate
    assert texts_of(taught.material.examples, drawn[0].intent).count(drawn[0].text) == 0


def test_what_was_taken_back_teaches_nothing(desk: Path) -> None:
    before = curriculum(desk, unguarded, NOON)
    teach(desk, *QUESTIONS)
    undo(desk)
    after = curriculum(desk, unguarded, NOON)
    assert after.material == before.material
    assert after.manifest() == before.manifest()


def test_a_night_takes_an_answer_in_says_so_and_the_next_forgets_it(
    desk: Path, options: Options
) -> None:
    build_first(desk, options, clock=clock, watch=Nobody())
    teach(desk, *QUESTIONS)
    first = night(desk, options)
    assert first.outcome == "promoted"
    dataset = json.loads((desk / "champion" / "dataset.json").read_text())
    assert dataset["answers"] == [
        {
            "teaching_id": "t1",
            "intent": "gift_wrap",
            "operator": "eve",
            "at": clock().isoformat(),
            "message_id": "",
        }
    ]
    release = load(desk / "champion")
    assert release.template("t1").text == "Yes, for two euros."
    readings = release.read(QUESTIONS)
    as_taught = all(r.verdict == "confident" and r.best.intent == "gift_wrap" for r in readings)
    assert (("t1", "gift_wrap") in release.learned) is as_taught
    assert learned_by(desk / "champion") == release.learned
    undo(desk)
    assert night(desk, options).outcome == "promoted"
    assert "gift_wrap" not in load(desk / "champion").titles


def test_only_what_a_release_reads_as_it_was_taught_is_learned(tiny_release: Release) -> None:
    answers = [
        teaching("return_item", "return_item", "send the boots back"),
        teaching("t1", "return_item", "send the boots back"),  # it has another answer to that
        teaching("t2", "repair", "when are you open"),
    ]
    labels = [
        lesson("m1", "the zip is broken", "repair"),
        lesson("m2", "when are you open", "repair"),
        lesson("m3", "when are you open", ""),
        lesson("m4", "the zip is broken", "repair", Origin.THUMB),
    ]
    assert learned(tiny_release, answers, labels) == [
        {"teaching_id": "return_item", "intent": "return_item"},
        {"teaching_id": "m1", "intent": "repair"},
    ]


def teaching(teaching_id: str, intent: str, question: str) -> Teaching:
    return Teaching(
        teaching_id=teaching_id,
        operator="eve",
        at=clock(),
        intent=intent,
        questions=(question,),
        text="So.",
    )


def lesson(message_id: str, text: str, intent: str, origin: Origin = Origin.OPERATOR) -> Lesson:
    return Lesson(text, intent, 1.0, origin, message_id, "c")


def test_an_answer_copied_into_the_desks_own_file_is_there_once(desk: Path) -> None:
    teach(desk, *QUESTIONS)
    row = {"id": "t1", "intent": "repair", "text": "My own words."}
    with (desk / "templates.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    templates = curriculum(desk, unguarded, NOON).material.templates
    assert [t.text for t in templates if t.id == "t1"] == ["My own words."]


def test_an_answer_in_liquid_that_answers_have_no_more_is_not_learned_and_named(
    desk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    teach(desk, "do you engrave")
    teach(desk, *QUESTIONS, teaching_id="t2", text="{{ 2 | plus: 1 }} euros.")
    [one] = heard_in(desk / "desk.db", (), NOON).answers
    assert one.teaching_id == "t1"
    [why] = caplog.messages
    assert "template 't2' uses the filter plus, which answers do not have" in why
