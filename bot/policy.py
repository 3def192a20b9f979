"""
What to do about an utterance: the whole policy, pure and total.

How sure is sure was settled by the Release (`Prediction.verdict`); what to do about it is settled here.

|              | first time                         | already clarified               | operator has it |
|--------------|------------------------------------|---------------------------------|-----------------|
| confident    | Reply                              | Reply                           | Silent          |
| ambiguous    | Clarify, under what pages say      | Clarify(next best), then Handoff | Silent          |
| out of scope | Compose, else Offer a person       | Handoff(out_of_scope)           | Silent          |

A question that pages fit, and not well enough to be quoted, comes with these pages to look at, as does what the bot does not know. What
it does not know it says once, and offers a person; words in a row that it cannot answer are handed to one. An intent that
asks for a person hands off instead of replying. A tapped choice is the customer's own verdict:
a chosen intent is replied to, "a person" hands off, "none of these" goes on like a second ambiguity. An answer that is turned
down is followed by a question about the next best, a second one by a person, and what was answered or offered in vain does not
come again. Words that ask for nothing ("ok", "are you a bot?") get a
short answer, a yes to several choices the question which, and "the other one" what was offered and not taken. An insult that asks nothing gets a kind word first,
then a person. Several requests in one message are each answered where each is sure. An intent that has a form goes to the clerk
before this table is asked (`bot.clerk`).

What the visitor asked before makes some matters `likely` (`bot.whatnext`): that moves the order in which a question offers its
candidates, and never what is answered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from bot.manners import rude
from bot.smalltalk import ASKING, Talk, affirms, talk
from conversations.conversation import Conversation
from conversations.events import HUMAN, LEFT, NONE_OF_THESE, SMALL_TALK, UNKNOWN
from conversations.handover import HAS_PERSON
from conversations.rejection import denies
from retrieval.prediction import Candidate, PassageHit, Prediction, Verdict

LEANING = 0.25  # what the logarithm of a matter's likelihood counts beside its templates' fit; see docs/benchmarks.md
UNLIKELY = 0.01  # share of what is asked next, below which nothing is told apart
CHOICES = 3  # as many as fit one line of buttons on a phone and can be read at a glance
OURS = 0.5  # probability that an utterance is about the desk's matters, from which on pages are worth a look
BESIDE_CHOICES = 1  # pages worth a look; more would drown the question under them
CLARIFICATIONS = 2  # a third question in a row reads as not listening
ANSWERS = 2  # to one question; whoever turns down the second one is not to be told a third


class Reason(StrEnum):
    """Why the bot did what it did; kept with the decision."""

    CONFIDENT = "confident"
    CHOSEN = "chosen"
    SUGGESTED = "suggested"  # a question under an answer was tapped
    AMBIGUOUS = "ambiguous"
    TURNED_DOWN = "turned_down"
    FROM_KNOWLEDGE = "from_knowledge"
    UPSET = "upset"
    OUT_OF_SCOPE = UNKNOWN
    SMALL_TALK = SMALL_TALK
    STILL_UNCLEAR = "still_unclear"
    ASKED_FOR_PERSON = "asked_for_person"
    ONLY_A_FILE = "only_a_file"
    WITH_OPERATOR = HAS_PERSON
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    ASKED_FOR_SLOT = "asked_for_slot"  # this and the next five: a form, see bot/clerk.py
    FORM_FILLED = "form_filled"
    LOOKED_UP = "looked_up"
    NOT_FOUND = "not_found"
    LOOKUP_FAILED = "lookup_failed"
    FORM_LEFT = LEFT
    CORRECTED = "corrected"  # the customer edited the message before it was answered


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer with a template of this intent, and say which pages tell more."""

    candidate: Candidate
    reason: Reason = Reason.CONFIDENT
    more: tuple[PassageHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of these was meant, after quoting what pages say, or else naming what is worth a look."""

    candidates: tuple[Candidate, ...]
    reason: Reason = Reason.AMBIGUOUS
    passages: tuple[PassageHit, ...] = ()
    related: tuple[PassageHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Compose:
    """Answer by quoting these passages of knowledge pages."""

    passages: tuple[PassageHit, ...]
    reason: Reason = Reason.FROM_KNOWLEDGE


@dataclass(frozen=True, slots=True)
class Chat:
    """Answer words that ask for nothing, in the bot's own."""

    talk: Talk


@dataclass(frozen=True, slots=True)
class Soothe:
    """Say something kind to whoever only insults, and ask what it is about."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Say that there is no answer, name the pages worth a look, and offer a person; the conversation stays with the bot."""

    related: tuple[PassageHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person takes over; the customer is told."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Silent:
    """A person has the conversation."""


Action = Reply | Clarify | Compose | Chat | Soothe | Offer | Handoff | Silent


Likely = Mapping[str, float]  # by intent, its share of what is asked next
NOTHING: Likely = MappingProxyType({})


def decide(prediction: Prediction, conversation: Conversation, likely: Likely = NOTHING) -> Action:
    """Return what to do; every verdict in every state of the conversation has an answer."""
    if conversation.with_operator:
        return Silent()
    if said := small_talk(prediction, conversation):
        return said
    match prediction.verdict:
        case Verdict.CONFIDENT if prediction.best.hands_off:
            return Handoff(Reason.ASKED_FOR_PERSON)
        case Verdict.CONFIDENT if prediction.best.intent not in conversation.turned_down:
            return Reply(prediction.best, more=prediction.passages)
        case Verdict.CONFIDENT | Verdict.AMBIGUOUS:
            return next_best(prediction, conversation, likely=likely)
        case Verdict.OUT_OF_SCOPE if rude(prediction.text) and not conversation.clarified:
            return Soothe()
        case Verdict.OUT_OF_SCOPE if quotable(prediction) and not conversation.clarified:
            return Compose(prediction.passages)
        case Verdict.OUT_OF_SCOPE if not (conversation.clarified or conversation.unanswered):
            return Offer(prediction.related if prediction.in_scope >= OURS else ())
        case Verdict.OUT_OF_SCOPE:
            return Handoff(Reason.OUT_OF_SCOPE)


def small_talk(prediction: Prediction, conversation: Conversation) -> Action | None:
    """Return what to do about words that ask for nothing, None where they may ask for something, or the desk has an answer to them."""
    said, best = talk(prediction.text), prediction.best
    if said is None or prediction.taught:
        return None
    answers = prediction.verdict is Verdict.CONFIDENT and not best.hands_off
    if answers and (said in ASKING or not best.on_offer):
        return None
    offered = [
        Candidate(choice.value, choice.label, 0.0)
        for choice in conversation.offered
        if choice.value not in (HUMAN, NONE_OF_THESE)
    ]
    if affirms(prediction.text) and offered:  # which of them?
        return _again(offered, conversation)
    if affirms(prediction.text) and conversation.asks:
        return Chat(Talk.GO_ON)
    return Chat(said)


def other(left: Sequence[Candidate], conversation: Conversation) -> Action:
    """
    Return what to do about "the other one".

    Args:
        left: what was on offer and not taken: one alone is it, of several the customer says which, and of none in words of their own.
    """
    match left:
        case _ if conversation.with_operator:
            return Silent()
        case []:
            return Chat(Talk.OTHER)
        case [only]:
            return follow(only, None, conversation)
        case _:
            return _again(left, conversation)


def _again(offered: Sequence[Candidate], conversation: Conversation) -> Action:
    if conversation.clarified >= CLARIFICATIONS:
        return Handoff(Reason.STILL_UNCLEAR)
    return Clarify(tuple(offered[-CHOICES:]))


def quotable(prediction: Prediction) -> bool:
    """Return whether pages may answer: there are some, and something was asked."""
    return bool(prediction.passages) and not denies(prediction.text)


def each_sure(requests: Sequence[Prediction]) -> bool:
    """Return whether a message holds several requests, each of them sure and about a matter of its own."""
    sure = [r for r in requests if r.verdict is Verdict.CONFIDENT and r.best.on_offer]
    matters = {r.best.intent for r in sure if not r.best.hands_off}
    return len(requests) > 1 and len(matters) == len(requests)


def follow(
    chosen: Candidate | str,
    prediction: Prediction | None,
    conversation: Conversation,
    likely: Likely = NOTHING,
) -> Action:
    """
    Return what to do about a choice: HUMAN, NONE_OF_THESE or an intent.

    Args:
        prediction: the reading of the utterance that was asked about; None where nothing was.
    """
    if conversation.with_operator:
        return Silent()
    match chosen:
        case Candidate(hands_off=True):
            return Handoff(Reason.ASKED_FOR_PERSON)
        case Candidate():
            return Reply(chosen, Reason.CHOSEN)
        case str() if chosen == HUMAN:
            return Handoff(Reason.ASKED_FOR_PERSON)
        case str() if chosen == NONE_OF_THESE and prediction is not None:
            return next_best(prediction, conversation, likely=likely, pages=False)
        case str():
            return Handoff(Reason.STILL_UNCLEAR)


def says_instead(said: Prediction, conversation: Conversation) -> bool:
    """Return whether the words that turn an answer down say at once what was meant, and it is not what was answered."""
    best = said.best
    meant = best.intent not in conversation.given and (best.on_offer or best.hands_off)
    return said.verdict is Verdict.CONFIDENT and meant


def reconsider(
    prediction: Prediction, conversation: Conversation, likely: Likely = NOTHING
) -> Action:
    """
    Return what to do where the customer turns the last answer down, and says nothing else.

    Args:
        prediction: the reading of the question that was answered.
    """
    if conversation.with_operator:
        return Silent()
    if len(conversation.given) >= ANSWERS or conversation.questions >= CLARIFICATIONS:
        return Handoff(Reason.STILL_UNCLEAR)
    about = replace(conversation, asked=conversation.topic)
    by_template = any(conversation.given)  # what pages say has not been said yet
    return next_best(prediction, about, Reason.TURNED_DOWN, likely, pages=by_template)


def next_best(
    prediction: Prediction,
    conversation: Conversation,
    reason: Reason = Reason.AMBIGUOUS,
    likely: Likely = NOTHING,
    *,
    pages: bool = True,
) -> Action:
    """
    Ask about the best candidates not yet offered, under what pages say or the one most worth a look.

    Where none is left or it was asked enough, what pages say answers alone, and without any a person takes over.

    Args:
        pages: pages are asked, too: what they say was not said before.
    """
    passages = prediction.passages if pages else ()
    related = prediction.related[:BESIDE_CHOICES] if pages else ()
    known = {*(choice.value for choice in conversation.offered), *conversation.turned_down}
    ordered = by_templates(prediction, likely)
    fresh = [c for c in ordered if c.on_offer and c.intent not in known]
    if not fresh or conversation.clarified >= CLARIFICATIONS:
        if not passages:
            return Handoff(Reason.STILL_UNCLEAR)
        return Compose(passages, reason) if reason is Reason.TURNED_DOWN else Compose(passages)
    return Clarify(tuple(fresh[:CHOICES]), reason, passages, related)


def by_templates(prediction: Prediction, likely: Likely = NOTHING) -> list[Candidate]:
    """
    Return the candidates in the order of their best templates, which see the words too; the others as they were.

    What is likely after what the visitor asked before moves up where it fits nearly as well.
    """
    best: dict[str, float] = {}
    for hit in prediction.templates:
        if hit.intent not in best:
            best[hit.intent] = hit.fit + _leaning(hit.intent, likely)
    places = {intent: place for place, intent in enumerate(_descending(best) if likely else best)}
    last = len(best)
    return sorted(prediction.candidates, key=lambda candidate: places.get(candidate.intent, last))


def _leaning(intent: str, likely: Likely) -> float:
    return LEANING * math.log(max(UNLIKELY, likely.get(intent, 0.0)))


def _descending(fits: Mapping[str, float]) -> list[str]:
    return sorted(fits, key=lambda intent: -fits[intent])  # of equals the one that came first
