"""releases list, show, diff, promote, rollback."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bot.commands.desks import desk_option, json_option
from bot.desk import Desk
from bot.refused import Refused
from conversations.errors import LogError
from retrieval.manifest import MANIFEST, ReleaseRefused, verify
from retrieval.shelf import ShelfError


@click.group()
def releases() -> None:
    """List, promote and roll back Releases."""


@releases.command("list")
@desk_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """The sealed Releases, the newest first."""
    shelf = Desk.open(folder).shelf
    serving, promotions = shelf.serving, shelf.promotions()
    rows = [
        {
            "hash": name,
            "champion": name == serving,
            "promoted": [p.at for p in promotions if p.hash == name],
        }
        for name in shelf.sealed()
    ]
    if as_json:
        click.echo(json.dumps({"releases": rows}))
        return
    for name in shelf.sealed():
        last = next((p for p in reversed(promotions) if p.hash == name), None)
        mark, when = "*" if name == serving else " ", f"{last.why} {last.at}" if last else ""
        why = f"  {last.because}" if last and last.because else ""
        click.echo(f"{mark} {name}  {when}{why}".rstrip())


@releases.command()
@desk_option
@click.argument("release")
def show(folder: Path, release: str) -> None:
    """The manifest and the report of a Release, as JSON."""
    with _expected():
        found = Desk.open(folder).shelf.release(release)
    manifest = json.loads((found / MANIFEST).read_text(encoding="utf-8"))
    shown = {"manifest": manifest, "report": _report(found)}
    click.echo(json.dumps(shown, indent=1, ensure_ascii=False))


@releases.command()
@desk_option
@json_option
@click.argument("before")
@click.argument("after")
def diff(folder: Path, before: str, after: str, as_json: bool) -> None:
    """What the reports of two Releases say differently."""
    shelf = Desk.open(folder).shelf
    with _expected():
        old, new = (dict(_flat(_report(shelf.release(name)))) for name in (before, after))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    rows = {name: [old.get(name), new.get(name)] for name in names}
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for name, (was, now) in rows.items():
        click.echo(f"{name}: {was} -> {now}")


@releases.command()
@desk_option
@json_option
@click.argument("release")
def promote(folder: Path, release: str, as_json: bool) -> None:
    """Make a Release the champion; a running server follows within a second."""
    from bot.commands.serving import load_release  # torch: only to verify

    shelf = Desk.open(folder).shelf
    with _expected():
        found = shelf.release(release)
        load_release(found)
        shelf.promote(found.name)
    _told(found.name, as_json)


@releases.command()
@desk_option
@json_option
def rollback(folder: Path, as_json: bool) -> None:
    """Return to the Release that served before."""
    with _expected():
        _told(Desk.open(folder).shelf.rollback(intact), as_json)


@releases.command()
@desk_option
@json_option
def probation(folder: Path, as_json: bool) -> None:
    """How customers take the champion, beside the Release that it took over from."""
    from bot.probation import LOOKS, signs  # scipy
    from conversations.conduct import Conduct, conduct
    from conversations.ledger import Ledger
    from conversations.reader import Reader

    desk = Desk.open(folder)
    now, before = desk.shelf.serving, desk.shelf.succeeded
    if not before:
        raise Refused("The champion took over from no other Release: nothing is on probation.")
    with _expected(), Reader.open(desk.database) as log:
        found = conduct(Ledger.of(log.events()))
    new = found.get(now, Conduct())
    seen = signs(found.get(before, Conduct()), new)
    if as_json:
        rows = [
            {"name": s.name, "before": s.before, "after": s.after, "worse": s.worse} for s in seen
        ]
        click.echo(
            json.dumps(
                {"champion": now, "before": before, "decisions": new.decisions, "signs": rows}
            )
        )
        return
    for sign in seen:
        click.echo(f"{sign.sentence}{'  WORSE beyond chance' if sign.worse else ''}")
    click.echo(
        f"{now} after {before}: {new.decisions} decisions, looked at after {', '.join(map(str, LOOKS))}.",
        err=True,
    )


def intact(release: Path) -> bool:
    """Whether the files are those that were sealed; asked without torch, since a rollback is in a hurry."""
    try:
        verify(release)
    except ReleaseRefused as error:
        click.echo(f"passed over: {error}", err=True)
        return False
    return True


def _told(champion: str, as_json: bool) -> None:
    click.echo(json.dumps({"champion": champion}) if as_json else champion)


@contextlib.contextmanager
def _expected() -> Iterator[None]:
    try:
        yield
    except (ShelfError, LogError) as error:
        raise Refused(str(error)) from error


def _report(release: Path) -> dict[str, Any]:
    file = release / "report.json"
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return report


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield the leaves of a report, each with its path."""
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(part, f"{name}.{key}" if name else str(key))
        case list():
            for place, part in enumerate(value):
                yield from _flat(part, f"{name}[{place}]")
        case _:
            yield name, value
