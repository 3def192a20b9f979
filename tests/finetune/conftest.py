"""What the tests of learning share: its options, and where it starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from finetune.build import Options
from finetune.ways import Start
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from tests import tiny


@pytest.fixture
def options(tiny_encoder: Path) -> Options:
    """What a tiny desk is trained with."""
    return tiny.options(tiny_encoder)


@pytest.fixture(scope="session")
def start(tiny_encoder: Path) -> Start:
    examples = tiny.examples()
    encoder = Encoder.load(str(tiny_encoder))
    vectors = encoder.encode([e.text for e in examples])
    centre = Centre.of(vectors)
    return Start(encoder, centre, centre.points(vectors), examples, seed=0)


@pytest.fixture(scope="session")
def poor(start: Start) -> Start:
    """Three examples an intent; the others came without a label."""
    examples = start.examples
    few = [n for n, e in enumerate(examples) if n % 8 < 3]
    rest = [n for n, e in enumerate(examples) if n % 8 >= 3 and e.intent]
    return replace(
        start,
        points=start.points[few],
        examples=[examples[n] for n in few],
        messages=[examples[n].text for n in rest],
        message_points=start.points[rest],
    )
