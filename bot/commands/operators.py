"""label, give-back, waiting: through the running server, or into the log where none runs."""

from __future__ import annotations

import asyncio
import getpass
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click

from bot import operators
from bot.commands.desks import desk_option, json_option, quoted, running
from bot.desk import Desk
from bot.refused import Refused
from conversations.audit import HELD, drawn
from conversations.log import EventLog, LogError

T = TypeVar("T")

operator_option = click.option(
    "--operator", default=getpass.getuser, show_default="you", help="Who says so."
)


@click.command()
@desk_option
@operator_option
@click.argument("message_id")
@click.argument("intent")
def label(folder: Path, operator: str, message_id: str, intent: str) -> None:
    """Say what an utterance meant; an INTENT of '' means out of scope."""
    desk = Desk.open(folder)
    body = {"message_id": message_id, "intent": intent, "operator": operator}
    if server := running(desk):
        server.post("labels", body)
    else:
        written(desk, lambda log: operators.label(log, message_id, intent, operator, intents=None))
    click.echo(f"{message_id} means {intent or 'nothing in scope'}.", err=True)
    if drawn(message_id):
        click.echo(
            f"It is in the audit sample: unless its customer complained, the gate asks it for {HELD.days} days "
            "before it teaches.",
            err=True,
        )


@click.command("give-back")
@desk_option
@operator_option
@click.argument("conversation_id")
def give_back(folder: Path, operator: str, conversation_id: str) -> None:
    """Return a conversation to the bot."""
    desk = Desk.open(folder)
    if server := running(desk):
        path = f"conversations/{quoted(conversation_id)}/give-back"
        changed = server.post(path, {"operator": operator})["changed"]
    else:
        changed = written(desk, lambda log: operators.give_back(log, conversation_id, operator))
    done = "The bot answers again." if changed else "No person had it; nothing changed."
    click.echo(done, err=True)


@click.command()
@desk_option
@json_option
def waiting(folder: Path, as_json: bool) -> None:
    """The conversations that a person has, the longest waiting first."""
    desk = Desk.open(folder)
    if server := running(desk):
        listed = server.get("conversations?waiting=1")["conversations"]
        found = [row["conversation_id"] for row in listed]
    else:
        found = written(desk, lambda log: log.waiting())
    click.echo(
        json.dumps({"conversations": found}) if as_json else "\n".join(found), nl=bool(found)
    )


def written(desk: Desk, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """
    Do something with the log of a desk that nobody serves.

    Raises:
        Refused: it cannot be done.
    """

    async def with_log() -> T:
        idle = timedelta(hours=desk.settings.session_idle_hours)
        async with EventLog.open(
            desk.database, clock=desk.clock, new_id=lambda: uuid.uuid4().hex, session_idle=idle
        ) as log:
            return await work(log)

    try:
        with desk.claim():
            return asyncio.run(with_log())
    except (LogError, operators.Unknown) as error:
        raise Refused(str(error)) from error
