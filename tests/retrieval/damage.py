"""Ways to damage a Release: a copy of its own, one thing changed, the seal broken or made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from retrieval import manifest

VECTORS = "vectors.safetensors"

Array = npt.NDArray[np.float32]
Damage = Callable[[Path], None]


def copied(release: Path, to: Path) -> Path:
    shutil.copytree(release, to)
    return to


def resealed(folder: Path) -> Path:
    """Seal the folder again, as someone would who can compute a hash."""
    (folder / manifest.MANIFEST).unlink()
    manifest.seal(folder)
    return folder


def cut(name: str) -> Damage:
    """Half of the file is gone."""

    def damage(folder: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return damage


def flipped(name: str) -> Damage:
    """One bit of the file is another."""

    def damage(folder: Path) -> None:
        whole = bytearray((folder / name).read_bytes())
        whole[-2] ^= 1
        (folder / name).write_bytes(whole)

    return damage


def gone(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def written(name: str, text: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def tensor(name: str, change: Callable[[Array], Array]) -> Damage:
    """One tensor of the vectors is changed."""

    def damage(folder: Path) -> None:
        tensors = load_file(folder / VECTORS)
        tensors[name] = np.ascontiguousarray(change(tensors[name].copy()))
        save_file(tensors, folder / VECTORS)

    return damage


def json_key(name: str, key: str, value: object) -> Damage:
    """One key of a JSON file has another value."""

    def damage(folder: Path) -> None:
        body: dict[str, Any] = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**body, key: value}))

    return damage


def with_nan(array: Array) -> Array:
    array.flat[-1] = np.nan
    return array


def permuted(array: Array) -> Array:
    return array[::-1]
