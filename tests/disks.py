"""A disk of a few megabytes, which a test fills up."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE = 24  # MB; a server asks for 8 of them


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, mounted at a new folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    if os.getuid() or shutil.which("mount") is None or subprocess.run(mount).returncode:  # noqa: S603
        pytest.skip("a full disk needs root: a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


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
