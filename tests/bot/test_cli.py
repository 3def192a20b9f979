"""The command line: fast, one sentence for every expected error, the right exit codes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import COMMANDS, frontdesk
from bot.commands.desks import Server
from bot.desk import Desk
from tests.bot.reader import write_reader
from tests.bot.served import FIRST, make_desk, served

HEAVY = ("torch", "transformers", "pydantic", "aiohttp", "telegram", "liquid", "structlog")
IMPORTED = f"""
import sys
from bot.cli import frontdesk
try:
    frontdesk(["--help"], prog_name="frontdesk")
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(frontdesk, words, input=stdin)


def refused(*words: str, code: int = 1) -> str:
    """Run a command that is refused; return its one sentence."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Desk, Server]]:
    """A desk served from another thread."""
    desk = make_desk(tmp_path)
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with served(desk) as client:
            urls.append(client.url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield desk, Server(urls[0], desk.operator_token())
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def say(server: Server, text: str) -> dict[str, Any]:
    return server.post("messages", {"visitor": "ada", "text": text})


def test_help_imports_only_click_and_is_fast() -> None:
    begun = time.perf_counter()
    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"
    assert all(name in result.stdout for name in COMMANDS)
    assert time.perf_counter() - begun < 3  # 0.2 s alone; other tests may run beside it


@pytest.mark.parametrize("name", [n for n, (at, _) in COMMANDS.items() if at.startswith("bot.")])
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.stdout


def test_a_wrong_command_is_a_usage_error() -> None:
    assert run("serv").exit_code == 2
    assert run("serve", "--port", "http").exit_code == 2


def test_a_folder_that_is_no_desk_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for words in (["serve"], ["chat"], ["waiting"], ["explain", "m"], ["releases", "list"]):
        assert "frontdesk init" in refused(*words, "--desk", str(tmp_path))


def test_a_bad_setting_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'x'\nport = 'http'\n")
    assert "port" in refused("serve", "--desk", str(tmp_path))


def test_init_makes_a_desk_once(tmp_path: Path) -> None:
    for language in ("en", "zh", "multi"):
        folder = tmp_path / language
        assert run("init", str(folder), "--language", language).exit_code == 0
        assert Desk.open(folder).settings.language == language
        assert (folder / "examples.csv").read_text(encoding="utf-8").startswith("text,intent\n")
        assert "not empty" in refused("init", str(folder))
    assert "frontdesk retrain" in refused("serve", "--desk", str(tmp_path / "en"))


def test_releases_are_listed_compared_and_rolled_back(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    write_reader(desk.shelf.releases, "b" * 16)
    (desk.shelf.releases / ("b" * 16) / "report.json").write_text('{"accuracy": 0.9}')
    desk.shelf.promote("b" * 16)
    where = ("--desk", str(tmp_path))
    listed = json.loads(run("releases", "list", "--json", *where).stdout)["releases"]
    assert {row["hash"]: row["champion"] for row in listed} == {FIRST: False, "b" * 16: True}
    assert run("releases", "diff", "aa", "bb", *where).stdout == "accuracy: None -> 0.9\n"
    assert run("releases", "rollback", *where).stdout == f"{FIRST}\n"
    assert desk.shelf.serving == FIRST
    assert "no earlier" in refused("releases", "rollback", *where)
    assert "no Release 'zz'" in refused("releases", "promote", "zz", *where)
    assert "manifest.json" in refused("releases", "promote", "bb", *where)  # it is not a real one


def test_operators_work_through_the_running_server(running: tuple[Desk, Server]) -> None:
    desk, server = running
    where = ("--desk", str(desk.folder))
    answer = say(server, "weather")
    assert run("waiting", *where).stdout == answer["conversation_id"] + "\n"
    assert run("label", answer["message_id"], "washing_care", *where).exit_code == 0
    assert run("give-back", answer["conversation_id"], *where).exit_code == 0
    assert json.loads(run("waiting", "--json", *where).stdout) == {"conversations": []}
    assert "no intent" in refused("label", answer["message_id"], "nope", *where)
    assert "no conversation" in refused("give-back", "nope", *where)
    assert str(desk.holder()).count(server.url) == 1
    assert "already served" in refused("serve", *where)


def test_operators_work_without_a_server(running: tuple[Desk, Server], tmp_path: Path) -> None:
    _, server = running
    answer = say(server, "weather")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "desk.toml").write_text("name = 'Copy'\n")
    where = ("--desk", str(copy))
    assert run("waiting", *where).stdout == ""
    assert "no utterance" in refused("label", answer["message_id"], "x", *where)
    assert "no conversation" in refused("give-back", answer["conversation_id"], *where)
    assert "no decision" in refused("explain", answer["message_id"], *where)


def test_explain_says_what_needed_no_model(running: tuple[Desk, Server]) -> None:
    desk, server = running
    answer = server.post("messages", {"visitor": "eve", "text": "A person", "choice": "human"})
    where = ("--desk", str(desk.folder))
    shown = json.loads(run("explain", answer["message_id"], "--json", *where).stdout)
    assert shown["read"] == "A person"
    assert shown["recomputed"]["identical"] is None
    assert "asked_for_person" in run("explain", answer["in_reply_to"], *where).stdout


def test_chat_talks_to_the_running_server(running: tuple[Desk, Server]) -> None:
    desk, _ = running
    result = run("chat", "--evidence", "--desk", str(desk.folder), stdin="maybe\n2\n\n")
    assert result.exit_code == 0
    assert "  2  Sending something back" in result.stdout
    assert "Sixty days" in result.stdout
    assert "chosen: return_item" in result.stderr


def test_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'x'\nport = 0\n")
    result = run("doctor", "--json", "--desk", str(tmp_path))
    checks = {row["check"]: row for row in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 1
    assert [name for name, row in checks.items() if not row["ok"]] == ["release"]
