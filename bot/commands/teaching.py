"""teach: an operator's answer taught, listed or taken back, through the running server, or into the log where none runs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from bot.commands.desks import desk_option, json_option, quoted, running
from bot.commands.operators import operator_option, written
from bot.desk import Desk
from bot.refused import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from bot.teaching import Answer
    from conversations.log import EventLog
    from retrieval.templates import Template


@click.command()
@desk_option
@json_option
@operator_option
@click.option("--intent", metavar="INTENT", help="What the questions mean; it may be a new one.")
@click.option("--text", metavar="ANSWER", help="What to answer: a Liquid template.")
@click.option(
    "--question", "questions", multiple=True, help="A question it answers; may be repeated."
)
@click.option("--title", default="", help="What a customer would call the matter.")
@click.option("--needs", multiple=True, help="A variable without which it does not read.")
@click.option("--undo", metavar="ID", help="Take back an answer, or a label by its message's id.")
@click.option("--list", "listed", is_flag=True, help="What is taught and in force.")
@click.argument("message_id", required=False)
def teach(
    folder: Path,
    as_json: bool,
    operator: str,
    intent: str | None,
    text: str | None,
    questions: tuple[str, ...],
    title: str,
    needs: tuple[str, ...],
    undo: str | None,
    listed: bool,
    message_id: str | None,
) -> None:
    """Teach an answer that serves the next customer; MESSAGE_ID is an utterance that it is for."""
    desk = Desk.open(folder)
    given = [intent, text, *questions, title, *needs, message_id]
    if listed and not any([*given, undo]):
        _list(desk, as_json)
    elif undo and not any([*given, listed]):
        _undo(desk, undo, operator)
    elif intent and text is not None and not (listed or undo):
        from bot.teaching import Answer

        answer = Answer(
            operator=operator,
            intent=intent,
            text=text,
            questions=questions,
            title=title,
            needs=needs,
            message_id=message_id or "",
        )
        _teach(desk, answer, as_json)
    else:
        raise click.UsageError(
            "Give --intent and --text with a MESSAGE_ID or a --question, or --undo ID, or --list."
        )


def _teach(desk: Desk, answer: Answer, as_json: bool) -> None:
    if server := running(desk):
        body = {
            "operator": answer.operator,
            "intent": answer.intent,
            "text": answer.text,
            "questions": list(answer.questions),
            "title": answer.title,
            "needs": list(answer.needs),
            "message_id": answer.message_id,
        }
        taught, when = server.post("teachings", body), "for the next customer"
    else:
        taught, when = (
            written(desk, lambda log: _recorded(desk, log, answer)),
            "from the next start",
        )
    click.echo(json.dumps(taught, ensure_ascii=False) if as_json else taught["teaching_id"])
    click.echo(f"Taught {answer.intent}: it answers {when}.", err=True)


async def _recorded(desk: Desk, log: EventLog, answer: Answer) -> dict[str, Any]:
    from bot import teaching
    from bot.operators import as_object
    from conversations.teachings import TAUGHT
    from retrieval.dataset import learned_by

    try:
        recorded = await teaching.teach(
            log,
            answer,
            teaching_id=f"{TAUGHT}{uuid.uuid4().hex}",
            templates_of=lambda intent: [t for t in _templates(desk) if t.intent == intent],
            learned=learned_by(desk.shelf.champion),
            variables=desk.settings.known,
        )
    except teaching.Unteachable as error:
        raise Refused(str(error)) from error
    return as_object(recorded)


def _templates(desk: Desk) -> Sequence[Template]:
    """Return the champion's templates, without the seconds that loading it takes."""
    from retrieval.template_files import read_sealed

    file = desk.shelf.champion / "templates.jsonl"
    return read_sealed(file) if file.is_file() else ()


def _undo(desk: Desk, teaching_id: str, operator: str) -> None:
    if server := running(desk):
        server.delete(f"teachings/{quoted(teaching_id)}?operator={quoted(operator)}")
    else:
        from bot import teaching

        written(desk, lambda log: teaching.undo(log, teaching_id, operator))
    click.echo(f"{teaching_id} is taken back.", err=True)


def _list(desk: Desk, as_json: bool) -> None:
    if server := running(desk):
        rows = server.get("teachings")["teachings"]
    else:
        rows = written(desk, lambda log: _rows(desk, log))
    if as_json:
        click.echo(json.dumps({"teachings": rows}, ensure_ascii=False))
        return
    for row in rows:
        words = " ".join((row["text"] or row["questions"][0]).split())
        state = "learned" if row["learned"] else "taught"
        click.echo(
            "\t".join((row["teaching_id"], state, row["operator"], row["intent"], words[:80]))
        )


async def _rows(desk: Desk, log: EventLog) -> list[dict[str, Any]]:
    from bot.teaching import as_rows
    from conversations.teachings import teachings
    from retrieval.dataset import learned_by

    return as_rows(teachings(await log.teachings()), learned_by(desk.shelf.champion))
