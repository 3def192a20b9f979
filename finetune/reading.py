"""The base model, and reading texts with it while somebody watches how far it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finetune.progress import Watch
from retrieval.encoder import Encoder
from retrieval.prediction import Floats2d
from retrieval.pretrained import EncoderUnavailable, locate
from retrieval.sealing import UNLOADABLE


def base_model(name: str, *, hub: bool) -> Encoder:
    """
    Load the encoder of this name, as `retrieval.pretrained.locate` understands it.

    Raises:
        EncoderUnavailable: there is none, or its files are damaged.
    """
    source = locate(name, hub=hub)
    try:
        return Encoder.load(source)
    except UNLOADABLE as error:
        raise EncoderUnavailable(f"the encoder {source} cannot be loaded: {error}") from error


def read(
    encoder: Encoder, texts: Sequence[str], what: str, watch: Watch, *, fast: bool = False
) -> Floats2d:
    """
    Return (n, dim) unit vectors.

    Args:
        what: the texts are, in the plural, for whoever watches.
        fast: in half precision; for choosing, never for serving.

    Raises:
        EncoderUnavailable: it gives no numbers, because its weights are damaged.
    """
    with watch.stage(f"reading {len(texts):,} {what}") as advance:
        vectors = encoder.encode(texts, fast=fast, progress=advance)
    if not np.isfinite(vectors).all():
        raise EncoderUnavailable("the encoder returns no numbers: its weights are damaged")
    return vectors
