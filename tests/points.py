"""Points that share what their words share, so that no model is needed to see what is found."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from retrieval.prediction import Floats2d

DIM = 256


def place(texts: Sequence[str]) -> Floats2d:
    """Return (n, DIM) unit vectors; each word has a place."""
    points = np.zeros((len(texts), DIM), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.casefold()):
            points[row, zlib.crc32(word.encode()) % DIM] += 1
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(lengths, 1e-9), dtype=np.float32)
