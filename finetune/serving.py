"""Predicting and evaluating with a sealed Release, file in, file out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from conversations.text import printable
from finetune.evaluation import Outcome
from finetune.examples import MAX_TEXT, Example, ExamplesError, read_rows
from finetune.files import whole
from finetune.progress import Watch
from retrieval.prediction import OUT_OF_SCOPE, Prediction, Verdict
from retrieval.release import Release

PIECE = 512  # texts between two signs of progress
ADDED = ("predicted", "confidence", "answered")
NOTHING = " "  # what is read where a row has no text; the encoder then sees no words at all


def predict_file(release: Release, source: Path, target: Path, watch: Watch) -> int:
    """
    Write the rows of `source` with the columns predicted, confidence and answered added; return how many.

    Order and other columns stay. The output appears whole or not at all.

    Raises:
        ExamplesError: the input cannot be read, has no column `text`, or the output cannot be written.
    """
    if target.exists() and not target.is_file():  # a rename over /dev/null would take its place
        raise ExamplesError(f"{target} cannot be written: it is not a file")
    target = target.resolve()
    rows = [row for _, row in read_rows(source, "text")]
    columns = [name for name in rows[0] if name not in ADDED]
    predictions = predict(release, [str(row.get("text") or "") for row in rows], watch)
    try:
        with whole(target) as scratch, scratch.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([*map(_cell, columns), *ADDED])
            for row, p in zip(rows, predictions, strict=True):
                writer.writerow([*(_cell(row.get(name)) for name in columns), *_added(p)])
    except OSError as error:
        raise ExamplesError(f"{target} cannot be written: {error.strerror}") from error
    return len(rows)


def predict(release: Release, texts: Sequence[str], watch: Watch) -> list[Prediction]:
    """Return one prediction a text, in order."""
    found: list[Prediction] = []
    readable = [(printable(text).strip() or NOTHING)[:MAX_TEXT] for text in texts]
    with watch.stage(f"reading {len(texts):,} texts") as advance:
        for start in range(0, len(texts), PIECE):
            found += release.read(readable[start : start + PIECE])
            advance(len(found), len(texts))
    return found


def outcomes(release: Release, questions: Sequence[Example], watch: Watch) -> list[Outcome]:
    """Return what a Release makes of labelled questions."""
    predictions = predict(release, [q.text for q in questions], watch)
    return [outcome(q, p) for q, p in zip(questions, predictions, strict=True)]


def outcome(question: Example, p: Prediction) -> Outcome:
    """Return what a prediction makes of a labelled question."""
    return Outcome(question.intent, p.best.intent, p.confidence, p.verdict is Verdict.CONFIDENT)


def refuse_unknown(release: Release, questions: Sequence[Example]) -> None:
    """
    Refuse a test file that asks for intents the Release cannot know; its figures would mislead.

    Raises:
        ExamplesError: naming them.
    """
    strange = sorted({q.intent for q in questions} - set(release.titles) - {OUT_OF_SCOPE})
    if strange:
        names = ", ".join(repr(name) for name in strange[:5])
        raise ExamplesError(
            f"the test file has {len(strange)} intents that the Release does not know ({names}); "
            "leave the intent empty where such a question is out of scope"
        )


def _added(p: Prediction) -> tuple[str, str, int]:
    return p.best.intent, f"{p.confidence:.6f}", int(p.verdict is Verdict.CONFIDENT)


def _cell(value: object) -> str:
    # a lone surrogate in JSONL would break the output half-way
    return "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")
