"""
The picture of a week with a surge in it: what was counted, what was expected, and when it was told.

    python -m benchmarks.surges_picture docs/surges.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.surges import START, TRIED, ZONE, Counts, Planted, year
from conversations.surges import STEP, Detector
from finetune.figures import ACCENT, INK

RISE, ALARM = "#fef3c7", "#b45309"
DAY, SHOWN = timedelta(days=1), timedelta(days=7)
SHOWN_KIND, BIN = "topic:3", 30  # minutes of a bar


@dataclass(slots=True)
class Week:
    """Bars of one kind in a week."""

    begins: datetime
    counted: list[int] = field(default_factory=list)
    expected: list[float] = field(default_factory=list)
    told: list[datetime] = field(default_factory=list)


def watched(rows: Sequence[Counts], one: Planted) -> Week:
    """Return the week around a surge, as the detector saw it."""
    detector = Detector(ZONE)
    middle = START + one.begins * STEP
    week = Week((middle - SHOWN / 2).astimezone(ZONE).replace(hour=0, minute=0, second=0))
    first = round((week.begins - START) / STEP)
    last = first + round(SHOWN / STEP)
    for n, counts in enumerate(rows[:last]):
        surges = detector.step(START + n * STEP, counts)
        if n < first:
            continue
        if (n - first) % BIN == 0:
            week.counted.append(0)
            week.expected.append(0.0)
        week.counted[-1] += len(counts.get(one.kind, ()))
        week.expected[-1] += detector.expected(one.kind)
        week.told += [surge.at for surge in surges if surge.kind == one.kind]
    return week


def draw(week: Week, one: Planted) -> Figure:
    """Draw the week."""
    figure = Figure(figsize=(9, 3.4), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    times = [n * BIN * STEP / DAY for n in range(len(week.counted))]  # in days of the week
    begins, ends = ((START + minute * STEP - week.begins) / DAY for minute in (one.begins, one.ends))  # fmt: skip
    told = [(at - week.begins) / DAY for at in week.told]
    axes.axvspan(begins, ends, color=RISE, label="planted surge", zorder=0)
    axes.bar(times, week.counted, BIN * STEP / DAY, align="edge", color=ACCENT, alpha=0.45, label="messages")  # fmt: skip
    axes.step(times, week.expected, where="post", color=INK, linewidth=1.2, label="expected")
    axes.vlines(told, 0, max(week.counted), ALARM, linestyles="dashed", linewidth=1.4, label="told")
    names = [(week.begins + n * DAY).strftime("%a") for n in range(7)]
    axes.set_xticks([n + 0.5 for n in range(7)], names)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(0, 7)
    minutes = [round((at - begins) * DAY / STEP) for at in told if begins < at <= ends]
    after = f", told {minutes[0]} minutes after it began" if minutes else ""
    axes.set_title(f"A week of one topic, messages in {BIN} minutes{after}", loc="left", fontsize=11, color=ACCENT)  # fmt: skip
    axes.legend(frameon=False, fontsize=9)
    return figure


def main() -> None:
    """Draw the first surge of a topic in a year that constants were chosen on."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("picture", type=Path)
    rows, planted = year(TRIED[0], surges=True)
    one = next(one for one in planted if one.kind == SHOWN_KIND)
    draw(watched(rows, one), one).savefig(options.parse_args().picture)


if __name__ == "__main__":
    main()
