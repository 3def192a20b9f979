"""review list, undo, revoke: what to label next, and taking labels back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot import operators
from bot.commands.desks import desk_option, json_option, running
from bot.commands.operators import operator_option, written
from bot.desk import Desk
from bot.refused import Refused


@click.group()
def review() -> None:
    """What to label next, and taking labels back."""


@review.command("list")
@desk_option
@json_option
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
def list_(folder: Path, limit: int, as_json: bool) -> None:
    """The messages whose labels would teach most; asks the running server."""
    server = running(Desk.open(folder))
    if server is None:
        raise Refused(f"The queue is read by a running server: frontdesk serve --desk {folder}")
    page = server.get(f"review?limit={limit}")
    if as_json:
        click.echo(json.dumps(page, ensure_ascii=False))
        return
    for ticket in page["tickets"]:
        click.echo(_line(ticket))
    click.echo(
        f"{page['open']:,} open. Label one with: frontdesk label MESSAGE_ID INTENT", err=True
    )


@review.command()
@desk_option
@operator_option
def undo(folder: Path, operator: str) -> None:
    """Take back your latest decision; again takes back the one before it."""
    desk = Desk.open(folder)
    if server := running(desk):
        taken_back = server.post("review/undo", {"operator": operator})["unlabelled"]
    else:
        taken_back = written(desk, lambda log: operators.undo(log, operator))
    _told(taken_back, f"{operator} has no label to take back.")


@review.command()
@desk_option
@click.option("--by", "by", required=True, help="Who takes them back.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="From this day or time on, in local time.",
)
@click.argument("author")
def revoke(folder: Path, by: str, since: datetime | None, author: str) -> None:
    """Take back every label of AUTHOR; the next retrain forgets them."""
    desk = Desk.open(folder)
    after = since.astimezone() if since else None
    if server := running(desk):
        body = {"operator": author, "by": by, "since": after.isoformat() if after else None}
        taken_back = server.post("review/revocations", body)["unlabelled"]
    else:
        taken_back = written(desk, lambda log: operators.revoke(log, author, by, after))
    _told(taken_back, f"{author} has given no label that stands.")


def _told(taken_back: list[str], nothing: str) -> None:
    for message_id in taken_back:
        click.echo(message_id)
    count = len(taken_back)
    click.echo(f"{count} taken back." if count else nothing, err=True)


def _line(ticket: dict[str, Any]) -> str:
    proposed = ticket["proposed"]
    more = len(ticket["messages"]) - 1
    return (
        f"{ticket['message_id']}  {ticket['why']:<14}  {ticket['asked']:>3}x  "
        f"{proposed['intent']} {proposed['confidence']:.0%}  {ticket['text']}"
        f"{f'  (+{more} alike)' if more else ''}"
    )
