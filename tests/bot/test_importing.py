"""The command import: past conversations into the log of a desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import frontdesk
from bot.desk import Desk
from conversations.reader import Reader
from tests.bot.served import make_desk

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
TABLE = (
    "conversation,at,from,text\n"
    "a,2026-03-01T09:00:00Z,customer,Where is it?\n"
    "a,2026-03-01T09:01:00Z,operator,On its way.\n"
    "b,2026-03-01T09:00:00Z,customer,Hello\n"
    "b,2026-03-01T09:00:00Z,robot,Hello\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    make_desk(folder)
    return folder


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    file = tmp_path / "chats.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def run(*words: str) -> Result:
    return CliRunner().invoke(frontdesk, words)


def test_a_table_is_taken_in_once(desk: Path, chats: Path) -> None:
    first = run("import", "table", str(chats), "--desk", str(desk), "--json")
    assert first.exit_code == 0
    assert json.loads(first.stdout) == {
        "conversations": 2,
        "messages": 3,
        "known": 0,
        "left_out": ["line 5: 'robot' is neither a customer nor an operator"],
    }
    again = run("import", "table", str(chats), "--desk", str(desk))
    assert "0 conversations with 0 messages taken in, 2 were known." in again.stderr
    with Reader.open(desk / "desk.db") as log:
        assert len(log.search("way")) == 1


def test_our_own_format_is_taken_in_around_broken_lines(desk: Path, tmp_path: Path) -> None:
    turns = [{"at": "2026-03-01T09:00:00+00:00", "from": "customer", "text": "Hello"}]
    good = {
        "id": "c1",
        "channel": "mail",
        "started": turns[0]["at"],
        "customer": {"id": "17"},
        "turns": turns,
    }
    file = tmp_path / "past.jsonl"
    file.write_text(f"{json.dumps(good)}\nno\n", encoding="utf-8")
    shown = run("import", "conversations", str(file), "--desk", str(desk))
    assert shown.exit_code == 0
    assert "left out: line 2: not JSON" in shown.stderr
    assert "1 conversations with 1 messages taken in" in shown.stderr
    assert all(line.startswith(("  left out: ", "1 conv")) for line in shown.stderr.splitlines())


CHATWOOT = (SAMPLES / "chatwoot.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("chatwoot", CHATWOOT[:-80], "looks like JSON that is cut short or damaged at line 6"),
        ("conversations", CHATWOOT, "looks like conversations of Chatwoot. Try: frontdesk import chatwoot "),
        ("zendesk", TABLE, "a table with the columns conversation, at, from, text. Try: frontdesk import table "),
        ("zendesk", "text,intent\nhello,greeting\n", "Try: frontdesk import intents "),
        ("intercom", (SAMPLES / "rasa.yml").read_text(encoding="utf-8"), "Try: frontdesk import rasa "),
        ("chatwoot", '[{"id": 1, "messages": []}]', "but none that can be read is in it; what is wrong stands above."),
        ("chatwoot", '[{"id": 1, "status": "open"}]', "JSON with id, status. Export the messages, too"),
        ("chatwoot", "[]", "JSON with nothing that has fields."),
        ("conversations", "", "an empty file. Export it anew."),
        ("conversations", "hello\n", "plain text. See frontdesk import --help"),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_is_taken_is_an_error_that_says_what_it_looks_like(
    desk: Path, tmp_path: Path, form: str, text: str, why: str
) -> None:
    file = tmp_path / "given"
    file.write_text(text, encoding="utf-8")
    shown = run("import", form, str(file), "--desk", str(desk))
    assert shown.exit_code == 1
    assert "Nothing of given could be taken in" in shown.stderr
    assert why in shown.stderr


def test_a_desk_that_is_served_is_left_alone(desk: Path, chats: Path) -> None:
    with Desk.open(desk).claim():
        shown = run("import", "table", str(chats), "--desk", str(desk))
    assert shown.exit_code == 1
    assert "stop that one first" in shown.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--column", "text=body"), "no column 'body', only conversation, at, from, text"),
        (("--column", "body"), "write NAME=THEIRS"),
        (("--column", "color=blue"), "where NAME is one of conversation, at, from, text, customer"),
    ],
)
def test_wrong_columns_are_refused_with_the_way_out(
    desk: Path, chats: Path, words: tuple[str, ...], why: str
) -> None:
    shown = run("import", "table", str(chats), "--desk", str(desk), *words)
    assert shown.exit_code in {1, 2}
    assert why in shown.stderr


def test_every_form_has_its_help() -> None:
    listed = run("import", "--help").stdout
    for form in (
        "conversations",
        "table",
        "chatwoot",
        "zendesk",
        "intercom",
        "rasa",
        "dialogflow",
        "intents",
    ):
        assert form in listed
        assert run("import", form, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rasa", "rasa.yml"), "6 examples added, 2 intents new among them"),
        (("intents", "intents.csv", "--text", "utterance", "--intent", "label"), "5 examples added, 2 intents"),
        (("chatwoot", "chatwoot.json"), "1 conversations with 2 messages taken in"),
        (("zendesk", "zendesk.jsonl"), "2 conversations with 3 messages taken in"),
        (("intercom", "intercom.json"), "1 conversations with 3 messages taken in"),
        (("table", "chats.csv", "--column", "conversation=chat_id", "--column", "at=sent",
          "--column", "from=author", "--column", "text=body"), "2 conversations with 5 messages taken in"),
    ],
)  # fmt: skip
def test_the_samples_in_the_docs_are_taken_in(
    desk: Path, words: tuple[str, ...], said: str
) -> None:
    form, sample, *options = words
    (desk / "examples.csv").unlink(missing_ok=True)
    shown = run("import", form, str(SAMPLES / sample), "--desk", str(desk), *options)
    assert shown.exit_code == 0
    assert said in shown.stderr
    assert "left out" not in shown.stderr
