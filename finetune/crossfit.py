"""Honest predictions: what a model says about texts that it did not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from finetune.examples import Example
from finetune.fitting import class_numbers, fit_head, one_hot
from finetune.splits import Fold
from retrieval.calibration import NEIGHBOURS, Landmarks, features, signals
from retrieval.head import Head
from retrieval.index import Index
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d, Ints1d
from retrieval.wording import Wording

# Of the questions a live bot hears, the share its intents do not cover, where the examples do not tell better: 18 %
# in clinc150's test, and "25-35 % at the start" in support desks' own reports. Too low makes the bot overconfident. A
# desk that names no out-of-scope question at all is taken to hear fewer.
OUT_OF_SCOPE_SHARE = 0.15
UNNAMED_SHARE = 0.10
SUPPOSED = 50  # labelled messages that the share supposed above weighs as many as
OFFERED = 3  # candidates a clarification shows


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many messages, drawn from what customers say without a look at them, operators have labelled; and how many of them out of scope."""

    messages: int = 0
    outside: int = 0


@dataclass(frozen=True)
class Judged:
    """
    Predictions for n unseen texts.

    `truth` has OUT_OF_SCOPE also for hidden intents; `offered` says that the truth is among the three best, `alike` that
    the nearest example has the truth's intent, which nothing out of scope has: two of these are two questions.
    """

    rows: Ints1d  # (n,) of the examples
    truth: npt.NDArray[np.object_]  # (n,) intents
    best: npt.NDArray[np.object_]  # (n,) intents
    offered: npt.NDArray[np.bool_]  # (n,)
    alike: npt.NDArray[np.bool_]  # (n,)
    features: Floats2d  # (n, FEATURES)
    weights: Floats1d  # (n,) so that out of scope has its share
    share: float = OUT_OF_SCOPE_SHARE

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """(n,) the best intent is right and the text is in scope."""
        return np.asarray(self.truth == self.best, dtype=bool)

    def where(self, kept: Ints1d | npt.NDArray[np.bool_]) -> Judged:
        """Return some of the rows, weighed so that out of scope has its share among them too."""
        truth = self.truth[kept]
        return replace(
            self,
            rows=self.rows[kept],
            truth=truth,
            best=self.best[kept],
            offered=self.offered[kept],
            alike=self.alike[kept],
            features=self.features[kept],
            weights=_shares(truth, self.share),
        )


def hearing(judged: Judged, drawn: Drawn) -> Judged:
    """
    Return the rows weighed by what this desk hears.

    The share of strangers that desks have in general, or this one's examples, is a supposition that counts as SUPPOSED messages; what
    was drawn and labelled here corrects it, in either direction.
    """
    strangers = SUPPOSED * judged.share + drawn.outside
    share = strangers / (SUPPOSED + drawn.messages)
    return replace(judged, weights=_shares(judged.truth, share), share=share)


def head_of(points: Floats2d, examples: Sequence[Example], rows: Ints1d) -> Head:
    """Fit a head on some rows."""
    intents = [examples[row].intent for row in rows]
    weights = np.asarray([examples[row].weight for row in rows], dtype=np.float32)
    classes = sorted(set(intents))
    return fit_head(points[rows], classes, one_hot(classes, intents), weights)


def unseen_probabilities(
    points: Floats2d, examples: Sequence[Example], split: Sequence[Fold]
) -> tuple[tuple[str, ...], Floats2d]:
    """Return the classes, sorted, and (n, classes) by heads that had not seen the row; the folds hide no intent."""
    classes = tuple(sorted({e.intent for e in examples}))
    found = np.zeros((len(examples), len(classes)), dtype=np.float32)
    for fold in split:
        head = head_of(points, examples, fold.learn)
        found[np.ix_(fold.judge, class_numbers(classes, head.classes))] = head.probabilities(
            points[fold.judge]
        )
    return classes, found


def judge(head: Head, points: Floats2d, examples: Sequence[Example], fold: Fold) -> Judged:
    """Return what the head of a fold says about the rows it may judge."""
    asked = points[fold.judge]
    scores = head.scores(asked)
    learned = [examples[row].intent for row in fold.learn]
    votes = class_numbers(head.classes, learned)
    similarities, near = Index(points[fold.learn]).search(asked, NEIGHBOURS)
    in_scope = np.asarray([i for i, c in enumerate(head.classes) if c != OUT_OF_SCOPE])
    landmarks = Landmarks.of(points[fold.learn], votes, in_scope)
    wording = Wording.of([examples[row].text for row in fold.learn], votes, len(head.classes))
    texts = [examples[row].text for row in fold.judge]
    parts = signals(texts, scores, asked, landmarks, wording, in_scope, similarities, votes[near])
    order = in_scope[np.argsort(-scores[:, in_scope], axis=1, kind="stable")]
    names = np.asarray(head.classes, dtype=object)[order]  # (n, intents), best first
    nearest = np.asarray(head.classes, dtype=object)[votes[near[:, 0]]]
    truth = np.asarray([_truth(examples[row].intent, fold) for row in fold.judge], dtype=object)
    share = _outside_share(examples)
    return Judged(
        rows=fold.judge,
        truth=truth,
        best=names[:, 0],
        offered=(names[:, :OFFERED] == truth[:, None]).any(axis=1),
        alike=(nearest == truth) & (truth != OUT_OF_SCOPE),
        features=features(parts),
        weights=_shares(truth, share),
        share=share,
    )


def join(parts: Sequence[Judged]) -> Judged:
    """Return the rows of several folds as one."""
    truth = np.concatenate([p.truth for p in parts])
    return Judged(
        rows=np.concatenate([p.rows for p in parts]),
        truth=truth,
        best=np.concatenate([p.best for p in parts]),
        offered=np.concatenate([p.offered for p in parts]),
        alike=np.concatenate([p.alike for p in parts]),
        features=np.concatenate([p.features for p in parts]),
        weights=_shares(truth, parts[0].share),
        share=parts[0].share,
    )


def _truth(intent: str, fold: Fold) -> str:
    return OUT_OF_SCOPE if intent in fold.hidden else intent


def _outside_share(examples: Sequence[Example]) -> float:
    """The share that the desk's own examples have, where it is above what desks have in general."""
    questions = [e for e in examples if e.judges]
    outside = sum(e.intent == OUT_OF_SCOPE for e in questions)
    return max(OUT_OF_SCOPE_SHARE, outside / len(questions)) if outside else UNNAMED_SHARE


def _shares(truth: npt.NDArray[np.object_], share: float) -> Floats1d:
    """Weigh the rows so that out of scope has this share of the whole."""
    outside = truth == OUT_OF_SCOPE
    weights = np.ones(len(truth), dtype=np.float32)
    if outside.any() and not outside.all():
        odds = share / (1 - share)
        weights[outside] = odds * (~outside).sum() / outside.sum()
    return weights
