"""The command line: fast, one sentence for every expected error, the right exit codes."""

from __future__ import annotations

import asyncio
import json
import socket
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
from retrieval import manifest
from retrieval.marks import Standing
from retrieval.pretrained import ENCODERS, Packaged
from tests.bot.served import make_desk, served
from tests.retrieval.damage import VECTORS, copied, flipped

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
        settings = Desk.open(folder).settings
        assert settings.language == language
        assert settings.encoder == ("english" if language == "en" else "multilingual")
        assert (folder / "examples.csv").read_text(encoding="utf-8").startswith("text,intent\n")
        assert "not empty" in refused("init", str(folder))
        assert not list(folder.glob(".*"))
    assert "frontdesk retrain" in refused("serve", "--desk", str(tmp_path / "en"))


def test_releases_are_listed_compared_and_rolled_back(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\n")
    desk, where = Desk.open(tmp_path), ("--desk", str(tmp_path))
    first, second, third = (promoted(desk, accuracy) for accuracy in (0.7, 0.8, 0.9))
    listed = json.loads(run("releases", "list", "--json", *where).stdout)["releases"]
    champions = {row["hash"]: row["champion"] for row in listed}
    assert champions == {first: False, second: False, third: True}
    assert run("releases", "diff", first, third, "--reports", *where).stdout == (
        "accuracy: 0.7 -> 0.9\n"
    )
    (desk.shelf.releases / second / "report.json").write_text('{"accuracy": 1.0}')
    rolled_back = run("releases", "rollback", *where)
    assert rolled_back.stdout == f"{first}\n"
    assert f"passed over: {desk.shelf.releases / second / 'report.json'}" in rolled_back.stderr
    assert desk.shelf.serving == first
    assert "no earlier" in refused("releases", "rollback", *where)
    assert "no Release 'zz'" in refused("releases", "promote", "zz", *where)
    assert "report.json is damaged" in refused("releases", "promote", second, *where)


def test_what_is_held_was_refused_or_removed_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\n")
    desk, where = Desk.open(tmp_path), ("--desk", str(tmp_path))
    names = [promoted(desk, accuracy) for accuracy in (0.6, 0.7, 0.8, 0.9)]
    desk.shelf.mark(names[0], Standing.HELD)
    desk.shelf.mark(names[1], Standing.REFUSED, "an intent breaks")
    assert desk.shelf.remove(names[0], "older than the newest 7")
    told = run("releases", "list", *where).stdout.splitlines()
    listed = json.loads(run("releases", "list", "--json", *where).stdout)
    assert {row["hash"]: row["standing"] for row in listed["releases"]} == {
        names[1]: "refused",
        names[2]: "promoted",
        names[3]: "promoted",
    }
    assert [row["hash"] for row in listed["removed"]] == [names[0]]
    assert [line.split()[-3:] for line in told if names[1] in line] == [["an", "intent", "breaks"]]
    assert told[-1].startswith(f"- {names[0]}  removed ")
    for number in range(12):
        desk.shelf.mark(f"{number:016x}", Standing.REMOVED, "older than the newest 7")
    told = run("releases", "list", *where).stdout.splitlines()
    assert told[-1] == f"and 3 removed before, all in {tmp_path / 'candidates.jsonl'}"
    assert f"Release {names[0]} was removed on" in refused("releases", "show", names[0], *where)


def test_a_damaged_champion_is_refused_by_name(tmp_path: Path, tiny_folder: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'Test'\nport = 0\n")
    desk = Desk.open(tmp_path)
    name = manifest.verify(tiny_folder)
    champion = copied(tiny_folder, desk.shelf.releases / name)
    desk.shelf.promote(name)
    flipped(VECTORS)(champion)
    said = refused("serve", "--desk", str(tmp_path))
    assert f"{champion / VECTORS} is damaged: its SHA-256 is not the manifest's." in said
    assert desk.holder() is None


@pytest.mark.parametrize(("language", "name"), [("en", "Puddle & Pine"), ("zh", "栖川茶铺")])
def test_a_taken_port_is_known_before_anything_is_trained(
    tmp_path: Path, language: str, name: str
) -> None:
    folder = tmp_path / "demo"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        asked = ("--folder", str(folder), "--port", port, "--language", language)
        said = refused("demo", *asked)
    assert said == f"frontdesk: Port {port} is taken; choose another one with --port.\n"
    assert not (folder / "releases").exists()
    assert name in (folder / "desk.toml").read_text(encoding="utf-8")


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    make_desk(tmp_path)
    said = refused("serve", "--desk", str(tmp_path), "--host", "203.0.113.5", "--port", "18080")
    assert "203.0.113.5:18080 cannot be used: Cannot assign requested address;" in said


def promoted(desk: Desk, accuracy: float) -> str:
    """Seal a Release that holds only a report, and make it the champion."""
    folder = desk.shelf.releases / "new"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"accuracy": accuracy}))
    name = manifest.seal(folder)
    folder.rename(desk.shelf.releases / name)
    desk.shelf.promote(name)
    return name


def test_probation_says_how_customers_take_the_champion(running: tuple[Desk, Server]) -> None:
    desk, server = running
    where = ("--desk", str(desk.folder))
    say(server, "order")
    first = desk.shelf.serving
    assert "took over from no other" in refused("releases", "probation", *where)
    second = promoted(desk, 0.9)
    shown = run("releases", "probation", *where)
    assert "questions not understood 0 of 0, before 0 of 1" in shown.stdout
    row = json.loads(run("releases", "probation", "--json", *where).stdout)
    assert (row["new"], row["old"], row["decisions"]) == (second, first, 0)
    desk.shelf.promote(first)
    assert "Nothing is tried out; begin with" in refused("releases", "trial", *where)
    desk.shelf.try_out(second, 0.5)
    row = json.loads(run("releases", "trial", "--json", *where).stdout)
    assert (row["new"], row["old"]) == (second, first)
    assert "The trial has ended" in run("releases", "try", "--stop", *where).stderr
    assert "Nothing is tried out" in run("releases", "try", "--stop", *where).stderr
    assert run("releases", "try", *where).exit_code == 2
    assert "There is no Release" in refused("releases", "try", "zz", *where)


def test_operators_work_through_the_running_server(running: tuple[Desk, Server]) -> None:
    desk, server = running
    where = ("--desk", str(desk.folder))
    answer = say(server, "a person")
    assert run("waiting", *where).stdout == answer["conversation_id"] + "\n"
    assert run("label", answer["message_id"], "washing_care", *where).exit_code == 0
    assert run("give-back", answer["conversation_id"], *where).exit_code == 0
    assert json.loads(run("waiting", "--json", *where).stdout) == {"conversations": []}
    no_such = refused("label", answer["message_id"], "nope", *where)
    assert "There is no intent 'nope': write examples of it in examples.csv" in no_such
    assert "no conversation" in refused("give-back", "nope", *where)
    listed = run("review", "list", "--limit", "1", *where)
    assert listed.exit_code == 0
    assert "open. Settle one with those alike" in listed.stderr
    assert "tickets" in json.loads(run("review", "list", "--json", *where).stdout)
    undone = run("review", "undo", *where)
    assert undone.stdout == answer["in_reply_to"] + "\n"
    assert "no label to take back" in run("review", "undo", *where).stderr
    assert "no label that stands" in run("review", "revoke", "eve", "--by", "ann", *where).stderr
    assert str(desk.holder()).count(server.url) == 1
    assert "already served" in refused("serve", *where)


def test_one_decision_settles_the_messages_alike_and_one_undo_takes_it_back(
    running: tuple[Desk, Server],
) -> None:
    desk, server = running
    where = ("--desk", str(desk.folder))
    words = "please tell me now where the order from last week with the blue boots is"
    said = [say(server, text)["in_reply_to"] for text in (words, f"{words} today")]
    other = say(server, "asdf")["in_reply_to"]
    no_such = refused("review", "decide", said[0], "nope", *where)
    assert "or teach an answer to it with frontdesk teach" in no_such
    decided = run("review", "decide", said[0], "order_status", *where)
    assert decided.stdout == f"{said[0]}  {words}\n{said[1]}  {words} today\n"
    assert "2 labelled order_status." in decided.stderr
    assert sorted(run("review", "undo", *where).stdout.split()) == sorted(said)
    assert run("review", "dismiss", other, *where).exit_code == 0
    left = json.loads(run("review", "list", "--json", *where).stdout)["tickets"]
    assert other not in [ticket["message_id"] for ticket in left]
    assert "no utterance" in refused("review", "dismiss", "nope", *where)
    assert "no utterance" in refused("review", "decide", "nope", "", *where)


def test_operators_work_without_a_server(running: tuple[Desk, Server], tmp_path: Path) -> None:
    _, server = running
    answer = say(server, "weather")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "desk.toml").write_text("name = 'Copy'\n")
    where = ("--desk", str(copy))
    assert run("waiting", *where).stdout == ""
    assert "read by a running server" in refused("review", "list", *where)
    assert "read by a running server" in refused("review", "decide", "x", "y", *where)
    assert "no utterance" in refused("review", "dismiss", "x", *where)
    assert "no label to take back" in run("review", "undo", *where).stderr
    assert run("review", "revoke", "eve", "--by", "ann", *where).stdout == ""
    assert "no utterance" in refused("label", answer["message_id"], "x", *where)
    assert "no conversation" in refused("give-back", answer["conversation_id"], *where)
    assert "no decision" in refused("explain", answer["message_id"], *where)


def test_a_visitor_is_exported_and_erased(running: tuple[Desk, Server], tmp_path: Path) -> None:
    desk, server = running
    where = ("--desk", str(desk.folder))
    conversation_id = say(server, "weather in zanzibar")["conversation_id"]
    visitor_id = server.get(f"conversations/{conversation_id}")["visitor_id"]
    whole = json.loads(run("visitor", "export", visitor_id, *where).stdout)
    assert "zanzibar" in json.dumps(whole["conversations"])
    assert run("visitor", "erase", visitor_id, *where).exit_code == 1  # nobody said yes
    erased = run("visitor", "erase", visitor_id, "--yes", *where)
    assert "events were emptied" in erased.stderr
    assert "zanzibar" not in run("visitor", "export", visitor_id, *where).stdout
    assert "no visitor" in refused("visitor", "export", "nope", *where)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "desk.toml").write_text("name = 'Copy'\n")
    assert "no visitor" in refused("visitor", "erase", "nope", "--yes", "--desk", str(copy))


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


def test_doctor_names_the_encoders_and_what_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Packaged("no_such_package", "no-such", "model", "")
    monkeypatch.setitem(ENCODERS, "multilingual", absent)
    (tmp_path / "desk.toml").write_text("name = 'x'\nencoder = 'english'\n")
    assert "ok  encoder        english; multilingual not installed" in run("doctor", "--desk", str(tmp_path)).stdout  # fmt: skip
    (tmp_path / "desk.toml").write_text("name = 'x'\nencoder = 'multilingual'\n")
    said = run("doctor", "--desk", str(tmp_path))
    assert "BAD encoder        multilingual is not installed: pip install no-such" in said.stdout
    assert said.exit_code == 1


def test_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'x'\nport = 0\n")
    result = run("doctor", "--json", "--desk", str(tmp_path))
    checks = {row["check"]: row for row in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 1
    assert [name for name, row in checks.items() if not row["ok"]] == ["release"]


def test_doctor_reads_the_answers_and_tells_which_end(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("name = 'x'\nport = 0\n[variables]\nphone = '555'\n")
    row = {"id": "sale", "intent": "sale", "text": "{{ phone }}", "valid_until": "2020-01-31"}
    file = tmp_path / "templates.jsonl"
    file.write_text(json.dumps(row))

    def answers() -> dict[str, Any]:
        checks = json.loads(run("doctor", "--json", "--desk", str(tmp_path)).stdout)["checks"]
        return next(check for check in checks if check["check"] == "answers")

    assert answers()["found"] == "1 live, sale ended on 2020-01-31"
    file.write_text(json.dumps({**row, "text": "{{ fone }}"}))
    assert answers()["ok"] is False
    assert "uses fone, which is not known" in answers()["found"]
