"""releases list, show, promote, rollback; the other subcommands are modules of their own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import click

from bot.catalogue import report_of, stands
from bot.commands.desks import desk_option, json_option
from bot.desk import Desk
from bot.lazy import Lazy
from bot.refused import Refused
from conversations.errors import LogError
from retrieval.manifest import MANIFEST, ReleaseRefused, verify
from retrieval.marks import Standing
from retrieval.shelf import ShelfError

SHOWN = 10  # removed Releases in a list for people


class _Commands(Lazy):
    commands_of: ClassVar[Mapping[str, tuple[str, str]]] = {
        "list": ("bot.commands.releases:list_", "The sealed Releases, the newest first."),
        "show": ("bot.commands.releases:show", "The manifest and the report of a Release."),
        "diff": ("bot.commands.diffing:diff", "What changes for customers between two Releases."),
        "promote": ("bot.commands.releases:promote", "Make a Release the champion."),
        "probation": (
            "bot.commands.proving:probation",
            "How customers take the champion, beside the one before.",
        ),
        "try": ("bot.commands.proving:try_", "Try a Release out beside the champion."),
        "trial": (
            "bot.commands.proving:trial",
            "How customers take the Release that is tried out.",
        ),
        "rollback": ("bot.commands.releases:rollback", "Return to the Release that served before."),
    }


@click.group(cls=_Commands)
def releases() -> None:
    """List, promote and roll back Releases."""


@click.command("list")
@desk_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """The sealed Releases, the newest first."""
    shelf = Desk.open(folder).shelf
    rows = [stands(shelf, name) for name in shelf.sealed()]
    gone = [mark for mark in shelf.marks.values() if mark.standing is Standing.REMOVED]
    if as_json:
        removed = [{"hash": m.hash, "at": m.at, "because": m.because} for m in gone]
        click.echo(json.dumps({"releases": rows, "removed": removed}))
        return
    for row in rows:
        when = " ".join(filter(None, (row["standing"], row["at"])))
        why = f"  {row['because']}" if row["because"] else ""
        click.echo(f"{'*' if row['champion'] else ' '} {row['hash']}  {when}{why}".rstrip())
    for mark in gone[-SHOWN:]:
        click.echo(f"- {mark.hash}  removed {mark.at}  {mark.because}".rstrip())
    if len(gone) > SHOWN:
        click.echo(f"and {len(gone) - SHOWN} removed before, all in {folder / 'candidates.jsonl'}")


@click.command()
@desk_option
@click.argument("release")
def show(folder: Path, release: str) -> None:
    """The manifest and the report of a Release, as JSON."""
    with expected():
        found = Desk.open(folder).shelf.release(release)
    manifest = json.loads((found / MANIFEST).read_text(encoding="utf-8"))
    shown = {"manifest": manifest, "report": report_of(found)}
    click.echo(json.dumps(shown, indent=1, ensure_ascii=False))


@click.command()
@desk_option
@json_option
@click.argument("release")
def promote(folder: Path, release: str, as_json: bool) -> None:
    """Make a Release the champion; a running server follows within a second."""
    from bot.commands.serving import load_release  # torch: only to verify

    shelf = Desk.open(folder).shelf
    with expected():
        found = shelf.release(release)
        load_release(found)
        shelf.promote(found.name)
    _told(found.name, as_json)


@click.command()
@desk_option
@json_option
def rollback(folder: Path, as_json: bool) -> None:
    """Return to the Release that served before."""
    with expected():
        _told(Desk.open(folder).shelf.rollback(intact), as_json)


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
def expected() -> Iterator[None]:
    """Say in its sentence why the shelf cannot do it."""
    try:
        yield
    except (ShelfError, LogError) as error:
        raise Refused(str(error)) from error
