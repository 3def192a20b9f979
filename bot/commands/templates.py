"""templates: the answers and their versions, through the running server, or in the log where none runs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.commands.desks import desk_option, json_option, quoted, running
from bot.commands.operators import operator_option, written
from bot.desk import Desk
from bot.refused import Refused

if TYPE_CHECKING:
    from bot.answers import Change
    from conversations.log import EventLog
    from conversations.teachings import Teachings

T = TypeVar("T")

seen_option = click.option(
    "--version", "seen", type=int, help="Only if this is still the latest version."
)


@click.group()
def templates() -> None:
    """The answers, version by version."""


@templates.command("list")
@desk_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """Every answer and how far it has come."""
    rows = _listed(Desk.open(folder))
    if as_json:
        click.echo(json.dumps({"templates": rows}, ensure_ascii=False))
        return
    for row in rows:
        live = "-" if row["live_version"] is None else f"live {row['live_version']}"
        words = " ".join(row["text"].split())[:80]
        cells = (row["id"], f"{row['state']} {row['version']}", live, row["author"], words)
        click.echo("\t".join(cells))


@templates.command()
@desk_option
@click.option("--version", type=int, help="An earlier one than the latest; 0 is the Release's own.")
@click.argument("template_id", metavar="ID")
def show(folder: Path, version: int | None, template_id: str) -> None:
    """An answer as a line of templates.jsonl."""
    found = _history(Desk.open(folder), template_id)
    row = found["template"] if version is None else _version(found, version)["template"]
    click.echo(json.dumps(row, ensure_ascii=False))


@templates.command()
@desk_option
@json_option
@click.argument("template_id", metavar="ID")
def history(folder: Path, as_json: bool, template_id: str) -> None:
    """Who saved which version of an answer, and when."""
    found = _history(Desk.open(folder), template_id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["versions"]:
        again = "" if one["restores"] is None else f"restores {one['restores']}"
        cells = (str(one["version"]), one["state"], one["operator"], one["at"], again)
        click.echo("\t".join(cells).rstrip())


@templates.command()
@desk_option
@click.argument("template_id", metavar="ID")
@click.argument("before", type=int, required=False)
@click.argument("after", type=int, required=False)
def diff(folder: Path, template_id: str, before: int | None, after: int | None) -> None:
    """What changed from version BEFORE to AFTER: from the live one to the latest, if they are not given."""
    found = _history(Desk.open(folder), template_id)
    first = found["live_version"] or 0 if before is None else before
    last = found["version"] if after is None else after
    old, new = (_pretty(_version(found, number)["template"]) for number in (first, last))
    names = (f"version {first}", f"version {last}")
    click.echo("\n".join(difflib.unified_diff(old, new, *names, lineterm="")))


@templates.command()
@desk_option
@json_option
@operator_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def save(folder: Path, as_json: bool, operator: str, file: Path) -> None:
    """Save the answers of a FILE (JSONL or CSV) as drafts, those that differ from their latest version."""
    from bot.answers import Change
    from retrieval.template_files import read_rows, template_row
    from retrieval.templates import TemplateError

    desk = Desk.open(folder)
    try:
        rows = [template_row(template) for template in read_rows(file)]
    except TemplateError as error:
        raise Refused(f"{error}.") from error
    latest = {row["id"]: row["version"] for row in _listed(desk)}
    saved = []
    for row in map(_said, rows):
        seen = latest.get(row["id"], 0)
        if row["id"] in latest and _said(_history(desk, row["id"])["template"]) == row:
            continue
        change = Change(operator=operator, template_id=row["id"], seen=seen, row=row)
        saved.append(_change(desk, change, "put"))
    if as_json:
        click.echo(json.dumps({"saved": saved}, ensure_ascii=False))
    else:
        for one in saved:
            click.echo(f"{one['template_id']}\t{one['version']}")
    click.echo(f"{len(saved)} of {len(rows)} answers are saved as drafts.", err=True)


def _to_state(name: str, done: str, help_: str) -> None:
    @templates.command(name, help=help_)
    @desk_option
    @json_option
    @operator_option
    @seen_option
    @click.argument("template_id", metavar="ID")
    def change(
        folder: Path, as_json: bool, operator: str, seen: int | None, template_id: str
    ) -> None:
        from bot.answers import CHANGES, Change

        wanted = Change(operator=operator, template_id=template_id, seen=seen, state=CHANGES[name])
        _tell(_change(Desk.open(folder), wanted, name), done, as_json)


_to_state("approve", "is approved", "Approve the latest version of an answer.")
_to_state("live", "is what the next customer gets", "Give the latest version to customers.")
_to_state("retire", "is given to nobody any more", "Give an answer to nobody any more.")


@templates.command()
@desk_option
@json_option
@operator_option
@seen_option
@click.argument("template_id", metavar="ID")
@click.argument("version", type=int)
def restore(
    folder: Path, as_json: bool, operator: str, seen: int | None, template_id: str, version: int
) -> None:
    """Go back to an earlier VERSION of an answer, in the state that it had; 0 is the Release's own."""
    from bot.answers import Change

    wanted = Change(operator=operator, template_id=template_id, seen=seen, restore=version)
    _tell(_change(Desk.open(folder), wanted, "restore"), f"is version {version} again", as_json)


def _tell(saved: Mapping[str, Any], done: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(saved, ensure_ascii=False))
    click.echo(f"{saved['template_id']}, version {saved['version']}, {done}.", err=True)


def _change(desk: Desk, change: Change, name: str) -> dict[str, Any]:
    server = running(desk)
    if server is None:
        return written(desk, lambda log: _recorded(desk, log, change))
    path = f"templates/{quoted(change.template_id)}"
    seen = server.get(path)["version"] if change.seen is None else change.seen
    body: dict[str, Any] = {"operator": change.operator, "version": seen}
    if change.row is not None:
        return server.put(path, {**body, "template": dict(change.row)})
    if change.restore is not None:
        body["restore"] = change.restore
    return server.post(f"{path}/{name}", body)


async def _recorded(desk: Desk, log: EventLog, change: Change) -> dict[str, Any]:
    from bot import answers
    from bot.operators import as_object
    from bot.saved import Sealed

    means = answers.Means(Sealed.of(desk.shelf.champion), desk.settings.known, desk.folder)
    try:
        return as_object(await answers.save(log, change, means))
    except answers.Unsavable as error:
        raise Refused(str(error)) from error


def _listed(desk: Desk) -> list[dict[str, Any]]:
    if server := running(desk):
        rows: list[dict[str, Any]] = server.get("templates")["templates"]
        return rows
    from bot.answers import as_listed
    from bot.saved import Sealed

    return _read(desk, lambda known: as_listed(known, Sealed.of(desk.shelf.champion)))


def _history(desk: Desk, template_id: str) -> dict[str, Any]:
    if server := running(desk):
        return server.get(f"templates/{quoted(template_id)}")
    from bot.answers import as_history
    from bot.saved import Sealed

    release = Sealed.of(desk.shelf.champion)
    return _read(desk, lambda known: as_history(template_id, known, release))


def _read(desk: Desk, work: Callable[[Teachings], T]) -> T:
    from conversations.teachings import teachings

    async def asked(log: EventLog) -> T:
        return work(teachings(await log.teachings()))

    return written(desk, asked)


def _version(found: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    for one in found["versions"]:
        if one["version"] == number:
            version: Mapping[str, Any] = one
            return version
    raise Refused(f"There is no version {number} of {found['id']!r}.")


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without what is only about it."""
    return {n: v for n, v in row.items() if n not in ("state", "author", "changed_at")}


def _pretty(row: Mapping[str, Any]) -> list[str]:
    return json.dumps(row, ensure_ascii=False, indent=1).split("\n")
