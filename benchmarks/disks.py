"""
A disk of a few megabytes, which somebody fills up.

NoDisk    there can be none here: it takes root and a tmpfs
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


class NoDisk(Exception):
    """A file system of its own cannot be mounted here."""


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """
    A file system of its own of so many MB, mounted at a new folder.

    Raises:
        NoDisk: it cannot be.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(folder)]
    if os.getuid() or shutil.which("mount") is None or subprocess.run(mount).returncode:
        raise NoDisk("a full disk needs root: a tmpfs cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def fill(disk: Path, leaving: int = 0) -> Path:
    """Fill the disk up but for so many bytes; return the file that does."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    try:
        with filler.open("wb", buffering=0) as stream:
            while (free := shutil.disk_usage(disk).free) > leaving:
                stream.write(b"x" * min(2**16, free - leaving))
    except OSError:
        pass
    return filler
