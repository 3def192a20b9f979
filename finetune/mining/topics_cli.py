"""The command `topics`: new topics among unanswered questions, kept in the desk's topics.json for the console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from finetune.desks import encoder_of, refuse_no_desk
from finetune.files import whole
from finetune.mining.errors import Unreadable
from finetune.mining.known import Known
from finetune.mining.unanswered import new_topics
from finetune.progress import People
from finetune.reading import base_model
from finetune.sentences import one_sentence
from retrieval.pretrained import NAMES, hub_allowed
from retrieval.sealing import load

TOPICS = "topics.json"  # in the desk's folder


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

    They are kept in the desk's topics.json and looked over at /console/review/topics.

    Example: frontdesk topics --desk shop
    """
    watch = People()
    refuse_no_desk(desk)
    champion, database = desk / "champion", desk / "desk.db"
    if not champion.is_dir():
        raise Unreadable(
            f"{desk} has no Release yet; make one with: frontdesk retrain --desk {desk}"
        )
    if not database.is_file():
        raise Unreadable(f"{desk} has no log yet: serve it or import conversations")
    known = Known(load(champion))
    model = base_model(encoder or encoder_of(desk), hub=hub_allowed())
    found = new_topics(database, model, known, watch)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    kept = json.dumps(
        {"at": at, "release": known.release.hash, **found.as_json()}, ensure_ascii=False
    )
    with whole(desk / TOPICS) as file:
        file.write_text(kept + "\n", encoding="utf-8")
    watch.say(
        found.note or f"{len(found.topics)} new topics in {found.looked_at:,} unanswered questions."
    )
    if as_json:
        click.echo(kept)
