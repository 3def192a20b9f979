"""What a Release says it was made of, where a desk made it: here only what operators taught it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATASET = "dataset.json"  # the file, in the Release's folder


def learned_by(release: Path) -> frozenset[tuple[str, str]]:
    """
    Return what a Release has learned of operators' teachings, as (id of the teaching, intent).

    What they did to pages before it was trained is among them, with an empty intent.
    """
    record = _record(release)
    rows, pages = record.get("learned", ()), record.get("pages", ())
    taught = ((row["teaching_id"], row["intent"]) for row in rows)
    return frozenset((*taught, *((change_id, "") for change_id in pages)))


def intents_of_the_log(release: Path) -> frozenset[str]:
    """Return the intents of which a message or an answer in the log taught something; that can be taken back there."""
    record = _record(release)
    rows = [*record.get("lessons", ()), *record.get("answers", ())]
    return frozenset(str(row["intent"]) for row in rows)


def _record(release: Path) -> dict[str, Any]:
    file = release / DATASET
    record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return record
