"""
A desk: one company's folder, with everything that is its own.

    desk.toml  examples.csv  heldout.csv  templates.jsonl  pages/*.md     written by people
    pages/.imported.json                                                  which pages were made of what; see bot/pages/ledger.py
    desk.db                                                               the event log
    staff.db                                                              who may sign in, and what they changed; see bot/staff/book.py
    views.db                                                              what staff look at, made of the log and made anew where it is missing
    releases/<hash>/  releases.jsonl  champion -> releases/<hash>         the Releases, and which one serves
    candidates.jsonl  trial.json                                          how the others stand, and which one is tried out
    operator.token  network.key  desk.lock  probation.jsonl               of the running server: its secrets, how far each champion has been looked at
  looked_on.json                                                      of the running server: what a Release that only looks on would answer otherwise
    nights.jsonl  retrain.json  best.json  retrain.lock                   of the nightly run: how each ended, what was sealed, the best up to now, who is at it
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Settings, read_settings
from bot.refused import Refused
from retrieval.shelf import Shelf

PATIENCE = 0.3  # seconds; whoever only asks if a server runs holds the lock for a moment


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write into a desk, held until its block ends or the process dies."""

    folder: Path
    descriptor: int

    def announce(self, url: str) -> None:
        """Tell others who serves here."""
        with _writable(self.folder):
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who serves a desk. The url is empty while it starts, and for a command that only writes."""

    pid: int
    url: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The folder, and what its configuration says."""

    folder: Path
    settings: Settings
    clock: Callable[[], datetime]

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], datetime] | None = None) -> Desk:
        """
        Read a desk's configuration.

        Raises:
            Refused: there is none, or it is wrong.
        """
        return cls(
            folder, read_settings(folder / "desk.toml"), clock or (lambda: datetime.now(UTC))
        )

    @property
    def database(self) -> Path:
        return self.folder / "desk.db"

    @property
    def staff(self) -> Path:
        """Who may sign in, and what they changed."""
        return self.folder / "staff.db"

    @property
    def shelf(self) -> Shelf:
        """The Releases, and which one serves."""
        return Shelf(self.folder, self.clock)

    def operator_token(self) -> str:
        """Return what operators authorize themselves with; made when it is first asked for."""
        return self._secret("operator.token")

    def network_key(self) -> str:
        """Return what visitors' networks are hashed with; without it their hashes say nothing any more."""
        return self._secret("network.key")

    def _secret(self, name: str) -> str:
        file = self.folder / name
        with contextlib.suppress(FileNotFoundError):
            if token := file.read_text(encoding="ascii").strip():
                return token
        token = secrets.token_urlsafe(32)  # 256 bits
        with _writable(self.folder):
            _keep_secret(token, file)
        return token

    @contextlib.contextmanager
    def claim(self) -> Iterator[Claim]:
        """
        Hold the desk: one server, and nobody else writes; freed by the end of the process, however it ends.

        Raises:
            Refused: another process holds it, or nothing can be written there.
        """
        with _writable(self.folder):
            descriptor = os.open(self.folder / "desk.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            if not _locked(descriptor, PATIENCE):
                raise Refused(_taken(self.folder, _holder(descriptor)))
            claim = Claim(self.folder, descriptor)
            claim.announce("")
            yield claim
        finally:
            os.close(descriptor)

    def holder(self) -> Holder | None:
        """Return who serves this desk now."""
        try:
            descriptor = os.open(self.folder / "desk.lock", os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            return None if _locked(descriptor, 0) else _holder(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Say in one sentence that the disk is full, the folder read-only, or whatever it is."""
    try:
        yield
    except OSError as error:
        raise Refused(f"The desk {folder} cannot be written to: {error.strerror}.") from error


def _keep_secret(token: str, file: Path) -> None:
    """Write a file that only its owner may read, there whole or not at all."""
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, f"{token}\n".encode())
        fresh.replace(file)
    finally:
        os.close(descriptor)
        fresh.unlink(missing_ok=True)


def _locked(descriptor: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        else:
            return True


def _holder(descriptor: int) -> Holder:
    try:
        row = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(row["pid"]), str(row["url"]))
    except (ValueError, TypeError, KeyError):
        return Holder(0, "")


def _taken(folder: Path, holder: Holder) -> str:
    where = f" at {holder.url}" if holder.url else ""
    return (
        f"The desk {folder} is already served by process {holder.pid}{where}: stop that one first."
    )
