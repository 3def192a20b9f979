"""report: what a desk's week was, to read, to keep, or to mail; asked of the running server, or counted where none runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bot.commands.desks import Server, desk_option, json_option, running
from bot.commands.operators import written
from bot.desk import Desk
from bot.refused import Refused
from bot.report.facts import Facts, waiting
from bot.report.mail import MailRefused
from bot.report.page import as_page
from bot.report.plain import as_text
from bot.report.week import Week, last_whole, named
from conversations.log import EventLog

PATIENCE = (
    900.0  # seconds in which the views must have read the log; a million events take two minutes
)


@click.command()
@desk_option
@json_option
@click.option("--week", "text", metavar="WEEK", help="2026-W48, or a day of it; the last whole week if none is named.")  # fmt: skip
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there: a page where the name ends in .html, a text otherwise.",
)
@click.option("--mail", "mails", is_flag=True, help="Mail it to [report] to of desk.toml.")
def report(folder: Path, as_json: bool, text: str | None, out: Path | None, mails: bool) -> None:
    """What a week was: how much, how it ended, what had no answer, moods, alerts, nights."""
    desk = Desk.open(folder)
    facts = _facts(desk, _week(desk, text))
    if out:
        _write(out, as_page(facts) if out.suffix in (".html", ".htm") else as_text(facts))
        click.echo(f"The report of {facts.week.name} is in {out}.", err=True)
    if mails:
        _mail(desk, facts)
    if as_json:
        click.echo(json.dumps(facts.as_object(), ensure_ascii=False))
    elif not (out or mails):
        click.echo(as_text(facts), nl=False)


def _week(desk: Desk, text: str | None) -> Week:
    if text is None:
        return last_whole(desk.clock(), desk.settings.words.zone)
    try:
        week = named(text)
    except ValueError as error:
        raise Refused(f"{error}.") from error
    if week.first > desk.clock().astimezone(desk.settings.words.zone).date():
        raise Refused(f"{week.name} has not begun yet.")
    return week


def _facts(desk: Desk, week: Week) -> Facts:
    from bot.report.weekly import facts_of, put_together, today_of

    if server := running(desk):
        counted = _numbers(server, week)
        waits = waiting(
            len(server.get("conversations?waiting=1")["conversations"]),
            server.get("review?limit=1")["open"],
            server.get("templates")["templates"],
            today_of(desk),
        )
        alerts = server.get("alerts")["alerts"]
        return put_together(desk, week, counted, _numbers(server, week.before), alerts, waits)

    async def counted_anew(log: EventLog) -> Facts:
        from bot.office import made
        from conversations.views.view import Views

        async with Views.open(log, made(desk)) as views:
            if not await views.caught_up(PATIENCE):
                raise Refused(
                    f"{desk.folder / 'views.db'} does not catch up with the log; is the disk full?"
                )
            return await facts_of(desk, week, log, views)

    return written(desk, counted_anew)


def _numbers(server: Server, week: Week) -> dict[str, Any]:
    found = server.get(f"numbers?from={week.first}&to={week.last}")
    if found["behind"]:
        raise Refused("The server is still taking in the log for its numbers; try again soon.")
    return found


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from error


def _mail(desk: Desk, facts: Facts) -> None:
    from bot.report.weekly import post

    try:
        refused = post(desk, facts)
    except MailRefused as error:
        raise Refused(str(error)) from error
    got = [one for one in desk.settings.report.to if one not in refused]
    click.echo(f"The report of {facts.week.name} went to {', '.join(got)}.", err=True)
    if refused:
        raise Refused(f"The mail server takes no mail for {', '.join(refused)}.")
