"""The command `mine`: from conversations without labels to proposed intents and answers."""

from __future__ import annotations

import json
from pathlib import Path

import click

from finetune.cli import existing
from finetune.desks import encoder_of
from finetune.mining import folder
from finetune.mining.errors import AllUnderstood, TooFewRequests, Unreadable
from finetune.mining.known import Known
from finetune.mining.mine import mine as find
from finetune.mining.sources import read_file, read_log
from finetune.mining.speech import Speech
from finetune.progress import People, Watch
from finetune.reading import base_model
from finetune.sentences import one_sentence, sentence
from retrieval.pretrained import DEFAULT, NAMES, hub_allowed
from retrieval.sealing import load

SHOWN = 20  # of what was left out; all of it is in report.json


@click.command()
@click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A desk's folder: its log is mined, and where it has a Release, for new topics only.",
)
@click.option(
    "--conversations",
    type=existing,
    help="Past conversations, in any form that import reads, or messages with a column text.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="A new folder, written whole or not at all.",
)
@click.option("--encoder", help=f"{NAMES}  [default: the desk's, else {DEFAULT}]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report on stdout as JSON.")
@one_sentence
def mine(
    desk: Path | None,
    conversations: Path | None,
    output: Path,
    encoder: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """
    Propose intents, examples and answers from past conversations that nobody has labelled.

    Small talk is set aside, requests are clustered and named, replies become answer templates that a person has to approve.
    With a --desk that has a Release, only what the bot did not answer is looked at, and only new topics are proposed.

    Example: frontdesk mine --conversations tickets.jsonl --output proposals
    """
    watch = People()
    folder.refuse_occupied(output)
    champion = desk / "champion" if desk else None
    known = Known(load(champion)) if champion and champion.is_dir() else None
    named = encoder or (encoder_of(desk) if desk else DEFAULT)
    try:
        speech = _said(desk, conversations, unanswered=known is not None)
        _tell_left_out(speech, watch)
        mined = find(speech, base_model(named, hub=hub_allowed()), watch, seed=seed, known=known)
    except (AllUnderstood, TooFewRequests) as few:
        if known is None or conversations:
            raise
        watch.say(f"Nothing new since Release {known.release.hash}: {sentence(few)}")
        if as_json:
            click.echo(json.dumps({"topics": [], "nothing_new_since": known.release.hash}))
        return
    folder.write(mined, output, seed)
    watch.say(
        f"{len(mined.topics)} topics and {len(mined.proposals)} proposed answers are in {output}; begin with {output / 'review.md'}."
    )
    if as_json:
        click.echo(json.dumps(mined.as_json(), ensure_ascii=False))


def _tell_left_out(speech: Speech, watch: Watch) -> None:
    for reason in speech.left_out[:SHOWN]:
        watch.say(f"  left out: {reason}")
    if len(speech.left_out) > SHOWN:
        watch.say(f"  and {len(speech.left_out) - SHOWN} more, all in report.json")


def _said(desk: Path | None, conversations: Path | None, *, unanswered: bool) -> Speech:
    if conversations:
        return read_file(conversations)
    if desk is None:
        raise click.UsageError("give --conversations FILE, or --desk DIR to mine its log")
    if not (desk / "desk.db").is_file():
        raise Unreadable(f"{desk} has no log yet: serve it or import conversations, or give --conversations FILE")  # fmt: skip
    return read_log(desk / "desk.db", unanswered=unanswered)
