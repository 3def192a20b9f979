"""
Which messages are too strange to be guessed about.

Some of what a desk hears is out of scope. Taught as what it resembles most, it would make the bot sure of the next ones of
its kind. So each message is measured beside the examples, each of which is measured as if it were a message
itself, against the others alone (conformal p-values, Bates et al. 2023, https://arxiv.org/abs/2104.08279).
"""

from __future__ import annotations

import numpy as np

from retrieval.calibration import Landmarks
from retrieval.prediction import Floats2d, Ints1d

STRANGE = 0.05  # of the examples are as strange as that, and of the messages in scope about as many


def familiar(known: Floats2d, intents: Ints1d, asked: Ints1d, messages: Floats2d) -> Ints1d:
    """
    Return the rows of the messages that are not stranger than nearly every example; all, where no example can tell.

    Args:
        known, intents: (m, dim) centred unit vectors of the in-scope examples, and (m,) the intent of each.
        asked: the rows of `known` that customers could have written.
        messages: (n, dim).
    """
    names, own, sizes = np.unique(intents, return_inverse=True, return_counts=True)
    judged = asked[sizes[own[asked]] > 1]
    if not len(judged):
        return np.arange(len(messages))
    landmarks = Landmarks.of(known, intents, names)
    points, own = known[judged], own[judged]
    count = sizes[own].astype(np.float32)[:, None]
    others = (landmarks.centres[own] * count - points) / (count - 1)  # its own centre without it
    near = landmarks.near(points)
    near[np.arange(len(judged)), own] = (points * others - others**2 / 2).sum(axis=1)
    limit = np.quantile(near.max(axis=1), STRANGE)
    return np.flatnonzero(landmarks.closeness(messages) >= limit)
