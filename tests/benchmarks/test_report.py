"""A long benchmark keeps what it has, says what was missed, and goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.parts import Bound, Result, Step, finished, held, kept, write_report
from finetune.progress import Nobody

HELD = Bound("lost", "at most 1", "0.5", held=True)
MISSED = Bound("gained", "at least 1", "0.5", held=False)


def step(calls: list[str], result: Result, **settings: int) -> Step:
    def run() -> Result:
        calls.append("ran")
        return result

    return Step("part", "A part", run, settings)


def broken() -> Result:
    raise SystemExit("the server ended at its start")


def test_what_is_finished_is_not_run_again_unless_asked_for(tmp_path: Path) -> None:
    calls: list[str] = []
    result = Result("A part", "| a |", ["a.png"], [HELD, MISSED], {"nights": [1]})
    found = finished(step(calls, result, nights=3), tmp_path, Nobody(), again=False)
    assert found == replace(result, day=found.day)
    assert date.fromisoformat(found.day) <= datetime.now(UTC).date()
    for again in (False, True):
        assert finished(step(calls, result, nights=3), tmp_path, Nobody(), again=again) == found
    assert calls == ["ran", "ran"]
    assert kept(step(calls, result, nights=3), tmp_path) == found
    assert kept(step(calls, result, nights=4), tmp_path) is None
    finished(step(calls, result, nights=4), tmp_path, Nobody(), again=False)
    assert calls == ["ran", "ran", "ran"]


def test_a_part_that_fails_is_said_and_tried_again(tmp_path: Path) -> None:
    failing = Step("part", "A part", broken)
    found = finished(failing, tmp_path, Nobody(), again=False)
    assert found.failed == "SystemExit: the server ended at its start"
    assert not held([found])
    calls: list[str] = []
    finished(step(calls, Result("A part")), tmp_path, Nobody(), again=False)
    assert calls == ["ran"]


def test_the_report_has_every_table_picture_and_verdict(tmp_path: Path) -> None:
    results = [
        Result("One", "| night |", ["one.png"], [HELD], day="2026-11-28"),
        Result("Two", "| seed |", [], [MISSED], 7),
        Result("Three", failed="ValueError: a | b"),
    ]
    write_report("Nights", "Made so.", results, tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    for piece in (
        "| One | lost | at most 1 | 0.5 | held |",
        "| Two | gained | at least 1 | 0.5 | **missed** |",
        "| Three | | | ValueError: a / b | **failed** |",
        "## One\n\nMeasured on 2026-11-28.\n\n| night |\n\n![One](one.png)",
        "## Three\n\nIt failed: ValueError",
    ):
        assert piece in text
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [one["figures"] for one in told] == [None, 7, None]
    check: Callable[[list[Result]], bool] = held
    assert [check(results[:n]) for n in (1, 2)] == [True, False]
