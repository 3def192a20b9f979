"""Messages keep to Telegram's limits: few a second, in order, none before Telegram wants it."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count, pairwise
from typing import Any

import pytest

from bot.channels.telegram_pace import BURST, OVERALL, PER_CHAT, PER_GROUP, WHOLE_BOT, Pace


class Time:
    """A clock that moves to where the next sleeper wakes, so that an hour takes no time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), woken))
        await woken

    async def pass_until(self, done: asyncio.Future[Any]) -> None:
        while not done.done():
            for _ in range(20):  # let everybody get to their next sleep
                await asyncio.sleep(0)
            if self._sleepers:
                at, _, woken = heapq.heappop(self._sleepers)
                self.now = max(self.now, at)
                woken.set_result(None)


class Bot:
    """Sends through a pace, and notes what went where and when."""

    def __init__(self) -> None:
        self.time = Time()
        self.pace = Pace(self.time, self.time.sleep)
        self.sent: list[tuple[float, int, int]] = []  # when, to which chat, the how manieth

    async def send(self, chat_id: int, number: int) -> None:
        async with self.pace.turn(chat_id):
            self.sent.append((self.time.now, chat_id, number))

    async def run(self, *messages: tuple[int, int]) -> None:
        done = asyncio.gather(*(self.send(*message) for message in messages))
        await self.time.pass_until(done)

    def times(self, chat_id: int) -> list[float]:
        return [at for at, to, _ in self.sent if to == chat_id]


@pytest.fixture
def bot() -> Bot:
    return Bot()


async def test_two_hundred_chats_get_at_most_thirty_messages_in_any_second(bot: Bot) -> None:
    await bot.run(*((chat, 0) for chat in range(1, 201)))
    times = [at for at, _, _ in bot.sent]
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 30
    assert times[-1] == pytest.approx(199 * OVERALL)


@pytest.mark.parametrize(("chat", "interval"), [(7, PER_CHAT), (-7, PER_GROUP)])
async def test_a_chat_gets_a_few_at_once_and_then_one_at_a_time(
    bot: Bot, chat: int, interval: float
) -> None:
    await bot.run(*((chat, number) for number in range(10)))
    times = bot.times(chat)
    assert times[BURST - 1] < 1
    assert times[-1] >= (10 - BURST) * interval
    assert [number for _, _, number in bot.sent] == list(range(10))


async def test_a_chat_that_is_asked_to_wait_does_not_hold_up_others(bot: Bot) -> None:
    bot.pace.pause(7, 30.0)
    await bot.run((7, 0), (8, 0), (7, 1))
    assert bot.times(8)[0] < 1
    assert min(bot.times(7)) >= 30.0
    assert [number for _, to, number in bot.sent if to == 7] == [0, 1]


async def test_a_pause_that_comes_while_a_message_waits_holds_for_it_too(bot: Bot) -> None:
    async with bot.pace.turn(7):
        waiting = asyncio.gather(bot.send(7, 1))
        await asyncio.sleep(0)
        bot.pace.pause(7, 12.0)
    await bot.time.pass_until(waiting)
    assert bot.times(7)[0] >= 12.0


async def test_where_chat_after_chat_is_refused_the_whole_bot_waits_and_goes_on_evenly(
    bot: Bot,
) -> None:
    for chat in range(WHOLE_BOT):
        bot.pace.pause(100 + chat, 9.0)
    await bot.run(*((chat, 0) for chat in range(1, 6)))
    times = [at for at, _, _ in bot.sent]
    assert times[0] >= 9.0
    assert all(later - at >= OVERALL * 0.99 for at, later in pairwise(times))


async def test_a_refusal_here_and_there_is_about_its_own_chat(bot: Bot) -> None:
    for chat in range(10):
        bot.pace.pause(100 + chat, 9.0)
        bot.pace.taken()
    await bot.run((1, 0))
    assert bot.times(1)[0] < 1


async def test_chats_that_are_quiet_are_forgotten(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram_pace.REMEMBERED", 10)
    for chat in range(1, 50):
        await bot.run((chat, 0))
        bot.time.now += 60
    assert len(bot.pace._chats) <= 11
