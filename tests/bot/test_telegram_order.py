"""Updates of one chat that come together over the webhook: in the order of their ids, and nobody else waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.telegram import SECRET_HEADER, Telegram
from bot.channels.telegram_order import MOST, Order
from bot.intake import Busy, Hearing
from conversations.events import Utterance
from tests.bot.telegram_desk import ADA, BOB, SECRET, Desk, unstarted, update_of
from tests.fakes.telegram import FakeTelegram


class SlowDesk(Desk):
    """A desk whose disk is slow with one text, until it is let go."""

    def __init__(self, desk: Desk, slow: str) -> None:
        super().__init__(desk.log)
        self.slow = slow
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def hear(self, utterance: Utterance) -> Hearing:
        if utterance.text == self.slow:
            self.reached.set()
            await self.go_on.wait()
        return await super().hear(utterance)


@dataclass
class Posting:
    """The webhook of a channel, and how many posts have reached it."""

    url: str
    session: ClientSession
    begun: int = 0
    more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def post(self, number: int, chat_id: int = ADA) -> int:
        update = json.dumps(update_of(number, str(number), chat_id)).encode()
        headers = {SECRET_HEADER: SECRET}
        async with self.session.post(self.url, data=update, headers=headers) as answer:
            return answer.status

    async def count(self) -> None:
        async with self.more:
            self.begun += 1
            self.more.notify_all()

    async def reached(self, posts: int) -> None:
        async with asyncio.timeout(5), self.more:
            await self.more.wait_for(lambda: self.begun >= posts)


@asynccontextmanager
async def posting(telegram: FakeTelegram, desk: Desk) -> AsyncIterator[Posting]:
    url = f"http://127.0.0.1:{(port := unused_port())}/hook"
    channel: Telegram = unstarted(telegram, desk, webhook_url=url, secret=SECRET)

    async def hook(request: web.Request) -> web.Response:
        await request.content.wait_eof()  # all of it is there, and nothing read
        taking = asyncio.create_task(channel.webhook(request))
        await asyncio.sleep(0)
        await posts.count()
        return await taking

    app = web.Application()
    app.router.add_post("/hook", hook)
    async with AsyncExitStack() as stack:
        posts = Posting(url, await stack.enter_async_context(ClientSession()))
        await stack.enter_async_context(TestServer(app, port=port))
        await stack.enter_async_context(channel)
        await telegram.wait_until(lambda: telegram.webhook_url == url)
        yield posts


class TestWebhook:
    async def test_updates_of_one_chat_that_wait_are_heard_by_their_ids_and_other_chats_do_not_wait(
        self, telegram: FakeTelegram, desk: Desk
    ) -> None:
        slow = SlowDesk(desk, "1")
        numbers = list(range(2, 40))
        Random(3).shuffle(numbers)  # noqa: S311 - a test's disorder
        async with posting(telegram, slow) as posts, asyncio.TaskGroup() as group:
            group.create_task(posts.post(1))
            async with asyncio.timeout(5):
                await slow.reached.wait()
            waiting = [group.create_task(posts.post(number)) for number in numbers]
            await posts.reached(1 + len(numbers))
            assert await posts.post(1000, BOB) == 200
            assert await desk.texts(BOB) == ["1000"]
            assert await desk.texts(ADA) == []
            slow.go_on.set()
        assert {task.result() for task in waiting} == {200}
        assert await desk.texts(ADA) == [str(number) for number in range(1, 40)]


class TestOrder:
    async def test_what_comes_together_goes_by_its_ids(self) -> None:
        order, went = Order(), []

        async def go(update_id: int) -> None:
            async with order.turn(ADA, update_id):
                await asyncio.sleep(0)
                went.append(update_id)

        await asyncio.gather(*(go(update_id) for update_id in (5, 3, 9, 3, 1)))
        assert went == [1, 3, 3, 5, 9]

    async def test_nothing_is_kept_of_a_chat_where_nothing_happens(self) -> None:
        order = Order()
        for chat_id in range(50):
            async with order.turn(chat_id, 1):
                assert order.busy == 1
        assert order.busy == 0

    async def test_whoever_is_cancelled_while_waiting_lets_the_next_one_in(self) -> None:
        order = Order()
        async with order.turn(ADA, 1):
            gone = asyncio.create_task(_pass(order, 2))
            kept = asyncio.create_task(_pass(order, 3))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.wait({gone})
        await kept
        leaving = order.turn(ADA, 4)
        await leaving.__aenter__()
        late = asyncio.create_task(_pass(order, 5))
        await asyncio.sleep(0)
        await leaving.__aexit__(None, None, None)
        late.cancel()  # when its turn has come, and before it knows
        await asyncio.wait({late})
        await _pass(order, 6)
        assert order.busy == 0

    async def test_there_is_an_end_to_what_may_wait(self) -> None:
        order = Order()
        async with order.turn(ADA, 1):
            waiting = [asyncio.create_task(_pass(order, number)) for number in range(MOST)]
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await _pass(order, MOST)
        await asyncio.gather(*waiting)
        await _pass(order, 1)


async def _pass(order: Order, update_id: int) -> None:
    async with order.turn(ADA, update_id):
        pass
