"""
The seal of a folder: a SHA-256 per file, and a name that is the hash of them all.

The manifest is written last, so its existence means the folder is complete; the folder appears under its name by
one rename, so it is there whole or not at all.

ReleaseRefused    a folder is not a Release that may serve; the message says which file and why
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 4  # 1 had a confidence of four signals, 2 one of eight and the same thresholds in every language, 3 no pieces of pages
NAME_LENGTH = (
    16  # hex digits: 64 bits tell any number of nightly Releases apart and still fit a line
)


class ReleaseRefused(Exception):
    """This folder must not serve."""


def seal(folder: Path) -> str:
    """Write the manifest of all files under `folder`, synced to disk, and return the Release's name."""
    files = {
        str(file.relative_to(folder)): {"sha256": sha256(file), "bytes": file.stat().st_size}
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    for name in files:
        sync(folder / name)
    name = name_of(files)
    body = {"format": FORMAT, "release": name, "files": files}
    (folder / MANIFEST).write_text(json.dumps(body, indent=1, sort_keys=True) + "\n")
    sync(folder / MANIFEST)
    return name


def name_of(files: Mapping[str, Any]) -> str:
    """Return the name that a set of files has: the hash of their hashes."""
    canonical = json.dumps({"format": FORMAT, "files": files}, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:NAME_LENGTH]


def verify(folder: Path) -> str:
    """
    Check every file against the manifest and return the Release's name.

    Raises:
        ReleaseRefused: the first thing that is wrong.
    """
    body = _read(folder)
    files = body.get("files")
    if body.get("format") != FORMAT or not isinstance(files, dict):
        raise ReleaseRefused(f"{folder / MANIFEST} has a format this version does not read")
    for name, entry in files.items():
        _verify_file(folder, name, entry)
    if name_of(files) != body.get("release"):
        raise ReleaseRefused(
            f"{folder / MANIFEST} was changed: its name is not the hash of its files"
        )
    for file in folder.rglob("*"):
        if str(file.relative_to(folder)) not in {*files, MANIFEST} and not _plain_folder(file):
            raise ReleaseRefused(f"{file} is not of this Release: its manifest does not name it")
    return str(body["release"])


def alike(one: Path, other: Path, part: str) -> bool:
    """
    Whether two sealed folders hold the same files below their folder `part`, byte by byte, as their manifests say.

    Raises:
        ReleaseRefused: one of them is no sealed folder.
    """
    return files_below(one, part) == files_below(other, part)


def files_below(folder: Path, part: str) -> dict[str, Any]:
    """
    Return what the manifest says of each file below a folder of a Release, by its name.

    Raises:
        ReleaseRefused: there is no manifest that can be read.
    """
    files = _read(folder).get("files", {})
    return {name: entry for name, entry in files.items() if name.startswith(f"{part}/")}


def refuse_occupied(target: Path) -> None:
    """
    Refuse to write where something else stands; an older Release may be replaced.

    Raises:
        ReleaseRefused: what is there.
    """
    if target.is_symlink():
        raise ReleaseRefused(f"{target} is a link: name the folder itself, or another one")
    if target.exists() and not (target / MANIFEST).is_file() and any_inside(target):
        raise ReleaseRefused(f"{target} exists and is not a Release: name another folder")


@contextlib.contextmanager
def whole_or_not_at_all(target: Path) -> Iterator[Path]:
    """
    Give a scratch folder beside `target`; when the block ends well it becomes `target` by one rename.

    Raises:
        ReleaseRefused: something that is not a Release stands at `target`.
    """
    refuse_occupied(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.parent / f".tmp-{target.name}-{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
        _replace(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def any_inside(target: Path) -> bool:
    """Whether `target` is a file or a folder with anything in it."""
    return not target.is_dir() or any(target.iterdir())


def _plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _replace(scratch: Path, target: Path) -> None:
    retired = target.parent / f".old-{target.name}-{os.getpid()}"
    if target.exists():
        target.rename(retired)
    scratch.rename(target)
    sync(target.parent)
    shutil.rmtree(retired, ignore_errors=True)


def _read(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ReleaseRefused(f"there is no Release at {folder}")
    try:
        body = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReleaseRefused(
            f"{folder} has no {MANIFEST}: it is half-written or not a Release"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ReleaseRefused(f"{folder / MANIFEST} is damaged: {error}") from error
    if not isinstance(body, dict):
        raise ReleaseRefused(f"{folder / MANIFEST} is damaged: it is not an object")
    return body


def _verify_file(folder: Path, name: str, entry: object) -> None:
    file = folder / name
    if not isinstance(entry, dict):
        raise ReleaseRefused(f"{folder / MANIFEST} is damaged: {name} has no hash")
    if ".." in Path(name).parts or Path(name).is_absolute() or file.is_symlink():
        raise ReleaseRefused(f"{MANIFEST} names {name}, which is not a plain file of the Release")
    if not file.is_file():
        raise ReleaseRefused(f"{file} is missing")
    if file.stat().st_size != entry.get("bytes"):
        raise ReleaseRefused(
            f"{file} has {file.stat().st_size} bytes, the manifest says {entry.get('bytes')}: "
            "it is half-written or was changed"
        )
    if sha256(file) != entry.get("sha256"):
        raise ReleaseRefused(f"{file} is damaged: its SHA-256 is not the manifest's")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file as hex; files are read in pieces, weights do not fit every machine twice."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
