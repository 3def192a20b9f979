"""The desk's folder: who holds it, and its secrets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.refused import Refused

HOLD = """
import sys, time
from pathlib import Path
from bot.desk import Desk
with Desk.open(Path(sys.argv[1])).claim() as claim:
    claim.announce("http://127.0.0.1:4711")
    print("held", flush=True)
    time.sleep(60)
"""


def clock() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


def make_desk(folder: Path, toml: str = "") -> Desk:
    (folder / "desk.toml").write_text(f"name = 'Test'\n{toml}")
    return Desk.open(folder, clock=clock)


def test_a_desk_is_held_once_and_freed_by_kill_9(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    other = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert other.stdout is not None
    with other, other.stdout:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match=rf"process {other.pid} at http://127.0.0.1:4711"):
            with desk.claim():
                pass
        holder = desk.holder()
        assert holder is not None
        assert (holder.pid, holder.url) == (other.pid, "http://127.0.0.1:4711")
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert desk.holder() is None
    with desk.claim() as claim:
        claim.announce("http://127.0.0.1:1")
        assert json.loads((tmp_path / "desk.lock").read_text())["pid"] == os.getpid()


def test_the_operator_token_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    token = desk.operator_token()
    assert len(token) >= 43
    assert desk.operator_token() == token
    assert (tmp_path / "operator.token").stat().st_mode & 0o777 == 0o600


def test_a_folder_without_configuration_is_no_desk(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="frontdesk init"):
        Desk.open(tmp_path)
