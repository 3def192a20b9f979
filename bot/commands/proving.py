"""releases try, trial, probation: how customers take a Release beside another one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.commands.desks import desk_option, json_option
from bot.commands.releases import expected
from bot.desk import Desk
from bot.refused import Refused


@click.command("try")
@desk_option
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Of the conversations, for it to answer; with 0 it only looks on.",
)
@click.option("--stop", is_flag=True, help="End the trial.")
@click.argument("release", required=False)
def try_(folder: Path, share: float, stop: bool, release: str | None) -> None:
    """Try a Release out beside the champion; a running server follows within some seconds."""
    shelf = Desk.open(folder).shelf
    if stop == bool(release):
        raise click.UsageError("Give a RELEASE to try out, or --stop.")
    if stop:
        ended = shelf.end_trial()
        click.echo("The trial has ended." if ended else "Nothing is tried out.", err=True)
        return
    from bot.commands.serving import load_release  # torch: only to verify

    with expected():
        found = shelf.release(release or "")
        load_release(found)
        shelf.try_out(found.name, share)
    does = f"answers {share:.0%} of the conversations" if share else "looks on and answers nobody"
    click.echo(f"{found.name} {does}.", err=True)


@click.command()
@desk_option
@json_option
def trial(folder: Path, as_json: bool) -> None:
    """How customers take the Release that is tried out, beside the champion."""
    shelf = Desk.open(folder).shelf
    if (tried := shelf.trial) is None:
        raise Refused("Nothing is tried out; begin with: frontdesk releases try RELEASE")
    _tell(folder, tried.hash, shelf.serving, as_json)


@click.command()
@desk_option
@json_option
def probation(folder: Path, as_json: bool) -> None:
    """How customers take the champion, beside the Release that it took over from."""
    shelf = Desk.open(folder).shelf
    if not shelf.succeeded:
        raise Refused("The champion took over from no other Release: nothing is on probation.")
    _tell(folder, shelf.serving, shelf.succeeded, as_json)


def _tell(folder: Path, new: str, old: str, as_json: bool) -> None:
    from bot.probation import LOOKS, signs  # scipy
    from conversations.conduct import Conduct, conduct, decided_in
    from conversations.ledger import Ledger
    from conversations.reader import Reader

    with expected(), Reader.open(Desk.open(folder).database) as log:
        ledger = Ledger.of(log.events())
        found = conduct(ledger, log.visitors(decided_in(ledger)))
    after = found.get(new, Conduct())
    seen = signs(found.get(old, Conduct()), after)
    if as_json:
        rows = [
            {"name": s.name, "before": s.before, "after": s.after, "worse": s.worse} for s in seen
        ]
        told = {"new": new, "old": old, "decisions": after.decisions, "signs": rows}
        click.echo(json.dumps(told))
        return
    for sign in seen:
        click.echo(f"{sign.sentence}{'  WORSE beyond chance' if sign.worse else ''}")
    looks = ", ".join(map(str, LOOKS))
    click.echo(
        f"{new} beside {old}: decisions for {after.decisions} visitors, judged after {looks}.",
        err=True,
    )
