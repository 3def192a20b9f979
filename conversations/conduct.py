"""How customers took what each Release did: the live figures that a new champion is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conversations.events import ActionKind, Decided
from conversations.evidence import Signal, evidence
from conversations.ledger import Ledger

# What a customer does about an answer that was no help. A low score is about a whole conversation, and too often about the goods.
DISLIKES = frozenset({Signal.THUMB_DOWN, Signal.REJECTED, Signal.REPHRASED, Signal.WANTED_PERSON})


@dataclass(frozen=True, slots=True)
class Conduct:
    """
    What a Release did with customers' own words, in decisions.

    `replies` are answers with a template, `disliked` those of them that a customer took badly; `not_understood` went to a person
    because of that.
    """

    decisions: int = 0
    replies: int = 0
    disliked: int = 0
    not_understood: int = 0


def conduct(ledger: Ledger) -> Mapping[str, Conduct]:
    """Return the conduct of every Release that decided anything, by its hash."""
    said_about: defaultdict[Signal, set[str]] = defaultdict(set)
    for one in evidence(ledger):
        said_about[one.signal].add(one.heard.message_id)
    disliked = set[str]().union(*(said_about[signal] for signal in DISLIKES))
    missed = said_about[Signal.NOT_UNDERSTOOD]
    own: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for message_id, decided in _own_words(ledger):
        own[decided.release].append((message_id, decided.action is ActionKind.REPLY))
    return {
        name: Conduct(
            decisions=len(decisions),
            replies=sum(replied for _, replied in decisions),
            disliked=sum(replied and message_id in disliked for message_id, replied in decisions),
            not_understood=sum(message_id in missed for message_id, _ in decisions),
        )
        for name, decisions in own.items()
    }


def decisions_of(ledger: Ledger, release: str) -> int:
    """Return how many decisions a Release's conduct counts, without the look at everything that `conduct` is."""
    return sum(decided.release == release for _, decided in _own_words(ledger))


def _own_words(ledger: Ledger) -> Iterator[tuple[str, Decided]]:
    """Yield what Releases decided on, with the decision: no taps, and nothing that was said to a person."""
    for said, placed in ledger.decisions():
        if placed.event.release and said.heard.own_words:
            yield said.heard.message_id, placed.event
