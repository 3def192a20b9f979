"""The librarian with a real Release: pages are read between two passes, and nothing stays half done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.librarian import Librarian
from bot.pages.keeping import Keeping, Way
from conversations.log import EventLog, LogError
from retrieval.release import Release
from tests.bot.house import House, event_log, fresh_id, house

ZIPS = b"# Zips\n\n## Care\n\nRub a candle along the zip.\n"


def librarian(inside: House, folder: Path, log: EventLog | None = None) -> Librarian:
    return Librarian(
        keeping=Keeping(folder, "en"),
        log=log or inside.log,
        tutor=inside.tutor,
        serving=lambda: inside.champion.serving,
        clock=lambda: datetime.now(UTC),
        new_id=fresh_id,
    )


@pytest.fixture
def lenient(tiny_release: Release) -> Release:
    """The tiny Release, which quotes whatever comes nearest."""
    contents = tiny_release.contents
    calibration = replace(contents.calibration, passage_at=-1.0)
    return Release(tiny_release.hash, replace(contents, calibration=calibration))


async def test_a_page_is_quoted_by_the_release_that_serves_and_no_more_once_undone(
    lenient: Release, tmp_path: Path
) -> None:
    async with house(tmp_path, lenient) as inside:
        works = librarian(inside, tmp_path)
        took = await works.take("zips.md", ZIPS, Way.ASK, seen="", operator="mia")
        assert took.quoted
        assert took.saved is not None
        [page] = (await works.all())[0]
        assert "zips" in await quoted(inside)
        assert (page.page.title, page.quoted, page.last) == ("Zips", True, took.saved)
        await works.undo("zips", took.saved.change_id, operator="mia")
        assert await quoted(inside) == {"wool"}


async def quoted(inside: House) -> set[str]:
    prediction, _ = await inside.champion.read("candle zip")
    return {hit.page for hit in prediction.passages}


async def test_a_change_that_cannot_be_recorded_is_none(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with event_log(tmp_path / "other") as closed:
        pass
    async with house(tmp_path) as inside:
        await librarian(inside, tmp_path).take("zips.md", ZIPS, Way.ASK, seen="", operator="mia")
        page = tmp_path / "pages" / "zips.md"
        before, works = page.read_bytes(), librarian(inside, tmp_path, closed)
        with pytest.raises(LogError):
            await works.take("zips.md", b"# Zips\n\nGone.\n", Way.ASK, seen=None, operator="mia")
        with pytest.raises(LogError):
            await works.take("sun.txt", b"Shade.", Way.ASK, seen=None, operator="mia")
        with pytest.raises(LogError):
            await works.remove("zips", operator="mia")
        assert page.read_bytes() == before
        assert [one.name for one in (tmp_path / "pages").glob("*.md")] == ["zips.md"]
