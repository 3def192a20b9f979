"""A tiny desk on disk, and `frontdesk` run on it as people run it: as processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot.desk import Desk
from finetune.build import Options
from finetune.examples import Example, write_examples
from finetune.nightly import build_first
from finetune.progress import Nobody
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.template_files import template_row
from tests import tiny
from tests.bot.served import Client

STARTING = 60.0  # seconds; torch alone takes 4, and other tests may run beside it
WRAPS = ("{}", "{} please", "hello {}", "{} today")  # what makes a handful of questions enough
FAR = (
    "paint the garden fence blue",
    "my neighbour plays trumpet at night",
    "which planet has most moons",
    "translate this poem into latin",
    "recommend a restaurant near the harbour",
    "book me a flight to lisbon",
    "what should i cook tonight",
    "why do cats purr",
    "name three rivers in africa",
    "which horse came first",
    "how tall was napoleon",
    "solve this equation quickly",
)
HELD_OUT = (
    Example("has the order arrived", "order_status"),
    Example("track the parcel today", "order_status"),
    Example("is my order sent", "order_status"),
    Example("I want to send this back", "return_item"),
    Example("boots go back please label", "return_item"),
    Example("the seam is broken", "repair"),
    Example("fix my coat zip", "repair"),
    Example("are you open on saturday", "opening_hours"),
    Example("shop hours today", "opening_hours"),
    Example("which river runs through paris", OUT_OF_SCOPE),
    Example("plan a trip to africa", OUT_OF_SCOPE),
    Example("why is the sky blue", OUT_OF_SCOPE),
    Example("how do birds learn songs", OUT_OF_SCOPE),
)


def write_desk(folder: Path, toml: str = "") -> Desk:
    """Write a desk's files: four intents, strangers, held-out questions, answers and a page."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    (folder / "desk.toml").write_text(f"name = 'Tiny'\nport = 0\n{toml}", encoding="utf-8")
    asked = [*tiny.examples(), *(Example(text, OUT_OF_SCOPE) for text in FAR)]
    wrapped = [Example(wrap.format(e.text), e.intent) for wrap in WRAPS for e in asked]
    write_examples(folder / "examples.csv", wrapped)
    write_examples(folder / "heldout.csv", HELD_OUT)
    rows = (json.dumps(template_row(template)) for template in tiny.TEMPLATES)
    (folder / "templates.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (pages / "wool.md").write_text("# Wool care\n\n## Washing\n\nWash wool by hand, cold.\n")
    return Desk.open(folder)


def train_first(desk: Desk, encoder: Path) -> str:
    """Train the first Release in this process, where torch is warm already; return its name."""
    options = Options(encoder=str(encoder), fast=True)
    return build_first(desk.folder, options, clock=lambda: datetime.now(UTC), watch=Nobody())


async def frontdesk(*words: str, **more: Any) -> Process:
    """Start the command as a process, with nothing of this machine's own settings."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
    environment: Mapping[str, str] = more.pop("env", {})
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *words),
        stdout=PIPE,
        stderr=PIPE,
        env={**inherited, **environment},
        **more,
    )


async def finished(*words: str, **more: Any) -> tuple[int, str, str]:
    """Run the command to its end; return its exit code, stdout and stderr."""
    process = await frontdesk(*words, **more)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def serving(desk: Desk, **more: Any) -> AsyncIterator[Client]:
    """Run `frontdesk serve` and give a client of it; at the end it must stop well when asked to."""
    process = await frontdesk("serve", "--desk", str(desk.folder), "--port", "0", **more)
    said = asyncio.create_task(_collected(process))
    try:
        url = await _url(desk, process)
        async with ClientSession() as session:
            yield Client(url, session, desk.operator_token())
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 20) == 0, await said
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await said


async def _collected(process: Process) -> str:
    _, err = await process.communicate()  # read on, or a full pipe would stop the server
    return err.decode()


async def _url(desk: Desk, process: Process) -> str:
    async with asyncio.timeout(STARTING):
        while not ((holder := desk.holder()) and holder.url):
            assert process.returncode is None, "the server ended by itself"
            await asyncio.sleep(0.05)
    return holder.url
