"""Other bots' projects, read as they are exported."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from finetune.otherbots import dialogflow, rasa, table
from finetune.otherbots.found import Found, NoProject

NLU = """\
version: "3.1"
nlu:
- intent: track_parcel
  examples: |
    - where is my [parcel](thing)?
    - my [order]{"entity": "thing", "value": "parcel"} has not come

    - track it, please
- intent: faq/opening
  examples:
  - text: |
      when are you open
    metadata:
      sentiment: neutral
  - text: "are you open on [sunday](day)"
- synonym: parcel
  examples: |
    - package
- regex: number
  examples: |
    - \\d+
- intent: nlu_fallback
  examples: |
    - sing me a song
"""
DOMAIN = """\
version: "3.1"
responses:
  utter_tracking:
  - text: The link is in your confirmation e-mail.
  - text: Look into your confirmation e-mail.
  utter_faq/opening:
  - text: "Monday to Friday, 9 to 5."
    image: open.png
  utter_goodbye:
  - text: "Bye {name}!"
rules:
- rule: tracking
  steps:
  - intent: track_parcel
  - action: utter_tracking
stories:
- story: goodbye
  steps:
  - intent: goodbye
    entities: []
  - action: utter_goodbye
"""


def said(found: Found) -> dict[str, list[str]]:
    by_intent: dict[str, list[str]] = {}
    for example in found.examples:
        by_intent.setdefault(example.intent, []).append(example.text)
    return by_intent


def project(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(content, encoding="utf-8")
    return folder


def test_a_rasa_project_gives_examples_without_their_marks(tmp_path: Path) -> None:
    found = rasa.read(project(tmp_path / "bot", nlu=NLU, domain=DOMAIN))
    assert said(found) == {
        "track_parcel": [
            "where is my parcel?",
            "my order has not come",
            "track it, please",
        ],
        "faq/opening": ["when are you open", "are you open on sunday"],
        "": ["sing me a song"],
    }
    places = {e.text: e.place for e in found.examples}
    assert places["track it, please"] == "nlu.yml, line 8"
    assert places["are you open on sunday"] == "nlu.yml, line 15"
    assert found.problems == []


def test_rasa_answers_come_from_rules_stories_and_names(tmp_path: Path) -> None:
    goodbye = "version: '3.1'\nnlu:\n- intent: goodbye\n  examples: |\n    - bye\n    - see you\n"
    found = rasa.read(project(tmp_path / "bot", nlu=NLU, more=goodbye, domain=DOMAIN))
    assert {a.intent: a.text for a in found.answers} == {
        "track_parcel": "The link is in your confirmation e-mail.",
        "faq/opening": "Monday to Friday, 9 to 5.",
    }
    [problem] = found.problems
    assert (
        problem == "domain.yml, line 10: utter_goodbye fills in {name}; write this answer by hand"
    )


def test_a_broken_rasa_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    folder = project(tmp_path / "bot", nlu=NLU, broken="nlu:\n- intent: a\n  examples: [\n")
    (folder / "latin.yml").write_bytes("nlu: [ä]".encode("latin-1"))
    found = rasa.read(folder)
    assert len(found.examples) == 6
    assert found.problems[0].startswith("broken.yml, line 4: not YAML (")
    assert found.problems[1] == "latin.yml: cannot be read (UnicodeDecodeError)"


@pytest.mark.parametrize(
    "content", ["", "- a\n- b\n", "nlu: 3\n", "stories: []\n", "nlu:\n- intent: a\n", "a: [\n"]
)
def test_what_holds_no_rasa_examples_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.yml"
    file.write_text(content)
    with pytest.raises(NoProject, match="holds no Rasa training data"):
        rasa.read(file)


def agent(**files: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("agent.json", "{}")
        for name, content in files.items():
            body = content if isinstance(content, str) else json.dumps(content)
            archive.writestr(f"intents/{name}.json", body)
    return packed.getvalue()


def phrases(*texts: str) -> list[dict[str, Any]]:
    return [
        {"data": [{"text": part} for part in text.split("|")], "isTemplate": False}
        for text in texts
    ]


def answering(name: str, speech: object, **more: object) -> dict[str, Any]:
    return {"name": name, "responses": [{"messages": [{"type": "0", "speech": speech}]}], **more}


AGENT = {
    "Track parcel": answering("Track: parcel", ["In your e-mail.", "Look there."]),
    "Track parcel_usersays_en": phrases("where is my |parcel|?", "track it"),
    "Book": answering("Book", "For $date, booked.", fallbackIntent=False),
    "Book_usersays_en": phrases("a table for |tomorrow"),
    "Default Fallback Intent": answering(
        "Default Fallback Intent", ["Sorry?"], fallbackIntent=True
    ),
    "Default Fallback Intent_usersays_en": phrases("sing me a song"),
}


@pytest.mark.parametrize("packed", [True, False])
def test_a_dialogflow_agent_gives_phrases_and_answers(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "agent.zip"
    path.write_bytes(agent(**AGENT))
    if not packed:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "agent")
        path = tmp_path / "agent"
    found = dialogflow.read(path)
    assert said(found) == {
        "Track: parcel": ["where is my parcel?", "track it"],
        "Book": ["a table for tomorrow"],
        "": ["sing me a song"],
    }
    assert [(a.intent, a.text) for a in found.answers] == [("Track: parcel", "In your e-mail.")]
    assert found.problems == ["intents/Book.json: its answer fills in $date; write it by hand"]


def test_a_broken_part_of_an_agent_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "agent.zip"
    broken = {"Odd": "{", "Odd_usersays_en": [{"data": []}, 3, {"data": [{"text": "hello"}]}]}
    path.write_bytes(agent(**AGENT, **broken))
    found = dialogflow.read(path)
    assert "hello" in said(found)["Odd"]
    assert (
        "intents/Odd.json: not JSON (Expecting property name enclosed in double quotes)"
        in found.problems
    )
    assert "intents/Odd_usersays_en.json, phrase 1: has no text" in found.problems


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", agent()])
def test_what_is_no_agent_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "agent.zip"
    path.write_bytes(content)
    with pytest.raises(NoProject, match="agent"):
        dialogflow.read(path)


def test_a_table_may_call_its_columns_as_it_likes(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "id,utterance,label\n1,where is it,track\n2,,track\n3,sing,\n", encoding="utf-8"
    )
    found = table.read(path, "utterance", "label")
    assert said(found) == {"track": ["where is it"], "": ["sing"]}
    assert found.problems == ["labels.csv, line 3: has no text"]
    with pytest.raises(NoProject, match="there is no column 'text'"):
        table.read(path)


@pytest.mark.parametrize(
    ("name", "content", "problems"),
    [
        (
            "labels.csv",
            b'text,intent\nhello,greeting\ncaf\xe9,coffee\n"open,greeting\nbye,parting\n',
            ["line 3: not UTF-8", "line 4: not valid CSV (unexpected end of data)"],
        ),
        (
            "labels.jsonl",
            b'{"text": "hello", "intent": "greeting"}\n{"text"\n3\n{"text": "bye", "intent": "parting"}\n',
            ["line 2: not JSON (Expecting ':' delimiter)", "line 3: is not an object"],
        ),
    ],
)
def test_a_broken_row_of_a_table_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, content: bytes, problems: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    found = table.read(tmp_path / name)
    assert said(found) == {"greeting": ["hello"], "parting": ["bye"]}
    assert found.problems == [f"{name}, {problem}" for problem in problems]
