"""The calibration curve as a picture."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from finetune.evaluation import BINS, Evaluation

INK, ACCENT, PALE = "#1f2a37", "#0f766e", "#cfe3e0"


def calibration_curve(evaluation: Evaluation, title: str) -> bytes:
    """Return a PNG: how often the bot was right against how sure it was, and how often it was that sure."""
    figure = Figure(figsize=(6.0, 6.4), dpi=110, layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[3.4, 1], sharex=True)
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=9)
    sure = [b.confidence for b in evaluation.curve]
    upper.plot(
        [0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 4)), label="perfectly calibrated"
    )
    upper.plot(
        sure,
        [b.right for b in evaluation.curve],
        color=ACCENT,
        linewidth=2,
        marker="o",
        label="this Release",
    )
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that was right")
    upper.set_title(title, loc="left", fontsize=12, color=INK, fontweight="bold")
    upper.text(
        0.03,
        0.83,
        f"{evaluation.questions:,} unseen questions\ncalibration error {evaluation.calibration_error:.3f}",
        transform=upper.transAxes,
        fontsize=9,
        color=INK,
    )
    upper.legend(frameon=False, fontsize=9, loc="lower right")
    lower.bar(
        sure, [b.count for b in evaluation.curve], width=0.8 / BINS, color=PALE, edgecolor=ACCENT
    )
    lower.set(ylabel="questions", xlabel="confidence")
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
