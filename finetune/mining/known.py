"""What a desk's champion understands already, so that only new topics are proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retrieval.prediction import Prediction, Verdict
from retrieval.release import Release

PROBABLY = 0.5  # mean confidence from which on a topic is rather a known intent than a new one


@dataclass(frozen=True)
class Known:
    """The intents of a Release."""

    release: Release

    @property
    def intents(self) -> Collection[str]:
        return self.release.titles.keys()

    def answered(self, texts: Sequence[str]) -> list[bool]:
        """Say of each text whether the Release would answer it today."""
        return [p.verdict is Verdict.CONFIDENT for p in self.release.read(texts)]

    def meant(self, texts: Sequence[str]) -> str:
        """Return the known intent that these texts probably have in common, empty where there is none."""
        readings = self.release.read(texts)
        intent, _ = Counter(p.best.intent for p in readings).most_common(1)[0]
        sure = sum(_confidence(p, intent) for p in readings) / len(readings)
        return intent if sure >= PROBABLY else ""


def _confidence(reading: Prediction, intent: str) -> float:
    return reading.confidence if reading.best.intent == intent else 0.0
