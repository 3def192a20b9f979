"""
A Release made small: reads by keywords, so that a test can say what the model will think.

`order`, `return` and `person` are understood; `maybe` is ambiguous among all intents; `page` is out of scope with
a passage; `near` has an example beside it; `boom` raises, `nan` gives no number; everything else is out of scope.
"""

from __future__ import annotations

import json
import math
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from retrieval.calibration import Calibration, Likeness, Logistic, Thresholds
from retrieval.fresh_pages import FreshPages, Read
from retrieval.passages import Passage
from retrieval.prediction import (
    Candidate,
    Floats2d,
    Neighbour,
    PassageHit,
    Prediction,
    Signals,
    TemplateHit,
    Verdict,
)
from retrieval.templates import Template
from retrieval.words import Words

NEIGHBOUR = Neighbour("where did my parcel go", "order_status", 0.8)
PASSAGE = PassageHit(
    "care",
    "Looking after things",
    "Boots",
    "Rinse them, dry them slowly.",
    0.8,
    "Rinse them, dry them slowly.",
)
SIGNALS = Signals(
    probability=0.9,
    margin=0.8,
    similarity=0.7,
    agreement=1.0,
    energy=3.0,
    density=0.6,
    closeness=0.4,
    typicality=0.1,
    wording=0.6,
)
TITLES = {
    "order_status": "Where my order is",
    "return_item": "Sending something back",
    "washing_care": "Washing",
    "repair_status": "Where my repair is",
    "talk_to_person": "A person",
}
PLACES = 512  # of words
KEYWORDS = {"order": "order_status", "return": "return_item", "person": "talk_to_person"}
TEMPLATES = (
    Template(
        "order-known",
        "order_status",
        "Order {{ order_number }} is on its way.",
        needs=frozenset({"order_number"}),
    ),
    Template("order-ask", "order_status", "Hello {{ name | default: 'there' }}, which order?"),
    Template("return", "return_item", "Sixty days, free label."),
    Template("return-gift", "return_item", "Gifts go back too."),
    Template("washing", "washing_care", "Cold water."),
    Template("repair", "repair_status", "{{ repair_number }}", needs=frozenset({"repair_number"})),
    Template("person", "talk_to_person", "A person comes.", hands_off=True),
)


# Three of four words in common are likely enough: a cosine of 0.75 is surer than any answer has to be.
CALIBRATION = Calibration(
    scope=Logistic((0.0,), 0.0),
    right=Logistic((0.0,), 0.0),
    thresholds=Thresholds(0.9, 0.5, ""),
    passage_at=0.5,
    risk=0.05,
    likeness=Likeness(Logistic((20.0,), -12.5), 0.9, ""),
)


@dataclass(frozen=True)
class KeywordReader:
    """`seconds` is how long one pass takes; `passes` collects how many texts each pass had."""

    hash: str = "a" * 16
    seconds: float = 0.0
    passes: list[int] = field(default_factory=list)
    titles: Mapping[str, str] = field(default_factory=lambda: TITLES)
    learned: Collection[tuple[str, str]] = ()
    calibration: Calibration = CALIBRATION
    templates: tuple[Template, ...] = TEMPLATES
    pages: FreshPages = field(default_factory=dict)

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        self.passes.append(len(texts))
        time.sleep(self.seconds)
        return self.judge(texts, *self.heard(texts))

    def heard(self, texts: Sequence[str]) -> tuple[Floats2d, None]:
        return self.points(texts), None

    def points(self, texts: Sequence[str]) -> Floats2d:
        """Where the words of a text are counted, each in a place of its own."""
        counts = np.zeros((len(texts), PLACES), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().split():
                counts[row, zlib.crc32(word.encode("utf-8", "replace")) % PLACES] += 1
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(lengths, 1e-9), dtype=np.float32)

    def judge(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None = None
    ) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def template(self, template_id: str) -> Template:
        return next(t for t in self.templates if t.id == template_id)

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        return tuple(t for t in self.templates if t.intent == intent)

    def passages_of(self, page: str) -> tuple[Passage, ...]:
        return self.pages.get(page, ())

    def with_pages(self, fresh: FreshPages, read: Read) -> KeywordReader:
        for passages in fresh.values():
            for passage in passages:
                read(passage.keyed)
        return replace(self, pages=fresh)

    def _passages(self, words: Sequence[str]) -> tuple[PassageHit, ...]:
        """What the fresh pages say that has all words but `page`; else what is always there."""
        if "page" not in words:
            return ()
        sought = set(words) - {"page"}
        found = [
            PassageHit(p.page, p.title, p.heading, p.text, 0.8, p.text, p.url)
            for passages in self.pages.values()
            for p in passages
            if sought and sought <= set(p.text.casefold().replace(".", "").split())
        ]
        return tuple(found) or (PASSAGE,)

    def _one(self, text: str) -> Prediction:
        words = text.casefold().split()
        if "boom" in words:
            raise RuntimeError("the model is broken")
        intents = list(TITLES)
        verdict, confidence = Verdict.OUT_OF_SCOPE, 0.1
        for word in words:
            if word in KEYWORDS:
                intents.sort(key=lambda intent: intent != KEYWORDS[word])
                verdict, confidence = Verdict.CONFIDENT, 0.95
        if "maybe" in words:
            verdict, confidence = Verdict.AMBIGUOUS, 0.5
        if "nan" in words:
            confidence = math.nan
        in_scope = 0.2 if verdict is Verdict.OUT_OF_SCOPE else 1.0
        nearest = self.template("return-gift" if "gift" in words else "order-known")
        return Prediction(
            text=text,
            verdict=verdict,
            confidence=confidence,
            in_scope=in_scope,
            right=confidence / in_scope,
            candidates=tuple(
                Candidate(i, TITLES[i], 0.9 / (n + 1), i == "talk_to_person")
                for n, i in enumerate(intents)
            ),
            templates=(TemplateHit(nearest.id, nearest.intent, 0.8),),
            neighbours=(NEIGHBOUR,) if "near" in words else (),
            passages=self._passages(words),
            signals=SIGNALS,
            release=self.hash,
        )


def load_reader(folder: Path) -> KeywordReader:
    """Load what `write_reader` wrote; one that says `broken` is refused."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if "broken" in manifest:
        raise ValueError(f"{folder.name} is broken")
    learned = [(teaching_id, intent) for teaching_id, intent in manifest.pop("learned", ())]
    return KeywordReader(hash=folder.name, learned=learned, **manifest)


def write_reader(releases: Path, name: str, **manifest: object) -> str:
    """Make a Release folder that `load_reader` reads, and return its hash."""
    folder = releases / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return name
