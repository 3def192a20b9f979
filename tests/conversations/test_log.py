"""The event log: durable, once, in order, and alive after a disk that refused."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conversations.errors import Damaged, Rejected, StorageUnavailable
from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    Delivered,
    Heard,
    OperatorWrote,
    Recorded,
    Utterance,
)
from conversations.log import EventLog
from conversations.reader import Reader
from conversations.writer import BATCH


def now() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id{next(numbers)}"


def opened(path: Path, max_bytes: int | None = None) -> AbstractAsyncContextManager[EventLog]:
    return EventLog.open(
        path, clock=now, new_id=ids(), session_idle=timedelta(hours=1), max_bytes=max_bytes
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[EventLog]:
    async with opened(path) as log:
        yield log


def said(number: int = 0, text: str = "hello") -> Utterance:
    return Utterance(channel="web", address=f"v{number % 7}", external_id=str(number), text=text)


def decided(on: str, text: str = "Here.") -> Decided:
    return Decided(message_id=f"d-{on}", in_reply_to=on, action=ActionKind.REPLY, text=text)


def heard_id(recorded: Recorded) -> str:
    assert isinstance(recorded.event, Heard)
    return recorded.event.message_id


async def test_a_whole_turn_is_in_the_log_and_can_be_asked_for(log: EventLog) -> None:
    heeded = await log.hear(said(text="Where is my parcel?"))
    heard, conversation_id = heeded.recorded, heeded.recorded.conversation_id
    assert await log.unanswered() == [heard]
    answer = await log.append(conversation_id, decided(heard_id(heard)))
    assert await log.unanswered() == []
    assert await log.undelivered() == [answer]
    delivered = await log.append(conversation_id, Delivered(message_id=f"d-{heard_id(heard)}"))
    assert await log.undelivered() == []
    wrote = await log.append(
        conversation_id, OperatorWrote(message_id="o", operator="ann", text="Anything else?")
    )
    assert await log.waiting() == [conversation_id]
    assert await log.history(conversation_id) == [heard, answer, delivered, wrote]
    assert await log.history(conversation_id, after=delivered.seq) == [wrote]
    assert await log.decision_on(heard_id(heard)) == answer
    assert await log.message("o") == wrote
    assert await log.search("parcel") == [heard]
    assert await log.visitor("web", "v0") == heeded.visitor
    assert await log.visitor_of(conversation_id) == heeded.visitor
    assert await log.current(heeded.visitor.visitor_id) == conversation_id


async def test_a_message_that_comes_fifty_times_at_once_is_heard_once(log: EventLog) -> None:
    heeded = await asyncio.gather(*(log.hear(said(1)) for _ in range(50)))
    assert [one.fresh for one in heeded].count(True) == 1
    assert len({one.recorded for one in heeded}) == 1
    assert len(await log.history(heeded[0].recorded.conversation_id)) == 1


async def test_an_utterance_that_is_answered_fifty_times_at_once_has_one_answer(
    log: EventLog,
) -> None:
    heard = (await log.hear(said())).recorded
    published: list[Recorded] = []
    log.subscribe(published.append)
    answers = await asyncio.gather(
        *(
            log.append(heard.conversation_id, decided(heard_id(heard), f"answer {n}"))
            for n in range(50)
        )
    )
    assert len(set(answers)) == 1
    assert published == [answers[0]]
    assert await log.history(heard.conversation_id) == [heard, answers[0]]


async def test_events_are_published_once_each_in_the_order_of_the_log(
    log: EventLog, path: Path
) -> None:
    published: list[Recorded] = []
    log.subscribe(published.append)
    await asyncio.gather(*(log.hear(said(n % 700)) for n in range(3 * BATCH)))
    assert [recorded.seq for recorded in published] == list(range(1, 701))
    with Reader.open(path) as reader:
        assert list(reader.events()) == published


async def test_an_event_is_durable_before_a_follower_sees_it(log: EventLog, path: Path) -> None:
    found: list[bool] = []

    def look(recorded: Recorded) -> None:
        with Reader.open(path) as reader:
            found.append(reader.message(heard_id(recorded)) == recorded)

    log.subscribe(look)
    await asyncio.gather(*(log.hear(said(n)) for n in range(5)))
    assert found == [True] * 5


async def test_a_follower_that_fails_disturbs_neither_the_others_nor_the_log(
    log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    published: list[Recorded] = []

    def fail(recorded: Recorded) -> None:
        raise RuntimeError("the follower's own fault")

    log.subscribe(fail)
    log.subscribe(published.append)
    assert (await log.hear(said(1, "a secret"))).fresh
    assert len(published) == 1
    assert "a follower of the log failed on event 1" in caplog.text
    assert "a secret" not in caplog.text


async def test_a_follower_that_left_is_not_called_again(log: EventLog) -> None:
    published: list[Recorded] = []
    leave = log.subscribe(published.append)
    await log.hear(said(1))
    leave()
    leave()
    await log.hear(said(2))
    assert [recorded.seq for recorded in published] == [1]


async def test_a_caller_who_gives_up_waiting_does_not_lose_the_event(log: EventLog) -> None:
    waiting = asyncio.create_task(log.hear(said(1)))
    await asyncio.sleep(0)  # it is in the queue
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not (await log.hear(said(1))).fresh


async def test_an_event_that_contradicts_the_log_fails_alone(log: EventLog) -> None:
    outcomes = await asyncio.gather(
        log.hear(said(1)),
        log.append("nowhere", Closed(reason="done")),
        log.hear(said(2)),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Rejected) for outcome in outcomes] == [False, True, False]


async def test_a_full_disk_fails_its_batch_alone_and_the_log_lives_on(path: Path) -> None:
    async with opened(path, max_bytes=300_000) as log:
        published: list[Recorded] = []
        log.subscribe(published.append)
        kept = (await log.hear(said(0))).recorded
        full = [log.hear(said(n, "long " * 100_000)) for n in range(1, 4)]
        outcomes = await asyncio.gather(*full, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 3
        assert published == [kept]
        after = (await log.hear(said(4))).recorded
        assert published == [kept, after]
        assert await log.history(kept.conversation_id) == [kept]
    with Reader.open(path) as reader:
        assert list(reader.events()) == published


async def test_a_short_lock_is_waited_for(log: EventLog, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(log.hear(said()))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    assert await log.unanswered() == []  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert (await waiting).fresh


async def test_closing_commits_what_is_queued_and_empties_the_write_ahead_log(path: Path) -> None:
    async with opened(path) as log:
        waiting = [asyncio.create_task(log.hear(said(n))) for n in range(2 * BATCH)]
        await asyncio.sleep(0)  # they are in the queue
    assert all(heeded.fresh for heeded in await asyncio.gather(*waiting))
    assert [file.name for file in path.parent.iterdir()] == ["log.db"]
    with Reader.open(path) as reader:
        assert reader.seq() == 2 * BATCH


async def test_a_closed_log_says_so(path: Path) -> None:
    async with opened(path) as log:
        pass
    with pytest.raises(StorageUnavailable, match="closed"):
        await log.hear(said())
    with pytest.raises(StorageUnavailable, match="closed"):
        await log.unanswered()


@pytest.fixture
def no_database(path: Path) -> Path:
    path.write_bytes(b"no database " * 1000)
    return path


async def test_a_damaged_file_is_refused_by_name(no_database: Path) -> None:
    with pytest.raises(Damaged, match=r"log\.db cannot be used as the event log"):
        async with opened(no_database):
            pytest.fail("it was opened")
