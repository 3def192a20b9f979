"""A file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(target: Path) -> Iterator[Path]:
    """
    Give a scratch file to write, which takes the target's place by one rename when the block ends well.

    Raises:
        OSError: it cannot be written; the target is as it was.
    """
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield scratch
        scratch.replace(target)
    finally:
        with contextlib.suppress(OSError):  # it took its place, or there is no such folder
            scratch.unlink()
