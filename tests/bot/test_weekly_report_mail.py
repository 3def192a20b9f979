"""The weekly report on its way: by mail and by the command, and once a week by itself."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import frontdesk
from bot.config import read_settings
from bot.desk import Desk
from bot.office import made
from bot.refused import Refused
from bot.report.mail import MailRefused, MailServer, letter
from bot.report.week import Moment, Week, named
from bot.report.weekly import NOTE, Weekly, post, weekly
from conversations.views.view import Views
from tests.bot.empty_week import empty
from tests.bot.house import event_log
from tests.bot.served import make_desk, served
from tests.fakes.smtp import FakeMail

MONDAY_EIGHT = Moment(0, time(8))
SOME_DAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


# Mail

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
security = "{security}"
sender = "desk@shop.example"
[report]
to = ["ann@shop.example", "bob@shop.example"]
"""


def mailing(folder: Path, port: int, security: str = "none", more: str = "") -> Desk:
    return make_desk(folder, MAIL.format(port=port, security=security) + more)


def hello() -> EmailMessage:
    return letter(
        subject="A\nweek", sender="a@b.example", to=("c@d.example",), text="t", page="<p>p", at=SOME_DAY, message_id="<1@b.example>"
    )  # fmt: skip


def test_a_report_is_mailed_as_a_text_and_a_page(tmp_path: Path) -> None:
    with FakeMail(unknown={"bob@shop.example"}) as server:
        desk = mailing(tmp_path, server.port)
        assert post(desk, empty(desk, named("2026-W48"))) == ["bob@shop.example"]
    [mail] = server.mails
    message = message_from_string(mail, policy=policy.default)
    assert message["Subject"] == "Test: week 2026-W48"
    assert message["To"] == "ann@shop.example, bob@shop.example"
    assert message["Date"].datetime.tzinfo is not None
    assert all(len(line) <= 998 for line in mail.splitlines())  # RFC 5322, section 2.1.1
    assert "auto-generated" in message["Auto-Submitted"]
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key in one file, for this machine alone."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(  # noqa: S603 - our own words
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", file, "-out", f"{file}.crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],  # noqa: S607 - wherever it is
        check=True,
        capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def test_a_password_goes_over_tls_to_a_server_that_is_trusted(certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=f"{certificate}.crt")
    with FakeMail(tls=tls, password="right") as server:
        known = MailServer("localhost", server.port, user="desk", password="right", trust=trust)
        assert known.send(hello()) == []
        with pytest.raises(MailRefused, match="refused the user or the password"):
            replace(known, password="wrong").send(hello())
        with pytest.raises(MailRefused, match="cannot be trusted: self-signed certificate"):
            replace(known, trust=None).send(hello())
    assert len(server.mails) == 1


def test_a_mail_server_that_refuses_is_said_so() -> None:
    with FakeMail(busy=1, unknown={"c@d.example"}) as server:
        plain = MailServer("127.0.0.1", server.port, security="none")
        with pytest.raises(MailRefused, match=r"takes no mail for c@d\.example"):
            plain.send(hello())
        server.unknown.clear()
        with pytest.raises(MailRefused, match="refused: 451 try again later"):
            plain.send(hello())
        with pytest.raises(MailRefused, match="does not offer what is asked of it: STARTTLS"):
            replace(plain, security="starttls").send(hello())
        with pytest.raises(MailRefused, match="cannot be trusted"):
            replace(plain, security="tls").send(hello())
    with pytest.raises(MailRefused, match="cannot be reached: Connection refused"):
        plain.send(hello())


# Once a week


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def test_a_report_goes_once_a_week_through_restarts_and_refusals(tmp_path: Path) -> None:
    desk, sent, refusing = make_desk(tmp_path), list[str](), True
    clock = Clock(datetime(2026, 11, 25, 12, tzinfo=UTC))  # a Wednesday

    async def send(week: Week) -> None:
        if refusing:
            raise MailRefused("The mail server is full.")
        sent.append(week.name)

    async with event_log(tmp_path, clock) as log:

        def server() -> Weekly:
            return Weekly(desk, log, clock, MONDAY_EIGHT, send)

        await server().look()  # the first one ever: what was before is nobody's concern
        clock.now = datetime(2026, 11, 30, 7, 59, tzinfo=UTC)
        await server().look()
        assert sent == []
        clock.now += timedelta(minutes=2)
        first = server()
        await first.look()
        refusing = False
        await first.look()  # not at once
        assert sent == []
        clock.now += timedelta(minutes=2)
        await first.look()
        await first.look()
        await server().look()
        assert sent == ["2026-W48"]
        clock.now += timedelta(days=10)  # no server ran on Monday
        await server().look()
        await server().look()
        assert sent == ["2026-W48", "2026-W49"]
        assert await log.note(NOTE) == "2026-W49"


async def test_a_server_that_stops_while_it_sends_sends_whole_and_once(tmp_path: Path) -> None:
    desk, sent = make_desk(tmp_path), list[str]()
    clock, begun, go_on = (
        Clock(datetime(2026, 11, 30, 9, tzinfo=UTC)),
        asyncio.Event(),
        asyncio.Event(),
    )

    async def send(week: Week) -> None:
        begun.set()
        await go_on.wait()
        sent.append(week.name)

    async with event_log(tmp_path, clock) as log:
        await log.keep_note(NOTE, "2026-W47")
        watching = asyncio.create_task(Weekly(desk, log, clock, MONDAY_EIGHT, send).watch())
        await begun.wait()
        watching.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(watching, return_exceptions=True)
        await Weekly(desk, log, clock, MONDAY_EIGHT, send).look()
    assert sent == ["2026-W48"]


async def test_a_running_server_mails_the_report_and_a_restarted_one_does_not(
    tmp_path: Path,
) -> None:
    with FakeMail() as server:
        desk = mailing(tmp_path, server.port, more='at = "monday 00:00"')
        async with event_log(tmp_path) as log:
            await log.keep_note(NOTE, "2026-W01")
        async with served(desk):
            assert await asyncio.to_thread(server.taken.wait, 120)
        async with served(desk) as client:
            await client.say("my order please")
        async with event_log(tmp_path) as log:
            week = await log.note(NOTE)
    [mail] = server.mails
    message = message_from_string(mail, policy=policy.default)
    assert message["Subject"] == f"Test: week {week}"
    assert re.fullmatch(
        rf"<frontdesk\.[0-9a-f]{{16}}\.{week}@shop\.example>", message["Message-ID"]
    )


async def test_what_waits_for_a_label_is_in_the_mail(tmp_path: Path) -> None:
    async def labels() -> int:
        return 17

    with FakeMail() as server:
        desk = mailing(tmp_path, server.port, more='at = "monday 08:00"')
        async with event_log(tmp_path) as log, Views.open(log, made(desk)) as views:
            reports = weekly(desk, desk.clock, log, views, labels)
            assert reports is not None
            await log.keep_note(NOTE, "2026-W01")
            await reports.look()
            await reports.look()
    [mail] = server.mails
    body = message_from_string(mail, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert re.search(r"want a label +17\b", body.get_content())


# The settings and the command


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[report]\nat = 'monday 8'", 'write it like "monday 08:00"'),
        ("[report]\nat = 'monday 08:00'", "report.at needs somebody in report.to"),
        ("[report]\nto = ['ann']", "'ann' is no mail address"),
        ("[mail]\nhost = 'm.example'", "sender: say whom mails are from"),
        ("[mail]\nhost = 'm.example'\nsender = 'a@b.example'\nuser = 'a'\nsecurity = 'none'", "starttls or tls only"),
        ("[mail]\nsecurity = 'ssl'", "mail.security (or FRONTDESK_MAIL_SECURITY)"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_said_so(tmp_path: Path, toml: str, sentence: str) -> None:
    (tmp_path / "desk.toml").write_text(f"name = 'x'\n{toml}\n")
    with pytest.raises(Refused) as refused:
        read_settings(tmp_path / "desk.toml")
    assert sentence in str(refused.value)


def test_a_password_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_MAIL_PASSWORD", "a secret")
    (tmp_path / "desk.toml").write_text(
        "name = 'x'\n[mail]\nhost = 'm.example'\nsender = 'a@b.example'\nuser = 'a'\n"
    )
    settings = read_settings(tmp_path / "desk.toml")
    assert settings.mail.server(tmp_path).password == "a secret"
    assert "a secret" not in repr(settings)


def test_a_password_can_stand_in_a_file_and_never_in_the_configuration(tmp_path: Path) -> None:
    mail = "name = 'x'\n[mail]\nhost = 'm.example'\nsender = 'a@b.example'\nuser = 'a'\n"
    toml = tmp_path / "desk.toml"
    toml.write_text(mail + "password = 'open'\n")
    with pytest.raises(Refused, match=r"mail\.password does not belong") as refused:
        read_settings(toml)
    assert "open" not in str(refused.value)
    toml.write_text(mail + "password_file = 'mail.secret'\n")
    settings = read_settings(toml)
    with pytest.raises(MailRefused, match=r"mail\.secret: No such file or directory"):
        settings.mail.server(tmp_path)
    (tmp_path / "mail.secret").write_text("\n")
    with pytest.raises(MailRefused, match=r"mail\.secret: nothing is"):
        settings.mail.server(tmp_path)
    (tmp_path / "mail.secret").write_text("a secret\n")
    assert settings.mail.server(tmp_path).password == "a secret"


def test_the_command_prints_writes_and_refuses(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    run = CliRunner()
    shown = run.invoke(frontdesk, ["report", "--desk", str(desk.folder)])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Test: week ")
    page = tmp_path / "report.html"
    kept = run.invoke(
        frontdesk, ["report", "--desk", str(desk.folder), "--week", "2026-W01", "--out", str(page)]
    )
    assert (kept.exit_code, kept.stdout) == (0, "")
    assert page.read_text().startswith("<!doctype html>")
    told = run.invoke(frontdesk, ["report", "--desk", str(desk.folder), "--json"])
    assert json.loads(told.stdout)["desk"] == "Test"
    for words, sentence in (
        (["--week", "soon"], "'soon' is no week"),
        (["--week", "9000-W01"], "9000-W01 has not begun yet."),
        (["--mail"], "set [mail] host and sender, and [report] to."),
        (["--out", str(tmp_path / "no" / "file")], "No such file or directory"),
    ):
        refused = run.invoke(frontdesk, ["report", "--desk", str(desk.folder), *words])
        assert refused.exit_code == 1
        assert sentence in refused.stderr


async def test_the_command_asks_a_server_that_runs(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    async with served(desk) as client:
        await client.say("my order please")
        counted: Any = {"behind": 1}
        async with asyncio.timeout(60):
            while counted["behind"]:
                _, counted = await client.get("/api/v1/numbers", operator=True)
        command = ["report", "--desk", str(desk.folder), "--json", "--week"]
        today = desk.clock().date().isoformat()
        shown = await asyncio.to_thread(CliRunner().invoke, frontdesk, [*command, today])
        assert json.loads(shown.stdout)["figures"]["conversations"]["value"] == 1


def test_doctor_says_whether_a_report_can_go_out(tmp_path: Path) -> None:
    def found() -> tuple[bool, str]:
        shown = CliRunner().invoke(frontdesk, ["doctor", "--desk", str(tmp_path), "--json"])
        [row] = [row for row in json.loads(shown.stdout)["checks"] if row["check"] == "mail"]
        return row["ok"], row["found"]

    toml = make_desk(tmp_path).folder / "desk.toml"
    bare, mail = toml.read_text(), MAIL.format(port=25, security="none")
    assert found() == (True, "off: no host")
    toml.write_text(bare + mail)
    assert found() == (True, "127.0.0.1:25, none; the weekly report goes out when it is asked for")
    toml.write_text(f"{bare}{mail}at = 'friday 17:30'\n")
    assert found()[1].endswith("goes out on friday 17:30 to 2")
    toml.write_text(bare + mail.replace("[report]", "password_file = 'none'\n[report]"))
    ok, why = found()
    assert not ok
    assert "The password of the mail server is not in" in why
