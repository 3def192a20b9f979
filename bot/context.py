"""
How an utterance is taken: alone, together with what it leans on, or as several requests in one.

"and to Norway?" means nothing without the question before it, and "where is PP-204817? and can I still change the address?" is
two questions. Whether the words are taken so is decided by their readings (`taken`); here is what is worth reading.
"""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.asides import asks
from bot.policy import each_sure
from bot.smalltalk import talk
from conversations.rejection import denies
from conversations.text import normalised
from retrieval.knowledge import NEAR, QUOTED
from retrieval.prediction import PassageHit, Prediction, TemplateHit, Verdict
from retrieval.quotes import quotes

LONGEST = 100  # characters; a longer message says what it wants
CHAIN = 3  # utterances that may lean on each other, the last one included
REQUESTS = 3  # in one message, at most; who asks more is asked back
FEWEST = 3  # words of a request in a message with several, or as many characters without spaces

# How words begin that go on with what was talked about, or what in them points back to it.
_LEADS = (
    r"(and|or|but|also|then|so|ok(ay)? (and|but|so)|what (about|if)|how about|same|plus|instead|else|even|only)\b",
    r"(und|oder|aber|auch|dann|was ist mit|wie ist es mit|et|ou|mais|aussi|alors|y|o|pero|también|entonces|qué tal)\b",
    r"(e|o|ma|anche|allora|mas|também|então|en|of|maar|ook|dan|a|i|lub|ale|też|и|или|а|но|тоже)\b",
    r"那|还有|還有|如果|要是|那么|那麼|でも|では|じゃ",
)
_POINTS = (
    r"\b(it|its|that|those|them|they|these|this|one|ones|there|both|either|the other|the same)\b",
    r"\b(das|die|dem|den|es|davon|dafür|dort|ça|cela|celui|celle|eso|esa|ese|aquello|questo|quello|isso|dat|dit|это|это|там)\b",
    r"呢$|这个|這個|那个|那個|它|それ|あれ|これ",
)
_LEAD = re.compile("|".join(f"(?:{lead})" for lead in _LEADS))
_POINT = re.compile("|".join(f"(?:{point})" for point in _POINTS))
_JOINT = re.compile(
    r"(?<=[.!?。！？;；\n])\s+|\s*[;；\n]\s*|,?\s+(?=(?:and|und|et|y)\s+(?:also|auch|aussi|también)\b)|(?=另外|还有，|還有，)"
)

JOINTS = 2  # of a message, that are tried; each costs the reading of two halves
MAX_JOINED = 300  # characters; a longer message tells a story
_PLAIN = re.compile(
    r",?\s+(?:and|also|plus|und|sowie|et|y|e|en|i|и)\s+(?:also\s+|then\s+|auch\s+)?|[,，、]\s*(?:and\s+|also\s+|und\s+)?|\s*(?:还有|還有|另外|以及|顺便问一下|順便問一下|顺便|順便)[，,：:]?\s*"
)
_REQUESTS = re.compile(
    r"(?:also|and|then|please|whats?|hows?|wheres?|i|im|ive|id|i['’](?:m|ve|d|ll)|my|we|tell|show|give|help|let|check|find|set|cancel|change|book|order|call|send|add|remove|there)\b"
    r"|(?:ich|mein|bitte|je|mon|quiero|vorrei|quero)\b|(?:请|請|帮|幫|我|想|能|可以|怎|你们|你們|有没有|有沒有)",
    re.IGNORECASE,
)
# "if I order today, when is it here" is one request, whatever its halves look like.
_LEANS_ON = re.compile(
    r"(?:if|when|while|since|because|after|before|as|at|in|on|for|with|using|once|until|wenn|falls|weil|da|si|quand|cuando|se)\b|(?:如果|要是|因为|因為|既然|假如)",
    re.IGNORECASE,
)


def leans(text: str) -> bool:
    """Return whether words may go on with what was talked about before."""
    said = normalised(text)
    return len(text) <= LONGEST and bool(_LEAD.match(said) or _POINT.search(said))


def leaned_on(said: Sequence[str]) -> int:
    """
    Return how many utterances before the last one it may lean on; 0 where it stands alone.

    Any short one may go on with what was just talked about, but for a bare no and what asks for nothing, which would only bring the same again; what that leans on
    in turn, its words have to show.

    Args:
        said: what the customer said in this conversation, in order.
    """
    if len(said) < 2 or len(said[-1]) > LONGEST or denies(said[-1]) or talk(said[-1]):
        return 0
    first = len(said) - 2
    while first > max(0, len(said) - CHAIN) and leans(said[first]):
        first -= 1
    return len(said) - 1 - first


def requests(text: str) -> list[str]:
    """Return the requests that a message may hold; nothing where it can only be one."""
    parts = [part for piece in quotes(text) for part in _JOINT.split(piece)]
    worded = [part.strip() for part in parts if part and _words(part) >= FEWEST]
    return worded if 1 < len(worded) <= REQUESTS else []


def halves(text: str) -> list[tuple[str, str]]:
    """
    Return how a message may be two requests that only an "and" or a comma joins, at most `JOINTS` ways; nothing where it is one.

    The second half has to begin as a request does. What the halves are about, and whether they are better read apart, their readings
    say (`apart`).
    """
    if len(text) > MAX_JOINED:
        return []
    found = [(text[: joint.start()], text[joint.end() :]) for joint in _PLAIN.finditer(text)]
    two = [(one.strip(), other.strip()) for one, other in found]
    return [pair for pair in two if _are_requests(*pair)][:JOINTS]


def _are_requests(one: str, other: str) -> bool:
    long = _words(one) >= FEWEST and _words(other) >= FEWEST
    return long and not _LEANS_ON.match(one) and bool(asks(other) or _REQUESTS.match(other))


def apart(whole: Prediction, pairs: Sequence[Sequence[Prediction]]) -> Sequence[Prediction]:
    """
    Return the readings of the two halves that count, nothing where the message is better read as one.

    Each half has to be at least as sure by itself as the whole is: "black and white" is never read apart because one half would do.
    What the whole is sure of, a half need not be sure of once more. Figures: docs/benchmarks.md.
    """
    backed = [[_backed(half, whole) for half in pair] for pair in pairs]
    least = [(min(half.confidence for half in pair), pair) for pair in backed if each_sure(pair)]
    surer = [found for found in least if found[0] >= whole.confidence]
    return max(surer, key=lambda found: found[0], default=(0.0, ()))[1]


def _backed(half: Prediction, whole: Prediction) -> Prediction:
    """Return the reading of a half, as sure as the whole where that is surely about the same matter."""
    same = whole.verdict is Verdict.CONFIDENT and half.best.intent == whole.best.intent
    if not same or half.verdict is not Verdict.AMBIGUOUS:
        return half
    return replace(half, verdict=whole.verdict, confidence=whole.confidence)


def in_context(alone: Prediction, together: Prediction) -> Prediction:
    """
    Return the reading that counts where an utterance may lean on another: its own, unless the other is surer.

    Sure enough to answer it is only where the utterance does not speak for another matter. The templates that come first are
    those that fit both readings; pages are quoted that either finds, unless only its own is sure. Figures: LOG.md.
    """
    sure = alone.verdict is Verdict.CONFIDENT
    if sure and together.verdict is not Verdict.CONFIDENT:
        return alone
    pages = _of_either(alone.passages, together.passages)
    if sure or together.confidence <= alone.confidence:
        return replace(alone, passages=pages)
    torn = alone.verdict is Verdict.AMBIGUOUS and alone.best.intent != together.best.intent
    verdict = together.verdict
    if torn and verdict is Verdict.CONFIDENT:
        verdict = Verdict.AMBIGUOUS
    templates = _fitting_both(alone, together)
    return replace(together, verdict=verdict, templates=templates, passages=pages)


def _of_either(one: Sequence[PassageHit], other: Sequence[PassageHit]) -> tuple[PassageHit, ...]:
    """Return the passages that fit nearly as well as the best of both, best first, each as it fits better."""
    best: dict[tuple[str, str], PassageHit] = {}
    for hit in sorted((*one, *other), key=lambda hit: -hit.fit):
        best.setdefault((hit.page, hit.text), hit)
    hits = list(best.values())[:QUOTED]
    return tuple(hit for hit in hits if hit.fit >= NEAR * hits[0].fit)


def _fitting_both(alone: Prediction, together: Prediction) -> tuple[TemplateHit, ...]:
    """Return the templates of either reading by their mean fit; one that a reading has not ranked fits it a little less than the last."""
    ranked = [{hit.template_id: hit for hit in one.templates} for one in (alone, together)]
    least = [min((hit.fit for hit in of.values()), default=0.0) - 1 for of in ranked]
    every = ranked[0] | ranked[1]
    fits = {
        name: sum(
            of[name].fit if name in of else low for of, low in zip(ranked, least, strict=True)
        )
        / 2
        for name in every
    }
    hits = [replace(hit, fit=round(fits[name], 4)) for name, hit in every.items()]
    return tuple(sorted(hits, key=lambda hit: (-hit.fit, hit.template_id)))


def _words(text: str) -> int:
    said = normalised(text)
    return len(said) if said and not said.isascii() and " " not in said else len(said.split())
