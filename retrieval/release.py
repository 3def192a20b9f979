"""
The Release: everything that decides an answer, in one immutable folder named by its content.

safetensors and JSON only, never pickle. The object that serves is the object that was evaluated: training builds a
`Contents`, `write` seals it, `load` verifies it and gives a `Release` that reads utterances.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from retrieval import manifest
from retrieval.calibration import (
    NEIGHBOURS,
    Calibration,
    Landmarks,
    both,
    features,
    signals,
)
from retrieval.dataset import learned_by
from retrieval.encoder import Encoder
from retrieval.head import Head, centred, softmax
from retrieval.index import Index
from retrieval.languages import UNKNOWN, language
from retrieval.manifest import ReleaseRefused
from retrieval.passages import Passage
from retrieval.prediction import (
    OUT_OF_SCOPE,
    Candidate,
    Floats1d,
    Floats2d,
    Ints1d,
    Neighbour,
    PassageHit,
    Prediction,
    Signals,
    TemplateHit,
)
from retrieval.templates import Template, TemplateError, read_templates, template_row
from retrieval.wording import Wording

CANDIDATES = 8  # kept with a prediction: two clarifications of three, and the next best
TEMPLATE_HITS = 64  # questions looked at; an intent with none among them gets its first template
PASSAGE_HITS = 3
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


@dataclass(frozen=True)
class Contents:
    """What a Release is made of. Points are centred unit vectors, row by row with their texts."""

    encoder: Encoder
    mean: Floats1d  # (dim,)
    head: Head
    calibration: Calibration
    titles: Mapping[str, str]
    examples: Sequence[tuple[str, str]]  # (text, intent)
    example_points: Floats2d  # (examples, dim)
    templates: Sequence[Template] = ()
    question_points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    passages: Sequence[Passage] = ()
    passage_points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))


class Release:
    """
    A loaded Release. It never changes, so threads may share it.

    `learned`: what operators taught it, as (id of the teaching, intent), and it reads as it was taught.
    """

    def __init__(
        self, name: str, contents: Contents, learned: Collection[tuple[str, str]] = ()
    ) -> None:
        self.hash = name
        self.learned = frozenset(learned)
        self._contents = contents
        self._examples = Index(contents.example_points)
        self._questions = Index(contents.question_points)
        self._passages = Index(contents.passage_points)
        self._asked = [t for t in contents.templates for _ in t.questions]
        self._templates = {t.id: t for t in contents.templates}
        classes = contents.head.classes
        self._class_of = {intent: row for row, intent in enumerate(classes)}
        self._in_scope = np.asarray([i for i, c in enumerate(classes) if c != OUT_OF_SCOPE])
        self._votes = np.asarray([self._class_of.get(i, -1) for _, i in contents.examples])
        self._landmarks = Landmarks.of(contents.example_points, self._votes, self._in_scope)
        self._wording = Wording.of(
            [text for text, _ in contents.examples], self._votes, len(classes)
        )

    @property
    def titles(self) -> Mapping[str, str]:
        """What each intent is called on a choice button."""
        return self._contents.titles

    @property
    def calibration(self) -> Calibration:
        return self._contents.calibration

    @property
    def examples(self) -> Sequence[tuple[str, str]]:
        """What it learned from, each text with its intent."""
        return self._contents.examples

    def template(self, template_id: str) -> Template:
        """Return the template; KeyError where the Release has none of that id."""
        return self._templates[template_id]

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        return tuple(t for t in self._contents.templates if t.intent == intent)

    @cached_property
    def _handing_off(self) -> frozenset[str]:
        return frozenset(t.intent for t in self._contents.templates if t.hands_off)

    @cached_property
    def _small_talk(self) -> frozenset[str]:
        return frozenset(t.intent for t in self._contents.templates if not t.on_offer)

    def read(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction a text, from one forward pass that head and indexes share."""
        return self.judge(texts, self.points(texts)) if texts else []

    def points(self, texts: Sequence[str]) -> Floats2d:
        """
        Return (n, dim) the centred unit vectors of texts.

        Raises:
            FloatingPointError: the encoder gave a number that is none.
        """
        return centred(self.vectors(texts), self._contents.mean)

    def vectors(self, texts: Sequence[str]) -> Floats2d:
        """
        Return (n, dim) what the encoder makes of the texts; Releases with the same encoder may share it.

        Raises:
            FloatingPointError: the encoder gave a number that is none.
        """
        vectors = self._contents.encoder.encode(texts)
        if not np.isfinite(vectors).all():
            raise FloatingPointError(f"the encoder of Release {self.hash} returned NaN")
        return vectors

    def read_vectors(self, texts: Sequence[str], vectors: Floats2d) -> list[Prediction]:
        """Return one prediction a text from its vector (n, dim) by this Release's encoder."""
        return self.judge(texts, centred(vectors, self._contents.mean))

    def judge(self, texts: Sequence[str], points: Floats2d) -> list[Prediction]:
        """Return the predictions for points (n, dim) that the encoder already made of the texts."""
        scores = self._contents.head.scores(points)
        probabilities = softmax(scores)
        similarities, rows = self._examples.search(points, NEIGHBOURS)
        votes = self._votes[rows]
        parts = signals(
            texts,
            scores,
            points,
            self._landmarks,
            self._wording,
            self._in_scope,
            similarities,
            votes,
        )
        calibration = self._contents.calibration
        seen = features(parts)
        in_scope, right = calibration.scope(seen), calibration.right(seen)
        confidences = both(in_scope, right)
        templates, passages = self._template_hits(points), self._passage_hits(points)
        languages = [self._language(text) for text in texts]
        return [
            Prediction(
                text=text,
                verdict=calibration.thresholds_for(languages[n]).verdict(float(confidences[n])),
                confidence=float(confidences[n]),
                in_scope=round(float(in_scope[n]), 6),
                right=round(float(right[n]), 6),
                candidates=self._candidates(probabilities[n]),
                templates=templates[n],
                neighbours=self._neighbours(similarities[n], rows[n]),
                passages=passages[n],
                signals=_rounded(parts[n]),
                release=self.hash,
                language=languages[n],
            )
            for n, text in enumerate(texts)
        ]

    def _language(self, text: str) -> str:
        """Return whose thresholds a text is judged by; most desks have one language and no need to tell."""
        own = self._contents.calibration.languages
        return language(text, list(own)) if own else UNKNOWN

    def _candidates(self, probabilities: Floats1d) -> tuple[Candidate, ...]:
        order = self._in_scope[np.argsort(-probabilities[self._in_scope], kind="stable")]
        classes = self._contents.head.classes
        return tuple(
            Candidate(
                intent=classes[row],
                title=self.titles.get(classes[row], classes[row]),
                score=round(float(probabilities[row]), 6),
                hands_off=classes[row] in self._handing_off,
                on_offer=classes[row] not in self._small_talk,
            )
            for row in order[:CANDIDATES]
        )

    def _neighbours(self, similarities: Floats1d, rows: Any) -> tuple[Neighbour, ...]:
        examples = self._contents.examples
        return tuple(
            Neighbour(examples[row][0], examples[row][1], round(float(cosine), 6))
            for cosine, row in zip(similarities, rows, strict=True)
        )

    def _template_hits(self, points: Floats2d) -> list[tuple[TemplateHit, ...]]:
        if not len(self._questions):
            return [()] * len(points)
        found = self._questions.search(points, TEMPLATE_HITS)
        return [self._asked_like(*near) for near in zip(*found, strict=True)]

    def _asked_like(self, similarities: Floats1d, rows: Ints1d) -> tuple[TemplateHit, ...]:
        best: dict[str, TemplateHit] = {}
        for cosine, row in zip(similarities.tolist(), rows.tolist(), strict=True):
            template = self._asked[row]
            if template.id not in best:  # its nearest question comes first
                best[template.id] = TemplateHit(template.id, template.intent, round(cosine, 6))
        return tuple(best.values())

    def _passage_hits(self, points: Floats2d) -> list[tuple[PassageHit, ...]]:
        if not len(self._passages):
            return [()] * len(points)
        found = self._passages.search(points, PASSAGE_HITS)
        return [self._read_about(*near) for near in zip(*found, strict=True)]

    def _read_about(self, similarities: Floats1d, rows: Ints1d) -> tuple[PassageHit, ...]:
        at = self._contents.calibration.passage_at
        found = [
            (self._contents.passages[row], round(cosine, 6))
            for cosine, row in zip(similarities.tolist(), rows.tolist(), strict=True)
            if cosine >= at
        ]
        return tuple(PassageHit(p.page, p.title, p.heading, p.text, c) for p, c in found)


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
        "mean": contents.mean,
        "examples": contents.example_points,
        "questions": contents.question_points,
        "passages": contents.passage_points,
        "probes": _probed(contents),
    }
    # safetensors writes the buffer as it lies, and scikit-learn's lies in Fortran's order
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def _probed(contents: Contents) -> Floats2d:
    """Return what encoder and head together make of the first examples, (PROBES, dim + classes)."""
    vectors = contents.encoder.encode([text for text, _ in contents.examples[:PROBES]])
    probabilities = contents.head.probabilities(centred(vectors, contents.mean))
    return np.concatenate([vectors, probabilities], axis=1)


def _records(contents: Contents) -> dict[str, str]:
    return {
        "intents.json": _json({"classes": contents.head.classes, "titles": contents.titles}),
        "calibration.json": _json(asdict(contents.calibration)),
        "examples.jsonl": _lines({"text": t, "intent": i} for t, i in contents.examples),
        "templates.jsonl": _lines(template_row(t) for t in contents.templates),
        "passages.jsonl": _lines(asdict(p) for p in contents.passages),
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
        mean=tensors["mean"],
        head=Head(tuple(intents["classes"]), tensors["head.weight"], tensors["head.bias"]),
        calibration=Calibration.of_record(calibration),
        titles=intents["titles"],
        examples=examples,
        example_points=tensors["examples"],
        templates=read_templates(folder / "templates.jsonl"),
        question_points=tensors["questions"],
        passages=[Passage(**row) for row in _read_lines(folder / "passages.jsonl")],
        passage_points=tensors["passages"],
    )
    _check_shapes(folder, contents)
    return contents, tensors["probes"]


def _read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def _check_shapes(folder: Path, contents: Contents) -> None:
    dim = contents.encoder.dim
    questions = sum(len(t.questions) for t in contents.templates)
    expected = {
        "head.weight": (contents.head.weight, (len(contents.head.classes), dim)),
        "head.bias": (contents.head.bias, (len(contents.head.classes),)),
        "mean": (contents.mean, (dim,)),
        "examples": (contents.example_points, (len(contents.examples), dim)),
        "questions": (contents.question_points, (questions, dim)),
        "passages": (contents.passage_points, (len(contents.passages), dim)),
    }
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
        made = centred(contents.encoder.encode(texts[:PROBES]), contents.mean)
        if not np.allclose(made, points[:PROBES], atol=PROBE_TOLERANCE):
            raise ReleaseRefused(
                f"{folder / 'vectors.safetensors'}: the rows of {name} are not those of their texts"
            )


def _keyed(contents: Contents) -> list[tuple[str, list[str], Floats2d]]:
    """Return each kind of point with the texts whose rows they are."""
    questions = [question for t in contents.templates for question in t.questions]
    return [
        ("examples", [text for text, _ in contents.examples], contents.example_points),
        ("questions", questions, contents.question_points),
        ("passages", [p.keyed for p in contents.passages], contents.passage_points),
    ]


def _rounded(parts: Signals) -> Signals:
    return Signals(*(round(value, 6) for value in asdict(parts).values()))
