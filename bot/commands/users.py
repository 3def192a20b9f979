"""
users: who may sign in, straight in staff.db, whether or not a server runs: it looks a session up there at each request.

No password is an argument, which other users of the machine could read: it is prompted for, comes on stdin, or is made.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.commands.desks import desk_option, json_option
from bot.desk import Desk
from bot.refused import Refused
from bot.staff import passwords, second_factor
from bot.staff.book import Book, Session, User
from bot.staff.errors import NameTaken, StaffError
from bot.staff.names import checked_name
from bot.staff.roles import By, Role
from conversations.text import printable

Command = TypeVar("Command", bound=Callable[..., Any])

DEMO = "demo"
LAST = 50  # lines of the audit log
ROLES = click.Choice([str(role) for role in Role])

generate_option = click.option(
    "--generate", is_flag=True, help="Make a password and print it, this once."
)
name_argument = click.argument("name")


@click.group()
def users() -> None:
    """Who may sign in at the console, and what they changed."""


@users.command()
@desk_option
@name_argument
@click.option("--role", type=ROLES, required=True, help="What they may do: each role holds the ones before it.")  # fmt: skip
@generate_option
def add(folder: Path, name: str, role: str, generate: bool) -> None:
    """Add a user; the password is prompted for, or read from stdin."""
    with _people(folder) as (_, book):
        name = checked_name(name)
        if (other := book.find(name)) is not None:  # before anybody thinks of a password
            raise NameTaken(f"There is a user {other.name!r} already.")
        given = _password(name, generate)
        book.add(name, Role(role), passwords.hashed(given), _by())
    _tell(f"{name} may sign in at /console as {role}.", given if generate else "")


@users.command("list")
@desk_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """Everybody who may sign in, or might once."""
    with _people(folder) as (_, book):
        found = book.users()
    if as_json:
        click.echo(json.dumps({"users": [user.shown() for user in found]}, ensure_ascii=False))
        return
    for user in found:
        factor = f"second factor {'on' if user.second_factor else 'off'}"
        cells = (user.name, user.role, factor, "disabled" if user.disabled else "")
        click.echo("\t".join(cells).rstrip())
    if not found:
        _tell(f"There is nobody yet; {first(folder)}")


@users.command()
@desk_option
@name_argument
@generate_option
def password(folder: Path, name: str, generate: bool) -> None:
    """Give a user another password, prompted for or read from stdin; their sessions end."""
    with _people(folder) as (_, book):
        name = book.user(name).name
        given = _password(name, generate)
        book.set_password(name, passwords.hashed(given), _by())
    said = f"{name} has a new password and is signed out everywhere."
    _tell(said, given if generate else "")


@users.command()
@desk_option
@name_argument
@click.argument("role", type=ROLES)
def role(folder: Path, name: str, role: str) -> None:
    """Give a user another role; their sessions end."""
    with _people(folder) as (_, book):
        user = book.user(name)
        if user.role == role:
            _tell(f"{user.name} is {role} already; nothing changed.")
            return
        book.set_role(name, Role(role), _by())
    _tell(f"{user.name} is {role} now and has to sign in anew.")


@users.command()
@desk_option
@name_argument
def disable(folder: Path, name: str) -> None:
    """Keep a user out, at once; their name stays in what they did."""
    _set_disabled(folder, name, True)


@users.command()
@desk_option
@name_argument
def enable(folder: Path, name: str) -> None:
    """Let a user in again, with the password that they had."""
    _set_disabled(folder, name, False)


def _set_disabled(folder: Path, name: str, disabled: bool) -> None:
    now = "disabled" if disabled else "enabled"
    with _people(folder) as (_, book):
        user = book.user(name)
        if user.disabled is disabled:
            _tell(f"{user.name} is {now} already; nothing changed.")
            return
        book.set_disabled(name, disabled, _by())
    _tell(f"{user.name} is {now}.")


@users.command("second-factor")
@desk_option
@name_argument
@click.option("--off", is_flag=True, help="Ask for none any more: the phone and the codes are lost.")  # fmt: skip
def factor(folder: Path, name: str, off: bool) -> None:
    """Ask a user for a second factor, or for another one: prints what the app takes, and ten recovery codes."""
    with _people(folder) as (desk, book):
        user = book.user(name)
        if off:
            _switch_off(book, user)
            return
        secret, codes = second_factor.new_secret(), second_factor.recovery_codes()
        book.set_second_factor(user.name, secret, map(second_factor.kept, codes), _by())
    uri = second_factor.uri(secret, user.name, desk.settings.name)
    click.echo("\n".join([uri, *codes]))
    if sys.stdout.isatty():
        _show(uri)
    _tell(
        f"{user.name} is asked for a code from now on. Above are the address for an authenticator app"
        " and ten recovery codes, each good once: both are printed this once."
    )


def _switch_off(book: Book, user: User) -> None:
    if not user.second_factor:
        _tell(f"{user.name} has no second factor; nothing changed.")
        return
    book.set_second_factor(user.name, "", (), _by())
    _tell(f"{user.name} signs in with the password alone.")


def _show(uri: str) -> None:
    import segno

    blocks = "utf" in (sys.stdout.encoding or "").lower()
    segno.make_qr(uri).terminal(sys.stdout, compact=blocks)


@users.command()
@desk_option
@json_option
@name_argument
@click.option("--revoke", is_flag=True, help="End them all.")
def sessions(folder: Path, as_json: bool, name: str, revoke: bool) -> None:
    """Where a user is signed in: since when, last seen when, from which network (as a hash)."""
    with _people(folder) as (_, book):
        user = book.user(name)
        if revoke:
            ended = book.end_sessions(name, _by())
            _tell(f"{user.name} is signed out everywhere; sessions ended: {ended}.")
            return
        rows = [_shown(one) for one in book.sessions() if one.user.name == user.name]
    if as_json:
        click.echo(json.dumps({"sessions": rows}))
        return
    for row in rows:
        click.echo("\t".join(row.values()))
    if not rows:
        _tell(f"{user.name} is signed in nowhere.")


def _shown(session: Session) -> dict[str, str]:
    begun, seen = (at.isoformat(timespec="seconds") for at in (session.begun, session.seen))
    return {"begun": begun, "seen": seen, "network": session.network}


@users.command()
@desk_option
@json_option
@click.option("--last", type=click.IntRange(1), default=LAST, show_default=True, help="How many lines.")  # fmt: skip
@click.option("--verify", is_flag=True, help="Check that no line was changed or taken out.")
@click.option("--noted", default="", metavar="HASH", help="With --verify: a last hash of earlier, which must stand in it.")  # fmt: skip
def audit(folder: Path, as_json: bool, last: int, verify: bool, noted: str) -> None:
    """Who changed what, the latest first."""
    if noted and not verify:
        raise click.UsageError("--noted goes with --verify.")
    with _people(folder) as (_, book):
        if verify:
            _verified(book, noted, as_json)
            return
        lines = book.audit(last)
    if as_json:
        click.echo(json.dumps({"lines": [asdict(line) for line in lines]}, ensure_ascii=False))
        return
    for line in lines:
        change = " -> ".join(value for value in (line.before, line.after) if value)
        cells = (str(line.seq), line.at, line.who, line.via, line.what, line.subject, change)
        click.echo("\t".join(" ".join(printable(cell).split()) for cell in cells).rstrip())


def _verified(book: Book, noted: str, as_json: bool) -> None:
    found = book.verify(noted)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    if found.wrong:
        raise Refused(f"The audit log was tampered with or cut short. {found.wrong}")
    if not as_json:
        click.echo(found.last)
    _tell(f"Lines: {found.lines}, none changed or missing. Note the last hash where nobody here can write.")  # fmt: skip


def first(folder: Path) -> str:
    """Return how the first user is added to a desk."""
    return f"add the first one with: frontdesk users add NAME --role admin --desk {folder}"


def demo_user(desk: Desk, url: str) -> str:
    """Return how one signs in at the demo: its admin is made with a password that is said this once, or stays."""
    console = f"The console is at {url}/console"
    with _book(desk) as book:
        if book.find(DEMO) is not None:
            another = f"frontdesk users password {DEMO} --generate --desk {desk.folder}"
            return f"{console}: the user {DEMO} is kept, password and all; another one: {another}"
        given = passwords.generated()
        book.add(DEMO, Role.ADMIN, passwords.hashed(given), _by())
    return f"{console}: sign in as {DEMO} with the password {given}  (said this once)"


@contextlib.contextmanager
def _people(folder: Path) -> Iterator[tuple[Desk, Book]]:
    desk = Desk.open(folder)
    with _book(desk) as book:
        yield desk, book


@contextlib.contextmanager
def _book(desk: Desk) -> Iterator[Book]:
    try:
        with contextlib.closing(Book.open(desk.staff, desk.clock)) as book:
            yield book
    except StaffError as error:
        raise Refused(str(error)) from error


def _password(name: str, generate: bool) -> str:
    """Return a password that nobody guesses soon: a new one, what is typed twice, or the first line of stdin."""
    if generate:
        return passwords.generated()
    if sys.stdin.isatty():
        given = click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt="Again", err=True)  # fmt: skip
    else:
        given = _line()
    passwords.refuse_weak(given, name)
    return str(given)


def _line() -> str:
    try:
        given = sys.stdin.readline().rstrip("\r\n")
        given.encode()  # Python reads what is no UTF-8 as half characters, which no browser sends
    except UnicodeError as error:
        raise Refused("The password on stdin is not valid UTF-8.") from error
    if not given:
        raise Refused("No password came on stdin: send a line with one, or use --generate.")
    return given


def _by() -> By:
    try:
        return By(getpass.getuser(), "shell")
    except (KeyError, OSError):  # a container's number without a name
        return By(f"uid {os.getuid()}", "shell")


def _tell(sentence: str, made: str = "") -> None:
    if made:
        click.echo(made)
    click.echo(sentence, err=True)
