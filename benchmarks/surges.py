"""
Surges in a simulated year: how many of twenty are found within 30 minutes, and how many alarms are false, beside a fixed threshold.

    make bench-surges

The year has weeks with their hours, a trend, holidays, a Christmas peak, quiet nights, busy days, twelve topics of uneven size, and
counts that scatter more than Poisson's. The detector's constants and the fixed threshold were chosen on years with other seeds.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from conversations.surges import MESSAGES, STEP, VISITORS, Detector

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2025, 1, 1, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), 4  # rates change by the quarter of an hour
LEARNING, STEPS = 28 * 96, (28 + 365) * 96  # quarters; four weeks before the year
MINUTES = 15  # of a quarter
SHARES = np.asarray([22, 16, 12, 10, 9, 8, 6, 5, 4, 3, 3, 2], dtype=float) / 100
TOPICS = tuple(f"topic:{n}" for n in range(1, 13))
OTHERS = {"negative": 0.08, "handoffs": 0.06, "unanswered": 0.07}  # shares of all messages
KINDS = (*TOPICS, *OTHERS)
MESSAGES_A_DAY = 700.0
HOLIDAYS = {(1, 1), (4, 18), (4, 21), (5, 1), (5, 29), (6, 9), (10, 3), (12, 25), (12, 26)}
SURGES = 20
REPORTED, TRIED = (101, 102, 103), (1, 2, 3, 4)
WITHIN, AFTER = (
    30,
    180,
)  # minutes from the beginning, and from the end until which an alarm is of the surge
FIXED = (*range(4, 20), *range(20, 40, 2), *range(40, 120, 5))  # messages
FIXED_WINDOWS = (15, 30, 60)  # minutes

Counts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Planted:
    """A surge: of which kind, when it begins (quarter, and the share of it that is over), messages an hour at its height, its shape, how many quarters."""

    kind: str
    step: int
    into: float
    rate: float
    shape: str
    steps: int

    @property
    def begins(self) -> float:
        """The minute."""
        return (self.step + self.into) * MINUTES

    @property
    def ends(self) -> float:
        """The minute."""
        return (self.step + self.steps) * MINUTES


def rates(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Return (steps,) how many messages a step of the year is expected to have."""
    busy_days = np.exp(rng.normal(0, 0.12, STEPS // 96 + 2))  # weather, mailings, whatever
    out = np.zeros(STEPS)
    for n in range(STEPS):
        at = (START + n * QUARTER).astimezone(ZONE)
        hour = at.hour + at.minute / 60
        day = 0.04 + math.exp(-((hour - 11) ** 2) / 10) + 0.9 * math.exp(-((hour - 19) ** 2) / 7)
        week = (1.25, 1.1, 1.0, 1.0, 0.95, 0.6, 0.5)[at.weekday()]
        holiday = 0.35 if (at.month, at.day) in HOLIDAYS else 1.0
        christmas = 1 + 1.1 * math.exp(-(((at - datetime(at.year, 12, 17, tzinfo=ZONE)).days / 7) ** 2))  # fmt: skip
        trend = 1 + 0.5 * n / STEPS
        out[n] = day * week * holiday * christmas * trend * busy_days[(at.date() - START.date()).days]  # fmt: skip
    return np.asarray(out * MESSAGES_A_DAY / (out[: 28 * 96].sum() / 28))


def year(seed: int, *, surges: bool) -> tuple[list[dict[str, list[str]]], list[Planted]]:
    """Return what each minute has, by kind the visitor of each message, and the surges in it."""
    rng, when = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    total = rates(rng)
    weights = {**dict(zip(TOPICS, SHARES, strict=True)), **OTHERS}
    planted = _planted(rng, total) if surges else []
    rows: list[dict[str, list[str]]] = [{} for _ in range(STEPS * MINUTES)]
    for kind, share in weights.items():
        # An hour has its own luck, and a quarter too: variance beyond Poisson's of about 8 % of the mean squared.
        luck = rng.gamma(1 / 0.06, 0.06, STEPS // HOUR + 1).repeat(HOUR)[:STEPS] * rng.gamma(1 / 0.03, 0.03, STEPS)  # fmt: skip
        rate = total * share * luck
        own = [one for one in planted if one.kind == kind]
        counts = rng.poisson(rate + _added(own))
        # Who is upset writes twice.
        who = [f"{kind}-{n}-{one}" for n in np.flatnonzero(counts) for one in rng.integers(0, max(1, round(counts[n] / 1.25)), counts[n])]  # fmt: skip
        for minute, visitor in zip(_minutes(when, counts, rate, own), who, strict=True):
            rows[minute].setdefault(kind, []).append(visitor)
    return rows, planted


def _added(planted: Sequence[Planted]) -> np.ndarray[Any, Any]:
    """Return (steps,) the messages that surges add."""
    out = np.zeros(STEPS)
    for one in planted:
        out[one.step : one.step + one.steps] += _shape(one)
    return out


def _minutes(when: np.random.Generator, counts: np.ndarray[Any, Any], rate: np.ndarray[Any, Any], planted: Sequence[Planted]) -> list[int]:  # fmt: skip
    """Return the minute of each message: anywhere in its quarter, and what a surge adds after it began."""
    added, into = _added(planted), np.zeros(STEPS)
    for one in planted:
        into[one.step] = one.into
    n = np.repeat(np.arange(STEPS), counts)
    part, of_surge = when.random(len(n)), when.random(len(n)) < (added / (rate + added))[n]
    part = np.where(of_surge, into[n] + part * (1 - into[n]), part)
    return ((n + part) * MINUTES).astype(int).tolist()  # type: ignore[no-any-return]  # of an untyped array


def _planted(rng: np.random.Generator, total: np.ndarray[Any, Any]) -> list[Planted]:
    """Return surges of every kind: one and a half to four times the week's busiest hour on top of what there is, 24 messages an hour at least."""
    gap = (STEPS - LEARNING) // SURGES
    kinds = [*rng.permutation(TOPICS), *rng.choice(TOPICS, 2), "negative", "negative", "handoffs", "handoffs", "unanswered", "unanswered"]  # fmt: skip
    rng.shuffle(kinds)
    shares = {**dict(zip(TOPICS, SHARES, strict=True)), **OTHERS}
    out = []
    for n, kind in enumerate(kinds):
        step = LEARNING + n * gap + int(rng.integers(96, gap - 96))
        busiest = float(total[step - 7 * 96 : step].max()) * HOUR * shares[str(kind)]
        rate = max(24.0, busiest * rng.uniform(1.5, 4))
        shape = str(rng.choice(["step", "ramp", "burst"]))
        out.append(Planted(str(kind), step, float(rng.uniform(0, 1)), rate, shape, int(rng.integers(6, 25))))  # fmt: skip
    return out


def _shape(one: Planted) -> np.ndarray[Any, Any]:
    """Return (steps,) the messages that a surge adds: at once, within 20 minutes, or high and fading."""
    n = np.arange(one.steps, dtype=float)
    height = {
        "step": np.ones(one.steps),
        "ramp": np.minimum(1.0, (n + 0.5) / 1.33),
        "burst": 1.5 * 0.85**n,
    }[one.shape]
    height[0] *= 1 - one.into
    return np.asarray(one.rate / HOUR * height)


def detected(rows: Sequence[Counts]) -> list[tuple[int, str]]:
    """Return the alarms of the detector in the year, as (minute by which, kind)."""
    detector = Detector(ZONE)
    found = []
    for n, counts in enumerate(rows, start=1):
        found += [(n, surge.kind) for surge in detector.step(START + (n - 1) * STEP, counts)]
    return [(n, kind) for n, kind in found if n > LEARNING * MINUTES]


def table(rows: Sequence[Counts]) -> dict[str, np.ndarray[Any, Any]]:
    """Return by kind (minutes + 1,) the messages before each minute."""
    counted = {kind: np.asarray([len(row.get(kind, ())) for row in rows]) for kind in KINDS}
    return {kind: np.concatenate([[0], np.cumsum(each)]) for kind, each in counted.items()}


def fixed(before: np.ndarray[Any, Any], window: int, most: int) -> list[int]:
    """Return the minutes by which a kind has as many messages within the window, the same all year; over when it has fewer."""
    loud = before[window:] - before[:-window] >= most
    rises = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1 + window
    return [int(n) for n in rises if n > LEARNING * MINUTES]


def judged(alarms: Sequence[tuple[int, str]], planted: Sequence[Planted]) -> tuple[int, int]:
    """Return how many surges were found within 30 minutes of their beginning, and how many alarms were of none."""
    found = sum(
        any(kind == one.kind and one.begins < n <= one.begins + WITHIN for n, kind in alarms)
        for one in planted
    )
    false = sum(
        not any(kind == one.kind and one.begins < n <= one.ends + AFTER for one in planted)
        for n, kind in alarms
    )
    return found, false


Threshold = Mapping[str, tuple[int, int]]  # by kind, the window and how many messages


def fixed_alarms(counted: Mapping[str, np.ndarray[Any, Any]], threshold: Threshold) -> list[tuple[int, str]]:  # fmt: skip
    """Return the alarms of fixed thresholds."""
    return [(n, kind) for kind, each in threshold.items() for n in fixed(counted[kind], *each)]


def best_fixed(seed: int) -> Threshold:
    """Return the windows and thresholds that find most with at most one false alarm a month on another year, each kind allowed as many."""
    rows, planted = year(seed, surges=True)
    counted, best = table(rows), dict[str, tuple[int, int]]()
    for allowed in range(13):
        chosen = {kind: _fixed_for(kind, counted, planted, allowed) for kind in KINDS}
        if judged(fixed_alarms(counted, chosen), planted)[1] > 12:
            break
        best = chosen
    return best


def _fixed_for(kind: str, counted: Mapping[str, np.ndarray[Any, Any]], planted: Sequence[Planted], allowed: int) -> tuple[int, int]:  # fmt: skip
    choices = list[tuple[int, int, tuple[int, int]]]()
    for window in FIXED_WINDOWS:
        for most in FIXED:
            found, false = judged(fixed_alarms(counted, {kind: (window, most)}), planted)
            if false <= allowed:
                choices.append((found, -false, (window, most)))
                break
    return max(choices)[2] if choices else (60, 10**6)


def results(seeds: Sequence[int], threshold: Threshold | None) -> Iterator[dict[str, Any]]:
    """Yield the figures of each seed: the year with surges, and the control year without."""
    for seed in seeds:
        began = time.perf_counter()
        rows, planted = year(seed, surges=True)
        calm, _ = year(seed + 1000, surges=False)
        found, false = judged(detected(rows), planted)
        control = len(detected(calm))
        row = {"seed": seed, "found": found, "false": false, "control": control, "seconds": round(time.perf_counter() - began)}  # fmt: skip
        if threshold:
            fixed_found, fixed_false = judged(fixed_alarms(table(rows), threshold), planted)
            row |= {"fixed_found": fixed_found, "fixed_false": fixed_false, "fixed_control": len(fixed_alarms(table(calm), threshold))}  # fmt: skip
        yield row


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--tune", action="store_true", help="the years that constants are chosen on"
    )
    options.add_argument("--seeds", type=int, nargs="+")
    given = options.parse_args()
    threshold = None if given.tune else best_fixed(TRIED[0])
    rows = []
    print(f"A surge has {MESSAGES} messages of {VISITORS} visitors at least; {SURGES} a year.\n")
    print("| seed | found of 20 | false in that year | in the control year | fixed: found | false | control |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for row in results(given.seeds or (TRIED if given.tune else REPORTED), threshold):
        rows.append(row)
        shown = (row.get(name, "") for name in ("seed", "found", "false", "control", "fixed_found", "fixed_false", "fixed_control"))  # fmt: skip
        print("| " + " | ".join(map(str, shown)) + " |", flush=True)
    print(json.dumps({"years": rows, "fixed": threshold}))


if __name__ == "__main__":
    main()
