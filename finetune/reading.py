"""Reading texts with an encoder while somebody watches how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from finetune.progress import Watch
from retrieval.encoder import Encoder
from retrieval.prediction import Floats2d


def read(
    encoder: Encoder, texts: Sequence[str], what: str, watch: Watch, *, fast: bool = False
) -> Floats2d:
    """
    Return (n, dim) unit vectors.

    Args:
        what: the texts are, in the plural, for whoever watches.
        fast: in half precision; for choosing, never for serving.
    """
    with watch.stage(f"reading {len(texts):,} {what}") as advance:
        return encoder.encode(texts, fast=fast, progress=advance)
