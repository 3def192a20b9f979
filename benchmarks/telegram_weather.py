"""What goes wrong between a bot and Telegram, by chance, and the watch over how the bot takes it."""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fakes.telegram import FakeTelegram, Fault
from tests.fakes.telegram_parts import Refusal

NUMBER = re.compile(r"PP-(\d{6})")
SLACK = 0.05  # seconds by which two clocks and a network may differ


@dataclass(frozen=True, slots=True)
class Chances:
    """The share of sends that each fault befalls; the rest goes well. `patience`: seconds that a 429 asks for."""

    cut_after: float = 0.10
    cut_before: float = 0.10
    flood: float = 0.10
    broken: float = 0.05
    refused: float = 0.02
    blocked: float = 0.01
    patience: tuple[int, int] = (1, 30)


@dataclass
class Weather:
    """Asked by the fake before each call; `calm` lets everything through and only watches."""

    telegram: FakeTelegram
    chances: Chances
    rng: Random
    calm: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    executed: Counter[str] = field(default_factory=Counter)  # cut off after, by message
    blocked: set[int] = field(default_factory=set)
    early: int = 0  # sends to a chat before its time
    calls_to_blocked: int = 0  # after the first that was refused
    calls: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    _not_before: dict[int, float] = field(default_factory=dict)

    def __call__(self, method: str, parameters: dict[str, Any]) -> Fault | None:
        if method != "sendMessage":
            return None
        chat_id, now = int(parameters["chat_id"]), time.monotonic()
        self.calls[chat_id].append(now)
        self.calls_to_blocked += chat_id in self.blocked
        self.early += now < self._not_before.get(chat_id, 0.0) - SLACK
        if self.calm:
            return None
        kind = self._drawn()
        self.faults.update([kind] if kind != "fair" else [])
        return self._fault(kind, chat_id, str(parameters.get("text", "")), now)

    def _drawn(self) -> str:
        kinds = ("cut_after", "cut_before", "flood", "broken", "refused", "blocked")
        weights = [getattr(self.chances, kind) for kind in kinds]
        [kind] = self.rng.choices([*kinds, "fair"], [*weights, 1 - sum(weights)])
        return kind

    def _fault(self, kind: str, chat_id: int, text: str, now: float) -> Fault | None:
        match kind:
            case "cut_after":
                self.executed[number_in(text)] += 1
                return Fault(None, executed=True)
            case "cut_before":
                return Fault(None)
            case "flood":
                wait = self.rng.randint(*self.chances.patience)
                self._not_before[chat_id] = now + wait
                return Fault(Refusal(429, f"Too Many Requests: retry after {wait}", wait))
            case "broken":
                return Fault(Refusal(500, "Internal Server Error"))
            case "refused":
                return Fault(Refusal(400, "Bad Request: can't parse entities: by chance"))
            case "blocked":
                self.blocked.add(chat_id)
                self.telegram.blocks(chat_id)
                return None  # the fake itself refuses, now and from now on
            case _:
                return None

    @property
    def most_a_second(self) -> int:
        """The most messages of all chats in any one second."""
        return most_within(sorted(at for times in self.calls.values() for at in times), 1.0)

    @property
    def most_in_twenty_seconds(self) -> int:
        """The most messages to any one chat in any twenty seconds."""
        return max((most_within(times, 20.0) for times in self.calls.values()), default=0)


def most_within(times: list[float], seconds: float) -> int:
    """Return how many of the times, in order, lie at most within so many seconds."""
    return max((bisect_left(times, at + seconds) - n for n, at in enumerate(times)), default=0)


def number_in(text: str) -> str:
    """Return the order number that a message is about, empty for none."""
    found = NUMBER.search(text)
    return found[1] if found else ""
