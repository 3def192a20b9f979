"""`make bench-telegram`, made small: what it measures holds, and its watch sees what must not be."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.telegram import Load, send, unparsable
from benchmarks.telegram_mortal import receive
from benchmarks.telegram_server import TOKEN
from benchmarks.telegram_weather import Chances, Weather, most_within
from tests.fakes.telegram import FakeTelegram

TINY = Load(
    updates=30, kills=1, sends=24, chats=12, once=0, taps=0, answers=0, patience=(1, 1), seed=1
)


async def test_a_server_that_is_killed_loses_nothing_and_decides_on_nothing_twice(
    tmp_path: Path,
) -> None:
    received = await receive(tmp_path, TINY.updates, TINY.chats, TINY.kills, TINY.seed)
    assert received.updates > received.messages
    assert received.holds, received


async def test_sends_that_go_wrong_in_every_way_are_neither_lost_nor_unexplained(
    tmp_path: Path,
) -> None:
    sent = await send(tmp_path, TINY.sends, TINY, Chances(patience=TINY.patience))
    assert sent.calls > sent.sends
    assert sent.holds, sent


async def test_the_watch_sees_a_send_before_its_time() -> None:
    async with FakeTelegram(TOKEN) as telegram:
        always = Chances(0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
        weather = Weather(telegram, always, Random(0))  # noqa: S311 - draws faults
        for _ in range(3):
            weather("sendMessage", {"chat_id": 7, "text": "PP-000001"})
        assert weather.early == 2
        assert weather.most_a_second == 3


@pytest.mark.parametrize(("times", "most"), [([], 0), ([0, 0.5, 0.9, 1.0], 3), ([0, 2, 4], 1)])
def test_the_most_in_any_second_is_counted(times: list[float], most: int) -> None:
    assert most_within(times, 1.0) == most


def test_made_up_answers_are_parsed() -> None:
    assert unparsable(200, seed=3) == 0
