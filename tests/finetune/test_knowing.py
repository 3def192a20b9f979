"""How well pages fit questions that they do not answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finetune.build import Built, Material, build, seal
from retrieval.sealing import load
from retrieval.teachings import read_by
from tests.tiny import PASSAGES, TEMPLATES, examples, options

ASKED = ("can my jumper go in the machine", "how do I wash a jumper", "cold or warm water")


def trained(encoder: Path, asked: tuple[str, ...]) -> Built:
    beside = replace(PASSAGES[0], heading="Drying", text="Dry wool flat, and cold.")
    pages = (replace(PASSAGES[0], asked=asked), beside)
    return build(Material(examples(), TEMPLATES, pages), options(encoder))


def test_what_people_ask_and_pages_stop_short_of_is_not_quoted_either(tiny_encoder: Path) -> None:
    without, with_asked = trained(tiny_encoder, ()), trained(tiny_encoder, ASKED)
    assert with_asked.contents.calibration.passage_at > without.contents.calibration.passage_at


def test_a_release_keeps_what_people_ask(tiny_encoder: Path, tmp_path: Path) -> None:
    built = trained(tiny_encoder, ASKED)
    seal(built, tmp_path / "release", options(tiny_encoder))
    release = load(tmp_path / "release")
    pages = release.contents.pages
    assert (pages.asked, pages.askers.tolist()) == ([*ASKED], [0, 0, 0])
    assert (pages.asked_points == built.contents.pages.asked_points).all()
    assert release.with_pages({}, read_by(release)).contents.pages.asked == [*ASKED]
    assert pages.headings is None  # one heading is none to tell apart


def test_a_release_keeps_what_tells_headings_apart(tiny_encoder: Path, tmp_path: Path) -> None:
    beside = replace(PASSAGES[0], heading="Drying", text="Dry wool flat.", asked=("on the line",))
    pages = (replace(PASSAGES[0], asked=ASKED), beside)
    built = build(Material(examples(), TEMPLATES, pages), options(tiny_encoder))
    seal(built, tmp_path / "release", options(tiny_encoder))
    release = load(tmp_path / "release")
    learned, kept = built.contents.pages.headings, release.contents.pages.headings
    assert learned is not None
    assert kept is not None
    assert kept.classes == learned.classes == (pages[0].under, beside.under)
    assert (kept.weight == learned.weight).all()
    fresh = {"other": (replace(beside, page="other"),)}
    renewed = release.with_pages(fresh, read_by(release)).contents.pages
    assert renewed.headings is kept
    assert len(renewed.passages) == 3
