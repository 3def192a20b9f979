"""
Nearest neighbours by cosine, and what lies together.

The index is rebuilt from stored vectors whenever a Release is loaded (20,000 x 384 takes 20 ms), so that index
and encoder cannot disagree and no binary index file is ever trusted. Up to LARGE vectors every one is compared. Beyond,
they are kept in cells of neighbours, and only the cells nearest to a question are looked through: as many as it takes to find
what comparing with all of them finds.
"""

from __future__ import annotations

import faiss
import numpy as np

from retrieval.prediction import Floats1d, Floats2d, Ints1d

ROUNDS = 20  # of k-means; later ones move nothing
LARGE = 50_000  # vectors; to compare a question with all of them takes 5 ms here
TRAINING = 40  # vectors a cell that its middle is learned from
PROBES = 256  # vectors that are left out at first, and asked for to choose how many cells to look through
NEAREST = 10  # of each are looked for, and
RECALL = 0.995  # of these found


class Index:
    """A FAISS index over unit vectors."""

    def __init__(self, vectors: Floats2d, large: int = LARGE) -> None:
        # FAISS and torch each bring an OpenMP of their own, whose idle threads spin on the processors that the other
        # one needs: on two cores a reading took ten times as long. The setting is the calling thread's alone.
        faiss.omp_set_num_threads(1)
        self._faiss = _cells(vectors) if len(vectors) >= large else _flat(vectors)

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    def search(self, queries: Floats2d, k: int) -> tuple[Floats2d, Ints1d]:
        """Return cosines and row numbers, both (n, min(k, rows)), best first."""
        faiss.omp_set_num_threads(1)
        similarities, rows = self._faiss.search(queries, max(1, min(k, len(self))))
        return similarities, rows


def _flat(vectors: Floats2d) -> faiss.Index:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    if len(vectors):
        flat.add(vectors)
    return flat


def _cells(vectors: Floats2d) -> faiss.Index:
    """Return an inverted file whose search looks through as few cells as RECALL allows."""
    dim, count = vectors.shape[1], max(1, int(len(vectors) ** 0.5))
    order = np.random.default_rng(1).permutation(len(vectors))
    asked, others = vectors[order[:PROBES]], vectors[np.sort(order[PROBES:])]
    cells = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, count, faiss.METRIC_INNER_PRODUCT)
    cells.cp.seed, cells.cp.niter = 1, ROUNDS
    cells.train(others[:: max(1, len(others) // (TRAINING * count))])
    cells.add(others)
    _, truth = _flat(others).search(asked, NEAREST)
    while cells.nprobe < count and _recall(cells, asked, truth) < RECALL:
        cells.nprobe = min(count, 2 * cells.nprobe)
    cells.reset()
    cells.add(vectors)
    return cells


def _recall(index: faiss.Index, asked: Floats2d, truth: Ints1d) -> float:
    _, found = index.search(asked, NEAREST)
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
