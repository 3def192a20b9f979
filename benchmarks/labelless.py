"""
Labels saved: how many of them the product's own order of review needs, beside random order.

A fifth of a set's training texts measures, the rest is the pool, in which nothing is labelled yet. Round by round thirty messages are
labelled: those that `retrieval.worth` names, as the review queue does, or as many at random. The encoder stays frozen, and the head
learns from the labels and the intents' names. Counted are the labels after which two rounds in a row reach 95 % of the accuracy that
all labels give. Without the tenth of a page that the queue draws for the audit, which teaches later, and over the whole pool.

    python -m benchmarks.learning --datasets DIR --report DIR --only labelless
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from benchmarks.parts import Bound, Given, Result, Step
from finetune.examples import Example, distinct, read_examples
from finetune.figures import ACCENT, INK
from finetune.fitting import class_numbers, fit_head, one_hot
from finetune.names import hints
from finetune.progress import Nobody
from finetune.reading import base_model, read
from retrieval.centre import Centre
from retrieval.head import Head
from retrieval.prediction import OUT_OF_SCOPE, Floats2d, Ints1d
from retrieval.pretrained import DEFAULT
from retrieval.worth import most_teaching, worth

ROUND = 30  # labels
ENOUGH = 0.95  # of the accuracy that all labels give
SHARE = 0.40  # of the labels that random order needs, at most
SEEDS = (0, 1, 2)
HELD_OUT = 5  # one text in so many measures

Choose = Callable[[Head, Ints1d, int], Ints1d]  # the head, rows without a label, how many


@dataclass(frozen=True, slots=True)
class Course:
    """One order: how accurate the head was after so many labels, and when it was good enough; 0 if never."""

    order: str
    seed: int
    labels: Sequence[int]
    accuracies: Sequence[float]
    needed: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts as points; `rows` may be labelled and `test` measures, both (n,). `named` are the names' points, one example each."""

    classes: Sequence[str]
    points: Floats2d
    truth: Ints1d
    rows: Ints1d
    test: Ints1d
    named: Floats2d
    named_truth: Ints1d

    def head(self, labelled: Ints1d, start: Head | None = None) -> Head:
        """Return what is learned from these rows and the names."""
        points = np.concatenate([self.named, self.points[labelled]])
        truth = np.concatenate([self.named_truth, self.truth[labelled]])
        targets = one_hot(self.classes, [self.classes[number] for number in truth])
        return fit_head(points, self.classes, targets, np.ones(len(truth), np.float32), start)

    def accuracy(self, head: Head) -> float:
        best = head.scores(self.points[self.test]).argmax(axis=1)
        return float((best == self.truth[self.test]).mean())


def steps(given: Given) -> Iterator[Step]:
    """Return a step for each set."""
    for name in given.sets:
        settings = {"small": given.small}
        yield Step(
            f"labelless-{name}", f"Label less: {name}", partial(labelless, given, name), settings
        )


def labelless(given: Given, name: str) -> Result:
    """Measure both orders on a set, with every seed."""
    examples = read_examples(given.datasets / name / "train.csv")
    examples = distinct([e for e in given.narrowed(examples) if e.intent != OUT_OF_SCOPE])
    seeds, count = (SEEDS[:1], 5) if given.small else (SEEDS, ROUND)
    vectors, named = _vectors(examples)
    courses, everything = [], []
    for seed in seeds:
        pool = _pool(examples, vectors, named, seed)
        everything.append(pool.accuracy(pool.head(pool.rows)))
        for order, choose in orders(pool, seed).items():
            courses.append(label_until_enough(pool, order, seed, choose, count, everything[-1]))
    picture = f"labelless-{name}.png"
    draw(courses, statistics.fmean(everything), name).savefig(
        given.report / picture, metadata={"Software": None}
    )
    text = f"{len(examples):,} texts, {count} labels a round; all labels give {100 * statistics.fmean(everything):.1f} %."
    figures = {"all_labels": everything, "courses": [asdict(course) for course in courses]}
    return Result(
        f"Label less: {name}",
        f"{text}\n\n{table(courses)}",
        [picture],
        [_bound(courses)],
        figures,
    )


def orders(pool: Pool, seed: int) -> dict[str, Choose]:
    """Return the two orders."""
    chance = np.random.default_rng(seed)

    def random(_: Head, rows: Ints1d, count: int) -> Ints1d:
        return chance.choice(rows, size=min(count, len(rows)), replace=False)

    def review(head: Head, rows: Ints1d, count: int) -> Ints1d:
        top = np.sort(head.probabilities(pool.points[rows]), axis=1)[:, -2:]
        calm = np.zeros(len(rows), np.float32)  # nobody complained, everybody asked once
        worths = worth(top[:, 1] - top[:, 0], calm, np.ones(len(rows), np.int64))
        return rows[most_teaching(pool.points[rows], worths, count)]

    return {"random": random, "review": review}


def table(courses: Sequence[Course]) -> str:
    """Return how many labels each order needed, in Markdown."""
    rows = ["| seed | random order | the review's order | share |", "|---|---|---|---|"]
    for seed, random, review in _needed(courses):
        rows.append(f"| {seed} | {random:,} | {review:,} | {100 * review / random:.0f} % |")
    return "\n".join(rows)


def draw(courses: Sequence[Course], everything: float, name: str) -> Figure:
    """Draw accuracy by labels, a line a course."""
    figure = Figure(figsize=(7, 4), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    looks = {"random": ("#b45309", "random order"), "review": (ACCENT, "the review's order")}
    for course in courses:
        colour, label = looks[course.order]
        accuracies = [100 * accuracy for accuracy in course.accuracies]
        first = "" if course.seed == courses[0].seed else "_"  # a line of the legend for each order
        axes.plot(course.labels, accuracies, color=colour, linewidth=1.6, label=first + label)
    axes.axhline(100 * ENOUGH * everything, color=INK, linewidth=1, linestyle=(0, (1, 3)), label="95 % of all labels")  # fmt: skip
    axes.set_title(f"{name}: questions understood, %, by labels", loc="left", fontsize=11)
    axes.legend(frameon=False, fontsize=9)
    return figure


def _bound(courses: Sequence[Course]) -> Bound:
    needed = _needed(courses)
    share = sum(review for _, _, review in needed) / sum(random for _, random, _ in needed)
    return Bound(
        "labels to 95 % of full-data accuracy, of those that random order needs",
        f"at most {SHARE:.0%}",
        f"{share:.1%}, mean of {len(needed)} seeds",
        share <= SHARE,
    )


def _needed(courses: Sequence[Course]) -> list[tuple[int, int, int]]:
    """Return the seeds with the labels that random order and the review's needed."""
    found = {(course.order, course.seed): course.needed for course in courses}
    seeds = dict.fromkeys(course.seed for course in courses)
    return [(seed, found["random", seed], found["review", seed]) for seed in seeds]


def label_until_enough(
    pool: Pool, order: str, seed: int, choose: Choose, count: int, everything: float
) -> Course:
    """Label round by round until two in a row are good enough, or nothing is left."""
    labelled: Ints1d = np.zeros(0, np.int64)
    head = pool.head(labelled)
    labels, accuracies = [0], [pool.accuracy(head)]
    while len(labelled) < len(pool.rows) and min(accuracies[-2:]) < ENOUGH * everything:
        left = np.setdiff1d(pool.rows, labelled)
        labelled = np.concatenate([labelled, choose(head, left, count)])
        head = pool.head(labelled, head)
        labels.append(len(labelled))
        accuracies.append(pool.accuracy(head))
    return Course(order, seed, labels, accuracies, labels[-1])


def _vectors(examples: Sequence[Example]) -> tuple[Floats2d, tuple[Floats2d, list[str]]]:
    """Return the vectors of the texts, and those of the intents' names with the intents."""
    encoder, names = base_model(DEFAULT, hub=False), hints([e.intent for e in examples], {}, {})
    texts = read(encoder, [e.text for e in examples], "texts", Nobody())
    named = read(encoder, [e.text for e in names], "names", Nobody())
    return texts, (named, [e.intent for e in names])


def _pool(
    examples: Sequence[Example], vectors: Floats2d, named: tuple[Floats2d, list[str]], seed: int
) -> Pool:
    classes = sorted({e.intent for e in examples})
    drawn = np.random.default_rng(seed).permutation(len(examples))
    measured = len(examples) // HELD_OUT
    centre = Centre.of(vectors[drawn[measured:]])
    return Pool(
        classes=classes,
        points=centre.points(vectors),
        truth=class_numbers(classes, [e.intent for e in examples]),
        rows=drawn[measured:],
        test=drawn[:measured],
        named=centre.points(named[0]),
        named_truth=class_numbers(classes, named[1]),
    )
