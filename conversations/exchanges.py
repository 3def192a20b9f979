"""
What operators answered to what: a customer's question, and the words that a person wrote to it.

A question is the last thing that a customer wrote in words of their own before a person answered; what only asked for a person, or was
not written but tapped, is none. The answer is what a person wrote first, unless that only asks for a moment. What was erased is in no
exchange: the log is then read anew, and has it no more.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
    Visitor,
)
from conversations.text import normalised

ASKED_FOR_PERSON = (
    "asked_for_person"  # the reason of a decision (`bot.policy.Reason`), as the log knows it
)

MOST = 5_000  # exchanges that are remembered, the latest
OPEN = 5_000  # conversations in which a question may still wait for its answer
SAID = 5  # utterances of a customer that are kept beside a question
WORDS = 4  # of an answer, at least; six characters where words are not parted
CHARACTERS = 6
LONGEST = 1500  # characters of an answer; a longer one tells one customer's story

_HOLDS = re.compile(
    r"(?:(?:hello|hi|hallo|ok(?:ay)?|thanks?(?: you)?|thank you|sure|sorry|bitte|bonjour|hola) )*(?:\w+ )?"
    r"(?:(?:just )?(?:one|a|1) (?:moment|minute|second|sec)|(?:please )?(?:bear with me|hold on|wait)|(?:let me|i ll|i will|i am going to)(?: just| quickly)? (?:check|look|have a look|see|find out|ask)"
    r"|(?:einen )?(?:kleinen )?(?:moment|augenblick)|ich (?:schaue|sehe|prüfe)|un (?:instant|moment|momento)|(?:请|請)?(?:您)?(?:稍等|等一下)|我(?:看|查)(?:一下)?)"
)
HOLDING = 80  # characters; who asks for a moment and says more than that says something


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    A question and its answer.

    `said` is what the customer had written in the conversation, the question last: it tells what in the answer is theirs. `name` is
    what the channel calls them.
    """

    message_id: str
    conversation_id: str
    visitor_id: str
    name: str
    question: str
    said: tuple[str, ...]
    answer: str
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """An exchange whose question nearly says the same as another, and how likely the two mean the same, 0 to 1."""

    exchange: Exchange
    likely: float


@dataclass(slots=True)
class _Open:
    """What a customer said since a person last answered."""

    said: list[str] = field(default_factory=list)
    question: str = ""
    heard: str = ""  # the question's message id


class Exchanges:
    """
    The exchanges, filled by `enter` in the order of the log; `seq` is the place of the last event that was taken in.

    Args:
        asks_nothing: whether a whole message is manners, and no question.
    """

    def __init__(self, asks_nothing: Callable[[str], bool], seq: int = 0) -> None:
        self.seq = seq
        self._asks_nothing = asks_nothing
        self._known: OrderedDict[str, Exchange] = OrderedDict()
        self._open: OrderedDict[str, _Open] = OrderedDict()

    @property
    def known(self) -> Mapping[str, Exchange]:
        """The exchanges by the message id of their answers, the latest last."""
        return self._known

    def enter(self, visitor: Visitor, recorded: Recorded) -> None:
        """Take in the next event of the log; most say nothing about what was answered."""
        self.seq = recorded.seq
        match recorded.event:
            case Heard() as heard:
                self._hear(recorded.conversation_id, heard)
            case Decided(action=ActionKind.HANDOFF, reason=reason, in_reply_to=heard_id):
                if reason == ASKED_FOR_PERSON:
                    self._only_asked_for_a_person(recorded.conversation_id, heard_id)
            case OperatorWrote() as wrote:
                self._answer(visitor, recorded, wrote)
            case OperatorEdited(corrects=corrects, text=text) if corrects in self._known:
                self._known[corrects] = replace(self._known[corrects], answer=text)
            case Closed():
                self._open.pop(recorded.conversation_id, None)
            case _:
                pass

    def _hear(self, conversation_id: str, heard: Heard) -> None:
        if not heard.own_words or not heard.text.strip():
            return
        now = self._open.setdefault(conversation_id, _Open())
        self._open.move_to_end(conversation_id)
        now.said = [*now.said, heard.text][-SAID:]
        if not self._asks_nothing(heard.text):
            now.question, now.heard = heard.text, heard.message_id
        if len(self._open) > OPEN:
            self._open.popitem(last=False)

    def _only_asked_for_a_person(self, conversation_id: str, heard_id: str) -> None:
        """Go back to what was asked before somebody asked for a person."""
        now = self._open.get(conversation_id)
        if now is None or now.heard != heard_id:
            return
        earlier = [text for text in now.said[:-1] if not self._asks_nothing(text)]
        now.question, now.heard = (earlier[-1] if earlier else ""), ""

    def _answer(self, visitor: Visitor, recorded: Recorded, wrote: OperatorWrote) -> None:
        now = self._open.get(recorded.conversation_id)
        if now is None or not now.question or not _says_something(wrote.text):
            return
        self._known[wrote.message_id] = Exchange(
            message_id=wrote.message_id,
            conversation_id=recorded.conversation_id,
            visitor_id=visitor.visitor_id,
            name=visitor.name,
            question=now.question,
            said=tuple(now.said),
            answer=wrote.text,
            operator=wrote.operator,
            at=recorded.at,
        )
        now.question = ""
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _says_something(text: str) -> bool:
    """Return whether an answer can be one for somebody else: it is no greeting, no request for a moment, and no story."""
    said = normalised(text)
    enough = len(said.split()) >= WORDS or (not said.isascii() and len(said) >= CHARACTERS)
    holds = len(text) <= HOLDING and _HOLDS.match(said) is not None
    return enough and not holds and len(text) <= LONGEST
