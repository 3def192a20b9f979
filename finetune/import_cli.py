"""The commands `import rasa`, `dialogflow` and `intents`. Apart from the commands that learn: they need no torch."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from finetune.examples import ExamplesError
from finetune.importing import Taken, take
from finetune.otherbots import dialogflow as of_dialogflow
from finetune.otherbots import rasa as of_rasa
from finetune.otherbots import table
from finetune.otherbots.found import Found, NoProject
from retrieval.templates import TemplateError

SHOWN = 20  # of what was left out; all of it is in --json

desk_option = click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The desk's folder.  [default: here]",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print what was done on stdout as JSON."
)
source_argument = click.argument(
    "source", metavar="FILE", type=click.Path(exists=True, path_type=Path)
)


def _project(name: str, read: Callable[[Path], Found], what: str) -> click.Command:
    @click.command(name, help=what)
    @desk_option
    @json_option
    @source_argument
    def command(source: Path, desk: Path, as_json: bool) -> None:
        _take(desk, lambda: read(source), as_json)

    return command


rasa = _project(
    "rasa",
    of_rasa.read,
    "Take in the examples and answers of a Rasa project: FILE is a YAML file or the project's folder.",
)
dialogflow = _project(
    "dialogflow",
    of_dialogflow.read,
    "Take in the phrases and answers of a Dialogflow agent (ES): FILE is the exported zip, or what was in it.",
)


@click.command()
@desk_option
@json_option
@click.option("--text", default="text", show_default=True, help="The column of the texts.")
@click.option("--intent", default="intent", show_default=True, help="The column of the intents.")
@source_argument
def intents(source: Path, desk: Path, text: str, intent: str, as_json: bool) -> None:
    """
    Take in labelled texts: FILE is CSV or JSONL; an empty intent means out of scope.

    Example: frontdesk import intents labels.csv --text utterance --intent label --desk shop
    """
    _take(desk, lambda: table.read(source, text, intent), as_json)


def _take(desk: Path, read: Callable[[], Found], as_json: bool) -> None:
    try:
        taken = take(desk, read())
    except (NoProject, ExamplesError, TemplateError) as error:
        raise click.ClickException(f"{error}.") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or desk}: {error.strerror}.") from error
    if as_json:
        click.echo(json.dumps(asdict(taken), ensure_ascii=False))
    else:
        _tell(taken, desk)


def _tell(taken: Taken, desk: Path) -> None:
    for reason in taken.left_out[:SHOWN]:
        click.echo(f"  left out: {reason}", err=True)
    if len(taken.left_out) > SHOWN:
        click.echo(f"  and {len(taken.left_out) - SHOWN} more, all in --json", err=True)
    click.echo(
        f"{taken.examples:,} examples added, {taken.intents} intents new among them; {taken.known:,} were there already; "
        f"{taken.answers} answers added.",
        err=True,
    )
    if taken.examples or taken.answers:
        click.echo(f"Look them over, then: frontdesk retrain --desk {desk}", err=True)
