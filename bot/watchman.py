"""The alerts of a desk, put together: who looks, who is told, who may ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts import Alert, Alerts
from bot.champion import Champion
from bot.channels.alerts_api import AlertsApi, shown
from bot.channels.guard import Gate
from bot.channels.telegram import Telegram
from bot.channels.web_frames import Frame
from bot.desk import Desk
from bot.lookup import Lookups
from bot.telling import post, sentence
from conversations.log import EventLog
from retrieval.mood import Measured
from retrieval.release import Release


@asynccontextmanager
async def watchman(
    desk: Desk,
    clock: Callable[[], datetime],
    log: EventLog,
    champion: Champion,
    gate: Gate,
    lookups: Lookups,
    telegram: Telegram | None,
    show: Callable[[Frame], None],
) -> AsyncIterator[tuple[Alerts, AlertsApi]]:
    """
    Give the alerts and their routes; who is being told when the context ends is not told any more.

    Args:
        show: shows a frame in every console that is open.
    """
    settings, telling = desk.settings.alerts, set[asyncio.Task[None]]()

    def shows(alert: Alert) -> None:
        show({"kind": "alert", "alert": shown(alert)})

    async def tell(alert: Alert) -> None:
        shows(alert)
        errands = list[Coroutine[None, None, object]]()
        if settings.webhook:
            errands.append(post(lookups, settings.webhook, alert))
        if telegram and settings.telegram_chat:
            errands.append(telegram.tell(settings.telegram_chat, sentence(alert)))
        for errand in errands:
            telling.add(task := asyncio.create_task(_done(errand)))
            task.add_done_callback(telling.discard)

    alerts = Alerts(log, clock, ZoneInfo(desk.settings.time_zone), tell)

    def measured() -> Mapping[str, Measured]:
        sealed = champion.sealed
        moods = sealed.contents.moods if isinstance(sealed, Release) else None
        return moods.measured if moods else {}

    try:
        yield alerts, AlertsApi(alerts, measured, gate, shows)
    finally:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)


async def _done(errand: Coroutine[None, None, object]) -> None:
    await errand
