"""What staff see of a desk's Releases: which there are and how they stand, their figures, the nights, and who changed what."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retrieval import lines
from retrieval.shelf import Shelf

NIGHTS = 90  # shown, the latest
CHANGES = 50  # of the champion, the latest
UNSEEN = "unseen.jsonl"  # what a Release said of its examples before it had learned them
MISREAD = 200  # cells of the confusion matrix at most, the fullest
EXAMPLES = 20  # of each
FIGURES = ("questions", "accuracy", "macro_f1", "coverage", "risk", "calibration_error", "auroc")


def listed(shelf: Shelf) -> dict[str, Any]:
    """Return the Releases, the newest first; the changes of the champion and how the nights ended, the latest last."""
    trial = shelf.trial
    return {
        "champion": shelf.serving,
        "trial": asdict(trial) if trial else None,
        "releases": [_summary(shelf, name) for name in shelf.sealed()],
        "changes": [asdict(change) for change in shelf.promotions()[-CHANGES:]],
        "nights": _nights(shelf.folder),
    }


def shown(shelf: Shelf, name: str) -> dict[str, Any]:
    """Return what is known of one Release; `night` is the one that made it and judged it, where there is its line."""
    report = report_of(shelf.releases / name)
    measured = report.get("validation", {})
    judged = [night for night in _nights(shelf.folder) if night.get("challenger") == name]
    return {
        **_summary(shelf, name),
        "promises": report.get("promises", {}),
        "per_intent": measured.get("intents", []),
        "confusion": confusion([*lines.rows(shelf.releases / name / UNSEEN)]),
        "night": judged[-1] if judged else None,
    }


def stands(shelf: Shelf, name: str) -> dict[str, Any]:
    """Return how a Release stands: the last change of the champion to it, or its mark."""
    promotions = [p for p in shelf.promotions() if p.hash == name]
    last, mark = promotions[-1] if promotions else None, shelf.waiting.get(name)
    if mark:
        standing, at, because = str(mark.standing), mark.at, mark.because
    else:
        standing, at, because = (last.why, last.at, last.because) if last else ("", "", "")
    return {
        "hash": name,
        "champion": name == shelf.serving,
        "promoted": [p.at for p in promotions],
        "standing": standing,
        "at": at,
        "because": because,
    }


def _summary(shelf: Shelf, name: str) -> dict[str, Any]:
    report = report_of(shelf.releases / name)
    measured = report.get("validation", {})
    return {
        **stands(shelf, name),
        **{
            key: report.get(key)
            for key in ("regime", "examples", "intents", "templates", "passages")
        },
        "figures": {key: measured.get(key) for key in FIGURES},
    }


def confusion(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells off the diagonal, the fullest first: an intent, what it was taken for, how often, and examples."""
    counts = Counter[tuple[str, str]]()
    examples = defaultdict[tuple[str, str], list[dict[str, Any]]](list)
    for row in told:
        cell = str(row.get("truth", "")), str(row.get("predicted", ""))
        if cell[0] == cell[1]:
            continue
        counts[cell] += 1
        if len(examples[cell]) < EXAMPLES:
            sure = {name: row.get(name) for name in ("text", "confidence", "answered")}
            examples[cell].append(sure)
    ranked = sorted(counts, key=lambda cell: (-counts[cell], cell))[:MISREAD]
    return [
        {"truth": c[0], "predicted": c[1], "count": counts[c], "examples": examples[c]}
        for c in ranked
    ]


def _nights(folder: Path) -> list[dict[str, Any]]:
    return [*lines.rows(folder / "nights.jsonl")][-NIGHTS:]


def report_of(release: Path) -> dict[str, Any]:
    """Return the report that was sealed with a Release, empty where there is none."""
    file = release / "report.json"
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return report
