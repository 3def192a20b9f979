"""import: past conversations into the log of a desk, training data and pages into its files."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import ClassVar

import click

from bot.commands.desks import desk_option, json_option
from bot.commands.looks import nothing_in
from bot.desk import Desk
from bot.lazy import Lazy
from bot.refused import Refused
from conversations.errors import LogError
from conversations.exports import chatwoot as of_chatwoot
from conversations.exports import intercom as of_intercom
from conversations.exports import table as of_table
from conversations.exports import zendesk as of_zendesk
from conversations.exports.parts import NotAnExport, Read
from conversations.interchange import Malformed, PastConversation, parse_each
from conversations.store import Store

BATCH = 1_000  # conversations in one commit: what is lost when somebody stops it
SHOWN = 20  # of what was left out; all of it is in --json

Found = Read | Malformed  # a conversation, or why it is none and where

file_argument = click.argument(
    "source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


class _Forms(Lazy):
    commands_of: ClassVar[Mapping[str, tuple[str, str]]] = {
        "conversations": ("bot.commands.importing:conversations", "Frontdesk's own JSON Lines."),
        "table": ("bot.commands.importing:table", "CSV, one message a row."),
        "chatwoot": ("bot.commands.importing:chatwoot", "Conversations of Chatwoot."),
        "zendesk": ("bot.commands.importing:zendesk", "Tickets of Zendesk."),
        "intercom": ("bot.commands.importing:intercom", "Conversations of Intercom."),
        "pages": ("bot.commands.pages:pages", "Documents as knowledge pages."),
        "rasa": ("finetune.import_cli:rasa", "Examples and answers of a Rasa project."),
        "dialogflow": (
            "finetune.import_cli:dialogflow",
            "Examples and answers of a Dialogflow agent.",
        ),
        "intents": ("finetune.import_cli:intents", "A table of labelled texts."),
    }


@click.group("import", cls=_Forms)
def import_() -> None:
    """
    Take in past conversations, another bot's training data, or documents as knowledge pages.

    Doing it twice adds nothing. What cannot be taken is named with its place, and the rest is taken.
    """


@dataclass(slots=True)
class Adoption:
    """What an import did: how many conversations and messages were new, how many were known, and what was left out."""

    conversations: int = 0
    messages: int = 0
    known: int = 0
    left_out: list[str] = field(default_factory=list)

    def note(self, fresh: Iterable[int]) -> None:
        for messages in fresh:
            self.conversations += messages > 0
            self.known += messages == 0
            self.messages += messages


@click.command()
@desk_option
@json_option
@file_argument
def conversations(folder: Path, source: Path, as_json: bool) -> None:
    """Take in JSON Lines, one conversation a line, as `frontdesk demo` brings some."""
    with source.open("rb") as lines:
        _take_in(folder, "conversations", source, parse_each(lines), as_json)


@click.command()
@desk_option
@json_option
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=THEIRS",
    help="What the file calls a column: conversation, at, from, text, customer.",
)
@file_argument
def table(folder: Path, source: Path, columns: tuple[str, ...], as_json: bool) -> None:
    """
    Take in CSV with one message a row: conversation,at,from,text and perhaps customer.

    `from` is customer or operator (or user, visitor, agent, admin, incoming, outgoing).

    Example: frontdesk import table chats.csv --column conversation=chat_id --column text=body
    """
    names = dict(_pair(column) for column in columns)
    _take_in(folder, "table", source, of_table.read(source, names), as_json)


def _export(name: str, read: Callable[[Path], Iterator[Read]], what: str) -> click.Command:
    @click.command(name, help=what)
    @desk_option
    @json_option
    @file_argument
    def command(folder: Path, source: Path, as_json: bool) -> None:
        _take_in(folder, name, source, read(source), as_json)

    return command


chatwoot = _export(
    "chatwoot",
    of_chatwoot.read,
    "Take in conversations as Chatwoot's API gives them, with their messages: JSON or JSON Lines.",
)
zendesk = _export(
    "zendesk",
    of_zendesk.read,
    "Take in tickets as Zendesk exports them, with their comments: JSON or JSON Lines.",
)
intercom = _export(
    "intercom",
    of_intercom.read,
    "Take in conversations as Intercom gives them, with their parts: JSON or JSON Lines.",
)


def _pair(column: str) -> tuple[str, str]:
    name, _, theirs = column.partition("=")
    if name not in (*of_table.COLUMNS, of_table.CUSTOMER) or not theirs:
        known = ", ".join((*of_table.COLUMNS, of_table.CUSTOMER))
        raise click.UsageError(
            f"--column {column}: write NAME=THEIRS, where NAME is one of {known}."
        )
    return name, theirs


def _take_in(folder: Path, form: str, source: Path, found: Iterator[Found], as_json: bool) -> None:
    """
    Take conversations into the log of a desk that nobody serves.

    Raises:
        Refused: the file holds none, or it cannot be done; what was committed stays, and the same command goes on from there.
    """
    desk, done = Desk.open(folder), Adoption()
    try:
        with desk.claim(), _log(desk) as store:
            for past in _batches(found, done):
                done.note(store.adopt(past))
                _show_progress(f"  {done.messages:,} messages")
    except NotAnExport as error:
        raise Refused(f"{error}.") from error
    except LogError as error:
        raise Refused(f"{error} {_so_far(done)}") from error
    except KeyboardInterrupt:
        click.echo(f"\nStopped. {_so_far(done)}", err=True)
        raise
    _tell(done, as_json)
    if not done.conversations + done.known:
        raise Refused(nothing_in(source, form))


def _log(desk: Desk) -> Store:
    idle = timedelta(hours=desk.settings.session_idle_hours)
    return Store.open(
        desk.database, clock=desk.clock, new_id=lambda: uuid.uuid4().hex, session_idle=idle
    )


def _batches(found: Iterator[Found], done: Adoption) -> Iterator[list[PastConversation]]:
    """Yield the conversations in batches; what could not be one is noted."""
    while batch := list(islice(found, BATCH)):
        done.left_out += [str(one) for one in batch if not isinstance(one, PastConversation)]
        yield [one for one in batch if isinstance(one, PastConversation)]


def _show_progress(words: str) -> None:
    """Let a line on a terminal say how far it is, over what it said before; a log has no use for that."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{words}", nl=False, err=True)


def _so_far(done: Adoption) -> str:
    return f"{done.messages:,} messages are in the log; the same command goes on from there."


def _tell(done: Adoption, as_json: bool) -> None:
    _show_progress("")
    for reason in done.left_out[:SHOWN]:
        click.echo(f"  left out: {reason}", err=True)
    if len(done.left_out) > SHOWN:
        click.echo(f"  and {len(done.left_out) - SHOWN} more, all in --json", err=True)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
    click.echo(
        f"{done.conversations:,} conversations with {done.messages:,} messages taken in, {done.known:,} were known.",
        err=True,
    )
