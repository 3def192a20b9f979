"""The command `retrain`. Apart from the commands that learn: whoever watches over the training needs no torch."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from finetune.apart import Job, contest_apart
from finetune.bounds import Bounds
from finetune.desks import encoder_of, learning_of
from finetune.history import History
from finetune.leftovers import grouped
from finetune.mining.apart import Job as Look
from finetune.mining.apart import look_apart
from finetune.mining.looking import has_anything
from finetune.night import SETTLING, Night, Outcome
from finetune.night import retrain as run_night
from finetune.progress import People, Watch
from finetune.sentences import REFUSED, one_sentence
from retrieval.learning import Learning
from retrieval.pretrained import NAMES, hub_allowed

NOTHING_ASKED = (
    "nothing judged it: the desk has no question that both could be asked. Put some aside in heldout.csv, "
    "which training never reads"
)
FASTER = ", or train with --fast"
USUAL = Learning()


@click.command()
@click.option(
    "--desk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The desk's folder.  [default: here]",
)
@click.option("--dry-run", is_flag=True, help="Do everything but promote, and keep nothing of it.")
@click.option(
    "--hold/--no-hold",
    default=None,
    help="Promote nothing: what passes the gate stays as a candidate, to be looked at and promoted by you.  [default: the desk's, else --no-hold]",
)
@click.option("--fast", is_flag=True, help="Keep the encoder as it is: under a minute.")
@click.option(
    "--risk",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help=f"Share of given answers that may be wrong.  [default: the desk's, else {USUAL.risk:g}]",
)
@click.option("--encoder", help=f"{NAMES}  [default: the desk's]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    help=f"Training that takes longer is ended; the champion stays.  [default: the desk's, else {USUAL.minutes:g}]",
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    metavar="MB",
    help=f"Training that needs more is ended; the champion stays.  [default: the desk's, else {USUAL.memory}]",
)
@click.option(
    "--relabelled",
    is_flag=True,
    help="Labels were changed, or intents taken out, on purpose: the gate does not ask why.",
)
@click.option(
    "--topics/--no-topics",
    default=None,
    help="Look for new topics when the night is over.  [default: the desk's, else --topics]",
)
@click.option("--history", is_flag=True, help="Show how the nights ended, and train nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print how the run ended on stdout as JSON.")
@one_sentence
def retrain(
    desk: Path,
    dry_run: bool,
    hold: bool | None,
    fast: bool,
    risk: float | None,
    encoder: str | None,
    seed: int,
    minutes: float | None,
    memory: int | None,
    relabelled: bool,
    topics: bool | None,
    history: bool,
    as_json: bool,
) -> None:
    """
    Learn from the desk's log, compare with the champion on questions that it does not learn, promote or refuse (exit 3). Then look for
    new topics among what the bot did not understand; how that ends changes nothing of the night.

    Example, every night from a timer: frontdesk retrain --desk /srv/frontdesk
    """
    if history:
        _show(History(desk), as_json)
        return
    if dry_run and hold:
        raise click.UsageError(
            "--dry-run keeps nothing, --hold keeps a candidate: give one of them"
        )
    named = encoder or encoder_of(desk)
    how = _over(
        learning_of(desk), risk=risk, minutes=minutes, memory=memory, hold=hold, topics=topics
    )
    bounds = Bounds(how.minutes, how.memory, instead="" if fast else FASTER)
    job = Job(str(desk.resolve()), named, how.risk, fast, seed, hub_allowed(), relabelled)
    night = run_night(
        desk,
        lambda: contest_apart(job, bounds),
        dry_run=dry_run,
        hold=how.hold,
        keep=how.keep,
        clock=lambda: datetime.now(UTC),
        give_up=60 * how.minutes + SETTLING,
    )
    _tell(night, People())
    if not dry_run:
        _tell_what_next(night, desk, People())
    looked = None
    if how.topics and not dry_run and has_anything(desk):
        looked = look_apart(Look(job.desk, named, job.hub), _left(how, night))
        People().say(looked.sentence)
    if as_json:
        click.echo(json.dumps({**night.as_json(), "topics": looked.as_json() if looked else None}))
    if night.outcome is Outcome.REFUSED:
        raise SystemExit(REFUSED)


def _over(learning: Learning, **said: Any) -> Learning:
    """Return the desk's settings under what the command line says."""
    return replace(learning, **{name: value for name, value in said.items() if value is not None})


def _left(learning: Learning, night: Night) -> Bounds:
    """Return the bounds of the look for topics: what the training left of the night's minutes, one at least."""
    minutes = max(1.0, round(learning.minutes - night.seconds / 60, 1))
    return Bounds(minutes, learning.memory, "looking for new topics")


def _tell(night: Night, watch: Watch) -> None:
    contest = night.contest
    if contest.comparison:
        _tell_sets(contest.comparison, watch)
        if not contest.comparison["questions"]:
            watch.say(f"  {NOTHING_ASKED}")
    for line in grouped(contest.left_out):
        watch.say(f"  left out, {line}")
    if contest.waiting:
        watch.say(
            f"  {contest.waiting} labels are asked and not learned yet: they are the audit of these days"
        )
    watch.say(night.sentence)


def _tell_what_next(night: Night, desk: Path, watch: Watch) -> None:
    """Name the commands, as they are to be typed, for a challenger that is kept to be looked at."""
    where = "" if desk == Path() else f" --desk {shlex.quote(str(desk))}"
    name, before = night.challenger, night.champion
    ways = {
        "what changes for customers": f"diff {before} {name}" if before else "",
        "on a tenth of the conversations": f"try {name} --share 0.1" if before else "",
        "make it the champion": f"promote {name}",
    }
    match night.outcome:
        case Outcome.HELD:
            shown = list(ways.items())
        case Outcome.REFUSED if night.contest.ours:
            watch.say("  It stays until the next night, to be looked at.")
            shown = list(ways.items())[:1]
        case _:
            return
    for why, way in shown:
        if way:
            watch.say(f"  {why + ':':34}frontdesk releases {way}{where}")


def _tell_sets(comparison: Mapping[str, Any], watch: Watch) -> None:
    for section in comparison["sets"]:
        checks = [check for check in comparison["checks"] if check["set"] == section["name"]]
        asked = f", {section['questions']:,} questions" if section["questions"] else ""
        unjudged = ", too few to judge by" if section["questions"] and not checks else ""
        if asked or checks:
            watch.say(f"  {section['name']}{asked}{unjudged}")
        for check in checks:
            watch.say(f"    {'passed' if check['passed'] else 'FAILED'}: {check['sentence']}")


def _show(history: History, as_json: bool) -> None:
    nights = list(history.lines())
    if as_json:
        click.echo(json.dumps({"nights": [night.as_json() for night in nights]}))
        return
    for night in nights:
        click.echo(f"{night.at}  {night.outcome:13} {night.challenger or '-':16}  {night.why}")
