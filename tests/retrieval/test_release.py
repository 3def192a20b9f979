"""The Release: what was built is what serves, under a name that its content decides."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.build import Built, seal
from retrieval.head import Head
from retrieval.manifest import ReleaseRefused, verify
from retrieval.prediction import OUT_OF_SCOPE, Prediction, Verdict
from retrieval.release import CANDIDATES, Release
from retrieval.sealing import load, write
from tests import tiny
from tests.retrieval.damage import (
    VECTORS,
    Damage,
    copied,
    cut,
    gone,
    json_key,
    permuted,
    resealed,
    tensor,
    with_nan,
    written,
)

BUILD = """
import sys
from pathlib import Path
import torch
from finetune.build import seal
from tests import tiny
torch.set_num_threads(int(sys.argv[3]))
encoder = Path(sys.argv[1])
print(seal(tiny.built(encoder), Path(sys.argv[2]), tiny.options(encoder)))
"""
TEXTS = [*(e.text for e in tiny.examples()), "where did the boots go", "wool", "", "{{ name }}"]


def nameless(predictions: Sequence[Prediction]) -> list[Prediction]:
    return [replace(p, release="") for p in predictions]


def test_the_loaded_release_reads_like_the_built_one(
    tiny_built: Built, tiny_release: Release
) -> None:
    built = Release("", tiny_built.contents)
    assert nameless(tiny_release.read(TEXTS)) == nameless(built.read(TEXTS))


def test_a_weight_in_fortrans_order_is_saved_as_what_it_means(
    tiny_built: Built, tmp_path: Path
) -> None:
    head = tiny_built.contents.head
    turned = Head(head.classes, np.asfortranarray(head.weight), head.bias)
    contents = replace(tiny_built.contents, head=turned)
    write(contents, tmp_path / "release", {})
    read = load(tmp_path / "release").read(TEXTS[:12])
    assert nameless(read) == nameless(Release("", tiny_built.contents).read(TEXTS[:12]))


def test_a_release_says_its_name_in_every_prediction(
    tiny_folder: Path, tiny_release: Release
) -> None:
    assert tiny_release.hash == verify(tiny_folder)
    assert {p.release for p in tiny_release.read(TEXTS[:3])} == {tiny_release.hash}


def test_a_text_is_read_alike_alone_and_among_others(tiny_release: Release) -> None:
    together = tiny_release.read(TEXTS)
    for row in (0, 17, len(TEXTS) - 1):
        [alone] = tiny_release.read([TEXTS[row]])
        assert alone.verdict is together[row].verdict
        assert alone.best.intent == together[row].best.intent
        assert alone.confidence == pytest.approx(together[row].confidence, abs=1e-4)


def test_no_text_is_no_prediction(tiny_release: Release) -> None:
    assert tiny_release.read([]) == []


def test_an_example_is_its_own_nearest_neighbour(tiny_release: Release) -> None:
    [p] = tiny_release.read(["where is my order"])
    assert p.best.intent == "order_status"
    assert (p.neighbours[0].text, p.neighbours[0].intent) == ("where is my order", "order_status")
    assert p.neighbours[0].similarity == pytest.approx(1, abs=1e-5)
    assert p.verdict is Verdict.CONFIDENT


def test_candidates_are_intents_best_first(tiny_release: Release) -> None:
    for p in tiny_release.read(TEXTS):
        scores = [candidate.score for candidate in p.candidates]
        assert scores == sorted(scores, reverse=True)
        assert {c.intent for c in p.candidates} == set(tiny.QUESTIONS)
        assert len(p.candidates) <= CANDIDATES
        assert OUT_OF_SCOPE not in {c.intent for c in p.candidates}
        assert 0 <= p.confidence <= 1


def test_templates_are_ranked_by_how_well_they_fit(tiny_release: Release) -> None:
    [p] = tiny_release.read(["can you repair my zip"])
    fits = [hit.fit for hit in p.templates]
    assert fits == sorted(fits, reverse=True)
    assert p.templates[0].template_id == "repair"
    assert len({hit.template_id for hit in p.templates}) == len(tiny.TEMPLATES)


def test_what_was_mistyped_is_read_as_it_was_meant_where_it_is_not_sure(
    tiny_release: Release,
) -> None:
    typed = ["can you repair my zipp", "zipp", "where did my ordr go to, and when"]
    meant = ["can you repair my zip", "zip", "where did my order go to, and when"]
    readings, plain = tiny_release.read(typed), tiny_release.read(meant)
    repaired = [reading for reading in readings if reading.read_as]
    assert repaired
    for text, right, reading, wanted in zip(typed, meant, readings, plain, strict=True):
        assert reading.text == text
        assert reading.read_as == right or reading.verdict is Verdict.CONFIDENT
        if reading.read_as:
            assert reading.best == wanted.best
            assert reading.confidence == pytest.approx(wanted.confidence, abs=1e-4)
    assert not any(reading.read_as for reading in plain)


def test_a_passage_is_quoted_only_above_its_threshold(tiny_built: Built) -> None:
    calibration = tiny_built.contents.calibration
    asked = [tiny.PASSAGES[0].keyed]
    for at, pages in ((2.0, ["wool"]), (3.0, [])):
        contents = replace(tiny_built.contents, calibration=replace(calibration, passage_at=at))
        [p] = Release("", contents).read(asked)
        assert [hit.page for hit in p.passages] == pages


def test_where_a_page_stands_on_the_web_goes_along_with_what_is_quoted(
    tiny_built: Built, tmp_path: Path
) -> None:
    passages = [replace(p, url="https://help.example.com/wool") for p in tiny.PASSAGES]
    calibration = replace(tiny_built.contents.calibration, passage_at=0.9)
    pages = replace(tiny_built.contents.pages, passages=passages)
    contents = replace(tiny_built.contents, pages=pages, calibration=calibration)
    write(contents, tmp_path / "release", {})
    [p] = load(tmp_path / "release").read([passages[0].keyed])
    assert [hit.url for hit in p.passages] == ["https://help.example.com/wool"]


def test_a_template_that_hands_off_marks_its_intent(tiny_built: Built) -> None:
    templates = [replace(t, hands_off=t.intent == "repair") for t in tiny.TEMPLATES]
    answers = replace(tiny_built.contents.answers, templates=templates)
    [p] = Release("", replace(tiny_built.contents, answers=answers)).read(["the zip is broken"])
    assert {c.intent for c in p.candidates if c.hands_off} == {"repair"}


def test_templates_are_found_by_id_and_by_intent(tiny_release: Release) -> None:
    assert tiny_release.template("repair") == tiny.TEMPLATES[3]
    assert tiny_release.templates_of("order_status") == tiny.TEMPLATES[:2]
    assert tiny_release.templates_of("nothing") == ()
    assert tiny_release.titles["repair"] == "A repair"
    with pytest.raises(KeyError):
        tiny_release.template("nothing")


def test_an_encoder_gone_wrong_raises_instead_of_guessing(tiny_folder: Path) -> None:
    release = load(tiny_folder)
    next(release._contents.encoder.network.parameters()).data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match=release.hash):
        release.read(["hello"])


def test_the_same_inputs_and_seed_give_the_same_name(
    tiny_encoder: Path, tiny_release: Release, tmp_path: Path
) -> None:
    """In another process, where sets and hashes have another order."""
    again = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            BUILD,
            tiny_encoder,
            tmp_path / "again",
            str(torch.get_num_threads()),
        ],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert again.stdout.split() == [tiny_release.hash]
    assert load(tmp_path / "again").hash == tiny_release.hash


def test_a_fine_tuned_release_has_the_same_name_twice(tiny_encoder: Path, tmp_path: Path) -> None:
    options = tiny.options(tiny_encoder, fast=False)
    one, two = (tiny.built(tiny_encoder, fast=False) for _ in range(2))
    assert one.trials[0].way.regime == "fine-tuned"
    assert seal(one, tmp_path / "one", options) == seal(two, tmp_path / "two", options)
    read = load(tmp_path / "one").read(TEXTS)
    assert nameless(read) == nameless(Release("", one.contents).read(TEXTS))


def test_no_file_of_a_release_says_where_it_was_made(tiny_folder: Path) -> None:
    for file in tiny_folder.rglob("*"):
        if file.is_file() and file.name != "report.json":  # it tells the options as they were given
            assert str(tiny_folder.parent.parent).encode() not in file.read_bytes()


def test_a_write_that_fails_leaves_the_old_release_whole(
    tiny_built: Built, tiny_folder: Path, tmp_path: Path
) -> None:
    target = copied(tiny_folder, tmp_path / "release")
    with pytest.raises(FileNotFoundError):
        write(tiny_built.contents, target, {"no-such-folder/report.json": b"{}"})
    assert verify(target) == verify(tiny_folder)
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def other_encoder(folder: Path) -> None:
    swapped = tiny.save_encoder(folder.parent / "other", seed=1)
    for file in swapped.rglob("*"):
        if file.is_file():
            (folder / "encoder" / file.relative_to(swapped)).write_bytes(file.read_bytes())


MISFIT = "do not reproduce the stored probes"
UNLOADABLE = "cannot be loaded"
RESEALED = [
    *((tensor(name, with_nan), f"{VECTORS}: {name} holds values that are no numbers")
      for name in ("examples", "questions", "passages", "mean", "head.weight", "head.bias")),
    (tensor("probes", with_nan), MISFIT),
    *((tensor(name, lambda a: a[:-1]), f"{VECTORS}: {name} is")
      for name in ("examples", "questions", "passages", "head.weight", "head.bias")),
    *((tensor(name, permuted), f"{VECTORS}: the rows of {name} are not those of their texts")
      for name in ("examples", "questions")),
    (tensor("passages", np.negative), f"{VECTORS}: the rows of passages are not"),
    *((tensor(name, permuted), MISFIT) for name in ("head.weight", "head.bias", "probes", "mean")),
    (other_encoder, MISFIT),
    (json_key("encoder/config.json", "num_hidden_layers", 1), "the rows of examples are not those of their texts"),
    (json_key("encoder/config.json", "hidden_size", 64), UNLOADABLE),
    (json_key("encoder/config.json", "model_type", "nonsense"), UNLOADABLE),
    *((cut(name), UNLOADABLE)
      for name in (VECTORS, "encoder/model.safetensors", "intents.json", "calibration.json",
                   "examples.jsonl", "templates.jsonl", "passages.jsonl")),
    *((gone(name), UNLOADABLE)
      for name in (VECTORS, "encoder/model.safetensors", "intents.json", "templates.jsonl")),
    (json_key("calibration.json", "weights", None), UNLOADABLE),
    (written("intents.json", "[1]"), UNLOADABLE),
    (written("templates.jsonl", '{"id": "a", "intent": "b", "texts": "c"}'), "'texts' is no field of a template"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "why"), RESEALED)
def test_what_does_not_fit_together_is_refused_even_under_a_good_seal(
    tiny_folder: Path, tmp_path: Path, damage: Damage, why: str
) -> None:
    folder = copied(tiny_folder, tmp_path / "release")
    damage(folder)
    with pytest.raises(ReleaseRefused, match=re.escape(str(folder))) as refused:
        load(resealed(folder))
    assert why in str(refused.value)


def test_a_copy_of_a_release_is_the_same_release(tiny_folder: Path, tmp_path: Path) -> None:
    assert load(copied(tiny_folder, tmp_path / "copy")).hash == verify(tiny_folder)


def test_a_release_from_before_passages_had_addresses_still_loads(
    tiny_folder: Path, tmp_path: Path
) -> None:
    folder = copied(tiny_folder, tmp_path / "release")
    file = folder / "passages.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row.pop("url") for row in rows] == [""] * len(tiny.PASSAGES)
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert load(resealed(folder)).read(["wool"])


def test_an_answer_in_liquid_that_answers_have_no_more_is_not_given_and_the_rest_is(
    tiny_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = copied(tiny_folder, tmp_path / "release")
    file = folder / "templates.jsonl"
    first, *others = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [first | {"text": "{{ name | escape }} {{ name.__class__ }}"}, *others]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    release = load(resealed(folder))
    [logged] = caplog.messages
    assert f"template {first['id']!r}" in logged
    assert first["id"] not in [one.id for one in release.templates_of(first["intent"])]
    last = others[-1]
    assert last["id"] in [one.id for one in release.templates_of(last["intent"])]
    readings = release.read([*first["questions"], *last["questions"], first["intent"]])
    hits = {hit.template_id for reading in readings for hit in reading.templates}
    assert first["id"] not in hits
    assert last["id"] in hits
