"""The simulated month as steps of `make bench-learning`: its table, its picture and its verdicts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.month import Course, Mark, Month, month
from benchmarks.parts import Bound, Given, Result, Step
from finetune.build import Options
from finetune.figures import ACCENT, INK, PALE
from finetune.progress import People

FALL = 0.5  # points of live accuracy that a night may lose, at most
SHORT = 1.5  # points below training on all labels, at the end, at most


def steps(given: Given) -> Iterator[Step]:
    """Return a step for each set."""
    for name in given.sets:
        settings = {
            "nights": given.nights,
            "seed": given.seed,
            "fast": given.fast,
            "small": given.small,
        }
        yield Step(
            f"month-{name}", f"A month of {name}", partial(_lived_through, given, name), settings
        )


def _lived_through(given: Given, name: str) -> Result:
    course, options = Course.of(name, given), Options(fast=given.fast, seed=given.seed)
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        found = asyncio.run(month(course, desk, options, given.seed, given.nights, People()))
    shown = f"month-{name}.png"
    picture(found, given.report / shown)
    return Result(f"A month of {name}", table(found), [shown], bounds(found), found.as_json())


def bounds(found: Month) -> list[Bound]:
    """Return whether it never fell by much, and ended near what all labels give."""
    fall, gap = found.largest_fall, found.gap
    return [
        Bound(
            "largest fall of live accuracy from one night to the next",
            f"at most {FALL} points",
            f"{fall:.2f} points",
            fall <= FALL,
        ),
        Bound(
            "below training on all labels, at the end",
            f"at most {SHORT} points",
            "no night" if gap is None else f"{gap:.2f} points",
            gap is not None and gap <= SHORT,
        ),
        *_tuned_bound(found),
    ]


def _tuned_bound(found: Month) -> list[Bound]:
    gap = found.tuned_gap
    if gap is None:
        return []
    what = "the same with a tuned encoder, in the last night and on all labels"
    return [Bound(what, f"at most {SHORT} points", f"{gap:.2f} points", gap <= SHORT)]


def table(found: Month) -> str:
    """Return a month as a table in Markdown."""
    rows = [
        "Understood / answered / wrong among the answers, percent.\n",
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
    if found.tuned and found.tuned_all:
        rows.append(
            f"| the last night's lessons, a tuned encoder | | {_marks(found.tuned)} | | | | |"
        )
        rows.append(f"| all messages, a tuned encoder | | {_marks(found.tuned_all)} | | | | |")
    return "\n".join(rows)


def _marks(mark: Mark) -> str:
    return f"{mark.accuracy:.2f} / {mark.coverage:.1f} / {mark.risk:.1f}"


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
        f"{found.name}: a retrain every night",
        x=0.01,
        ha="left",
        fontsize=12,
        color=INK,
    )
    figure.savefig(file, metadata={"Software": None})
