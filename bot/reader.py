"""
What the bot needs of a Release, so that a small one can stand in its place.

ModelFailed    the Release raised, gave something that is no reading, or took too long
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from retrieval.passages import Passage
from retrieval.prediction import Floats2d, Prediction
from retrieval.templates import Template
from retrieval.words import Words


class ModelFailed(Exception):
    """This text has no reading."""


class Reader(Protocol):
    """Reads utterances and holds their answers; never changes once it is loaded."""

    @property
    def hash(self) -> str: ...

    @property
    def titles(self) -> Mapping[str, str]:
        """What the customer would call each intent."""
        ...

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one reading per text, in their order; runs in the model's own thread."""
        ...

    def points(self, texts: Sequence[str]) -> Floats2d:
        """Return (n, dim) where each text lies; near-by texts mean nearly the same."""
        ...

    def heard(self, texts: Sequence[str]) -> tuple[Floats2d, Sequence[Words] | None]:
        """Return the points of texts and, where they are of use, the words of each."""
        ...

    def judge(
        self, texts: Sequence[str], points: Floats2d, words: Sequence[Words] | None = None
    ) -> list[Prediction]:
        """Return the readings of texts that were heard: `read` is both."""
        ...

    def template(self, template_id: str) -> Template: ...

    def templates_of(self, intent: str) -> tuple[Template, ...]: ...

    def passages_of(self, page: str) -> tuple[Passage, ...]:
        """Return what may be quoted of a knowledge page."""
        ...


class Readings(Protocol):
    """Whoever reads a customer's words with the Release that has the conversation."""

    async def read(
        self, text: str, conversation_id: str, message_id: str = ""
    ) -> tuple[Prediction, Reader]:
        """
        Return the reading and the Release that made it; see `bot.champion.Champion.read`.

        Args:
            message_id: of the utterance whose own words these are; empty for a part of it, or what it leans on.
        """
        ...


def sound(predictions: Sequence[Prediction], expected: int) -> Sequence[Prediction]:
    """
    Return the readings as they are.

    Raises:
        ModelFailed: they are not as many as expected, or one says nothing, or has a number that is none.
    """
    if len(predictions) != expected:
        raise ModelFailed(f"{len(predictions)} readings of {expected} texts")
    for prediction in predictions:
        numbers = [prediction.confidence, *(c.score for c in prediction.candidates)]
        if not prediction.candidates or not all(map(math.isfinite, numbers)):
            raise ModelFailed("a reading without candidates or with a number that is none")
    return predictions
