"""The commands that learn: lint, train, predict, evaluate, retrain. Data on stdout, people on stderr."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from conversations.errors import LogError
from finetune.build import Material, Options, build, seal
from finetune.curriculum import DeskIncomplete
from finetune.evaluation import evaluate as evaluate_outcomes
from finetune.examples import ExamplesError, questions_of, read_examples, read_intents, read_texts
from finetune.findings import report
from finetune.linting import command_for, remarks
from finetune.linting import lint as look_over
from finetune.mining.errors import MiningError
from finetune.nightly import Locked, Night
from finetune.nightly import retrain as run_night
from finetune.progress import Nobody, People, Watch
from finetune.reports import summary
from finetune.serving import outcomes, predict_file, refuse_unknown
from retrieval.encoder import Encoder
from retrieval.manifest import ReleaseRefused, refuse_occupied
from retrieval.passages import PageError, read_pages
from retrieval.pretrained import EncoderUnavailable, locate
from retrieval.release import load
from retrieval.shelf import ShelfError
from retrieval.templates import TemplateError, read_templates

ERROR, REFUSED, LOCKED = 1, 3, 4  # exit codes; 2 is click's own, for usage

EXPECTED = (
    ExamplesError,
    TemplateError,
    PageError,
    EncoderUnavailable,
    ReleaseRefused,
    ShelfError,
    DeskIncomplete,
    MiningError,
    LogError,
)

P = ParamSpec("P")


def one_sentence(command: Callable[P, None]) -> Callable[P, None]:
    """Say what was expected to go wrong in one sentence, without a traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except EXPECTED as error:
            raise click.ClickException(_sentence(str(error))) from error
        except Locked as error:
            click.echo(f"Error: {_sentence(str(error))}", err=True)
            raise SystemExit(LOCKED) from error
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{place}{error.strerror or error}.") from error

    return guarded


existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("examples", type=existing)
@click.option("--templates", type=existing, help="Answer templates; their questions teach too.")
@click.option(
    "--encoder",
    default="english",
    show_default=True,
    help="english, a folder, or a hub id (with FRONTDESK_HUB=1).",
)
@click.option("--json", "as_json", is_flag=True, help="Print all findings on stdout as JSON.")
@one_sentence
def lint(examples: Path, templates: Path | None, encoder: str, as_json: bool) -> None:
    """
    Look EXAMPLES over before training: texts under two intents, intents that are mixed up, labels that look wrong,
    intents with too few examples; each with its place and a way out.

    Nothing is changed, and findings are advice: the exit code is 0 with and without them.

    Example: frontdesk lint examples.csv --templates templates.jsonl
    """
    watch = People()
    rows = read_examples(examples)
    rows += questions_of(read_templates(templates)) if templates else []
    found = look_over(rows, Encoder.load(locate(encoder, hub=_hub())), watch)
    if as_json:
        click.echo(json.dumps({"examples": len(rows), "findings": [f.as_json() for f in found]}))
    elif found:
        click.echo(report(found))
    else:
        click.echo(f"Nothing to improve was found in {len(rows):,} examples.")


@click.command()
@click.argument("examples", type=existing, required=False)
@click.option(
    "--release",
    type=click.Path(path_type=Path),
    required=True,
    help="The Release's own folder, written whole or not at all.",
)
@click.option("--templates", type=existing, help="Answer templates, JSONL or CSV.")
@click.option(
    "--pages",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of knowledge pages in Markdown.",
)
@click.option(
    "--intents",
    type=existing,
    help="What intents are about: intent,description; their examples may be missing.",
)
@click.option("--unlabelled", type=existing, help="Past messages without labels, column text.")
@click.option(
    "--encoder",
    default="english",
    show_default=True,
    help="english, a folder, or a hub id (with FRONTDESK_HUB=1).",
)
@click.option(
    "--risk",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Share of given answers that may be wrong.",
)
@click.option("--fast", is_flag=True, help="Keep the encoder as it is: under a minute.")
@click.option(
    "--search",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="MINUTES",
    help="Try further ways to fine-tune for so long; how many there is time for is chance, so the seed alone does not repeat it.",
)
@click.option(
    "--lora",
    "rank",
    type=click.IntRange(min=0),
    default=0,
    metavar="RANK",
    help="Fine-tune by additions of this rank (16 is usual) instead of the layers themselves.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report on stdout as JSON.")
@one_sentence
def train(
    examples: Path | None,
    release: Path,
    templates: Path | None,
    pages: Path | None,
    intents: Path | None,
    unlabelled: Path | None,
    encoder: str,
    risk: float,
    fast: bool,
    search: float,
    rank: int,
    seed: int,
    as_json: bool,
) -> None:
    """
    Train a Release from EXAMPLES (CSV or JSONL with text,intent; an empty intent is out of scope).

    With --intents there need be no EXAMPLES yet; the bot then asks back before it answers.

    Example: frontdesk train examples.csv --release release --risk 0.03
    """
    watch = People()
    refuse_occupied(release)
    if not (examples or intents):
        raise ExamplesError(
            "give EXAMPLES to learn from, or say what the intents are with --intents FILE"
        )
    material = Material(
        examples=read_examples(examples) if examples else (),
        templates=read_templates(templates) if templates else (),
        passages=read_pages(pages) if pages else (),
        unlabelled=read_texts(unlabelled) if unlabelled else (),
        descriptions=read_intents(intents) if intents else {},
    )
    options = Options(encoder, risk, fast, search, seed, _hub(), rank)
    teaching = [*material.examples, *questions_of(material.templates)]
    if examples:
        for line in remarks(teaching, command_for(examples, templates, encoder)):
            watch.say(line)
    built = build(material, options, watch)
    name = seal(built, release, options)
    watch.say(f"Release {name} is in {release}; its report is {release / 'README.md'}.")
    if as_json:
        click.echo(json.dumps({"release": name, "validation": built.evaluation.as_json()}))


@click.command()
@click.argument("source", metavar="INPUT", type=existing)
@click.option("--release", type=click.Path(path_type=Path), required=True, help="A sealed Release.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV to write."
)
@one_sentence
def predict(source: Path, release: Path, output: Path) -> None:
    """
    Read the column text of INPUT and write OUTPUT with predicted, confidence and answered added.

    Example: frontdesk predict --release release questions.csv --output answers.csv
    """
    watch = People()
    count = predict_file(load(release), source, output, watch)
    watch.say(f"{count:,} predictions are in {output}.")


@click.command()
@click.argument("test", type=existing)
@click.option("--release", type=click.Path(path_type=Path), required=True, help="A sealed Release.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure on stdout as JSON.")
@one_sentence
def evaluate(test: Path, release: Path, as_json: bool) -> None:
    """
    Measure a Release on TEST (text,intent): accuracy, per intent, calibration, coverage and risk.

    Example: frontdesk evaluate --release release heldout.csv --json
    """
    questions = read_examples(test)
    loaded = load(release)
    refuse_unknown(loaded, questions)
    measured = evaluate_outcomes(outcomes(loaded, questions, Nobody() if as_json else People()))
    if as_json:
        click.echo(json.dumps({"release": loaded.hash, **measured.as_json()}))
    else:
        click.echo(f"Release              {loaded.hash}\n{summary(measured)}")


@click.command()
@click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The desk's folder.  [default: here]",
)
@click.option("--dry-run", is_flag=True, help="Do everything but promote.")
@click.option("--fast", is_flag=True, help="Keep the encoder as it is: under a minute.")
@click.option(
    "--risk",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
)
@click.option("--encoder", default="english", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print how the run ended on stdout as JSON.")
@one_sentence
def retrain(
    desk: Path, dry_run: bool, fast: bool, risk: float, encoder: str, seed: int, as_json: bool
) -> None:
    """
    Learn from the desk's log, compare with the champion on held-out questions, promote or refuse (exit 3).

    Example, every night from a timer: frontdesk retrain --desk /srv/frontdesk
    """
    watch = People()
    options = Options(encoder, risk, fast, seed=seed, hub=_hub())
    night = run_night(desk, options, dry_run=dry_run, clock=lambda: datetime.now(UTC), watch=watch)
    _tell(night, watch)
    if as_json:
        click.echo(json.dumps(night.as_json()))
    if night.outcome == "refused":
        raise SystemExit(REFUSED)


def _hub() -> bool:
    return os.environ.get("FRONTDESK_HUB") == "1"


def _tell(night: Night, watch: Watch) -> None:
    for check in night.comparison.checks if night.comparison else ():
        watch.say(f"  {'passed' if check.passed else 'FAILED'}: {check.sentence}")
    for reason in night.left_out:
        watch.say(f"  left out: {reason}")
    watch.say(
        {
            "promoted": f"Release {night.challenger} is the champion now.",
            "would_promote": f"Release {night.challenger} passed the gate; nothing was changed (dry run).",
            "unchanged": f"Nothing new was taught; Release {night.champion} stays.",
            "refused": f"Refused: the challenger is worse; Release {night.champion} stays the champion.",
        }[night.outcome]
    )


def _sentence(text: str) -> str:
    """Return the text with a full stop. It gets no capital: it may begin with the name of a file."""
    return text + ("" if text.endswith((".", "!", "?")) else ".")
