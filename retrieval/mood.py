"""
How a message sounds: -1 is furious, 0 says nothing of it, 1 is delighted. Pure.

English is read word by word: the lexicon of VADER (Hutto and Gilbert 2014, ICWSM-14) with its rules about negation, emphasis and
"but", and over it the words and phrases of a service desk (`retrieval.mood_words`). Other languages have no lexicon here: there a
head over the encoder's vector says it, which a Release learns where its customers write such languages (`finetune.moods`). How often
either is right is measured for each language, and stated with the moods; see docs/alerts.md.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.head import Head
from retrieval.mood_words import CALM, LESS, MORE, NOT, PHRASES, WORDS
from retrieval.prediction import Floats2d

NEGATIVE, NEUTRAL, POSITIVE = MOODS = ("negative", "neutral", "positive")
ENGLISH = "en"  # the language with a lexicon
CLEAR = 0.3  # from which on a score is a mood, on either side
OTHERS = "other"  # languages that are measured together, a few messages of each
ENOUGH = 0.7  # accuracy of three moods below which none is told; guessing is a third
BENT = math.log(CLEAR) / math.log(
    0.5
)  # what a head finds as likely as no mood at all is only just clear
Z95 = 1.96
READ = 2_000  # characters; what is longer is a letter, and its beginning has its mood

# VADER's constants, from its paper and its code: what negation, emphasis, capitals and exclamation marks do to a valence.
REVERSED, EMPHASIS, CAPITALS, EXCLAIMED = -0.74, 0.293, 0.733, 0.292
HALF = 15.0  # square of the sum of valences that is half way up
REACH = 3  # words that a negation or an emphasis is heard for
SHORTEST = 4  # letters of a word of the general lexicon; shorter ones are parts of numbers and slips as often ("fu 69", "1 ticket foe")
POLITE = 0.35  # what thanks are worth that end a request

FIGURES = Path(__file__).with_name("mood.json")  # by `make bench-mood`; a test recomputes them

_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*", re.IGNORECASE)
_ASKS = re.compile(r"\?|\b(please|can you|could you|i need|i want|i would like|i'd like)\b")
_THANKS = frozenset({"thanks", "thank", "thx", "cheers"})

# One pattern for all, tried once a word. An empty group at the end of each tells which it was; one around it would take five times as long.
_PHRASE = re.compile(
    r"\b(?:" + "|".join(f"(?:{p.replace('(', '(?:')})()" for p, _ in PHRASES) + ")"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """How many of `n` messages, none of them learned from, had the mood that a person gave them."""

    right: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n if self.n else 0.0

    def interval(self) -> tuple[float, float]:
        """Return where the accuracy lies with a probability of 95 %, by Wilson's score interval (1927)."""
        if not self.n:
            return 0.0, 1.0
        share, z2n = self.accuracy, Z95**2 / self.n
        middle = (share + z2n / 2) / (1 + z2n)
        half = math.sqrt(share * (1 - share) * z2n + z2n**2 / 4) / (1 + z2n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Ear:
    """A head over the points of a Release, its classes MOODS, and how it was measured: by language, and OTHERS together."""

    head: Head
    measured: Mapping[str, Measured]

    def scores(self, points: Floats2d) -> list[float]:
        """Return how each text sounds, for centred unit vectors (n, dim)."""
        return [_leaning(*row) for row in self.head.probabilities(points).tolist()]

    def understands(self, language: str) -> bool:
        """Whether it is right often enough to be asked about texts in a language."""
        found = self.measured.get(language) or self.measured.get(OTHERS)
        return found is not None and found.accuracy >= ENOUGH


def _leaning(negative: float, neutral: float, positive: float) -> float:
    """Return the score of three probabilities; it is clear where its mood is the most probable."""
    side, most = (-1.0, negative) if negative > positive else (1.0, positive)
    return round(side * math.pow(most / (most + neutral), BENT), 3)


def measured_english() -> Measured:
    """Return how often the lexicon was right about the held-out messages."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))[ENGLISH]
    return Measured(found["right"], found["n"])


def mood_of(score: float) -> str:
    """Return which of MOODS a score is."""
    return NEGATIVE if score <= -CLEAR else POSITIVE if score >= CLEAR else NEUTRAL


def by_lexicon(text: str, language: str) -> float | None:
    """Return how a message sounds whose language is known; None where that language has no lexicon."""
    return english(text) if language == ENGLISH else None


def english(text: str) -> float:
    """Return how an English message sounds."""
    text = text[:READ].replace("’", "'")  # noqa: RUF001 - the apostrophe of phones
    parts = re.split(r"\bbut\b", text, maxsplit=1, flags=re.IGNORECASE)
    sums = [_sum(part) for part in parts]
    total = sums[0] if len(sums) == 1 else 0.5 * sums[0] + 1.5 * sums[1]
    marks = min(text.count("!"), 4) * EXCLAIMED + (0.4 if "??" in text and total < 0 else 0.0)
    total += math.copysign(marks, total) if total else 0.0
    return round(total / math.sqrt(total * total + HALF), 3)


def _sum(text: str) -> float:
    """Return the valences of a text together; what a phrase has said is not said again by its words."""
    total = 0.0

    def take(found: re.Match[str]) -> str:
        nonlocal total
        total += PHRASES[(found.lastindex or 1) - 1][1]
        return " " * len(found.group())

    small = _PHRASE.sub(take, text.lower())
    shouts = not text.isupper()  # capitals say something among small letters
    places = [(m.group(), m.start()) for m in _WORD.finditer(small)]
    words = [word for word, _ in places]
    for place, (word, start) in enumerate(places):
        if valence := _valence(word):
            if word in _THANKS:  # "no, thanks" turns nothing round
                total += valence * (POLITE if _ASKS.search(small) else 1.0)
                continue
            loud = shouts and text[start : start + len(word)].isupper()
            total += _changed(valence, words[max(0, place - REACH) : place], loud)
    return total


def _changed(valence: float, before: Sequence[str], loud: bool) -> float:
    """Return a valence after the words before it."""
    more = sum(word in MORE for word in before) - sum(word in LESS for word in before)
    changed = valence + math.copysign(EMPHASIS * more + CAPITALS * loud, valence)
    return changed * REVERSED if any(word in NOT for word in before) else changed


def _valence(word: str) -> float:
    if word in WORDS:
        return WORDS[word]
    known = len(word) >= SHORTEST and word not in CALM and word not in NOT
    return _lexicon().get(word, 0.0) if known else 0.0


@cache
def _lexicon() -> dict[str, float]:
    from vader import SentimentIntensityAnalyzer  # few messages need it before the first one

    return dict(SentimentIntensityAnalyzer().lexicon)
