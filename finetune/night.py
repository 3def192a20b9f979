"""
How a night ends: a contest's verdict, and the champion's link moved or left alone.

Nothing of the desk changes before the gate has passed, and then by one rename. Whatever goes wrong before leaves the champion
serving, and a line in the history that says what it was. Nothing here needs torch: the contest is somebody else's work.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from finetune.best import note
from finetune.desks import refuse_no_desk
from finetune.history import History, Line
from finetune.lease import LEASE, held
from retrieval.learning import KEEP
from retrieval.marks import Standing
from retrieval.shelf import Shelf
from retrieval.upkeep import forget_refused, prune, share

SETTLING = 600.0  # seconds beyond the training's own bound in which a run is not taken to hang


class Outcome(StrEnum):
    """
    How a run ended.

    HELD: it passed and waits for somebody to promote it. WOULD_PROMOTE only in a dry run, FAILED only in the history, LEFT_BEHIND
    where a rollback would be undone.
    """

    PROMOTED = "promoted"
    HELD = "held"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    WOULD_PROMOTE = "would_promote"
    LEFT_BEHIND = "left_behind"
    FAILED = "failed"


@dataclass(frozen=True)
class Contest:
    """
    A challenger on the shelf, and what the gate says of it.

    `champion` is empty where there is none, `comparison` (its JSON) None where nothing was to compare. `ours`: this run, or an
    unfinished one before it, put the challenger there, so that it goes if it is not promoted. `resumed`: it had been sealed before.
    """

    champion: str
    challenger: str
    lessons: int
    ours: bool = True
    resumed: bool = False
    left_out: Sequence[str] = ()
    waiting: int = 0  # labels that the gate asks tonight and that teach later
    comparison: Mapping[str, Any] | None = None
    best: Mapping[str, Any] = field(default_factory=dict)  # `finetune.best.Best`, up to this night

    @property
    def passed(self) -> bool:
        return self.comparison is None or bool(self.comparison["passed"])

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Night:
    """How a run ended."""

    outcome: Outcome
    contest: Contest
    seconds: float

    @property
    def champion(self) -> str:
        """The one that served when the night began."""
        return self.contest.champion

    @property
    def challenger(self) -> str:
        return self.contest.challenger

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        match self.outcome:
            case Outcome.PROMOTED:
                return f"Release {self.challenger} is the champion now."
            case Outcome.WOULD_PROMOTE:
                return (
                    "The challenger passed the gate; nothing was changed and it is not kept (dry run). "
                    "To have one to look at: frontdesk retrain --hold"
                )
            case Outcome.HELD:
                stays = f"; Release {self.champion} stays the champion" if self.champion else ""
                return f"Release {self.challenger} passed the gate and is held{stays}."
            case Outcome.UNCHANGED:
                return f"Nothing new was taught; Release {self.champion} stays."
            case Outcome.LEFT_BEHIND:
                return (
                    f"Nothing new was taught since Release {self.challenger} was rolled back; "
                    f"{self.champion} stays the champion."
                )
            case Outcome.REFUSED | Outcome.FAILED:
                return (
                    f"Refused: the challenger is worse; Release {self.champion} stays the champion."
                )

    def failed_checks(self) -> list[str]:
        checks = self.contest.comparison["checks"] if self.contest.comparison else ()
        return [check["sentence"] for check in checks if not check["passed"]]

    def as_json(self) -> dict[str, Any]:
        contest = self.contest.as_json()
        del contest["ours"], contest["best"]
        return {"outcome": str(self.outcome), **contest, "seconds": round(self.seconds, 1)}


def retrain(
    folder: Path,
    contest: Callable[[], Contest],
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
    hold: bool = False,
    keep: int = KEEP,
    lease: float = LEASE,
    give_up: float = 24 * 3600.0,
) -> Night:
    """
    Hold a contest and promote the challenger if the gate lets it through; one that it refuses stays until the next night.

    Args:
        contest: seals a challenger on the desk's shelf and compares it with the champion.
        dry_run: change nothing, and keep no challenger.
        hold: promote nothing; what passes stays on the shelf as a candidate.
        keep: Releases that stay beside those that are needed, see `retrieval.upkeep`.
        give_up: seconds after which this run is taken to hang, and another may begin.

    Raises:
        Locked: another run is at it.
        Lost: another run has taken the desk meanwhile.
        DeskIncomplete: the folder is no desk.
        Whatever the contest raises; the champion is as it was.
    """
    refuse_no_desk(folder)
    begun = time.monotonic()
    with held(folder, clock, lease=lease, give_up=give_up) as ours:
        shelf, book = Shelf(folder, clock), _Book(folder, clock, begun)
        sweep(shelf)
        if not dry_run:  # now, too: on a full disk no night would come to its end and do it then
            _tidy(shelf, keep)
        with book.failures(shelf.serving):
            found = contest()
            ours.refuse_lost()
            night = Night(_outcome(shelf, found, dry_run, hold), found, time.monotonic() - begun)
            if dry_run:
                _leave_nothing(shelf, night)
            else:
                _settle(shelf, night)
                _tidy(shelf, keep, tonight=night.challenger)
        book.note(night)
        return night


def sweep(shelf: Shelf) -> None:
    """Remove what killed runs left half-written; what `frontdesk train` writes at the same time has other names."""
    for half in (".new-*", ".tmp-.new-*", ".old-.new-*", ".gone-*"):
        for leftover in shelf.releases.glob(half):
            shutil.rmtree(leftover, ignore_errors=True)
    for link in shelf.releases.glob(".link-*"):
        link.unlink(missing_ok=True)


def _outcome(shelf: Shelf, contest: Contest, dry_run: bool, hold: bool) -> Outcome:
    if contest.challenger == shelf.serving:
        return Outcome.UNCHANGED
    if contest.challenger in shelf.left_behind:
        return Outcome.LEFT_BEHIND
    if not contest.passed:
        return Outcome.REFUSED
    if dry_run:
        return Outcome.WOULD_PROMOTE
    return Outcome.HELD if hold else Outcome.PROMOTED


def _leave_nothing(shelf: Shelf, night: Night) -> None:
    """Remove the challenger of a dry run, unless it stood there before."""
    judged = night.outcome in (Outcome.WOULD_PROMOTE, Outcome.REFUSED)
    if judged and night.contest.ours and night.challenger not in shelf.waiting:
        shutil.rmtree(shelf.releases / night.challenger, ignore_errors=True)


def _settle(shelf: Shelf, night: Night) -> None:
    """Do what the outcome says: one rename at most, and a mark on what stays beside the champion."""
    name = night.challenger
    share(shelf, name)
    if night.outcome is Outcome.PROMOTED:
        shelf.promote(name)
        with contextlib.suppress(OSError):  # the next night compares with its own champion at least
            note(shelf.folder, night.contest.best)
    elif night.outcome is Outcome.HELD:
        shelf.mark(name, Standing.HELD)
    elif night.outcome is Outcome.REFUSED and night.contest.ours:
        shelf.mark(name, Standing.REFUSED, "; ".join(night.failed_checks()))


def _tidy(shelf: Shelf, keep: int, tonight: str | None = None) -> None:
    """
    Remove what nobody needs any more; where that fails, as on a full disk, the night is what it is and the next one does it.

    Args:
        tonight: the challenger of a night that is over: what was refused before it has been looked at by now.
    """
    with contextlib.suppress(OSError):
        prune(shelf, keep)
        if tonight is not None:
            forget_refused(shelf, but=tonight)


@dataclass(frozen=True, slots=True)
class _Book:
    """The history, as one run writes in it. A history that cannot be written to stops no night."""

    folder: Path
    clock: Callable[[], datetime]
    begun: float

    def note(self, night: Night) -> None:
        comparison = night.contest.comparison or {}
        counts = {
            "lessons": night.contest.lessons,
            "left_out": len(night.contest.left_out),
            "questions": int(comparison.get("questions", 0)),
        }
        why = " ".join([night.sentence, *(f"{said}." for said in night.failed_checks())])
        checks = comparison.get("checks", [])
        self._write(night.outcome, night.champion, night.challenger, counts, why, checks)

    @contextlib.contextmanager
    def failures(self, champion: str) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self._write(Outcome.FAILED, champion, "", {}, "stopped by hand")
            raise
        except Exception as error:
            self._write(Outcome.FAILED, champion, "", {}, str(error) or type(error).__name__)
            raise

    def _write(
        self,
        outcome: Outcome,
        champion: str,
        challenger: str,
        counts: dict[str, int],
        why: str,
        checks: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        at, seconds = self.clock().isoformat(timespec="seconds"), time.monotonic() - self.begun
        line = Line(
            at, str(outcome), champion, challenger, round(seconds, 1), counts, why, list(checks)
        )
        with contextlib.suppress(OSError):
            History(self.folder).note(line)
