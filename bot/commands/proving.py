"""releases try, trial, probation: how customers take a Release beside another one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.changes import show
from bot.commands.desks import desk_option, json_option
from bot.commands.releases import expected
from bot.desk import Desk
from bot.refused import Refused
from conversations.events import Heard
from conversations.questions import Question
from conversations.reader import Reader

if TYPE_CHECKING:
    from bot.shadow import Seen


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
    """How customers take the Release that is tried out, beside the champion; of one that only looks on, what it would answer otherwise."""
    shelf = Desk.open(folder).shelf
    if (tried := shelf.trial) is None:
        raise Refused("Nothing is tried out; begin with: frontdesk releases try RELEASE")
    looked_on = None if tried.share else _looked_on(folder, tried.hash, shelf.serving)
    if looked_on and not as_json:
        looked_on.show()
    else:
        _tell(folder, tried.hash, shelf.serving, as_json, looked_on)


@click.command()
@desk_option
@json_option
def probation(folder: Path, as_json: bool) -> None:
    """How customers take the champion, beside the Release that it took over from."""
    shelf = Desk.open(folder).shelf
    if not shelf.succeeded:
        raise Refused("The champion took over from no other Release: nothing is on probation.")
    _tell(folder, shelf.serving, shelf.succeeded, as_json)


@dataclass(frozen=True, slots=True)
class _LookedOn:
    """What one that only looks on made of customers' messages, each change with some that are still in the log."""

    counts: Mapping[str, int]
    changes: Sequence[tuple[Seen, Sequence[str]]]

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts,
            "changes": [
                {
                    "before": str(one.before),
                    "after": str(one.after),
                    "said_before": dict(one.before.said),
                    "said_after": dict(one.after.said),
                    "times": one.times,
                    "examples": [{"text": text} for text in texts],
                }
                for one, texts in self.changes
            ],
        }

    def show(self) -> None:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        click.echo(f"{sum(self.counts.values()):,} messages looked on at: {counts}")
        for one, texts in self.changes:
            show(one.before, one.after, one.times, [Question(text, 1) for text in texts])


def _looked_on(folder: Path, new: str, old: str) -> _LookedOn:
    from bot.shadow import LOOKED_ON, Shadow  # numpy

    shadow = Shadow.of(folder / LOOKED_ON, new, old)
    with expected(), Reader.open(Desk.open(folder).database) as log:
        found = [(one, _texts(log, one.messages)) for one in shadow.seen]
    return _LookedOn(shadow.counts(), found)


def _texts(log: Reader, messages: Sequence[str]) -> list[str]:
    """Return what was written in those messages that are still in the log."""
    found = [entry.event for entry in map(log.message, messages) if entry]
    return [event.text for event in found if isinstance(event, Heard)]


def _tell(
    folder: Path, new: str, old: str, as_json: bool, looked_on: _LookedOn | None = None
) -> None:
    from bot.probation import LOOKS, signs  # scipy
    from conversations.conduct import Conduct, conduct, decided_in
    from conversations.ledger import Ledger

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
        more = {"looked_on": looked_on.as_json()} if looked_on else {}
        click.echo(json.dumps(told | more, ensure_ascii=False))
        return
    for sign in seen:
        click.echo(f"{sign.sentence}{'  WORSE beyond chance' if sign.worse else ''}")
    looks = ", ".join(map(str, LOOKS))
    click.echo(
        f"{new} beside {old}: decisions for {after.decisions} visitors, judged after {looks}.",
        err=True,
    )
