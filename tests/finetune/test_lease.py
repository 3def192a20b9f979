"""The right to train a desk: with its holder's name, gone with its holder, and not kept by one that hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finetune.lease import LEASE, Locked, Lost, held
from tests.finetune.small_desk import NOON, clock

SHORT = 1.0  # seconds

HOLDS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from finetune.lease import held
with held(Path(sys.argv[1]), lambda: datetime.now(UTC), lease=float(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another(folder: Path, lease: float = LEASE) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the right."""
    command = (sys.executable, "-c", HOLDS, str(folder), str(lease))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def free(folder: Path) -> bool:
    try:
        with held(folder, clock, lease=SHORT):
            return True
    except Locked:
        return False


def wait_until_free(folder: Path) -> None:
    until = time.monotonic() + 30
    while not free(folder):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_second_run_is_told_who_is_at_it(tmp_path: Path) -> None:
    with held(tmp_path, clock), pytest.raises(Locked) as locked, held(tmp_path, clock):
        pass
    assert f"by another run (process {os.getpid()}, since {NOON.isoformat()})" in str(locked.value)
    assert free(tmp_path)


def test_a_holder_that_is_killed_is_gone(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        assert not free(tmp_path)
        process.kill()
        process.wait()
        assert free(tmp_path)


def test_a_holder_that_lives_longer_than_a_lease_keeps_it(tmp_path: Path) -> None:
    with another(tmp_path, SHORT):
        time.sleep(2 * SHORT)
        assert not free(tmp_path)


def test_a_holder_that_hangs_does_not_block_the_next(tmp_path: Path) -> None:
    with another(tmp_path, SHORT) as process:
        process.send_signal(signal.SIGSTOP)
        wait_until_free(tmp_path)
        process.send_signal(signal.SIGCONT)


def test_whoever_hung_finds_out_before_anything_is_changed(tmp_path: Path) -> None:
    with held(tmp_path, clock, lease=SHORT, give_up=0) as hung:
        hung.refuse_lost()
        wait_until_free(tmp_path)
        with pytest.raises(Lost, match="this run hung and another one has taken"):
            hung.refuse_lost()
    assert free(tmp_path)


def test_a_clock_that_jumps_frees_nothing(tmp_path: Path) -> None:
    for years in (-30, 30):
        elsewhen = datetime.now(UTC) + timedelta(days=365 * years)
        with held(tmp_path, lambda at=elsewhen: at):  # type: ignore[misc]  # mypy infers no default
            assert not free(tmp_path)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"pid": "x"}'])
def test_a_record_that_cannot_be_read_is_a_holder_without_a_name(
    tmp_path: Path, record: str
) -> None:
    with held(tmp_path, clock):
        (tmp_path / "retrain.lock").write_text(record)
        with pytest.raises(Locked, match="another run; wait for it"), held(tmp_path, clock):
            pass


def test_a_holder_of_another_boot_is_not_judged(tmp_path: Path) -> None:
    with held(tmp_path, clock):
        file = tmp_path / "retrain.lock"
        old = json.loads(file.read_text()) | {"boot": "another", "renewed": -1e9}
        file.write_text(json.dumps(old))
        assert not free(tmp_path)
