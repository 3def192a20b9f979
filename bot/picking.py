"""Which choice an utterance makes: tapped, or typed as its label, its number, its place, or a no to all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.asides import leaves
from bot.smalltalk import affirms, declines
from conversations.events import (
    CANCEL,
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Choice,
    Decided,
    Heard,
    Recorded,
)
from conversations.rejection import denies
from conversations.text import normalised

# "the second one", in the order of the places; the last pattern is for the last one.
_PLACES = (
    r"(the )?(first|1st)( one)?|(das |die |der )?erste|(le |la )?premi[eè]re?|(el |la )?primer[oa]?|第一个|第一個|第一",
    r"(the )?(second|2nd)( one)?|(das |die |der )?zweite|(le |la )?(deuxième|seconde?)|(el |la )?segund[oa]|第二个|第二個|第二",
    r"(the )?(third|3rd)( one)?|(das |die |der )?dritte|(le |la )?troisième|(el |la )?tercer[oa]?|第三个|第三個|第三",
    r"(the )?last( one)?|(das |die |der )?letzte|(le |la )?derni[eè]re?|(el |la )?últim[oa]|最后一个|最後一個",
)
_PLACE = [re.compile(place) for place in _PLACES]


def picked(heard: Heard, history: Iterable[Recorded]) -> str:
    """
    Return the value of the choice that an utterance makes, empty where it makes none.

    Args:
        history: what came before; typing picks only from the question that is still open.
    """
    if heard.chosen:
        return heard.chosen
    typed, offered = normalised(heard.text), _open_question(history)
    for number, choice in enumerate(offered, start=1):
        if typed in (normalised(choice.label), str(number)):
            return choice.value
    if [choice.value for choice in offered] == [HUMAN]:
        return _about_a_person(heard.text)
    matters = [c.value for c in offered if c.value not in (HUMAN, NONE_OF_THESE)]
    if named := _named(typed, matters):
        return named
    if len(matters) == 1 and affirms(heard.text):
        return matters[0]
    return NONE_OF_THESE if matters and denies(heard.text) else ""


def _about_a_person(text: str) -> str:
    """Return what a bare yes or no to the offer of a person chooses."""
    if affirms(text):
        return HUMAN
    return CANCEL if declines(text) or leaves(text) else ""


def _named(typed: str, matters: Sequence[str]) -> str:
    """Return the choice whose place among the matters is said, empty where none is."""
    for number, place in enumerate(_PLACE):
        if place.fullmatch(typed):
            last = number == len(_PLACE) - 1
            return next(iter(matters[-1:] if last else matters[number : number + 1]), "")
    return ""


def _open_question(history: Iterable[Recorded]) -> Sequence[Choice]:
    """Return the choices of the bot's last words, empty where those were no question."""
    said = [r.event for r in history if isinstance(r.event, Decided) and r.event.text]
    return said[-1].choices if said and said[-1].action is ActionKind.CLARIFY else ()
