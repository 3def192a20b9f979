"""
What is wrong with training data, before anybody trains on it: findings with a place and a way out, in plain words.

The checks are pure. Two need nothing but the examples, one their vectors, and three what a model says about texts that
it had not seen (`Unseen`). A finding is advice: nothing here changes or refuses an example.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from finetune.examples import Example, normalised
from finetune.findings import Finding, Kind, at, named, percent, quoted, standing, under
from finetune.fitting import class_numbers
from finetune.suspects import suspects
from retrieval.prediction import OUT_OF_SCOPE, Floats2d, Ints1d

# Examples of an intent. On banking77 ten give 87.2 % right answers on unseen questions and five 82.2 (docs/benchmarks.md).
ENOUGH = 10

# Cosine of the frozen encoder's centred vectors. Of 5,000 banking77 questions 37 pairs under two intents lie above it; of
# 25 that were read nearly all ask the same. From 0.87 to 0.9 there are 84; of 9 that were read 3 ask something else.
NEAR = 0.9

# How many times as probable the other intent must be. With 5 % wrong labels planted in the demo's examples it raises the
# share of true alarms from 30 % to 63 % and loses 8 points of the wrong labels; without it every hard text is suspected.
LIFT = 20.0

# Probability from which the other intent is proposed. Of planted wrong labels the proposal was the true intent nine times
# of ten from 0.5 on, two of three from 0.3 to 0.5, and every second time below.
CLEAR = 0.3

MIXED = 3  # texts of a pair taken for one another; two happen by chance (21 of banking77's pairs with ten examples each)
MIXED_SHARE = 0.1  # and of the examples of at least one of the two

# Times as many examples, from which an intent may draw its neighbours' texts by its size alone.
OUTWEIGHED = 5

SLICE = 512  # rows compared with all others at once: 40 MB on 20,000


@dataclass(frozen=True)
class Unseen:
    """What models that had not seen them say about the examples."""

    examples: Sequence[Example]
    classes: tuple[str, ...]  # the examples' intents, sorted; at least two
    probabilities: Floats2d  # (n, classes)

    @property
    def truth(self) -> Ints1d:
        """(n,) places of the given intents among the classes."""
        return class_numbers(self.classes, [e.intent for e in self.examples])

    @property
    def best(self) -> Ints1d:
        """(n,) places of the most probable intents."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


def at_a_glance(examples: Sequence[Example]) -> tuple[Finding, ...]:
    """Return what can be told without an encoder."""
    return (*duplicates(examples), *few_examples(examples))


def in_full(
    examples: Sequence[Example], points: Floats2d, unseen: Unseen | None
) -> tuple[Finding, ...]:
    """
    Return all findings.

    Args:
        examples: (n,) with a text each.
        points: (n, dim) centred unit vectors of the frozen encoder.
        unseen: of those examples that have a companion under their intent; None where these have fewer than two intents.
    """
    told = (*at_a_glance(examples), *near_duplicates(examples, points))
    if unseen is None:
        return told
    return (*told, *suspected_labels(unseen), *confusable_intents(unseen), *imbalance(unseen))


def duplicates(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the texts, alike but for case and white space, that stand under several intents."""
    for same in _under_two_labels(examples).values():
        intents = tuple(e.intent for e in same)
        where = " and ".join(f"{under(e.intent)}{at(e)}" for e in same)
        yield Finding(
            Kind.DUPLICATE_UNDER_TWO_LABELS,
            tuple(same),
            intents,
            f"{quoted(same[0])} stands {where}.",
            "Keep it where its answer is the one that this customer should get, and delete it elsewhere. "
            "If the words alone do not tell, delete it everywhere.",
        )


def few_examples(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the intents with fewer than ENOUGH different examples, the poorest first."""
    by_intent: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        by_intent[example.intent].setdefault(normalised(example.text), example)
    for intent, different in sorted(by_intent.items(), key=lambda item: (len(item[1]), item[0])):
        count = len(different)
        if count < ENOUGH:
            yield Finding(
                Kind.FEW_EXAMPLES,
                tuple(different.values()),
                (intent,),
                f"{named(intent)} has {count}: write {ENOUGH - count} more.",
                "Write them as customers do: short and long, with and without a greeting, each in other words. Past "
                "conversations are the best source. Or merge the intent into one with the same answer.",
            )


def near_duplicates(examples: Sequence[Example], points: Floats2d) -> Iterator[Finding]:
    """
    Yield pairs that say nearly the same under two intents, the most alike first.

    Args:
        points: (n, dim) centred unit vectors of the frozen encoder.
    """
    for cosine, one, other in _near_pairs(examples, points):
        pair = (examples[one], examples[other])
        yield Finding(
            Kind.NEAR_DUPLICATE_UNDER_TWO_LABELS,
            pair,
            (pair[0].intent, pair[1].intent),
            f"{standing(pair[0])} and {standing(pair[1])} say nearly the same (likeness {cosine:.2f} of 1).",
            "If both customers should get the same answer, put both texts under that intent. If not, reword them, so that "
            "the difference can be read in the text.",
        )


@dataclass(frozen=True, slots=True)
class Suspect:
    """An example whose intent is probably wrong: how probable that one is, and the `proposed` one; 0 to 1 both."""

    example: Example
    given: float
    proposed: str
    probability: float


def suspected(unseen: Unseen) -> Iterator[Suspect]:
    """Yield the texts whose intent is probably wrong, the most suspicious first; what `duplicates` tells is left out."""
    twice = _under_two_labels(unseen.examples)
    truth, best = unseen.truth, unseen.best
    for row in suspects(truth, unseen.probabilities):
        given, proposed = unseen.probabilities[row, [truth[row], best[row]]]
        example = unseen.examples[row]
        if proposed >= LIFT * given and normalised(example.text) not in twice:
            yield Suspect(example, float(given), unseen.classes[best[row]], float(proposed))


def suspected_labels(unseen: Unseen) -> Iterator[Finding]:
    """Yield a finding for each text whose intent is probably wrong."""
    for one in suspected(unseen):
        yield _suspicion(one.example, one.proposed, one.given, one.probability)


def confusable_intents(unseen: Unseen) -> Iterator[Finding]:
    """Yield the pairs of intents that are taken for one another, the most confused first; `outweighed` has the others."""
    pairs = [pair for pair in _mixed(unseen) if not pair.outweighed]
    for pair in sorted(pairs, key=lambda pair: -pair.share):
        one, other = named(pair.one), named(pair.other)
        yield Finding(
            Kind.CONFUSABLE_INTENTS,
            (*pair.lost, *pair.taken),
            (pair.one, pair.other),
            f"{one} and {other}: {len(pair.lost)} of {pair.one_size} examples of {one} were taken for {other}, "
            f"{len(pair.taken)} of {pair.other_size} the other way.",
            _advice(pair),
        )


def imbalance(unseen: Unseen) -> Iterator[Finding]:
    """Yield the intents that draw texts of far smaller ones by their size; a difference that does no harm is none."""
    drawn: dict[str, list[_Mixed]] = defaultdict(list)
    for pair in _mixed(unseen):
        if pair.outweighed:
            drawn[pair.other].append(pair)
    for large, pairs in drawn.items():
        lost = tuple(e for pair in pairs for e in pair.lost)
        size = pairs[0].other_size
        small = ", ".join(
            f"{named(p.one)} ({len(p.lost)} of its {p.one_size})"
            for p in sorted(pairs, key=lambda p: -len(p.lost) / p.one_size)
        )
        yield Finding(
            Kind.IMBALANCE,
            lost,
            (large, *(p.one for p in pairs)),
            f"{named(large)} has {size:,} examples and draws texts of intents that have far fewer: {small}.",
            f"Write more examples of these, up to about {-(-size // OUTWEIGHED)} each; nothing has to be deleted.",
        )


@dataclass(frozen=True, slots=True)
class _Mixed:
    """Two intents, the one with fewer examples first, and their examples that were taken for the other."""

    one: str
    other: str
    lost: Sequence[Example]  # of `one`, taken for `other`
    taken: Sequence[Example]  # of `other`, taken for `one`
    one_size: int
    other_size: int

    @property
    def share(self) -> float:
        return max(len(self.lost) / self.one_size, len(self.taken) / self.other_size)

    @property
    def outweighed(self) -> bool:
        return self.other_size >= OUTWEIGHED * self.one_size and len(self.lost) > len(self.taken)


def _mixed(unseen: Unseen) -> Iterator[_Mixed]:
    truth, best = unseen.truth, unseen.best
    sizes = np.bincount(truth, minlength=len(unseen.classes))
    errors: dict[tuple[int, int], list[Example]] = defaultdict(list)
    for row in map(int, np.flatnonzero(truth != best)):
        errors[int(truth[row]), int(best[row])].append(unseen.examples[row])
    for pair in sorted({(min(pair), max(pair)) for pair in errors}):
        one, other = sorted(pair, key=lambda number: int(sizes[number]))
        mixed = _Mixed(
            unseen.classes[one],
            unseen.classes[other],
            errors.get((one, other), []),
            errors.get((other, one), []),
            int(sizes[one]),
            int(sizes[other]),
        )
        if len(mixed.lost) + len(mixed.taken) >= MIXED and mixed.share >= MIXED_SHARE:
            yield mixed


def _under_two_labels(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Return, by normalised text, the first example under each intent of the texts that have several."""
    found: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        found[normalised(example.text)].setdefault(example.intent, example)
    return {text: list(same.values()) for text, same in found.items() if len(same) > 1}


def _near_pairs(examples: Sequence[Example], points: Floats2d) -> list[tuple[float, int, int]]:
    intents = sorted({e.intent for e in examples})
    labels = class_numbers(intents, [e.intent for e in examples])
    texts = [normalised(e.text) for e in examples]
    found = []
    for start in range(0, len(examples), SLICE):
        cosines = points[start : start + SLICE] @ points.T  # (slice, n)
        near = (cosines >= NEAR) & (labels[start : start + SLICE, None] != labels)
        for row, other in np.argwhere(near):
            one = start + int(row)
            if one < other and texts[one] != texts[other]:
                found.append((float(cosines[row, other]), one, int(other)))
    return sorted(found, key=lambda pair: (-pair[0], pair[1:]))


def _suspicion(example: Example, proposed: str, given: float, probability: float) -> Finding:
    here, there = named(example.intent), named(proposed)
    guess = f"taught with other texts, the bot gives {here} {percent(given)}"
    if probability >= CLEAR:
        sentence = (
            f"{standing(example)} reads like {there}: {guess}, {there} {percent(probability)}."
        )
        suggestion = f"{_moved(proposed)}. If {here} is right, add two or three examples like it."
    else:
        sentence = (
            f"{standing(example)} reads like none of the intents: {guess}, and even the likeliest, {there}, "
            f"only {percent(probability)}."
        )
        suggestion = (
            "If nobody can tell from the text alone what the customer wants, delete it. "
            f"If {here} is right, add two or three examples like it."
        )
    return Finding(
        Kind.SUSPECTED_LABEL, (example,), (example.intent, proposed), sentence, suggestion
    )


def _moved(intent: str) -> str:
    if intent == OUT_OF_SCOPE:
        return "If the bot should leave it to a person, make its intent empty, which means out of scope"
    return f"If this customer should get the answer of {named(intent)}, move it there"


def _advice(pair: _Mixed) -> str:
    if OUT_OF_SCOPE in (pair.one, pair.other):
        inside = pair.other if pair.one == OUT_OF_SCOPE else pair.one
        return (
            f"Read these texts: what the answer of {named(inside)} serves belongs there, what it does not serve belongs "
            f"out of scope. Then write five or more examples of {named(inside)} like those that it lost."
        )
    return (
        "If one answer serves both, make them one intent. If not, move what stands under the wrong one, and give each five "
        "or more examples with the words that only its customers use."
    )
