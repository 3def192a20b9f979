"""The shelf: which Release serves, and the way back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.manifest import MANIFEST
from retrieval.shelf import PROMOTED, ROLLED_BACK, Promotion, Shelf, ShelfError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    for age, name in enumerate(("aa11", "ab22", "cc33", "dd44")):
        folder = tmp_path / "releases" / name
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text("{}")
        os.utime(folder / MANIFEST, (age, age))
    return Shelf(tmp_path, lambda: NOON)


def test_a_desk_begins_without_a_champion(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.serving == ""
    assert shelf.promotions() == []
    assert Shelf(tmp_path / "nowhere", lambda: NOON).sealed() == []


def test_a_promoted_release_serves_and_is_noted(shelf: Shelf) -> None:
    shelf.promote("cc33")
    assert shelf.serving == "cc33"
    assert shelf.champion.is_symlink()
    assert shelf.promotions() == [Promotion("2026-03-01T12:00:00+00:00", "cc33", PROMOTED)]


def test_the_link_still_leads_there_when_the_desk_has_moved(shelf: Shelf, tmp_path: Path) -> None:
    shelf.promote("cc33")
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    assert Shelf(moved, lambda: NOON).serving == "cc33"
    moved.rename(tmp_path)


@pytest.mark.parametrize("name", ["nothing", "half", ""])
def test_what_is_not_complete_is_not_promoted(shelf: Shelf, name: str) -> None:
    (shelf.releases / "half").mkdir()
    shelf.promote("cc33")
    with pytest.raises(ShelfError, match="is not a complete Release"):
        shelf.promote(name)
    assert shelf.serving == "cc33"
    assert len(shelf.promotions()) == 1


def test_releases_are_listed_newest_first_and_without_scratch(shelf: Shelf) -> None:
    hidden = shelf.releases / ".new-7"
    hidden.mkdir()
    (hidden / MANIFEST).write_text("{}")
    (shelf.releases / "half").mkdir()
    assert shelf.sealed() == ["dd44", "cc33", "ab22", "aa11"]


def test_a_release_is_found_by_the_beginning_of_its_hash(shelf: Shelf) -> None:
    assert shelf.release("c").name == "cc33"
    with pytest.raises(ShelfError, match=r"may be ab22 or aa11; give more of the hash"):
        shelf.release("a")
    for prefix in ("", "e", "../"):
        with pytest.raises(ShelfError, match="There is no Release"):
            shelf.release(prefix)


BACK = "back"


@pytest.mark.parametrize(
    ("changes", "serving"),
    [
        (["aa11", "ab22", BACK], "aa11"),
        (["aa11", "ab22", "cc33", BACK], "ab22"),
        (["aa11", "ab22", "cc33", BACK, BACK], "aa11"),
        (["aa11", "ab22", BACK, "cc33", BACK], "aa11"),
        (["aa11", "ab22", "aa11", BACK], "ab22"),
        (["aa11", "ab22", "ab22", BACK], "aa11"),
    ],
)
def test_a_rollback_goes_to_the_one_before(shelf: Shelf, changes: list[str], serving: str) -> None:
    for change in changes:
        if change == BACK:
            shelf.rollback()
        else:
            shelf.promote(change)
    assert shelf.serving == serving
    assert len(shelf.promotions()) == len(changes)
    assert (shelf.promotions()[-1].why == ROLLED_BACK) == (changes[-1] == BACK)


@pytest.mark.parametrize("changes", [[], ["aa11"], ["aa11", "ab22", BACK]])
def test_there_is_no_way_back_beyond_the_first(shelf: Shelf, changes: list[str]) -> None:
    for change in changes:
        if change == BACK:
            shelf.rollback()
        else:
            shelf.promote(change)
    with pytest.raises(ShelfError, match="no earlier Release"):
        shelf.rollback()


def test_a_rollback_passes_over_a_release_that_was_deleted(shelf: Shelf) -> None:
    for name in ("aa11", "ab22", "cc33"):
        shelf.promote(name)
    (shelf.releases / "ab22" / MANIFEST).unlink()
    assert shelf.rollback() == "aa11"


def test_a_torn_last_line_is_no_change_and_swallows_none(shelf: Shelf) -> None:
    shelf.promote("aa11")
    with (shelf.folder / "releases.jsonl").open("a") as history:
        history.write('{"at": "2026-03')
    assert [p.hash for p in shelf.promotions()] == ["aa11"]
    shelf.promote("ab22")
    assert [p.hash for p in shelf.promotions()] == ["aa11", "ab22"]


def test_a_link_left_behind_by_a_crash_is_no_obstacle(shelf: Shelf) -> None:
    (shelf.folder / f".champion-{os.getpid()}").symlink_to("releases/gone")
    shelf.promote("aa11")
    assert shelf.serving == "aa11"


def test_a_promoted_champion_knows_whom_it_took_over_from(shelf: Shelf) -> None:
    assert shelf.succeeded == ""
    shelf.promote("aa11")
    assert shelf.succeeded == ""
    shelf.promote("cc33")
    assert shelf.succeeded == "aa11"
    shelf.rollback(because="probation: replies taken badly 20 of 50, before 4 of 100")
    assert shelf.promotions()[-1].because.startswith("probation: replies")
    assert shelf.succeeded == ""  # who came back by a rollback has proven itself before
    assert shelf.left_behind == {"cc33"}
    shelf.promote("cc33")
    assert shelf.left_behind == frozenset()
