"""
Whether the risk that an owner states is kept: twenty random splits of every set, asked for 5 %.

Each split draws examples for every intent, and out-of-scope ones in the share that the set has, or texts as they come, trains the
frozen regime on them and asks it everything else. All splits of a set share one reading by the encoder; what is measured is the choice of the
threshold, not the encoder.

    make bench-risk DATASETS=DIR
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from finetune import thresholds
from finetune.evaluation import Evaluation, evaluate
from finetune.examples import FEWEST, Example, distinct, normalised, read_examples, with_words
from finetune.knowing import Unanswered
from finetune.names import hints
from finetune.progress import Nobody, People
from finetune.reading import read
from finetune.regimes import choose, with_helpful_hints
from finetune.serving import outcome
from finetune.ways import Start, learn
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from retrieval.prediction import OUT_OF_SCOPE, Floats2d, Ints1d
from retrieval.pretrained import locate
from retrieval.release import Contents, Release

RISK = 0.05
SPLITS = 20
TESTED = 3_000  # questions of a split, at most
SETS = {
    "banking77": ("banking77/train.csv", "banking77/test.csv"),
    "clinc150": ("clinc150/train.csv", "clinc150/valid.csv", "clinc150/test.csv"),
    "banking77_oos": ("banking77_oos/train.csv", "banking77_oos/valid.csv", "banking77_oos/test.csv"),
    "multidogo finance": ("multidogo/finance.csv",),
    "multidogo airline": ("multidogo/airline.csv",),
}  # fmt: skip

# Labels of turns that ask for nothing the desk does: a name, a number, talk about something else.
STRANGE = {"contentonly", "outofdomain"}
TWO_AT_ONCE = "<div>"  # between the labels of a turn with two requests
AS_THEY_COME = 0  # examples an intent: as many as it has among DRAWN texts
PER_INTENT = (5, 20, AS_THEY_COME)
DRAWN = 2_000  # texts; half of a set where it has fewer than two times that


@dataclass(frozen=True, slots=True)
class Result:
    """Means over the splits, shares; `broken` is how many of them were above the risk."""

    name: str
    per_intent: int
    splits: int
    accuracy: float
    coverage: float
    risk: float
    worst: float
    broken: int
    guaranteed: int
    calibration_error: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="whether the stated risk is kept")
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--only", nargs="*", choices=list(SETS))
    options = parser.parse_args(arguments)
    encoder, results = Encoder.load(locate("english")), []
    for name in options.only or SETS:
        pool = _pool(options.datasets / file for file in SETS[name])
        vectors = read(encoder, [e.text for e in pool], f"texts of {name}", People(), fast=True)
        for count in PER_INTENT:
            results.append(measure(name, pool, vectors, encoder, count, options.splits))
            print(table(results[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(results))
    print(json.dumps({"bench": "risk", "asked": RISK, "rows": list(map(asdict, results))}))


def table(results: Sequence[Result]) -> str:
    """Return the Markdown table."""
    lines = [
        "| set | examples an intent | accuracy | answered | of these wrong, mean | worst split | splits above 5 % | guaranteed | ECE |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.per_intent or 'as they come'} | {r.accuracy:.1%} | {r.coverage:.1%} | {r.risk:.1%} | {r.worst:.1%} "
        f"| {r.broken} of {r.splits} | {r.guaranteed} | {r.calibration_error:.3f} |"
        for r in results
    ]
    return "\n".join(lines)


def measure(
    name: str,
    pool: Sequence[Example],
    vectors: Floats2d,
    encoder: Encoder,
    per_intent: int,
    splits: int,
) -> Result:
    """Return what the splits of one set gave."""
    runs = [_split(pool, vectors, encoder, per_intent, seed) for seed in range(splits)]
    found = [evaluation for evaluation, _ in runs]
    risks = [e.risk for e in found]
    return Result(
        name=name,
        per_intent=per_intent,
        splits=splits,
        accuracy=statistics.fmean(e.accuracy for e in found),
        coverage=statistics.fmean(e.coverage for e in found),
        risk=statistics.fmean(risks),
        worst=max(risks),
        broken=sum(risk > RISK for risk in risks),
        guaranteed=sum(said for _, said in runs),
        calibration_error=statistics.fmean(e.calibration_error for e in found),
    )


def _split(
    pool: Sequence[Example], vectors: Floats2d, encoder: Encoder, per_intent: int, seed: int
) -> tuple[Evaluation, bool]:
    """Return how one split went, and whether its Release guaranteed the risk."""
    taught, asked = _drawn(pool, per_intent, np.random.default_rng(seed))
    examples = [pool[row] for row in taught]
    called = hints((e.intent for e in examples), {}, {})
    read = np.vstack([vectors[taught], encoder.encode([e.text for e in called])])
    centre = Centre.of(read)
    start = Start(encoder, centre, centre.points(read), [*examples, *called], seed)
    start = with_helpful_hints(start, Nobody())
    [trial] = choose(start, fast=True, search=0, watch=Nobody())
    learned = learn(start, np.arange(len(start.examples)), trial.way, Nobody())
    calibration = thresholds.fit(
        trial.judged, thresholds.unseen_confidence(trial.judged), Unanswered(), RISK
    )
    release = Release(
        "",
        Contents(
            encoder=encoder,
            centre=centre,
            head=learned.head,
            calibration=calibration,
            titles={},
            examples=[(e.text, e.intent) for e in start.examples],
            example_points=learned.points,
        ),
    )
    questions = [pool[row] for row in asked]
    predictions = release.judge([q.text for q in questions], centre.points(vectors[asked]))
    found = evaluate([outcome(q, p) for q, p in zip(questions, predictions, strict=True)])
    return found, "guaranteed" in calibration.thresholds.statement


def _pool(files: Iterable[Path]) -> list[Example]:
    """Return the labelled texts of all files once each; a text that stands under two labels has none that could be right."""
    read = with_words(e for file in files for e in read_examples(file))
    single = [e for e in read if TWO_AT_ONCE not in e.intent]
    pool = distinct(replace(e, intent=OUT_OF_SCOPE) if e.intent in STRANGE else e for e in single)
    labels = Counter(normalised(e.text) for e in pool)
    return [e for e in pool if labels[normalised(e.text)] == 1]


def _drawn(
    pool: Sequence[Example], per_intent: int, rng: np.random.Generator
) -> tuple[Ints1d, Ints1d]:
    """Return the rows to learn from and those to ask."""
    order = rng.permutation(len(pool))
    if per_intent == AS_THEY_COME:
        taught = _learnable(pool, order[: min(DRAWN, len(pool) // 2)])
        asked = rng.permutation(np.setdiff1d(order, taught))
        return np.asarray(sorted(taught)), asked[:TESTED]
    inside = [row for row in order if pool[row].intent != OUT_OF_SCOPE]
    outside = [row for row in order if pool[row].intent == OUT_OF_SCOPE]
    seen: Counter[str] = Counter()
    taught = []
    for row in inside:
        if seen[pool[row].intent] < per_intent:
            seen[pool[row].intent] += 1
            taught.append(row)
    taught += outside[: round(len(taught) * len(outside) / max(1, len(inside)))]
    asked = np.setdiff1d(order, taught)
    return np.asarray(sorted(taught)), rng.permutation(asked)[:TESTED]


def _learnable(pool: Sequence[Example], rows: Ints1d) -> list[int]:
    """Return the rows without those of intents that have a single one."""
    counts = Counter(pool[row].intent for row in rows)
    return [int(row) for row in rows if counts[pool[row].intent] >= FEWEST]


if __name__ == "__main__":
    main()
