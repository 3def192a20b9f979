"""The night's work: what the log taught, a challenger, and how it compares with the champion."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from conversations.events import Visitor
from conversations.labels import Lesson
from finetune import comparison
from finetune.answers import learned
from finetune.best import Best
from finetune.build import Built, Options, build, seal
from finetune.comparison import Comparison, Section
from finetune.curriculum import Curriculum, Defence, curriculum
from finetune.defence import Teacher, objections
from finetune.evaluation import Outcome
from finetune.examples import (
    Example,
    questions_of,
    read_examples,
)
from finetune.languages import desk_languages, languages_of
from finetune.linting import command_for, remarks
from finetune.night import Contest, retrain
from finetune.progress import Watch
from finetune.reading import base_model, read
from finetune.serving import outcomes
from finetune.unfinished import Sealed, forget, key_of, last_sealed, note, promoted
from finetune.unseen import on_both
from retrieval.centre import centred
from retrieval.dataset import intents_of_the_log
from retrieval.manifest import ReleaseRefused
from retrieval.release import Release
from retrieval.sealing import load
from retrieval.shelf import Shelf
from retrieval.template_files import read_templates


def build_first(
    folder: Path, options: Options, *, clock: Callable[[], datetime], watch: Watch
) -> str:
    """Train a desk's first Release, make it the champion, and return its name."""
    night = retrain(
        folder, lambda: contest(folder, options, clock, watch), dry_run=False, clock=clock
    )
    return night.challenger


def contest(
    folder: Path,
    options: Options,
    clock: Callable[[], datetime],
    watch: Watch,
    *,
    relabelled: bool = False,
) -> Contest:
    """
    Seal a challenger of the desk's examples and its log on the shelf, and compare it with the champion.

    One that a killed run sealed of the same material is taken up instead of made again.

    Args:
        relabelled: labels were changed, or intents taken out, on purpose.

    Raises:
        DeskIncomplete, ExamplesError, TemplateError, PageError: the desk's files cannot be trained on.
        LogError: the log cannot be read.
        EncoderUnavailable: the base model.
        ReleaseRefused: the champion is damaged, or the disk is full.
    """
    shelf = Shelf(folder, clock)
    taught = curriculum(folder, by_teacher(options, watch), clock())
    watch.say(_curriculum_line(taught))
    for line in _remarks(folder, options.encoder):
        watch.say(line)
    champion = _champion(shelf)
    made = _challenger(shelf, taught, options, watch)
    best, compared = Best(), None
    if champion and made.name != champion.hash:
        challenger = load(shelf.releases / made.name)
        best, sections = _asked(shelf, champion, challenger, taught, options, watch)
        sections += _unseen(shelf, made.name, taught, options)
        if not relabelled:
            sections.append(_labels(champion, intents_of_the_log(shelf.champion), taught))
        compared = Comparison(tuple(sections))
    return Contest(
        champion=champion.hash if champion else "",
        challenger=made.name,
        lessons=len(taught.lessons),
        ours=made.ours,
        resumed=made.resumed,
        left_out=list(taught.left_out),
        waiting=len(taught.fresh),
        comparison=compared.as_json() if compared else None,
        best=best.as_json(),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A challenger on the shelf: whether this run or an unfinished one put it there, and whether it was there before."""

    name: str
    ours: bool
    resumed: bool


def _challenger(shelf: Shelf, taught: Curriculum, options: Options, watch: Watch) -> _Made:
    before, last = shelf.sealed(), last_sealed(shelf.folder)
    key = key_of(taught.material, options, taught.manifest())
    if last.key == key and last.release in before:
        watch.say(
            f"  taken up: Release {last.release} was made of the very same, and is not made again"
        )
        return _Made(last.release, ours=last.release not in promoted(shelf), resumed=True)
    forget(shelf, last)
    built = build(taught.material, options, watch)
    name = _shelve(shelf, lambda at: seal(built, at, options, _dataset(taught, built)))
    note(shelf.folder, Sealed(key, name))
    return _Made(name, ours=name not in before, resumed=False)


def _champion(shelf: Shelf) -> Release | None:
    if not shelf.serving:
        return None
    try:
        return load(shelf.champion.resolve())
    except ReleaseRefused as error:
        raise ReleaseRefused(
            f"{error}; go back to an earlier one with frontdesk releases rollback, or take the link "
            f"{shelf.champion} away to begin anew"
        ) from error


def _asked(
    shelf: Shelf,
    champion: Release,
    challenger: Release,
    taught: Curriculum,
    options: Options,
    watch: Watch,
) -> tuple[Best, list[Section]]:
    """Return the best champion up to now, and what both make of the three sets of questions."""

    def both(questions: Sequence[Example]) -> tuple[list[Outcome], list[Outcome]]:
        if not questions:
            return [], []
        return outcomes(champion, questions, watch), outcomes(challenger, questions, watch)

    examples = taught.material.examples
    spoken = desk_languages([e.text for e in examples])
    written = languages_of([q.text for q in taught.gate], spoken)
    gate = both(taught.gate)
    best = Best.read(shelf.folder).or_better(champion.hash, taught.gate, gate[0])
    return best, [
        comparison.frozen(*gate, options.risk, written, best.on(taught.gate)),
        comparison.regression(*both(taught.regression)),
        comparison.fresh(*both(taught.fresh), options.risk),
    ]


def _unseen(shelf: Shelf, challenger: str, taught: Curriculum, options: Options) -> list[Section]:
    """Return what both had made of the examples before they learned them, where few questions were put aside."""
    if len(taught.gate) >= comparison.FEW:
        return []
    both = on_both(shelf.champion.resolve(), shelf.releases / challenger)
    return [comparison.unseen(*both, options.risk)]


def _labels(champion: Release, withdrawable: Collection[str], taught: Curriculum) -> Section:
    """Return what tonight's labels say about the texts that the champion learned."""
    material = taught.material
    tonight = [*material.examples, *questions_of(material.templates), *taught.gate, *taught.fresh]
    described = [("", intent) for intent in material.descriptions]
    rows = [*((e.text, e.intent) for e in tonight), *described]
    return comparison.labels(champion.examples, rows, withdrawable)


def by_teacher(options: Options, watch: Watch) -> Defence:
    """Return the defence by a teacher over the frozen encoder, which no visitor has taught."""

    def defence(
        trusted: Sequence[Example], weak: Sequence[Lesson], visitors: Sequence[Visitor]
    ) -> list[str]:
        encoder = base_model(options.encoder, hub=options.hub)
        texts = [*(e.text for e in trusted), *(lesson.text for lesson in weak)]
        vectors = read(encoder, texts, "examples and visitors' messages", watch, fast=True)
        points = centred(vectors, vectors[: len(trusted)].mean(axis=0))
        teacher = Teacher.of(points[: len(trusted)], trusted)
        return objections(weak, points[len(trusted) :], visitors, teacher, trusted)

    return defence


def _dataset(taught: Curriculum, built: Built) -> dict[str, Any]:
    """Return what a Release says about its data, and what of it it has really learned."""
    release = Release("", built.contents)
    return {
        **taught.manifest(),
        "learned": learned(release, [*taught.answers, *taught.corrections], taught.lessons),
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


def _curriculum_line(taught: Curriculum) -> str:
    origins = _counted([str(lesson.origin) for lesson in taught.lessons])
    answers = f", {len(taught.answers)} taught answers" if taught.answers else ""
    asked = {
        "held-out": taught.gate,
        "once wrong": taught.regression,
        "of these days": taught.fresh,
    }
    sets = ", ".join(f"{len(questions):,} {what}" for what, questions in asked.items())
    return (
        f"{len(taught.material.examples):,} examples, {len(taught.lessons)} of them from the log"
        f"{f' ({origins})' if origins else ''}{answers}; questions for the gate: {sets}"
    )


def _remarks(folder: Path, encoder: str) -> Iterator[str]:
    """About the desk's own files, as the command that they name reads them; what the gate keeps counts too."""
    examples, templates = folder / "examples.csv", folder / "templates.jsonl"
    known = read_templates(templates) if templates.is_file() else ()
    command = command_for(examples, templates if known else None, encoder)
    return remarks([*read_examples(examples), *questions_of(known)], command)


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
