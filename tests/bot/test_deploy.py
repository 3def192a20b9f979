"""The files in docs/deploy: units that systemd takes, and commands that this program takes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from bot.cli import frontdesk

DOCS = Path(__file__).parents[2] / "docs"
DEPLOY = DOCS / "deploy"
SERVICES = ("frontdesk.service", "frontdesk-retrain.service", "frontdesk-report.service")
TIMERS = {"frontdesk-retrain.timer": "03:00", "frontdesk-report.timer": "Mon 08:00"}
CRONS = {"frontdesk.cron": "0 3 * * *", "frontdesk-report.cron": "0 8 * * 1"}
UNITS = (*SERVICES, *TIMERS)
PROGRAM = "/opt/frontdesk/bin/frontdesk"
HARDENED = {
    "User": "frontdesk",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ReadWritePaths": "/srv/frontdesk",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "CapabilityBoundingSet": "",
    "SystemCallFilter": "@system-service",
}


def unit(name: str) -> RawConfigParser:
    """Read a unit; a setting that stands there twice is an error."""
    found = RawConfigParser(delimiters=("=",), comment_prefixes=("#",))
    found.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return found


def commands() -> Iterator[str]:
    """Yield every command line of ours in these files."""
    for name in SERVICES:
        yield unit(name)["Service"]["ExecStart"]
    for name in CRONS:
        yield cron_line(name).partition("nice ")[2].partition(" >>")[0]


def cron_line(name: str) -> str:
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line and not line.startswith("#")]
    return line


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_is_one_that_this_program_takes(line: str, tmp_path: Path) -> None:
    program, *words = shlex.split(line.replace("/srv/frontdesk", str(tmp_path)))
    assert program == PROGRAM
    group = click.Context(frontdesk)
    name, command, rest = frontdesk.resolve_command(group, words)
    assert command is not None
    with command.make_context(name, rest, parent=group) as made:
        assert tmp_path in made.params.values()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_write_its_desk_and_little_else(name: str) -> None:
    service = unit(name)["Service"]
    assert {key: service.get(key) for key in HARDENED} == HARDENED
    assert "MemoryMax" in service


def test_a_refused_night_is_no_failure() -> None:
    assert unit("frontdesk-retrain.service")["Service"]["SuccessExitStatus"] == "3 4"


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_starts_its_service_also_after_it_was_missed(name: str) -> None:
    timer = unit(name)["Timer"]
    assert (timer["OnCalendar"], timer["Persistent"]) == (TIMERS[name], "true")
    assert name.replace(".timer", ".service") in SERVICES


@pytest.mark.parametrize("name", CRONS)
def test_a_line_for_cron_names_a_time_and_a_user(name: str) -> None:
    line = cron_line(name)
    assert line.split()[:6] == [*CRONS[name].split(), "frontdesk"]
    assert "%" not in line  # cron would end the line there


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "frontdesk"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8").replace(PROGRAM, str(program))
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own files
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_docs_name_each_file() -> None:
    text = "".join(
        (DOCS / name).read_text(encoding="utf-8") for name in ("nightly.md", "report.md")
    )
    assert {file.name for file in DEPLOY.iterdir()} == {*UNITS, *CRONS}
    assert all(f"(deploy/{file.name})" in text for file in DEPLOY.iterdir())
