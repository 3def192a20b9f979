"""What customers asked and operators replied, in the order in which it was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """
    One message of a conversation.

    `operator` names who wrote it, None where the customer did; `settled`: what it means is known already.
    """

    text: str
    operator: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A customer's message; `opening`: no operator had spoken before it; `settled`: what it means is known already."""

    text: str
    opening: bool = True
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """
    An operator's reply.

    `asked` are the rows of the customer's messages before it, the latest last; `customer` and `operator` are
    names, empty where they are not known.
    """

    text: str
    asked: tuple[int, ...]
    customer: str = ""
    operator: str = ""


@dataclass(slots=True)
class Speech:
    """All that was said. `left_out` says in words what could not be read."""

    messages: list[Message] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    conversations: int = 0
    left_out: list[str] = field(default_factory=list)

    def add(self, lines: Iterable[Line], customer: str = "") -> None:
        """Take a conversation in; lines that say nothing are not of it."""
        asked: list[int] = []
        answered = False
        for line in lines:
            text = " ".join(line.text.split())
            if not text:
                continue
            if line.operator is None:
                asked.append(len(self.messages))
                self.messages.append(Message(text, not answered, line.settled))
            else:
                answered = True
                self.replies.append(Reply(text, tuple(asked), customer, line.operator))
        self.conversations += 1
