"""
Forms: what the bot has to know before it can answer, and how it asks for it.

A form belongs to an intent. It asks for its slots one by one, and ends with words of its own or with what a lookup found. Where a
conversation stands in a form is not here: that is a function of the log (`conversations.events.OpenForm`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from conversations.events import Choice
from retrieval.templates import Template
from retrieval.variants import lineage

T = TypeVar("T")
Texts = Mapping[str, str]  # a sentence by language; what has one wording only is under ANY
ANY = ""
CHOSEN = "slot:"  # what the value of a slot's choice begins with


class Kind(StrEnum):
    """What a slot takes."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    EMAIL = "email"
    PATTERN = "pattern"


# What is recognised as such wherever it stands; a number or a word could be anything.
TELLING = frozenset({Kind.PATTERN, Kind.EMAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """
    One thing to know.

    `called` are the words that customers have for it, to tell which one they correct; `tries` is how often an answer that is
    none is asked for again before a person is offered; `to` is how what a pattern finds is written, from its groups, empty
    where it is passed on as it is.
    """

    name: str
    kind: Kind
    ask: Texts
    invalid: Texts = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    optional: bool = False
    tries: int = 2
    to: str = ""

    @property
    def telling(self) -> bool:
        """Whether what it takes is recognised wherever it stands."""
        return self.kind in TELLING


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """
    What to ask another program once everything is known.

    `gives` are the values that its answer may have; `answer` is a Liquid text over them and the slots. Without `failed`, the
    intent's own answer stands in.
    """

    url: str
    answer: Mapping[str, Template]
    gives: tuple[str, ...] = ()
    not_found: Mapping[str, Template] = field(default_factory=dict)
    failed: Mapping[str, Template] = field(default_factory=dict)
    timeout: float = 3.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """
    What one intent needs.

    `hands_off`: with the closing words a person takes over. `instead_of` are the templates that it stands in for; where another one fits the question, that one answers. None of them means
    that it stands in for all.
    """

    name: str
    intent: str
    slots: tuple[Slot, ...]
    opening: Texts = field(default_factory=dict)
    closing: Mapping[str, Template] = field(default_factory=dict)
    lookup: Lookup | None = None
    hands_off: bool = False
    instead_of: frozenset[str] = frozenset()

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms of a desk, by name."""

    by_name: Mapping[str, Form] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Form]:
        return iter(self.by_name.values())

    def get(self, name: str) -> Form | None:
        return self.by_name.get(name)

    def of(self, intent: str) -> Form | None:
        """Return the form that an intent begins."""
        return next((form for form in self if form.intent == intent), None)


def choices_of(form: Form, slot: Slot) -> tuple[Choice, ...]:
    """Return the buttons under a slot's question."""
    return tuple(
        Choice(label, f"{CHOSEN}{form.name}.{slot.name}.{number}")
        for number, label in enumerate(slot.choices, start=1)
    )


def chosen_in(form: Form, chosen: str) -> tuple[Slot, str] | None:
    """Return the slot and the value that a tapped choice means, None where it is none of this form."""
    for slot in form.slots:
        for choice in choices_of(form, slot):
            if choice.value == chosen:
                return slot, choice.label
    return None


def worded(texts: Mapping[str, str], language: str) -> str:
    """Return the wording for a language, else the one for all, else the first one; empty where there is none."""
    return _one(texts, language) or ""


def rendered(texts: Mapping[str, Template], language: str, variables: Mapping[str, str]) -> str:
    """Return the wording for a language with its variables filled in; empty where there is none."""
    template = _one(texts, language)
    return template.render(variables) if template else ""


def _one(texts: Mapping[str, T], language: str) -> T | None:
    fitting = (texts[one] for one in (*lineage(language), ANY) if one in texts)
    return next(fitting, None) or next(iter(texts.values()), None)
