"""A process within bounds: its answer, or which bound it broke."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune.bounds import Bounds, OutOfBounds, answered

ECHO = "import sys; print(sys.stdin.readline().strip()[::-1])"
SLEEP = "import time; time.sleep(60)"
EAT = "import time; eaten = bytearray(300 * 2**20); time.sleep(60)"
FOREVER = """
import os, sys, time
from finetune import bounds
from finetune.bounds import Bounds
from pathlib import Path
child = "import sys, os, time; from finetune import bounds; sys.stdin.buffer.readline();"
child += "bounds.end_with_parent(); open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
bounds.answered((sys.executable, "-c", child, sys.argv[1]), b"go", Bounds())
"""


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def test_a_process_answers_its_job() -> None:
    assert answered(python(ECHO), b"olleh", Bounds()) == b"hello\n"


@pytest.mark.parametrize(
    ("program", "bounds", "why"),
    [
        (SLEEP, Bounds(minutes=0.01), "took longer than 0.01 minutes and was ended"),
        (EAT, Bounds(memory=200), "needed more than 200 MB of memory and was ended"),
        ("raise SystemExit(7)", Bounds(), "ended with exit code 7"),
        ("import os; os.kill(os.getpid(), 9)", Bounds(), "by SIGKILL, as a system that is short"),
    ],
)
def test_what_breaks_a_bound_is_ended_in_one_sentence(
    program: str, bounds: Bounds, why: str
) -> None:
    with pytest.raises(OutOfBounds, match=why):
        answered(python(program), b"", bounds)


def test_a_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    with subprocess.Popen([*python(FOREVER), str(said)]) as parent:  # noqa: S603 - our own
        while not (said.is_file() and said.read_text()):
            assert parent.poll() is None
            time.sleep(0.02)
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while _lives(int(said.read_text())):
        assert time.monotonic() < until
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Whether it runs; one that has ended and that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
