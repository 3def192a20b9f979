"""
Locks on folders that end with the process that holds them: many may read one while nobody takes it away.

They only bind those who ask. Where a file system knows no locks nobody waits, and nobody is held up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keep a folder from being taken away while it is read; one that is not there is left to whoever reads it."""
    with _opened(folder) as descriptor:
        if descriptor is not None:
            _locked(descriptor, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def alone(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Have a folder to oneself; false, without waiting, where somebody uses it."""
    with _opened(folder) as descriptor:
        how = fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)
        yield descriptor is None or _locked(descriptor, how)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError:  # no locks here
        return True
    return True
