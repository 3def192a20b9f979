"""
How often moods are heard rightly: the lexicon for English, and an ear over the encoder of many languages for the others.

    make bench-mood

Writes `retrieval/mood.json`, which is what the server states where no Release has figures of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from finetune.moods import BY_ITSELF, HELD_OUT, LEARNED, Sample, ear, samples
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from retrieval.mood import ENGLISH, FIGURES, MOODS, NEGATIVE, OTHERS, Measured, english, mood_of
from retrieval.pretrained import locate


def figures(truth: Sequence[str], told: Sequence[str]) -> dict[str, Any]:
    """Return how often the told moods are right, with the mean F1 of the three, and the share of bad moods that were heard."""
    pairs = list(zip(truth, told, strict=True))
    f1 = {}
    for mood in MOODS:
        hit = sum(t == o == mood for t, o in pairs)
        f1[mood] = 2 * hit / max(1, sum((t == mood) + (o == mood) for t, o in pairs))
    bad = [o == NEGATIVE for t, o in pairs if t == NEGATIVE]
    found = Measured(sum(t == o for t, o in pairs), len(pairs))
    low, high = found.interval()
    return {
        "right": found.right,
        "n": found.n,
        "accuracy": round(found.accuracy, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        "macro_f1": round(sum(f1.values()) / len(f1), 3),
        "recall_negative": round(sum(bad) / len(bad), 3),
    }


def by_lexicon() -> dict[str, Any]:
    """Return the figures of English."""
    held_out = [s for s in samples(HELD_OUT) if s.language == ENGLISH]
    told = [mood_of(english(sample.text)) for sample in held_out]
    return figures([s.mood for s in held_out], told)


def by_ear(encoder: Encoder) -> dict[str, dict[str, Any]]:
    """Return the figures of every other language, by an ear that has learned over this encoder."""
    centre = Centre.of(encoder.encode([sample.text for sample in samples(LEARNED)]))
    held_out = [s for s in samples(HELD_OUT) if s.language != ENGLISH]
    points = {s.text: row for s, row in zip(held_out, centre.points(encoder.encode([s.text for s in held_out])), strict=True)}  # fmt: skip
    learned = ear(lambda texts: centre.points(encoder.encode(texts)))
    count = {s.language: sum(s.language == o.language for o in held_out) for s in held_out}
    groups: dict[str, list[Sample]] = {}
    for sample in held_out:
        enough = count[sample.language] >= BY_ITSELF
        groups.setdefault(sample.language if enough else OTHERS, []).append(sample)
    return {
        name: figures(
            [s.mood for s in group],
            [mood_of(learned.scores(points[s.text][None])[0]) for s in group],
        )
        for name, group in sorted(groups.items())
    }


def main() -> None:
    """Measure, print, and keep the figures."""
    found = {ENGLISH: by_lexicon(), **by_ear(Encoder.load(locate("multilingual")))}
    for name, each in found.items():
        print(f"{name:6} {each['right']:4} of {each['n']:4}  accuracy {each['accuracy']:.3f} ({each['low']:.2f}-{each['high']:.2f})  "
              f"macro-F1 {each['macro_f1']:.3f}  bad moods heard {each['recall_negative']:.2f}")  # fmt: skip
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
