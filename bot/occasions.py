"""The occasion of an answer: who gets it, where, in which language and on which day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.dialogue import Words
from bot.reader import Reader
from conversations.events import Visitor
from retrieval.languages import language_of
from retrieval.prediction import Prediction
from retrieval.variants import Occasion


def occasion_of(
    visitor: Visitor,
    at: datetime,
    predictions: Iterable[Prediction],
    release: Reader,
    words: Words,
    chosen: str = "",
) -> Occasion:
    """
    Return what the answer to a reading has to suit.

    Args:
        at: when the customer wrote.
        predictions: the readings that may be answered, the whole utterance first.
        chosen: the intent that the customer tapped, or empty.
    """
    first, *others = predictions
    intents = {chosen, first.best.intent, *(other.best.intent for other in others)}
    written = {
        variant.language
        for intent in intents
        for template in release.templates_of(intent)
        for variant in template.variants
    }
    return Occasion(
        channel=visitor.channel,
        language=_spoken(first, sorted(written - {""}), words),
        segments=frozenset(visitor.segments),
        on=at.astimezone(words.zone).date(),
    )


def _spoken(prediction: Prediction, among: list[str], words: Words) -> str:
    """Return the language of an utterance; most desks have answers in one, and no need to tell."""
    return language_of(prediction.text, among, words.language) if among else ""
