"""The command `import`. Apart from the commands that learn: it needs no torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from finetune.examples import ExamplesError
from finetune.importing import Taken, take
from finetune.otherbots import dialogflow, rasa, table
from finetune.otherbots.found import Found, NoProject
from retrieval.templates import TemplateError

READERS: Mapping[str, Callable[[Path], Found]] = {
    "rasa": rasa.read,
    "dialogflow": dialogflow.read,
}
SHOWN = 20  # of what was left out; all of it is in --json


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice([*READERS, "intents"]))
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The desk's folder.  [default: here]",
)
@click.option("--text", default="text", show_default=True, help="For intents: the column of texts.")
@click.option(
    "--intent", default="intent", show_default=True, help="For intents: the column of intents."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done on stdout as JSON.")
def import_(form: str, source: Path, desk: Path, text: str, intent: str, as_json: bool) -> None:
    """
    Take another bot's training data into a desk: its examples, and its answers where an intent has none yet.

    \b
    rasa        a YAML file or the project's folder
    dialogflow  an exported agent (ES), zip or folder
    intents     CSV or JSONL with a column of texts and one of intents; an empty intent means out of scope

    Doing it twice adds nothing. What cannot be taken is named with its place, and the rest is taken.

    Example: frontdesk import dialogflow agent.zip --desk shop
    """
    try:
        found = table.read(source, text, intent) if form == "intents" else READERS[form](source)
        taken = take(desk, found)
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
