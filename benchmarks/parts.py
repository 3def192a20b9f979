"""
The parts of a long benchmark: each comes to tables, pictures and verdicts, which are kept in a folder as soon as they are there.

A run that was cut off goes on where it was: a step whose result is kept, and that was made with the same settings, is not run again.
A step that fails says so in the report, and the others go on.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.examples import Example
from finetune.progress import Watch
from retrieval.prediction import OUT_OF_SCOPE

KEPT = "kept"  # the folder of finished steps, within the report's
INTENTS = 8  # of a set, in a small run
STRANGERS = 30  # texts out of scope, in a small run


@dataclass(frozen=True, slots=True)
class Given:
    """What a run was asked for; `small` is for trying it out, its figures say nothing about the product."""

    datasets: Path
    report: Path
    sets: tuple[str, ...]
    nights: int
    seed: int
    seeds: tuple[int, ...]  # of the attacks
    fast: bool
    small: bool

    def narrowed(self, examples: Sequence[Example]) -> list[Example]:
        """Return a few intents' examples in a small run, else all."""
        if not self.small:
            return list(examples)
        names = sorted({e.intent for e in examples} - {OUT_OF_SCOPE})[:INTENTS]
        strangers = [e for e in examples if e.intent == OUT_OF_SCOPE][:STRANGERS]
        return [e for e in examples if e.intent in names] + strangers


@dataclass(frozen=True, slots=True)
class Bound:
    """Something that must hold, what was measured of it, and whether it held."""

    what: str
    bound: str
    measured: str
    held: bool


@dataclass(frozen=True, slots=True)
class Result:
    """
    What a step came to: Markdown, pictures in the report's folder by name, verdicts, figures for programs; or why it failed.

    `day` is when it was measured, since a report can be made over several days.
    """

    title: str
    text: str = ""
    pictures: Sequence[str] = ()
    bounds: Sequence[Bound] = ()
    figures: Any = None
    failed: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of the run that is kept by itself. `settings` is what it depends on: others of it are another step."""

    name: str
    title: str
    run: Callable[[], Result]
    settings: dict[str, Any] = field(default_factory=dict)


def finished(step: Step, folder: Path, watch: Watch, *, again: bool) -> Result:
    """Return what the step came to: kept from a run before, or from now."""
    if not again and (result := kept(step, folder)):
        watch.say(f"== {step.title}: kept from a run before")
        return result
    watch.say(f"== {step.title}")
    try:
        result = replace(step.run(), day=datetime.now(UTC).date().isoformat())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the other steps go on, and the report says it
        watch.say(traceback.format_exc())
        return Result(step.title, failed=f"{type(error).__name__}: {error}")
    file = _file(step, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = {"settings": step.settings, "result": asdict(result)}
    file.with_suffix(".new").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    file.with_suffix(".new").replace(file)
    return result


def write_report(title: str, made: str, results: Sequence[Result], folder: Path) -> None:
    """Write report.md with everything in it, the verdicts first, and results.json."""
    pieces = [f"# {title}\n\n{made}\n\n{verdicts(results)}"]
    pieces += [_section(result) for result in results]
    (folder / "report.md").write_text("\n\n".join(pieces) + "\n", encoding="utf-8")
    told = json.dumps([asdict(result) for result in results], indent=1)
    (folder / "results.json").write_text(told + "\n", encoding="utf-8")


def held(results: Sequence[Result]) -> bool:
    """Return whether nothing failed and every bound was held."""
    return not any(r.failed or any(not bound.held for bound in r.bounds) for r in results)


def verdicts(results: Sequence[Result]) -> str:
    """Return the verdicts as a table in Markdown, a line a bound."""
    rows = ["| part | what | bound | measured | |", "|---|---|---|---|---|"]
    for result in results:
        if result.failed:
            rows.append(f"| {result.title} | | | {_cell(result.failed)} | **failed** |")
        for one in result.bounds:
            verdict = "held" if one.held else "**missed**"
            rows.append(
                f"| {result.title} | {one.what} | {one.bound} | {_cell(one.measured)} | {verdict} |"
            )
    return "\n".join(rows)


def kept(step: Step, folder: Path) -> Result | None:
    """Return what the step came to in a run before with the same settings, if there was one."""
    try:
        whole = json.loads(_file(step, folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if whole["settings"] != json.loads(json.dumps(step.settings)):
        return None
    result = whole["result"]
    return Result(**{**result, "bounds": [Bound(**bound) for bound in result["bounds"]]})


def _file(step: Step, folder: Path) -> Path:
    return folder / KEPT / f"{step.name}.json"


def _section(result: Result) -> str:
    pictures = [f"![{result.title}]({name})" for name in result.pictures]
    failed = [f"It failed: {result.failed}"] if result.failed else []
    day = [f"Measured on {result.day}."] if result.day else []
    text = [result.text.strip()] if result.text.strip() else []
    return "\n\n".join([f"## {result.title}", *failed, *day, *text, *pictures])


def _cell(words: str) -> str:
    """Return words that stand in one cell of a table."""
    return " ".join(words.split()).replace("|", "/")[:300]
