"""A Release on trial beside the champion."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import running
from bot.champion import Champion
from bot.desk import Desk
from bot.meters import Meters
from bot.trial import Rivals, drawn
from retrieval.shelf import Shelf, ShelfError, Trial
from tests.bot.house import WORDS, until
from tests.bot.reader import KeywordReader, load_reader, write_reader
from tests.bot.served import FIRST, make_desk, served

RIVAL = "b" * 16


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = make_desk(tmp_path).shelf
    write_reader(shelf.releases, RIVAL)
    return shelf


@asynccontextmanager
async def rivals(shelf: Shelf, meters: Meters) -> AsyncIterator[Rivals]:
    first = KeywordReader(hash=FIRST)
    async with Champion(first, load=load_reader, meters=meters) as champion:
        found = Rivals(champion, shelf, load=load_reader, words=WORDS, meters=meters)
        async with running(found.watch()):
            yield found


def looked_on(meters: Meters, outcome: str) -> float:
    return meters.registry.get_sample_value("frontdesk_trial_total", {"outcome": outcome}) or 0.0


async def answering(found: Rivals, conversations: int) -> list[str]:
    """Return who read a message of each conversation."""
    readings = [await found.read("order", f"c{n}") for n in range(conversations)]
    return [release.hash for _, release in readings]


async def test_a_share_of_the_conversations_is_the_rivals_and_stays_so(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.5)
    async with rivals(shelf, Meters()) as found:
        await until(lambda: found.tried_out == RIVAL)
        once = await answering(found, 40)
        assert 8 < once.count(RIVAL) < 32
        assert await answering(found, 40) == once
        shelf.end_trial()
        await until(lambda: not found.tried_out)
        assert set(await answering(found, 5)) == {FIRST}


async def test_one_that_only_looks_on_answers_nobody_and_is_counted(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.0)
    meters = Meters()
    async with rivals(shelf, meters) as found:
        await until(lambda: found.tried_out == RIVAL)
        assert set(await answering(found, 5)) == {FIRST}
        await until(lambda: looked_on(meters, "same") == 5)


async def test_where_the_rival_fails_the_champion_answers(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 1.0)
    meters = Meters()
    async with rivals(shelf, meters) as found:
        await until(lambda: found.tried_out == RIVAL)
        with pytest.raises(Exception, match="could not read"):
            await found.read("boom", "c1")  # which the champion cannot either
        assert looked_on(meters, "failed") == 1


async def test_a_rival_that_cannot_be_loaded_changes_nothing(shelf: Shelf) -> None:
    write_reader(shelf.releases, "c" * 16, broken=True)
    shelf.try_out("c" * 16, 1.0)
    async with rivals(shelf, Meters()) as found:
        await asyncio.sleep(0.2)
        assert found.tried_out == ""
        assert set(await answering(found, 3)) == {FIRST}


async def test_a_rival_that_was_promoted_has_won(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.5)
    async with served(Desk.open(shelf.folder)) as client:
        shelf.promote(RIVAL)
        async with asyncio.timeout(20):
            while (await client.say("order"))["release"] != RIVAL:  # noqa: ASYNC110 - as a visitor sees it
                await asyncio.sleep(0.05)


def test_the_draw_is_by_conversation_and_by_release() -> None:
    half, other = Trial(RIVAL, 0.5), Trial("c" * 16, 0.5)
    conversations = [f"c{n}" for n in range(400)]
    one = [drawn(c, half) for c in conversations]
    assert 150 < sum(one) < 250
    assert one != [drawn(c, other) for c in conversations]
    assert not any(drawn(c, Trial(RIVAL, 0.0)) for c in conversations)
    assert all(drawn(c, Trial(RIVAL, 1.0)) for c in conversations)


def test_only_a_whole_release_that_does_not_serve_is_tried_out(shelf: Shelf) -> None:
    with pytest.raises(ShelfError, match="there is nothing to try out"):
        shelf.try_out(FIRST, 0.1)
    with pytest.raises(ShelfError, match="not a complete Release"):
        shelf.try_out("nope", 0.1)
    assert shelf.trial is None
    shelf.try_out(RIVAL, 0.1)
    assert shelf.trial == Trial(RIVAL, 0.1)
    (shelf.folder / "trial.json").write_text("{")
    assert shelf.trial is None
    assert shelf.end_trial()
    assert not shelf.end_trial()
