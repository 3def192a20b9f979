"""Pages that changed since a Release was trained: quoted as they are now, and only what is new is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from retrieval.fresh_pages import FreshPages, Reading, renewed
from retrieval.passages import Passage
from retrieval.release import Release
from retrieval.teachings import Overlay, TaughtRelease, laid_over, read_by

OWN = Passage("wool", "Wool care", "Washing", "Wash wool by hand, cold, and dry it flat.")
ZIPS = Passage("zips", "Zips", "Care", "Rub a candle along the zip. It runs again.")
QUESTION = "wool hand cold dry flat candle zip"


@pytest.fixture
def lenient(tiny_release: Release) -> Release:
    """The tiny Release, which quotes whatever comes nearest."""
    contents = tiny_release.contents
    calibration = replace(contents.calibration, passage_at=-1.0)
    return Release(tiny_release.hash, replace(contents, calibration=calibration))


def over(release: Release, fresh: FreshPages, seq: int = 3) -> TaughtRelease:
    laid = laid_over(release, Overlay(seq=seq, pages=fresh))
    assert isinstance(laid, TaughtRelease)
    return laid


def quoted(release: Release | TaughtRelease, question: str = QUESTION) -> set[tuple[str, str]]:
    [reading] = release.read([question])
    return {(hit.page, hit.text) for hit in reading.passages}


def test_a_page_is_quoted_from_then_on_and_no_more_once_it_is_gone(lenient: Release) -> None:
    assert quoted(over(lenient, {"zips": (ZIPS,)}), "candle zip") == {("zips", ZIPS.text)}
    assert quoted(over(lenient, {"zips": (ZIPS,), "wool": ()})) == {("zips", ZIPS.text)}
    assert quoted(over(lenient, {"wool": ()})) == set()
    assert over(lenient, {"zips": (ZIPS,)}).passages_of("zips") == (ZIPS,)
    assert quoted(lenient) == {("wool", OWN.text)}


def test_only_what_a_page_says_anew_is_read_and_once(lenient: Release) -> None:
    asked: list[str] = []

    def read(text: str) -> Reading:
        asked.append(text)
        return read_by(lenient)(text)

    more = Passage("wool", "Wool care", "Drying", "Never in the sun.")
    paged = lenient.with_pages({"wool": (OWN, more)}, read)
    assert set(asked) == {more.keyed}
    assert len(asked) == 1
    assert paged.passages_of("wool") == (OWN, more)


def test_a_new_page_reads_as_if_the_release_had_been_trained_with_it(lenient: Release) -> None:
    paged = lenient.with_pages({"zips": (ZIPS,)}, read_by(lenient)).contents.pages
    assert paged.points.shape == (2, lenient.contents.encoder.dim)
    assert [paged.passages[row].page for row in paged.owners] == ["wool", "zips", "zips"]
    assert set(paged.terms.names) > set(lenient.contents.pages.terms.names)
    assert len(paged.terms.names) == len(paged.terms.points)


def test_what_people_ask_goes_with_its_page(lenient: Release) -> None:
    cold, hot = (
        replace(OWN, asked=(question,))
        for question in ("can you repair my zip", "when are you open")
    )
    first = lenient.with_pages({"wool": (cold,), "zips": (ZIPS,)}, read_by(lenient)).contents.pages
    assert (first.asked, first.askers.tolist()) == (["can you repair my zip"], [0])
    np.testing.assert_allclose(first.asked_points, lenient.points(first.asked), atol=1e-6)
    now = renewed(first, {"zips": (), "wool": (hot,)}, "en", read_by(lenient))
    assert now.asked == ["when are you open"]
    np.testing.assert_allclose(now.asked_points, lenient.points(now.asked), atol=1e-6)
    gone = renewed(first, {"wool": ()}, "en", read_by(lenient))
    assert (gone.asked, len(gone.asked_points), len(gone.passages)) == ([], 0, 1)


def test_the_same_pages_are_the_same_reading_to_the_last_digit(lenient: Release) -> None:
    fresh = {"zips": (ZIPS,), "wool": (OWN, Passage("wool", "Wool care", "", "In the shade."))}
    first = over(lenient, {"zips": (ZIPS,)})
    one, other = over(lenient, fresh), TaughtRelease.of(lenient, Overlay(3, pages=fresh), first)
    assert one.read([QUESTION]) == other.read([QUESTION])
    assert one.paged(lenient, fresh) is not None
    assert one.paged(lenient, {"zips": (ZIPS,)}) is None


def test_the_edition_names_the_pages_and_stays_as_it_was_without(lenient: Release) -> None:
    [reading] = over(lenient, {"zips": (ZIPS,)}).read([QUESTION])
    [gone] = over(lenient, {"zips": ()}).read([QUESTION])
    assert reading.edition is not None
    assert gone.edition is not None
    assert reading.edition != gone.edition
    before = "57e308cd006ff8df"  # of an overlay with nothing but a template withdrawn
    assert Overlay(withdrawn=frozenset({"repair"})).edition.hash == before


def test_a_release_that_was_trained_without_pages_waits_for_the_next_training(
    tiny_release: Release,
) -> None:
    bare = Release(tiny_release.hash, replace(tiny_release.contents, pages=type(tiny_release.contents.pages)()))  # fmt: skip
    assert bare.with_pages({"zips": (ZIPS,)}, read_by(bare)).passages_of("zips") == ()
