"""An utterance in its place, and how it was taken: what the judge, the clerk and the evidence card go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.reader import Reader
from conversations.conversation import Conversation
from conversations.events import (
    GivenBack,
    Heard,
    OperatorWrote,
    Recorded,
    Visitor,
    suggested,
)
from retrieval.prediction import Prediction
from retrieval.variants import ANY, Occasion


@dataclass(frozen=True, slots=True)
class Asked:
    """
    An utterance in its place: the conversation before it, and the choice that it makes.

    `turns_down`: it says that the last answer missed, and nothing else. `at` is when it was heard. `corrected`: the customer has
    changed what it says since.
    """

    heard: Heard
    visitor: Visitor
    before: Sequence[Recorded]
    now: Conversation
    at: datetime
    chosen: str = ""
    turns_down: bool = False
    corrected: bool = False

    @property
    def suggested(self) -> bool:
        """Whether a suggested question was tapped, which is about nothing that was said before."""
        return bool(suggested(self.heard.chosen))

    @property
    def about(self) -> Heard:
        """The utterance to read: a choice is about the one that was asked about, a rejection about the one answered."""
        if self.suggested:
            return self.heard
        if self.turns_down and self.now.topic:
            return self.now.topic
        return self.now.asked if self.chosen and self.now.asked else self.heard

    @property
    def free(self) -> bool:
        """Whether these are words that say what they want, neither a choice nor a rejection."""
        return not self.chosen and not self.turns_down

    @property
    def texts(self) -> list[str]:
        """What the customer said in this conversation, in order, this utterance last."""
        return [r.event.text for r in self.before if isinstance(r.event, Heard)] + [self.heard.text]

    @property
    def leading_up(self) -> list[Heard]:
        """What the customer said up to the utterance to read, since a person last had the conversation."""
        if self.suggested:
            return [self.heard]
        said: list[Heard] = []
        for recorded in self.before:
            if isinstance(recorded.event, Heard):
                said.append(recorded.event)
            elif isinstance(recorded.event, OperatorWrote | GivenBack):
                said = []
        if self.about in said:
            return said[: said.index(self.about) + 1]
        return [*said, self.about]


@dataclass(frozen=True, slots=True)
class Taken:
    """
    How an utterance was taken: its reading, and the Release that made it.

    `leans_on` are the utterances that were read together with it, `requests` the readings of its parts where it holds several
    requests that are each sure, `occasion` is what the answer has to suit.
    """

    prediction: Prediction
    release: Reader
    leans_on: Sequence[Heard] = ()
    requests: Sequence[Prediction] = ()
    occasion: Occasion = ANY

    @property
    def by_itself(self) -> bool:
        """Whether the words alone say the intent, and no other."""
        return not self.leans_on and not self.requests

    @property
    def least_sure(self) -> Prediction:
        """The reading that says how sure the answer is: of several requests the one that is least."""
        return min(self.requests, key=lambda one: one.confidence, default=self.prediction)
