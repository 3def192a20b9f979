"""
Nearest neighbours by cosine, and what lies together.

The index is rebuilt from stored vectors whenever a Release is loaded (20,000 x 384 takes 20 ms), so that index
and encoder cannot disagree and no binary index file is ever trusted. Up to LARGE vectors every one is compared. Beyond, they
are kept as codes of four bits for each pair of components, in cells of neighbours; the cells nearest to a question are looked
through, as many as it takes to find what comparing with all of them finds, and what looks near is compared by its vector.
"""

from __future__ import annotations

import faiss
import numpy as np

from retrieval.prediction import Floats1d, Floats2d, Ints1d

ROUNDS = 20  # of k-means; later ones move nothing
LARGE = 50_000  # vectors; to compare a question with all of them takes 5 ms here
TRAINING = 40  # vectors a cell that its middle, and the codes, are learned from
PROBES = 256  # vectors that are left out at first, and asked for to choose how many cells to look through
NEAREST = 10  # of each are looked for, and
RECALL = 0.998  # of these found
CLOSER = 4  # times as many as are asked for, of those near by their codes, are compared by their vectors,
LEAST = 256  # and no fewer than these


class Index:
    """A FAISS index over unit vectors, which it does not copy where they are many."""

    def __init__(self, vectors: Floats2d, large: int = LARGE) -> None:
        # FAISS and torch each bring an OpenMP of their own, whose idle threads spin on the processors that the other
        # one needs: on two cores a reading took ten times as long. The setting is the calling thread's alone.
        faiss.omp_set_num_threads(1)
        self._vectors = vectors
        self._coded = len(vectors) >= large
        self._faiss = _cells(vectors) if self._coded else _flat(vectors)

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    def search(self, queries: Floats2d, k: int) -> tuple[Floats2d, Ints1d]:
        """Return cosines and row numbers, both (n, min(k, rows)), best first."""
        faiss.omp_set_num_threads(1)
        wanted = max(1, min(k, len(self)))
        if self._coded:
            return _compared(self._vectors, self._faiss, queries, wanted)
        similarities, rows = self._faiss.search(queries, wanted)
        return similarities, rows


def _flat(vectors: Floats2d) -> faiss.Index:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    if len(vectors):
        flat.add(vectors)
    return flat


def _compared(
    vectors: Floats2d, coded: faiss.Index, queries: Floats2d, k: int
) -> tuple[Floats2d, Ints1d]:
    """Return cosines and rows, both (n, k), of the nearest among those that are near by their codes."""
    every = np.arange(len(vectors))
    _, near = coded.search(queries, min(len(vectors), max(CLOSER * k, LEAST)))
    rows = np.empty((len(queries), k), dtype=np.int64)
    cosines = np.empty((len(queries), k), dtype=np.float32)
    for n, (query, found) in enumerate(zip(queries, near, strict=True)):
        held = np.sort(found[found >= 0])
        chosen = held if len(held) >= k else every  # the cells looked through may hold too few
        each = vectors[chosen] @ query
        best = np.argsort(-each, kind="stable")[:k]
        rows[n], cosines[n] = chosen[best], each[best]
    return cosines, rows


def _cells(vectors: Floats2d) -> faiss.Index:
    """Return codes in cells, of which a search looks through as few as RECALL allows."""
    dim, count = vectors.shape[1], max(1, int(len(vectors) ** 0.5))
    order = np.random.default_rng(1).permutation(len(vectors))
    asked, others = vectors[order[:PROBES]], vectors[np.sort(order[PROBES:])]
    cells = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dim), dim, count, _parts(dim), 4, faiss.METRIC_INNER_PRODUCT
    )
    cells.by_residual = False
    cells.cp.seed, cells.cp.niter = 1, ROUNDS
    cells.train(others[:: max(1, len(others) // (TRAINING * count))])
    cells.add(others)
    _, truth = _flat(others).search(asked, NEAREST)
    while cells.nprobe < count and _recall(others, cells, asked, truth) < RECALL:
        cells.nprobe = min(count, 2 * cells.nprobe)
    cells.reset()
    cells.add(vectors)
    return cells


def _parts(dim: int) -> int:
    """Return into how many parts a vector is cut, each with a code of its own: pairs of components, where they come in pairs."""
    return dim // 2 if dim % 2 == 0 else dim


def _recall(vectors: Floats2d, coded: faiss.Index, asked: Floats2d, truth: Ints1d) -> float:
    _, found = _compared(vectors, coded, asked, NEAREST)
    shared = (len(np.intersect1d(*pair)) for pair in zip(truth, found, strict=True))
    return sum(shared) / truth.size


def clusters(points: Floats2d, weights: Floats1d, count: int) -> tuple[Ints1d, Floats1d]:
    """
    Divide unit vectors by weighted spherical k-means; the same input gives the same clusters.

    Args:
        points: (n, dim), at least `count` of them.
        weights: (n,) how much each pulls its cluster's middle.

    Returns:
        (n,) which of the `count` clusters each point is in, and its cosine to that one's middle.
    """
    faiss.omp_set_num_threads(1)  # see Index
    means = faiss.Kmeans(
        points.shape[1],
        count,
        niter=ROUNDS,
        spherical=True,
        seed=1,
        min_points_per_centroid=1,
        max_points_per_centroid=len(points),
    )
    means.train(points, weights=weights)
    cosines, clusters = means.index.search(points, 1)
    return clusters[:, 0], cosines[:, 0]
