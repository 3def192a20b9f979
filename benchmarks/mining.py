"""
Mining on public data: how much of the labels is found again without any, and without knowing how many there are.

Clustering accuracy (the best assignment of clusters to labels, one to one) and normalised mutual information, in percent,
on the request turns of multidogo (its finance and airline desks; turns with two labels are left out) and the in-scope training texts of
clinc150, whose mean is the figure; banking77 stands beside them. All methods read the same vectors. k-means is told the true
number of labels and is the mean of five seeds; HDBSCAN runs on the 15 main directions with the
smallest cluster that suits it best over the three sets together, its noise given to the nearest cluster. Labels only score.

    make bench-mining DATASETS=DIR
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from benchmarks.parts import Bound, Given, Result, Step
from finetune.mining.clusters import cluster, means, unit
from finetune.mining.topics import gists
from finetune.mining.variables import masked
from finetune.progress import People
from finetune.reading import read
from retrieval.centre import centred
from retrieval.encoder import Encoder
from retrieval.prediction import Floats2d, Ints1d
from retrieval.pretrained import locate

# multidogo's labels of turns that ask for nothing, and of texts out of scope
NO_REQUEST = frozenset(
    {"contentonly", "confirmation", "openinggreeting", "closinggreeting", "rejection", "thankyou", "outofdomain", ""}
)  # fmt: skip
SETS = {
    "finance": "multidogo/finance.csv",
    "airline": "multidogo/airline.csv",
    "clinc150": "clinc150/train.csv",
    "banking77": "banking77/train.csv",
}
COUNTED = ("finance", "airline", "clinc150")  # whose mean is the figure
SEEDS = range(5)
SMALLEST = (5, 15, 30, 60)  # clusters that HDBSCAN may find
OURS = "ours"
AHEAD = 5.0  # points, at least
SMALL = 400  # texts of a set, in a small run


@dataclass(frozen=True, slots=True)
class Found:
    """Percent; `clusters` found, of `labels`."""

    set: str
    method: str
    accuracy: float
    nmi: float
    clusters: int
    labels: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Texts:
    """Messages with their labels, (n,), and their (n, dim) unit vectors."""

    name: str
    texts: Sequence[str]
    labels: Ints1d
    vectors: Floats2d


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="mining on public data")
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=tuple(SETS), choices=tuple(SETS))
    options = parser.parse_args(arguments)
    results = measured(options.datasets, options.only)
    print(table(results))
    rows = [asdict(result) for result in results]
    print(json.dumps({"bench": "mining", "cores": os.cpu_count(), "rows": rows}))


def measured(datasets: Path, sets: Sequence[str], most: int | None = None) -> list[Found]:
    """Return every method's figures on the sets, with `most` texts of each at most."""
    found = [r for name in sets for r in _measured(_read(datasets, name, most))]
    kept = _kept(found)
    return [r for r in found if r.method in kept]


def steps(given: Given) -> Iterator[Step]:
    """Return the one step."""
    run = partial(_mined, given.datasets, SMALL if given.small else None)
    yield Step("mining", "Mining", run, {"small": given.small})


def _mined(datasets: Path, most: int | None) -> Result:
    found = measured(datasets, tuple(SETS), most)
    rows = [asdict(one) for one in found]
    return Result("Mining", table(found), (), bounds(found), rows)


def bounds(found: Sequence[Found]) -> list[Bound]:
    """Return whether ours is better than the better of the others, in the mean of the counted sets."""
    means_ = {method: _means([r for r in found if r.method == method]) for method in {r.method for r in found}}  # fmt: skip
    mine = means_.pop(OURS)
    verdicts = []
    for place, what in enumerate(("clustering accuracy", "NMI")):
        best = max(means_, key=lambda method: means_[method][place])
        ahead = mine[place] - means_[best][place]
        measure = f"{ahead:+.1f} points beside {best}"
        verdicts.append(Bound(what, f"at least {AHEAD:g} points better", measure, ahead >= AHEAD))
    return verdicts


def table(results: Sequence[Found]) -> str:
    """Return the Markdown table: a line a method, its accuracy / NMI / clusters on every set and the mean."""
    sets = list(dict.fromkeys(r.set for r in results))
    lines = [
        f"| method | {' | '.join(sets)} | mean of {', '.join(COUNTED)} |",
        "|---|" + "---|" * (len(sets) + 1),
    ]
    for method in dict.fromkeys(r.method for r in results):
        found = {r.set: r for r in results if r.method == method}
        cells = [
            f"{found[s].accuracy:.1f} / {found[s].nmi:.1f} / {found[s].clusters}" for s in sets
        ]
        lines.append(f"| {method} | {' | '.join(cells)} | {_mean(list(found.values()))} |")
    return "\n".join(lines)


def accuracy(labels: Ints1d, clusters: Ints1d) -> float:
    """Return the share of messages that are right under the best one-to-one assignment of clusters to labels."""
    counts = contingency_matrix(labels, clusters)
    rows, columns = linear_sum_assignment(-counts)
    return float(counts[rows, columns].sum() / len(labels))


def ours(texts: Texts) -> Ints1d:
    """What `frontdesk mine` does: distinct messages, centred, clustered."""
    _, of = gists((text, True) for text in texts.texts)
    first = np.unique(of, return_index=True)[1]
    vectors = texts.vectors[first]
    return cluster(centred(vectors, vectors.mean(axis=0))).of[of]


def kmeans(texts: Texts, seed: int) -> Ints1d:
    count = len(np.unique(texts.labels))
    found = KMeans(count, n_init=1, random_state=seed).fit_predict(texts.vectors)
    return np.asarray(found, dtype=np.int64)


def hdbscan(texts: Texts, smallest: int) -> Ints1d:
    main_directions = PCA(15, random_state=0).fit_transform(texts.vectors)
    of = HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(main_directions)
    if of.max() < 0:
        return np.zeros(len(of), dtype=np.int64)
    centres = unit(means(texts.vectors[of >= 0], of[of >= 0]))
    filled = np.where(of < 0, (texts.vectors @ centres.T).argmax(axis=1), of)
    return np.asarray(filled, dtype=np.int64)


def _measured(texts: Texts) -> list[Found]:
    """Return every method's figures on one set."""
    told = [partial(kmeans, texts, seed) for seed in SEEDS]
    tried = (
        _timed(texts, f"HDBSCAN, at least {s}", [partial(hdbscan, texts, s)]) for s in SMALLEST
    )
    return [
        _timed(texts, OURS, [partial(ours, texts)]),
        *tried,
        _timed(texts, "k-means, told k", told),
    ]


def _timed(texts: Texts, method: str, runs: Sequence[Callable[[], Ints1d]]) -> Found:
    begun = time.monotonic()
    found = [run() for run in runs]
    seconds = (time.monotonic() - begun) / len(found)
    return Found(
        texts.name,
        method,
        100 * statistics.fmean(accuracy(texts.labels, of) for of in found),
        100 * statistics.fmean(normalized_mutual_info_score(texts.labels, of) for of in found),
        len(np.unique(found[0])),
        len(np.unique(texts.labels)),
        seconds,
    )


def _kept(results: Sequence[Found]) -> set[str]:
    """Return the methods of the table: of HDBSCAN's settings the best one over all counted sets."""
    tried = {r.method for r in results if r.method.startswith("HDBSCAN")}
    best = max(sorted(tried), key=lambda m: sum(r.accuracy + r.nmi for r in results if r.method == m and r.set in COUNTED))  # fmt: skip
    return {r.method for r in results} - tried | {best}


def _mean(found: Sequence[Found]) -> str:
    counted = [r for r in found if r.set in COUNTED]
    if len(counted) < len(COUNTED):
        return ""
    share, information = _means(counted)
    return f"**{share:.1f} / {information:.1f}**"


def _means(found: Sequence[Found]) -> tuple[float, float]:
    """Return accuracy and NMI, in the mean of the counted sets."""
    counted = [r for r in found if r.set in COUNTED]
    return statistics.fmean(r.accuracy for r in counted), statistics.fmean(r.nmi for r in counted)


def _read(datasets: Path, name: str, most: int | None) -> Texts:
    with (datasets / SETS[name]).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["intent"] not in NO_REQUEST]
    rows = [row for row in rows if "<div>" not in row["intent"]]  # two labels at once
    if most is not None:
        rows = Random(0).sample(rows, min(most, len(rows)))  # noqa: S311 - chance that repeats
    texts = [row["text"] for row in rows]
    labels = np.unique([row["intent"] for row in rows], return_inverse=True)[1]
    different = sorted({masked(text) for text in texts})
    encoder = Encoder.load(locate("english", hub=False))
    vectors = read(encoder, different, f"messages of {name}", People())
    place = {text: row for row, text in enumerate(different)}
    return Texts(name, texts, labels, vectors[[place[masked(text)] for text in texts]])


if __name__ == "__main__":
    main()
