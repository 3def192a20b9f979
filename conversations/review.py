"""
What a person should look at: the utterances that want a label, the same words as one ticket.

Which of them teaches most is not known here: that needs a reader of meaning (`retrieval.worth`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import prod

from conversations.events import ActionKind, Decided
from conversations.evidence import Evidence, Signal, evidence, only_turns_down
from conversations.ledger import Ledger, Said
from conversations.lessons import Labelled
from conversations.text import normalised


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    Utterances of the same words, of which none has a label that stands alone.

    `said` are the utterances, the latest first; `decided` is what the bot last made of them; `evidence` is what customers did about
    it; `labels` are those of operators where they say different things.
    """

    said: Sequence[Said]
    decided: Decided
    evidence: Sequence[Evidence]
    labels: Sequence[Labelled] = ()

    @property
    def text(self) -> str:
        return self.said[0].heard.text

    @property
    def message_id(self) -> str:
        """The utterance that stands for all."""
        return self.said[0].heard.message_id

    @property
    def missed(self) -> bool:
        """Whether the bot handed it off without understanding it, or answered it wrongly."""
        handed_off = any(e.signal is Signal.NOT_UNDERSTOOD for e in self.evidence)
        return handed_off or self.complaint > 0

    @property
    def complaint(self) -> float:
        """
        How much speaks against what the bot made of it, 0 to below 1.

        A conversation counts once, with its strongest word: a visitor with a thousand thumbs has one.
        """
        worst: defaultdict[str, float] = defaultdict(float)
        for one in self.evidence:
            if one.against:
                worst[one.conversation_id] = max(worst[one.conversation_id], one.weight)
        return 1 - prod(1 - weight for weight in worst.values())


def tickets(
    ledger: Ledger, since: datetime | None = None, *, dismissed: bool = False
) -> list[Ticket]:
    """
    Return what wants a label, the latest first.

    Left out are taps, what was said to an operator, words that mean nothing by themselves ("and to Norway?", "no, that's not it") or several
    things at once, of which no label would be true elsewhere, words that have a label already, and what an operator dismissed, until somebody complains
    about it again.

    Args:
        since: leaves out what was not asked after it.
        dismissed: takes in what an operator dismissed.
    """
    about = _evidence(ledger)
    found = []
    for said, decided in _by_words(ledger):
        if since is not None and said[0].at < since:
            continue
        complaints = [e for one in said for e in about.get(one.heard.message_id, ())]
        disputes = [one for one in said if ledger.disputed(one.heard.message_id)]
        labelled = any(ledger.label_of(one.heard.message_id) for one in said)
        gone = not dismissed and _dismissed(ledger, said, complaints)
        if disputes or not (labelled or gone):
            found.append(Ticket(said, decided, complaints, _labels(ledger, disputes)))
    return sorted(found, key=lambda ticket: -ticket.said[0].seq)


def _evidence(ledger: Ledger) -> Mapping[str, list[Evidence]]:
    """Return what customers did, by utterance."""
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    for one in evidence(ledger):
        if one.signal is not Signal.LABEL:
            found[one.heard.message_id].append(one)
    return found


def _by_words(ledger: Ledger) -> Iterable[tuple[list[Said], Decided]]:
    """Yield utterances of the same words, the latest first, with what the bot made of the latest."""
    read = [
        (normalised(said.heard.text), said, decided.event)
        for said, decided in ledger.decisions()
        if decided.event.action is not ActionKind.SILENT
        and decided.event.by_itself
        and not only_turns_down(said, decided.event)
        and said.heard.own_words
        and said.heard.text.strip()
    ]
    read.sort(key=lambda one: (one[0], -one[1].seq))
    for _, same in groupby(read, key=lambda one: one[0]):
        group = list(same)
        yield [said for _, said, _ in group], group[0][2]


def _dismissed(ledger: Ledger, said: Sequence[Said], complaints: Sequence[Evidence]) -> bool:
    known = (ledger.dismissed.get(one.heard.message_id) for one in said)
    at = max((one.seq for one in known if one), default=0)
    return bool(at) and not any(e.against and e.seq > at for e in complaints)


def _labels(ledger: Ledger, disputes: Sequence[Said]) -> list[Labelled]:
    return [
        placed.event
        for said in disputes
        for placed in ledger.labels[said.heard.message_id].values()
    ]
