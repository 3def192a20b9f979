"""
Where a desk's languages differ in its vectors, whatever is wanted.

A multilingual encoder puts the language of a text into its vector along with the matter. Where some intents have no examples in a
language that others have, the head takes that language for a sign of the others. The directions are those of a two-way analysis
of variance: a vector is the sum of its intent's and its language's, fitted on the means of each intent in each language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.languages import UNKNOWN
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d

SURE = 2  # examples of an intent in a language; a single one may be a text that was taken for that language
SHARED = 5  # intents that a language must have in common with others to tell how it differs
SMALL = 1e-6  # a direction shorter than this share of the longest is none

Cells = Mapping[tuple[str, str], Floats1d]  # (dim,) the mean of an intent in a language


def directions(intents: Sequence[str], languages: Sequence[str], vectors: Floats2d) -> Floats2d:
    """
    Return (k, dim) orthonormal directions, one fewer than languages; none where every intent has examples in each.

    Args:
        intents: (n,) of the examples.
        languages: (n,) of them, or none at all where the desk has one.
        vectors: (n, dim) of them.
    """
    means = _means(intents, languages, vectors)
    told = [code for code in sorted({code for _, code in means}) if _shared(code, means) >= SHARED]
    cells = {cell: mean for cell, mean in means.items() if cell[1] in told}
    if len(cells) == len({intent for intent, _ in cells}) * len(told):
        return np.zeros((0, vectors.shape[1]), dtype=np.float32)
    _, lengths, found = np.linalg.svd(_apart(cells, told), full_matrices=False)
    kept = lengths[: len(told) - 1] > SMALL * lengths[0]
    return np.ascontiguousarray(found[: len(told) - 1][kept], dtype=np.float32)


def _means(intents: Sequence[str], languages: Sequence[str], vectors: Floats2d) -> Cells:
    """Return the mean of each intent in each language that it surely has examples in."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, cell in enumerate(zip(intents, languages, strict=False)):
        if cell[0] != OUT_OF_SCOPE and cell[1] != UNKNOWN:
            rows.setdefault(cell, []).append(row)
    return {cell: vectors[own].mean(axis=0) for cell, own in rows.items() if len(own) >= SURE}


def _shared(code: str, cells: Cells) -> int:
    """Return how many intents have examples in a language and in another one."""
    own = {intent for intent, of in cells if of == code}
    return len(own & {intent for intent, of in cells if of != code})


def _apart(cells: Cells, told: Sequence[str]) -> Floats2d:
    """Return (languages, dim) how far each language lies from their middle, intents aside."""
    intents = sorted({intent for intent, _ in cells})
    design = np.zeros((len(cells), len(told) + len(intents)))
    for row, (intent, code) in enumerate(cells):
        design[row, told.index(code)] = design[row, len(told) + intents.index(intent)] = 1
    effects = np.linalg.lstsq(design, np.stack(list(cells.values())), rcond=None)[0][: len(told)]
    return np.asarray(effects - effects.mean(axis=0))
