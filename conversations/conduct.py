"""
How customers took what each Release did: the live figures that a new champion is held against.

One decision counts of each network that visitors come from, and of each visitor where it is unknown, drawn by an id that no visitor
chooses: who says a thousand times that an answer was bad has said it once, and a name more costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from conversations.audit import lot
from conversations.events import ActionKind, Decided, Visitor
from conversations.evidence import Signal, evidence
from conversations.ledger import Ledger, Said

# What a customer does about an answer that was no help. A low score is about a whole conversation, and too often about the goods.
DISLIKES = frozenset({Signal.THUMB_DOWN, Signal.REJECTED, Signal.REPHRASED, Signal.WANTED_PERSON})


@dataclass(frozen=True, slots=True)
class Conduct:
    """
    What a Release did with customers' own words, one decision a visitor.

    `decisions` are those that count; `not_understood` of them brought a person or the offer of one because of that. `replies` are answers with a
    template, drawn among a visitor's answers alone; `disliked` are those of them that a customer took badly.
    """

    decisions: int = 0
    replies: int = 0
    disliked: int = 0
    not_understood: int = 0


def conduct(ledger: Ledger, visitors: Mapping[str, Visitor]) -> Mapping[str, Conduct]:
    """
    Return the conduct of every Release that decided anything, by its hash.

    Args:
        visitors: by their conversations (`decided_in`); what was said in another conversation counts for nothing.
    """
    said_about: defaultdict[Signal, set[str]] = defaultdict(set)
    for one in evidence(ledger):
        said_about[one.signal].add(one.heard.message_id)
    disliked = set[str]().union(*(said_about[signal] for signal in DISLIKES))
    missed = said_about[Signal.NOT_UNDERSTOOD]
    own: defaultdict[str, list[Said]] = defaultdict(list)
    replied: defaultdict[str, list[Said]] = defaultdict(list)
    for said, decided in _own_words(ledger):
        own[decided.release].append(said)
        if decided.action is ActionKind.REPLY:
            replied[decided.release].append(said)
    return {
        name: _conduct(_counted(own[name], visitors), missed, _counted(replied[name], visitors), disliked)
        for name in own
    }  # fmt: skip


def decided_in(ledger: Ledger) -> set[str]:
    """Return the conversations in which a Release decided anything that its conduct may count."""
    return {said.conversation_id for said, _ in _own_words(ledger)}


def decisions_of(ledger: Ledger, release: str) -> int:
    """Return all decisions of a Release, of which its conduct counts no more, without the look at everything that `conduct` is."""
    return sum(decided.release == release for _, decided in _own_words(ledger))


def _conduct(
    own: Collection[str],
    missed: Collection[str],
    replied: Collection[str],
    disliked: Collection[str],
) -> Conduct:
    return Conduct(
        decisions=len(own),
        replies=len(replied),
        disliked=sum(message_id in disliked for message_id in replied),
        not_understood=sum(message_id in missed for message_id in own),
    )


def _counted(every: Collection[Said], visitors: Mapping[str, Visitor]) -> list[str]:
    """Return which utterances count, by their message ids."""
    found = dict[str, str]()
    for said in sorted(every, key=lambda said: lot(said.heard.message_id)):
        visitor = visitors.get(said.conversation_id)
        if visitor is not None:
            found.setdefault(visitor.network or visitor.visitor_id, said.heard.message_id)
    return list(found.values())


def _own_words(ledger: Ledger) -> Iterator[tuple[Said, Decided]]:
    """Yield what Releases decided on, with the decision: no taps, and nothing that was said to a person."""
    for said, placed in ledger.decisions():
        if placed.event.release and said.heard.own_words:
            yield said, placed.event
