"""
A server with nothing but the Telegram channel, for `benchmarks.telegram`: the real log, turns, delivery and channel; only the model is small.

    python -m benchmarks.telegram_server FOLDER BASE_URL [--webhook URL]

It runs until it is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.channels.telegram import Telegram
from bot.channels.telegram_client import TelegramSettings, quiet_logs
from tests.bot.house import House, house

TOKEN = "123456:Loopback-token_of-a-benchmark"  # noqa: S105 - made up, for loopback
SECRET = "secret-of-a-benchmark"  # noqa: S105 - the same


@contextlib.asynccontextmanager
async def serving(
    folder: Path, base_url: str, webhook: str = "", *, at_least_once: bool = True
) -> AsyncIterator[tuple[House, Telegram]]:
    """Serve the log in `folder` on Telegram for as long as the context lasts; a webhook's URL is of this machine."""
    settings = TelegramSettings(
        token=TOKEN,
        base_url=base_url,
        webhook_url=webhook,
        secret=SECRET if webhook else "",
        poll=5,
        first_wait=0.05,
        longest_wait=1.0,
        at_least_once=at_least_once,
    )
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(house(folder))
        jitter = Random(0)  # noqa: S311 - spreads waits, guards nothing
        channel = Telegram(settings, intake=desk.turns, log=desk.log, rng=jitter)
        desk.delivery.connect(channel)
        if webhook:
            await stack.enter_async_context(_listening(webhook, channel))
        await desk.turns.recover()
        await stack.enter_async_context(channel)
        yield desk, channel


@contextlib.asynccontextmanager
async def _listening(webhook: str, channel: Telegram) -> AsyncIterator[None]:
    where = urlsplit(webhook)
    app = web.Application()
    app.router.add_post(where.path, channel.webhook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, where.hostname, where.port, reuse_address=True).start()
        yield
    finally:
        await runner.cleanup()


async def _serve(given: argparse.Namespace) -> None:
    async with serving(given.folder, given.base_url, given.webhook):
        await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("base_url")
    parser.add_argument("--webhook", default="")
    quiet_logs()
    quiet()
    asyncio.run(_serve(parser.parse_args()))


def quiet() -> None:
    """Log errors alone: what goes wrong by design fills the screen."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


if __name__ == "__main__":
    main()
