"""A night ends with a look for new topics: what it finds, what it may cost, and that it never changes how the night ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from finetune.bounds import Bounds
from finetune.examples import write_examples
from finetune.mining.apart import Job, look_apart
from finetune.mining.looking import TOPICS
from finetune.nightly import build_first
from finetune.progress import Nobody
from finetune.retrain_cli import retrain
from finetune.sentences import ERROR, REFUSED
from retrieval.manifest import verify
from tests import tiny
from tests.finetune.small_desk import clock, make_desk, poisoned
from tests.finetune.test_new_topics import ALL, SINGING, SPORT, ask, texts_of

FAST = ("--fast", "--risk", "0.2", "--json")


@pytest.fixture
def desk(tiny_encoder: Path, tmp_path: Path) -> Path:
    made = make_desk(tmp_path)
    build_first(made, tiny.options(tiny_encoder), clock=clock, watch=Nobody())
    return made


@pytest.fixture
def night(desk: Path, tiny_encoder: Path) -> Any:
    def run(*more: str) -> Result:
        words = ["--desk", str(desk), "--encoder", str(tiny_encoder), *FAST, *more]
        return CliRunner().invoke(retrain, words)

    return run


def kept(desk: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((desk / TOPICS).read_text())
    return found


def test_a_night_ends_with_the_topics_of_what_nobody_could_answer(desk: Path, night: Any) -> None:
    ask(desk, *SINGING, *SPORT)
    ended = night()
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["topics"] == {"found": 2, "looked_at": ALL, "note": "", "failed": ""}
    assert f"2 new topics in {ALL} unanswered questions." in " ".join(ended.stderr.split())
    found = kept(desk)
    assert {frozenset(texts_of(desk, one["messages"])) for one in found["topics"]} == {
        frozenset(SINGING),
        frozenset(SPORT),
    }
    assert found["release"] == verify((desk / "champion").resolve())
    assert found["at"]


def test_a_refused_night_looks_too_and_stays_refused(desk: Path, night: Any) -> None:
    ask(desk, *SINGING[:3])
    write_examples(desk / "examples.csv", poisoned())
    ended = night()
    assert ended.exit_code == REFUSED
    told = json.loads(ended.stdout)
    assert (told["outcome"], told["topics"]["looked_at"]) == ("refused", 3)
    assert "only 3 different requests" in told["topics"]["note"]


@pytest.mark.parametrize("way", ["dry run", "command line", "desk.toml", "environment", "no log"])
def test_nothing_is_looked_for_where_nobody_wants_it(
    desk: Path, night: Any, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way != "no log":
        ask(desk, *SINGING)
    if way == "desk.toml":
        (desk / "desk.toml").write_text("[learning]\ntopics = false\n")
    if way == "environment":
        monkeypatch.setenv("FRONTDESK_LEARNING_TOPICS", "false")
    more = {"dry run": ["--dry-run"], "command line": ["--no-topics"]}.get(way, [])
    ended = night(*more)
    assert ended.exit_code == 0, ended.stderr
    assert json.loads(ended.stdout)["topics"] is None
    assert not (desk / TOPICS).exists()
    assert "topics" not in ended.stderr


def test_the_command_line_wins_over_the_desk(desk: Path, night: Any) -> None:
    ask(desk, *SINGING[:3])
    (desk / "desk.toml").write_text("[learning]\ntopics = false\n")
    assert json.loads(night("--topics").stdout)["topics"]["looked_at"] == 3


def test_a_look_that_fails_is_told_and_changes_nothing_of_the_night(desk: Path, night: Any) -> None:
    ask(desk, *SINGING)
    (desk / TOPICS).mkdir()  # so that nothing can be kept
    ended = night()
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["outcome"] == "unchanged"
    assert "directory" in told["topics"]["failed"].lower()
    assert "New topics could not be looked for" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_a_night_that_failed_looks_for_nothing(desk: Path, night: Any) -> None:
    ask(desk, *SINGING)
    assert night("--minutes", "0.0001").exit_code == ERROR
    assert not (desk / TOPICS).exists()


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (Bounds(minutes=0.0001, work="looking"), "looking took longer than 0.0001"),
        (Bounds(memory=60, work="looking"), "looking needed more than 60 MB"),
    ],
)
def test_a_look_beyond_its_bounds_leaves_what_was_found_before(
    desk: Path, tiny_encoder: Path, bounds: Bounds, why: str
) -> None:
    ask(desk, *SINGING, *SPORT)
    job = Job(str(desk), str(tiny_encoder), hub=False)
    assert look_apart(job, Bounds()).found == 2
    before = kept(desk)
    ended = look_apart(job, bounds)
    assert why in ended.failed
    after = kept(desk)
    assert after.pop("failed")["why"] == ended.failed
    assert after == before
    assert look_apart(job, Bounds()).failed == ""
    assert "failed" not in kept(desk)


def test_a_look_whose_log_is_damaged_says_so(desk: Path, tiny_encoder: Path) -> None:
    ask(desk, *SINGING)
    (desk / "desk.db").write_bytes(b"no database" * 1000)
    ended = look_apart(Job(str(desk), str(tiny_encoder), hub=False), Bounds())
    assert "cannot be used as the event log" in ended.failed
    assert kept(desk)["failed"]["why"] == ended.failed


def test_where_too_little_was_asked_nothing_is_loaded(desk: Path) -> None:
    ask(desk, *SINGING[:3])
    heavy = ("torch", "transformers", "sklearn", "faiss")
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from finetune.mining.looking import look; from finetune.progress import Nobody\n"
        f"look(Path({str(desk)!r}), 'none', hub=False, clock=lambda: datetime.now(UTC), watch=Nobody())\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert kept(desk)["looked_at"] == 3
