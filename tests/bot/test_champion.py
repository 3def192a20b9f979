"""The serving Release: batches, failures, swaps."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.champion import BATCH, Champion
from bot.intake import Busy
from bot.meters import Meters
from bot.reader import ModelFailed
from retrieval.locks import in_use
from retrieval.manifest import ReleaseRefused
from retrieval.shelf import Shelf
from retrieval.teachings import Teachable
from retrieval.upkeep import prune
from tests.bot.house import until
from tests.bot.reader import KeywordReader, load_reader, write_reader
from tests.bot.test_desk import clock


@contextlib.asynccontextmanager
async def serving(
    release: KeywordReader,
    *,
    patience: float = 10.0,
    waiting: int = 512,
    load: Callable[[Path], Teachable] = load_reader,
) -> AsyncIterator[tuple[Champion, Meters]]:
    meters = Meters()
    async with Champion(
        release, load=load, meters=meters, patience=patience, waiting=waiting
    ) as champion:
        yield champion, meters


def swaps(meters: Meters, outcome: str) -> float | None:
    return meters.registry.get_sample_value("frontdesk_champion_swaps_total", {"outcome": outcome})


async def test_what_waits_is_read_together() -> None:
    release = KeywordReader(seconds=0.02)
    async with serving(release) as (champion, _):
        texts = [f"order {n}" for n in range(100)]
        readings = await asyncio.gather(*map(champion.read, texts))
    assert [prediction.text for prediction, _ in readings] == texts
    assert max(release.passes) == BATCH
    assert len(release.passes) <= 6


async def test_a_poisonous_text_fails_alone() -> None:
    async with serving(KeywordReader(seconds=0.02)) as (champion, meters):
        texts = ["order", "boom", "return", "nan", "order"]
        results = await asyncio.gather(*map(champion.read, texts), return_exceptions=True)
        assert [isinstance(r, ModelFailed) for r in results] == [False, True, False, True, False]
        assert (await champion.read("order"))[0].best.intent == "order_status"
    assert meters.registry.get_sample_value("frontdesk_model_failures_total") == 2


async def test_a_stalled_model_is_given_up() -> None:
    async with serving(KeywordReader(seconds=0.3), patience=0.05) as (champion, _):
        with pytest.raises(ModelFailed):
            await champion.read("order")


async def test_a_long_queue_is_no_reason_to_give_up() -> None:
    async with serving(KeywordReader(seconds=0.1), patience=0.3) as (champion, _):
        readings = await asyncio.gather(*(champion.read("order") for _ in range(200)))
    assert len(readings) == 200


async def test_a_full_queue_refuses_early() -> None:
    async with serving(KeywordReader(seconds=0.1), waiting=4) as (champion, _):
        tasks = [asyncio.create_task(champion.read("order")) for _ in range(20)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert any(isinstance(r, Busy) for r in results)
    assert not any(isinstance(r, ModelFailed) for r in results)


async def test_a_swap_under_load_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, clock)
    for name in ("a" * 16, "b" * 16):
        write_reader(shelf.releases, name)
    shelf.promote("a" * 16)
    async with serving(KeywordReader(hash="a" * 16, seconds=0.002)) as (champion, meters):
        watching = asyncio.create_task(champion.watch(shelf.champion))
        seen: list[str] = []

        async def ask() -> None:
            while champion.serving.hash.startswith("a"):
                prediction, release = await champion.read("order")
                assert prediction.release == release.hash
                seen.append(release.hash)

        asking = [asyncio.create_task(ask()) for _ in range(20)]
        await asyncio.sleep(0.05)
        shelf.promote("b" * 16)
        await asyncio.wait_for(asyncio.gather(*asking), 5)
        assert (await champion.read("order"))[1].hash == "b" * 16
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert len(seen) > 100
    assert swaps(meters, "swapped") == 1


async def test_a_bad_release_leaves_the_old_one_serving(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, clock)
    write_reader(shelf.releases, "bad", broken=True)
    write_reader(shelf.releases, "good")
    shelf.promote("bad")
    async with serving(KeywordReader()) as (champion, meters):
        watching = asyncio.create_task(champion.watch(shelf.champion))
        await until(lambda: swaps(meters, "refused") == 1)
        assert champion.serving.hash == "a" * 16
        shelf.promote("good")
        await until(lambda: champion.serving.hash == "good")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert meters.registry.get_sample_value("frontdesk_champion", {"release": "good"}) == 1


async def test_a_server_that_loads_slowly_follows_while_older_releases_go(tmp_path: Path) -> None:
    """As the nights of a month in a second, with one Release kept beside those that are needed."""
    shelf = Shelf(tmp_path, clock)
    names = [f"{number:016x}" for number in range(30)]

    def load_slowly(folder: Path) -> Teachable:
        with in_use(folder):
            if not folder.is_dir():
                raise ReleaseRefused(f"there is no Release at {folder}")
            time.sleep(0.05)
            return load_reader(folder)

    async with serving(KeywordReader(), load=load_slowly) as (champion, _):
        watching = asyncio.create_task(champion.watch(shelf.champion))
        for name in names:
            write_reader(shelf.releases, name)
            await asyncio.to_thread(shelf.promote, name)
            await asyncio.to_thread(prune, shelf, 1)
            await asyncio.sleep(0.03)
        await until(lambda: champion.serving.hash == names[-1])
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert len(shelf.sealed()) <= 4  # two needed, one kept, one that was being loaded
