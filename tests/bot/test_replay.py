"""Replaying logged questions through two Releases: what changes, weighed by how often it is asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import frontdesk
from bot.commands.changes import show
from bot.desk import Desk
from bot.dialogue import Words
from bot.replay import Answer, Answered, Kind, Shift, answer, changes, replay
from conversations.events import NONE_OF_THESE
from conversations.questions import Question
from finetune.build import Material, build, seal
from retrieval.manifest import alike, verify
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.templates import Template
from retrieval.variants import Variant
from tests import tiny
from tests.bot.reader import TEMPLATES, KeywordReader
from tests.finetune.small_desk import Log, open_log
from tests.retrieval.damage import copied

ASKED = "where is my order"


@pytest.fixture(scope="session")
def other(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Release that asks for far more than the tiny one before it answers."""
    folder = tmp_path_factory.mktemp("other") / "release"
    options = replace(tiny.options(tiny_encoder), risk=0.001)
    seal(build(Material(tiny.examples(), tiny.TEMPLATES, tiny.PASSAGES), options), folder, options)
    return folder


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path, other: Path) -> Desk:
    """A desk with both Releases on its shelf and a log of what was asked."""
    (tmp_path / "desk.toml").write_text("name = 'Test'\nport = 0\n")
    desk = Desk.open(tmp_path)
    for folder in (tiny_folder, other):
        copied(folder, desk.shelf.releases / verify(folder))
    with open_log(tmp_path) as store:
        log = Log(store)
        for text in (ASKED, "Where is my order?", "tell me a joke", ASKED.upper(), "..."):
            log.hear(text)
        log.hear("Something else", chosen=NONE_OF_THESE)
    return desk


def diff(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(frontdesk, ["releases", "diff", "--desk", str(desk.folder), *words])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my order", "template order-ask"),
        ("my order PP-204817", "template order-known"),
        ("a person", "handoff asked_for_person"),
        ("maybe", "clarify"),
        ("a page", "page care"),
        ("octopus", "clarify out_of_scope"),
    ],
)
def test_an_answer_is_what_a_new_customer_would_get(text: str, expected: str) -> None:
    reader = KeywordReader()
    words = Words(patterns={"order_number": re.compile(r"PP-\d{6}")})
    assert str(answer(reader.read([text])[0], reader, words)) == expected


def test_changes_are_grouped_and_weighed_by_how_often_they_are_asked() -> None:
    one, two, ask = Answer(Kind.TEMPLATE, "one"), Answer(Kind.TEMPLATE, "two"), Answer(Kind.CLARIFY)
    person = Answer(Kind.HANDOFF, "out_of_scope")
    found = changes(
        [
            Answered(Question("a", 9), one, one),
            Answered(Question("b", 1), ask, one),
            Answered(Question("c", 4), ask, one),
            Answered(Question("d", 2), one, person),
            Answered(Question("e", 3), one, two),
            Answered(Question("f", 1), ask, person),
        ],
        examples=1,
    )
    assert found.times == {
        Shift.SAME: 9,
        Shift.NEWLY_ANSWERED: 5,
        Shift.NO_LONGER_ANSWERED: 2,
        Shift.ANSWERED_OTHERWISE: 3,
        Shift.STILL_UNANSWERED: 1,
    }
    assert (found.asked, found.wordings) == (20, 6)
    assert [(c.times, c.wordings, str(c.before), str(c.after)) for c in found.changes] == [
        (5, 2, "clarify", "template one"),
        (3, 1, "template one", "template two"),
        (2, 1, "template one", "handoff out_of_scope"),
        (1, 1, "clarify", "handoff out_of_scope"),
    ]
    assert list(found.changes[0].examples) == [Question("c", 4)]


def worded(text: str, telegram: str = "", german: str = "") -> KeywordReader:
    variants = (
        *([Variant(telegram, channel="telegram")] if telegram else []),
        *([Variant(german, language="de")] if german else []),
    )
    others = tuple(t for t in TEMPLATES if t.intent != "return_item")
    template = Template("back", "return_item", text, variants=variants)
    return KeywordReader(templates=(template, *others))


@pytest.mark.parametrize(
    ("old", "new", "asked", "shift"),
    [
        (worded("Sixty days."), worded("Sixty days."), "return", Shift.SAME),
        (worded("Sixty days."), worded("Ninety days."), "return", Shift.REWORDED),
        (worded("Days.", "Sixty."), worded("Days.", "Ninety."), "return", Shift.REWORDED),
        (worded("Days.", german="Tage."), worded("Days.", german="Wochen."), "return", Shift.SAME),
        (
            worded("Days.", german="Tage."),
            worded("Days.", german="Wochen."),
            "ich möchte die Schuhe zurückschicken, bitte ein return etikett",
            Shift.REWORDED,
        ),
    ],
)
def test_another_wording_of_the_same_template_is_a_change_to_whom_it_would_be_said(
    old: KeywordReader, new: KeywordReader, asked: str, shift: Shift
) -> None:
    was, now = (answer(reader.read([asked])[0], reader, Words()) for reader in (old, new))
    assert Answered(Question(asked, 1), was, now).shift is shift


def test_both_wordings_of_a_change_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    asked, old, new = "return", worded("Sixty days.", "60 d."), worded("Ninety  days.", "60 d.")
    was, now = (answer(reader.read([asked])[0], reader, Words()) for reader in (old, new))
    found = changes([Answered(Question(asked, 2), was, now)], examples=1)
    [change] = found.changes
    show(change.before, change.after, change.times, change.examples)
    assert capsys.readouterr().out == (
        "\n2 x  template back -> template back\n  - Sixty days.\n  + Ninety days.\n    return  (2 x)\n"
    )
    row = found.as_json()
    assert row["reworded"] == 2
    assert row["changes"][0]["said_after"] == {"": "Ninety  days.", "telegram": "60 d."}


def test_what_a_page_is_quoted_with_is_one_change_a_page() -> None:
    rows = [
        Answered(
            Question(text, 1),
            Answer(Kind.PAGE, "wool", (("", f"old {text}"),)),
            Answer(Kind.PAGE, "wool", (("", f"new {text}"),)),
        )
        for text in ("a", "b")
    ]
    [change] = changes(rows, examples=3).changes
    assert (change.times, change.before.said) == (2, (("", "old a"),))


def test_one_encoder_reads_once_and_says_the_same(
    tiny_release: Release,
    other: Path,
) -> None:
    asked = [Question(e.text, 1) for e in tiny.examples()]
    after = load(other)
    apart = list(replay(asked, tiny_release, after, Words(), one_encoder=False))
    shared = list(replay(asked, tiny_release, after, Words(), one_encoder=True))
    assert shared == apart
    assert {a.question for a in apart} == set(asked)


def test_the_log_is_replayed_and_only_what_changes_is_shown(
    desk: Desk, tiny_folder: Path, other: Path
) -> None:
    before, after = verify(tiny_folder), verify(other)
    found = json.loads(diff(desk, before, after, "--json").stdout)
    assert (found["asked"], found["wordings"]) == (5, 3)
    assert found["no_longer_answered"] == 3
    [change] = [c for c in found["changes"] if c["before"] == "template order_status.plain"]
    assert change["times"] == 3
    assert change["examples"] == [{"text": ASKED, "times": 3}]
    said = diff(desk, before, after)
    assert said.stdout.startswith("5 questions in 3 wordings: ")
    assert "3 no longer answered" in said.stdout
    assert f"\n    {ASKED}  (3 x)\n" in said.stdout
    assert "tell me a joke" not in said.stdout


def test_nothing_changes_between_a_release_and_itself(desk: Desk, tiny_folder: Path) -> None:
    name = verify(tiny_folder)
    assert diff(desk, name, name).stdout == "5 questions in 3 wordings: 5 same\n"


def test_a_file_or_the_commonest_few_can_be_replayed(
    desk: Desk, tiny_folder: Path, other: Path, tmp_path: Path
) -> None:
    names = verify(tiny_folder), verify(other)
    assert json.loads(diff(desk, *names, "--limit", "1", "--json").stdout)["asked"] == 3
    file = tmp_path / "asked.csv"
    file.write_text("id,text\n1,when are you open\n2,\n3,When are you open\n")
    found = json.loads(diff(desk, *names, "--questions", str(file), "--json").stdout)
    assert (found["asked"], found["wordings"]) == (2, 1)


def test_what_cannot_be_replayed_is_said_in_one_sentence(
    desk: Desk, tiny_folder: Path, tmp_path: Path
) -> None:
    name, file = verify(tiny_folder), tmp_path / "asked.csv"
    file.write_text("question\nhello\n")
    refused = diff(desk, name, name, "--questions", str(file))
    assert refused.exit_code == 1
    assert refused.stderr == "frontdesk: asked.csv: there is no column 'text', only question.\n"
    assert "There is no Release 'zz'" in diff(desk, name, "zz").stderr
    desk.database.write_text("no log")
    assert "cannot be used as the event log" in diff(desk, name, name).stderr
    desk.database.unlink()
    assert "There are no questions to replay" in diff(desk, name, name).stderr


def test_releases_are_alike_in_a_part_whose_files_are_the_same(
    tiny_folder: Path, other: Path
) -> None:
    assert alike(tiny_folder, other, "encoder")
    assert verify(tiny_folder) != verify(other)
