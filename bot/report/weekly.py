"""
Makes the report of a week, and sends it once a week.

Which week was sent last is a note beside the log, written as soon as the mail server has taken the mail: a restart sends nothing twice. A server
that is killed between the two sends again under the same Message-ID, by which mail programs know a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import make_msgid
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.alerts import told
from bot.answers import as_listed
from bot.channels.alerts_api import shown
from bot.channels.numbers_api import as_object
from bot.desk import Desk
from bot.report.facts import Facts, Waits, waiting, within
from bot.report.mail import MailRefused, letter
from bot.report.page import as_page
from bot.report.plain import as_text
from bot.report.week import Moment, Week, last_whole
from bot.report.wording import title
from bot.saved import Sealed
from conversations.errors import LogError
from conversations.log import EventLog
from conversations.teachings import teachings
from conversations.views.happened import micros
from conversations.views.numbers import Period, numbers
from conversations.views.view import Views
from retrieval import lines

NOTE = "report"  # under which the last week is noted that was sent
PAUSE = 30.0  # seconds between two looks at the clock
AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 60))  # after a mail was refused

Labels = Callable[[], Awaitable[int]]  # how many tickets the review has

logger = structlog.get_logger(__name__)


async def facts_of(
    desk: Desk, week: Week, log: EventLog, views: Views, labels: Labels | None = None
) -> Facts:
    """Return what a report is made of, from an open log and its views; `labels` counts what the review wants."""
    now = micros(desk.clock())
    idle = timedelta(hours=desk.settings.session_idle_hours) // timedelta(microseconds=1)

    async def numbers_of(one: Week) -> dict[str, Any]:
        period = Period(first=one.first, last=one.last, now=now, idle=idle)
        return await views.ask(lambda connection: as_object(numbers(connection, period)))

    known, release = teachings(await log.teachings()), Sealed.of(desk.shelf.champion)
    waits = waiting(
        len(await log.waiting()),
        await labels() if labels else None,
        as_listed(known, release),
        today_of(desk),
    )
    told_of = [shown(alert) for alert in await told(log)]
    return put_together(
        desk, week, await numbers_of(week), await numbers_of(week.before), told_of, waits
    )


def today_of(desk: Desk) -> date:
    return desk.clock().astimezone(ZoneInfo(desk.settings.time_zone)).date()


def put_together(
    desk: Desk,
    week: Week,
    counted: dict[str, Any],
    before: dict[str, Any],
    alerts: Sequence[dict[str, Any]],
    waits: Waits,
) -> Facts:
    """Return the facts of a week: its numbers and those before, and what of the alerts and the nights was in it."""
    zone = ZoneInfo(desk.settings.time_zone)
    return Facts(
        desk=desk.settings.name,
        week=week,
        zone=zone,
        numbers=counted,
        before=before,
        alerts=within(map(_bare, alerts), week, zone),
        nights=within(lines.rows(desk.folder / "nights.jsonl"), week, zone),
        waits=waits,
        url=desk.settings.public_url.rstrip("/"),
    )


def _bare(alert: dict[str, Any]) -> dict[str, Any]:
    """Return an alert without its examples: whose they are may have been erased since."""
    return {name: value for name, value in alert.items() if name != "examples"}


def post(desk: Desk, facts: Facts, *, by_itself: bool = False) -> list[str]:
    """
    Mail a report to those who get it, and return whom the server takes no mail for; blocks.

    Args:
        by_itself: nobody asked for this mail, so that a repeat of it is known as one by its Message-ID.

    Raises:
        MailRefused: nobody got it, or nobody is to get it.
    """
    settings = desk.settings
    mail, to = settings.mail, settings.report.to
    if not (to and mail.host):
        raise MailRefused(
            f"{desk.folder / 'desk.toml'} does not say how and to whom: set [mail] host and sender, and [report] to."
        )
    domain = mail.sender.partition("@")[2]
    name = sha256(settings.name.encode()).hexdigest()[:16]
    message = letter(
        subject=title(facts),
        sender=mail.sender,
        to=to,
        text=as_text(facts),
        page=as_page(facts),
        at=desk.clock(),
        message_id=f"<frontdesk.{name}.{facts.week.name}@{domain}>"
        if by_itself
        else make_msgid(domain=domain),
    )
    return mail.server(desk.folder).send(message)


@dataclass(slots=True)
class Weekly:
    """
    Sends the report of the week before whenever it is time, kept up by `watch`.

    Args:
        send: sends the report of a week; raises MailRefused.
    """

    desk: Desk
    log: EventLog
    clock: Callable[[], datetime]
    moment: Moment
    send: Callable[[Week], Awaitable[None]]
    _tries: int = 0
    _not_before: datetime | None = None

    async def watch(self) -> None:
        """Follow the clock; runs until it is cancelled, and ends what is being sent then."""
        while True:
            looking = asyncio.create_task(self.look())
            try:
                await asyncio.shield(looking)
            except asyncio.CancelledError:
                await asyncio.gather(looking, return_exceptions=True)
                raise
            except LogError as error:
                logger.warning("the weekly report waits", why=str(error))
            except Exception:
                logger.exception("the weekly report was not sent")
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        """Send what is due; a desk that has never sent one begins with the week that ends next."""
        now, zone = self.clock(), ZoneInfo(self.desk.settings.time_zone)
        week = last_whole(self.moment.last(now, zone), zone)
        noted = await self.log.note(NOTE)
        if not noted:
            await self.log.keep_note(NOTE, week.name)
        if not noted or noted >= week.name or (self._not_before and now < self._not_before):
            return
        try:
            await self.send(week)
        except MailRefused as error:
            self._not_before = now + AGAIN[min(self._tries, len(AGAIN) - 1)]
            self._tries += 1
            logger.warning("the weekly report was not sent", why=str(error))
            return
        self._tries, self._not_before = 0, None
        await self.log.keep_note(NOTE, week.name)
        logger.info("the weekly report was sent", week=week.name)


def weekly(
    desk: Desk, clock: Callable[[], datetime], log: EventLog, views: Views, labels: Labels
) -> Weekly | None:
    """Return who sends the report of a desk, None where nobody gets it by itself."""
    if (moment := desk.settings.report.at) is None:
        return None

    async def send(week: Week) -> None:
        if not await views.caught_up():
            raise MailRefused("The log is still being taken in for the numbers.")
        facts = await facts_of(desk, week, log, views, labels)
        refused = await asyncio.to_thread(post, desk, facts, by_itself=True)
        if refused:
            logger.warning("the mail server takes no mail for some", whom=refused)

    return Weekly(desk, log, clock, moment, send)
