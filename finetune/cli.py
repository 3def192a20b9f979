"""The commands that learn: lint, train, predict, evaluate. Data on stdout, people on stderr."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from finetune.build import Material, Options, build, seal
from finetune.ending import endings
from finetune.evaluation import evaluate as evaluate_outcomes
from finetune.examples import ExamplesError, questions_of, read_examples, read_intents, read_texts
from finetune.findings import report
from finetune.linting import command_for, remarks
from finetune.linting import lint as look_over
from finetune.progress import Nobody, People
from finetune.reading import base_model
from finetune.reports import summary
from finetune.sentences import one_sentence
from finetune.serving import outcomes, predict_file, refuse_unknown
from retrieval.manifest import refuse_occupied
from retrieval.passages import read_pages
from retrieval.pretrained import DEFAULT, NAMES, hub_allowed
from retrieval.sealing import load
from retrieval.template_files import read_templates

existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("examples", type=existing)
@click.option("--templates", type=existing, help="Answer templates; their questions teach too.")
@click.option(
    "--encoder",
    default=DEFAULT,
    show_default=True,
    help=NAMES,
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
    answers = read_templates(templates) if templates else ()
    rows += questions_of(answers)
    found = look_over(rows, base_model(encoder, hub=hub_allowed()), watch)
    found += tuple(endings(answers, datetime.now(UTC).date()))
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
    default=DEFAULT,
    show_default=True,
    help=NAMES,
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
    options = Options(encoder, risk, fast, search, seed, hub_allowed(), rank)
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
