"""
The occasion of an answer: who gets it, where, in which language and on which day.

The language is told from each message. One that is too short to tell ("PP-204817", "and boots?") is taken to be in the
language of what the customer wrote before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.dialogue import Speech, Words
from bot.intake import MAX_TEXT
from bot.reader import Reader
from conversations.events import ActionKind, Decided, Heard, Recorded, Visitor
from retrieval.languages import language_of, told
from retrieval.prediction import Prediction
from retrieval.variants import Occasion

REMEMBERED = 5  # utterances that are looked back on; each takes up to 0.1 ms


def occasion_of(
    visitor: Visitor,
    at: datetime,
    predictions: Iterable[Prediction],
    release: Reader,
    words: Words,
    chosen: str = "",
    written: Sequence[str] = (),
) -> Occasion:
    """
    Return what the answer to a reading has to suit.

    Args:
        at: when the customer wrote.
        predictions: the readings that may be answered.
        chosen: the intent that the customer tapped, or empty.
        written: what the customer wrote, the latest first.
    """
    intents = {chosen, *(prediction.best.intent for prediction in predictions)}
    return Occasion(
        channel=visitor.channel,
        language=language_for(intents, written, release, words),
        segments=frozenset(visitor.segments),
        on=at.astimezone(words.zone).date(),
    )


def language_for(
    intents: Iterable[str], written: Sequence[str], release: Reader, words: Words
) -> str:
    """
    Return the language to answer in, of those that the answers to the intents are worded in, else the desk's own.

    Args:
        written: what the customer wrote, the latest first.
    """
    worded = {
        variant.language
        for intent in intents
        for template in release.templates_of(intent)
        for variant in template.variants
    }
    return language_of(_telling(written), sorted(worded - {""}), words.language)


def noted(
    speech: Speech,
    written: Sequence[str],
    before: Iterable[Recorded],
    release: Reader,
    words: Words,
    occasion: Occasion,
) -> Speech:
    """
    Return an answer under a note that there is none in the customer's language, said once a conversation.

    Args:
        written: what the customer wrote, the latest first; nothing is noted where none of it surely is in another language.
        before: what was said in the conversation so far.
    """
    note, answered = words.says.other_language, speech.template_id
    if not note or not answered or not words.language or speech.action is not ActionKind.REPLY:
        return speech
    if release.template(answered).wording(occasion).language or _noted_before(note, before):
        return speech
    spoken, whole = told(_telling(written)), f"{note}\n\n{speech.text}"
    if spoken in ("", words.language) or len(whole) > MAX_TEXT:
        return speech
    return replace(speech, text=whole)


def written_before(history: Iterable[Recorded]) -> list[str]:
    """Return what the customer wrote lately, the latest first."""
    heard = [r.event for r in history if isinstance(r.event, Heard)]
    return [one.text for one in heard if one.own_words][: -REMEMBERED - 1 : -1]


def _telling(written: Sequence[str]) -> str:
    """Return the latest text that surely is in some language, else the latest."""
    return next((one for one in written if told(one)), next(iter(written), ""))


def _noted_before(note: str, before: Iterable[Recorded]) -> bool:
    return any(isinstance(r.event, Decided) and r.event.text.startswith(note) for r in before)
