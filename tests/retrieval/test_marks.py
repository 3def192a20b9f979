"""What stands beside the champion, and how a Release leaves the shelf."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval import locks
from retrieval.manifest import MANIFEST
from retrieval.marks import Mark, Standing
from retrieval.shelf import Shelf, ShelfError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("aa11", "ab22", "cc33", "dd44")
HOLD = """
import sys, pathlib
from retrieval import locks
with locks.in_use(pathlib.Path(sys.argv[1])):
    print("holds", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    for age, name in enumerate(NAMES):
        folder = tmp_path / "releases" / name
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text("{}")
        os.utime(folder / MANIFEST, (age, age))
    return Shelf(tmp_path, lambda: NOON)


def test_a_mark_is_the_last_thing_said_of_a_release(shelf: Shelf) -> None:
    shelf.mark("aa11", Standing.HELD)
    shelf.mark("ab22", Standing.REFUSED, "fewer are understood")
    shelf.mark("aa11", Standing.HELD)  # nothing new
    assert len((shelf.folder / "candidates.jsonl").read_text().splitlines()) == 2
    refused = Mark("2026-03-01T12:00:00+00:00", "ab22", Standing.REFUSED, "fewer are understood")
    assert shelf.waiting["ab22"] == refused
    shelf.promote("aa11")
    shelf.promote("cc33")  # never marked, and is not now
    assert {h: str(m.standing) for h, m in shelf.marks.items()} == {
        "ab22": "refused",
        "aa11": "promoted",
    }
    assert list(shelf.waiting) == ["ab22"]


def test_what_a_newer_version_wrote_is_no_mark(shelf: Shelf) -> None:
    shelf.mark("aa11", Standing.HELD)
    with (shelf.folder / "candidates.jsonl").open("a") as file:
        file.write('{"at": "x", "hash": "aa11", "standing": "blessed"}\n{"at": "2026-')
    assert shelf.waiting["aa11"].standing is Standing.HELD


def test_a_removed_release_is_gone_and_its_line_says_why(shelf: Shelf) -> None:
    assert shelf.remove("aa11", "older than the newest 7")
    assert shelf.sealed() == ["dd44", "cc33", "ab22"]
    assert not list(shelf.releases.glob(".gone-*"))
    with pytest.raises(
        ShelfError, match=r"Release aa11 was removed on 2026-03-01.*: older than the newest 7\."
    ):
        shelf.release("aa")
    assert not shelf.remove("aa11", "again")
    with pytest.raises(ShelfError, match="There is no Release ''"):
        shelf.release("")


def test_what_serves_served_before_or_is_tried_out_is_not_removed(shelf: Shelf) -> None:
    for name in ("aa11", "ab22", "cc33"):
        shelf.promote(name)
    shelf.try_out("dd44", 0.0)
    assert shelf.needed == {"cc33", "ab22", "dd44"}
    assert [name for name in NAMES if shelf.remove(name, "why not")] == ["aa11"]
    assert shelf.rollback() == "ab22"


def test_what_another_process_is_loading_is_not_removed(shelf: Shelf) -> None:
    folder = shelf.releases / "aa11"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"holds\n"
        with locks.in_use(folder):  # two readers are in nobody's way
            assert not shelf.remove("aa11", "old")
        reader.communicate()
    assert (folder / MANIFEST).is_file()
    assert shelf.remove("aa11", "old")


def test_a_folder_that_is_not_there_is_left_to_its_reader(tmp_path: Path) -> None:
    with locks.in_use(tmp_path / "nowhere"), locks.alone(tmp_path / "nowhere", wait=False) as free:
        assert free
