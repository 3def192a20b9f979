"""
The nightly run: what the log taught, a challenger, the gate, and the champion's link moved or left alone.

Nothing of the desk changes before the gate has passed, and then by one rename; a run that is killed leaves the
champion serving.

Locked            another run is at it
DeskIncomplete    the folder is no desk that can be trained
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from conversations.labels import Lesson, lessons
from conversations.reader import Reader
from finetune.build import Material, Options, build, seal
from finetune.comparison import Comparison, compare
from finetune.defence import Teacher, objections
from finetune.examples import (
    FEWEST,
    Example,
    normalised,
    questions_of,
    read_examples,
    read_intents,
    with_words,
)
from finetune.linting import command_for, remarks
from finetune.progress import Watch
from finetune.reading import read
from finetune.serving import outcomes
from retrieval.encoder import Encoder
from retrieval.head import centred
from retrieval.passages import read_pages
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.pretrained import locate
from retrieval.release import load
from retrieval.shelf import Shelf
from retrieval.templates import read_templates

GATE_SHARE = 7  # without a held-out file every seventh question, by its hash, is kept for the gate
GATE_FROM = 8  # examples of an intent before the gate may take some away from it
OPERATOR = "operator"

# Curated examples that an operator's label counts for. It corrects a mistake, so two dozen examples beside it pull the
# other way: of 11 demo questions that were misread and labelled one by one, 4 were still not answered with weight 1, none
# with 1.5; 3 leaves room.
CORRECTION = 3.0


# What a visitor's lesson may not teach, and why: given what is trusted, the lessons, and who gave each.
Defence = Callable[[Sequence[Example], Sequence[Lesson], Sequence[str]], Sequence[str]]


class Locked(Exception):
    """Another retrain holds the lock."""


class DeskIncomplete(Exception):
    """The folder holds no examples to train on."""


@dataclass(frozen=True)
class Curriculum:
    """
    What a desk teaches tonight.

    `left_out` says in words what was not used; `gate` are questions that training never sees.
    """

    material: Material
    gate: Sequence[Example]
    lessons: Sequence[Lesson]
    left_out: Sequence[str]

    def manifest(self) -> dict[str, Any]:
        """Return what a Release of it says about its data: counts, a hash, and which messages taught what."""
        examples = self.material.examples
        rows = sorted(f"{e.intent}\t{e.text}\t{e.weight}" for e in examples)
        return {
            "examples": len(examples),
            "sha256": hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest(),
            "intents": dict(sorted(Counter(e.intent for e in examples).items())),
            "origins": dict(sorted(Counter(str(one.origin) for one in self.lessons).items())),
            "gate": len(self.gate),
            "lessons": [
                {
                    "message_id": one.message_id,
                    "intent": one.intent,
                    "origin": str(one.origin),
                    "weight": one.weight,
                }
                for one in self.lessons
            ],
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Night:
    """How a run ended. `outcome`: promoted, refused, unchanged, or would_promote in a dry run."""

    outcome: str
    champion: str
    challenger: str
    lessons: int
    seconds: float
    comparison: Comparison | None
    left_out: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        return {
            **{key: getattr(self, key) for key in ("outcome", "champion", "challenger", "lessons")},
            "seconds": round(self.seconds, 1),
            "left_out": list(self.left_out),
            "comparison": self.comparison.as_json() if self.comparison else None,
        }


def build_first(
    folder: Path, options: Options, *, clock: Callable[[], datetime], watch: Watch
) -> str:
    """Train a desk's first Release, make it the champion, and return its name."""
    _refuse_no_desk(folder)
    with locked(folder):
        taught = curriculum(folder, by_teacher(options, watch))
        built = build(taught.material, options, watch)
        shelf = Shelf(folder, clock)
        name = _shelve(shelf, lambda at: seal(built, at, options, taught.manifest()))
        shelf.promote(name)
        return name


def retrain(
    folder: Path,
    options: Options,
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
    watch: Watch,
) -> Night:
    """
    Build a challenger from the desk's examples and its log, and promote it if the gate lets it through.

    Raises:
        Locked: another run is at it.
        DeskIncomplete, ExamplesError, TemplateError, PageError: the desk's files cannot be trained on.
        ReleaseRefused: the champion is damaged.
    """
    begun = time.monotonic()
    _refuse_no_desk(folder)
    with locked(folder):
        shelf = Shelf(folder, clock)
        taught = curriculum(folder, by_teacher(options, watch))
        watch.say(_curriculum_line(taught))
        for line in _remarks(folder, options.encoder):
            watch.say(line)
        champion = load(shelf.champion.resolve()) if shelf.serving else None
        built = build(taught.material, options, watch)
        before = shelf.sealed()
        name = _shelve(shelf, lambda at: seal(built, at, options, taught.manifest()))
        comparison = None
        if champion and name != champion.hash:
            challenger = load(shelf.releases / name)
            comparison = compare(
                outcomes(champion, taught.gate, watch),
                outcomes(challenger, taught.gate, watch),
                options.risk,
            )
        outcome = _settle(shelf, name, comparison, dry_run)
        if outcome in {"refused", "would_promote"} and name not in before:
            shutil.rmtree(shelf.releases / name, ignore_errors=True)
        return Night(
            outcome=outcome,
            champion=champion.hash if champion else "",
            challenger=name,
            lessons=len(taught.lessons),
            seconds=time.monotonic() - begun,
            comparison=comparison,
            left_out=taught.left_out,
        )


def curriculum(folder: Path, defence: Defence) -> Curriculum:
    """Return what the desk's files and its log teach, without anything that the gate will ask."""
    _refuse_no_desk(folder)
    taught, visitors = _lessons(folder / "desk.db")
    gate, curated = _gate(folder, with_words(read_examples(folder / "examples.csv")), taught)
    accepted, left_out = _accepted(taught, curated, {normalised(e.text) for e in gate})
    learned, objected = _defended(accepted, visitors, _overruled(curated, accepted), defence)
    left_out += objected
    templates, intents = folder / "templates.jsonl", folder / "intents.csv"
    return Curriculum(
        material=Material(
            examples=[*_overruled(curated, learned), *map(_example, learned)],
            templates=read_templates(templates) if templates.is_file() else (),
            passages=read_pages(folder / "pages"),
            descriptions=read_intents(intents) if intents.is_file() else {},
        ),
        gate=gate,
        lessons=learned,
        left_out=left_out,
    )


def _refuse_no_desk(folder: Path) -> None:
    """Asked before anything is written, a lock file too."""
    if not (folder / "examples.csv").is_file():
        raise DeskIncomplete(
            f"there is no examples.csv in {folder}: make a desk with frontdesk init"
        )


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the right to train this desk; freed by the end of the process, however it ends."""
    descriptor = os.open(folder / "retrain.lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Locked(f"{folder} is being trained by another run; wait for it to end") from error
        yield
    finally:
        os.close(descriptor)


def _gate(
    folder: Path, curated: Sequence[Example], taught: Sequence[Lesson]
) -> tuple[list[Example], list[Example]]:
    """
    Return the gate's questions and the examples without them.

    An operator's word is meant to be learned: a question that one has labelled leaves the gate.
    """
    held_out = folder / "heldout.csv"
    settled = {normalised(o.text) for o in taught if o.origin == OPERATOR}
    if held_out.is_file():
        drawn = [e for e in read_examples(held_out) if normalised(e.text) not in settled]
    else:
        counts = Counter(e.intent for e in curated)
        drawn = [e for e in curated if counts[e.intent] >= GATE_FROM and _drawn(e.text)]
    asked = {normalised(e.text) for e in drawn}
    return drawn, [e for e in curated if normalised(e.text) not in asked]


def _drawn(text: str) -> bool:
    """The same every night, whatever else is in the file."""
    return hashlib.sha256(normalised(text).encode()).digest()[0] % GATE_SHARE == 0


def _lessons(database: Path) -> tuple[list[Lesson], dict[str, str]]:
    """Return what the log teaches, and the visitor of each conversation that teaches something."""
    if not database.is_file():
        return [], {}
    with Reader.open(database) as log:
        taught = lessons(log.events())
        found = {lesson.conversation_id: "" for lesson in taught}
        for conversation_id in found:
            visitor = log.visitor_of(conversation_id)
            found[conversation_id] = visitor.visitor_id if visitor else ""
    return taught, found


def _defended(
    accepted: Sequence[Lesson],
    visitors: Mapping[str, str],
    curated: Sequence[Example],
    defence: Defence,
) -> tuple[list[Lesson], list[str]]:
    """Return the lessons without those of visitors that are objected to, and in words why."""
    trusted = [*curated, *(_example(one) for one in accepted if one.origin == OPERATOR)]
    weak = [lesson for lesson in accepted if lesson.origin != OPERATOR]
    why = dict.fromkeys((lesson.message_id for lesson in accepted), "")
    if weak:
        said = defence(trusted, weak, [visitors[lesson.conversation_id] for lesson in weak])
        why |= {lesson.message_id: reason for lesson, reason in zip(weak, said, strict=True)}
    objected = [f"{message_id}: {reason}" for message_id, reason in why.items() if reason]
    return [lesson for lesson in accepted if not why[lesson.message_id]], objected


def by_teacher(options: Options, watch: Watch) -> Defence:
    """Return the defence by a teacher over the frozen encoder, which no visitor has taught."""

    def defence(
        trusted: Sequence[Example], weak: Sequence[Lesson], visitors: Sequence[str]
    ) -> list[str]:
        encoder = Encoder.load(locate(options.encoder, hub=options.hub))
        texts = [*(e.text for e in trusted), *(lesson.text for lesson in weak)]
        vectors = read(encoder, texts, "examples and visitors' messages", watch, fast=True)
        points = centred(vectors, vectors[: len(trusted)].mean(axis=0))
        teacher = Teacher.of(points[: len(trusted)], trusted)
        counted = Counter(e.intent for e in trusted)
        return objections(weak, points[len(trusted) :], visitors, teacher, counted)

    return defence


def _accepted(
    taught: Sequence[Lesson], curated: Sequence[Example], asked: set[str]
) -> tuple[list[Lesson], list[str]]:
    """Return the lessons that may teach, and in words those that may not."""
    known = {e.intent for e in curated} | {OUT_OF_SCOPE}
    fresh = {(le.intent, normalised(le.text)) for le in taught if le.intent not in known}
    texts = Counter(intent for intent, text in fresh if text not in asked)
    enough = {intent for intent, count in texts.items() if count >= FEWEST}
    accepted, left_out = [], []
    for lesson in taught:
        if normalised(lesson.text) in asked:
            left_out.append(f"{lesson.message_id}: its text is one of the gate's questions")
        elif lesson.intent not in known | enough:
            left_out.append(
                f"{lesson.message_id}: {lesson.intent!r} is a new intent with a single example"
            )
        else:
            accepted.append(lesson)
    return accepted, left_out


def _overruled(curated: Sequence[Example], learned: Sequence[Lesson]) -> list[Example]:
    """Return the curated examples without those whose very text an operator has since labelled otherwise."""
    words = {normalised(o.text): o.intent for o in learned if o.origin == OPERATOR}
    return [e for e in curated if words.get(normalised(e.text), e.intent) == e.intent]


def _example(lesson: Lesson) -> Example:
    trust = CORRECTION if lesson.origin == OPERATOR else 1.0
    return Example(lesson.text, lesson.intent, lesson.weight * trust)


def _shelve(shelf: Shelf, seal_at: Callable[[Path], str]) -> str:
    """Seal a Release on the shelf under its own name, which is known only once it is sealed."""
    shelf.releases.mkdir(exist_ok=True)
    scratch = shelf.releases / f".new-{os.getpid()}"
    try:
        name = seal_at(scratch)
        if (shelf.releases / name).exists():
            return name
        scratch.rename(shelf.releases / name)
        return name
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _settle(shelf: Shelf, name: str, comparison: Comparison | None, dry_run: bool) -> str:
    if name == shelf.serving:
        return "unchanged"
    passed = comparison is None or comparison.passed
    if passed and not dry_run:
        shelf.promote(name)
        return "promoted"
    return "would_promote" if passed else "refused"


def _curriculum_line(taught: Curriculum) -> str:
    origins = _counted([str(lesson.origin) for lesson in taught.lessons])
    return (
        f"{len(taught.material.examples):,} examples, {len(taught.lessons)} of them from the log"
        f"{f' ({origins})' if origins else ''}; {len(taught.gate):,} questions for the gate"
    )


def _remarks(folder: Path, encoder: str) -> Iterator[str]:
    """About the desk's own files, as the command that they name reads them; what the gate keeps counts too."""
    examples, templates = folder / "examples.csv", folder / "templates.jsonl"
    known = read_templates(templates) if templates.is_file() else ()
    command = command_for(examples, templates if known else None, encoder)
    return remarks([*read_examples(examples), *questions_of(known)], command)


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
