"""The shelf stays small: what goes, what stays, what several Releases have alike, and who may be reading meanwhile."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval import manifest
from retrieval.manifest import MANIFEST, ReleaseRefused, verify
from retrieval.marks import Standing
from retrieval.sealing import load
from retrieval.shelf import Shelf
from retrieval.upkeep import forget_refused, prune, share
from tests.retrieval.damage import copied

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = [f"r{number}" for number in range(8)]  # the oldest first
ENCODER = "encoder/model.safetensors"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, lambda: NOON)


def stand(shelf: Shelf, *names: str) -> None:
    for age, name in enumerate(names):
        folder = shelf.releases / name
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text("{}")
        os.utime(folder / MANIFEST, (age, age))


def sealed(shelf: Shelf, name: str, weights: bytes) -> Path:
    """Seal a Release of an encoder and a line of its own."""
    folder = shelf.releases / name
    (folder / "encoder").mkdir(parents=True)
    (folder / ENCODER).write_bytes(weights)
    (folder / "report.json").write_text(name)
    manifest.seal(folder)
    return folder


def test_the_oldest_go_and_what_is_needed_counts_for_nothing(shelf: Shelf) -> None:
    stand(shelf, *NAMES)
    for name in ("r0", "r1", "r7"):
        shelf.promote(name)
    shelf.try_out("r2", 0.0)
    prune(shelf, 2)
    assert shelf.sealed() == ["r7", "r6", "r5", "r2", "r1"]
    assert shelf.marks["r0"].because == "older than the newest 2"
    assert [p.hash for p in shelf.promotions()] == ["r0", "r1", "r7"]
    assert shelf.rollback() == "r1"
    shelf.end_trial()
    prune(shelf, 2)
    assert shelf.sealed() == ["r7", "r6", "r1"]


def test_candidates_are_counted_by_themselves_and_the_refused_have_their_own_time(
    shelf: Shelf,
) -> None:
    stand(shelf, *NAMES)
    shelf.promote("r7")
    for name in ("r0", "r1", "r2"):
        shelf.mark(name, Standing.HELD)
    for name in ("r3", "r4"):
        shelf.mark(name, Standing.REFUSED, "an intent breaks")
    prune(shelf, 1)
    assert shelf.sealed() == ["r7", "r6", "r4", "r3", "r2"]
    forget_refused(shelf, but="r4")
    assert shelf.sealed() == ["r7", "r6", "r4", "r2"]


def test_equal_encoders_are_on_the_disk_once_and_both_releases_are_whole(shelf: Shelf) -> None:
    old, new, other = (
        sealed(shelf, name, weights) for name, weights in (("o", b"w"), ("n", b"w"), ("x", b"v"))
    )
    share(shelf, "n")
    assert (old / ENCODER).samefile(new / ENCODER)
    assert not (new / ENCODER).samefile(other / ENCODER)
    assert not (old / "report.json").samefile(new / "report.json")
    share(shelf, "n")
    assert len({verify(folder) for folder in (old, new, other)}) == 3
    assert sorted(p.name for p in shelf.releases.iterdir()) == ["n", "o", "x"]
    assert shelf.remove("o", "old")
    assert (new / ENCODER).read_bytes() == b"w"


def test_damage_does_not_spread_by_a_link(shelf: Shelf) -> None:
    old, new = sealed(shelf, "o", b"w"), sealed(shelf, "n", b"w")
    (old / ENCODER).write_bytes(b"W")
    share(shelf, "n")
    verify(new)
    (old / MANIFEST).write_text("{")
    share(shelf, "n")
    verify(new)


def test_what_is_loaded_while_releases_go_is_loaded_whole(shelf: Shelf, tiny_folder: Path) -> None:
    """A reader that is too late finds nothing, and then the champion is another one; it never finds half of one."""
    ended = threading.Event()
    copied(tiny_folder, shelf.releases / NAMES[0])
    shelf.promote(NAMES[0])
    with ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(keep_loading, shelf, ended) for _ in range(2)]
        for name in NAMES[1:]:
            copied(tiny_folder, shelf.releases / name)
            shelf.promote(name)
            prune(shelf, 1)
            ended.wait(0.1)
        ended.set()
        loaded = sum(one.result() for one in reading)
    assert loaded  # how many is a matter of the machine
    prune(shelf, 1)
    assert shelf.serving == NAMES[-1]
    assert len(shelf.sealed()) == 3


def keep_loading(shelf: Shelf, ended: threading.Event) -> int:
    """Load the champion again and again; return how often."""
    loaded = 0
    while not ended.is_set():
        folder = shelf.champion.resolve()
        try:
            load(folder)
        except ReleaseRefused as error:
            if (
                f"there is no Release at {folder}" != str(error)
                or shelf.champion.resolve() == folder
            ):
                raise
        else:
            loaded += 1
    return loaded
