"""
Exact nearest neighbours by cosine, and what lies together.

The index is rebuilt from stored vectors whenever a Release is loaded (20,000 x 384 takes 20 ms), so that index
and encoder cannot disagree and no binary index file is ever trusted.
"""

from __future__ import annotations

import faiss

from retrieval.prediction import Floats1d, Floats2d, Ints1d

ROUNDS = 20  # of k-means; later ones move nothing


class Index:
    """A flat FAISS index over unit vectors."""

    def __init__(self, vectors: Floats2d) -> None:
        self._flat = faiss.IndexFlatIP(vectors.shape[1])
        if len(vectors):
            self._flat.add(vectors)

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    def search(self, queries: Floats2d, k: int) -> tuple[Floats2d, Ints1d]:
        """Return cosines and row numbers, both (n, min(k, rows)), best first."""
        # FAISS and torch each bring an OpenMP of their own, whose idle threads spin on the processors that the other
        # one needs: on two cores a reading took ten times as long. The setting is the calling thread's alone.
        faiss.omp_set_num_threads(1)
        similarities, rows = self._flat.search(queries, max(1, min(k, len(self))))
        return similarities, rows


def clusters(points: Floats2d, weights: Floats1d, count: int) -> tuple[Ints1d, Floats1d]:
    """
    Divide unit vectors by weighted spherical k-means; the same input gives the same clusters.

    Args:
        points: (n, dim), at least `count` of them.
        weights: (n,) how much each pulls its cluster's middle.

    Returns:
        (n,) which of the `count` clusters each point is in, and its cosine to that one's middle.
    """
    faiss.omp_set_num_threads(1)  # see Index.search
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
