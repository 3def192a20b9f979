"""
What a conversation was about, in a few of its own sentences: what the customer wants, what was tried, what is open.

Pure, and word for word: nothing is said here that nobody said. A sentence counts by how many of its terms the customer comes back to, by
whether it asks or wants something, and, for what is wanted, by how early it was said.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.asides import asks, pauses
from bot.smalltalk import talk
from conversations.events import (
    SMALL_TALK,
    ActionKind,
    Decided,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Recorded,
)
from conversations.exchanges import ASKED_FOR_PERSON
from conversations.helped import helped
from conversations.text import normalised
from retrieval.languages import told
from retrieval.quotes import sentences
from retrieval.terms import terms

MOST = 5  # sentences
FIRST, LAST = 20, 200  # messages of a conversation that are looked at
FEWEST = 3  # terms of a sentence that says something
LONG = 8  # terms from which a sentence is long enough to say it all
WANTS, EARLY, TOLD, EXACT = (
    0.4,
    0.5,
    0.5,
    0.2,
)  # what it adds to a sentence of 1 to ask for something, to be said first, to be long, to name a number
ALSO = 0.6  # of the best one's count, from which a second thing that is wanted is told, too
OVERLAP = 0.5  # of its terms in the first, from which it is the same thing

_WANTS = re.compile(
    r"\b(?:i (?:want|need|would like|was hoping|am looking|have (?:a|an) (?:problem|issue|question))|i d like|i m looking|can you|could you|please|how (?:do|can)"
    r"|(?:is|was|are) (?:broken|missing|wrong|damaged|torn|late)|(?:not|never|n t) (?:arrived|come|work|works|working)|refund|exchange|complain)"
    r"|\b(?:ich (?:möchte|brauche|will|hätte)|können sie|könnt ihr|bitte|kaputt|defekt|fehlt|nicht (?:angekommen|da))\b"
    r"|\b(?:je (?:voudrais|veux|souhaite)|j ai besoin|quiero|necesito|me gustaría|vorrei|ho bisogno|quero|preciso)\b"
    r"|我(?:想|要|需要)|能不能|可以|麻烦|麻煩|请问|請問|怎么|怎麼|退款|退货|退貨|换货|換貨|坏了|壞了|没收到|沒收到|没到|沒到|問題|问题"
)

_NUMBER = re.compile(r"\d{2}")


class Part(StrEnum):
    """What a sentence of a summary is there for."""

    WANTS = "wants"
    TRIED = "tried"
    OPEN = "open"


class Speaker(StrEnum):
    """Who said it."""

    CUSTOMER = "customer"
    BOT = "bot"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it was said; `who` is the operator's name, empty for the others."""

    part: Part
    by: Speaker
    who: str
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence in its place; `turn` counts what was said before it."""

    by: Speaker
    who: str
    text: str
    message_id: str
    turn: int
    terms: frozenset[str]


def summary(history: Sequence[Recorded], language: str = "en") -> tuple[Line, ...]:
    """
    Return up to MOST sentences in the order in which they were said; nothing where there are no more than that.

    Args:
        history: the events of one conversation in the order of the log.
        language: the desk's own, ISO 639-1, for words that do not tell theirs.
    """
    said = _sentences(history, language)
    if len(said) <= MOST:
        return ()
    theirs = [one for one in said if one.by is Speaker.CUSTOMER]
    often = Counter(term for one in theirs for term in one.terms)
    wanted = _wanted(theirs, often)
    answers = [one for one in said if one.by is not Speaker.CUSTOMER]
    tried = _tried(answers, often)
    opened = _open(said, often, waits=_waits(history))
    parts = {Part.WANTS: wanted, Part.TRIED: tried, Part.OPEN: opened}
    chosen = {one: part for part in (Part.WANTS, Part.TRIED, Part.OPEN) for one in parts[part]}
    return tuple(
        Line(chosen[one], one.by, one.who, one.text, one.message_id)
        for one in said
        if one in chosen
    )[-MOST:]


def _wanted(theirs: Sequence[_Sentence], often: Counter[str]) -> list[_Sentence]:
    """Return what the customer wants, in one sentence, or in two where they want two things."""
    if not theirs:
        return []
    last = max(1, theirs[-1].turn)
    counts = {one: _count(one, often) + EARLY * (1 - one.turn / last) for one in theirs}
    best = max(theirs, key=lambda one: counts[one])
    others = [one for one in theirs if len(one.terms & best.terms) < OVERLAP * len(one.terms)]
    second = max(others, key=lambda one: counts[one], default=None)
    return [best, second] if second and counts[second] >= ALSO * counts[best] else [best]


def _tried(answers: Sequence[_Sentence], often: Counter[str]) -> list[_Sentence]:
    """Return what the bot, and what a person, said about it, a sentence each: what tells most, the later the better."""
    found = []
    for by in (Speaker.BOT, Speaker.OPERATOR):
        own = [one for one in answers if one.by is by]
        last = max(1, own[-1].turn) if own else 1
        counts = {
            one: _about(one, often) + EARLY * one.turn / last - WANTS * asks(one.text)
            for one in own
        }
        found += [max(own, key=lambda one: counts[one])] if own else []
    return found


def _open(said: Sequence[_Sentence], often: Counter[str], *, waits: bool) -> list[_Sentence]:
    """
    Return what the customer asked since the last answer; without that, what a person asked in it.

    Args:
        waits: a person was called after all that was said, so that what was asked last is open, whatever the bot answered.
    """
    answers = {Speaker.OPERATOR} if waits else {Speaker.OPERATOR, Speaker.BOT}
    answered = max((one.turn for one in said if one.by in answers), default=-1)
    since = [one for one in said if one.turn > answered and _may_be_open(one)]
    if since:
        latest = [one for one in since if one.turn == since[-1].turn] if waits else since
        return [max(latest, key=lambda one: (_count(one, often), one.turn))]
    asked = [one for one in said if one.turn == answered and one.by is Speaker.OPERATOR]
    return [one for one in asked if asks(one.text)][-1:] if said[-1].turn == answered else []


def _waits(history: Sequence[Recorded]) -> bool:
    """Return whether the bot handed over, and no person has written since."""
    for recorded in reversed(history):
        match recorded.event:
            case OperatorWrote():
                return False
            case Decided(action=ActionKind.HANDOFF):
                return True
            case _:
                pass
    return False


def _may_be_open(one: _Sentence) -> bool:
    return one.by is Speaker.CUSTOMER and _asks_for(one)


def _asks_for(one: _Sentence) -> bool:
    return asks(one.text) or _WANTS.search(normalised(one.text)) is not None


def _count(one: _Sentence, often: Counter[str]) -> float:
    """Return how much a customer's sentence says of what they want."""
    return _about(one, often) + WANTS * _asks_for(one)


def _about(one: _Sentence, often: Counter[str]) -> float:
    """Return how much a sentence tells, and how much of it is what the customer comes back to; short ones say less."""
    most = max(often.values(), default=1)
    shared = sum(math.log1p(often[term]) for term in one.terms) / math.log1p(most)
    long = min(1.0, len(one.terms) / LONG)
    return shared / max(len(one.terms), LONG) + TOLD * long + EXACT * bool(_NUMBER.search(one.text))


def _sentences(history: Sequence[Recorded], language: str) -> list[_Sentence]:
    """Return what was said that says something, sentence by sentence, as it stands today."""
    found: list[_Sentence] = []
    turns = list(enumerate(_turns(history)))
    looked_at = turns[:FIRST] + turns[max(FIRST, len(turns) - LAST) :]
    for turn, (by, who, text, message_id) in looked_at:
        spoken = told(text) or language or "en"
        for sentence in sentences(text, spoken):
            words = frozenset(terms(sentence, spoken))
            if len(words) >= FEWEST and not _is_manners(sentence):
                found.append(_Sentence(by, who, sentence.strip(), message_id, turn, words))
    return list(dict.fromkeys(found))


def _is_manners(sentence: str) -> bool:
    return talk(sentence.strip()) is not None or helped(sentence) or pauses(sentence)


def _turns(history: Sequence[Recorded]) -> Iterable[tuple[Speaker, str, str, str]]:
    """Yield who said what: without what was corrected since, what only asked for a person, and what the bot asked back."""
    events = [recorded.event for recorded in history]
    corrected = {one.corrects for one in events if isinstance(one, Heard) and one.corrects}
    wordings = {one.corrects: one.text for one in events if isinstance(one, OperatorEdited)}
    called = {
        one.in_reply_to
        for one in events
        if isinstance(one, Decided) and one.reason == ASKED_FOR_PERSON
    }
    for event in events:
        match event:
            case Heard(message_id=id_) if event.own_words and id_ not in corrected | called:
                yield Speaker.CUSTOMER, "", event.text, id_
            case Decided(action=ActionKind.REPLY) if event.reason != SMALL_TALK:
                yield Speaker.BOT, "", event.text, event.message_id
            case OperatorWrote(message_id=id_):
                yield Speaker.OPERATOR, event.operator, wordings.get(id_, event.text), id_
            case _:
                pass
