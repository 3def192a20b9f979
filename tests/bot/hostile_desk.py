"""A desk where everybody writes what `tests.bot.hostile` has, in every field that they are given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.alerts import NOTE
from bot.desk import Desk
from conversations.events import (
    ActionKind,
    Attached,
    Choice,
    Decided,
    Delivered,
    Enclosed,
    Event,
    Filled,
    Heard,
    OpenForm,
    OperatorWrote,
    Rated,
    Scored,
    Thumb,
    Undeliverable,
    Utterance,
)
from conversations.handling import Assigned, Noted, Released, Taken
from conversations.log import EventLog
from conversations.text import printable
from tests.bot.console_desk import staff
from tests.bot.hostile import STRINGS
from tests.bot.house import event_log
from tests.bot.onlooker import pieces
from tests.bot.reader import TITLES, write_reader
from tests.bot.served import FIRST

SECOND = "b" * 16


def hostile_desk(folder: Path) -> Desk:
    """Make a desk whose intents are called by the strings, with two Releases and four people."""
    (folder / "desk.toml").write_text("name = 'Test'\n[waiting]\ntoo_long = ''\ngone = ''\n")
    desk = Desk.open(folder)
    titles = TITLES | {one: one for one in STRINGS}
    for name in (FIRST, SECOND):
        write_reader(desk.shelf.releases, name, titles=titles)
    desk.shelf.promote(FIRST)
    staff(desk)
    return desk


async def written(desk: Desk) -> str:
    """Let two conversations be had about each string, and one about all of them; gives the last one's id."""
    async with event_log(desk.folder) as log:
        await asyncio.gather(*(_held(log, at, one) for at, one in enumerate(STRINGS)))
        await asyncio.gather(*(_waiting(log, at, one) for at, one in enumerate(STRINGS)))
        return await _long(log)


async def heard(
    log: EventLog, who: str, key: str, text: str, name: str, channel: str = "web"
) -> tuple[str, str]:
    said = Utterance(channel=channel, address=who, external_id=key, text=text, name=name)
    recorded = (await log.hear(said)).recorded
    assert isinstance(recorded.event, Heard)
    return recorded.conversation_id, recorded.event.message_id


def decided(at: str, asked: str, one: str, **more: object) -> Decided:
    """A decision every text of which is the string."""
    given: dict[str, object] = {
        "message_id": f"d{at}",
        "in_reply_to": asked,
        "action": ActionKind.REPLY,
        "text": one,
        "choices": (Choice(one, one),),
        "intent": one,
        "confidence": 0.5,
        "verdict": "ambiguous",
        "template_id": one,
        "source": one,
        "reason": one,
        "release": one,
        "evidence": json.dumps({"language": printable(one)}),
        "forms": (OpenForm(form=one, asking=one, filled=(Filled(one, one),), language=one),),
        "attachments": (Attached(one, one),),
        "sources": (Attached(one, one),),
        "mood": -0.9,
    }
    return Decided(**(given | more))  # type: ignore[arg-type]  # whatever a decision holds


async def _then(log: EventLog, conversation_id: str, *events: Event) -> None:
    await asyncio.gather(*(log.append(conversation_id, event) for event in events))


async def _held(log: EventLog, at: int, one: str) -> None:
    """A conversation that somebody called so has, and somebody called so is asked to care for."""
    talk, asked = await heard(log, f"held{at}", f"h{at}", one, one)
    await _then(
        log,
        talk,
        decided(f"h{at}", asked, one),
        Delivered(message_id=f"dh{at}", external_id=one),
        Rated(message_id=f"dh{at}", value=Thumb.DOWN, comment=one, reason="other"),
        Scored(score=1, comment=one),
        Taken(operator=one),
        Assigned(operator=one, to=one),
    )
    await heard(log, f"held{at}", f"hh{at}", one, one)


async def _waiting(log: EventLog, at: int, one: str) -> None:
    """One that waits, for this reason, on a channel that is called so, as imported ones may."""
    talk, asked = await heard(log, f"waiting{at}", f"w{at}", one, one, channel=one)
    handed = decided(
        f"w{at}", asked, one, action=ActionKind.HANDOFF, verdict="out_of_scope", intent=""
    )
    await _then(log, talk, handed)


async def _long(log: EventLog) -> str:
    """One that holds every string as whatever people say and do in a conversation."""
    talk, _ = await heard(log, "long", "long", "Hello", "Long")
    for events in (_with_the_bot, _with_a_person):
        await _then(log, talk, *(e for at, one in enumerate(STRINGS) for e in events(at, one)))
    await heard(log, "long", "last", "order", "Long")
    return talk


def _with_the_bot(at: int, one: str) -> list[Event]:
    said = Heard(message_id=f"m{at}", external_id=f"m{at}", text=one)
    return [
        said,
        decided(f"l{at}", said.message_id, one),
        Undeliverable(message_id=f"dl{at}", reason=one),
        Rated(message_id=f"dl{at}", value=Thumb.DOWN, comment=one),
    ]


def _with_a_person(at: int, one: str) -> list[Event]:
    file = Enclosed(f"f{at}", one, "image/png", 5)
    return [
        OperatorWrote(message_id=f"o{at}", operator=one, text=one, files=(file,)),
        Noted(message_id=f"n{at}", operator=one, text=one),
        Taken(operator=one),
        Assigned(operator=one, to=one),
        Scored(score=2, comment=one),
        Released(by=one, reason=one),
    ]


async def asked(desk: Desk) -> list[tuple[str, str]]:
    """Let every string be asked and not understood, answered by what is called so; gives each message and its conversation."""
    async with event_log(desk.folder) as log:
        return await asyncio.gather(*(_asked(log, at, one) for at, one in enumerate(STRINGS)))


async def _asked(log: EventLog, at: int, one: str) -> tuple[str, str]:
    talk, message = await heard(log, f"asked{at}", f"a{at}", one, one, channel=one)
    more = (
        {"action": ActionKind.HANDOFF, "verdict": "out_of_scope", "reason": "out_of_scope"}
        if at % 2
        else {}
    )
    await _then(log, talk, decided(f"a{at}", message, one, **more), Delivered(message_id=f"da{at}"))
    return message, talk


async def alerted(desk: Desk, messages: Sequence[tuple[str, str]]) -> None:
    """Let every string be a topic that rises, seen by somebody who is called so, with typical messages."""
    now = datetime.now(UTC)
    examples = [{"message_id": message, "conversation_id": talk} for message, talk in messages]
    alerts = [
        {
            "id": f"a{at}", "at": f"{now - timedelta(minutes=at)}", "kind": "topic", "topic": one, "minutes": 60,
            "seen": 9, "expected": 1.5, "seen_by": one if at % 2 else "", "examples": examples[at : at + 1],
        }
        for at, one in enumerate(printable(" ".join(one)) for one in [*pieces(STRINGS, 900)] * 2)
    ]  # fmt: skip
    async with event_log(desk.folder) as log:
        await log.keep_note(
            NOTE, json.dumps({"until": now.isoformat(), "open": [], "alerts": alerts})
        )
