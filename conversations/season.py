"""
What is usual: how many messages of each kind an hour of the week has, how busy these days are, and how much that scatters.

Every kind has a column. An hour of the week is believed beside the same hour of alike days, moved by how the desk as a whole differs between
these days: a kind that is seldom asked about has too few messages to show that by itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SLOTS: Final = 7 * 24  # hours of a week
BLOCK: Final = 15  # minutes, after which what is expected is worked out anew
DAY: Final = 24 * 60 // BLOCK  # blocks

# Tuned on simulated years that are not reported (docs/benchmarks.md).
MEMORY = 12  # weeks that a season remembers
HOURS_DIFFER, PROFILES_DIFFER = (
    0.2,
    0.3,
)  # share by which an hour differs from alike days, and a kind's days from the desk's
LUCK = 0.06  # variance of an hour's counts beyond Poisson's, over the mean squared
SHAPE = 2.0  # weeks beside which it is weighed how the desk's day differs from alike ones
QUIET = 0.06  # messages an hour that are expected where there never was one
LEVEL = 30.0  # messages beside which the last days are weighed
DESK = 60.0  # messages beside which the desk's last hours are weighed
LOWEST = 0.5  # less than that an hour is never taken to be, however quiet the other topics are
SPREAD, WEIGHT = 0.1, 60.0  # variance beyond Poisson's, over the mean squared; how firm that is
SPREADS = (0.03, 0.6)
OUTLIER = 16  # variances that one count teaches at most

WEEK_FADE = 0.5 ** (1 / (7 * DAY))  # of a block
DESK_FADE = 0.5 ** (BLOCK / 120)  # of a block
SPREAD_FADE = 0.9998  # of a block


def alike(slot: int) -> list[int]:
    """Return the same hour of all workdays, or of both days of a weekend."""
    day, hour = divmod(slot, 24)
    return [24 * one + hour for one in (range(5) if day < 5 else (5, 6))]


class Season:
    """
    The seasons of all kinds; arrays have a column for each.

    Args:
        windows: how many lengths of time are watched, each of which scatters in its own way.
    """

    def __init__(self, windows: int) -> None:
        self.hours: Floats = np.zeros((SLOTS, 0))  # messages, as if the desk were as busy as ever
        self.weeks: Floats = np.zeros((SLOTS, 0))
        self.recent: Floats = np.zeros((2, 0))  # counted and usual, fading by the week
        self.desk: Floats = np.zeros((2, 0))  # the same of the other topics, fading in two hours
        self.beyond: Floats = np.zeros((windows, 0))
        self.squared: Floats = np.zeros((windows, 0))
        self.topics: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._line: Floats = np.zeros((3, 0))  # the hour before, this one, the next
        self.busiest: Floats = np.zeros(0)  # messages of the busiest hour of alike days

    def grow(self, topic: bool) -> None:
        """Take in one more kind."""
        for name in ("hours", "weeks", "recent", "desk", "beyond", "squared", "_line"):
            setattr(self, name, np.pad(getattr(self, name), ((0, 0), (0, 1))))
        self.busiest = np.append(self.busiest, 0.0)
        self.topics = np.append(self.topics, topic)

    def turn(self, slot: int) -> None:
        """Begin an hour of the week."""
        self._line = np.stack([self._hour((slot + by) % SLOTS) for by in (-1, 0, 1)])
        pooled = self.hours.reshape(7, 24, -1)
        self.busiest = np.maximum(pooled[:5].mean(0).max(0), pooled[5:].mean(0).max(0))

    def usual(self, minute: float) -> Floats:
        """Return (kinds,) what a minute usually has: between the middles of hours it moves in a line."""
        part = minute / 60
        before, this, after = self._line
        if part < 0.5:
            rate = this * (0.5 + part) + before * (0.5 - part)
        else:
            rate = this * (1.5 - part) + after * (part - 0.5)
        return np.asarray(np.maximum(rate, QUIET) / 60)

    @property
    def level(self) -> Floats:
        """(kinds,) how busy the last days were, beside the season."""
        return np.asarray((self.recent[0] + LEVEL) / (self.recent[1] + LEVEL))

    @property
    def busy(self) -> Floats:
        """(kinds,) how much busier than these days the other topics are in these hours."""
        return np.asarray(np.maximum(LOWEST, (self.desk[0] + DESK) / (self.desk[1] + DESK)))

    @property
    def spread(self) -> Floats:
        """(windows, kinds) variance beyond Poisson's, over the mean squared."""
        return np.clip((self.beyond + SPREAD * WEIGHT) / (self.squared + WEIGHT), *SPREADS)

    def lately(self, counted: Floats, usual: Floats, calm: npt.NDArray[np.bool_], level: Floats) -> None:  # fmt: skip
        """Take in a block; a topic that is not `calm` says nothing of how busy the desk is."""
        pair = np.stack([counted, usual * level]) * (self.topics & calm)
        self.desk = self.desk * DESK_FADE + pair.sum(axis=1, keepdims=True) - pair
        self.recent = self.recent * WEEK_FADE + np.stack([counted, usual])

    def scatter(self, seen: Floats, expected: Floats, calm: npt.NDArray[np.bool_]) -> None:
        """Learn (windows, kinds) how far what was seen is from what was expected, from kinds that are `calm`."""
        most = OUTLIER * (expected + self.spread * expected**2)
        beyond = np.minimum((seen - expected) ** 2, most) - expected
        self.beyond = self.beyond * SPREAD_FADE + beyond * calm
        self.squared = self.squared * SPREAD_FADE + expected**2 * calm

    def learn(self, slot: int, counted: Floats, usual: Floats, expected: Floats) -> None:
        """Take in a whole hour, for which `usual` was expected by the season, and `expected` with all that was known."""
        self.weeks[slot] += 1
        rate = np.maximum(1 / self.weeks[slot], 1 / MEMORY)
        busier = usual / np.where(expected > usual, expected, usual * self.level)
        self.hours[slot] += rate * (counted * busier - self.hours[slot])

    def _hour(self, slot: int) -> Floats:
        """Return (kinds,) what an hour of the week has, beside that of alike days."""
        days = alike(slot)
        weeks, own = self.weeks[days], self.weeks[slot]
        pooled = (self.hours[days] * weeks).sum(0) / np.maximum(weeks.sum(0), 1)
        desk, all_days = self.hours[slot][self.topics].sum(), pooled[self.topics].sum()
        known = own.max(initial=0.0)
        if all_days:
            pooled = _shrunk(pooled, weeks.sum(0), self._share * all_days, PROFILES_DIFFER)
            pooled = pooled * (known * desk / all_days + SHAPE) / (known + SHAPE)
        return _shrunk(self.hours[slot], own, pooled, HOURS_DIFFER)

    @property
    def _share(self) -> Floats:
        """(kinds,) of the messages about all topics."""
        each = self.hours.sum(0)
        return np.asarray(each / max(each[self.topics].sum(), 1e-9))


def _shrunk(own: Floats, weeks: Floats, believed: Floats, differ: float) -> Floats:
    """Return (kinds,) what an hour has, by its own weeks and by what is believed of it: the fewer its messages, the less they say."""
    firm = (1 / np.maximum(believed, QUIET) + LUCK) / differ**2  # weeks
    return np.asarray((weeks * own + firm * believed) / (weeks + firm))
