"""Random days at a desk, written through the real store: what the views are tried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from conversations.events import (
    HUMAN,
    ActionKind,
    Closed,
    Decided,
    Delivered,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
    Rated,
    Scored,
    Thumb,
    Undeliverable,
    Utterance,
)
from conversations.handling import Taken
from conversations.jobs import Erase, Join
from conversations.store import Store

BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAYINGS = (
    "where is my parcel", "that helped, thanks", "that is not what i asked", "退款要多久",
    "can I pay with shells", "can I pay with sea shells", "thanks",
)  # fmt: skip
INTENTS = ("parcel", "refund", "")


class Days:
    """A log that grows by chance, with a clock of its own."""

    def __init__(self, path: Path, seed: int) -> None:
        self.rng = Random(seed)  # noqa: S311 - chance that repeats
        self.now = BEGINNING
        self._ids = (f"id{number}" for number in count())
        self.store = Store.open(
            path,
            clock=lambda: self.now,
            new_id=lambda: next(self._ids),
            session_idle=timedelta(hours=12),
        )
        self.conversations: list[str] = []
        self.answers: list[tuple[str, str]] = []

    def live(self, events: int) -> None:
        """Let as much happen."""
        for _ in range(events):
            self.now += timedelta(minutes=self.rng.expovariate(1 / 30))
            self._turn()

    def append(self, conversation_id: str, event: Event) -> None:
        self.store.append(conversation_id, event)

    def hear(self, text: str, who: str) -> tuple[str, str]:
        """Let somebody say something; return the conversation and the message."""
        utterance = Utterance(
            channel=self.rng.choice(("web", "telegram")),
            address=who,
            external_id=f"x{self.store.seq()}",
            text=text,
            name=who.title(),
        )
        recorded = self.store.hear(utterance).recorded
        assert isinstance(recorded.event, Heard)
        if recorded.conversation_id not in self.conversations:
            self.conversations.append(recorded.conversation_id)
        return recorded.conversation_id, recorded.event.message_id

    def _turn(self) -> None:
        kinds = ("ask", "rate", "score", "write", "back", "close", "lost", "erase", "join", "take")
        [kind] = self.rng.choices(kinds, weights=(60, 9, 4, 9, 3, 5, 4, 1, 2, 2))
        if kind == "ask" or not self.answers:
            self._ask()
            return
        about, answer = self.rng.choice(self.answers[-20:])
        match kind:
            case "rate":
                self.append(about, Rated(message_id=answer, value=self.rng.choice(list(Thumb))))
            case "score":
                self.append(about, Scored(score=self.rng.randint(1, 5)))
            case "write":
                message_id = f"o{self.store.seq()}"
                self.append(about, OperatorWrote(message_id=message_id, operator="ann", text="Hi"))
            case "take":
                self.append(about, Taken(operator="ann"))
            case "back":
                self.append(about, GivenBack(operator="ann"))
            case "close":
                self.append(about, Closed(reason="resolved"))
            case "lost":
                self.append(about, Undeliverable(message_id=answer, reason="gone"))
            case "erase":
                visitor = self.store.visitor_of(about)
                assert visitor is not None
                self.store.write([Erase(visitor.visitor_id, "ann")])
            case _:
                who = f"v{self.rng.randrange(6)}"
                self.store.write([Join("web", who, f"known-{who}", "Known")])

    def _ask(self) -> None:
        conversation_id, message_id = self.hear(
            self.rng.choice(SAYINGS), f"v{self.rng.randrange(6)}"
        )
        action = self.rng.choice([*ActionKind, ActionKind.REPLY, ActionKind.REPLY])
        decided = Decided(
            message_id=f"d-{message_id}",
            in_reply_to=message_id,
            action=action,
            text="Here." if action is not ActionKind.SILENT else "",
            intent=self.rng.choice(INTENTS),
            template_id=self.rng.choice(("a", "b", "")),
            source=self.rng.choice(("", "pages/wool.md")),
            reason=self.rng.choice(("confident", "out_of_scope", HUMAN)),
            release=self.rng.choice(("r1", "r2")),
            evidence='{"language": "en"}',
        )
        self.append(conversation_id, decided)
        if self.rng.random() < 0.5:
            self.append(conversation_id, Delivered(message_id=decided.message_id))
        self.answers.append((conversation_id, decided.message_id))
