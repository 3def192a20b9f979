"""
Whether the desk gets better every night: `make bench-learning`.

Tables on stdout and as files in a report folder, with pictures; the last line of the output is JSON.

    python -m benchmarks.learning --datasets DIR --report DIR
    python -m benchmarks.learning --datasets DIR --report DIR --sets banking77 --nights 5 --fast
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks import poison
from benchmarks.month import Course, Month, month
from finetune.build import Options
from finetune.figures import ACCENT, INK, PALE
from finetune.progress import People

SETS = ("banking77", "clinc150")
NIGHTS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True, help="a folder, made if need be")
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("month", "poison"), help="one part of it")
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2), help="of the attacks")
    parser.add_argument("--fast", action="store_true", help="keep the encoder as it is")
    options = parser.parse_args()
    options.report.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {"bench": "learning"}
    if options.only != "poison":
        told["months"] = asyncio.run(_months(options))
    if options.only != "month":
        told["poison"] = asyncio.run(_poison(options))
    print(json.dumps(told))


async def _poison(given: argparse.Namespace) -> list[dict[str, Any]]:
    watch, name, reports = People(), given.sets[0], []
    watch.say(f"== hostile feedback at a desk of {name}")
    for seed in given.seeds:
        options = Options(fast=True, seed=given.seed)
        with tempfile.TemporaryDirectory() as scratch:
            folder = given.datasets / name
            reports.append(await poison.poison(folder, Path(scratch), options, seed, watch))
    print(poison.table(reports))
    found = [report.as_json() for report in reports]
    (given.report / f"poison-{name}.json").write_text(json.dumps(found, indent=1))
    return found


async def _months(given: argparse.Namespace) -> list[dict[str, Any]]:
    watch, months = People(), []
    for name in given.sets:
        watch.say(f"== a month of {name}")
        course = Course.of(name, given.datasets / name, given.nights, given.seed)
        options = Options(fast=given.fast, seed=given.seed)
        with tempfile.TemporaryDirectory() as folder:
            found = await month(
                course, Path(folder) / "desk", options, given.seed, given.nights, watch
            )
        months.append(found)
        (given.report / f"month-{name}.json").write_text(json.dumps(found.as_json(), indent=1))
        print(table(found))
        picture(found, given.report / f"month-{name}.png")
    return [one.as_json() for one in months]


def table(found: Month) -> str:
    """Return a month as a table in Markdown."""
    rows = [
        f"\n{found.name}: understood / answered / wrong among the answers, percent\n",
        "| night | outcome | learning | believes every thumb | thumbs | labels | retrain, s |",
        "|---|---|---|---|---|---|---|",
        f"| first day, and a bot that never learns | | {_marks(found.first)} | {_marks(found.first)} | | | |",
    ]
    rows += [
        f"| {number} | {night.outcome} | {_marks(night.learning)} | {_marks(night.believing)} "
        f"| {night.thumbs} | {night.labels} | {night.seconds:.0f} |"
        for number, night in enumerate(found.nights, start=1)
    ]
    if found.all_labels:
        rows.append(f"| all messages labelled at once | | {_marks(found.all_labels)} | | | | |")
    rows.append(f"\nLargest fall from one night to the next: {found.largest_fall:.2f} points.")
    return "\n".join(rows)


def _marks(mark: object) -> str:
    return f"{mark.accuracy:.2f} / {mark.coverage:.1f} / {mark.risk:.1f}"  # type: ignore[attr-defined]


def picture(found: Month, file: Path) -> None:
    """Draw accuracy, coverage and risk by night."""
    figure = Figure(figsize=(11, 4), dpi=120, layout="constrained")
    nights = range(len(found.nights) + 1)
    learning = [found.first, *(night.learning for night in found.nights)]
    believing = [found.first, *(night.believing for night in found.nights)]
    panels = zip(figure.subplots(1, 3), ("accuracy", "coverage", "risk"), strict=True)
    titles = {
        "accuracy": "questions understood, %",
        "coverage": "questions answered, %",
        "risk": "wrong among the answers, %",
    }
    for axes, name in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=9)
        axes.set_title(titles[name], loc="left", fontsize=11, color=INK, fontweight="bold")
        axes.axhline(getattr(found.first, name), color=PALE, linewidth=2, label="never learns")
        axes.plot(nights, [getattr(m, name) for m in believing], color="#b45309", linewidth=1.6,
                  linestyle=(0, (4, 2)), label="believes every thumb")  # fmt: skip
        axes.plot(nights, [getattr(m, name) for m in learning], color=ACCENT, linewidth=2.4,
                  label="Frontdesk")  # fmt: skip
        if found.all_labels and name == "accuracy":
            axes.axhline(found.all_labels.accuracy, color=INK, linewidth=1,
                         linestyle=(0, (1, 3)), label="every message labelled")  # fmt: skip
        axes.set_xlabel("night", fontsize=9, color=INK)
        axes.set_xlim(0, max(1, len(found.nights)))
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=4,
        frameon=False,
        fontsize=9,
    )
    figure.suptitle(
        f"{found.name}: three hundred messages a day, thirty labels a night",
        x=0.01,
        ha="left",
        fontsize=12,
        color=INK,
    )
    figure.savefig(file, metadata={"Software": None})


if __name__ == "__main__":
    main()
