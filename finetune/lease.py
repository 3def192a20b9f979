"""
The right to train a desk: a lock that dies with its holder, and a lease that a holder who hangs cannot keep.

The lock is the kernel's (flock), freed by the end of the process, however it ends. Beside it the file says who holds it, since
when, and when that was last renewed, by a clock that nobody sets: seconds since this machine started. So a clock that jumps
frees nothing, and a lease that is not renewed runs out: the next run puts a file of its own in the place of the lock, and whoever
hung finds that out before it changes anything.

Locked    another run is at it
Lost      this run hung, and another one has the desk now
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

LEASE = 600.0  # seconds without a renewal after which a holder hangs; a machine that swaps may stall for one or two minutes
RENEWALS = 20  # in a lease
DAY = 86_400.0  # seconds
BOOT = Path("/proc/sys/kernel/random/boot_id")


class Locked(Exception):
    """Another run trains this desk."""


class Lost(Exception):
    """Another run took the desk while this one hung."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who trains: the process, since when (people's time), in which boot, and the seconds in it of the last renewal."""

    pid: int
    since: str
    boot: str
    renewed: float

    def hangs(self, lease: float) -> bool:
        """Whether it has not renewed for so many seconds; never said of another boot, where nothing can be known."""
        return self.boot == _boot() and time.monotonic() - self.renewed > lease


class Lease:
    """The right, while it is held. A thread renews it until `give_up` seconds have passed: whatever takes longer hangs."""

    def __init__(self, file: Path, descriptor: int, since: str, give_up: float) -> None:
        self._file = file
        self._descriptor = descriptor
        self._since = since
        self._until = time.monotonic() + give_up
        self._ended = threading.Event()

    def refuse_lost(self) -> None:
        """
        Say that the desk is no longer ours, before something of it is changed.

        Raises:
            Lost: another run has it.
        """
        if not _at(self._file, self._descriptor):
            raise Lost(
                f"this run hung and another one has taken {self._file.parent}; nothing was changed"
            )

    def renew(self) -> None:
        record = asdict(Holder(os.getpid(), self._since, _boot(), time.monotonic()))
        line = json.dumps(record).encode()
        os.pwrite(self._descriptor, line, 0)
        os.ftruncate(self._descriptor, len(line))

    def keep(self, every: float) -> None:
        while not self._ended.wait(every) and time.monotonic() < self._until:
            with contextlib.suppress(OSError):  # a full disk: this line was there before
                self.renew()

    def end(self) -> None:
        self._ended.set()


@contextlib.contextmanager
def held(
    folder: Path, clock: Callable[[], datetime], *, lease: float = LEASE, give_up: float = DAY
) -> Iterator[Lease]:
    """
    Hold the right to train this desk.

    Args:
        lease: seconds without a renewal after which another run may take it.
        give_up: seconds after which it is no longer renewed.

    Raises:
        Locked: another run is at it; the message says which.
    """
    file = folder / "retrain.lock"
    with _alone(folder):
        descriptor = _taken(file, lease)
        ours = Lease(file, descriptor, clock().isoformat(timespec="seconds"), give_up)
        ours.renew()
    renewing = threading.Thread(target=ours.keep, args=(lease / RENEWALS,), daemon=True)
    renewing.start()
    try:
        yield ours
    finally:
        ours.end()
        renewing.join()
        os.close(descriptor)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else look at the lock meanwhile; a moment, by a lock of the folder itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _taken(file: Path, lease: float) -> int:
    """Return the descriptor that holds the lock."""
    descriptor = _opened(file)
    if _locked(descriptor):
        return descriptor
    holder = _holder(descriptor)
    os.close(descriptor)
    if not holder or not holder.hangs(lease):
        who = f" (process {holder.pid}, since {holder.since})" if holder else ""
        raise Locked(f"{file.parent} is being trained by another run{who}; wait for it to end")
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    descriptor = _opened(fresh)
    _locked(descriptor)
    fresh.replace(file)
    return descriptor


def _opened(file: Path) -> int:
    return os.open(file, os.O_CREAT | os.O_RDWR, 0o644)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> Holder | None:
    """Return who wrote itself down, if that can be read."""
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):
        return None


def _at(file: Path, descriptor: int) -> bool:
    """Whether the file at this place is still the one that is open."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _boot() -> str:
    return BOOT.read_text(encoding="ascii").strip() if BOOT.is_file() else ""
