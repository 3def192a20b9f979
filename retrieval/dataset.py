"""What a Release says it was made of, where a desk made it: here only what operators taught it."""

from __future__ import annotations

import json
from pathlib import Path

DATASET = "dataset.json"  # the file, in the Release's folder


def learned_by(release: Path) -> frozenset[tuple[str, str]]:
    """Return what a Release has learned of operators' teachings, as (id of the teaching, intent)."""
    file = release / DATASET
    record = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return frozenset((row["teaching_id"], row["intent"]) for row in record.get("learned", ()))
