"""
Replay: `frontdesk releases diff` over a log of 100,000 different questions, as a process of its own.

The questions are made up: the first half of the words of one dataset's message and the second half of another's, so that
lengths stay as they are and no two are alike. The log is written by `frontdesk import table`, the Releases by
`frontdesk train --fast` on the demo shop: twice with the same encoder, and once with one whose weights were moved a little,
so that both have to read.

    make bench-diff DATASETS=DIR                      about half an hour of processor time, with the training
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from resource import struct_rusage

from benchmarks.parts import Bound, Given, Result, Step
from benchmarks.served import DEMO
from conversations.text import normalised

QUESTIONS = 100_000
SMALL = 500  # questions of a small run
MOVED = 1e-3  # standard deviation of what is added to the other encoder's weights
LOOK = 0.2  # seconds between two looks at its memory
LIMIT = 600  # seconds that a replay may take


@dataclass(frozen=True, slots=True)
class Row:
    """One replay: seconds by the clock and of processor time, and how many questions got another answer."""

    name: str
    questions: int
    seconds: float
    cpu_seconds: float
    per_second: float
    peak_mb: float
    changed: int


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    rows = replays(options.datasets, options.questions)
    print(f"\n{table(rows)}")
    kept = all(r.seconds <= LIMIT for r in rows)
    print(json.dumps({"rows": [asdict(r) for r in rows], "load": _load(), "within_limit": kept}))


def steps(given: Given) -> Iterator[Step]:
    """Return the one step."""
    questions = SMALL if given.small else QUESTIONS
    run = partial(_replayed, given.datasets, questions)
    yield Step("diff", "Replaying a log", run, {"questions": questions})


def _replayed(datasets: Path, questions: int) -> Result:
    rows = replays(datasets, questions)
    verdicts = [
        Bound(f"{r.questions:,} questions, {r.name}", f"at most {LIMIT} s", f"{r.seconds:.0f} s", r.seconds <= LIMIT)
        for r in rows
    ]  # fmt: skip
    return Result("Replaying a log", table(rows), (), verdicts, [asdict(r) for r in rows])


def replays(datasets: Path, questions: int) -> list[Row]:
    """Replay a log of so many questions through two pairs of Releases."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as scratch:
        desk = _desk(Path(scratch), datasets, questions)
        names = [
            _release(desk, risk="0.05"),
            _release(desk, risk="0.02"),
            _release(desk, risk="0.05", encoder=_moved(Path(scratch) / "encoder")),
        ]
        return [
            _replay("one encoder, read once", desk, names[0], names[1]),
            _replay("two encoders", desk, names[0], names[2]),
        ]


def made_up(datasets: Path, count: int) -> Iterator[str]:
    """Yield so many texts that all differ, of the lengths that the datasets' have."""
    rng = Random(0)  # noqa: S311 - the same questions every time
    texts = [
        row["text"].split()
        for file in sorted(datasets.rglob("*.csv"))
        for row in csv.DictReader(file.open(encoding="utf-8"))
    ]
    seen: set[str] = set()
    while len(seen) < count:
        one, other = rng.choice(texts), rng.choice(texts)
        text = " ".join([*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]])
        key = normalised(text)
        if key and key not in seen:
            seen.add(key)
            yield text


def _desk(scratch: Path, datasets: Path, count: int) -> Path:
    """Return a demo desk whose log holds the questions, one conversation each."""
    desk, table = scratch / "desk", scratch / "asked.csv"
    shutil.copytree(DEMO, desk)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["conversation", "at", "from", "text"])
        for number, text in enumerate(made_up(datasets, count)):
            writer.writerow([f"c{number}", "2026-03-01T09:00:00+00:00", "customer", text])
    _frontdesk("import", "table", str(table), "--desk", str(desk))
    return desk


def _moved(folder: Path) -> Path:
    """Write the English encoder with weights that were moved a little."""
    import torch  # only where something is trained

    from retrieval.encoder import Encoder
    from retrieval.pretrained import locate

    encoder = Encoder.load(locate("english"))
    torch.manual_seed(0)
    with torch.no_grad():
        for weights in encoder.network.parameters():
            weights.add_(MOVED * torch.randn_like(weights))
    encoder.save(folder)
    return folder


def _release(desk: Path, *, risk: str, encoder: Path | None = None) -> str:
    """Train a Release of the desk's examples onto its shelf and return its name."""
    folder = desk / "releases" / "fresh"
    words = ["train", str(desk / "examples.csv"), "--templates", str(desk / "templates.jsonl")]
    words += ["--release", str(folder), "--fast", "--risk", risk, "--json"]
    told = _frontdesk(*words, *(["--encoder", str(encoder)] if encoder else []))
    name = str(json.loads(told)["release"])
    folder.rename(desk / "releases" / name)
    return name


def _replay(name: str, desk: Path, before: str, after: str) -> Row:
    words = ("releases", "diff", before, after, "--desk", str(desk), "--json")
    with tempfile.TemporaryFile() as told:
        begun = time.perf_counter()
        process = subprocess.Popen((sys.executable, "-m", "bot.cli", *words), stdout=told)
        status, used, peak = _waited(process.pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        assert process.returncode == 0
        told.seek(0)
        found = json.load(told)
    asked, cpu = found["asked"], used.ru_utime + used.ru_stime
    row = Row(name, asked, seconds, cpu, asked / seconds, peak, asked - found["same"])
    print(row, file=sys.stderr, flush=True)  # the next one may take an hour
    return row


def _waited(pid: int) -> tuple[int, struct_rusage, float]:
    """
    Wait for the process; return its status, its own processor time, and the MB that it occupied at most.

    The system's own peak would count this process, too, whose memory the other shares for a moment when it begins.
    """
    peak = 0
    while True:
        with suppress(OSError, StopIteration):  # it has just ended
            lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, used, peak / 1024
        time.sleep(LOOK)


def _frontdesk(*words: str) -> str:
    """Run the command and return what it says on stdout; its progress is ours."""
    command = (sys.executable, "-m", "bot.cli", *words)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def table(rows: Sequence[Row]) -> str:
    """Return the replays as a table in Markdown, under how busy the machine was."""
    lines = [
        f"load average of the last five minutes: {_load():.1f} on {os.cpu_count()} cores\n",
        "| replay | questions | seconds | CPU seconds | questions/s | peak MB | changed |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.questions:,} | {r.seconds:.0f} | {r.cpu_seconds:.0f} "
        f"| {r.per_second:.0f} | {r.peak_mb:.0f} | {r.changed:,} |"
        for r in rows
    ]
    return "\n".join(lines)


def _load() -> float:
    return os.getloadavg()[1]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="replaying a log through two Releases")
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
