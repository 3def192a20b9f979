"""
The nightly run: what the log taught, a challenger, the gate, and the champion's link moved or left alone.

Nothing of the desk changes before the gate has passed, and then by one rename; a run that is killed leaves the
champion serving.

Locked    another run is at it
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from conversations.labels import Lesson
from finetune.answers import learned
from finetune.build import Built, Options, build, seal
from finetune.comparison import Comparison, compare
from finetune.curriculum import Curriculum, Defence, curriculum, refuse_no_desk
from finetune.defence import Teacher, objections
from finetune.examples import (
    Example,
    questions_of,
    read_examples,
)
from finetune.linting import command_for, remarks
from finetune.progress import Watch
from finetune.reading import read
from finetune.serving import outcomes
from retrieval.encoder import Encoder
from retrieval.head import centred
from retrieval.pretrained import locate
from retrieval.release import Release, load
from retrieval.shelf import Shelf
from retrieval.templates import read_templates


class Locked(Exception):
    """Another retrain holds the lock."""


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
    refuse_no_desk(folder)
    with locked(folder):
        taught = curriculum(folder, by_teacher(options, watch))
        built = build(taught.material, options, watch)
        shelf = Shelf(folder, clock)
        name = _shelve(shelf, lambda at: seal(built, at, options, _dataset(taught, built)))
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
    refuse_no_desk(folder)
    with locked(folder):
        shelf = Shelf(folder, clock)
        taught = curriculum(folder, by_teacher(options, watch))
        watch.say(_curriculum_line(taught))
        for line in _remarks(folder, options.encoder):
            watch.say(line)
        champion = load(shelf.champion.resolve()) if shelf.serving else None
        built = build(taught.material, options, watch)
        before = shelf.sealed()
        name = _shelve(shelf, lambda at: seal(built, at, options, _dataset(taught, built)))
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


def _dataset(taught: Curriculum, built: Built) -> dict[str, Any]:
    """Return what a Release says about its data, and what of it it has really learned."""
    release = Release("", built.contents)
    return {
        **taught.manifest(),
        "learned": learned(release, taught.answers, taught.lessons),
    }


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
    answers = f", {len(taught.answers)} taught answers" if taught.answers else ""
    return (
        f"{len(taught.material.examples):,} examples, {len(taught.lessons)} of them from the log"
        f"{f' ({origins})' if origins else ''}{answers}; {len(taught.gate):,} questions for the gate"
    )


def _remarks(folder: Path, encoder: str) -> Iterator[str]:
    """About the desk's own files, as the command that they name reads them; what the gate keeps counts too."""
    examples, templates = folder / "examples.csv", folder / "templates.jsonl"
    known = read_templates(templates) if templates.is_file() else ()
    command = command_for(examples, templates if known else None, encoder)
    return remarks([*read_examples(examples), *questions_of(known)], command)


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
