"""The file of the views: followed live or made anew it holds the same, and whatever happens to it, it can be made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from conversations.events import Heard, Joined
from conversations.jobs import Erase
from conversations.views.answers import Answers
from conversations.views.cases import Cases
from conversations.views.file import ViewFile, reading
from conversations.views.inbox import inbox
from conversations.views.people import People
from conversations.views.table import View
from tests.conversations.desk_days import Days


def views() -> Sequence[View]:
    return (People(), inbox(), Cases(UTC), Answers(UTC))


def opened(path: Path, log: Path, version: str = "1") -> ViewFile:
    return ViewFile.open(path, log, views(), version)


def rows(path: Path) -> dict[str, list[Any]]:
    """Return everything that a file of views says, without the place."""
    with closing(reading(path)) as connection:
        names = ("people", "inbox", "cases", "answers")
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - ours
            for name in names
        }


@pytest.mark.parametrize("seed", range(3))
def test_views_that_followed_live_are_those_made_anew(tmp_path: Path, seed: int) -> None:
    """Whatever was said, joined and erased, and wherever a batch ended."""
    log = tmp_path / "desk.db"
    days = Days(log, seed)
    with opened(tmp_path / "live.db", log) as live:
        for _ in range(20):
            days.live(10)
            while live.behind:
                live.advance(days.rng.randint(1, 50))
        with opened(tmp_path / "anew.db", log) as anew:
            anew.catch_up()
    events = [recorded.event for recorded in days.store.events()]
    assert any(isinstance(event, Joined) for event in events)
    found, expected = rows(tmp_path / "live.db"), rows(tmp_path / "anew.db")
    assert len(found["inbox"]) > 10
    assert found == expected
    days.store.close()


def test_what_was_erased_is_nowhere_in_the_file(tmp_path: Path) -> None:
    log, path = tmp_path / "desk.db", tmp_path / "views.db"
    days = Days(log, 1)
    days.live(50)
    conversation_id, _ = days.hear("my secret wish is a xylophone", "eve")
    visitor = days.store.visitor_of(conversation_id)
    assert visitor is not None
    with opened(path, log) as file:
        file.catch_up()
        assert b"xylophone" in path.read_bytes() + Path(f"{path}-wal").read_bytes()
        days.store.write([Erase(visitor.visitor_id, "ann")])
        file.catch_up()
        kept = path.read_bytes() + Path(f"{path}-wal").read_bytes()
    assert b"xylophone" not in kept
    assert b"Eve" not in kept
    days.store.close()


def test_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    log, path = tmp_path / "desk.db", tmp_path / "views.db"
    days = Days(log, 2)
    days.live(40)
    with opened(path, log) as file:
        file.catch_up()
        place = file.seq
    with opened(path, log) as file:
        assert file.seq == place == days.store.seq()
        assert not file.behind
    days.store.close()


def test_a_file_of_another_version_or_log_or_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    log, other, path = tmp_path / "desk.db", tmp_path / "other.db", tmp_path / "views.db"
    days, others = Days(log, 3), Days(other, 4)
    days.live(40)
    others.live(60)
    with opened(path, log) as file:
        file.catch_up()
    whole = rows(path)
    with opened(path, log, "2") as file:
        assert file.seq == 0
        file.catch_up()
    with opened(path, other, "2") as file:
        assert file.seq == 0
    path.write_bytes(b"this is no database, and never was one" * 100)
    with opened(path, log) as file:
        file.catch_up()
    assert rows(path) == whole
    for one in (days, others):
        one.store.close()


def test_a_batch_that_fails_leaves_neither_rows_nor_place(tmp_path: Path) -> None:
    log, path = tmp_path / "desk.db", tmp_path / "views.db"
    days = Days(log, 5)
    days.live(30)
    with opened(path, log) as file:
        file.catch_up()
        before, place = rows(path), file.seq
        days.hear("one more", "eve")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON cases BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            with pytest.raises(sqlite3.Error):
                file.advance()
            assert (rows(path), file.seq) == (before, place)
            other.execute("DROP TRIGGER refuse")
        assert [type(one.event) for one in file.advance()] == [Heard]
    days.store.close()
