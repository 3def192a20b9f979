"""Programs that the tests run beside themselves: one appends until it is killed, one reads meanwhile."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

from conversations.events import ActionKind, Decided, Heard, Utterance
from conversations.log import EventLog
from conversations.reader import Reader

VISITORS = 20


async def append_for_ever(path: Path) -> None:
    """Hear and answer as fast as it goes; say the message id of everything that was acknowledged."""
    opened = EventLog.open(
        path,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: uuid4().hex,
        session_idle=timedelta(hours=1),
    )
    numbers = count()
    async with opened as log, asyncio.TaskGroup() as visitors:
        for visitor in range(VISITORS):
            visitors.create_task(_chat(log, f"v{visitor}", numbers))


async def _chat(log: EventLog, address: str, numbers: Iterator[int]) -> None:
    for number in numbers:
        utterance = Utterance(channel="web", address=address, external_id=f"{number}", text="hello")
        recorded = (await log.hear(utterance)).recorded
        assert isinstance(recorded.event, Heard)
        _say(recorded.event.message_id)
        answer = Decided(
            message_id=uuid4().hex,
            in_reply_to=recorded.event.message_id,
            action=ActionKind.REPLY,
            text="Here.",
        )
        await log.append(recorded.conversation_id, answer)
        _say(answer.message_id)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def read_until(path: Path, total: int) -> None:
    """Read the log again and again until it holds `total` events; every reading is a whole beginning of it."""
    with Reader.open(path) as reader:
        seen = 0
        while seen < total:
            seqs = [recorded.seq for recorded in reader.events()]
            assert seqs == list(range(1, len(seqs) + 1))
            assert len(seqs) >= seen
            seen = len(seqs)
    _say(f"{seen}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["append", path]:
            asyncio.run(append_for_ever(Path(path)))
        case ["read", path, total]:
            read_until(Path(path), int(total))
        case other:
            raise SystemExit(f"append PATH or read PATH TOTAL, not {other}")
