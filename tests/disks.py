"""A disk of a few megabytes, which a test fills up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import disks
from benchmarks.disks import fill as fill

SIZE = 24  # MB; a server asks for 8 of them


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, mounted at a new folder; without root the test is skipped."""
    with contextlib.ExitStack() as mounted:
        try:
            disk = mounted.enter_context(disks.small_disk(folder, SIZE))
        except disks.NoDisk as none:
            pytest.skip(str(none))
        yield disk
