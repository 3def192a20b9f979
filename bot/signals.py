"""
What is true for the moment only and never stored: who types, who is there, and which page a visitor looks at.

It lives in this process. An operator's console reads it beside a conversation; the channels tell their visitors of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

TYPING = 6.0  # seconds that a keystroke counts; whoever goes on says so again
PAGES = 10_000  # visitors whose page is remembered


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a visitor is on the host's site, and the last event that was on their screen."""

    url: str = ""
    title: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class OperatorTypes:
    """An operator began, or ceased, to write in a conversation."""

    conversation_id: str
    operator: str
    on: bool


@dataclass(slots=True)
class Signals:
    """The signals of one server. On the event loop alone."""

    _typing: dict[tuple[str, str], asyncio.TimerHandle] = field(default_factory=dict)
    _writing: dict[tuple[str, str], asyncio.TimerHandle] = field(default_factory=dict)
    _where: dict[tuple[str, str], Whereabouts] = field(default_factory=dict)
    _followers: list[Callable[[OperatorTypes], None]] = field(default_factory=list)

    def follow(self, follower: Callable[[OperatorTypes], None]) -> None:
        """Tell `follower` of every operator who begins or ceases to write."""
        self._followers.append(follower)

    def visitor_types(self, channel: str, address: str, on: bool) -> None:
        self._clock((channel, address), self._typing, on, lambda: None)

    def is_typing(self, channel: str, address: str) -> bool:
        """Whether a visitor is writing."""
        return (channel, address) in self._typing

    def operator_types(self, conversation_id: str, operator: str, on: bool) -> None:
        key = (conversation_id, operator)
        new = on != (key in self._writing)
        self._clock(key, self._writing, on, lambda: self._tell(key, on=False))
        if new:
            self._tell(key, on)

    def writing(self, conversation_id: str) -> list[str]:
        """Return the operators who are writing in a conversation."""
        return [operator for id_, operator in self._writing if id_ == conversation_id]

    def looks_at(self, channel: str, address: str, url: str, title: str) -> None:
        self._put(
            (channel, address), replace(self.whereabouts(channel, address), url=url, title=title)
        )

    def has_seen(self, channel: str, address: str, seq: int) -> None:
        now = self.whereabouts(channel, address)
        self._put((channel, address), replace(now, seen=max(seq, now.seen)))

    def whereabouts(self, channel: str, address: str) -> Whereabouts:
        return self._where.get((channel, address), Whereabouts())

    def _put(self, key: tuple[str, str], where: Whereabouts) -> None:
        self._where.pop(key, None)  # the last one said is the last to be forgotten
        self._where[key] = where
        if len(self._where) > PAGES:
            del self._where[next(iter(self._where))]

    def _tell(self, key: tuple[str, str], on: bool) -> None:
        for follower in self._followers:
            follower(OperatorTypes(*key, on))

    def _clock(
        self,
        key: tuple[str, str],
        running: dict[tuple[str, str], asyncio.TimerHandle],
        on: bool,
        over: Callable[[], None],
    ) -> None:
        """Begin, begin anew or end the seconds that a keystroke counts."""
        if key in running:
            running.pop(key).cancel()
        if not on:
            return

        def end() -> None:
            running.pop(key, None)
            over()

        running[key] = asyncio.get_running_loop().call_later(TYPING, end)
