"""
Accuracy on public data, through the command line that users have.

Every row trains a Release with `frontdesk train` in a process of its own and measures it with `frontdesk evaluate` on
the set's fixed test split; time and peak memory are that process's own. Nothing is chosen by a test split. Time is wall
clock on whatever else the machine does; the table says how many processors there are.

    make bench-accuracy DATASETS=DIR            all rows with three seeds, about six hours on two cores
    python -m benchmarks.accuracy --datasets DIR --only banking77-10 --seeds 0

With `--results FILE` every run is kept there as a JSON line, and a run that stands there already is not repeated: a table
of hours survives an interruption. A file belongs to one state of the code.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
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
    """
    One line of the table. `options` go to `frontdesk train`; a file of the datasets begins with `@`.

    Where it is `named`, the intents of `train` are given by their names alone, without any example.
    """

    name: str
    train: str
    test: str
    options: tuple[str, ...] = ()
    named: bool = False


B, C, O = "banking77", "clinc150", "banking77_oos"  # noqa: E741 - as short as the table's columns
ROWS = (
    Row("banking77-0", f"{B}/train.csv", f"{B}/test.csv", named=True),
    Row("clinc150-0", f"{C}/train.csv", f"{C}/test.csv", named=True),
    Row("banking77-0-unlabelled", f"{B}/train.csv", f"{B}/test.csv", ("--unlabelled", f"@{B}/train.csv"), named=True),
    Row("clinc150-0-unlabelled", f"{C}/train.csv", f"{C}/test.csv", ("--unlabelled", f"@{C}/train.csv"), named=True),
    Row("banking77-5-fast", f"{B}/train_5.csv", f"{B}/test.csv", ("--fast",)),
    Row("banking77-10-fast", f"{B}/train_10.csv", f"{B}/test.csv", ("--fast",)),
    Row("banking77-5", f"{B}/train_5.csv", f"{B}/test.csv"),
    Row("banking77-10", f"{B}/train_10.csv", f"{B}/test.csv"),
    Row("banking77-10-lora", f"{B}/train_10.csv", f"{B}/test.csv", ("--lora", "16")),
    Row("clinc150-5", f"{C}/train_5.csv", f"{C}/test.csv"),
    Row("clinc150-10", f"{C}/train_10.csv", f"{C}/test.csv"),
    Row("banking77-5-unlabelled", f"{B}/train_5.csv", f"{B}/test.csv", ("--unlabelled", f"@{B}/train.csv")),
    Row("banking77-10-unlabelled", f"{B}/train_10.csv", f"{B}/test.csv", ("--unlabelled", f"@{B}/train.csv")),
    Row("clinc150-5-unlabelled", f"{C}/train_5.csv", f"{C}/test.csv", ("--unlabelled", f"@{C}/train.csv")),
    Row("clinc150-10-unlabelled", f"{C}/train_10.csv", f"{C}/test.csv", ("--unlabelled", f"@{C}/train.csv")),
    Row("banking77_oos", f"{O}/train.csv", f"{O}/test.csv"),
    Row("banking77-full", f"{B}/train.csv", f"{B}/test.csv"),
    Row("clinc150-full", f"{C}/train.csv", f"{C}/test.csv"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    seed: int
    regime: str
    accuracy: float  # percent of the in-scope test questions
    coverage: float  # percent answered
    risk: float  # percent of the answers that were wrong
    auroc: float | None
    kept: (
        float | None
    )  # percent of the in-scope questions right and kept while 80 % of the others are caught
    calibration_error: float
    seconds: float
    peak_mb: float
    release: str


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    results = list(_run(options))
    print(table(results))
    rows = list(map(asdict, results))
    print(json.dumps({"bench": "accuracy", "cores": os.cpu_count(), "rows": rows}))


def table(results: Sequence[Result]) -> str:
    """Return the Markdown table: a line a row, means over its seeds."""
    lines = [
        "| set | seeds | regime | accuracy | answered | of these wrong | AUROC | kept at 80 % caught | ECE | seconds | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(r.name for r in results):
        lines.append(_line([r for r in results if r.name == name]))
    return "\n".join(lines)


def _line(runs: Sequence[Result]) -> str:
    def mean(field: str, digits: int) -> str:
        values = [getattr(run, field) for run in runs]
        return "" if None in values else f"{statistics.fmean(values):.{digits}f}"

    regimes = " / ".join(dict.fromkeys(run.regime for run in runs))
    spread = statistics.stdev(run.accuracy for run in runs) if len(runs) > 1 else 0.0
    accuracy = f"{mean('accuracy', 2)}{f' ± {spread:.2f}' if len(runs) > 1 else ''}"
    return (
        f"| {runs[0].name} | {len(runs)} | {regimes} | {accuracy} | {mean('coverage', 1)} | {mean('risk', 1)} "
        f"| {mean('auroc', 3)} | {mean('kept', 1)} | {mean('calibration_error', 3)} | {mean('seconds', 0)} "
        f"| {mean('peak_mb', 0)} |"
    )


def _run(options: argparse.Namespace) -> Iterator[Result]:
    kept = _kept(options.results)
    for row in ROWS:
        if options.only and row.name not in options.only:
            continue
        if not (options.datasets / row.train).is_file():
            raise SystemExit(
                f"there is no {options.datasets / row.train}: name the folder with --datasets"
            )
        for seed in options.seeds:
            result = kept.get((row.name, seed)) or measure(row, options.datasets, seed)
            print(_line([result]), file=sys.stderr, flush=True)
            if options.results and (row.name, seed) not in kept:
                with options.results.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(result)) + "\n")
            yield result


def _kept(file: Path | None) -> dict[tuple[str, int], Result]:
    if file is None or not file.is_file():
        return {}
    results = [Result(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    return {(result.name, result.seed): result for result in results}


def measure(row: Row, datasets: Path, seed: int) -> Result:
    """Train and evaluate one row."""
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder) / "release"
        begun = time.monotonic()
        peak = _command(
            "train",
            *_taught(row, datasets, Path(folder)),
            "--release",
            str(release),
            "--seed",
            str(seed),
            *(str(datasets / o[1:]) if o.startswith("@") else o for o in row.options),
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
        kept=None if figures["kept"] is None else 100 * figures["kept"],
        calibration_error=figures["calibration_error"],
        seconds=seconds,
        peak_mb=peak,
        release=figures["release"],
    )


def _taught(row: Row, datasets: Path, folder: Path) -> list[str]:
    """Return the arguments that say what to learn from."""
    if not row.named:
        return [str(datasets / row.train)]
    named = folder / "intents.csv"
    with (datasets / row.train).open(encoding="utf-8", newline="") as labelled:
        intents = sorted({line["intent"] for line in csv.DictReader(labelled)} - {""})
    with named.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("intent", "description"), *((i, "") for i in intents)])
    return ["--intents", str(named)]


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
    parser.add_argument("--seeds", nargs="*", type=int, default=(0, 1, 2))
    parser.add_argument(
        "--results", type=Path, help="JSON lines to go on from, and to keep each run in"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
