"""
Search: how long a desk's answers and pages take to look through beyond the encoder, and what is missed, when there are many of them.

Texts and vectors are made of real ones, so that they lie as messages lie: the words of two messages of the datasets joined, and the mean
of their vectors. A passage is three such texts, each a piece that may be quoted. Questions are messages that nothing was made of.
What is found is held against looking at everything.

    make bench-search DATASETS=DIR                    about ten minutes of processor time; a million more with --million
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from conversations.text import normalised
from retrieval.centre import centred
from retrieval.encoder import Encoder
from retrieval.index import Index
from retrieval.knowledge import Asked, Knowledge, Pages
from retrieval.passages import Passage
from retrieval.prediction import Floats2d
from retrieval.pretrained import locate
from retrieval.ranking import Answers, Ranking
from retrieval.templates import Template
from retrieval.words import Terms, Words

MESSAGES = 20_000  # real ones, that everything is made of
ASKED = 1_000  # questions
HELD = 100  # of them are held against looking at everything
MANY = 100_000
MILLION = 1_000_000
PIECES = 3  # of a passage
NEAREST = 10
SLOWEST, RECALL = (
    15.0,
    0.99,
)  # milliseconds for 99 of 100 questions, and the share that must be found


@dataclass(frozen=True, slots=True)
class Row:
    """What one store of so many entries took: milliseconds a question, the share of the ten best that is found, megabytes, seconds to build."""

    name: str
    entries: int
    p50: float
    p99: float
    recall: float
    megabytes: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Messages:
    """Real messages, (n,) texts with their intents and (n, dim) vectors, and questions of their kind."""

    texts: Sequence[str]
    intents: Sequence[str]
    points: Floats2d
    asked: Sequence[str]
    asked_intents: Sequence[str]
    asked_points: Floats2d
    asked_words: Sequence[Words]
    terms: Terms
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    @classmethod
    def of(cls, datasets: Path) -> Messages:
        """Read the datasets' messages, each once, and their vectors."""
        every = {
            normalised(row["text"]): (row["text"], row["intent"])
            for file in sorted(datasets.rglob("*.csv"))
            for row in csv.DictReader(file.open(encoding="utf-8"))
            if row["text"].strip()
        }
        texts = [*every.values()]
        drawn = np.random.default_rng(0).permutation(len(texts))[: MESSAGES + ASKED]
        chosen, intents = zip(*(texts[row] for row in drawn), strict=True)
        encoder = Encoder.load(locate("english"))
        vectors, words = encoder.read(chosen, "en")
        points = centred(vectors, vectors.mean(axis=0))
        rest, asked = slice(ASKED, None), slice(0, ASKED)
        terms = Terms.of(words[rest])
        return cls(
            chosen[rest], intents[rest], points[rest],
            chosen[asked], intents[asked], points[asked], words[asked], terms,
        )  # fmt: skip

    def made(self, count: int) -> tuple[list[str], list[str], Floats2d]:
        """Return so many texts, each of two messages, with the intent of the first, and where they lie."""
        ones, others = self.rng.integers(len(self.texts), size=(2, count))
        texts = [
            f"{self.texts[one]} {self.texts[other]}"
            for one, other in zip(ones.tolist(), others.tolist(), strict=True)
        ]
        intents = [self.intents[one] for one in ones.tolist()]
        return texts, intents, unit(self.points[ones] + self.points[others])


def main() -> None:
    parser = argparse.ArgumentParser(description="searching many answers and pages")
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--million", action="store_true", help="the index of a million, too")
    options = parser.parse_args()
    messages = Messages.of(options.datasets)
    rows = [_templates(messages, MANY), _passages(messages, MANY), _vectors(messages, MANY)]
    if options.million:
        rows.append(_vectors(messages, MILLION))
    _tell(rows)


def _templates(messages: Messages, count: int) -> Row:
    """Answers with a question each, ranked by meaning, words and intents; the question's own has nine tenths of a chance."""
    before = resident()
    texts, intents, points = messages.made(count)
    templates = [
        Template(id=f"t{row}", intent=intent, text="Here.", questions=(text,))
        for row, (intent, text) in enumerate(zip(intents, texts, strict=True))
    ]
    begun = time.perf_counter()
    classes = sorted(set(intents))
    ranking = Ranking(Answers(templates, points), classes, "en")
    seconds, megabytes = time.perf_counter() - begun, resident() - before
    chances = np.full((ASKED, len(classes)), 0.1 / len(classes), dtype=np.float32)
    for row, intent in enumerate(messages.asked_intents):
        chances[row, classes.index(intent)] += 0.9

    def ask(row: int) -> list[str]:
        one = slice(row, row + 1)
        [hits] = ranking.rank(messages.asked[one], messages.asked_points[one], chances[one])
        return [hit.template_id for hit in hits[:NEAREST]]

    def truth(row: int) -> list[str]:
        everything = np.arange(count)
        asked = messages.asked[row], messages.asked_points[row], chances[row]
        _, fit = ranking.fits(*asked, everything)
        return [f"t{n}" for n in np.lexsort((everything, -fit))[:NEAREST]]

    measured = _measured("templates, hybrid", count, ask, megabytes, seconds)
    return replace(measured, recall=_recall(ask, truth))


def _passages(messages: Messages, count: int) -> Row:
    """Passages of three pieces each, found by meaning and words."""
    before = resident()
    pieces, _, points = messages.made(count * PIECES)
    whole = unit(points.reshape(count, PIECES, -1).sum(axis=1))
    passages = [
        Passage(f"page-{row // 10}", "", "", " ".join(pieces[row * PIECES : (row + 1) * PIECES]))
        for row in range(count)
    ]
    owners = np.repeat(np.arange(count), PIECES)
    begun = time.perf_counter()
    knowledge = Knowledge(Pages(passages, whole, pieces, points, owners, messages.terms), "en")
    seconds, megabytes = time.perf_counter() - begun, resident() - before

    def asked(row: int) -> Asked:
        point = messages.asked_points[row]
        return Asked(messages.asked[row], point, point, messages.asked_words[row])

    def ask(row: int) -> int:
        knowledge.search([asked(row)], -1.0)  # quotes and all
        return row

    def found(row: int) -> list[int]:
        rows, _ = knowledge.fits(asked(row))
        return [*map(int, rows[:NEAREST])]

    def truth(row: int) -> list[int]:
        rows, _ = knowledge.fits(asked(row), np.arange(count))
        return [*map(int, rows[:NEAREST])]

    measured = _measured("passages, hybrid", count, ask, megabytes, seconds)
    return replace(measured, recall=_recall(found, truth))


def _vectors(messages: Messages, count: int) -> Row:
    """Vectors alone, as the index keeps them."""
    before = resident()
    *_, points = messages.made(count)
    begun = time.perf_counter()
    index = Index(points)
    seconds, megabytes = time.perf_counter() - begun, resident() - before

    def ask(row: int) -> list[int]:
        _, [near] = index.search(messages.asked_points[row : row + 1], NEAREST)
        return [*map(int, near)]

    def truth(row: int) -> list[int]:
        cosines = points @ messages.asked_points[row]
        return [*map(int, np.argsort(-cosines, kind="stable")[:NEAREST])]

    measured = _measured("vectors", count, ask, megabytes, seconds)
    return replace(measured, recall=_recall(ask, truth))


def _measured(
    name: str,
    count: int,
    ask: Callable[[int], object],
    megabytes: float,
    seconds: float,
) -> Row:
    """Return the row with the time that `ask` takes, and no recall."""
    took = []
    for row in range(ASKED):
        begun = time.perf_counter()
        ask(row)
        took.append(1000 * (time.perf_counter() - begun))
    p50, p99 = np.percentile(took, [50, 99])
    return Row(name, count, float(p50), float(p99), 0.0, megabytes, seconds)


def _recall(
    found: Callable[[int], Sequence[object]], truth: Callable[[int], Sequence[object]]
) -> float:
    """Return the share of the ten best that is found, over HELD questions."""
    return float(np.mean([len({*found(row)} & {*truth(row)}) / NEAREST for row in range(HELD)]))


def unit(vectors: Floats2d) -> Floats2d:
    """Return (n, dim) the vectors at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def resident() -> float:
    """Return the megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _tell(rows: Sequence[Row]) -> None:
    load = os.getloadavg()[1]
    print(f"\nload average of the last five minutes: {load:.1f} on {os.cpu_count()} cores\n")
    print("| what | entries | p50 ms | p99 ms | recall at 10 | MB | seconds to build |")
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        print(
            f"| {r.name} | {r.entries:,} | {r.p50:.1f} | {r.p99:.1f} | {r.recall:.4f} "
            f"| {r.megabytes:,.0f} | {r.seconds:.0f} |"
        )
    judged: list[Any] = [r for r in rows if r.entries == MANY]
    kept = all(r.p99 <= SLOWEST and r.recall >= RECALL for r in judged)
    print(json.dumps({"rows": [asdict(r) for r in rows], "load": load, "within_limit": kept}))


if __name__ == "__main__":
    main()
