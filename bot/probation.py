"""
Probation: a new champion's live figures against those of the one before it, and the way back where they are worse.

A gate asks old questions; customers ask today's. After the new champion's decisions for fifty visitors, of each of whom one counts
(`conversations.conduct`), and at each doubling up to eight hundred, two shares are compared with its predecessor's: replies that were
taken badly, and questions that were not understood. Each look may be wrong once in five hundred, so that five looks at two shares roll
a champion that is no worse back once in fifty. That holds only if nobody looks more often: what was looked at stands in the desk, and a
server that starts again goes on from there.

Source: Fisher's exact test, one-sided; the chance of an error divided among the looks (Bonferroni).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from scipy.stats import fisher_exact

from bot.followed import Followed
from conversations.conduct import Conduct, conduct, decided_in, decisions_of
from conversations.log import LogError
from retrieval import lines
from retrieval.shelf import ShelfError

LOOKS = (
    50,
    100,
    200,
    400,
    800,
)  # decisions of the new champion that count; after the last one it has proven itself
CHANCE = 0.02 / (2 * len(LOOKS))  # of a look at one share to find what is not there
BEFORE = 50  # decisions of its predecessor from which there is something to compare with
FEWEST = 5  # visitors that it went badly for: beside a thousand happy ones, two are beyond chance already, and may be one person
EVERY = 20.0  # seconds between two counts

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sign:
    """One share, of the old champion and of the new one, each as (bad, of all); `worse`: beyond chance."""

    name: str
    before: tuple[int, int]
    after: tuple[int, int]
    worse: bool

    @property
    def sentence(self) -> str:
        """The figures, as a person reads them."""
        (bad, of), (was_bad, was_of) = self.after, self.before
        return f"{self.name} {bad} of {of}, before {was_bad} of {was_of}"


def signs(before: Conduct, after: Conduct) -> list[Sign]:
    """Return how a new champion does beside its predecessor."""
    return [
        _sign("replies taken badly", (before.disliked, before.replies), (after.disliked, after.replies)),
        _sign("questions not understood", (before.not_understood, before.decisions),
              (after.not_understood, after.decisions)),
    ]  # fmt: skip


def look_due(decisions: int, looked: int) -> bool:
    """Whether the decisions of a champion have passed a look since it had `looked` of them."""
    return any(looked < look <= decisions for look in LOOKS)


def _sign(name: str, before: tuple[int, int], after: tuple[int, int]) -> Sign:
    rows = [[after[0], after[1] - after[0]], [before[0], before[1] - before[0]]]
    beyond_chance = bool(fisher_exact(rows, alternative="greater").pvalue < CHANCE)
    worse = beyond_chance and after[0] >= FEWEST
    return Sign(name, before, after, worse)


class Looks:
    """At how many decisions each Release was last looked at, in a file of the desk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._taken: dict[str, int] = {}
        for row in lines.rows(file):
            release, decisions = row.get("release"), row.get("decisions")
            if isinstance(release, str) and isinstance(decisions, int):
                self._taken[release] = decisions

    def at(self, release: str) -> int:
        """Return the decisions of a Release at its last look, 0 before the first."""
        return self._taken.get(release, 0)

    def note(self, release: str, decisions: int) -> None:
        """Write a look down; where the disk refuses, this process knows of it all the same."""
        self._taken[release] = decisions
        lines.append(self._file, {"release": release, "decisions": decisions})


class Probation:
    """
    Watches the champion of a desk.

    Args:
        looks: those taken so far; what a trial took is not taken again of the champion.
        champions: the serving Release and the one before it, by their hashes; None where there is none to go back to.
        roll_back: takes the reason, and makes the one before the champion again.
    """

    def __init__(
        self,
        followed: Followed,
        looks: Looks,
        *,
        champions: Callable[[], tuple[str, str] | None],
        roll_back: Callable[[str], object],
    ) -> None:
        self._followed = followed
        self._looks = looks
        self._champions = champions
        self._roll_back = roll_back

    async def watch(self) -> None:
        """Look when a look is due; runs until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except (LogError, ShelfError, OSError) as error:
                logger.warning("probation could not look", why=str(error))

    async def look(self) -> Sequence[Sign]:
        """Look now if a look is due, roll back if it must be, and return what was seen."""
        champions = await asyncio.to_thread(self._champions)
        if champions is None:
            return ()
        now, previous = champions
        every = await self._followed.ask(lambda ledger: decisions_of(ledger, now))
        if not look_due(every, self._looks.at(now)):  # cheap to see; those that count are fewer
            return ()
        found = await self._conduct()
        after, before = found.get(now, Conduct()), found.get(previous, Conduct())
        if not look_due(after.decisions, self._looks.at(now)):
            return ()
        seen: Sequence[Sign] = signs(before, after) if before.decisions >= BEFORE else ()
        worse = [sign.sentence for sign in seen if sign.worse]
        if worse:
            why = f"probation: {'; '.join(worse)}"
            await asyncio.to_thread(self._roll_back, why)
            logger.error("rolled back", release=now, to=previous, why=why)
        # Only now: a server that dies before it has rolled back must find the reason again.
        await asyncio.to_thread(self._looks.note, now, after.decisions)
        return seen

    async def _conduct(self) -> Mapping[str, Conduct]:
        conversations = await self._followed.ask(decided_in)
        visitors = await self._followed.visitors(conversations)
        return await self._followed.ask(lambda ledger: conduct(ledger, visitors))
