"""The command `topics`: new topics among unanswered questions, kept in the desk's topics.json for the console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from finetune.desks import encoder_of, refuse_no_desk
from finetune.mining.apart import Looked
from finetune.mining.looking import look
from finetune.progress import People
from finetune.sentences import one_sentence
from retrieval.pretrained import NAMES, hub_allowed


@click.command()
@click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="A desk's folder.  [default: where you are]",
)
@click.option("--encoder", help=f"{NAMES}  [default: the desk's]")
@click.option("--json", "as_json", is_flag=True, help="Print what was found on stdout as JSON.")
@one_sentence
def topics(desk: Path, encoder: str | None, as_json: bool) -> None:
    """
    Look for new topics among the questions that the bot did not understand and nobody has labelled.

    They are kept in the desk's topics.json and looked over at /console/review/topics. Every night ends with such a look.

    Example: frontdesk topics --desk shop
    """
    refuse_no_desk(desk)
    kept = look(
        desk,
        encoder or encoder_of(desk),
        hub=hub_allowed(),
        clock=lambda: datetime.now(UTC),
        watch=People(),
    )
    People().say(Looked.of(kept).sentence)
    if as_json:
        click.echo(json.dumps(kept, ensure_ascii=False))
