"""Whoever waits for a person is looked after: by a real log, over restarts, by several servers, down to the visitor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery import Delivery
from bot.hours import Hours, hours
from bot.meters import Meters
from bot.patience import Limits
from bot.presence import Presence
from bot.says import Says
from bot.signals import Signals
from bot.usher import Usher
from conversations.errors import Overtaken
from conversations.events import (
    ActionKind,
    Decided,
    GivenBack,
    Heard,
    OperatorWrote,
    Utterance,
)
from conversations.handling import Released, Taken
from conversations.handover import Holder
from conversations.log import EventLog
from conversations.notices import BOT_AGAIN, Notice, Told
from tests.bot.house import Pigeon, fresh_id
from tests.bot.served import Client, make_desk, served

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))


@dataclass
class Clock:
    now: datetime = NINE

    def __call__(self) -> datetime:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@dataclass
class Office:
    """A log with what looks after it; `gone` are the conversations that somebody lost, and who."""

    log: EventLog
    clock: Clock
    gone: list[tuple[str, str]] = field(default_factory=list)
    signals: Signals = field(default_factory=Signals)

    def usher(self, week: Hours | None = None) -> Usher:
        return Usher(
            log=self.log,
            clock=self.clock,
            new_id=fresh_id,
            says=Says(),
            hours=week or hours({}, (), UTC),
            limits=LIMITS,
            absence=lambda: "",
            presence=Presence(self.clock),
            signals=self.signals,
            gone=lambda conversation, operator: self.gone.append((conversation, operator)),
        )

    async def handed_off(self, visitor: str = "ada") -> str:
        """Return a conversation that waits for a person."""
        heeded = await self.log.hear(
            Utterance(channel="pigeon", address=visitor, external_id=fresh_id(), text="help")
        )
        assert isinstance(heeded.recorded.event, Heard)
        decision = Decided(
            message_id=fresh_id(),
            in_reply_to=heeded.recorded.event.message_id,
            action=ActionKind.HANDOFF,
            text="A person comes.",
        )
        await self.log.append(heeded.recorded.conversation_id, decision)
        return heeded.recorded.conversation_id

    async def told(self, conversation: str) -> list[Notice]:
        events = [recorded.event for recorded in await self.log.history(conversation)]
        return [event.notice for event in events if isinstance(event, Told)]


@asynccontextmanager
async def opened(path: Path, clock: Clock) -> AsyncIterator[EventLog]:
    async with EventLog.open(
        path, clock=clock, new_id=fresh_id, session_idle=timedelta(hours=1)
    ) as log:
        yield log


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = Clock()
    async with opened(tmp_path / "desk.db", clock) as log:
        yield Office(log, clock)


async def test_a_restart_in_between_tells_nothing_twice_and_forgets_nobody(office: Office) -> None:
    before = office.usher()
    await before.look()
    conversation = await office.handed_off()
    await before.look()
    office.clock.pass_minutes(6)
    await office.usher().look()  # another server: this one begins now
    await before.look()
    await office.usher().look()
    assert await office.told(conversation) == [Notice.TOO_LONG]


async def test_of_two_servers_that_look_at_once_one_tells(office: Office) -> None:
    conversations = [await office.handed_off(f"visitor {number}") for number in range(10)]
    ushers = [office.usher() for _ in range(3)]
    office.clock.pass_minutes(6)
    await asyncio.gather(*(usher.look() for usher in ushers))
    assert all([await office.told(one) == [Notice.TOO_LONG] for one in conversations])


async def test_what_happened_meanwhile_comes_first(office: Office) -> None:
    conversation = await office.handed_off()
    seen = (await office.log.history(conversation))[-1].seq
    await office.log.append(conversation, Taken(operator="Ann"))
    told = Told(message_id="t", notice=Notice.TOO_LONG, text="Soon.")
    with pytest.raises(Overtaken):
        await office.log.follow_up(conversation, [GivenBack(operator=""), told], seen=seen)
    assert (await office.log.standing(conversation)).owner == "Ann"
    assert await office.told(conversation) == []


async def test_whoever_is_gone_lets_go_and_hears_of_it(office: Office) -> None:
    conversation, usher = await office.handed_off(), office.usher()
    await office.log.append(conversation, Taken(operator="Ann"))
    await usher.look()
    office.clock.pass_minutes(9)
    usher.presence.sees("Ann")
    office.clock.pass_minutes(9)
    await usher.look()
    assert not office.gone  # she was seen in between
    office.clock.pass_minutes(2)
    await usher.look()
    assert office.gone == [(conversation, "Ann")]
    assert (await office.log.standing(conversation)).holder is Holder.WAITING
    last = [recorded.event for recorded in await office.log.history(conversation)][-2:]
    assert last[0] == Released(by="", reason="operator_gone")
    assert isinstance(last[1], Told)
    office.clock.pass_minutes(60)
    await usher.look()
    assert await office.told(conversation) == [Notice.GONE]


async def test_nothing_is_told_while_an_operator_writes(office: Office) -> None:
    conversation, usher = await office.handed_off(), office.usher()
    office.clock.pass_minutes(6)
    office.signals.operator_types(conversation, "Ann", on=True)
    await usher.look()
    assert await office.told(conversation) == []
    office.signals.operator_types(conversation, "Ann", on=False)
    await usher.look()
    assert await office.told(conversation) == [Notice.TOO_LONG]


async def test_after_a_silence_the_bot_goes_on_and_what_is_resolved_begins_anew(
    office: Office,
) -> None:
    conversation, usher = await office.handed_off(), office.usher()
    await office.log.append(
        conversation, OperatorWrote(message_id="o", operator="Ann", text="Done.")
    )
    office.clock.pass_minutes(21)
    await usher.look()
    assert (await office.log.standing(conversation)).holder is Holder.RETURNED
    assert await office.told(conversation) == [Notice.HANDED_BACK]


async def test_what_the_desk_tells_goes_out_and_what_a_crash_left_goes_out_later(
    office: Office,
) -> None:
    pigeon, meters = Pigeon(), Meters()
    conversation, usher = await office.handed_off(), office.usher()
    office.clock.pass_minutes(6)
    await usher.look()  # and nobody carries it
    delivery = Delivery(office.log, meters=meters)
    delivery.connect(pigeon)
    leave = delivery.follow({"pigeon"})
    await delivery.recover({"pigeon"})
    await office.log.append(
        conversation, OperatorWrote(message_id="o", operator="Ann", text="Hello")
    )
    office.clock.pass_minutes(21)
    async with asyncio.timeout(20):
        while len(await office.told(conversation)) < 2:  # a delivery in between comes first
            await usher.look()
    await delivery.close(10)
    leave()
    says = Says()
    assert pigeon.texts == [says.too_long, "Hello", says.handed_back]
    assert [choice.label for choice in pigeon.carried[0].decided.choices] == [
        says.leave_message,
        says.bot_again,
        says.keep_waiting,
    ]


# The whole desk


async def until(client: Client, conversation: str, state: str, *notices: Notice) -> None:
    """Wait until a conversation is in a state, and the desk has told just this in it by itself."""
    async with asyncio.timeout(20):
        while True:
            _, found = await client.get(f"/api/v1/conversations/{conversation}", operator=True)
            told = [e["notice"] for e in found["events"] if e["kind"] == "told"]
            if (found["state"], told) == (state, [*notices]):
                return
            await asyncio.sleep(0.05)


async def test_a_customer_who_waits_goes_back_to_the_bot_and_is_answered(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "[waiting]\ntoo_long = '1s'\n")
    async with served(desk) as client:
        said = await client.say("a person please")
        conversation = said["conversation_id"]
        assert said["action"] == "handoff"
        assert said["choices"] == []
        await until(client, conversation, "waiting", Notice.TOO_LONG)
        chosen = await client.say("Go on with the bot", choice=BOT_AGAIN)
        assert chosen["action"] == "silent"
        await until(client, conversation, "returned", Notice.TOO_LONG, Notice.BOT_AGAIN)
        assert (await client.say("my order please"))["action"] == "reply"
        late = await client.say("Go on with the bot", choice=BOT_AGAIN)  # an old button
        assert (late["action"], late["text"]) == ("reply", Says().with_bot_again)


async def test_who_is_handed_off_at_night_is_told_until_when_and_may_go_on(tmp_path: Path) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%A").lower()
    async with served(make_desk(tmp_path, f"[hours]\n{day} = '09:00-10:00'\n")) as client:
        said = await client.say("a person please")
        assert Says().closed in said["text"]
        assert ", 09:00." in said["text"]
        assert [choice["value"] for choice in said["choices"]] == [BOT_AGAIN]
        await client.say("Go on with the bot", choice=BOT_AGAIN)
        await until(client, said["conversation_id"], "returned", Notice.BOT_AGAIN)


async def test_who_is_handed_off_to_nobody_is_told_so(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path, "[waiting]\nonline = '1s'\n")) as client:
        async with asyncio.timeout(20):
            number = 0
            while True:  # nobody knows who was there just before the start
                number += 1
                said = await client.say("a person please", f"visitor {number}")
                if Says().nobody_online in said["text"]:
                    return
                await asyncio.sleep(0.2)


async def test_what_is_resolved_begins_afresh(tmp_path: Path) -> None:
    async with served(make_desk(tmp_path)) as client:
        before = await client.say("a person please")
        path = f"/api/v1/conversations/{before['conversation_id']}/close"
        assert (await client.post(path, {"operator": "Ann"}, operator=True))[0] == 200
        after = await client.say("my order please")
        assert after["conversation_id"] != before["conversation_id"]
        assert after["action"] == "reply"
