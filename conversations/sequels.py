"""
What customers ask next: how often one matter followed another, counted from the log.

A matter is an intent that was answered. It follows the one before it of the same visitor, in the same conversation or soon after.
A visitor counts once for a pair, those of one network as one towards a minimum, and not at all for an answer that missed, as they say by a thumb or in words. Shares are smoothed in two steps: those of a segment
(channel and language) towards everybody's, and everybody's towards how often each matter is asked at all.
Source: MacKay and Peto 1995, "A hierarchical Dirichlet language model", section 3.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from sys import intern

from conversations.events import (
    NETWORKS_FROM,
    ActionKind,
    Decided,
    Heard,
    Rated,
    Recorded,
    Thumb,
    Visitor,
)
from conversations.evidence import ANSWERS_FAULT
from conversations.rejection import rejects

SUGGESTED = "suggested"  # the reason of a decision (`bot.policy.Reason`), as the log knows it

SOON = timedelta(hours=24)  # within which a matter follows another one
LATELY = timedelta(days=30)  # for which a visitor's matters are remembered
REMEMBERED = 12  # matters of a visitor
PAIRS = 24  # that a visitor counts for; whoever asks more is nobody to learn customs from
VISITORS = 10_000  # who are remembered, those who asked last; 60 MB at most
TYPED, TAPPED = 2, 1  # what a matter counts: suggestions that feed themselves would never change
SMOOTHING = 5 * TYPED  # what a wider count weighs in a narrower one; see docs/benchmarks.md
DEPTH = 3  # matters of a visitor that the next one is looked for after
FADING = 0.25  # what each matter counts beside the one that came after it


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers who ask alike: `language` is the one that the Release told, empty where it need not."""

    channel: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An intent that was answered by the decision `message_id`. `tapped`: it stood on a button."""

    segment: Segment
    intent: str
    message_id: str
    at: datetime
    tapped: bool = False


@dataclass(frozen=True, slots=True)
class Sequel:
    """
    What may be asked next.

    `share`: how likely, among all matters; `visitors`: how many asked it of their own accord `after` that matter, those of one network as one.
    """

    intent: str
    share: float
    after: str
    visitors: int


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A matter with the one that it was counted after, empty where it was not."""

    matter: Matter
    after: str = ""


@dataclass(slots=True)
class _Known:
    """
    What is remembered of a visitor.

    `pairs` are those that they were counted for, of which the last `matters` may have forgotten the first. `before_eyes` is the decision that they would turn down by saying so, in `conversation_id`; empty where it answered nothing.
    """

    network: str = ""
    matters: list[_Remembered] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    conversation_id: str = ""
    before_eyes: str = ""


@dataclass(slots=True)
class _Askers:
    """Visitors who asked one matter after another by themselves; `unplaced` are those whose network is unknown."""

    visitors: int = 0
    unplaced: int = 0
    networks: Counter[str] = field(default_factory=Counter)

    def count(self, network: str, sign: int) -> None:
        self.visitors += sign
        if network:
            self.networks[network] += sign
            if not self.networks[network]:
                del self.networks[network]
        else:
            self.unplaced += sign

    def number(self, *, apart: bool) -> int:
        """Return how many they are; where networks tell visitors apart, those of one are one."""
        return self.unplaced + len(self.networks) if apart else self.visitors


class Sequels:
    """
    The counts, filled by `enter` in the order of the log; `seq` is the place of the last event that was taken in.

    Args:
        aside: intents that are no matter, such as thanks.
        seq: the place behind which the counts begin.
    """

    def __init__(self, aside: Container[str] = (), seq: int = 0) -> None:
        self.seq = seq
        self._aside = aside
        self._asked: Counter[str] = Counter()
        self._followed: dict[tuple[Segment | None, str], Counter[str]] = {}  # None: everybody
        self._askers: dict[str, dict[str, _Askers]] = {}  # by the matter before and the one after
        self._networks: set[str] = set()
        self._rows: dict[tuple[str, Segment], dict[str, float]] = {}
        self._known: OrderedDict[str, _Known] = OrderedDict()  # by visitor

    def enter(self, visitor: Visitor, recorded: Recorded, heard: Heard | None = None) -> None:
        """
        Take in the next event of the log; most say nothing about what is asked next.

        Args:
            heard: what a decision answers.
        """
        self.seq = recorded.seq  # at once: one that cannot be counted would be met again and again
        known = self._known.get(visitor.visitor_id)
        match recorded.event:
            case Decided(action=ActionKind.SILENT):
                pass  # it was said to a person
            case Decided() as decided:
                if known and heard and _turns_down(heard, recorded, known):
                    self._withdraw(known, known.before_eyes)
                self._decide(visitor, recorded, decided, heard)
            case Rated(message_id=rated, value=Thumb.DOWN, reason=why) if why not in ANSWERS_FAULT:
                self._withdraw(known or _Known(), rated)
            case _:
                pass

    def of(self, visitor_id: str, since: datetime) -> list[str]:
        """Return what a visitor asked since then, as far as it is remembered, the latest last."""
        known = self._known.get(visitor_id, _Known())
        return [one.matter.intent for one in known.matters if one.matter.at >= since]

    def after(self, context: Sequence[str], segment: Segment, least: int = 1) -> list[Sequel]:
        """
        Return what followed one of the last matters of `context` (the latest last), the likeliest first.

        Args:
            least: visitors who asked the one after the other.
        """
        weights = self._weights(context)
        known = {one: self._visitors(one) for one in weights}
        enough = {i for visitors in known.values() for i, n in visitors.items() if n >= least}
        shares = self._mixed(weights, segment, sorted(enough))
        found = []
        for intent, share in shares.items():
            among = [one for one in weights if known[one][intent] >= least]
            after = max(among, key=lambda one: weights[one] * known[one][intent])
            found.append(Sequel(intent, share, after, known[after][intent]))
        return sorted(found, key=lambda one: (-one.share, one.intent))

    def shares(self, context: Sequence[str], segment: Segment) -> dict[str, float]:
        """Return how likely each matter is asked next; nothing where nothing was asked before."""
        weights = self._weights(context)
        return self._mixed(weights, segment, sorted(self._asked)) if weights else {}

    def _visitors(self, before: str) -> Counter[str]:
        """Return how many asked what by themselves after a matter."""
        apart = len(self._networks) >= NETWORKS_FROM
        askers = self._askers.get(before, {})
        return Counter({intent: one.number(apart=apart) for intent, one in askers.items()})

    def _weights(self, context: Sequence[str]) -> dict[str, float]:
        """Return what each of the last matters counts; one that comes twice, as its latest."""
        matters = (intent for intent in reversed(context) if intent not in self._aside)
        return {one: FADING**back for back, one in enumerate(islice(dict.fromkeys(matters), DEPTH))}

    def _mixed(
        self, weights: Mapping[str, float], segment: Segment, intents: Sequence[str]
    ) -> dict[str, float]:
        """Return the shares of some matters, after each of several as much as that counts."""
        rows = [(weight, self._row(before, segment)) for before, weight in weights.items()]
        total = sum(weights.values())
        return {
            intent: round(sum(weight * row[intent] for weight, row in rows) / total, 6)
            for intent in intents
        }

    def _row(self, before: str, segment: Segment) -> dict[str, float]:
        """Return the share of each matter after one, from the widest count to the narrowest; kept until a count changes."""
        row = self._rows.get((before, segment))
        if row is None:
            total = max(1, self._asked.total())
            row = {intent: count / total for intent, count in self._asked.items()}
            for among in (None, segment):
                followed = self._followed.get((among, before))
                if followed is not None:
                    total = followed.total() + SMOOTHING
                    row = {i: (followed[i] + SMOOTHING * share) / total for i, share in row.items()}
            self._rows[before, segment] = row
        return row

    def _decide(
        self, visitor: Visitor, recorded: Recorded, decided: Decided, heard: Heard | None
    ) -> None:
        if answers(decided) and decided.intent not in self._aside:
            tapped = decided.reason == SUGGESTED or (heard is not None and heard.tapped)
            self._add(visitor, _matter(visitor.channel, decided, recorded.at, tapped=tapped))
        if known := self._known.get(visitor.visitor_id):
            asks = decided.forms and decided.forms[-1].asking  # what is said next answers the form
            turnable = decided.action is ActionKind.REPLY and not asks
            known.conversation_id = recorded.conversation_id
            known.before_eyes = decided.message_id if turnable else ""

    def _add(self, visitor: Visitor, matter: Matter) -> None:
        known = self._known.setdefault(visitor.visitor_id, _Known(intern(visitor.network)))
        self._known.move_to_end(visitor.visitor_id)
        self._networks |= {known.network} - {""}
        after = _after(known, matter)
        if after:
            known.pairs.append((after, matter.intent))
        known.matters.append(_Remembered(matter, after))
        self._count(known, known.matters[-1], 1)
        del known.matters[:-REMEMBERED]
        if len(self._known) > VISITORS:
            self._known.popitem(last=False)

    def _withdraw(self, known: _Known, message_id: str) -> None:
        """Take a matter back that the customer did not mean."""
        missed = [one for one in known.matters if one.matter.message_id == message_id]
        for one in missed:
            known.matters.remove(one)
            if one.after:
                known.pairs.remove((one.after, one.matter.intent))
            self._count(known, one, -1)

    def _count(self, known: _Known, one: _Remembered, sign: int) -> None:
        matter, weight = one.matter, sign * (TAPPED if one.matter.tapped else TYPED)
        self._asked[matter.intent] += weight
        if one.after:
            for among in (None, matter.segment):
                self._followed.setdefault((among, one.after), Counter())[matter.intent] += weight
            if not matter.tapped:
                askers = self._askers.setdefault(one.after, {})
                askers.setdefault(matter.intent, _Askers()).count(known.network, sign)
        self._rows.clear()


def answers(decided: Decided) -> bool:
    """Return whether a decision answered an intent: by a template or a form, and not by quoting a page."""
    return decided.action is ActionKind.REPLY and bool(decided.intent) and not decided.source


def _turns_down(heard: Heard, recorded: Recorded, known: _Known) -> bool:
    """Return whether words say that the last answer of their conversation missed, whatever was made of them."""
    here = known.before_eyes and known.conversation_id == recorded.conversation_id
    return bool(here) and not heard.chosen and rejects(heard.text)


def _after(known: _Known, matter: Matter) -> str:
    """Return what a matter is counted after: the one that came soon before it, once for a visitor; else empty."""
    last = known.matters[-1].matter if known.matters else None
    if last is None or matter.at - last.at > SOON or last.intent == matter.intent:
        return ""
    counts = (last.intent, matter.intent) not in known.pairs and len(known.pairs) < PAIRS
    return last.intent if counts else ""


def _matter(channel: str, decided: Decided, at: datetime, *, tapped: bool) -> Matter:
    language = str(json.loads(decided.evidence).get("language", ""))
    return Matter(
        segment=Segment(intern(channel), intern(language)),
        intent=intern(decided.intent),
        message_id=decided.message_id,
        at=at,
        tapped=tapped,
    )
