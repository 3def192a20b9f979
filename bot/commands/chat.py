"""chat: a desk in the terminal, through its own HTTP API."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot import logs
from bot.commands.desks import Server, desk_option, quoted, running
from bot.desk import Desk


@click.command()
@desk_option
@click.option("--evidence", is_flag=True, help="Show why, under every answer.")
def chat(folder: Path, evidence: bool) -> None:
    """Talk to a desk; an empty line or Ctrl-D ends it."""
    desk = Desk.open(folder)
    visitor = f"terminal-{uuid.uuid4().hex[:8]}"
    with _served(desk) as server:
        click.echo(desk.settings.greeting)
        answer: dict[str, Any] = {"action": "", "choices": []}
        while text := _heard():
            body = {"visitor": visitor, "client_message_id": uuid.uuid4().hex}
            answer = server.post("messages", body | said(text, answer["action"], answer["choices"]))
            _say(answer)
            if evidence:
                _explain(server.get(f"messages/{quoted(answer['message_id'])}/evidence"))


@contextlib.contextmanager
def _served(desk: Desk) -> Iterator[Server]:
    """Give the running server, or one of our own for as long as we talk."""
    if server := running(desk):
        yield server
        return
    from bot.commands.serving import in_background  # torch: only where nobody serves yet

    logs.to_stderr(logging.WARNING)
    with in_background(desk) as url:
        yield Server(url, desk.operator_token())


def _heard() -> str:
    try:
        return input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        click.echo()
        return ""


def said(typed: str, action: str, choices: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what somebody says by what they typed: the number of a choice under a question, or words."""
    asked = [] if action == "reply" else choices  # under an answer a number may be an order's
    for number, choice in enumerate(asked, start=1):
        if typed == str(number):
            return {"text": choice["label"], "choice": choice["value"]}
    return {"text": typed}


def _say(answer: dict[str, Any]) -> None:
    click.echo(answer["text"] or "(a person has this conversation)")
    for one in answer["attachments"]:
        click.echo(f"  {one['name']}: {one['url']}")
    for number, choice in enumerate(answer["choices"], start=1):
        # Under an answer they are questions that may come next: to be asked in words, not picked by number.
        sign = "-" if answer["action"] == "reply" else number
        click.echo(f"  {sign}  {choice['label']}")


def _explain(decision: dict[str, Any]) -> None:
    card = decision["evidence"]
    click.echo(
        f"    {decision['action']}, {decision['reason']}: {decision['intent'] or '-'} "
        f"at {decision['confidence']:.3f}, release {decision['release'] or '-'}",
        err=True,
    )
    for neighbour in card.get("neighbours", [])[:3]:
        click.echo(
            f"    {neighbour['similarity']:.3f} {neighbour['intent']}: {neighbour['text']}",
            err=True,
        )
