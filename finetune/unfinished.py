"""
What a run that was killed had done already: the challenger that it sealed, and what that was made of.

A challenger is made again from the same material, options, base weights and program; then it is there already. A night without
news finds the champion itself that way, and costs no training.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finetune.build import Material, Options
from finetune.files import whole
from retrieval.manifest import sha256
from retrieval.pretrained import WEIGHTS, locate
from retrieval.shelf import Shelf
from retrieval.template_files import template_row

PROGRAM = ("conversations", "finetune", "retrieval")  # the packages that a Release comes out of


@dataclass(frozen=True, slots=True)
class Sealed:
    """The last challenger that was sealed, under the key of what it was made of."""

    key: str = ""
    release: str = ""


def last_sealed(folder: Path) -> Sealed:
    """Return what the desk's retrain.json says; nothing where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Sealed(**json.loads((folder / "retrain.json").read_text(encoding="utf-8")))
    return Sealed()


def note(folder: Path, sealed: Sealed) -> None:
    """Write it down, whole; the folder of the Release is on the disk already."""
    with whole(folder / "retrain.json") as scratch:
        scratch.write_text(json.dumps(asdict(sealed)) + "\n", encoding="utf-8")


def forget(shelf: Shelf, sealed: Sealed) -> None:
    """Remove a challenger that nobody will compare any more: it was never promoted, and no night has kept it to be looked at."""
    if sealed.release in set(shelf.sealed()) - promoted(shelf) - set(shelf.waiting):
        shutil.rmtree(shelf.releases / sealed.release, ignore_errors=True)


def promoted(shelf: Shelf) -> set[str]:
    """Return the Releases that serve or have served."""
    return {promotion.hash for promotion in shelf.promotions()} | {shelf.serving}


def key_of(material: Material, options: Options, dataset: Mapping[str, Any]) -> str:
    """
    Return the hash of everything that a Release is made of.

    Args:
        dataset: what the Release says about its data, which is part of it.

    Raises:
        EncoderUnavailable: the encoder that the options name.
    """
    digest = hashlib.sha256()
    for part in (dataset, *_parts(material, options)):
        digest.update(json.dumps(part, ensure_ascii=True, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def _parts(material: Material, options: Options) -> Iterator[Any]:
    yield asdict(options)
    yield [[e.text, e.intent, e.weight, e.hint, e.fair] for e in material.examples]
    yield [template_row(template) for template in material.templates]
    yield [asdict(passage) for passage in material.passages]
    yield list(material.unlabelled)
    yield sorted(material.kept_back)
    yield dict(material.descriptions)
    weights = Path(locate(options.encoder, hub=options.hub)) / WEIGHTS
    yield sha256(weights) if weights.is_file() else options.encoder  # a hub id
    for name in PROGRAM:
        package = Path(__file__).parents[1] / name
        yield [sha256(module) for module in sorted(package.rglob("*.py"))]
