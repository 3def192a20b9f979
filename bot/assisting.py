"""Assist at its edge: a conversation of the log, what the champion reads in it, and what operators answered before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot import assist
from bot.asked import Asked, Taken
from bot.assist import Circumstances, Suggestion
from bot.dialogue import Words
from bot.drafting import Draft, draft
from bot.occasions import occasion_of, written_before
from bot.operators import Unknown
from bot.policy import by_templates
from bot.precedents import Precedents
from bot.reader import ModelFailed, Reader
from bot.smalltalk import talk
from bot.summary import Line, summary
from bot.taking import Taking
from conversations.conversation import Conversation
from conversations.events import (
    DESK,
    Decided,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
    Visitor,
)
from conversations.log import EventLog
from conversations.rejection import denies, rejects
from retrieval.prediction import Candidate, Verdict
from retrieval.variables import CUSTOMER

BACK = 3  # utterances that are read at most, to find the one that asks for something

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Assistance:
    """
    What an operator gets.

    `about` is the utterance that the suggestions answer, None where the customer has asked for nothing.
    """

    about: Heard | None
    suggestions: tuple[Suggestion, ...]
    summary: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An intent that an answer may be for, and how likely it is meant, 0 to 1."""

    intent: str
    title: str
    likely: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What "Save as answer" begins with: the answer, and the intents that it may be for."""

    draft: Draft
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """An utterance in its place, and how it was taken."""

    asked: Asked
    taken: Taken


class Assistant:
    """Suggests, and sends nothing."""

    def __init__(
        self,
        log: EventLog,
        taking: Taking,
        precedents: Precedents,
        words: Words,
    ) -> None:
        self._log = log
        self._taking = taking
        self._precedents = precedents
        self._words = words
        self._own: tuple[Reader | None, str] = (None, "")  # a Release, and the words of its answers

    async def assist(self, conversation_id: str, message_id: str = "") -> Assistance:
        """
        Return what might be answered to the customer's last words, or to `message_id`, and what the conversation was about.

        Raises:
            Unknown: the conversation, or the customer's message in it.
            Busy: too much is being read.
        """
        visitor, history = await self._conversation(conversation_id)
        digest = await asyncio.to_thread(summary, history, self._words.language)
        read = await self._read(visitor, _up_to(history, message_id))
        if read is None:
            return Assistance(None, (), digest)
        near = await self._precedents.find(_whole(read), but=(conversation_id,))
        found = await asyncio.to_thread(
            lambda: assist.suggestions(read.taken, near, self._circumstances(read))
        )
        return Assistance(read.asked.heard, found, digest)

    async def lesson(
        self, conversation_id: str, text: str, operator: str, message_id: str = ""
    ) -> Lesson:
        """
        Return a draft of what an operator wrote, or is about to write, as an answer for everybody.

        Args:
            text: the answer; empty for that of the operator's message `message_id`.

        Raises:
            Unknown: the conversation, or the operator's message in it.
            Busy: too much is being read.
        """
        visitor, history = await self._conversation(conversation_id)
        before: Sequence[Recorded] = history
        if message_id:
            before, wording, operator = _wording(history, message_id)
            text = text or wording
        read = await self._read(visitor, before)
        made = draft(
            _whole(read).replace("\n", " ") if read else "",
            text,
            operator=operator,
            names=[visitor.name],
            patterns=self._words.patterns,
            variables={*self._words.patterns, CUSTOMER},
        )
        return Lesson(made, _proposals(read.taken) if read else ())

    async def _conversation(self, conversation_id: str) -> tuple[Visitor, list[Recorded]]:
        visitor = await self._log.visitor_of(conversation_id)
        history = await self._log.history(conversation_id)
        if visitor is None or not history or conversation_id == DESK:
            raise Unknown(f"There is no conversation {conversation_id!r}.")
        return visitor, history

    async def _read(self, visitor: Visitor, history: Sequence[Recorded]) -> _Read | None:
        """Return the latest utterance that asks for something, and not only for a person, as the bot would take it."""
        for heard in _asking(history)[-1 : -1 - BACK : -1]:
            asked = _asked(heard, visitor, history)
            try:
                taken = await self._taking.taken(asked)
            except ModelFailed:
                logger.warning("not read for suggestions", message_id=asked.heard.message_id)
                continue
            read = taken.prediction
            if not (read.best.hands_off and read.verdict is Verdict.CONFIDENT):
                return _Read(asked, self._placed(asked, taken))
        return None

    def _placed(self, asked: Asked, taken: Taken) -> Taken:
        written = [asked.heard.text, *written_before(asked.before)]
        readings = [taken.prediction, *taken.requests]
        suits = occasion_of(
            asked.visitor, asked.at, readings, taken.release, self._words, written=written
        )
        return Taken(taken.prediction, taken.release, taken.leans_on, taken.requests, suits)

    def _circumstances(self, read: _Read) -> Circumstances:
        known = self._words.known(read.asked.visitor.name, read.asked.texts)
        own = self._own_words(read.taken.release)
        return Circumstances(
            self._words, known, read.asked.heard.text, lambda said: said.casefold() in own
        )

    def _own_words(self, release: Reader) -> str:
        """Return what the desk itself says, which is no customer's: its answers and what is the same for everybody."""
        by, own = self._own
        if by is not release:
            answers = (t.text for intent in release.titles for t in release.templates_of(intent))
            own = "\n".join((*answers, *self._words.constants.values())).casefold()
            self._own = release, own
        return own


def _up_to(history: Sequence[Recorded], message_id: str) -> Sequence[Recorded]:
    """Return a history up to one of the customer's messages, all of it where none is named."""
    if not message_id:
        return history
    for place, recorded in enumerate(history):
        if isinstance(recorded.event, Heard) and recorded.event.message_id == message_id:
            return history[: place + 1]
    raise Unknown(f"The customer wrote no message {message_id!r} in this conversation.")


def _wording(history: Sequence[Recorded], message_id: str) -> tuple[Sequence[Recorded], str, str]:
    """Return what came before an operator's message, what it says by now, and who wrote it."""
    for place, recorded in enumerate(history):
        event = recorded.event
        if isinstance(event, OperatorWrote) and event.message_id == message_id:
            edits = [r.event for r in history[place:] if isinstance(r.event, OperatorEdited)]
            texts = [event.text, *(one.text for one in edits if one.corrects == message_id)]
            return history[:place], texts[-1], event.operator
    raise Unknown(f"No operator wrote a message {message_id!r} in this conversation.")


def _asking(history: Sequence[Recorded]) -> list[Recorded]:
    """Return the customer's utterances that may ask for something, in their own words and as they stand today."""
    heard = [recorded for recorded in history if isinstance(recorded.event, Heard)]
    corrected = {getattr(recorded.event, "corrects", "") for recorded in heard}
    return [r for r in heard if isinstance(r.event, Heard) and _may_ask(r.event, corrected)]


def _may_ask(heard: Heard, corrected: set[str]) -> bool:
    stands = heard.own_words and heard.text.strip() and heard.message_id not in corrected
    manners = talk(heard.text) or denies(heard.text) or rejects(heard.text)
    return bool(stands and not manners)


def _asked(heard: Recorded, visitor: Visitor, history: Sequence[Recorded]) -> Asked:
    """
    Return an utterance in its place, as if the bot had the conversation.

    A person's words in between do not part what the customer said: whoever answers next goes on with it.
    """
    assert isinstance(heard.event, Heard)  # noqa: S101 - what `_asking` returns
    before = [r for r in history if r.seq < heard.seq and isinstance(r.event, Heard | Decided)]
    now = Conversation(heard.conversation_id)
    return Asked(heard.event, visitor, before, now, heard.at)


def _whole(read: _Read) -> str:
    """Return what was asked, with what it leans on."""
    return "\n".join(one.text for one in (*read.taken.leans_on, read.asked.heard))


def _proposals(taken: Taken) -> tuple[Proposal, ...]:
    shares = assist.likelihoods(taken.prediction)
    fit = [one for one in by_templates(taken.prediction) if _teachable(one)]
    fit.sort(key=lambda one: -shares[one.intent])
    found = [Proposal(one.intent, one.title, round(shares[one.intent], 4)) for one in fit]
    return tuple(found[: assist.MOST])


def _teachable(candidate: Candidate) -> bool:
    return candidate.on_offer and not candidate.hands_off
