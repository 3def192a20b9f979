"""The file of the log: kept, refused by name where it is damaged, and read beside a server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlite_utils import Database

from conversations.errors import Damaged, StorageUnavailable
from conversations.events import Heard, Utterance, Visitor
from conversations.jobs import Hear, Heeded
from conversations.migrations import MIGRATIONS
from conversations.reader import Reader
from conversations.store import Store


def opened(path: Path) -> Store:
    numbers = count(1)
    return Store.open(
        path,
        clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC),
        new_id=lambda: f"id{next(numbers)}",
        session_idle=timedelta(hours=1),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a desk?#%20" / "log.db"  # a name that a URI would mistake


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    path.parent.mkdir()
    with opened(path) as store:
        yield store


def said(text: str = "hello", external_id: str = "1") -> Utterance:
    return Utterance(channel="web", address="ada", external_id=external_id, text=text)


def heard_id(heeded: Heeded) -> str:
    assert isinstance(heeded.recorded.event, Heard)
    return heeded.recorded.event.message_id


def test_a_log_that_is_opened_again_holds_what_it_held(store: Store, path: Path) -> None:
    heeded = store.hear(said())
    store.close()
    assert not Path(f"{path}-wal").exists()
    with opened(path) as again:
        assert again.history(heeded.recorded.conversation_id) == [heeded.recorded]


def test_a_commit_is_synced_to_the_disk(store: Store) -> None:
    # FULL is 2; the pragma belongs to the connection, so it is asked of the one that writes.
    assert store._connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert store._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert store._connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_full_disk_refuses_the_batch_and_recovers_when_there_is_room(store: Store) -> None:
    kept = store.hear(said())
    store.limit(200_000)
    big = said("long " * 100_000, external_id="2")
    with pytest.raises(StorageUnavailable, match="full"):
        store.write([Hear(said(external_id="3")), Hear(big)])
    assert list(store.events()) == [kept.recorded]
    assert store.hear(said(external_id="4")).recorded.seq == 2
    store.limit(None)
    assert store.hear(big).fresh


def test_a_locked_file_refuses_and_recovers(store: Store, path: Path) -> None:
    store._connection.execute("PRAGMA busy_timeout=20")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"):
        store.hear(said())
    other.execute("ROLLBACK")
    other.close()
    assert store.hear(said()).fresh


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"This is no database, whatever its name says.\n" * 200,
        lambda whole: bytes(100) + whole[100:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:4096] + bytes(4096) + whole[8192:],
        lambda whole: whole[:8192] + b"\xff" * (len(whole) - 8192),
    ],
    ids=["empty", "text", "header zeroed", "truncated", "page zeroed", "overwritten"],
)
def test_a_damaged_file_is_refused_by_name_and_left_as_it_is(
    store: Store, path: Path, damage: Callable[[bytes], bytes]
) -> None:
    store.write([Hear(said("some words " * 20, external_id=str(n))) for n in range(200)])
    store.close()
    path.write_bytes(damage(path.read_bytes()))
    damaged = path.read_bytes()
    with pytest.raises(Damaged) as refusal:
        opened(path)
    assert str(path) in str(refusal.value)
    assert "restore it from a backup" in str(refusal.value)
    assert path.read_bytes() == damaged


def test_a_file_that_is_gone_while_its_log_remains_is_not_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    Path(f"{path}-wal").write_bytes(b"what was acknowledged")
    with pytest.raises(Damaged, match=r"log\.db-wal"):
        opened(path)
    assert not path.exists()


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(Damaged, match="another program"):
        opened(path)
    with pytest.raises(Damaged, match="lacks"):
        Reader.open(path)
    assert path.read_bytes() == before


def test_a_log_of_a_newer_version_is_refused(store: Store, path: Path) -> None:
    store._connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
        (MIGRATIONS.name, "m999_the_future", "2099-01-01"),
    )
    store.close()
    with pytest.raises(Damaged, match=r"newer version.*m999_the_future"):
        opened(path)
    with pytest.raises(Damaged, match="newer version"):
        Reader.open(path)


def test_a_log_from_before_segments_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "older.db"
    with sqlite3.connect(path) as old:
        MIGRATIONS.apply(Database(old), stop_before="m006_segments_of_visitors")
        old.execute("INSERT INTO visitors VALUES ('v', 'web', 'a', 'Ada', '')")
    old.close()
    with pytest.raises(Damaged, match="lacks m006"):
        Reader.open(path)
    opened(path).close()
    with Reader.open(path) as reader:
        visitor = reader.visitor("web", "a")
    assert visitor == Visitor(visitor_id="v", channel="web", address="a", name="Ada")


def test_a_folder_that_is_not_there_is_no_place_for_a_log(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="nowhere"):
        opened(tmp_path / "nowhere" / "log.db")


# Reading only


def test_a_reader_sees_what_was_committed_and_cannot_write(store: Store, path: Path) -> None:
    with Reader.open(path) as reader:
        heeded = store.hear(said())
        assert list(reader.events()) == [heeded.recorded]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("DELETE FROM events")


def test_a_log_can_be_read_while_no_server_runs(store: Store, path: Path) -> None:
    heeded = store.hear(said())
    store.close()
    with Reader.open(path) as reader:
        assert reader.message(heard_id(heeded)) == heeded.recorded


def test_a_reader_of_no_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no such file"):
        Reader.open(tmp_path / "log.db")
    assert list(tmp_path.iterdir()) == []


def test_visitors_of_an_older_log_get_their_network_with_their_next_words(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        MIGRATIONS.apply(Database(old), stop_before="m004_networks_of_visitors")
        old.execute("INSERT INTO visitors VALUES ('v', 'web', 'ada', 'Ada')")
    old.close()
    with opened(path) as store:
        ada = Visitor(visitor_id="v", channel="web", address="ada", name="Ada")
        assert store.visitor("web", "ada") == ada
        for number, network in enumerate(("", "first", "", "second")):
            store.hear(replace(said(external_id=f"x{number}"), network=network))
        assert store.visitor("web", "ada") == replace(ada, network="first")
        assert store.networks() == 1
