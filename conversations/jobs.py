"""What the writer of the log is asked to do, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.events import Event, Recorded, Utterance, Visitor
from conversations.notes import Errand


@dataclass(frozen=True, slots=True)
class Heeded:
    """
    An event that is in the log.

    `fresh` is false where the log had it already; `recorded` is then the first one. `before` were appended ahead of it, with it.
    """

    recorded: Recorded
    visitor: Visitor
    fresh: bool
    before: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True)
class Hear:
    """The job of appending what a channel handed over."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Append:
    """
    The job of appending an event to a conversation.

    `owners` are those who may have it, the empty name for nobody: where somebody else does by then, or it is closed, nothing is appended.
    None asks nothing.
    """

    conversation_id: str
    event: Event
    owners: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """
    The job of appending events to a conversation, all or none.

    `seen` is the place of its last event that they follow from: where there is a later one by then, nothing is appended.
    """

    conversation_id: str
    events: tuple[Event, ...]
    seen: int


@dataclass(frozen=True, slots=True)
class Erase:
    """The job of emptying what a visitor ever said and was told, on the word of `by`."""

    visitor_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Join:
    """
    The job of giving the conversations of the visitor at `address`, who has no name, to the one they turn out to be.

    `identity` is the address of that one, whom the channel may not have met yet.
    """

    channel: str
    address: str
    identity: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LetIn:
    """The job of letting the browser at `address` in as the visitor at `identity`; as nobody where that is empty."""

    address: str
    identity: str


@dataclass(frozen=True, slots=True)
class Run:
    """The job of doing something beside the log, which is no event."""

    errand: Errand


@dataclass(frozen=True, slots=True)
class Ran:
    """What an errand returned."""

    text: str


Job = Hear | Append | Follow | Erase | Join | LetIn | Run
Done = Heeded | Ran | None  # what comes of a job; None where it leaves no event
