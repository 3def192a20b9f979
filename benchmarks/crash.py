"""
Crash: the server is killed with SIGKILL ten times under a load, and the log must keep every promise.

Half of the customers use the HTTP API, half the widget's socket (`benchmarks.visitors`). After the last message the log
is read with SQLite alone: what was acknowledged is in it once, everything in it is answered once, the reply that an
HTTP client was given is the one in the log, and SQLite finds the file whole. Then the same against a server with a
planted fault (`benchmarks.mutant`), which must be caught.

    python -m benchmarks.crash                        both, some five minutes on two cores, with the training
    python -m benchmarks.crash --mutant               the planted fault alone
    python -m benchmarks.crash --desk DIR             with the Release of a desk that is trained already

The exit code is 1 where the server broke a promise or the fault was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from aiohttp import ClientSession, TCPConnector

from benchmarks.served import Server, fresh, questions, trained
from benchmarks.visitors import Caller, Ledger, Message, Tab

WITHIN = 900.0  # seconds for a whole run
AFTER = 0.1  # seconds at most from the chosen message to the kill


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent by how many, and how often the server dies of it."""

    messages: int
    visitors: int
    kills: int
    seed: int = 0
    patience: float = 15.0  # seconds until a customer tries again


FULL = Load(messages=500, visitors=25, kills=10)
FAULTY = Load(messages=200, visitors=25, kills=4, patience=3.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log holds, beside what was promised; every count of faults should be 0."""

    name: str
    kills: int
    acknowledged: int
    resent: int
    heard: int
    lost: int  # acknowledged, and not in the log
    heard_twice: int
    unanswered: int
    answered_twice: int
    other_answer: int  # HTTP clients were given a reply that the log does not have
    unseen: int  # customers to whom no answer ever came
    integrity: str
    ready: tuple[float, ...]  # seconds from each start to /readyz
    seconds: float

    @property
    def faults(self) -> int:
        counted = self.lost + self.heard_twice + self.unanswered + self.answered_twice
        return counted + self.other_answer + self.unseen + (self.integrity != "ok")


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = trained(folder / "trained", options.desk)
        verdicts = [] if options.mutant else [_real(desk, folder, options.seed)]
        mutant = _mutant(desk, folder, options.seed)
    verdicts.append(mutant)
    print(table(verdicts))
    print(
        json.dumps(
            {
                "bench": "crash",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "cores": os.cpu_count(),
                "seed": options.seed,
                "rows": [{**asdict(v), "faults": v.faults} for v in verdicts],
            }
        )
    )
    if any(v.faults for v in verdicts[:-1]) or not mutant.faults:
        sys.exit(1)


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the Markdown table."""
    lines = [
        "| server | kills | acknowledged | sent again | lost | heard twice | unanswered | answered twice "
        "| other answer | never seen | integrity | ready again, s (median, max) | verdict |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for v in verdicts:
        lines.append(
            f"| {v.name} | {v.kills} | {v.acknowledged} | {v.resent} | {v.lost} | {v.heard_twice} "
            f"| {v.unanswered} | {v.answered_twice} | {v.other_answer} | {v.unseen} | {v.integrity} "
            f"| {statistics.median(v.ready):.1f}, {max(v.ready):.1f} "
            f"| {'broke its promises' if v.faults else 'kept every promise'} |"
        )
    return "\n".join(lines)


def _real(desk: Path, folder: Path, seed: int) -> Verdict:
    copy = fresh(desk, folder / "real")
    load = replace(FULL, seed=seed)
    return asyncio.run(
        tortured("frontdesk serve", Server.of(copy), copy / "desk.db", load, questions())
    )


def _mutant(desk: Path, folder: Path, seed: int) -> Verdict:
    copy = fresh(desk, folder / "mutant")
    server = replace(
        Server.of(copy), command=(sys.executable, "-m", "benchmarks.mutant", "--desk", str(copy))
    )
    load, name = replace(FAULTY, seed=seed), "planted fault: acknowledges, then commits"
    return asyncio.run(tortured(name, server, copy / "desk.db", load, questions()))


async def tortured(
    name: str, server: Server, database: Path, load: Load, texts: Sequence[str]
) -> Verdict:
    """Start a server, put it under a load, kill it on the way as often as the load says, and examine its log."""
    ledger, begun = Ledger(), time.monotonic()
    await server.start()
    try:
        async with (
            asyncio.timeout(WITHIN),
            ClientSession(connector=TCPConnector(limit=0)) as session,
        ):
            customers = asyncio.ensure_future(_customers(session, server.url, load, ledger, texts))
            try:
                ready = await _kill(server, ledger, load)
                await customers
            finally:
                customers.cancel()
    finally:
        await server.stop()
    return examined(name, database, ledger, load, tuple(ready), time.monotonic() - begun)


async def _customers(
    session: ClientSession, url: str, load: Load, ledger: Ledger, texts: Sequence[str]
) -> None:
    rng = _chance(load.seed)
    said = [(f"m{number}", rng.choice(texts)) for number in range(load.messages)]
    async with asyncio.TaskGroup() as group:
        for number in range(load.visitors):
            own: list[Message] = said[number :: load.visitors]
            if number % 2:
                group.create_task(Tab(session, url, ledger, load.patience).run(own))
            else:
                caller = Caller(session, url, f"visitor-{number}", ledger, load.patience)
                group.create_task(caller.run(own))


async def _kill(server: Server, ledger: Ledger, load: Load) -> list[float]:
    """Kill at a random moment within each part of the load, and note how long each new start took."""
    rng, ready = _chance(load.seed + 1), []
    for part in range(load.kills):
        await ledger.reached(int(load.messages * (part + rng.random()) / (load.kills + 1)))
        await asyncio.sleep(rng.uniform(0, AFTER))
        await server.kill()
        ready.append(await server.start())
    return ready


def examined(
    name: str, database: Path, ledger: Ledger, load: Load, ready: tuple[float, ...], seconds: float
) -> Verdict:
    """Compare the log with the ledger, with nothing of ours in between."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as log:
        heard = log.execute(
            "SELECT channel, external_id, message_id FROM events WHERE kind = 'heard'"
        ).fetchall()
        decided = log.execute(
            "SELECT in_reply_to, message_id FROM events WHERE kind = 'decided'"
        ).fetchall()
        integrity = str(log.execute("PRAGMA integrity_check").fetchone()[0])
    times = Counter(_client_id(channel, external_id) for channel, external_id, _ in heard)
    answers = Counter(in_reply_to for in_reply_to, _ in decided)
    replies = {message_id for _, message_id in decided}
    promised = [*ledger.by_http, *ledger.by_socket]
    return Verdict(
        name=name,
        kills=load.kills,
        acknowledged=len(promised),
        resent=ledger.resent,
        heard=len(heard),
        lost=sum(client_id not in times for client_id in promised),
        heard_twice=sum(count > 1 for count in times.values()),
        unanswered=sum(not answers[message_id] for *_, message_id in heard),
        answered_twice=sum(count > 1 for count in answers.values()),
        other_answer=sum(reply not in replies for reply in ledger.by_http.values()),
        unseen=len(ledger.unseen),
        integrity=integrity,
        ready=ready,
        seconds=seconds,
    )


def _client_id(channel: str, external_id: str) -> str:
    """Return the id that the customer gave the message; each channel keeps it together with the customer's own."""
    if channel == "api":
        return str(json.loads(external_id)[1])
    return external_id.rpartition(":")[2]


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - chance that repeats


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="kill the server under load")
    parser.add_argument("--desk", type=Path, help="a demo desk that is trained already")
    parser.add_argument("--mutant", action="store_true", help="the planted fault alone")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
