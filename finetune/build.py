"""From examples, templates and pages to a sealed Release."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from finetune import doubts, thresholds
from finetune.crossfit import Drawn, Judged, hearing
from finetune.directions import directions
from finetune.evaluation import Evaluation, Outcome, evaluate
from finetune.examples import (
    Example,
    ExamplesError,
    distinct,
    normalised,
    questions_of,
    refuse_unteachable,
    with_words,
)
from finetune.figures import calibration_curve
from finetune.headings import headings_course, with_headings
from finetune.knowing import unanswered
from finetune.languages import desk_languages, languages_of, main_language
from finetune.moods import ear, wanted
from finetune.names import hints
from finetune.progress import Nobody, Watch
from finetune.reading import base_model, read
from finetune.regimes import Trial, choose, with_helpful_hints
from finetune.reports import model_card
from finetune.telling_apart import with_head
from finetune.unseen import UNSEEN, record
from finetune.ways import Learned, Start, Way, learn
from retrieval.calibration import Calibration, Doubles1d
from retrieval.centre import Centre
from retrieval.dataset import DATASET
from retrieval.encoder import Encoder
from retrieval.knowledge import Pages
from retrieval.languages import UNKNOWN
from retrieval.mood import Ear
from retrieval.passages import Passage
from retrieval.prediction import OUT_OF_SCOPE, Floats2d, Verdict
from retrieval.pretrained import DEFAULT
from retrieval.release import Contents
from retrieval.sealing import write
from retrieval.templates import Template, live, titles_given, titles_of
from retrieval.words import Words


@dataclass(frozen=True, slots=True)
class Options:
    """What the owner may choose. `risk`: the share of given answers that may be wrong."""

    encoder: str = DEFAULT
    risk: float = 0.05
    fast: bool = False
    search: float = 0.0  # minutes
    seed: int = 0
    hub: bool = False
    rank: int = 0  # of what fine-tuning adds to the layers; 0: they learn themselves


@dataclass(frozen=True)
class Material:
    """What a Release is built from."""

    examples: Sequence[Example]
    templates: Sequence[Template] = ()
    passages: Sequence[Passage] = ()
    unlabelled: Sequence[str] = ()  # past messages, of which some are probably in scope
    descriptions: Mapping[str, str] = field(
        default_factory=dict
    )  # of intents, also of ones without examples
    drawn: Drawn = field(default_factory=Drawn)
    kept_back: Collection[str] = frozenset()  # normalised texts that the gate asks


@dataclass(frozen=True)
class Built:
    """A Release not yet sealed, and how good it was on texts it had not seen."""

    contents: Contents
    evaluation: Evaluation
    trials: Sequence[Trial]
    unseen: bytes  # what was said of each of those texts; see `finetune.unseen`
    suspects: bytes  # labels that are probably wrong; see `finetune.doubts`


def build(material: Material, options: Options, watch: Watch | None = None) -> Built:
    """
    Learn from the material.

    Raises:
        ExamplesError: the examples cannot be trained on.
        EncoderUnavailable: the encoder named by the options.
    """
    watch = watch or Nobody()
    material = replace(material, templates=_live(material.templates, watch))
    examples = _teaching(material, watch)
    refuse_unteachable(examples, material.descriptions)
    known = {e.intent for e in examples} | set(material.descriptions)
    _refuse_strangers(material.templates, known)
    called = hints(known, titles_given(material.templates), material.descriptions)
    spoken = desk_languages([example.text for example in examples])
    encoder = base_model(options.encoder, hub=options.hub)
    start = _start(encoder, [*examples, *called], material.unlabelled, spoken, options.seed, watch)
    suspects = doubts.record(start.examples, start.points)
    if count := suspects.count(b"\n"):
        watch.say(f"  labels that are probably wrong: {count}, see the console's review")
    start = with_helpful_hints(start, watch)
    if not options.fast:
        start = with_headings(start, material.passages, material.kept_back, watch)
    trials = choose(start, fast=options.fast, search=options.search, rank=options.rank, watch=watch)
    for trial in trials:
        watch.say(_trial_line(trial))
    learned = learn(start, np.arange(len(start.examples)), trials[0].way, watch)
    code = main_language([p.text for p in material.passages] or [e.text for e in examples])
    places = _Places(learned, start, code)
    pages = Pages.of(material.passages, code, places.of, places.words)
    headings = headings_course(pages.passages, pages.asked_points, pages.points)
    pages = replace(pages, headings=headings.head() if headings else None)
    judged = hearing(trials[0].judged, material.drawn)
    languages = languages_of([start.examples[row].text for row in judged.rows], spoken)
    unseen = thresholds.unseen_confidence(judged)
    unanswered_by_pages = unanswered(learned, start.examples, pages, code)
    calibration = thresholds.fit(judged, unseen, unanswered_by_pages, options.risk, languages)
    for language, statement in _promises(calibration).items():
        watch.say(f"  thresholds{f' in {language}' if language else ''}: {statement}")
    questions = [q for t in material.templates for q in t.questions]
    answers = with_head(
        material.templates, places.of(questions), start.examples, learned.points, code
    )
    moods = None
    if wanted([code, *languages]):
        moods = ear(places.of)
        watch.say(f"  moods: {_heard(moods)}")
    contents = Contents(
        encoder=learned.encoder,
        centre=start.centre,
        head=learned.head,
        calibration=calibration,
        titles=titles_of(material.templates, sorted(known - {OUT_OF_SCOPE})),
        examples=[(e.text, e.intent) for e in start.examples],
        example_points=learned.points,
        answers=answers,
        pages=pages,
        language=code,
        moods=moods,
    )
    told = _told(judged, unseen, calibration, languages)
    kept = record([start.examples[row] for row in judged.rows], told)
    return Built(contents, evaluate(told), trials, kept, suspects)


def seal(
    built: Built, folder: Path, options: Options, dataset: Mapping[str, Any] | None = None
) -> str:
    """
    Write the Release with its report, picture and card; return its name.

    Args:
        dataset: what it learned from, where that is more than a file.
    """
    picture = calibration_curve(built.evaluation, "How sure, how often right")
    return write(
        built.contents,
        folder,
        {
            "report.json": _json(_report(built, options)),
            "calibration.png": picture,
            UNSEEN: built.unseen,
            doubts.SUSPECTS: built.suspects,
            "README.md": model_card(_report(built, options), built.evaluation).encode(),
            **({DATASET: _json(dataset)} if dataset else {}),
        },
    )


def _teaching(material: Material, watch: Watch) -> list[Example]:
    """The examples, and the templates' own questions, which are examples of their intents."""
    worded = with_words(material.examples)
    if lost := len(material.examples) - len(worded):
        watch.say(f"  left out: {lost} of the examples, which have no text")
    return distinct([*worded, *questions_of(material.templates)])


def _live(templates: Sequence[Template], watch: Watch) -> tuple[Template, ...]:
    """Leave out what is only a draft, which nobody vouches for, or approved and not yet to be given."""
    given = live(templates)
    if waiting := len(templates) - len(given):
        watch.say(f"  left out: {waiting} templates, until their state is live")
    return given


def _refuse_strangers(templates: Sequence[Template], known: Collection[str]) -> None:
    for template in templates:
        if template.intent not in known:
            raise ExamplesError(
                f"template {template.id!r} answers the intent {template.intent!r}, of which there is no example"
            )


def _start(
    encoder: Encoder,
    examples: Sequence[Example],
    unlabelled: Sequence[str],
    spoken: Sequence[str],
    seed: int,
    watch: Watch,
) -> Start:
    messages = _unknown(unlabelled, examples)
    known = read(encoder, [e.text for e in examples], "examples", watch)
    heard = read(encoder, messages, "messages", watch, fast=True) if messages else known[:0]
    centre = Centre.of(np.vstack([known, heard]), _directions(examples, known, spoken))
    points, message_points = centre.points(known), centre.points(heard)
    return Start(encoder, centre, points, examples, seed, messages, message_points)


def _directions(examples: Sequence[Example], vectors: Floats2d, spoken: Sequence[str]) -> Floats2d:
    languages = languages_of([e.text for e in examples], spoken)
    return directions([e.intent for e in examples], languages, vectors)


def _unknown(messages: Sequence[str], examples: Sequence[Example]) -> list[str]:
    """Return the messages once each, without those that are examples: a text must not be guessed and judged."""
    seen = {normalised(e.text) for e in examples}
    fresh = {normalised(text): text for text in reversed(messages)}
    return [text for key, text in reversed(fresh.items()) if key and key not in seen]


class _Places:
    """Where texts lie; what was read once, as the examples were, is not read again. Words come with their texts' places, so they are asked for first."""

    def __init__(self, learned: Learned, start: Start, language: str) -> None:
        self._encoder = learned.encoder
        self._centre = start.centre
        self._language = language
        texts = [example.text for example in start.examples]
        self._points = dict(zip(texts, learned.points, strict=True))

    def of(self, texts: Sequence[str]) -> Floats2d:
        """Return (n, dim)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._points]
        if new:
            self._keep(new, self._encoder.encode(new))
        points = [self._points[text] for text in texts]
        return np.stack(points) if points else np.zeros((0, self._encoder.dim), np.float32)

    def words(self, texts: Sequence[str]) -> Sequence[Words]:
        """Return the words of each text, with where they lie."""
        vectors, words = self._encoder.read(texts, self._language)
        self._keep(texts, vectors)
        return words

    def _keep(self, texts: Sequence[str], vectors: Floats2d) -> None:
        self._points |= zip(texts, self._centre.points(vectors), strict=True)


def _heard(moods: Ear) -> str:
    """Return how often moods are heard rightly, for whoever watches."""
    each = (f"{name} {m.right} of {m.n}" for name, m in moods.measured.items())
    return f"right about {', '.join(each)} held-out messages"


def _promises(calibration: Calibration) -> dict[str, str]:
    """Return what is promised for all messages, under no language, and in each language with thresholds of its own."""
    own = {code: fitted.statement for code, fitted in calibration.languages.items()}
    return {UNKNOWN: calibration.thresholds.statement, **own}


def _told(
    judged: Judged, unseen: Doubles1d, calibration: Calibration, languages: Sequence[str]
) -> list[Outcome]:
    """Return what was said of the texts that were judged before they were learned."""
    fitted = [calibration.thresholds_for(code) for code in languages or [UNKNOWN] * len(unseen)]
    rows = zip(judged.truth, judged.best, unseen, fitted, strict=True)
    return [
        Outcome(str(truth), str(best), float(c), by.verdict(float(c)) is Verdict.CONFIDENT)
        for truth, best, c, by in rows
    ]


def _report(built: Built, options: Options) -> dict[str, Any]:
    winner = built.trials[0]
    examples = built.contents.examples
    return {
        "regime": winner.way.regime,
        "plan": _plan(winner.way),
        "options": asdict(options),
        "examples": len(examples),
        "out_of_scope_examples": sum(intent == OUT_OF_SCOPE for _, intent in examples),
        "intents": len(built.contents.titles),
        "templates": len(built.contents.answers.templates),
        "passages": len(built.contents.pages.passages),
        "promises": _promises(built.contents.calibration),
        "trials": [
            {
                "regime": t.way.regime,
                "plan": _plan(t.way),
                "log_loss": round(t.loss, 6),
                "accuracy": round(t.accuracy, 6),
            }
            for t in built.trials
        ],
        "validation": built.evaluation.as_json(),
    }


def _plan(way: Way) -> dict[str, Any] | None:
    return asdict(way.plan) if way.plan else None


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _trial_line(trial: Trial) -> str:
    return (
        f"  {trial.way.regime}: log-loss {trial.loss:.4f}, "
        f"{trial.accuracy:.1%} right on unseen examples"
    )
