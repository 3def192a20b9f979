"""init and doctor."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from bot.commands.desks import copy_files, desk_option, json_option, new_folder
from bot.desk import Desk
from bot.refused import Refused
from retrieval.pretrained import DEFAULT, ENCODERS, installed

STARTER = Path(__file__).parent.parent / "starter"
ROOM = (
    500 * 2**20
)  # bytes; a Release is some 90 MB (multilingual 290), and training makes another beside it
LIBRARIES = ("aiohttp", "faiss-cpu", "python-telegram-bot", "torch", "transformers")

Check = Callable[[], str]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--language", type=click.Choice(["en", "zh", "multi"]), default="en")
def init(folder: Path, language: str) -> None:
    """Make a new desk in DIR: configuration, examples, answers and a page to edit."""
    text = (STARTER / "desk.toml").read_text(encoding="utf-8")
    name = folder.resolve().name.replace('"', "").replace("\\", "")
    with new_folder(folder) as scratch:
        copy_files(STARTER / ("zh" if language == "zh" else "en"), scratch)
        encoder = DEFAULT if language == "en" else "multilingual"
        toml = text.format(name=name, language=language, encoder=encoder)
        (scratch / "desk.toml").write_text(toml, encoding="utf-8")
    click.echo(
        f"{folder} is a desk. Edit examples.csv and templates.jsonl, then:\n"
        f"  frontdesk retrain --desk {folder}\n  frontdesk serve --desk {folder}\n"
        f"Whoever is to sign in at its console:\n"
        f"  frontdesk users add NAME --role admin --desk {folder}",
        err=True,
    )


@click.command()
@desk_option
@json_option
def doctor(folder: Path, as_json: bool) -> None:
    """Check a desk and this machine; exit code 1 where something is wrong."""
    rows = [{"check": name, "ok": ok, "found": found} for name, ok, found in _checked(folder)]
    if as_json:
        click.echo(json.dumps({"checks": rows}, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{'ok ' if row['ok'] else 'BAD'} {row['check']:<14} {row['found']}")
    if not all(row["ok"] for row in rows):
        raise SystemExit(1)


def _checked(folder: Path) -> Iterator[tuple[str, bool, str]]:
    for name, check in _checks(folder).items():
        try:
            yield name, True, check()
        except Refused as refused:
            yield name, False, str(refused)


def _checks(folder: Path) -> dict[str, Check]:
    return {
        "python": platform.python_version,
        "sqlite": lambda: sqlite3.sqlite_version,
        "libraries": _libraries,
        "encoder": lambda: _encoder(Desk.open(folder)),
        "disk": lambda: _disk(folder),
        "configuration": lambda: Desk.open(folder).settings.name,
        "forms": lambda: _forms(Desk.open(folder)),
        "event log": lambda: _event_log(Desk.open(folder)),
        "answers": lambda: _answers(Desk.open(folder)),
        "release": lambda: _release(Desk.open(folder)),
        "port": lambda: _port(Desk.open(folder)),
        "telegram": lambda: _telegram(Desk.open(folder)),
        "mail": lambda: _mail(Desk.open(folder)),
        "sign-in": lambda: _sign_in(Desk.open(folder)),
    }


def _libraries() -> str:
    try:
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    except importlib.metadata.PackageNotFoundError as error:
        raise Refused(f"{error.name} is not installed; install frontdesk again.") from error


def _encoder(desk: Desk) -> str:
    """The one that the desk learns with, and which others there are."""
    named, found = desk.settings.encoder, installed()
    if not found.get(named, True):
        raise Refused(f"{named} is not installed: pip install {ENCODERS[named].distribution}")
    others = [f"{name} {'installed' if there else 'not installed'}" for name, there in found.items() if name != named]  # fmt: skip
    return f"{named}; {', '.join(others)}"


def _disk(folder: Path) -> str:
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise Refused(f"{free >> 20} MB free; a Release and its successor need {ROOM >> 20}.")
    return f"{free >> 20} MB free"


def _forms(desk: Desk) -> str:
    from bot.form_files import read_forms

    forms = list(read_forms(desk.folder, desk.settings))
    slots = sum(len(form.slots) for form in forms)
    asking = sum(form.lookup is not None for form in forms)
    return f"{len(forms)} with {slots} slots, {asking} with a lookup" if forms else "none"


def _event_log(desk: Desk) -> str:
    from conversations.errors import LogError
    from conversations.reader import Reader

    if not desk.database.exists():
        return "none yet; it begins with the first start"
    try:
        with Reader.open(desk.database) as log:
            return f"{log.seq()} events"
    except LogError as error:
        raise Refused(str(error)) from error


def _answers(desk: Desk) -> str:
    from retrieval.template_files import read_templates
    from retrieval.templates import TemplateError, ending, live

    file = desk.folder / "templates.jsonl"
    if not file.is_file():
        return "no templates.jsonl"
    try:
        given = live(read_templates(file, desk.settings.known))
    except TemplateError as error:
        raise Refused(f"{error}.") from error
    today = desk.clock().astimezone(desk.settings.words.zone).date()
    ends = [
        f"{t.id} {'ended' if not t.valid(today) else 'ends'} on {t.valid_until}"
        for t in ending(given, today)
    ]
    return ", ".join((f"{len(given)} live", *ends))


def _release(desk: Desk) -> str:
    from bot.commands.serving import load_release  # torch: only here

    if not desk.shelf.serving:
        raise Refused(f"There is none yet; make one with: frontdesk retrain --desk {desk.folder}")
    return load_release(desk.shelf.champion.resolve()).hash


def _port(desk: Desk) -> str:
    if holder := desk.holder():
        return f"served by process {holder.pid} at {holder.url}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((desk.settings.host, desk.settings.port))
        except OSError as error:
            raise Refused(f"Port {desk.settings.port}: {error.strerror}.") from error
    return f"{desk.settings.port} is free"


def _telegram(desk: Desk) -> str:
    if not desk.settings.telegram.token.get_secret_value():
        return "off: no token"
    return "on, by webhook" if desk.settings.telegram.webhook_url else "on, by polling"


def _mail(desk: Desk) -> str:
    """The mail server, and when the report goes through it; nobody is connected to."""
    from bot.report.mail import MailRefused

    mail, report = desk.settings.mail, desk.settings.report
    if not mail.host:
        return "off: no host"
    try:
        mail.server(desk.folder)
    except MailRefused as error:
        raise Refused(str(error)) from error
    by_itself = (
        f"out on {report.at} to {len(report.to)}" if report.at else "out when it is asked for"
    )
    return f"{mail.host}:{mail.port}, {mail.security}; the weekly report goes {by_itself}"


def _sign_in(desk: Desk) -> str:
    """Who may, and which admins have nothing but a password."""
    from bot.commands.users import first
    from bot.staff.book import Book
    from bot.staff.errors import StaffError
    from bot.staff.roles import Role

    if not desk.staff.exists():
        return f"nobody can; {first(desk.folder)}"
    try:
        with contextlib.closing(Book.open(desk.staff, desk.clock)) as book:
            users = [user for user in book.users() if not user.disabled]
    except StaffError as error:
        raise Refused(str(error)) from error
    admins = [user for user in users if user.role is Role.ADMIN]
    if not admins:
        return f"{len(users)} can, no admin among them; {first(desk.folder)}"
    bare = [user.name for user in admins if not user.second_factor]
    factor = f"no second factor: {', '.join(bare)}" if bare else "each with a second factor"
    return f"{len(users)} can, {len(admins)} of them admin, {factor}"
