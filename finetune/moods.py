"""
An ear for moods in languages that have no lexicon: a head over the encoder's vectors, learned from messages written for it.

The messages are in `moods.csv`; those in `moods_heldout.csv` are of other shops, and only measure.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finetune.fitting import fit_head, one_hot
from retrieval.mood import ENGLISH, MOODS, OTHERS, Ear, Measured, mood_of
from retrieval.prediction import Floats2d

LEARNED, HELD_OUT = (Path(__file__).with_name(name) for name in ("moods.csv", "moods_heldout.csv"))
BY_ITSELF = 30  # held-out messages from which on a language has figures of its own


@dataclass(frozen=True, slots=True)
class Sample:
    """A message, the ISO 639-1 code of its language, and the one of MOODS that it is written in."""

    text: str
    language: str
    mood: str


def samples(file: Path) -> list[Sample]:
    """Return the messages of a file."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [Sample(**row) for row in csv.DictReader(rows)]


def wanted(languages: Collection[str]) -> bool:
    """Whether customers write a language that has no lexicon."""
    return any(language not in {"", ENGLISH} for language in languages)


def ear(points: Callable[[Sequence[str]], Floats2d]) -> Ear:
    """
    Return an ear for the encoder behind `points`, and how often it is right about messages that it did not learn from.

    Args:
        points: gives (n, dim) the centred unit vectors of texts.
    """
    learned, held_out = samples(LEARNED), [s for s in samples(HELD_OUT) if s.language != ENGLISH]
    targets = one_hot(MOODS, [sample.mood for sample in learned])
    trust = np.ones(len(learned), dtype=np.float32)
    head = fit_head(points([sample.text for sample in learned]), MOODS, targets, trust)
    told = Ear(head, {}).scores(points([sample.text for sample in held_out]))
    return Ear(head, measured(held_out, [mood_of(score) for score in told]))


def measured(held_out: Sequence[Sample], told: Sequence[str]) -> dict[str, Measured]:
    """Return by language how many of the moods that were told are those of the messages."""
    count = {s.language: sum(s.language == o.language for o in held_out) for s in held_out}
    right: dict[str, list[bool]] = {}
    for sample, mood in zip(held_out, told, strict=True):
        name = sample.language if count[sample.language] >= BY_ITSELF else OTHERS
        right.setdefault(name, []).append(mood == sample.mood)
    return {name: Measured(sum(each), len(each)) for name, each in sorted(right.items())}
