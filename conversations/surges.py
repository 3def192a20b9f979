"""
What rises beyond its own season: counts of kinds of messages, minute by minute, against what this hour of the week usually has.

A minute is expected to have what its weekday and hour had in the past weeks (`Season`), times how busy the last days and the other
topics are. Counts are overdispersed, so they are held against a negative binomial. A surge is a count over the last 15, 30, 60 or 180
minutes that is so improbable that all kinds together would show one by chance in a month at most, and that adds as much as a busy hour of
its kind has; that takes two weeks of a desk's life to know, and several visitors: one angry customer is no surge. Windows that overlap
are not independent, so how many tests they amount to is known from simulation. Pure, and the order of messages within a step changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice

import numpy as np
import numpy.typing as npt

from conversations.season import BLOCK, QUIET, Floats, Season

STEP = timedelta(minutes=1)
WINDOWS = (15, 30, 60, 180)  # steps that are looked at together
SHARES = (0.7, 1.5, 0.3, 0.1)  # of the budget: half an hour is what a surge should be found in
HOUR = WINDOWS.index(60)
DAY = 24 * 60  # steps

LEARNED = timedelta(days=14)  # of a desk's life, before which nothing is a surge
MESSAGES, VISITORS = 5, 3  # that a surge has at least
EACH = 3  # messages of one visitor that count within a window
TIMES = 1.7  # what is usual; less is no news, however sure
BUDGET = 0.9  # false alarms a month over all kinds, as far as the model holds
TESTS = 5_700  # about as many independent ones a month as the windows of a kind amount to; by simulated years whose true rates were given
BACK = 2.0  # standard deviations above what is expected, below which it is back to normal
FROZEN = DAY  # steps of a surge that the level does not learn from; what stays is the new normal


@dataclass(frozen=True, slots=True)
class Surge:
    """`seen` messages of a kind within `window` steps, where `expected` are usual; `at` is when it was seen."""

    kind: str
    at: datetime
    window: int
    seen: int
    expected: float


class _Insistence:
    """Counts messages without those by which one visitor insists: of each, three within a quarter of an hour."""

    def __init__(self) -> None:
        self._steps = deque[dict[tuple[str, str], int]]()
        self._had = Counter[tuple[str, str]]()

    def counted(self, counts: Mapping[str, Sequence[str]]) -> dict[str, int]:
        if len(self._steps) == WINDOWS[0]:
            for key, many in self._steps.popleft().items():
                self._had[key] -= many
                if not self._had[key]:
                    del self._had[key]
        out, new = dict[str, int](), dict[tuple[str, str], int]()
        for kind, visitors in counts.items():
            out[kind] = 0
            for visitor in visitors:
                if self._had[kind, visitor] < EACH:
                    self._had[kind, visitor] += 1
                    new[kind, visitor] = new.get((kind, visitor), 0) + 1
                    out[kind] += 1
        self._steps.append(new)
        return out


class Detector:
    """
    Finds surges; `step` is told what each step had, in order and without gaps.

    Args:
        zone: of the desk, whose weeks and hours these are.
        topics: what the names of kinds begin with that say how busy the desk is as a whole.
        budget: false alarms a month that chance may cause.
    """

    def __init__(self, zone: tzinfo, topics: str = "topic:", budget: float = BUDGET) -> None:
        self._zone, self._topics, self._budget = zone, topics, budget
        self._kinds: dict[str, int] = {}  # its column
        self._season = Season(len(WINDOWS))
        self._since: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # steps in a surge
        self._sums: Floats = np.zeros((WINDOWS[-1] + 1, 2, 0))  # counted, expected up to a step
        self._said = deque[Mapping[str, Sequence[str]]](maxlen=WINDOWS[-1])
        self._insistence = _Insistence()
        self._place = 0
        self._each: Floats = np.zeros((2, 0))  # usual and expected of a minute of this block
        self._adds: Floats = np.zeros((len(WINDOWS), 0))  # that make a busy hour
        self._hour: Floats = np.zeros((3, 0))  # counted, usual, expected
        self._minutes = 0  # of this hour that were seen
        self._began: datetime | None = None

    @property
    def open(self) -> frozenset[str]:
        """The kinds that are in a surge."""
        if not self._since.any():
            return frozenset()
        return frozenset(kind for kind, place in self._kinds.items() if self._since[place])

    def expected(self, kind: str) -> float:
        """Return how many messages of a kind a step has now, if nothing is wrong."""
        return float(self._each[1, self._kinds[kind]])

    def reopen(self, kinds: Sequence[str]) -> None:
        """Take exactly these kinds for being in a surge that was told already."""
        for kind, place in self._kinds.items():
            self._since[place] = max(1, self._since[place]) if kind in kinds else 0

    def step(self, at: datetime, counts: Mapping[str, Sequence[str]]) -> list[Surge]:
        """
        Take in the step that begins at `at`, and return the surges that are new with it.

        Args:
            counts: by kind, the visitor of each message.
        """
        if counts and self._began is None:
            self._began = at
        if self._began is None:
            return []
        local = at.astimezone(self._zone)
        if counts.keys() - self._kinds.keys():
            self._grow(sorted(counts.keys() - self._kinds.keys()))
        self._begin(local)
        self._count(counts)
        known = at - self._began >= LEARNED
        surges = self._surges(at + STEP, counts) if known and (counts or self.open) else []
        self._end(local)
        return surges

    def _grow(self, kinds: Sequence[str]) -> None:
        for kind in kinds:
            self._kinds[kind] = len(self._kinds)
            self._season.grow(kind.startswith(self._topics))
            self._since = np.append(self._since, 0)
            self._sums = np.pad(self._sums, ((0, 0), (0, 0), (0, 1)))
            self._each = np.pad(self._each, ((0, 0), (0, 1)))
            self._hour = np.pad(self._hour, ((0, 0), (0, 1)))
        self._expect(np.maximum(self._each[0], QUIET / 60))

    def _begin(self, local: datetime) -> None:
        """Work out what the minutes of a block are expected to have."""
        if local.minute == 0:
            self._season.turn(local.weekday() * 24 + local.hour)
        if local.minute % BLOCK == 0:
            self._expect(self._season.usual(local.minute + BLOCK / 2))

    def _expect(self, usual: Floats) -> None:
        season, level = self._season, self._season.level
        self._each = np.stack([usual, usual * level * season.busy])
        self._adds = season.busiest * level * _HOURS

    def _count(self, counts: Mapping[str, Sequence[str]]) -> None:
        sums, before = self._sums, self._sums[self._place]
        self._place = (self._place + 1) % len(sums)
        now = sums[self._place]
        now[0], now[1] = before[0], before[1] + self._each[1]
        for kind, many in self._insistence.counted(counts).items():
            now[0, self._kinds[kind]] += many
        self._said.append(counts)

    def _last(self) -> tuple[Floats, Floats]:
        """Return (windows, kinds) what was seen and what was expected in the last steps."""
        last = self._sums[self._place] - self._sums[self._place - _STEPS]
        return last[:, 0], last[:, 1]

    def _surges(self, at: datetime, fresh: Collection[str]) -> list[Surge]:
        """Return the surges that are new, and end those that are over; nothing rises without a `fresh` message."""
        seen, expected = self._last()
        worth = (seen >= MESSAGES) & (seen >= TIMES * expected) & (seen >= expected + self._adds)
        told = self.open
        found = []
        for kind in sorted(fresh):
            windows = np.flatnonzero(worth[:, self._kinds[kind]])
            if len(windows) and kind not in told:
                found += self._improbable(kind, at, windows)
        for kind in told:
            place = self._kinds[kind]
            windows = np.flatnonzero(worth[:, place])
            over = self._calm(place) and not self._improbable(kind, at, windows)
            self._since[place] = 0 if over else self._since[place] + 1
        for surge in found:
            self._since[self._kinds[surge.kind]] = 1
        return found

    def _calm(self, place: int) -> bool:
        seen, expected = (float(each[HOUR, place]) for each in self._last())
        spread = self._season.spread[HOUR, place]
        return bool(seen <= expected + BACK * math.sqrt(expected + spread * expected**2) + 1)

    def _improbable(self, kind: str, at: datetime, windows: Iterable[int]) -> list[Surge]:
        """Return the most improbable of these windows, where one is improbable enough."""
        place, limit = self._kinds[kind], self._budget / (TESTS * len(self._kinds))
        best: list[tuple[float, Surge]] = []
        for n in windows:
            seen, expected = (float(each[n, place]) for each in self._last())
            spread = float(self._season.spread[n, place])
            if at_least(round(seen), expected, spread) >= limit * SHARES[n]:
                continue
            visitors = self._visitors(kind, WINDOWS[n])
            many = sum(min(EACH, each) for each in visitors.values())
            chance = at_least(many, expected, spread)
            if len(visitors) >= VISITORS and many >= TIMES * expected and chance < limit * SHARES[n]:  # fmt: skip
                surge = Surge(kind, at, WINDOWS[n], many, round(expected, 2))
                best.append((chance / SHARES[n], surge))
        return [min(best, key=lambda pair: pair[0])[1]] if best else []

    def _visitors(self, kind: str, window: int) -> Counter[str]:
        late = islice(reversed(self._said), window)
        return Counter(visitor for said in late for visitor in said.get(kind, ()))

    def _end(self, local: datetime) -> None:
        """Learn what a block and an hour have had."""
        self._minutes += 1
        if (local.minute + 1) % BLOCK == 0:
            self._learn(min(BLOCK, self._minutes))
            self._season.scatter(*self._last(), self._since == 0)
        if local.minute == 59:
            if self._minutes >= 60:
                self._season.learn(local.weekday() * 24 + local.hour, *self._hour)
            self._minutes, self._hour = 0, np.zeros_like(self._hour)

    def _learn(self, minutes: int) -> None:
        """Learn from a block; a surge makes no day busier, but what comes every week at its hour is soon expected there."""
        counted = self._sums[self._place, 0] - self._sums[self._place - minutes, 0]
        usual, expected = self._each * minutes
        surging = (self._since > 0) & (self._since < FROZEN)
        believed = np.where(surging, np.minimum(counted, expected), counted)
        level = self._season.level
        self._season.lately(believed, usual, self._since == 0, level)
        self._hour += np.stack([counted, usual, expected])


_STEPS = np.asarray(WINDOWS)
_HOURS = _STEPS[:, None] / 60


def at_least(seen: int, expected: float, spread: float) -> float:
    """Return how probable `seen` or more are, for a negative binomial with variance expected + spread * expected squared."""
    size = 1 / spread
    log_p, log_q = math.log(size / (size + expected)), math.log(expected / (size + expected))
    log_first = math.lgamma(seen + size) - math.lgamma(size) - math.lgamma(seen + 1)
    term = total = math.exp(log_first + size * log_p + seen * log_q)
    q = math.exp(log_q)
    while term > 1e-4 * total:
        term *= (seen + size) / (seen + 1) * q
        total += term
        seen += 1
    return min(1.0, total)
