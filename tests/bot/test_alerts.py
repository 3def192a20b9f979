"""Alerts from a real log: told once, with typical examples, through restarts and to a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.alerts import Alert, Alerts, Example, typical
from bot.champion import Champion
from bot.lookup import KEY, SIGNATURE, TIMESTAMP, lookups, signature
from bot.meters import Meters
from bot.staffing import staffing
from bot.telling import post, sentence
from bot.watchman import watchman
from conversations.events import ActionKind, Decided, Utterance
from conversations.log import EventLog
from conversations.privacy import erase
from tests.bot.house import event_log, fresh_id
from tests.bot.reader import load_reader
from tests.bot.served import make_desk

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 15


class Clock:
    """Time, as a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def ask(log: EventLog, who: str, text: str, intent: str = "delivery") -> None:
    said = Utterance(channel="pigeon", address=who, external_id=fresh_id(), text=text)
    heard = (await log.hear(said)).recorded
    decided = Decided(message_id=fresh_id(), in_reply_to=heard.event.message_id, action=ActionKind.REPLY, text="Soon.", intent=intent)  # type: ignore[union-attr]  # it is a Heard  # fmt: skip
    await log.append(heard.conversation_id, decided)


async def quiet_weeks(log: EventLog, clock: Clock) -> None:
    for n in range(DAYS * 2):
        clock.now = START + timedelta(hours=12 * n, minutes=5)
        await ask(log, f"early{n}", "when does it come")
    clock.now += timedelta(hours=6)


async def crowd(log: EventLog, clock: Clock, words: str = "my parcel did not come") -> None:
    for n in range(12):
        clock.now += timedelta(seconds=20)
        await ask(log, f"crowd{n}", f"{words} {n % 2}")


def alerts_of(log: EventLog, clock: Clock, told: list[Alert]) -> Alerts:
    async def tell(alert: Alert) -> None:
        told.append(alert)

    return Alerts(log, clock, UTC, tell)


async def surge(alerts: Alerts, log: EventLog, clock: Clock) -> None:
    """Let quiet weeks go by, and then a crowd come."""
    await alerts.catch_up()
    await quiet_weeks(log, clock)
    await crowd(log, clock)
    clock.now += timedelta(minutes=15)
    await alerts.catch_up()


async def test_a_crowd_is_told_once_with_its_examples_also_after_a_restart(tmp_path: Path) -> None:
    clock, told = Clock(), list[Alert]()
    async with event_log(tmp_path, clock) as log:
        await surge(alerts_of(log, clock, told), log, clock)
        [alert] = told
        assert (alert.kind, alert.topic, alert.minutes) == ("topic", "delivery", 15)
        assert 5 <= alert.seen < 12  # while the crowd is still writing
        assert {one.text[:-1] for one in alert.examples} == {"my parcel did not come "}

        again = alerts_of(log, clock, told)  # as after a restart
        await again.catch_up()
        await crowd(log, clock)
        clock.now += timedelta(minutes=15)
        await again.catch_up()
        assert told == [alert]

        seen = await again.look(alert.id, "ann")
        assert seen is not None
        assert (await alerts_of(log, clock, told).look("nothing", "ann")) is None
        assert [one.seen_by for one in await again.all()] == ["ann"]


async def test_every_open_console_is_shown_a_new_alert(tmp_path: Path) -> None:
    clock, frames, desk = Clock(), list[Mapping[str, Any]](), make_desk(tmp_path)
    champion = Champion(
        load_reader(desk.shelf.champion.resolve()), load=load_reader, meters=Meters()
    )
    async with (
        event_log(tmp_path, clock) as log,
        staffing(desk, clock) as people,
        lookups("s" * 16, ()) as asking,
        watchman(desk, clock, log, champion, people.gate, asking, None, frames.append) as (
            alerts,
            _,
        ),
    ):
        await surge(alerts, log, clock)
    [frame] = frames
    assert frame["kind"] == "alert"
    assert (frame["alert"]["topic"], frame["alert"]["state"]) == ("delivery", "open")


async def test_an_erased_visitor_is_gone_from_the_examples(tmp_path: Path) -> None:
    clock, told = Clock(), list[Alert]()
    async with event_log(tmp_path, clock) as log:
        alerts = alerts_of(log, clock, told)
        await surge(alerts, log, clock)
        for n in range(12):
            visitor = await log.visitor("pigeon", f"crowd{n}")
            assert visitor is not None
            await erase(log, visitor.visitor_id, "ann")
        assert [one.examples for one in await alerts.all()] == [()]


def test_examples_are_the_most_typical_and_near_duplicates_come_once() -> None:
    texts = ["my red parcel is late", "my red parcel is late!", "parcel my red is late", "hello"]
    found = typical([Example(str(n), "c", text) for n, text in enumerate(texts)])
    assert len(found) == 2
    assert found[-1].text == "hello"
    assert found == typical([Example(str(n), "c", text) for n, text in reversed(list(enumerate(texts)))])  # fmt: skip


async def test_a_webhook_is_signed_tried_again_and_knows_a_repeat_by_its_key() -> None:
    asked = list[tuple[str, bool]]()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        signed = signature(b"secret", request.headers[TIMESTAMP], body)
        asked.append((request.headers[KEY], request.headers[SIGNATURE] == signed))
        return web.Response(status=503 if len(asked) == 1 else 204)

    app = web.Application()
    app.router.add_post("/alerts", take)
    alert = Alert("a1", START.isoformat(), "negative", "", 9, 1.5, 60, (Example("m", "c", "awful"),))  # fmt: skip
    async with TestServer(app) as server:
        url = f"http://127.0.0.1:{server.port}/alerts"
        async with lookups("secret", [f"127.0.0.1:{server.port}"]) as allowed:
            assert await post(allowed, url, alert, waits=(0.0,))
        async with lookups("secret", []) as strict:
            assert not await post(strict, url, alert, waits=())
    assert asked == [("a1", True)] * 2
    assert sentence(alert).splitlines() == ["Messages in a bad mood: 9 in 60 minutes, usual are 1.5.", "- awful"]  # fmt: skip
