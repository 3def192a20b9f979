"""Another bot's examples and answers in a desk: once, whole, and named where they do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import frontdesk
from finetune.examples import Example, read_examples
from finetune.importing import take
from finetune.otherbots.found import Found
from retrieval.template_files import read_templates

OURS = "intent,text,source\ntrack,where is my parcel,mail\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "examples.csv").write_text(OURS.removesuffix("\n"), encoding="utf-8")
    row = {"id": "track", "intent": "track", "text": "It is on its way."}
    (folder / "templates.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def found() -> Found:
    project = Found()
    project.example("Where is my  PARCEL", "track", "a.yml, line 1")
    project.example("track it", "track", "a.yml, line 2")
    project.example("give it back", "return", "a.yml, line 3")
    project.example("track it", "return", "a.yml, line 4")
    project.example("sing", "", "a.yml, line 5")
    project.answer("track", "Look into your e-mail.", "b.yml, line 1")
    project.answer("return", "Send it to us.", "b.yml, line 2")
    project.problem("c.yml", "not YAML")
    return project


def test_what_is_new_is_added_in_the_desks_own_columns(desk: Path) -> None:
    taken = take(desk, found())
    assert (taken.examples, taken.answers, taken.intents, taken.known) == (3, 1, 1, 1)
    assert (desk / "examples.csv").read_text() == (
        f"{OURS}track,track it,\nreturn,give it back,\n,sing,\n"
    )
    answers = {t.intent: t.text for t in read_templates(desk / "templates.jsonl")}
    assert answers == {"track": "It is on its way.", "return": "Send it to us."}
    assert taken.left_out == [
        "c.yml: not YAML",
        "a.yml, line 4: 'track it' is 'track' already, not 'return'",
    ]


def test_twice_adds_nothing(desk: Path) -> None:
    take(desk, found())
    before = {file.name: file.read_bytes() for file in desk.iterdir()}
    taken = take(desk, found())
    assert (taken.examples, taken.answers, taken.known) == (0, 0, 4)
    assert {file.name: file.read_bytes() for file in desk.iterdir()} == before


def test_a_desk_without_files_gets_them(tmp_path: Path) -> None:
    take(tmp_path, found())
    assert Example("track it", "track") in [
        Example(e.text, e.intent) for e in read_examples(tmp_path / "examples.csv")
    ]
    assert {t.id for t in read_templates(tmp_path / "templates.jsonl")} == {"track", "return"}


def test_answers_that_cannot_be_templates_are_named(desk: Path) -> None:
    project = Found()
    project.example("hello", "hi", "a.yml, line 1")
    project.answer("hi", "Hello {{ customer }}!", "a.yml, line 9")
    taken = take(desk, project)
    assert taken.answers == 0
    assert taken.left_out[0].startswith("a.yml, line 9: template 'hi' uses customer")


def test_two_intents_of_one_name_have_templates_of_two(desk: Path) -> None:
    project = Found()
    project.answer("Track", "Here.", "a, line 1")
    project.answer("track!", "There.", "a, line 2")
    take(desk, project)
    assert {t.id for t in read_templates(desk / "templates.jsonl")} == {
        "track",
        "track-2",
        "track-3",
    }


def test_the_command_says_what_it_did(desk: Path, tmp_path: Path) -> None:
    table = tmp_path / "old.csv"
    table.write_text("said,meant\ntrack it,track\nwhere is my parcel,return\n", encoding="utf-8")
    asked = [
        "import",
        "intents",
        str(table),
        "--desk",
        str(desk),
        "--text",
        "said",
        "--intent",
        "meant",
    ]
    shown = CliRunner().invoke(frontdesk, asked)
    assert shown.exit_code == 0
    assert (
        "1 examples added, 0 intents new among them; 0 were there already; 0 answers added."
        in shown.stderr
    )
    assert "old.csv, line 3: 'where is my parcel' is 'track' already, not 'return'" in shown.stderr
    again = CliRunner().invoke(frontdesk, [*asked, "--json"])
    assert json.loads(again.stdout)["examples"] == 0


@pytest.mark.parametrize("form", ["rasa", "dialogflow", "intents"])
def test_the_wrong_file_is_refused_in_a_sentence(desk: Path, tmp_path: Path, form: str) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("hello")
    shown = CliRunner().invoke(frontdesk, ["import", form, str(wrong), "--desk", str(desk)])
    assert shown.exit_code == 1
    assert shown.stderr.startswith("Error: ")
    assert "wrong.yml" in shown.stderr
    assert (desk / "examples.csv").read_text() == OURS.removesuffix("\n")
