"""
Which messages ask the same: clusters whose number nobody says.

Messages are moved a little towards their nearest neighbours, which closes the gaps between rewordings; a tree of mean
similarities is grown over them, and cut where a message is, on average, closest to its own cluster beside the next best one
(the silhouette, measured on the points as they were). What is left over as dust is given to its nearest cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix, diags
from scipy.spatial.distance import pdist

from finetune.fitting import Doubles2d
from retrieval.index import Index
from retrieval.prediction import Floats1d, Floats2d, Ints1d

NEIGHBOURS = 10  # that a message is moved towards
STEPS = 4  # of half the way each
GROWN = 5_000  # messages that a tree is grown over: 25 million distances, 200 MB
SMALLEST = 5  # distinct messages of a cluster; fewer are dust
CUTS = 40  # numbers of clusters that are tried, in equal ratios
MOST = 8  # a cluster for this many messages at the least


@dataclass(frozen=True, slots=True)
class Clusters:
    """
    `of` is (n,) each message's cluster, the largest first; `centres` (k, dim) unit vectors; `silhouettes` (n,), from -1
    (nearer to another cluster) to 1.
    """

    of: Ints1d
    centres: Floats2d
    silhouettes: Floats1d

    @property
    def sizes(self) -> Ints1d:
        return np.bincount(self.of, minlength=len(self.centres))


def cluster(points: Floats2d, seed: int = 0) -> Clusters:
    """
    Return the clusters of centred unit vectors (n, dim), n at least 2; repeatable for one seed.

    Args:
        points: one row for each distinct message.
    """
    moved = drawn_together(points)
    sample = _sample(len(points), seed)
    tree = linkage(pdist(moved[sample], "cosine"), "average")
    found = [_given_out(moved, sample, labels) for labels in _cuts(tree)]
    best = max(found, key=lambda of: float(silhouettes(points, of).mean()))
    return _ranked(points, best)


def drawn_together(points: Floats2d) -> Floats2d:
    """
    Return the points after STEPS of half the way to the weighted mean of their neighbours.

    Source: adaptive graph convolution, Zhang et al. 2019, https://arxiv.org/abs/1906.01210.
    """
    graph = neighbourhoods(points, NEIGHBOURS)
    for _ in range(STEPS):
        points = unit((points + graph @ points) / 2)
    return points


def neighbourhoods(points: Floats2d, count: int) -> csr_matrix:
    """Return the (n, n) weights by which a point's neighbours count; each row that has neighbours sums to 1."""
    similarities, rows = Index(points).search(points, count + 1)  # the nearest is the point itself
    heads = np.repeat(np.arange(len(points)), rows.shape[1])
    weights = np.maximum(similarities.ravel(), 0) * (heads != rows.ravel())
    one_way = csr_matrix((weights, (heads, rows.ravel())), (len(points), len(points)))
    graph = one_way.maximum(one_way.T)
    totals = np.asarray(graph.sum(axis=1)).ravel()
    return csr_matrix(diags(1 / np.maximum(totals, 1e-9)) @ graph, dtype=np.float32)


def silhouettes(points: Floats2d, of: Ints1d) -> Floats1d:
    """
    Return (n,): how much nearer each point is to its own cluster than to the next, -1 to 1; 0 for one that is alone.

    The mean distance to a cluster is, for cosines, the distance to the mean of its points, so no pair is looked at.
    Source: Rousseeuw 1987, https://doi.org/10.1016/0377-0427(87)90125-7.
    """
    sizes = np.bincount(of).astype(np.float32)
    rows = np.arange(len(points))
    apart = 1 - points @ _means(points, of).T  # (n, k)
    own = (
        apart[rows, of] * sizes[of] / np.maximum(sizes[of] - 1, 1)
    )  # the point itself is no neighbour
    apart[rows, of] = np.inf
    other = apart.min(axis=1)
    score = np.where(sizes[of] > 1, (other - own) / np.maximum(np.maximum(own, other), 1e-9), 0)
    return np.asarray(score, dtype=np.float32)


def unit(vectors: Floats2d) -> Floats2d:
    """Return (n, dim) of length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _sample(count: int, seed: int) -> Ints1d:
    drawn = np.random.default_rng(seed).permutation(count)[:GROWN]
    return np.sort(drawn)


def _cuts(tree: Doubles2d) -> Sequence[Ints1d]:
    """Return (n,) labels for each number of clusters that is tried, from 2 on."""
    count = len(tree) + 1
    numbers = np.geomspace(2, max(2, count // MOST), CUTS).round().astype(int)
    cuts = [fcluster(tree, number, "maxclust") - 1 for number in dict.fromkeys(numbers.tolist())]
    return [labels for labels in cuts if labels.max() > 0]


def _given_out(moved: Floats2d, sample: Ints1d, labels: Ints1d) -> Ints1d:
    """Return (n,) the clusters of all messages: dust, and what the tree did not hold, goes where it is nearest."""
    sizes = np.bincount(labels)
    kept = np.flatnonzero(sizes >= min(SMALLEST, sizes.max()))
    number = np.full(len(sizes), -1)
    number[kept] = np.arange(len(kept))
    grown = number[labels]
    whole = sample[grown >= 0]
    centres = unit(_means(moved[whole], grown[grown >= 0]))
    of = (moved @ centres.T).argmax(axis=1)
    of[whole] = grown[grown >= 0]
    return np.asarray(of, dtype=np.int64)


def _means(points: Floats2d, of: Ints1d) -> Floats2d:
    sizes = np.bincount(of)
    members = csr_matrix((np.ones(len(of), np.float32), (of, np.arange(len(of)))))
    return np.asarray((members @ points) / np.maximum(sizes, 1)[:, None], dtype=np.float32)


def _ranked(points: Floats2d, of: Ints1d) -> Clusters:
    """Number the clusters by their size, the largest first."""
    _, of = np.unique(of, return_inverse=True)
    order = np.argsort(-np.bincount(of), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    ranked = place[of]
    return Clusters(ranked, unit(_means(points, ranked)), silhouettes(points, ranked))
