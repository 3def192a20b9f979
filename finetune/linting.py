"""The lint of training data: read by the frozen encoder, judged by heads that had not seen the text, said to people."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from finetune.crossfit import unseen_probabilities
from finetune.examples import FEWEST, Example, distinct, with_words
from finetune.findings import Finding, by_kind, heading
from finetune.lint import Unseen, at_a_glance, in_full
from finetune.progress import Watch
from finetune.reading import read
from finetune.splits import folds
from retrieval.centre import centred
from retrieval.encoder import Encoder
from retrieval.prediction import Floats2d
from retrieval.pretrained import DEFAULT

SEED = 0  # the same file gives the same findings


def lint(examples: Sequence[Example], encoder: Encoder, watch: Watch) -> tuple[Finding, ...]:
    """Return all findings about the examples; any set will do, also one that cannot be trained on."""
    kept = distinct(with_words(examples))
    vectors = read(encoder, [e.text for e in kept], "texts", watch)
    points = centred(vectors, vectors.mean(axis=0)) if kept else vectors
    return in_full(kept, points, unseen_of(kept, points))


def remarks(examples: Sequence[Example], command: str) -> Iterator[str]:
    """Yield a line for each kind that can be told at a glance, with the command that tells more."""
    for kind, found in by_kind(at_a_glance(distinct(with_words(examples)))).items():
        yield f"lint: {heading(kind, len(found))}; see: {command}"


def command_for(examples: Path, templates: Path | None = None, encoder: str = DEFAULT) -> str:
    """Return the command line that lints these files."""
    words = ["frontdesk", "lint", str(examples)]
    words += ["--templates", str(templates)] if templates else []
    words += ["--encoder", encoder] if encoder != DEFAULT else []
    return shlex.join(words)


def unseen_of(examples: Sequence[Example], points: Floats2d) -> Unseen | None:
    """
    Return what heads that had not seen them say of the examples, None where fewer than two intents can be judged.

    The intents of a single example are left out: no model can know them that has not seen it.

    Args:
        points: (n, dim) centred unit vectors of the frozen encoder.
    """
    counts = Counter(e.intent for e in examples)
    rows = [row for row, e in enumerate(examples) if counts[e.intent] >= FEWEST]
    judged = [examples[row] for row in rows]
    if len({e.intent for e in judged}) < 2:
        return None
    split = folds(judged, SEED, hide=False)
    return Unseen(judged, *unseen_probabilities(points[rows], judged, split))
