"""Long work as a process of its own: what it says is told, one at a time, and it can be ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errands import AtIt, Errand, Errands
from tests.bot.served import make_desk


def now() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


class Told:
    """What was told of errands, and when one has ended."""

    def __init__(self) -> None:
        self.last: Errand | None = None
        self._ended = asyncio.Event()

    def __call__(self, errand: Errand) -> None:
        self.last = errand
        if errand.code is not None:
            self._ended.set()

    async def ended(self) -> None:
        async with asyncio.timeout(60):
            await self._ended.wait()
        self._ended.clear()


async def test_what_it_prints_is_its_result_and_one_runs_at_a_time(tmp_path: Path) -> None:
    desk, told = make_desk(tmp_path), Told()
    async with Errands(now, told) as errands:
        words = ["releases", "list", "--json", "--desk", str(desk.folder)]
        errand = errands.begin(words, about="a list", by="ann")
        with pytest.raises(AtIt):
            errands.begin(words, about="another", by="bob")
        await told.ended()
        assert [row["champion"] for row in errand.result["releases"]] == [True]
        assert (errand.code, told.last, errand.as_json()["running"]) == (0, errand, False)
        again = errands.begin(words, about="again", by="bob")
        await told.ended()
        assert errands.last is again


async def test_what_it_refuses_is_said(tmp_path: Path) -> None:
    told = Told()
    async with Errands(now, told) as errands:
        nowhere = ["releases", "show", "--desk", str(make_desk(tmp_path).folder), "ffff"]
        errand = errands.begin(nowhere, about="", by="ann")
        await told.ended()
    assert errand.code not in (0, None)
    assert "There is no Release 'ffff'" in " ".join(errand.said)
    assert errand.result == {}


async def test_it_can_be_ended_even_before_it_has_begun(tmp_path: Path) -> None:
    async with Errands(now) as errands:
        words = ["serve", "--port", "0", "--desk", str(make_desk(tmp_path).folder)]
        errand = errands.begin(words, about="", by="ann")
        await errands.stop()
        assert errand.stopped
        assert errand.code is not None
