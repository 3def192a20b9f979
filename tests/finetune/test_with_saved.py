"""What operators saved stands in for the desk's file when a Release is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.saved import fresh_templates
from conversations.events import DESK
from conversations.lessons import PageSaved, TemplateSaved
from conversations.reader import Reader
from conversations.teachings import teachings
from finetune.build import Options
from finetune.curriculum import curriculum
from finetune.nightly import build_first
from finetune.progress import Nobody
from retrieval.dataset import learned_by
from retrieval.sealing import load
from retrieval.shelf import Shelf
from retrieval.templates import Template
from tests.finetune.small_desk import NOON, clock, make_desk, open_log, unguarded

WRAP = {
    "id": "wrap",
    "intent": "gift_wrap",
    "text": "Two euros.",
    "questions": ["wrap it", "gifts"],
}
REPAIR = {"id": "repair", "intent": "repair", "text": "Write to us.", "title": "A repair"}
HOURS = {"id": "opening_hours", "intent": "opening_hours", "text": "Never."}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return make_desk(tmp_path)


def save(desk: Path, row: dict[str, Any], version: int = 1, state: str = "live") -> None:
    event = TemplateSaved(
        template_id=row["id"],
        version=version,
        external_id=f"{row['id']}@{version}",
        operator="eve",
        state=state,
        content=json.dumps(row),
    )
    with open_log(desk) as store:
        store.append(DESK, event)


def trained_on(desk: Path) -> dict[str, Template]:
    made = curriculum(desk, unguarded, NOON)
    return {template.id: template for template in made.material.templates}


def test_a_live_version_is_trained_on_in_place_of_the_line_in_the_file(desk: Path) -> None:
    before = trained_on(desk)
    save(desk, REPAIR)
    save(desk, WRAP)
    save(desk, {**HOURS}, state="retired")
    save(desk, {**REPAIR, "text": "Not yet."}, version=2, state="draft")
    after = trained_on(desk)
    assert (after["repair"].text, after["repair"].author) == ("Write to us.", "eve")
    assert list(after) == [*(one for one in before if one != "opening_hours"), "wrap"]
    told = curriculum(desk, unguarded, NOON).left_out
    assert [line.partition(":")[0] for line in told] == ["repair", "opening_hours"]
    assert all("what operators saved counts" in line for line in told)


def test_a_release_that_has_a_live_version_is_told_of_it_no_more(
    desk: Path, tiny_encoder: Path
) -> None:
    save(desk, REPAIR)
    save(desk, WRAP)
    build_first(desk, Options(encoder=str(tiny_encoder), fast=True), clock=clock, watch=Nobody())
    release = load(Shelf(desk, clock).champion.resolve())
    assert "gift_wrap" in release.titles
    with Reader.open(desk / "desk.db") as log:
        saved = teachings(log.teachings()).saved
    assert {version.template_id for version in saved.live} == {"repair", "wrap"}
    assert list(fresh_templates(saved, release)) == []


def test_what_operators_did_to_a_page_is_learned_with_the_folder_as_it_lies_there(
    desk: Path,
) -> None:
    with open_log(desk) as store:
        for change_id, text in (("page-1", "# Wax\n\nTwice a year.\n"), ("page-2", "")):
            store.append(
                DESK,
                PageSaved(
                    change_id=change_id, page="wax", operator="eve", text=text, before="", source=""
                ),
            )
    made = curriculum(desk, unguarded, NOON)
    assert made.manifest()["pages"] == ["page-2"]
    (desk / "release").mkdir()
    (desk / "release" / "dataset.json").write_text(json.dumps(made.manifest()))
    assert learned_by(desk / "release") == {("page-2", "")}
