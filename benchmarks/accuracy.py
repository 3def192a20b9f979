"""
Accuracy on public data, through the command line that users have.

Every row trains a Release with `frontdesk train` in a process of its own and measures it with `frontdesk evaluate` on
the set's fixed test split; time and peak memory are that process's own. Nothing is chosen by a test split. Time is wall
clock on whatever else the machine does; the table says how many processors there are.

    make bench-accuracy DATASETS=DIR            all rows, about forty minutes on two cores
    python -m benchmarks.accuracy --datasets DIR --only banking77-10
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MEGA = 2**20


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `goal`: what the accuracy must reach, percent; `minutes`: within how long."""

    name: str
    train: str
    test: str
    fast: bool = False
    goal: float = 0.0
    minutes: float = 0.0


ROWS = (
    Row("banking77-10-fast", "banking77/train_10.csv", "banking77/test.csv", True, 86.0, 1.0),
    Row("banking77-10", "banking77/train_10.csv", "banking77/test.csv", goal=86.0, minutes=3.0),
    Row("banking77-5", "banking77/train_5.csv", "banking77/test.csv"),
    Row("clinc150-5", "clinc150/train_5.csv", "clinc150/test.csv"),
    Row("clinc150-10", "clinc150/train_10.csv", "clinc150/test.csv"),
    Row("banking77_oos", "banking77_oos/train.csv", "banking77_oos/test.csv"),
    Row("banking77-full-fast", "banking77/train.csv", "banking77/test.csv", True),
    Row("banking77-full", "banking77/train.csv", "banking77/test.csv", goal=93.3, minutes=15.0),
    Row("clinc150-full", "clinc150/train.csv", "clinc150/test.csv"),
)


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    seed: int
    regime: str
    accuracy: float  # percent of the in-scope test questions
    coverage: float  # percent answered
    risk: float  # percent of the answers that were wrong
    auroc: float | None
    calibration_error: float
    seconds: float
    peak_mb: float
    release: str


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    results = list(_run(options.datasets, options.only, options.seeds))
    print(table(results))
    print(
        json.dumps(
            {"bench": "accuracy", "cores": os.cpu_count(), "rows": list(map(asdict, results))}
        )
    )


def table(results: Sequence[Result]) -> str:
    """Return the Markdown table."""
    lines = [
        "| set | seed | regime | accuracy | answered | of these wrong | AUROC | ECE | seconds | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        auroc = "" if r.auroc is None else f"{r.auroc:.3f}"
        lines.append(
            f"| {r.name} | {r.seed} | {r.regime} | {r.accuracy:.2f} | {r.coverage:.1f} | {r.risk:.1f} "
            f"| {auroc} | {r.calibration_error:.3f} | {r.seconds:.0f} | {r.peak_mb:.0f} |"
        )
    return "\n".join(lines)


def _run(datasets: Path, only: Sequence[str], seeds: Sequence[int]) -> Iterator[Result]:
    for row in ROWS:
        if only and row.name not in only:
            continue
        if not (datasets / row.train).is_file():
            raise SystemExit(f"there is no {datasets / row.train}: name the folder with --datasets")
        for seed in seeds:
            result = measure(row, datasets, seed)
            print(f"{table([result]).splitlines()[-1]}", file=sys.stderr, flush=True)
            yield result


def measure(row: Row, datasets: Path, seed: int) -> Result:
    """Train and evaluate one row."""
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder) / "release"
        begun = time.monotonic()
        peak = _command(
            "train",
            str(datasets / row.train),
            "--release",
            str(release),
            "--seed",
            str(seed),
            *_fast(row),
        )[1]
        seconds = time.monotonic() - begun
        measured, _ = _command(
            "evaluate", str(datasets / row.test), "--release", str(release), "--json"
        )
        report = json.loads((release / "report.json").read_text(encoding="utf-8"))
    figures: dict[str, Any] = json.loads(measured)
    return Result(
        name=row.name,
        seed=seed,
        regime=report["regime"],
        accuracy=100 * figures["accuracy"],
        coverage=100 * figures["coverage"],
        risk=100 * figures["risk"],
        auroc=figures["auroc"],
        calibration_error=figures["calibration_error"],
        seconds=seconds,
        peak_mb=peak,
        release=figures["release"],
    )


def _fast(row: Row) -> tuple[str, ...]:
    return ("--fast",) if row.fast else ()


def _command(*arguments: str) -> tuple[str, float]:
    """Run `frontdesk` and return its standard output and its peak memory in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    output, errors = _drained(process)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"frontdesk {arguments[0]} failed:\n{errors}")
    return output, usage.ru_maxrss * 1024 / MEGA


def _drained(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Read both pipes to their ends without waiting for the process, so that its usage is still there."""
    assert process.stdout
    assert process.stderr
    output = process.stdout.read()  # the commands write little to stderr, far below a pipe's 64 KiB
    return output, process.stderr.read()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="accuracy on public data")
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=(), choices=[row.name for row in ROWS])
    parser.add_argument("--seeds", nargs="*", type=int, default=(0,))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
