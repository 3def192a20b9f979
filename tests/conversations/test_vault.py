"""The vault of files: kept once, bounded, swept, and whole after a crash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.vault import DAY, PER_NETWORK, PER_OWNER, UNSAID, Full, Vault


class Clock:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def opened(folder: Path, clock: Clock | None = None, whole: int = 4000) -> Vault:
    numbers = count(len(list(folder.glob("*.json"))))
    return Vault(folder, clock=clock or Clock(), new_id=lambda: f"file{next(numbers)}", whole=whole)


def test_a_file_is_there_after_a_restart(tmp_path: Path) -> None:
    card = opened(tmp_path / "v").keep("ada", "a.txt", "text/plain", b"hello")
    again = opened(tmp_path / "v")
    assert again.get(card.file_id) == card
    assert again.path(card).read_bytes() == b"hello"


def test_one_content_of_two_owners_is_stored_once_and_goes_with_the_last(tmp_path: Path) -> None:
    vault = opened(tmp_path / "v")
    first, second = (vault.keep(who, "a.txt", "text/plain", b"same") for who in ("ada", "bob"))
    assert vault.path(first) == vault.path(second)
    vault.drop_of("ada")
    assert vault.path(second).read_bytes() == b"same"
    vault.drop([second.file_id])
    assert list((tmp_path / "v").iterdir()) == []


def test_a_file_of_another_owner_cannot_be_said(tmp_path: Path) -> None:
    vault = opened(tmp_path / "v")
    own, foreign = (vault.keep(who, "a", "text/plain", b"x") for who in ("ada", "bob"))
    assert vault.say("ada", [own.file_id, foreign.file_id]) is None
    assert vault.say("ada", [own.file_id, "nothing"]) is None
    said = vault.say("ada", [own.file_id, own.file_id])
    assert said is not None
    assert [card.file_id for card in said] == [own.file_id]


def test_what_is_never_said_goes_after_a_day(tmp_path: Path) -> None:
    clock = Clock()
    vault = opened(tmp_path / "v", clock)
    unsaid, said = (vault.keep("ada", "a", "text/plain", text) for text in (b"x", b"y"))
    vault.say("ada", [said.file_id])
    clock.now += UNSAID + timedelta(seconds=1)
    assert vault.sweep() == 1
    assert vault.get(unsaid.file_id) is None
    assert vault.get(said.file_id) is not None


def test_what_a_crash_leaves_behind_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    card = opened(folder).keep("ada", "a", "text/plain", b"x")
    (folder / ("0" * 64)).write_bytes(b"no card")
    (folder / ".half").write_bytes(b"half")
    (folder / "cut.json").write_text('{"file_id": "cut"')
    vault = opened(folder)
    assert vault.get(card.file_id) == card
    assert {file.name for file in folder.iterdir()} == {
        card.digest,
        f"{card.file_id}.json",
        "cut.json",
    }


def test_an_owner_may_keep_so_many_a_day(tmp_path: Path) -> None:
    clock = Clock()
    vault = opened(tmp_path / "v", clock)
    for number in range(PER_OWNER):
        vault.keep("ada", "a", "text/plain", str(number).encode())
    with pytest.raises(Full, match="today"):
        vault.keep("ada", "a", "text/plain", b"more")
    vault.keep("bob", "a", "text/plain", b"his")
    clock.now += DAY
    vault.keep("ada", "a", "text/plain", b"tomorrow")


def test_the_whole_vault_has_an_end(tmp_path: Path) -> None:
    vault = opened(tmp_path / "v", whole=10)
    vault.keep("ann", "a", "text/plain", b"12345678", bounded=False)
    with pytest.raises(Full, match="no room"):
        vault.keep("bob", "b", "text/plain", b"123")


def test_a_network_may_keep_so_many_a_day_also_over_a_restart_and_says_when_it_may_again(
    tmp_path: Path,
) -> None:
    clock = Clock()
    vault = opened(tmp_path / "v", clock, whole=4 * PER_NETWORK)
    for number in range(PER_NETWORK):
        vault.keep(f"visitor {number}", "a", "text/plain", b"x", network="n1")
    clock.now += timedelta(hours=6)
    vault = opened(tmp_path / "v", clock, whole=8 * PER_NETWORK)
    with pytest.raises(Full, match="today") as refused:
        vault.keep("one more", "a", "text/plain", b"x", network="n1")
    assert refused.value.wait == timedelta(hours=18)
    vault.keep("elsewhere", "a", "text/plain", b"x", network="n2")
    vault.keep("ann", "a", "text/plain", b"x", network="n1", bounded=False)


def test_files_without_words_leave_room_for_those_who_talk(tmp_path: Path) -> None:
    vault = opened(tmp_path / "v", whole=40)
    first = vault.keep("ada", "a", "text/plain", b"1234567890")
    with pytest.raises(Full, match="no room"):
        vault.keep("bob", "b", "text/plain", b"1")
    vault.say("ada", [first.file_id])
    vault.keep("bob", "b", "text/plain", b"1")
