"""
Whether a desk gets better every night, and never worse: `make bench-learning`.

Every part in turn: the simulated month, bad nights, good nights, hostile feedback, labels saved, mining, replaying a log, teaching.
The report's folder gets report.md with a verdict for each bound and every table, the pictures, and results.json. A step's result is kept there
as soon as it is known, so that a run that was cut off goes on where it was. Exit 1 where a bound is missed or a part
failed, after everything has been written. The last line of the output is JSON.

    python -m benchmarks.learning --datasets DIR --report DIR
    python -m benchmarks.learning --datasets DIR --report DIR --small                    some minutes, for trying it out
    python -m benchmarks.learning --datasets DIR --report DIR --only month --sets banking77 --nights 5 --fast
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    badnights,
    goodnights,
    labelless,
    mining,
    month_report,
    poison,
    replay,
    teach,
)
from benchmarks.parts import Given, Result, Step, finished, held, kept, verdicts, write_report
from finetune.progress import People

SETS = ("banking77", "clinc150")
NIGHTS, SMALL_NIGHTS = 30, 2
PARTS: Mapping[str, Callable[[Given], Iterable[Step]]] = {
    "month": month_report.steps,
    "badnights": badnights.steps,
    "goodnights": goodnights.steps,
    "poison": poison.steps,
    "labelless": labelless.steps,
    "mining": mining.steps,
    "diff": replay.steps,
    "teach": teach.steps,
}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    given = Given(
        datasets=options.datasets,
        report=options.report,
        sets=tuple(options.sets),
        nights=options.nights or (SMALL_NIGHTS if options.small else NIGHTS),
        seed=options.seed,
        seeds=tuple(options.seeds or ((0,) if options.small else (0, 1, 2))),
        fast=options.fast or options.small,
        small=options.small,
    )
    given.report.mkdir(parents=True, exist_ok=True)
    results = run(given, options.only, again=options.again)
    print(verdicts(results))
    bounds = {result.title: [asdict(bound) for bound in result.bounds] for result in results}
    print(json.dumps({"bench": "learning", "held": held(results), "bounds": bounds}))
    sys.exit(0 if held(results) else 1)


def run(given: Given, parts: Sequence[str], *, again: bool) -> list[Result]:
    """
    Run the parts and return what they came to, with what the folder has of the others; the report is written anew after each step.
    """
    results: list[Result] = []
    for part, steps in PARTS.items():
        for step in steps(given):
            if part in parts:
                results.append(finished(step, given.report, People(), again=again))
            elif before := kept(step, given.report):
                results.append(before)
            write_report("Better every night, never worse", _made(given), results, given.report)
    return results


def _made(given: Given) -> str:
    """Return in words how the report was made."""
    how = f"Sets: {', '.join(given.sets)}; {given.nights} nights; seed {given.seed}; seeds of the attacks: {', '.join(map(str, given.seeds))}; "
    regime = "the encoder stays frozen" if given.fast else "the month is fine-tuned every night"
    small = " **A small run, for trying it out: its figures are no verdict on the product.**"
    return f"{how}{regime}.{small if given.small else ''}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True, help="a folder, made if need be")
    parser.add_argument("--only", nargs="+", default=tuple(PARTS), choices=PARTS, metavar="PART", help=", ".join(PARTS))  # fmt: skip
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--nights", type=int, help=f"of the month  [default: {NIGHTS}]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, nargs="+", help="of the attacks  [default: 0 1 2]")
    parser.add_argument("--fast", action="store_true", help="keep the month's encoder as it is")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to try it out")
    parser.add_argument("--again", action="store_true", help="run what is kept from before again")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
