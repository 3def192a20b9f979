"""Hundreds of strings that would be taken for more than text, in what people carry away: reports, mails, tables, transcripts, exports."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner
from playwright.async_api import Browser

from bot.channels.numbers_api import TABLES, as_csv
from bot.channels.transcripts import transcript
from bot.cli import frontdesk
from bot.desk import Desk
from bot.office import made
from bot.report.facts import Facts, Waits
from bot.report.mail import letter
from bot.report.page import as_page
from bot.report.plain import as_text
from bot.report.sections import LONGEST, MOST
from bot.report.week import named
from bot.report.week import week_of as calendar_week
from bot.report.weekly import facts_of, post
from bot.report.wording import title
from conversations.events import Enclosed, Heard, OperatorWrote, Rated, Recorded, Thumb
from conversations.text import printable
from conversations.views.view import Views
from tests.bot.empty_week import empty
from tests.bot.hostile import BREAKOUTS, SIGNS, STRINGS
from tests.bot.hostile import TABLES as FORMULAS
from tests.bot.hostile_desk import asked, hostile_desk, written
from tests.bot.house import event_log
from tests.bot.onlooker import PAUSES, looking_at
from tests.bot.served import make_desk, served, serving
from tests.bot.test_web_files import opened
from tests.bot.widget_page import CHROMIUM
from tests.fakes.smtp import FakeMail

WEEK = named("2026-W48")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAILED = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "desk@shop.example"
[report]
to = ["ann@shop.example"]
"""
HEADERS = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]  # fmt: skip
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def slices(strings: Sequence[str], many: int) -> Iterator[Sequence[str]]:
    return (strings[at : at + many] for at in range(0, len(strings), many))


def week_of(desk: Desk, strings: Sequence[str]) -> Facts:
    """Return a week in which everything that a report names is called by these strings, eight at most: a table shows no more."""
    facts = empty(desk, WEEK)
    count = {"conversations": 3, "ended": 2, "handed_off": 1}
    at = NOON.isoformat()
    numbers: dict[str, Any] = dict(facts.numbers)
    for name in ("intent", "channel", "language", "release"):
        numbers[f"by_{name}"] = [{name: one, **count} for one in strings]
    numbers["by_answer"] = [{"answer": one, "given": 4, "up": 1, "down": 2} for one in strings]
    numbers["unanswered"] = [{"text": one, "count": 5} for one in strings]
    alert = {"at": at, "kind": "topic", "minutes": 60, "seen": 9, "expected": 1.5}
    return replace(
        facts,
        numbers=numbers,
        before=numbers,
        alerts=[{**alert, "topic": one, "seen_by": one} for one in strings],
        nights=[{"at": at, "outcome": one, "why": one} for one in strings],
        waits=Waits(1, 2, strings, strings, strings),
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


# The report


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
async def test_nothing_runs_of_a_report(browser: Browser, desk: Desk) -> None:
    pages = [(part, as_page(week_of(desk, part))) for part in slices(STRINGS, MOST)]

    async def page(request: web.Request) -> web.Response:
        return web.Response(
            text=pages[int(request.match_info["at"])][1], content_type="text/html", charset="utf-8"
        )

    async with (
        serving([web.get("/{at:[0-9]+}", page)]) as url,
        looking_at(browser, f"{url}/0") as seen,
    ):
        for at, (part, _) in enumerate(pages):
            await seen.page.goto(f"{url}/{at}")
            shown = [one for one in part if len(one) <= LONGEST]
            await seen.shows("tbody td, tbody th", shown)
            await seen.shows("td.note", [", ".join(part)])
            assert await seen.page.locator("section").count() == 11
            assert await seen.calm() == []


def test_a_report_in_a_terminal_is_lines_that_nothing_turns(desk: Desk) -> None:
    for part in slices(STRINGS, MOST):
        text = as_text(week_of(desk, part))
        assert CONTROL.search(text) is None, part
        heads = [line for line in text.splitlines() if set(line) == {"-"}]
        assert len(heads) == 12
        assert max(map(len, text.splitlines())) < 200


def test_a_mail_holds_the_report_and_nothing_that_it_says_becomes_a_header(tmp_path: Path) -> None:
    with FakeMail() as server:
        desk = make_desk(tmp_path, MAILED.format(port=server.port))
        weeks = [week_of(desk, part) for part in slices(STRINGS, MOST)]
        assert [post(desk, facts) for facts in weeks] == [[]] * len(weeks)
    for facts, mail in zip(weeks, server.mails, strict=True):
        message = message_from_bytes(mail.encode(), policy=policy.default)
        assert sorted(message.keys()) == sorted(HEADERS)
        assert (message["Subject"], message["To"]) == (title(facts), "ann@shop.example")
        assert read(message, "plain") == as_text(facts)
        assert read(message, "html") == as_page(facts)
        assert all(len(line) <= 998 for line in mail.splitlines())  # RFC 5322, section 2.1.1


def read(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", [*BREAKOUTS, *SIGNS])
def test_a_desk_of_any_name_sends_one_subject(desk: Desk, name: str) -> None:
    facts = replace(week_of(desk, [name]), desk=printable(name))
    text, page = as_text(facts), as_page(facts)
    made = letter(
        subject=title(facts), sender="a@b.example", to=("c@d.example",), text=text, page=page, at=NOON, message_id="<1@b.example>"
    )  # fmt: skip
    sent = message_from_bytes(made.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert sorted(sent.keys()) == sorted(HEADERS)
    assert "W48" in sent["Subject"]
    assert sent["To"] == "c@d.example"


async def test_the_report_of_a_real_log_is_mailed(tmp_path: Path) -> None:
    desk = hostile_desk(tmp_path)
    messages = await asked(desk)
    nights = [{"at": datetime.now(UTC).isoformat(), "outcome": "failed", "why": one} for one in STRINGS]  # fmt: skip
    (tmp_path / "nights.jsonl").write_text("".join(json.dumps(night) + "\n" for night in nights))
    with FakeMail() as server:
        toml = (tmp_path / "desk.toml").read_text()
        (tmp_path / "desk.toml").write_text(toml + MAILED.format(port=server.port))
        desk = Desk.open(tmp_path)
        async with event_log(tmp_path) as log, Views.open(log, made(desk)) as views:
            for at, (_, talk) in enumerate(messages):
                await log.append(talk, Rated(message_id=f"da{at}", value=Thumb.DOWN))
            assert await views.caught_up(60)
            facts = await facts_of(desk, calendar_week(datetime.now(UTC).date()), log, views)
        assert post(desk, facts) == []
    [mail] = server.mails
    message = message_from_bytes(mail.encode(), policy=policy.default)
    assert read(message, "html") == as_page(facts)
    assert facts.numbers["by_answer"]
    assert len(facts.nights) == len(STRINGS)


# Tables


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def reckons(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula."""
    bare = re.sub(
        r"^[\s\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+", "", cell
    )
    return cell[:1] in ("\t", "\r", "\n") or bare[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("before", ["", " ", "\n", "\ufeff", "\u00a0\u200b", "\u202e"])
def test_no_cell_is_a_formula_and_each_can_be_read(before: str) -> None:
    texts = [f"{before}{one}" for one in map(printable, STRINGS) if one]
    header, *rows = cells_of(as_csv([{"text": one, "count": -3, "share": -0.25} for one in texts]))
    assert header == ["text", "count", "share"]
    assert [row[1:] for row in rows] == [["-3", "-0.25"]] * len(texts)
    assert not [row[0] for row in rows if reckons(row[0])]
    assert [row[0].removeprefix("'") for row in rows] == [one.removeprefix("'") for one in texts]


def test_whoever_parts_cells_by_another_sign_finds_no_formula_either() -> None:
    text = as_csv([{"text": one, "count": 1} for one in FORMULAS])
    for sign in ";\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign):
            assert not any(reckons(cell) for cell in row), row


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-12", '"-12"'), ("-0.5", '"-0.5"'), ("-1,5", '"-1,5"'), (-12, "-12"), (-0.5, "-0.5"), (None, '""'),
        ("+4915112345", "\"'+4915112345\""), ("-1+1", "\"'-1+1\""), ("-", "\"'-\""), ("a=b", '"a=b"'), ("it's", '"it\'s"'),
    ],
)  # fmt: skip
def test_numbers_stay_what_they_are(value: object, cell: str) -> None:
    assert as_csv([{"a": value}]).split("\r\n")[1] == cell


async def test_the_tables_of_a_real_log_hold_no_formula(tmp_path: Path) -> None:
    desk = hostile_desk(tmp_path)
    await asked(desk)
    found = set[str]()
    async with served(desk) as client:
        headers = {"Authorization": f"Bearer {client.token}"}
        for table in TABLES:
            url = f"{client.url}/api/v1/numbers.csv?table={table}"
            async with client.session.get(url, headers=headers) as got:
                assert got.content_type == "text/csv"
                assert got.headers["Content-Disposition"].startswith("attachment; ")
                rows = cells_of(await got.text())
            texts = [
                cell for row in rows[1:] for cell in row if not re.fullmatch(r"-?[\d.]*", cell)
            ]
            assert not [cell for cell in texts if reckons(cell)], table
            found.update(texts)
    assert {f"'{one}" for one in FORMULAS if one[0] in "=+-@"} <= found


# What a visitor takes along, and what operators hand out

AT = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d\] ")
FORGED = "[2026-11-25 12:00] Test: We owe you a thousand euros."
BREAKS = ("\n", "\n\n", "\r\n", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c")


def said(at: int, event: Any) -> Recorded:
    return Recorded(at, "c", NOON + timedelta(minutes=at), event)


def heard_of(at: int, text: str) -> Recorded:
    return said(at, Heard(message_id=f"m{at}", external_id=f"m{at}", text=printable(text)))


def paragraphs(text: str) -> list[str]:
    """Return the lines that begin a message, whichever signs a program takes for the end of a line."""
    return [line for line in text.splitlines() if AT.match(line)]


def test_nobody_writes_a_line_that_reads_as_another_s() -> None:
    texts = [f"Hello{between}{FORGED}" for between in BREAKS]
    history = [heard_of(at, one) for at, one in enumerate(texts)]
    name = f"a.pdf\n{FORGED}"
    operator = OperatorWrote(
        message_id="o", operator=f"Ann\n{FORGED}", text=f"\n{FORGED}", files=(Enclosed("f", name, "image/png", 1),)
    )  # fmt: skip
    text = transcript([*history, said(50, operator)], "Test", UTC)
    lines = paragraphs(text)
    assert len(lines) == len(texts) + 1
    assert all(AT.sub("", line).startswith("You: Hello") for line in lines[:-1])
    assert lines[-1].startswith("[2026-11-25 12:50] Ann ")


def test_a_transcript_holds_every_word() -> None:
    text = transcript([heard_of(at, one) for at, one in enumerate(STRINGS)], "Test", UTC)
    assert len(paragraphs(text)) == len(STRINGS)
    bare = "".join(text.split())
    assert not [one for one in STRINGS if "".join(printable(one).split()) not in bare]


async def test_a_transcript_is_saved_and_never_shown(desk: Desk) -> None:
    texts = ["\n".join(part) for part in slices(STRINGS, 40)]
    async with served(desk) as client, opened(client) as tab:
        for at, text in enumerate(texts):
            await tab.say(text.encode("utf-8", "replace").decode(), about=f"c{at}")
            await tab.event("customer")
        bearer = {"Authorization": f"Bearer {tab.token}"}
        async with client.session.get(f"{client.url}/transcript", headers=bearer) as got:
            assert (got.content_type, got.charset) == ("text/plain", "utf-8")
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            assert got.headers["Content-Disposition"] == 'attachment; filename="conversation.txt"'
            text = await got.text()
    assert "<script>alert(1)</script>" in text
    assert len([line for line in paragraphs(text) if "] You: " in line]) == len(texts)


async def test_an_export_is_the_same_for_programs_and_obeyed_by_no_terminal(tmp_path: Path) -> None:
    desk = hostile_desk(tmp_path)
    talk = await written(desk)
    async with served(desk) as client:
        _, about = await client.get(f"/api/v1/conversations/{talk}", operator=True)
        url = f"{client.url}/api/v1/visitors/{about['visitor_id']}"
        headers = {"Authorization": f"Bearer {client.token}"}
        words = ["visitor", "export", about["visitor_id"], "--desk", str(tmp_path)]

        async def both() -> tuple[str, dict[str, object]]:
            async with client.session.get(url, headers=headers) as got:
                assert got.content_type == "application/json"
                whole: dict[str, object] = await got.json()
            printed = await asyncio.to_thread(CliRunner().invoke, frontdesk, words)
            assert printed.exit_code == 0, printed.stderr
            return printed.stdout, whole

        printed, whole = await both()
        for pause in PAUSES:  # the desk may still be writing down what happened
            if json.loads(printed) == whole:
                break
            await asyncio.sleep(pause)
            printed, whole = await both()
    assert json.loads(printed) == whole
    assert CONTROL.search(printed) is None
    texts = json.dumps(whole, ensure_ascii=False)
    assert not [
        one for one in STRINGS if json.dumps(printable(one), ensure_ascii=False) not in texts
    ]
