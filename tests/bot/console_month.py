"""Two months at the demo shop, for the console's numbers: written through the log with their own times."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from random import Random

from bot.alerts import NOTE
from bot.desk import Desk
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Delivered,
    Event,
    Heard,
    OperatorWrote,
    Rated,
    Scored,
    Thumb,
    Utterance,
)
from conversations.log import EventLog

WEEKS = 9
INTENTS = (
    ("order_status", ("Where is my parcel?", "My order has not arrived", "订单在哪里")),
    ("return_item", ("How do I send these boots back?", "I want a refund", "我要退货")),
    ("washing_care", ("Can I wash the jacket at 40?", "Wie wasche ich die Wolljacke?")),
    ("repair_status", ("Is my coat repaired yet?", "When do I get my zip back?")),
)
LOST = (
    "Do you ship to the Faroe Islands?",
    "Can I pay with a gift card from Saltmarsh?",
    "Can I pay with a gift card?",
    "Do you ship to the Faroe Islands",
    "Is there a shop in Lerwick?",
    "Do you sell umbrellas for dogs?",
)
ANGRY = (
    "Third time that I ask, this is a disgrace",
    "I am still waiting and nobody answers, terrible",
    "This is the worst shop",
    "You lost my parcel again, unacceptable",
)


class Months:
    """Writes the log; the same months every time, up to now."""

    def __init__(self, log: EventLog, at: list[datetime]) -> None:
        self.log, self.at, self.ids = log, at, itertools.count()
        self.rng = Random(7)  # noqa: S311 - chance that repeats
        self.angry: list[tuple[str, str]] = []

    async def live(self, today: datetime) -> None:
        for day in range(7 * WEEKS, -1, -1):
            begun = today - timedelta(days=day)
            busy = (9, 8, 8, 7, 9, 4, 3)[begun.weekday()]
            many = busy + self.rng.randrange(4) + (7 * WEEKS - day) // 14
            for minutes in sorted(self.rng.triangular(-600, 200) for _ in range(many)):
                self.at[0] = begun + timedelta(minutes=minutes)
                await self._conversation(late=day < 30)

    async def _conversation(self, *, late: bool) -> None:
        rng = self.rng
        [kind] = rng.choices(("known", "lost", "angry"), weights=(80, 12, 8))
        intent, texts = rng.choices(INTENTS, weights=(5, 3, 2, 1))[0]
        text = rng.choice({"known": texts, "lost": LOST, "angry": ANGRY}[kind])
        handed = kind == "angry" or rng.random() < (0.12 if late else 0.2)
        decided, conversation_id = await self._asked(text, intent, kind, handed=handed, late=late)
        if kind == "angry":
            self.angry.append((decided.in_reply_to, conversation_id))
        await self._after(conversation_id, decided, kind, handed=handed)

    async def _asked(
        self, text: str, intent: str, kind: str, *, handed: bool, late: bool
    ) -> tuple[Decided, str]:
        rng = self.rng
        channel, language = rng.choice(("web", "web", "telegram")), rng.choice(("en", "en", "de"))
        who, key = f"v{rng.randrange(400)}", f"x{next(self.ids)}"
        said = Utterance(channel=channel, address=who, external_id=key, text=text)
        heard = (await self.log.hear(said)).recorded
        assert isinstance(heard.event, Heard)
        lost = kind == "lost"
        decided = Decided(
            message_id=f"d{next(self.ids)}",
            in_reply_to=heard.event.message_id,
            action=ActionKind.HANDOFF if handed else ActionKind.REPLY,
            text="Here is what we know.",
            intent="" if lost else intent,
            template_id="" if lost or handed else f"{intent}-{rng.randrange(3)}",
            reason="out_of_scope" if lost else "confident",
            verdict="out_of_scope" if lost else "confident",
            mood=-0.7 if kind == "angry" else rng.choice((0.0, 0.1, 0.6)),
            release="b4e1c0d29f37a856" if late else "7c05ab913de2f468",
            evidence=json.dumps({"language": "zh" if text[0] > "\u3000" else language}),
        )
        await self._then(heard.conversation_id, decided, Delivered(message_id=decided.message_id))
        return decided, heard.conversation_id

    async def _after(
        self, conversation_id: str, decided: Decided, kind: str, *, handed: bool
    ) -> None:
        rng = self.rng
        if handed:
            self.at[0] += timedelta(seconds=rng.triangular(30, 900, 120))
            wrote = OperatorWrote(message_id=f"o{next(self.ids)}", operator="Ann", text="Hello")
            await self._then(conversation_id, wrote)
        elif rng.random() < 0.45:
            liked = rng.random() < (0.85 if kind == "known" else 0.2)
            thumb = Thumb.UP if liked else Thumb.DOWN
            await self._then(conversation_id, Rated(message_id=decided.message_id, value=thumb))
        if rng.random() < 0.25:
            score = rng.choice((1, 2, 3) if kind == "angry" else (3, 4, 5, 5))
            await self._then(conversation_id, Scored(score=score))
        await self._then(conversation_id, Closed(reason="resolved"))

    async def _then(self, conversation_id: str, *events: Event) -> None:
        for event in events:
            self.at[0] += timedelta(seconds=20)
            await self.log.append(conversation_id, event)


async def written(desk: Desk) -> None:
    """Write two months into a desk's log, and an alert of today and one that was seen."""
    now = datetime.now(UTC)
    at, ids = [now], itertools.count()
    async with EventLog.open(
        desk.database,
        clock=lambda: at[0],
        new_id=lambda: f"n{next(ids)}",
        session_idle=timedelta(hours=12),
    ) as log:
        months = Months(log, at)
        await months.live(now - timedelta(minutes=220))
        examples = [
            {"message_id": message, "conversation_id": talk} for message, talk in months.angry[-4:]
        ]
        common = {"topic": "", "minutes": 60, "examples": examples}
        alerts = [
            {"id": "a1", "at": f"{now - timedelta(days=3)}", "kind": "unanswered", "seen": 9, "expected": 2.6, "seen_by": "Bob", **common},
            {"id": "a2", "at": f"{now - timedelta(hours=1)}", "kind": "negative", "seen": 11, "expected": 1.8, "seen_by": "", **common},
        ]  # fmt: skip
        kept = {"until": now.isoformat(), "open": ["negative"], "alerts": alerts}
        await log.keep_note(NOTE, json.dumps(kept))
