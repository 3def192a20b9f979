"""What tells the headings of a desk's pages apart: a linear layer that learns what the pages say people ask, as the intent head learns examples."""

from __future__ import annotations

import numpy as np

from finetune.fitting import fit_head, one_hot
from retrieval.head import Head
from retrieval.headings import headings_asked
from retrieval.knowledge import Pages


def headings_head(pages: Pages) -> Head | None:
    """Return the head; nothing where fewer than two headings say what people ask. A passage is an example of its heading, too."""
    classes = headings_asked(pages.passages)
    if not classes[1:]:
        return None
    unders = np.asarray([passage.under for passage in pages.passages])
    said = np.flatnonzero(np.isin(unders, classes))
    points = np.concatenate([pages.asked_points, pages.points[said]])
    targets = one_hot(classes, [*unders[pages.askers], *unders[said]])
    return fit_head(points, classes, targets, np.ones(len(points), np.float32))
