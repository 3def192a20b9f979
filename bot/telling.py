"""Who is told of an alert beside the console: a webhook, signed and bounded as lookups are, and the team's chat on Telegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import structlog
from aiohttp import ClientError

from bot.alerts import Alert
from bot.lookup import KEY, SIGNATURE, TIMESTAMP, Lookups, refusal, signature

PATIENCE = 5.0  # seconds that a webhook has to answer
WAITS = (2.0, 10.0, 60.0, 600.0)  # seconds before it is tried again
NAMES = {"negative": "Messages in a bad mood", "handoffs": "Hand-offs to a person", "unanswered": "Questions without an answer"}  # fmt: skip

logger = structlog.get_logger(__name__)

Tell = Callable[[Alert], Awaitable[None]]


async def post(lookups: Lookups, url: str, alert: Alert, waits: tuple[float, ...] = WAITS) -> bool:
    """Post an alert until it is taken or was tried often enough; its id is the key by which a repeat is known."""
    if why := refusal(url, lookups.hosts):
        logger.error("the webhook of alerts is not asked", why=why)
        return False
    body = json.dumps(asdict(alert), ensure_ascii=False).encode()
    for wait in (*waits, None):
        at = str(int(lookups.clock()))
        headers = {"Content-Type": "application/json", TIMESTAMP: at, SIGNATURE: signature(lookups.secret, at, body), KEY: alert.id}  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE):
                async with lookups.session.post(url, data=body, headers=headers, allow_redirects=False) as answer:  # fmt: skip
                    if answer.status // 100 == 2:
                        return True
                    why = f"status {answer.status}"
        except (ClientError, TimeoutError) as error:
            why = type(error).__name__
        logger.warning("the webhook of alerts failed", why=why)
        if wait is not None:
            await asyncio.sleep(wait)
    return False


def sentence(alert: Alert) -> str:
    """Return an alert as a person reads it, with the messages that are typical of it."""
    what = NAMES.get(alert.kind) or f"Questions about {alert.topic.replace('_', ' ')}"
    head = f"{what}: {alert.seen} in {alert.minutes} minutes, usual are {alert.expected:g}."
    return "\n".join([head, *(f"- {one.text[:200]}" for one in alert.examples)])
