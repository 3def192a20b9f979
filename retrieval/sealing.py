"""
Release folders, written and read: everything that decides an answer, in one immutable folder named by its content.

safetensors and JSON only, never pickle. `write` seals what training built, `load` verifies it and gives the Release that
serves: the object that serves is the object that was evaluated.
"""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from retrieval import manifest
from retrieval.calibration import Calibration
from retrieval.centre import Centre
from retrieval.dataset import learned_by
from retrieval.encoder import Encoder
from retrieval.head import Head
from retrieval.headings import headings_asked
from retrieval.knowledge import Pages
from retrieval.locks import in_use
from retrieval.manifest import ReleaseRefused
from retrieval.mood import MOODS, Ear, Measured
from retrieval.passages import Passage
from retrieval.prediction import Floats2d
from retrieval.ranking import Answers
from retrieval.release import Contents, Release
from retrieval.template_files import read_sealed, template_row
from retrieval.templates import TemplateError, unreadable
from retrieval.words import Terms

PROBES = (
    8  # texts whose stored vectors and probabilities must come out again when a Release is loaded
)
PROBE_TOLERANCE = (
    1e-2  # another CPU moves them by 1e-5, another encoder or an exchanged row by 1e-1
)

FULL = (errno.ENOSPC, errno.EDQUOT)

# What foreign files raise: safetensors, JSON, templates, and transformers where weights do not fit their config.
UNLOADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    SafetensorError,
    TemplateError,
)

logger = logging.getLogger(__name__)


def write(contents: Contents, folder: Path, extras: Mapping[str, bytes]) -> str:
    """
    Seal a Release at `folder`, there whole or not at all, and return its name.

    Args:
        contents: what it is made of.
        folder: the Release itself; an older Release there is replaced.
        extras: further files by name (report, model card); they are part of what the name hashes.

    Raises:
        ReleaseRefused: something else stands at `folder`, or the disk is full.
    """
    with manifest.whole_or_not_at_all(folder) as scratch:
        try:
            _save(contents, scratch, extras)
            return manifest.seal(scratch)
        except Exception as error:
            if not _says_disk_full(error):
                raise
            raise ReleaseRefused(
                f"the disk of {folder.parent} is full: the Release could not be written, and nothing of it is left"
            ) from error


def load(folder: Path) -> Release:
    """
    Verify a Release and load it: hashes, shapes, finite values, and probes that the encoder must reproduce.

    Raises:
        ReleaseRefused: which file and why.
    """
    with in_use(folder):
        name = manifest.verify(folder)
        try:
            contents, probes = _contents(folder)
            learned = learned_by(folder)
        except ReleaseRefused:
            raise
        except UNLOADABLE as error:
            raise ReleaseRefused(f"{folder} cannot be loaded: {error}") from error
    _probe(folder, contents, probes)
    return Release(name, contents, learned)


def _save(contents: Contents, scratch: Path, extras: Mapping[str, bytes]) -> None:
    contents.encoder.save(scratch / "encoder")
    save_file(_tensors(contents), scratch / "vectors.safetensors")
    for name, body in _records(contents).items():
        (scratch / name).write_text(body, encoding="utf-8")
    for name, data in extras.items():
        (scratch / name).write_bytes(data)


def _says_disk_full(error: Exception) -> bool:
    """Each writer says it in its own way; safetensors and tokenizers have no number, only Rust's words."""
    code = error.errno if isinstance(error, OSError) else None
    return code in FULL or any(f"(os error {number})" in str(error) for number in FULL)


def _tensors(contents: Contents) -> dict[str, Any]:
    tensors = {
        "head.weight": contents.head.weight,
        "head.bias": contents.head.bias,
        "mean": contents.centre.mean,
        "directions": contents.centre.directions,
        "examples": contents.example_points,
        "questions": contents.answers.question_points,
        "passages": contents.pages.points,
        "pieces": contents.pages.piece_points,
        "asked": contents.pages.asked_points,
        "terms": contents.pages.terms.points,
        "probes": _probed(contents),
    }
    if head := contents.answers.head:
        tensors |= {"templates.weight": head.weight, "templates.bias": head.bias}
    if head := contents.pages.headings:
        tensors |= {"headings.weight": head.weight, "headings.bias": head.bias}
    if contents.moods:
        tensors |= {
            "moods.weight": contents.moods.head.weight,
            "moods.bias": contents.moods.head.bias,
        }
    # safetensors writes the buffer as it lies, and scikit-learn's lies in Fortran's order
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def _probed(contents: Contents) -> Floats2d:
    """Return what encoder and head together make of the first examples, (PROBES, dim + classes)."""
    vectors = contents.encoder.encode([text for text, _ in contents.examples[:PROBES]])
    probabilities = contents.head.probabilities(contents.centre.points(vectors))
    return np.concatenate([vectors, probabilities], axis=1)


def _records(contents: Contents) -> dict[str, str]:
    moods = contents.moods.measured if contents.moods else {}
    measured = {name: asdict(each) for name, each in moods.items()}
    return {
        **({"moods.json": _json(measured)} if contents.moods else {}),
        "intents.json": _json(
            {
                "classes": contents.head.classes,
                "titles": contents.titles,
                "language": contents.language,
            }
        ),
        "calibration.json": _json(asdict(contents.calibration)),
        "examples.jsonl": _lines({"text": t, "intent": i} for t, i in contents.examples),
        "templates.jsonl": _lines(template_row(t) for t in contents.answers.templates),
        "passages.jsonl": _lines(asdict(p) for p in contents.pages.passages),
        "pieces.jsonl": _lines(
            {"passage": int(owner), "text": piece}
            for owner, piece in zip(contents.pages.owners, contents.pages.pieces, strict=True)
        ),
        "terms.json": _json(list(contents.pages.terms.names)),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _lines(rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _contents(folder: Path) -> tuple[Contents, Floats2d]:
    tensors = load_file(folder / "vectors.safetensors")
    intents = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
    calibration = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    examples = [(row["text"], row["intent"]) for row in _read_lines(folder / "examples.jsonl")]
    contents = Contents(
        encoder=Encoder.load(str(folder / "encoder")),
        centre=_centre(tensors),
        head=Head(tuple(intents["classes"]), tensors["head.weight"], tensors["head.bias"]),
        calibration=Calibration.of_record(calibration),
        titles=intents["titles"],
        examples=examples,
        example_points=tensors["examples"],
        answers=_answers(folder, tensors),
        pages=_pages(folder, tensors),
        language=intents["language"],
        moods=_moods(folder, tensors),
    )
    _check_shapes(folder, contents)
    return contents, tensors["probes"]


def _centre(tensors: Mapping[str, Any]) -> Centre:
    mean = tensors["mean"]
    return Centre(mean, tensors.get("directions", np.zeros((0, len(mean)), dtype=np.float32)))


def _answers(folder: Path, tensors: Mapping[str, Any]) -> Answers:
    templates, head = read_sealed(folder / "templates.jsonl"), None
    for why in filter(None, map(unreadable, templates)):
        logger.warning("Release %s has one answer less: %s", folder.name, why)
    if "templates.weight" in tensors:
        names = tuple(template.id for template in templates)
        head = Head(names, tensors["templates.weight"], tensors["templates.bias"])
    return Answers(templates, tensors["questions"], head)


def _moods(folder: Path, tensors: Mapping[str, Any]) -> Ear | None:
    if "moods.weight" not in tensors:
        return None
    measured = json.loads((folder / "moods.json").read_text(encoding="utf-8"))
    head = Head(MOODS, tensors["moods.weight"], tensors["moods.bias"])
    return Ear(head, {name: Measured(**each) for name, each in measured.items()})


def _pages(folder: Path, tensors: Mapping[str, Any]) -> Pages:
    pieces = _read_lines(folder / "pieces.jsonl")
    rows = _read_lines(folder / "passages.jsonl")
    passages = [Passage(**{**row, "asked": tuple(row.get("asked", ()))}) for row in rows]
    return Pages(
        passages=passages,
        points=tensors["passages"],
        pieces=[row["text"] for row in pieces],
        piece_points=tensors["pieces"],
        owners=np.asarray([row["passage"] for row in pieces], dtype=np.int64),
        terms=_terms(folder, tensors),
        asked_points=tensors.get("asked", tensors["passages"][:0]),
        headings=_headings(passages, tensors),
    )


def _headings(passages: Sequence[Passage], tensors: Mapping[str, Any]) -> Head | None:
    """Return what tells headings apart; nothing in a Release that was made before it was learned."""
    if "headings.weight" not in tensors:
        return None
    return Head(headings_asked(passages), tensors["headings.weight"], tensors["headings.bias"])


def _terms(folder: Path, tensors: Mapping[str, Any]) -> Terms:
    """Return the terms of the pages; none of a Release that was made before they were kept."""
    if "terms" not in tensors:
        return Terms()
    return Terms(json.loads((folder / "terms.json").read_text(encoding="utf-8")), tensors["terms"])


def _read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def _check_shapes(folder: Path, contents: Contents) -> None:
    dim = contents.encoder.dim
    answers, centre = contents.answers, contents.centre
    expected: dict[str, tuple[Any, tuple[int, ...]]] = {
        "head.weight": (contents.head.weight, (len(contents.head.classes), dim)),
        "head.bias": (contents.head.bias, (len(contents.head.classes),)),
        "mean": (centre.mean, (dim,)),
        "directions": (centre.directions, (len(centre.directions), dim)),
        "examples": (contents.example_points, (len(contents.examples), dim)),
        "questions": (answers.question_points, (len(answers.questions), dim)),
        "passages": (contents.pages.points, (len(contents.pages.passages), dim)),
        "pieces": (contents.pages.piece_points, (len(contents.pages.pieces), dim)),
        "asked": (contents.pages.asked_points, (len(contents.pages.asked), dim)),
    }
    if (terms := contents.pages.terms).names:
        expected["terms"] = (terms.points, (len(terms.names), dim))
    if answers.head:
        expected["templates.weight"] = (answers.head.weight, (len(answers.templates), dim))
        expected["templates.bias"] = (answers.head.bias, (len(answers.templates),))
    if headings := contents.pages.headings:
        expected["headings.weight"] = (headings.weight, (len(headings.classes), dim))
        expected["headings.bias"] = (headings.bias, (len(headings.classes),))
    if moods := contents.moods:
        expected["moods.weight"] = (moods.head.weight, (len(MOODS), dim))
        expected["moods.bias"] = (moods.head.bias, (len(MOODS),))
    for name, (found, shape) in expected.items():
        if found.shape != shape:
            raise ReleaseRefused(
                f"{folder / 'vectors.safetensors'}: {name} is {found.shape}, the Release's other files "
                f"say {shape}"
            )
        if not np.isfinite(found).all():  # safetensors loads flipped bits silently
            raise ReleaseRefused(
                f"{folder / 'vectors.safetensors'}: {name} holds values that are no numbers"
            )


def _probe(folder: Path, contents: Contents, stored: Floats2d) -> None:
    again = _probed(contents)
    if again.shape != stored.shape or not np.allclose(again, stored, atol=PROBE_TOLERANCE):
        raise ReleaseRefused(
            f"{folder}: encoder and head do not reproduce the stored probes; the files in encoder/ or "
            "vectors.safetensors are not of this Release"
        )
    for name, texts, points in _keyed(contents):
        made = contents.centre.points(contents.encoder.encode(texts[:PROBES]))
        if not np.allclose(made, points[:PROBES], atol=PROBE_TOLERANCE):
            raise ReleaseRefused(
                f"{folder / 'vectors.safetensors'}: the rows of {name} are not those of their texts"
            )


def _keyed(contents: Contents) -> list[tuple[str, list[str], Floats2d]]:
    """Return each kind of point with the texts whose rows they are."""
    pages = contents.pages
    answers = contents.answers
    return [
        ("examples", [text for text, _ in contents.examples], contents.example_points),
        ("questions", answers.questions, answers.question_points),
        ("passages", [p.keyed for p in pages.passages], pages.points),
        ("pieces", pages.keyed_pieces, pages.piece_points),
        ("asked", pages.asked, pages.asked_points),
    ]
