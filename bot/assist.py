"""
What a person might answer: up to three replies, of approved templates, of pages, and of what operators answered to nearly the same.

Pure, and never sent by itself. Each says where it is from and how likely it answers the question: a template by the reading's calibrated
confidence, a page by how often what pages say is the answer (docs/benchmarks.md), a colleague's answer by how likely the two questions
mean the same, and how far those who were asked it agree. What a colleague wrote to another customer comes without what is that customer's own
(`bot.particulars`): with this one's in its place where that is known, with a gap where it is not, and not at all where too much is missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.asked import Taken
from bot.dialogue import SAYS_MORE, Speech, Words, given, joined, say
from bot.particulars import NAME, addressed, introduced, particulars, without
from bot.policy import Compose, Reply
from conversations.events import ActionKind, Attached
from conversations.exchanges import Near
from conversations.likeness import Likeness
from retrieval.languages import told
from retrieval.prediction import Candidate, Prediction
from retrieval.templates import Template

MOST = 3  # replies that are proposed
LEAST = 0.05  # how likely one has to be; see docs/benchmarks.md
ANSWERED = 2  # of them by colleagues, at most
PAGES = 0.6  # how often what pages say is the answer where it is quoted; see docs/benchmarks.md
SUREST = (
    0.98  # how likely two questions mean the same, at most: their words are not all that matters
)
GAPS = 2  # that an answer may have; with more of them it says nothing

_GAP = re.compile(r"\[[a-z][a-z _]{1,40}\]")


class Origin(StrEnum):
    """Where a reply is from."""

    TEMPLATE = "template"
    PAGE = "page"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Precedent:
    """A colleague's answer: where it was given last, by whom and when, and in how many conversations nearly the same was."""

    conversation_id: str
    operator: str
    at: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """
    A reply that a person may send.

    `likely`: that it answers the question, 0 to 1. `title` is what a person calls it: the intent, the page, the question that it answered.
    `gaps` are stretches of the text that somebody has to fill in, as they stand there.
    """

    origin: Origin
    text: str
    likely: float
    title: str
    template_id: str = ""
    intent: str = ""
    sources: tuple[Attached, ...] = ()
    precedent: Precedent | None = None
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What a reply is made for.

    Args:
        known: the variables of this visitor that can be filled in.
        is_own: whether words are the desk's own, and no customer's.
        question: what is to be answered.
    """

    words: Words
    known: Mapping[str, str]
    question: str
    is_own: Callable[[str], bool] = field(default=lambda _: False)


def suggestions(taken: Taken, near: Sequence[Near], at: Circumstances) -> tuple[Suggestion, ...]:
    """
    Return up to MOST replies that are different from each other, the likeliest first.

    Args:
        near: what operators answered to nearly the same, the likeliest first.
    """
    every = [*by_template(taken, at), *by_pages(taken, at), *by_colleagues(near, at)]
    every.sort(key=lambda one: -one.likely)
    return tuple(_different(one for one in every if one.likely >= LEAST))


def by_template(taken: Taken, at: Circumstances) -> list[Suggestion]:
    """Return the approved answers to what was asked, as this visitor would get them: those to several requests as one."""
    if together := _to_several(taken, at):
        return [together]
    shares = likelihoods(taken.prediction)
    titles = {one.intent: one.title for one in taken.prediction.candidates if _answers(one)}
    each = [
        (shares[intent] * share, template)
        for intent in titles
        for template, share in _fitting(intent, taken, at)
    ]
    found = []
    for likely, template in sorted(each, key=lambda one: -one[0]):
        speech = given(template, at.words, at.known, taken.occasion)
        if speech is not None:
            found.append(_of_template(speech, likely, titles[template.intent]))
        if len(found) == MOST:
            break
    return found


def _to_several(taken: Taken, at: Circumstances) -> Suggestion | None:
    """Return one reply to several requests, None where that is not what was asked, or one has no answer."""
    speeches = [_said(one.best, one, taken, at) for one in taken.requests]
    if not speeches or any(speech.action is not ActionKind.REPLY for speech in speeches):
        return None
    least = min(float(one.confidence) for one in taken.requests)
    titles = ", ".join(one.best.title for one in taken.requests)
    return _of_template(joined(speeches), least, titles)


def _answers(candidate: Candidate) -> bool:
    return candidate.on_offer and not candidate.hands_off


def _fitting(intent: str, taken: Taken, at: Circumstances) -> list[tuple[Template, float]]:
    """Return an intent's answers that may be given here, and how likely each is the one, if it is one of them."""
    release = taken.release
    usable = [
        one
        for one in release.templates_of(intent)
        if one.needs <= at.known.keys() and one.suits(taken.occasion)
    ]
    fits = {hit.template_id: hit.fit for hit in taken.prediction.templates}
    least = min(fits.values(), default=0.0) - 1  # one that was not ranked fits less than the last
    ranked = [fits.get(one.id, least) + SAYS_MORE * len(one.needs) for one in usable]
    weights = [math.exp(fit - max(ranked)) for fit in ranked]
    return [(one, weight / sum(weights)) for one, weight in zip(usable, weights, strict=True)]


def likelihoods(prediction: Prediction) -> dict[str, float]:
    """Return how likely each candidate is what was meant; together they are as likely as that the utterance is in scope."""
    best, *others = prediction.candidates
    rest = sum(candidate.score for candidate in others) or 1.0
    left = max(0.0, float(prediction.in_scope) - float(prediction.confidence))
    return {best.intent: float(prediction.confidence)} | {
        candidate.intent: left * candidate.score / rest for candidate in others
    }


def by_pages(taken: Taken, at: Circumstances) -> list[Suggestion]:
    """Return what pages say, quoted, with where they can be read."""
    passages = taken.prediction.passages
    if not passages:
        return []
    speech = say(Compose(passages), at.words, taken.release, (), at.known)
    return [
        Suggestion(
            origin=Origin.PAGE,
            text=speech.text,
            likely=PAGES,
            title=passages[0].heading or passages[0].title,
            sources=speech.sources,
        )
    ]


def by_colleagues(near: Sequence[Near], at: Circumstances) -> list[Suggestion]:
    """Return what operators answered to nearly the same; answers that nearly say the same are one, in the words of the likeliest."""
    language = told(at.question)
    made = [(one, for_another(one, at)) for one in near]
    usable = [(one, text) for one, text in made if text and _understood(text, language)]
    likeness = Likeness(text for _, text in usable)
    groups: list[list[tuple[Near, str]]] = []
    for one, text in usable:
        alike = likeness.alike(text)
        if not alike:
            likeness.add(text)
            groups.append([])
        groups[alike[0] if alike else -1].append((one, text))
    total = 1 + sum(_odds(one) for one, _ in usable)  # 1: that none of them is the answer
    found = [_of_colleagues(group, total, at) for group in groups]
    return sorted(found, key=lambda one: -one.likely)[:ANSWERED]


def for_another(near: Near, at: Circumstances) -> str:
    """Return a colleague's answer without what was the other customer's, empty where it cannot be had so."""
    exchange = near.exchange
    answer = unsigned(exchange.answer, exchange.operator)
    if addressed(answer):
        return ""
    names = [*filter(None, [exchange.name]), *introduced(exchange.said)]
    found = [
        one
        for one in particulars(answer, at.words.patterns, names)
        if not at.is_own(answer[one.begin : one.end])
    ]
    text = without(answer, found, lambda kind, stood: _in_place(kind, stood, at.known))
    return text if len(gaps(text)) <= GAPS else ""


def gaps(text: str) -> tuple[str, ...]:
    """Return the stretches of a text that somebody has to fill in."""
    return tuple(dict.fromkeys(_GAP.findall(text)))


def gap(kind: str) -> str:
    """Return what stands where something of this kind was taken out."""
    return f"[{kind.replace('_', ' ')}]"


def unsigned(text: str, operator: str) -> str:
    """Return an answer without the name that its writer put under it."""
    names = "|".join(re.escape(part) for part in (operator, *operator.split()) if part)
    if not names:
        return text
    signed = rf"(?:\s{{0,9}}\n\s{{0,9}}|(?<=[.!?]) +)(?:[^\W\d_][\w ]{{0,30}}[,!.]?\s{{1,9}})?(?:{names})[.!]?\s{{0,9}}$"
    return re.sub(signed, "", text, flags=re.IGNORECASE).rstrip()


def _understood(text: str, language: str) -> bool:
    """Return whether a text is in a language, as far as that can be told of either."""
    return not language or told(text) in ("", language)


def _in_place(kind: str, stood: str, known: Mapping[str, str]) -> str:
    """Return this visitor's own in the place of another's: their first name where that stood alone."""
    own = known.get(kind, "")
    if own and kind == NAME and " " not in stood:
        return own.split()[0]
    return own or gap(kind)


def _of_colleagues(
    group: Sequence[tuple[Near, str]], total: float, at: Circumstances
) -> Suggestion:
    first, text = min(group, key=lambda one: (len(gaps(one[1])), -one[0].likely))
    latest = max((one.exchange for one, _ in group), key=lambda exchange: exchange.at)
    asked = first.exchange
    names = [*filter(None, [asked.name]), *introduced(asked.said)]
    own = particulars(asked.question, at.words.patterns, names)
    return Suggestion(
        origin=Origin.ANSWERED,
        text=text,
        likely=sum(_odds(one) for one, _ in group) / total,
        title=without(asked.question, own, lambda kind, _: gap(kind)),
        precedent=Precedent(
            conversation_id=latest.conversation_id,
            operator=latest.operator,
            at=latest.at.isoformat(),
            times=len({one.exchange.conversation_id for one, _ in group}),
        ),
        gaps=gaps(text),
    )


def _odds(near: Near) -> float:
    """Return how many times likelier it is that a question means the same than that it does not: alone, an answer is as likely as that."""
    likely = min(near.likely, SUREST)
    return likely / (1 - likely)


def _said(candidate: Candidate, read: Prediction, taken: Taken, at: Circumstances) -> Speech:
    return say(
        Reply(candidate),
        at.words,
        taken.release,
        read.templates,
        at.known,
        occasion=taken.occasion,
    )


def _of_template(speech: Speech, likely: float, title: str) -> Suggestion:
    return Suggestion(
        origin=Origin.TEMPLATE,
        text=speech.text,
        likely=likely,
        title=title,
        template_id=speech.template_id,
        intent=speech.intent,
        sources=speech.attachments,
    )


def _different(ordered: Iterable[Suggestion]) -> list[Suggestion]:
    """Return the first MOST that do not nearly say what an earlier one says."""
    every = list(ordered)
    likeness = Likeness(one.text for one in every)
    found: list[Suggestion] = []
    for one in every:
        if not likeness.alike(one.text):
            likeness.add(one.text)
            found.append(replace(one, likely=round(one.likely, 4)))
    return found[:MOST]
