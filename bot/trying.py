"""
Trying out: what the bot would answer to a text now, and why, with nothing kept of it; and what it would if a draft of an answer were live.

The text is taken as the first words of a customer whom nobody knows, by the serving Release and what it was taught since, and decided on as any
other is. No form is begun by it and no company system is asked: those belong to a customer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers import Change
from bot.champion import Champion
from bot.evidence import thresholds
from bot.intake import checked
from bot.judge import Judge
from bot.reader import Reader, Readings
from bot.tutor import Tutor
from conversations.events import Decided, Heard, Recorded, Visitor
from retrieval.prediction import Prediction

NOBODY = "tried-out"  # the id of a conversation and a visitor that the log never has
LATEST = 2**62  # a place behind every event of the log
AT_ONCE = 4  # texts that are tried out at a time, so that customers are read first


@dataclass(frozen=True, slots=True)
class Question:
    """A text, and who might write it: the channel, the language of the answer (empty: as the text tells), and the groups that they belong to."""

    text: str
    channel: str
    language: str = ""
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What the bot would answer to `text`: the decision, its evidence card, and from which confidence on it answers and asks back."""

    text: str
    decided: Decided
    card: Mapping[str, Any]
    thresholds: Mapping[str, float]


class Trying:
    """
    Tries texts out.

    Args:
        judge: returns who decides as when serving, by the readings and in the language that it is given, perhaps in none.
        champion: reads alone, so that nothing is counted for a Release on trial.
    """

    def __init__(
        self,
        judge: Callable[[Readings, str], Judge],
        champion: Champion,
        tutor: Tutor,
        clock: Callable[[], datetime],
    ) -> None:
        self._judge = judge
        self._champion = champion
        self._tutor = tutor
        self._clock = clock
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def ask(self, question: Question, draft: Change | None = None) -> Tried:
        """
        Return what a customer would get; with a draft, what they would if it were live.

        Raises:
            BadInput: the text is empty or too long.
            Unsavable: the draft could not be live.
            Unknown: there is no such answer.
        """
        heard = Heard(message_id=NOBODY, external_id=NOBODY, text=checked(question.text))
        recorded = Recorded(LATEST, NOBODY, self._clock(), heard)
        visitor = Visitor(
            visitor_id=NOBODY,
            channel=question.channel,
            address=NOBODY,
            segments=question.segments,
        )
        calibration = self._champion.sealed.calibration
        async with self._asking:
            judge = self._judge(await self._readings(draft), question.language)
            decided = await judge.decide_on(recorded, visitor)
        card = json.loads(decided.evidence)
        return Tried(heard.text, decided, card, thresholds(calibration, card))

    async def _readings(self, draft: Change | None) -> Readings:
        if draft is None:
            return self._champion
        overlay = await self._tutor.supposing(draft, self._clock())
        return _Beside(self._champion, await self._champion.under(overlay))


@dataclass(frozen=True, slots=True)
class _Beside:
    """Reads with a Release that serves nobody."""

    champion: Champion
    release: Reader

    async def read(
        self, text: str, conversation_id: str, message_id: str = ""
    ) -> tuple[Prediction, Reader]:
        return await self.champion.read_with(self.release, text)
