"""frontdesk users: who may sign in, from the command line, beside a running server; and what demo, init and doctor say of it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from bot import app
from bot.commands.users import demo_user
from bot.desk import Desk
from bot.staff import passwords
from tests.bot.served import make_desk, world
from tests.bot.staffed import Browser, book_of
from tests.bot.test_cli import refused, run

GOOD = "four words quite different"


@pytest.fixture
def where(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "desk.toml").write_text("name = 'Puddle & Pine'\nport = 0\n")
    return "--desk", str(tmp_path)


def typed(*words: str, keys: Iterable[str] = ()) -> tuple[int, str]:
    """Run a command at a terminal, where somebody answers each prompt; gives the exit code and all that is to be seen."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "bot.cli", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as running:  # fmt: skip
        os.close(theirs)
        seen, answers = b"", iter(keys)
        while select.select([ours], [], [], 60)[0] and (part := _read(ours)):
            seen += part
            if seen.endswith(b": "):  # what is typed before the prompt is thrown away
                os.write(ours, f"{next(answers)}\n".encode())
        code = running.wait(60)
    os.close(ours)
    return code, seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other end is closed
        return b""


def test_users_are_added_listed_and_changed(where: tuple[str, str], tmp_path: Path) -> None:
    added = run("users", "add", "Ada", "--role", "admin", *where, stdin=f"{GOOD}\n")
    assert (added.exit_code, added.stdout) == (0, "")
    assert added.stderr == "Ada may sign in at /console as admin.\n"
    made = run("users", "add", "bo", "--role", "viewer", "--generate", *where).stdout.strip()
    assert re.fullmatch(r"[\w-]{24}", made)
    for lost in (("disable", "ada"), ("role", "ada", "trainer")):
        said = refused("users", *lost, *where)
        assert said.startswith("frontdesk: Ada is the last admin who may sign in: make")
    run("users", "role", "bo", "trainer", *where)
    run("users", "disable", "BO", *where)
    listed = run("users", "list", *where).stdout
    assert listed == "Ada\tadmin\tsecond factor off\nbo\ttrainer\tsecond factor off\tdisabled\n"
    run("users", "enable", "bo", *where)
    rows = json.loads(run("users", "list", "--json", *where).stdout)["users"]
    assert [(row["name"], row["role"], row["disabled"]) for row in rows] == [
        ("Ada", "admin", False),
        ("bo", "trainer", False),
    ]
    book = book_of(Desk.open(tmp_path))
    assert passwords.fits(book.user("ada").password, GOOD)
    assert passwords.fits(book.user("bo").password, made)
    assert {line.via for line in book.audit(9)} == {"shell"}
    book.close()


def test_a_password_is_typed_twice_and_not_shown(where: tuple[str, str], tmp_path: Path) -> None:
    keys = (GOOD, "another one", GOOD, GOOD)
    code, seen = typed("users", "add", "Ada", "--role", "admin", *where, keys=keys)
    assert code == 0, seen
    assert GOOD not in seen
    assert "do not match" in seen
    book = book_of(Desk.open(tmp_path))
    assert passwords.fits(book.user("ada").password, GOOD)
    book.close()


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["add", "ada", "--role", "viewer"], GOOD, "There is a user 'Ada' already."),
        (["add", "<b>", "--role", "viewer"], GOOD, "'<b>' cannot be a user's name: choose"),
        (["add", "bo", "--role", "viewer"], "", "No password came on stdin: send a line"),
        (["add", "bo", "--role", "viewer"], "password123", "--generate one."),
        (["add", "bo", "--role", "viewer"], "short", "A password has 10 to 1,024 characters."),
        (["password", "bo"], GOOD, "There is no user 'bo'; frontdesk users list shows"),
        (["role", "bo", "admin"], "", "There is no user 'bo'; frontdesk users list shows"),
        (["second-factor", "bo"], "", "There is no user 'bo'; frontdesk users list shows"),
        (["sessions", "bo"], "", "There is no user 'bo'; frontdesk users list shows"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_changes_nothing(
    where: tuple[str, str], words: list[str], stdin: str, said: str
) -> None:
    run("users", "add", "Ada", "--role", "admin", *where, stdin=GOOD)
    before = run("users", "audit", "--json", *where).stdout
    result = run("users", *words, *where, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert run("users", "audit", "--json", *where).stdout == before


def test_a_password_in_another_encoding_is_refused(where: tuple[str, str]) -> None:
    words = ("users", "add", "ada", "--role", "admin", *where)
    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "bot.cli", *words],
        input="ein längerer Satz".encode("latin-1"), capture_output=True, check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (1, b"")
    assert b"not valid UTF-8" in result.stderr


def test_a_role_that_there_is_not_is_a_usage_error(where: tuple[str, str]) -> None:
    assert run("users", "add", "ada", "--role", "boss", *where).exit_code == 2
    assert run("users", "add", "ada", *where).exit_code == 2
    assert run("users", "audit", "--noted", "x", *where).exit_code == 2


def test_a_second_factor_is_told_once_and_drawn_for_a_phone(where: tuple[str, str]) -> None:
    run("users", "add", "Ada", "--role", "admin", *where, stdin=GOOD)
    uri, *codes = run("users", "second-factor", "ada", *where).stdout.splitlines()
    assert uri.startswith("otpauth://totp/Puddle%20%26%20Pine:Ada?secret=")
    assert len(codes) == 10
    code, seen = typed("users", "second-factor", "ada", *where)
    assert code == 0
    assert seen.count("█") > 100
    assert uri not in seen  # another one, so that the first app shows nothing that counts
    assert "the password alone" in run("users", "second-factor", "ada", "--off", *where).stderr
    assert "nothing changed" in run("users", "second-factor", "ada", "--off", *where).stderr


def test_the_audit_log_is_read_and_checked(where: tuple[str, str], tmp_path: Path) -> None:
    run("users", "add", "Ada", "--role", "trainer", *where, stdin=GOOD)
    noted = run("users", "audit", "--verify", *where).stdout.strip()
    run("users", "role", "ada", "viewer", *where)
    latest, first = (one.split("\t") for one in run("users", "audit", *where).stdout.splitlines())
    assert latest[3:] == ["shell", "role changed", "Ada", "trainer -> viewer"]
    assert first[4:] == ["user added", "Ada", "trainer"]
    assert run("users", "audit", "--last", "1", *where).stdout.startswith("2\t")
    assert run("users", "audit", "--verify", "--noted", noted, *where).exit_code == 0
    assert "made anew" in refused("users", "audit", "--verify", "--noted", "0" * 64, *where)
    book = book_of(Desk.open(tmp_path))
    book._connection.executescript(
        "DROP TRIGGER audit_stays; UPDATE audit SET after = 'x' WHERE seq = 1"
    )
    book.close()
    assert "Line 1 was changed" in refused("users", "audit", "--verify", *where)
    checked = run("users", "audit", "--verify", "--json", *where)
    assert (checked.exit_code, json.loads(checked.stdout)["lines"]) == (1, 0)


async def test_a_running_server_heeds_it_at_once(tmp_path: Path) -> None:
    desk, where = make_desk(tmp_path), ("--desk", str(tmp_path))
    async with (
        app.serving(desk, world(), host="127.0.0.1", port=0) as url,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
    ):
        run("users", "add", "Ada", "--role", "trainer", *where, stdin=GOOD)
        browser = Browser(url, session)
        for words in (
            ["disable", "ada"],
            ["enable", "ada"],
            ["role", "ada", "operator"],
            ["sessions", "ada", "--revoke"],
        ):
            if words[0] != "enable":
                assert (await browser.sign_in("ada", GOOD))[0] == 204
                rows = json.loads(run("users", "sessions", "ada", "--json", *where).stdout)
                assert len(rows["sessions"]) == 1
            assert run("users", *words, *where).exit_code == 0
            assert (await browser.ask("GET", "/api/v1/me"))[0] == 401
        assert "signed in nowhere" in run("users", "sessions", "ada", *where).stderr


def test_a_file_of_users_that_is_none_is_left_as_it_is(
    where: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "staff.db").write_bytes(b"no database at all" * 100)
    assert "restore it from a backup" in refused("users", "list", *where)
    checks = json.loads(run("doctor", "--json", *where).stdout)["checks"]
    assert [row["ok"] for row in checks if row["check"] == "sign-in"] == [False]


def test_a_file_that_root_begins_is_the_desks_owners(
    where: tuple[str, str], tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can act for another user")
    os.chown(tmp_path, 1234, 1234)
    run("users", "list", *where)
    assert (tmp_path / "staff.db").stat().st_uid == 1234


def test_doctor_says_whether_anybody_can_sign_in(where: tuple[str, str]) -> None:
    def said() -> str:
        checks = json.loads(run("doctor", "--json", *where).stdout)["checks"]
        return next(str(row["found"]) for row in checks if row["check"] == "sign-in")

    assert said().startswith("nobody can; add the first one with: frontdesk users add NAME --role")
    run("users", "add", "bo", "--role", "viewer", *where, stdin=GOOD)
    assert said().startswith("1 can, no admin among them; add the first one with:")
    run("users", "add", "Ada", "--role", "admin", *where, stdin=GOOD)
    assert said() == "2 can, 1 of them admin, no second factor: Ada"
    run("users", "second-factor", "ada", *where)
    assert said() == "2 can, 1 of them admin, each with a second factor"


def test_init_says_how_the_first_user_is_added(tmp_path: Path) -> None:
    said = run("init", str(tmp_path / "shop")).stderr
    assert f"frontdesk users add NAME --role admin --desk {tmp_path / 'shop'}\n" in said


def test_the_demos_admin_is_made_once_and_kept(where: tuple[str, str], tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    said = demo_user(desk, "http://localhost:8080")
    found = re.fullmatch(
        r"The console is at http://localhost:8080/console: sign in as demo with the password (\S+)  \(said this once\)",
        said,
    )
    assert found, said
    book = book_of(desk)
    assert passwords.fits(book.user("demo").password, found[1])
    book.close()
    again = demo_user(desk, "http://localhost:8080")
    assert "the user demo is kept, password and all; another one: frontdesk users password" in again
