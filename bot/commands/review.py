"""review list, decide, dismiss, undo, revoke: what to label next, and taking labels back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot import decisions
from bot.commands.desks import Server, desk_option, json_option, quoted, running
from bot.commands.operators import operator_option, written
from bot.desk import Desk
from bot.refused import Refused

LARGEST = 100  # messages of one decision, as the API allows


@click.group()
def review() -> None:
    """What to label next, and taking labels back."""


@review.command("list")
@desk_option
@json_option
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
def list_(folder: Path, limit: int, as_json: bool) -> None:
    """The messages whose labels would teach most; asks the running server."""
    server = _server(folder)
    page = server.get(f"review?limit={limit}")
    if as_json:
        click.echo(json.dumps(page, ensure_ascii=False))
        return
    for ticket in page["tickets"]:
        click.echo(_line(ticket))
    click.echo(
        f"{page['open']:,} open. Settle one with those alike: frontdesk review decide MESSAGE_ID INTENT; "
        "it alone: frontdesk label MESSAGE_ID INTENT",
        err=True,
    )


@review.command()
@desk_option
@operator_option
@click.argument("message_id")
@click.argument("intent")
def decide(folder: Path, operator: str, message_id: str, intent: str) -> None:
    """
    Say what a message of the queue and those alike meant; an INTENT of '' means out of scope.

    Prints what was labelled; `frontdesk review undo` takes all of it back. Asks the running server.
    """
    server = _server(folder)
    group = _group(server, message_id)
    body = {"messages": list(group), "intent": intent, "operator": operator}
    labelled = server.post("review/decisions", body)["labelled"]
    for one in labelled:
        click.echo(f"{one}  {group.get(one, '')}".rstrip())
    click.echo(f"{len(labelled)} labelled {intent or 'out of scope'}.", err=True)


@review.command()
@desk_option
@operator_option
@click.argument("message_id")
def dismiss(folder: Path, operator: str, message_id: str) -> None:
    """Take a message that needs no label out of the queue; a complaint about it brings it back."""
    desk = Desk.open(folder)
    if server := running(desk):
        body = {"messages": [message_id], "operator": operator}
        dismissed = server.post("review/dismissals", body)["dismissed"]
    else:
        dismissed = written(desk, lambda log: decisions.dismiss(log, [message_id], operator))
    click.echo(f"{dismissed[0]} needs no label.", err=True)


@review.command()
@desk_option
@operator_option
def undo(folder: Path, operator: str) -> None:
    """Take back your latest decision; again takes back the one before it."""
    desk = Desk.open(folder)
    if server := running(desk):
        undone = server.post("review/undo", {"operator": operator})
        taken_back, restored = undone["unlabelled"], [*undone["restored"], *undone["reopened"]]
    else:
        own = written(desk, lambda log: decisions.undo(log, operator))
        taken_back, restored = own.unlabelled, [*own.restored, *own.reopened]
    for one in restored:
        click.echo(f"{one} wants a label again.", err=True)
    if not restored:
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
        taken_back = written(desk, lambda log: decisions.revoke(log, author, by, after))
    _told(taken_back, f"{author} has given no label that stands.")


def _server(folder: Path) -> Server:
    server = running(Desk.open(folder))
    if server is None:
        raise Refused(f"The queue is read by a running server: frontdesk serve --desk {folder}")
    return server


def _group(server: Server, message_id: str) -> dict[str, str]:
    """
    Return the messages that one decision settles, with their words, the named one first.

    Whatever is open, nearly says the same and is taken for the same intent, without asking which page the operator saw: every decision
    deals the queue anew. What others have labelled differently is for `label`.
    """
    found = server.get(f"review/similar?message_id={quoted(message_id)}&limit={LARGEST}")["tickets"]
    own = next((ticket for ticket in found if ticket["message_id"] == message_id), None)
    if own is None:
        return {message_id: ""}
    taken_for = own["proposed"]["intent"]
    alike = [t for t in found if t["proposed"]["intent"] == taken_for and not t["labels"]]
    return {ticket["message_id"]: ticket["text"] for ticket in [own, *alike]}


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
