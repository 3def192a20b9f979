"""Access and erasure: everything of one visitor comes out, or goes, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.errors import Rejected
from conversations.events import (
    DESK,
    ActionKind,
    Decided,
    Erased,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Thumb,
    Utterance,
)
from conversations.labels import lessons
from conversations.lessons import Labelled, Taught
from conversations.log import EventLog
from conversations.privacy import erase, export
from conversations.teachings import teachings

CANARY = "zanzibar-7731"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[EventLog]:
    numbers = count(1)
    async with EventLog.open(
        path,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: f"id{next(numbers)}",
        session_idle=timedelta(hours=1),
    ) as log:
        yield log


async def talk(log: EventLog, who: str, words: str) -> str:
    """Have a visitor say something that is answered, rated, labelled and taught; returns the visitor's id."""
    card = log.files.keep(f"address-{who}", f"{words}.txt", "text/plain", words.encode())
    log.files.say(f"address-{who}", [card.file_id])
    heeded = await log.hear(
        Utterance(
            channel="web",
            address=f"address-{who}",
            external_id=f"{who}:{words}",
            text=f"where is {words}",
            name=f"{who} {words}",
            network=words,
            files=(card.enclosed,),
        )
    )
    heard, here = heeded.recorded.event, heeded.recorded.conversation_id
    assert isinstance(heard, Heard)
    answer = Decided(
        message_id=f"answer to {heard.message_id}",
        in_reply_to=heard.message_id,
        action=ActionKind.REPLY,
        text=f"It is on its way, {words}.",
        intent="parcel",
        evidence=json.dumps({"read": words}),
    )
    for event in (
        answer,
        Rated(message_id=answer.message_id, value=Thumb.UP, comment=words),
        Labelled(message_id=heard.message_id, intent="parcel", operator="ann"),
        OperatorWrote(message_id=f"p-{heard.message_id}", operator="ann", text=f"Dear {words}"),
    ):
        await log.append(here, event)
    taught = Taught(
        teaching_id=f"t-{heard.message_id}",
        external_id=f"t-{heard.message_id}",
        operator="ann",
        intent="parcel",
        questions=(heard.text, "where is my parcel"),
        text="On its way.",
        message_id=heard.message_id,
    )
    await log.append(DESK, taught)
    return heeded.visitor.visitor_id


async def test_what_an_operator_edited_is_exported_in_both_wordings_and_erased(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada = await talk(log, "ada", CANARY)
        wrote = [r for r in await log.everything_of(ada) if isinstance(r.event, OperatorWrote)][-1]
        edited = OperatorEdited(
            message_id="e1",
            corrects=wrote.event.message_id if isinstance(wrote.event, OperatorWrote) else "",
            replaces=wrote.seq,
            operator="ann",
            text=f"Dearest {CANARY}",
        )
        await log.append(wrote.conversation_id, edited)
        events = (await export(log, ada))["conversations"][0]["events"]
        assert [e["text"] for e in events[-2:]] == [f"Dear {CANARY}", f"Dearest {CANARY}"]
        await erase(log, ada, "ann")
        assert [r.event for r in await log.everything_of(ada) if CANARY in str(r.event)] == []


async def test_an_export_has_every_word_and_no_one_elses(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada, bob = await talk(log, "ada", CANARY), await talk(log, "bob", "other-words")
        whole = await export(log, ada)
        events = whole["conversations"][0]["events"]
        assert [event["kind"] for event in events] == [
            "heard",
            "decided",
            "rated",
            "labelled",
            "operator_wrote",
        ]
        assert events[1]["evidence"] == {"read": CANARY}
        assert whole["files"][0]["name"] == f"{CANARY}.txt"
        assert "other-words" not in json.dumps(whole)
        assert CANARY not in json.dumps(await export(log, bob))


async def test_nothing_that_was_erased_is_left_in_any_file(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada, bob = await talk(log, "ada", CANARY), await talk(log, "bob", "other-words")
        before = await export(log, bob)
        assert await erase(log, ada, "bob the owner") == 4
        assert await log.search(CANARY) == []
        assert await export(log, bob) == before
        assert holding(tmp_path, CANARY) == []
    assert holding(tmp_path, CANARY) == []
    assert holding(tmp_path, "other-words")


def holding(folder: Path, words: str) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if words.encode() in file.name.encode() + file.read_bytes()]


async def test_what_was_erased_is_still_counted_and_teaches_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada = await talk(log, "ada", CANARY)
        before = await log.everything_of(ada)
        await erase(log, ada, "ann")
        after = await log.everything_of(ada)
        assert [type(r.event) for r in after[: len(before)]] == [type(r.event) for r in before]
        assert isinstance(after[-1].event, Erased)
        assert (after[-1].event.by, after[-1].event.events) == ("ann", 4)
        assert lessons(after) == []
        [taught] = teachings(await log.teachings()).answers
        assert taught.questions == ("where is my parcel",)


async def test_whoever_comes_back_after_an_erasure_is_a_stranger(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada = await talk(log, "ada", CANARY)
        await erase(log, ada, "ann")
        assert await log.visitor("web", "address-ada") is None
        again = await talk(log, "ada", "new words")
        assert again != ada
        assert len((await export(log, again))["conversations"]) == 1


async def test_an_answer_that_comes_after_the_erasure_is_stored_without_words(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "log.db") as log:
        heeded = await log.hear(
            Utterance(channel="web", address="ada", external_id="1", text=CANARY)
        )
        await erase(log, heeded.visitor.visitor_id, "ann")
        heard = heeded.recorded.event
        assert isinstance(heard, Heard)
        late = Decided(
            message_id="late",
            in_reply_to=heard.message_id,
            action=ActionKind.REPLY,
            text=f"You said {CANARY}",
        )
        recorded = await log.append(heeded.recorded.conversation_id, late)
        assert isinstance(recorded.event, Decided)
        assert recorded.event.text == ""
        assert await log.undelivered() == []


async def test_files_that_were_never_said_go_with_their_owner(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada = await talk(log, "ada", CANARY)
        unsaid = log.files.keep("address-ada", "more.txt", "text/plain", b"more")
        await erase(log, ada, "ann")
        assert log.files.get(unsaid.file_id) is None


@pytest.mark.parametrize("visitor_id", ["", "nobody", "\ud800", "%"])
async def test_a_visitor_whom_nobody_knows_is_named(tmp_path: Path, visitor_id: str) -> None:
    async with opened(tmp_path / "log.db") as log:
        await talk(log, "ada", "words")
        for asked in (export(log, visitor_id), erase(log, visitor_id, "ann")):
            with pytest.raises(Rejected, match="There is no visitor"):
                await asked


async def test_the_desk_itself_cannot_be_erased(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        await talk(log, "ada", "words")
        desk = await log.visitor(DESK, DESK)
        assert desk is not None
        with pytest.raises(Rejected):
            await erase(log, desk.visitor_id, "ann")


async def test_two_erasures_at_once_harm_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path / "log.db") as log:
        ada, bob = await talk(log, "ada", CANARY), await talk(log, "bob", "other-words")
        before = await export(log, bob)
        await asyncio.gather(erase(log, ada, "ann"), erase(log, ada, "ann"))
        assert await export(log, bob) == before
        [card] = before["files"]
        assert log.files.get(card["file_id"]) is not None
