"""What people are told while they wait."""

from __future__ import annotations

import io

from rich.console import Console

from finetune.progress import Nobody, People


def told(*, terminal: bool) -> str:
    out = io.StringIO()
    people = People(Console(file=out, force_terminal=terminal, width=100))
    with people.stage("reading 3 texts") as advance:
        for done in range(1, 4):
            advance(done, 3)
    people.say("Release [/abc] :cat: is ready.")
    return out.getvalue()


def test_a_log_gets_a_line_a_stage_and_no_bar() -> None:
    first, last = told(terminal=False).splitlines()
    assert first.startswith("  reading 3 texts: done in 0.")
    assert last == "Release [/abc] :cat: is ready."


def test_a_terminal_gets_a_bar() -> None:
    assert "3/3" in told(terminal=True)


def test_nobody_hears_nothing() -> None:
    with Nobody().stage("reading") as advance:
        advance(1, 2)
    Nobody().say("anything")
