"""visitor export, erase: everything that is kept of one visitor, out or gone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from bot.commands.desks import desk_option, quoted, running
from bot.commands.operators import operator_option, written
from bot.desk import Desk
from conversations import privacy

RAW = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@click.group()
def visitor() -> None:
    """Everything that is kept of one visitor: exported, or erased."""


@visitor.command()
@desk_option
@click.argument("visitor_id")
def export(folder: Path, visitor_id: str) -> None:
    """Print everything that is kept of a visitor, as JSON."""
    desk = Desk.open(folder)
    if server := running(desk):
        whole = server.get(f"visitors/{quoted(visitor_id)}")
    else:
        whole = written(desk, lambda log: privacy.export(log, visitor_id))
    click.echo(_inert(json.dumps(whole, ensure_ascii=False, indent=2)))


def _inert(text: str) -> str:
    """Return JSON with the controls and half signs written out that it may hold as they are: a terminal obeys or refuses them."""
    return RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@visitor.command()
@desk_option
@operator_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("visitor_id")
def erase(folder: Path, operator: str, yes: bool, visitor_id: str) -> None:
    """Erase a visitor's words, files, name and address; what is counted stays. There is no way back."""
    desk = Desk.open(folder)
    if not yes:
        click.confirm(f"Erase the visitor {visitor_id} for good?", abort=True, err=True)
    if server := running(desk):
        path = f"visitors/{quoted(visitor_id)}/erase"
        erased = server.post(path, {"operator": operator})["erased"]
    else:
        erased = written(desk, lambda log: privacy.erase(log, visitor_id, operator))
    click.echo(f"{erased:,} events were emptied.", err=True)
    click.echo(
        "Releases that were trained before still rest on what they learned: frontdesk retrain makes one that does not. "
        "Backups keep their copy until they expire.",
        err=True,
    )
