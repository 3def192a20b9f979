"""
What labelling a message would teach, and which messages to label together.

The most uncertain messages are much alike: labelled one after the other, the second teaches what the first has taught. So the
uncertain ones are divided into as many clusters as there is time for labels, and from each comes the one that stands for it. The
figures of this and of a dozen other orders are in finetune/LOG.md.

Source: cluster-margin sampling, Citovsky et al. 2021, https://arxiv.org/abs/2107.14263, here with weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.index import clusters
from retrieval.prediction import Floats1d, Floats2d, Ints1d

UNCERTAIN = 30  # times as many messages as there are to choose are clustered
ALIKE = 0.9  # cosine; 98 and 99.5 % of such pairs in banking77 and clinc150 have the same intent


def worth(margins: Floats1d, complaints: Floats1d, asked: Ints1d) -> Floats1d:
    """
    Return (n,) what a label of each message would teach, above 0.

    Args:
        margins: (n,) of the best intent's probability over the second's, 0 to 1.
        complaints: (n,) how much speaks against what the bot made of it, 0 to 1; it doubts where the model does not.
        asked: (n,) how often the same words were said.
    """
    doubt = 1.0 - np.clip(margins, 0, 1) * (1.0 - np.clip(complaints, 0, 1))
    return np.asarray(doubt * (1.0 + np.log(np.maximum(1, asked))), dtype=np.float32)


def most_teaching(points: Floats2d, worths: Floats1d, count: int) -> Ints1d:
    """
    Return up to `count` rows to label together, the one that stands for most first.

    Args:
        points: (n, dim) unit vectors.
        worths: (n,) as `worth` gives them.
    """
    doubtful = np.argsort(-worths, kind="stable")[: UNCERTAIN * count]
    if len(doubtful) <= count:
        return doubtful
    near, weights = points[doubtful], worths[doubtful]
    members_of, closeness = clusters(near, weights, count)
    found = []
    for cluster in range(count):
        members = np.flatnonzero(members_of == cluster)
        if len(members):
            best = members[np.argmax(closeness[members] * weights[members])]
            found.append((float(weights[members].sum()), int(doubtful[best])))
    return np.asarray([row for _, row in sorted(found, key=lambda one: -one[0])], dtype=np.int64)


def twins(points: Floats2d, intents: Sequence[str], leaders: Ints1d) -> list[Ints1d]:
    """
    Return for each leader the rows that one decision may settle with it, the nearest first, itself left out.

    Args:
        points: (n, dim) unit vectors.
        intents: (n,) what the model takes each for; twins are taken for the same.
        leaders: rows; a row goes to its nearest leader alone.
    """
    if not len(leaders):
        return []
    cosines = points @ points[leaders].T  # (n, leaders)
    own = np.asarray(intents, dtype=object)
    cosines[own[:, None] != own[leaders][None, :]] = -1.0
    cosines[leaders] = -1.0
    nearest = cosines.argmax(axis=1)
    best = cosines.max(axis=1)
    order = np.argsort(-best, kind="stable")
    return [
        order[(best[order] >= ALIKE) & (nearest[order] == place)] for place in range(len(leaders))
    ]
