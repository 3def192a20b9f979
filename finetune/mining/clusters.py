"""
Which messages ask the same: clusters whose number nobody says.

Messages are moved a little towards their nearest neighbours, which closes the gaps between rewordings, and Ward's tree is
grown over them. Every cut of it is settled on the points as they were, and judged by how clearly a message is, on average, nearer
to its own cluster than to the next (the silhouette). Of the cuts that are as good as the best, the one with the fewest clusters
stays: the finer ones part rewordings rather than wishes. Figures: LOG.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix, diags
from scipy.spatial.distance import pdist

from retrieval.index import Index
from retrieval.prediction import Floats1d, Floats2d, Ints1d

NEIGHBOURS = 10  # that a message is moved towards
STEPS = 4  # of half the way each
GROWN = 5_000  # messages that the tree is grown over: 12 million distances, 100 MB
SMALLEST = 5  # distinct messages of a cluster; fewer are dust
CUTS = 40  # that are tried, their numbers of clusters in equal ratios
AS_GOOD = 0.03  # of the best silhouette: how much less a cut with fewer clusters may have
FEWEST_EACH = 8  # messages a cluster, on average, in the finest cut
SETTLING, SETTLED = (
    3,
    10,
)  # rounds in which messages go to the nearest centre: of every cut, and of the one that stays


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
    best = _fewest(list(_cuts(moved[sample], points[sample])) or [_uncut(len(sample))])
    of = np.asarray((moved @ unit(means(moved[sample], best.of)).T).argmax(axis=1))
    of[sample] = best.of
    return _ranked(points, settled(points, of, SETTLED))


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
    if len(sizes) == 1:  # there is no next one
        return np.zeros(len(points), dtype=np.float32)
    rows = np.arange(len(points))
    apart = 1 - points @ means(points, of).T  # (n, k)
    own = (
        apart[rows, of] * sizes[of] / np.maximum(sizes[of] - 1, 1)
    )  # the point itself is no neighbour
    apart[rows, of] = np.inf
    other = apart.min(axis=1)
    score = np.where(sizes[of] > 1, (other - own) / np.maximum(np.maximum(own, other), 1e-9), 0)
    return np.asarray(score, dtype=np.float32)


def settled(points: Floats2d, of: Ints1d, rounds: int) -> Ints1d:
    """Return (n,) the clusters after so many rounds in which every message goes to the nearest centre."""
    for _ in range(rounds):
        before = of
        nearest = (points @ unit(means(points, before)).T).argmax(axis=1)
        _, of = np.unique(nearest, return_inverse=True)
        if np.array_equal(of, before):
            break
    return np.asarray(of, dtype=np.int64)


def unit(vectors: Floats2d) -> Floats2d:
    """Return (n, dim) of length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _sample(count: int, seed: int) -> Ints1d:
    drawn = np.random.default_rng(seed).permutation(count)[:GROWN]
    return np.sort(drawn)


@dataclass(frozen=True, slots=True)
class _Cut:
    """(n,) clusters, and the mean silhouette of the messages, of which dust counts 0 like any that is alone."""

    of: Ints1d
    worth: float

    @property
    def count(self) -> int:
        return int(self.of.max()) + 1


def _uncut(count: int) -> _Cut:
    """What is all alike is one cluster."""
    return _Cut(np.zeros(count, dtype=np.int64), 0.0)


def _fewest(cuts: Sequence[_Cut]) -> _Cut:
    """Return the cut with the fewest clusters among those as good as the best."""
    enough = max(cut.worth for cut in cuts)
    enough -= AS_GOOD * abs(enough)
    return min(
        (cut for cut in cuts if cut.worth >= enough), key=lambda cut: (cut.count, -cut.worth)
    )


def _cuts(moved: Floats2d, points: Floats2d) -> Iterator[_Cut]:
    """Yield the cuts of Ward's tree, from 2 clusters on, each settled on the points as they were."""
    tree = linkage(np.sqrt(2 * pdist(moved, "cosine")), "ward")
    numbers = np.geomspace(2, max(2, len(points) // FEWEST_EACH), CUTS).round().astype(int)
    for number in dict.fromkeys(numbers.tolist()):
        of, dust = _swept(moved, fcluster(tree, number, "maxclust") - 1)
        if of.max() > 0:
            of = settled(points, of, SETTLING)
            yield _Cut(of, float(np.where(dust, 0, silhouettes(points, of)).mean()))


def _swept(moved: Floats2d, labels: Ints1d) -> tuple[Ints1d, npt.NDArray[np.bool_]]:
    """Return (n,) clusters in which dust was given to the nearest of the others, and which messages were dust."""
    sizes = np.bincount(labels)
    kept = np.flatnonzero(sizes >= min(SMALLEST, sizes.max()))
    number = np.full(len(sizes), -1)
    number[kept] = np.arange(len(kept))
    of = number[labels]
    dust = of < 0
    centres = unit(means(moved[~dust], of[~dust]))
    of[dust] = (moved[dust] @ centres.T).argmax(axis=1)
    return of, dust


def means(points: Floats2d, of: Ints1d) -> Floats2d:
    """Return (k, dim), the mean of the points of each cluster."""
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
    return Clusters(ranked, unit(means(points, ranked)), silhouettes(points, ranked))
