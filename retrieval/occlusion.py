"""
Which words moved a reading: each is left out in turn, and what its absence takes away is what it gave.

Occlusion, after Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901, section 4.2. It asks nothing of a model but
to read again, and costs one reading a word: it is for looking into a decision, not for making one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.prediction import Prediction

SPANS = 48  # of one text; with the text itself 49 readings: 0.05 s for a chat message, 2 s for the longest
DECIMALS = 4  # a batch of another size moves a confidence by up to 2e-6; nobody decides anything by the fifth

Read = Callable[[Sequence[str]], Sequence[Prediction]]
Span = tuple[int, int]  # start and end in the text, in characters

# What is written without spaces between words, and one character at a time says something: Thai to Lao,
# Burmese, Khmer, Han and hiragana. A run of katakana is a word, and Korean has spaces.
_SIGN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u309f"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_JOINTS = frozenset("'’-‐.@_:/&")  # noqa: RUF001 - inside a word they belong to it: don't, PP-204817, a@b.org
_KINDS = {  # of a Unicode category, or of its first letter
    "L": "w",
    "N": "w",
    "M": "m",
    "S": "e",
    "P": "p",
    "Z": " ",
    "C": " ",
    "Sc": "w",  # €50 is one word
    "Sm": "p",
    "Cf": "m",  # joins emoji, and letters of some scripts, to one
}
_UNIT = re.compile(r"w[wm]*(?:j[wm]+)*|sm*|e[em]*")  # a word, a sign, an emoji or several


@dataclass(frozen=True, slots=True)
class Influence:
    """
    What one word did for the best intent: text[start:end] is the word.

    `score` and `confidence` are what leaving it out takes away (-1 to 1, four decimals): above 0 it spoke for the
    intent, below 0 against it. `instead` is the intent that is best without the word, empty where it stays the same.
    """

    word: str
    start: int
    end: int
    score: float
    confidence: float
    instead: str


def influences(prediction: Prediction, read: Read) -> tuple[Influence, ...]:
    """
    Return the influence of every word on the best intent, in the order of the text.

    All variants are read in one call, the whole text again among them: what a difference is made of then comes from
    one call that is always the same, and so do its digits. A remainder without a word is not read, it scores
    nothing. Of a long text neighbouring words are taken together, SPANS of them at most.

    Args:
        prediction: of the text by the Release that reads it again.
        read: returns one prediction a text, in their order.
    """
    text, intent = prediction.text, prediction.best.intent
    found = spans(text)
    rests = [without(text, span) for span in found]
    asked = list(dict.fromkeys(rest for rest in rests if _words(rest)))
    whole, *readings = read([text, *asked]) if asked else [prediction]
    by_rest = dict(zip(asked, readings, strict=True))
    return tuple(
        _influence(text, span, intent, whole, by_rest.get(rest))
        for span, rest in zip(found, rests, strict=True)
    )


def spans(text: str) -> list[Span]:
    """
    Return where the words are, SPANS of them at most, in their order and apart.

    Signs and emoji count as words. Punctuation does not, unless nothing else was said.
    """
    units = _words(text)
    if not units and text.strip():
        units = [(len(text) - len(text.lstrip()), len(text.rstrip()))]
    groups = min(len(units), SPANS)
    edges = [len(units) * n // max(groups, 1) for n in range(groups + 1)]
    return [(units[a][0], units[b - 1][1]) for a, b in pairwise(edges)]


def without(text: str, span: Span) -> str:
    """Return the text without a span; the words beside it stay apart, by one space where there was one."""
    left, right = text[: span[0]], text[span[1] :]
    if not left or left[-1].isspace():
        right = right.lstrip()
    elif _kinds(left[-1]) in "wm" and _kinds(right[:1]) == "w":
        right = " " + right
    return (left + right).strip()


def _influence(
    text: str, span: Span, intent: str, whole: Prediction, rest: Prediction | None
) -> Influence:
    score, confidence = _standing(whole, intent)
    score_left, confidence_left = _standing(rest, intent) if rest else (0.0, 0.0)
    return Influence(
        word=text[slice(*span)],
        start=span[0],
        end=span[1],
        score=round(score - score_left, DECIMALS) + 0.0,  # + 0.0: there is no -0.0 on a card
        confidence=round(confidence - confidence_left, DECIMALS) + 0.0,
        instead=rest.best.intent if rest and rest.best.intent != intent else "",
    )


def _standing(prediction: Prediction, intent: str) -> tuple[float, float]:
    """
    Return score and confidence of one intent, in whichever place it stands.

    The confidence is about the best intent; another one has as much less of it as its score is lower, which at
    a draw is the same. An intent that is no candidate any more scores at most what the last of them does.
    """
    scores = {candidate.intent: candidate.score for candidate in prediction.candidates}
    score = scores.get(intent, prediction.candidates[-1].score)
    best = prediction.best.score
    return score, prediction.confidence * score / best if best else 0.0


def _words(text: str) -> list[Span]:
    return [match.span() for match in _UNIT.finditer(_kinds(text))]


def _kinds(text: str) -> str:
    return "".join(_kind(character) for character in text)


def _kind(character: str) -> str:
    """Return w of a letter or digit, m mark, s sign, e emoji, j joint, p punctuation, or a space."""
    if character in _JOINTS:
        return "j"
    category = unicodedata.category(character)
    if category[0] == "L" and _SIGN.match(character):
        return "s"
    return _KINDS.get(category) or _KINDS[category[0]]
