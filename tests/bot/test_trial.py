"""A Release on trial beside the champion."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.app import running
from bot.champion import Champion
from bot.cli import frontdesk
from bot.desk import Desk
from bot.meters import Meters
from bot.replay import Answer, Kind
from bot.shadow import EXAMPLES, GROUPS, LOOKED_ON, Shadow
from bot.trial import Rivals, drawn
from retrieval.shelf import Shelf, ShelfError, Trial
from tests.bot.house import WORDS, until
from tests.bot.reader import TEMPLATES, KeywordReader, load_reader, write_reader
from tests.bot.served import FIRST, make_desk, served
from tests.finetune.small_desk import Log, open_log

RIVAL = "b" * 16


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = make_desk(tmp_path).shelf
    write_reader(shelf.releases, RIVAL)
    return shelf


@asynccontextmanager
async def rivals(shelf: Shelf, meters: Meters) -> AsyncIterator[Rivals]:
    first = KeywordReader(hash=FIRST)
    async with Champion(first, load=load_reader, meters=meters) as champion:
        found = Rivals(champion, shelf, load=reworded, words=WORDS, meters=meters)
        async with running(found.watch()):
            yield found


def looked_on(meters: Meters, outcome: str) -> float:
    return meters.registry.get_sample_value("frontdesk_trial_total", {"outcome": outcome}) or 0.0


async def answering(found: Rivals, conversations: int) -> list[str]:
    """Return who read a message of each conversation."""
    readings = [await found.read("order", f"c{n}") for n in range(conversations)]
    return [release.hash for _, release in readings]


async def test_a_share_of_the_conversations_is_the_rivals_and_stays_so(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.5)
    async with rivals(shelf, Meters()) as found:
        await until(lambda: found.tried_out == RIVAL)
        once = await answering(found, 40)
        assert 8 < once.count(RIVAL) < 32
        assert await answering(found, 40) == once
        shelf.end_trial()
        await until(lambda: not found.tried_out)
        assert set(await answering(found, 5)) == {FIRST}


def reworded(folder: Path) -> KeywordReader:
    """Load a Release; the rival says something else about returns."""
    reader = load_reader(folder)
    if reader.hash != RIVAL:
        return reader
    templates = [replace(t, text="Ninety days.") if t.id == "return" else t for t in TEMPLATES]
    return replace(reader, templates=tuple(templates))


def told(shelf: Shelf, *more: str) -> str:
    words = ["releases", "trial", "--desk", str(shelf.folder), *more]
    return CliRunner().invoke(frontdesk, words).stdout


async def look_on(shelf: Shelf, texts: Sequence[str]) -> Meters:
    """Let visitors say these texts while a rival looks on, and return what was counted."""
    meters = Meters()
    with open_log(shelf.folder) as store:
        said = [Log(store).hear(text, address=f"v{n}") for n, text in enumerate(texts)]
    async with rivals(shelf, meters) as found:
        await until(lambda: found.tried_out == RIVAL)
        readings = [await found.read(t, "c", m) for t, m in zip(texts, said, strict=True)]
        assert {release.hash for _, release in readings} == {FIRST}
        await found.read(texts[0], "c")  # part of a message: no message of its own
        await until(
            lambda: sum(looked_on(meters, one) for one in ("same", "otherwise")) == len(texts)
        )
    return meters


async def test_one_that_only_looks_on_answers_nobody_and_says_what_it_would_answer_otherwise(
    shelf: Shelf,
) -> None:
    shelf.try_out(RIVAL, 0.0)
    meters = await look_on(shelf, ["order", "return the coat", "return it"])
    assert (looked_on(meters, "same"), looked_on(meters, "otherwise")) == (1, 2)
    assert told(shelf) == (
        "3 messages looked on at: 1 same, 2 otherwise, 0 failed, 0 missed\n\n"
        "2 x  template return -> template return\n  - Sixty days, free label.\n  + Ninety days.\n"
        "    return the coat\n    return it\n"
    )
    [change] = json.loads(told(shelf, "--json"))["looked_on"]["changes"]
    assert (change["times"], change["said_after"]) == (2, {"": "Ninety days."})
    kept = (shelf.folder / LOOKED_ON).read_text()
    assert "coat" not in kept  # what customers wrote stays in the log


async def test_a_server_that_starts_again_goes_on_looking_where_it_was(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.0)
    await look_on(shelf, ["return the coat"])
    await look_on(shelf, ["return it", "order"])
    found = json.loads(told(shelf, "--json"))["looked_on"]
    assert (found["same"], found["otherwise"]) == (1, 2)
    (shelf.folder / LOOKED_ON).write_text("{")
    assert json.loads(told(shelf, "--json"))["looked_on"]["otherwise"] == 0


def otherwise(number: int) -> tuple[Answer, Answer]:
    name = str(number)
    return Answer(Kind.TEMPLATE, name, (("", "a"),)), Answer(Kind.TEMPLATE, name, (("", "b"),))


def test_what_one_that_looks_on_keeps_is_bounded(tmp_path: Path) -> None:
    shadow = Shadow(tmp_path / "f", RIVAL, FIRST)
    for number in range(2 * GROUPS):
        shadow.note(*otherwise(number), f"m{number}")
    for number in range(2 * EXAMPLES):
        shadow.note(*otherwise(0), f"n{number}")
    assert (len(shadow.seen), shadow.outcomes["otherwise"]) == (GROUPS, 2 * (GROUPS + EXAMPLES))
    assert len(shadow.seen[0].messages) == EXAMPLES
    shadow.keep(shadow.news())
    assert shadow.news() == ""
    again = Shadow.of(tmp_path / "f", RIVAL, FIRST)
    assert (again.seen, again.counts()) == (shadow.seen, shadow.counts())
    assert Shadow.of(tmp_path / "f", RIVAL, "c" * 16).seen == []


async def test_where_the_rival_fails_the_champion_answers(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 1.0)
    meters = Meters()
    async with rivals(shelf, meters) as found:
        await until(lambda: found.tried_out == RIVAL)
        with pytest.raises(Exception, match="could not read"):
            await found.read("boom", "c1")  # which the champion cannot either
        assert looked_on(meters, "failed") == 1


async def test_a_rival_that_cannot_be_loaded_changes_nothing(shelf: Shelf) -> None:
    write_reader(shelf.releases, "c" * 16, broken=True)
    shelf.try_out("c" * 16, 1.0)
    async with rivals(shelf, Meters()) as found:
        await asyncio.sleep(0.2)
        assert found.tried_out == ""
        assert set(await answering(found, 3)) == {FIRST}


async def test_a_rival_that_was_promoted_has_won(shelf: Shelf) -> None:
    shelf.try_out(RIVAL, 0.5)
    async with served(Desk.open(shelf.folder)) as client:
        shelf.promote(RIVAL)
        async with asyncio.timeout(20):
            while (await client.say("order"))["release"] != RIVAL:  # noqa: ASYNC110 - as a visitor sees it
                await asyncio.sleep(0.05)


def test_the_draw_is_by_conversation_and_by_release() -> None:
    half, other = Trial(RIVAL, 0.5), Trial("c" * 16, 0.5)
    conversations = [f"c{n}" for n in range(400)]
    one = [drawn(c, half) for c in conversations]
    assert 150 < sum(one) < 250
    assert one != [drawn(c, other) for c in conversations]
    assert not any(drawn(c, Trial(RIVAL, 0.0)) for c in conversations)
    assert all(drawn(c, Trial(RIVAL, 1.0)) for c in conversations)


def test_only_a_whole_release_that_does_not_serve_is_tried_out(shelf: Shelf) -> None:
    with pytest.raises(ShelfError, match="there is nothing to try out"):
        shelf.try_out(FIRST, 0.1)
    with pytest.raises(ShelfError, match="not a complete Release"):
        shelf.try_out("nope", 0.1)
    assert shelf.trial is None
    shelf.try_out(RIVAL, 0.1)
    assert shelf.trial == Trial(RIVAL, 0.1)
    (shelf.folder / "trial.json").write_text("{")
    assert shelf.trial is None
    assert shelf.end_trial()
    assert not shelf.end_trial()
