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

from conversations.rejection import denies
from conversations.text import normalised
from retrieval.prediction import Prediction, TemplateHit, Verdict
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


def leans(text: str) -> bool:
    """Return whether words may go on with what was talked about before."""
    said = normalised(text)
    return len(text) <= LONGEST and bool(_LEAD.match(said) or _POINT.search(said))


def leaned_on(said: Sequence[str]) -> int:
    """
    Return how many utterances before the last one it may lean on; 0 where it stands alone.

    Any short one may go on with what was just talked about, but for a bare no, which would only bring the same again; what that leans on
    in turn, its words have to show.

    Args:
        said: what the customer said in this conversation, in order.
    """
    if len(said) < 2 or len(said[-1]) > LONGEST or denies(said[-1]):
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


def in_context(alone: Prediction, together: Prediction) -> Prediction:
    """
    Return the reading that counts where an utterance may lean on another: its own, unless the other is surer.

    Sure enough to answer it is only where the utterance does not speak for another matter. The templates that come first are
    those that fit both readings. Figures: LOG.md.
    """
    if alone.verdict is Verdict.CONFIDENT or together.confidence <= alone.confidence:
        return alone
    torn = alone.verdict is Verdict.AMBIGUOUS and alone.best.intent != together.best.intent
    verdict = together.verdict
    if torn and verdict is Verdict.CONFIDENT:
        verdict = Verdict.AMBIGUOUS
    return replace(together, verdict=verdict, templates=_fitting_both(alone, together))


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
