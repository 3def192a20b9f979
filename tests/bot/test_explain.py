"""explain: the card of a decision, read again by the Release that made it, and any text word by word."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from bot.cli import frontdesk
from bot.commands.evidence_page import page
from bot.desk import Desk
from bot.evidence import compared, reading
from bot.teaching import Answer
from conversations.events import Decided
from conversations.lessons import Taught
from retrieval.release import Release
from tests.bot.house import house
from tests.retrieval.damage import copied

QUESTION = "the zip is broken"


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path, tiny_release: Release) -> Desk:
    """A desk whose champion is the tiny Release."""
    (tmp_path / "desk.toml").write_text("name = 'Test'\nport = 0\n")
    desk = Desk.open(tmp_path)
    copied(tiny_folder, desk.shelf.releases / tiny_release.hash)
    desk.shelf.promote(tiny_release.hash)
    return desk


def run(*words: str) -> Result:
    return CliRunner().invoke(frontdesk, ["explain", *words])


def shown(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def said(desk: Desk, release: Release, text: str) -> Decided:
    """Ask the desk, and close it again."""

    async def ask() -> Decided:
        async with house(desk.folder, release) as open_desk:
            return await open_desk.say(text)

    return asyncio.run(ask())


def test_a_decision_is_recomputed_identically_and_word_by_word(
    desk: Desk, tiny_release: Release
) -> None:
    decision = said(desk, tiny_release, QUESTION)
    found = shown(decision.message_id, "--desk", str(desk.folder))
    assert found["recomputed"]["identical"] is True
    assert (found["recomputed"]["difference"], found["recomputed"]["differs"]) == (0.0, [])
    assert found["evidence"]["release"] == tiny_release.hash
    assert found["evidence"]["neighbours"][0]["text"] == QUESTION
    assert [word["word"] for word in found["words"]] == QUESTION.split()
    assert found["words"][1]["confidence"] > 0
    assert found == shown(decision.in_reply_to, "--desk", str(desk.folder))


GIFTS = Answer(
    operator="eve", intent="gifts", text="For two euros.", questions=("joke about gift wrap",)
)


def taught(desk: Desk, release: Release, text: str) -> tuple[str, Decided]:
    """Teach an answer, ask, take it back and teach another; return its id and the decision."""

    async def live() -> tuple[str, Decided]:
        async with house(desk.folder, release) as open_desk:
            recorded, in_force = await open_desk.tutor.teach(GIFTS)
            assert in_force
            assert isinstance(recorded.event, Taught)
            decision = await open_desk.say(text)
            more = replace(GIFTS, questions=(text,), text="Another.", external_id="more")
            await open_desk.tutor.undo(recorded.event.teaching_id, "ann")
            await open_desk.tutor.teach(more)
            return recorded.event.teaching_id, decision

    return asyncio.run(live())


@pytest.mark.parametrize("text", ["Joke about GIFT wrap!", QUESTION])
def test_a_decision_under_teachings_is_recomputed_as_they_were_then(
    desk: Desk, tiny_release: Release, text: str
) -> None:
    teaching_id, decision = taught(desk, tiny_release, text)
    found = shown(decision.message_id, "--desk", str(desk.folder))
    assert found["recomputed"]["identical"] is True
    assert found["evidence"]["edition"]["hash"]
    if text != QUESTION:
        assert (decision.text, decision.template_id) == ("For two euros.", teaching_id)
        assert found["evidence"]["taught"]["teaching_id"] == teaching_id
        assert [by["operator"] for by in found["taught_by"]] == ["eve"]
        page_of = run(decision.message_id, "--desk", str(desk.folder)).stdout
        assert f"{teaching_id} by eve, 20" in " ".join(page_of.split())
        assert "like: joke about gift wrap" in page_of
    now = shown("--text", text, "--desk", str(desk.folder))
    assert now["evidence"]["taught"]["teaching_id"] != teaching_id
    assert "taught" not in shown("--text", text, "--release", str(desk.shelf.champion))["evidence"]


def test_a_card_that_names_another_teaching_is_told(tiny_release: Release) -> None:
    [again] = tiny_release.read([QUESTION])
    card = json.loads(json.dumps(reading(again))) | {"taught": {"teaching_id": "t1"}}
    assert compared(card, again)["differs"] == ["taught"]


def test_the_page_has_the_words_the_parts_and_the_release(
    desk: Desk, tiny_release: Release
) -> None:
    decision = said(desk, tiny_release, QUESTION)
    result = run(decision.message_id, "--desk", str(desk.folder))
    assert result.exit_code == 0, result.output
    for part in (QUESTION, "reply", "repair", "identical", tiny_release.hash, "agreement", "█"):
        assert part in result.stdout
    assert "\x1b" not in result.stdout
    assert all(line == line.rstrip() for line in result.stdout.splitlines())


def test_the_page_says_why_a_question_was_suggested_and_what_ordered_the_choices(
    desk: Desk,
) -> None:
    found = shown("--text", "zip hours", "--desk", str(desk.folder))
    why = {"intent": "hours", "share": 0.31, "after": "repair", "visitors": 7}
    found |= {"action": "reply", "reason": "confident", "text": "Yes.", "choices": []}
    found |= {"template_id": "", "source": ""}
    found["evidence"] |= {"suggested": [why], "likely": {"hours": 0.2}}
    said = " ".join(page(found, Console(width=100)).split())
    assert "hours: 7 visitors asked it after repair, 31% likely" in said
    assert "after what was asked before: hours 20%" in said


def test_on_a_terminal_words_are_coloured_by_what_they_did(desk: Desk) -> None:
    found = shown("--text", "zip hours", "--desk", str(desk.folder))
    best, other = found["words"]
    best["confidence"], other["confidence"] = 0.5, -0.1
    terminal = Console(force_terminal=True, color_system="standard", width=100)
    asked = page(found, terminal).splitlines()[0]
    assert "\x1b[1;32mzip\x1b[0m" in asked
    assert "\x1b[31mhours\x1b[0m" in asked


def test_any_text_is_explained_by_a_release_or_by_a_desks_champion(
    desk: Desk, tiny_folder: Path
) -> None:
    by_release = shown("--text", QUESTION, "--release", str(tiny_folder))
    assert by_release == shown("--text", QUESTION, "--desk", str(desk.folder))
    assert by_release["read"] == QUESTION
    assert by_release["evidence"]["candidates"][0]["intent"] == "repair"
    assert set(by_release["thresholds"]) == {"answer", "clarify"}
    assert not desk.database.exists()
    assert "[b]zip[/b] :x:" in run("--text", "[b]zip[/b] :x:", "--desk", str(desk.folder)).stdout


def test_a_message_whose_release_is_gone_still_has_its_card(
    desk: Desk, tiny_release: Release
) -> None:
    decision = said(desk, tiny_release, QUESTION)
    shutil.rmtree(desk.shelf.releases / tiny_release.hash)
    found = shown(decision.message_id, "--desk", str(desk.folder))
    assert found["recomputed"]["identical"] is None
    assert found["evidence"]["neighbours"]
    result = run(decision.message_id, "--desk", str(desk.folder))
    assert f"the Release {tiny_release.hash} is no longer there to ask" in " ".join(
        result.stdout.split()
    )


def test_a_card_that_was_changed_is_told_from_one_read_in_a_batch(tiny_release: Release) -> None:
    [again] = tiny_release.read([QUESTION])
    card = json.loads(json.dumps(reading(again)))
    assert compared(card, again)["identical"] is True
    moved = compared({**card, "confidence": card["confidence"] - 2e-6}, again)
    assert (moved["identical"], moved["differs"]) == (False, [])
    assert moved["difference"] == pytest.approx(2e-6)
    other = replace(again, neighbours=again.neighbours[1:], verdict=again.verdict)
    changed = compared(card, other)
    assert (changed["identical"], changed["difference"]) == (False, None)
    assert changed["differs"] == ["neighbours"]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ([], 2, "Give a MESSAGE_ID, or --text"),
        (["m", "--text", "hello"], 2, "Give a MESSAGE_ID, or --text"),
        (["m", "--release", "r"], 2, "Give a MESSAGE_ID, or --text"),
        (["--text", " "], 1, "nothing to read"),
        (["--text", "a" * 4097], 1, "4,096 characters"),
        (["--text", "hello", "--release", "nowhere"], 1, "nowhere"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    desk: Desk, words: list[str], code: int, why: str
) -> None:
    result = run(*words, "--desk", str(desk.folder))
    assert (result.exit_code, result.stdout) == (code, "")
    assert why in result.stderr


def test_a_desk_without_a_release_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\n")
    result = run("--text", "hello", "--desk", str(tmp_path))
    assert result.exit_code == 1
    assert f"frontdesk retrain --desk {tmp_path}" in result.stderr
