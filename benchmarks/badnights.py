"""
Twelve bad nights at a small desk, each through `frontdesk retrain` as a process: refused, ended in one sentence, or harmless.

Harmless: the champion is the same, or the one that was promoted is no worse on questions that no night has seen, than the old one or
than what the same night comes to without the fault: twenty true labels move a question or two of 133 by chance.

    python -m benchmarks.learning --datasets DIR --report DIR --only badnights
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

from benchmarks.disks import NoDisk, fill, small_disk
from benchmarks.parts import Bound, Given, Result, Step
from benchmarks.smalldesk import (
    RETRAIN,
    Ended,
    Texts,
    asked,
    harmless,
    make_small_desk,
    retrained,
    right,
    state,
    written,
)
from conversations.events import Thumb
from finetune.evaluation import Outcome as Answered
from finetune.examples import Example, read_examples, write_examples
from finetune.progress import People
from retrieval.pretrained import ENCODERS, WEIGHTS

DISK = 400  # MB: room for a desk with two Releases of 90
LEFT = (0, 60_000, 8_000_000)  # bytes that are free on the full disk
YEARS = 30  # that the clock jumps
SHOWN = 240  # characters of a reason, in the table; the gate names every intent that fell


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a night happens: a trained desk of its own and a scratch folder beside it."""

    desk: Path
    scratch: Path
    texts: Texts

    def rewrite(self, changed: Callable[[Example], Example | None]) -> None:
        """Write the examples anew, each changed or (None) left out."""
        file = self.desk / "examples.csv"
        rows = [changed(e) for e in read_examples(file)]
        write_examples(file, [e for e in rows if e is not None])


@dataclass(frozen=True, slots=True)
class Row:
    """How a night came out: kept questions understood before and after it, of how many, and (-1: not asked) without the fault."""

    name: str
    ended: str
    champion: str
    before: int
    after: int
    kept: int
    harmless: bool
    without: int = -1


Night = Callable[[Scene], Ended]


def steps(given: Given) -> Iterator[Step]:
    """Return the one step."""
    chosen = {name: NIGHTS[name] for name in QUICK} if given.small else NIGHTS
    run = partial(bad_nights, chosen)
    yield Step("badnights", "Bad nights", run, {"nights": list(chosen)})


def bad_nights(nights: Mapping[str, Night]) -> Result:
    """Live through the nights, each at a copy of one trained desk."""
    texts, watch, rows = Texts.of(), People(), []
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        desk = make_small_desk(Path(folder) / "first", texts)
        before = asked(desk, texts.kept)
        for name, night in nights.items():
            rows.append(_lived_through(name, night, desk, before, texts))
            watch.say(f"  {name}: {rows[-1].ended}; the champion is {rows[-1].champion}")
    fine = sum(row.harmless for row in rows)
    same = sum(row.champion == "the same" for row in rows)
    measured = f"{fine} of {len(rows)}; the same champion after {same}"
    bound = Bound("refused or harmless", f"{len(nights)} of {len(nights)}", measured, fine == len(rows))  # fmt: skip
    return Result("Bad nights", table(rows), (), [bound], [asdict(row) for row in rows])


def table(rows: Sequence[Row]) -> str:
    """Return the nights as a table in Markdown."""
    lines = ["| night | how it ended | champion | kept questions understood, before / after | |", "|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {row.name} | {shortened(row.ended)} | {row.champion} | {_understood(row)} "
        f"| {'harmless' if row.harmless else '**harm**'} |"
        for row in rows
    ]
    return "\n".join(lines)


def shortened(words: str) -> str:
    """Return words that fit into a cell of a table."""
    plain = words.replace("|", "/")
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}..."


def _understood(row: Row) -> str:
    without = f", {row.without} without the fault" if row.without >= 0 else ""
    return f"{row.before} / {row.after} of {row.kept}{without}"


def _lived_through(
    name: str, night: Night, first: Path, before: Sequence[Answered], texts: Texts
) -> Row:
    try:
        ended, champion, after = _morning_after(night, first, texts)
    except NoDisk as none:
        return Row(name, f"not run: {none}", "the same", right(before), 0, len(before), False)
    same, without = champion == state(first)[0], -1
    good = same or harmless(before, after)
    if not good and name in WITHOUT:
        _, _, honest = _morning_after(WITHOUT[name], first, texts)
        without, good = right(honest), harmless(honest, after)
    how = f"{ended.outcome} (exit {ended.code}): {ended.why}"
    who = "the same" if same else "a new one"
    counts = (right(before), right(after), len(before))
    return Row(name, how, who, *counts, good and not ended.crashed, without)


def _morning_after(night: Night, first: Path, texts: Texts) -> tuple[Ended, str, list[Answered]]:
    """Live through a night at a copy of the desk; return how it ended, who serves, and what that one makes of the kept questions."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as scratch:
        desk = Path(shutil.copytree(first, Path(scratch) / "desk", symlinks=True))
        ended = night(Scene(desk, Path(scratch), texts))
        told = replace(ended, why=ended.why.replace(scratch, ""))
        return told, state(desk)[0], asked(desk, texts.kept)


# What is taught


def _one_intent_flipped(scene: Scene) -> Ended:
    one, other = scene.texts.intents[:2]
    turn = cycle((other, other, other, one))  # three of four
    scene.rewrite(lambda e: replace(e, intent=next(turn)) if e.intent == one else e)
    return retrained(scene.desk)


def _all_flipped(scene: Scene) -> Ended:
    names = scene.texts.intents
    following = dict(zip(names, names[1:] + names[:1], strict=True))
    scene.rewrite(lambda e: replace(e, intent=following.get(e.intent, "")))
    return retrained(scene.desk)


def _class_dropped(scene: Scene) -> Ended:
    gone = scene.texts.intents[0]
    scene.rewrite(lambda e: None if e.intent == gone else e)
    for name in ("heldout.csv", "templates.jsonl"):
        file = scene.desk / name
        rows = file.read_text(encoding="utf-8").split("\n")
        mark = f'"intent": "{gone}"' if name.endswith("jsonl") else f",{gone}"
        file.write_text("\n".join(row for row in rows if mark not in row), encoding="utf-8")
    return retrained(scene.desk)


def _log_cut_short(scene: Scene) -> Ended:
    with written(scene.desk) as log:
        for example in scene.texts.messages:
            log.labelled([example.text] * 5, example.intent)
    file = scene.desk / "desk.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return retrained(scene.desk)


def _events_duplicated(scene: Scene) -> Ended:
    with written(scene.desk) as log:
        for example in scene.texts.messages[:24]:
            log.labelled([example.text] * 20, example.intent)
    return retrained(scene.desk)


def _events_once(scene: Scene) -> Ended:
    with written(scene.desk) as log:
        for example in scene.texts.messages[:24]:
            log.labelled([example.text], example.intent)
    return retrained(scene.desk)


def _another_language(scene: Scene) -> Ended:
    with written(scene.desk) as log:
        for example in scene.texts.foreign:
            log.labelled([example.text], example.intent)
    return retrained(scene.desk)


def _one_visitor_floods(scene: Scene) -> Ended:
    """A thousand thumbs up for wrong answers."""
    wrong = cycle(scene.texts.intents)
    with written(scene.desk) as log:
        for number, message in zip(range(1_000), cycle(scene.texts.messages), strict=False):
            said = log.hear(f"{message.text} {number}", address="mallory", network="mallory")
            log.reply(said, next(wrong))
            log.rate(said, Thumb.UP)
    return retrained(scene.desk)


# Where it runs


def _disk_full(scene: Scene) -> Ended:
    _news(scene.desk, scene.texts)
    with small_disk(scene.scratch / "disk", DISK) as disk:
        desk = Path(shutil.copytree(scene.desk, disk / "desk", symlinks=True))
        before, ends = state(desk), []
        for left in LEFT:
            fill(disk, leaving=left)
            ends.append(retrained(desk))
            if state(desk) != before:
                raise RuntimeError(f"with {left:,} bytes free the desk is not what it was")
        return ends[-1]


def _killed_midway(scene: Scene) -> Ended:
    _news(scene.desk, scene.texts)
    before = state(scene.desk)[0]
    process = subprocess.Popen((*RETRAIN, str(scene.desk)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    assert process.stderr is not None
    while b"questions for the gate" not in (line := process.stderr.readline()) and line:
        pass
    process.kill()
    process.communicate()
    if state(scene.desk)[0] != before:
        raise RuntimeError("a killed run changed the champion")
    return retrained(scene.desk)


def _not_killed(scene: Scene) -> Ended:
    _news(scene.desk, scene.texts)
    return retrained(scene.desk)


def _memory_limit(scene: Scene) -> Ended:
    _news(scene.desk, scene.texts)
    return retrained(scene.desk, "--memory", "150")


def _clock_jumped(scene: Scene) -> Ended:
    """What was said stands in the log as of thirty years ahead: the clock has been set back since."""
    _news(scene.desk, scene.texts, datetime.now(UTC) + timedelta(days=365 * YEARS))
    retrained(scene.desk)
    _news(scene.desk, scene.texts, datetime.now(UTC) - timedelta(days=365 * YEARS), 20)
    return retrained(scene.desk)


def _clock_right(scene: Scene) -> Ended:
    _news(scene.desk, scene.texts)
    retrained(scene.desk)
    _news(scene.desk, scene.texts, start=20)
    return retrained(scene.desk)


def _corrupt_base_model(scene: Scene) -> Ended:
    """The encoder's package with its last bit turned stands before the real one."""
    english = ENCODERS["english"]
    spec = importlib.util.find_spec(english.package)
    assert spec is not None
    assert spec.submodule_search_locations
    package = scene.scratch / "packages" / english.package
    shutil.copytree(Path(next(iter(spec.submodule_search_locations))), package)
    weights = package / english.held / WEIGHTS
    with weights.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        last = stream.read(1)[0]
        stream.seek(-1, os.SEEK_END)
        stream.write(bytes([last ^ 1]))
    paths = (str(package.parent), os.environ.get("PYTHONPATH", ""))
    _news(scene.desk, scene.texts)
    return retrained(scene.desk, env={"PYTHONPATH": os.pathsep.join(filter(None, paths))})


def _news(desk: Path, texts: Texts, at: datetime | None = None, start: int = 0) -> None:
    """Let an operator label something, rightly, so that there is something to learn."""
    with written(desk, at) as log:
        for example in texts.messages[start : start + 20]:
            log.labelled([example.text], example.intent)


NIGHTS: Mapping[str, Night] = {
    "labels of one intent flipped": _one_intent_flipped,
    "all labels flipped": _all_flipped,
    "a class dropped": _class_dropped,
    "the log cut short": _log_cut_short,
    "duplicated events": _events_duplicated,
    "another language": _another_language,
    "one visitor flooding": _one_visitor_floods,
    "disk full": _disk_full,
    "killed midway": _killed_midway,
    "memory limit": _memory_limit,
    "clock jumped": _clock_jumped,
    "a corrupt base model": _corrupt_base_model,
}
# The same nights without their fault, where they bring news.
WITHOUT: Mapping[str, Night] = {
    "duplicated events": _events_once,
    "killed midway": _not_killed,
    "clock jumped": _clock_right,
}
# Those that a small run has: they take little, and show a refusal, an error and a broken package.
QUICK = ("labels of one intent flipped", "the log cut short", "memory limit", "a corrupt base model")  # fmt: skip
