"""What is found in training data, and how it is said to a person: with its place, in plain words, with a way out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice
from typing import Any

from finetune.examples import Example
from retrieval.prediction import OUT_OF_SCOPE

LONG = 80  # characters of a text in a sentence
SHOWN = 10  # findings of a kind in a report; a page that nobody reads to its end helps nobody
SAMPLE = 2  # examples of each intent of a pair
WIDTH = 110  # characters of a line


class Kind(StrEnum):
    """What may be wrong, the surest first."""

    DUPLICATE_UNDER_TWO_LABELS = "duplicate_under_two_labels"
    NEAR_DUPLICATE_UNDER_TWO_LABELS = "near_duplicate_under_two_labels"
    SUSPECTED_LABEL = "suspected_label"
    CONFUSABLE_INTENTS = "confusable_intents"
    IMBALANCE = "imbalance"
    FEW_EXAMPLES = "few_examples"
    ENDING_ANSWER = "ending_answer"


HEADINGS: Mapping[Kind, tuple[str, str]] = {  # of one, and of several
    Kind.DUPLICATE_UNDER_TWO_LABELS: (
        "1 text stands under two intents",
        "{:,} texts stand under two intents",
    ),
    Kind.NEAR_DUPLICATE_UNDER_TWO_LABELS: (
        "1 pair of nearly the same text stands under two intents",
        "{:,} pairs of nearly the same text stand under two intents",
    ),
    Kind.SUSPECTED_LABEL: (
        "1 text may stand under the wrong intent",
        "{:,} texts may stand under the wrong intent, the most doubtful first",
    ),
    Kind.CONFUSABLE_INTENTS: (
        "1 pair of intents is mixed up",
        "{:,} pairs of intents are mixed up",
    ),
    Kind.IMBALANCE: (
        "1 intent outweighs smaller ones",
        "{:,} intents outweigh smaller ones",
    ),
    Kind.FEW_EXAMPLES: (
        "1 intent has fewer than ten examples",
        "{:,} intents have fewer than ten examples",
    ),
    Kind.ENDING_ANSWER: (
        "1 answer has ended or ends soon",
        "{:,} answers have ended or end soon",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: the examples and intents it is about, what is the matter, and what to do."""

    kind: Kind
    examples: tuple[Example, ...]
    intents: tuple[str, ...]
    sentence: str
    suggestion: str

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "count": len(self.examples),
            "examples": [
                {"text": e.text, "intent": e.intent, "place": e.place} for e in self.examples
            ],
            "intents": list(self.intents),
            "sentence": self.sentence,
            "suggestion": self.suggestion,
        }


def heading(kind: Kind, count: int) -> str:
    """Return how many findings of a kind there are, as half a sentence."""
    one, several = HEADINGS[kind]
    return one if count == 1 else several.format(count)


def by_kind(findings: Sequence[Finding]) -> dict[Kind, list[Finding]]:
    """Return the findings of each kind that has any, the surest kind first."""
    grouped = {kind: [f for f in findings if f.kind is kind] for kind in Kind}
    return {kind: found for kind, found in grouped.items() if found}


def report(findings: Sequence[Finding]) -> str:
    """Return the findings by kind as plain text, at most SHOWN of each; a suggestion that several share stands once."""
    blocks = ["\n".join(_block(kind, found)) for kind, found in by_kind(findings).items()]
    return "\n\n".join(blocks)


def standing(example: Example) -> str:
    """Return the text with its intent and place."""
    return f"{quoted(example)} {under(example.intent)}{at(example)}"


def quoted(example: Example) -> str:
    """Return the text on one line, shortened."""
    text = " ".join(example.text.split())
    return f'"{text if len(text) <= LONG else text[: LONG - 1] + "…"}"'


def at(example: Example) -> str:
    return f" ({example.place})" if example.place else ""


def under(intent: str) -> str:
    return "as out of scope" if intent == OUT_OF_SCOPE else f"under {named(intent)}"


def named(intent: str) -> str:
    return "out of scope" if intent == OUT_OF_SCOPE else f"'{intent}'"


def percent(share: float) -> str:
    return "less than 1%" if share < 0.01 else f"{share:.0%}"


def _block(kind: Kind, found: Sequence[Finding]) -> Iterator[str]:
    yield heading(kind, len(found)) + ":"
    for suggestion, alike in groupby(found[:SHOWN], key=lambda f: f.suggestion):
        for finding in alike:
            yield _wrapped("  - ", finding.sentence)
            yield from (_wrapped("      ", standing(e)) for e in _sample(finding))
        yield _wrapped("    -> ", suggestion)
    if len(found) > SHOWN:
        yield f"  ... and {len(found) - SHOWN:,} more; --json has all"


def _sample(finding: Finding) -> Iterator[Example]:
    """Yield a few examples of each intent where the sentence is about intents and not about texts."""
    if finding.kind is Kind.CONFUSABLE_INTENTS:
        for intent in finding.intents:
            yield from islice((e for e in finding.examples if e.intent == intent), SAMPLE)


def _wrapped(bullet: str, sentence: str) -> str:
    return textwrap.fill(
        sentence,
        WIDTH,
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )
