"""
Turns: messages per second and their latency, through POST /api/v1/messages of a real server process.

Clients ask the demo shop's held-out questions. A visitor leaves after five messages, or when a person takes over, and
the next one comes: a conversation that a person has would be answered without the model. Beside it, in every
repetition, the naive loop of `benchmarks.naive`. Server and clients share the processors, as everything else does that
runs on the machine; the table says how many seconds of them each used.

    python -m benchmarks.turns                        some five minutes on two cores, with the training
    python -m benchmarks.turns --desk DIR             with the Release of a desk that is trained already
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from benchmarks.served import Server, fresh, questions, trained

if TYPE_CHECKING:
    from benchmarks.naive import Naive

STAYS = 5  # messages of one visitor
CLIENTS = {1: 100, 8: 240, 32: 384, 64: 512}  # at once: messages in a repetition
OFFERED = (50.0, 100.0)  # messages a second
OPEN_FOR = 10.0  # seconds
PATIENCE = 60.0  # seconds for one message


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, or the medians of several."""

    name: str
    messages: int
    refused: int
    per_second: float
    p50: float  # ms
    p99: float  # ms
    server_cpu: float  # seconds
    client_cpu: float


@dataclass(slots=True)
class Crowd:
    """The clients: who asks what next, and how long each had to wait."""

    session: ClientSession
    url: str
    texts: Sequence[str]
    rng: Random
    waited: list[float] = field(default_factory=list)
    refused: int = 0
    silent: int = 0
    _ids: Any = field(default_factory=itertools.count)

    async def closed(self, clients: int, messages: int) -> None:
        """Each client asks as soon as it has its answer."""
        left = iter(self.rng.choices(self.texts, k=messages))
        await asyncio.gather(*(self._client(left) for _ in range(clients)))

    async def open(self, rate: float, seconds: float) -> None:
        """Messages come at random, `rate` a second on average, whether or not others were answered."""
        at, asking = time.perf_counter(), []
        until = at + seconds
        while (at := at + self.rng.expovariate(rate)) < until:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            asking.append(
                asyncio.create_task(self._ask(self._visitor(), self.rng.choice(self.texts), at))
            )
        await asyncio.gather(*asking)

    async def _client(self, left: Any) -> None:
        visitor, said = self._visitor(), 0
        for text in left:
            action = await self._ask(visitor, text, time.perf_counter())
            said += 1
            if action in ("handoff", "silent") or said == STAYS:
                visitor, said = self._visitor(), 0

    def _visitor(self) -> str:
        return f"visitor-{next(self._ids)}"

    async def _ask(self, visitor: str, text: str, begun: float) -> str:
        """Return the action; latency counts from when the message was due."""
        body = {"visitor": visitor, "text": text, "client_message_id": f"m{next(self._ids)}"}
        try:
            async with self.session.post(f"{self.url}/api/v1/messages", json=body) as response:
                answer = await response.json(content_type=None)
        except (ClientError, TimeoutError):
            self.refused += 1
            return ""
        if response.status != 200 or answer["reason"] == "failed":  # a person gets it, unread
            self.refused += 1
            return "handoff"
        self.waited.append(time.perf_counter() - begun)
        self.silent += answer["action"] == "silent"
        return str(answer["action"])


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # for the naive loop too, as `frontdesk` does
    with tempfile.TemporaryDirectory() as folder:
        desk = trained(Path(folder) / "trained", options.desk)
        rows = asyncio.run(_measured(desk, Path(folder), options.repeats))
    print(table(rows))
    print(
        json.dumps(
            {
                "bench": "turns",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "cores": os.cpu_count(),
                "load": os.getloadavg()[0],
                "repeats": options.repeats,
                "rows": [asdict(row) for row in rows],
            }
        )
    )


def table(rows: Sequence[Row]) -> str:
    """Return the Markdown table; the naive loop is the first row."""
    lines = [
        "| clients | messages | refused | messages/s | of the naive loop | p50 ms | p99 ms | server CPU s | client CPU s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        ratio = r.per_second / rows[0].per_second
        lines.append(
            f"| {r.name} | {r.messages} | {r.refused} | {r.per_second:.1f} | {ratio:.2f} "
            f"| {r.p50:.0f} | {r.p99:.0f} | {r.server_cpu:.1f} | {r.client_cpu:.1f} |"
        )
    return "\n".join(lines)


async def _measured(desk: Path, folder: Path, repeats: int) -> list[Row]:
    from benchmarks.naive import Naive  # torch, which reads the environment when it is loaded

    server = Server.of(fresh(desk, folder / "desk"))
    naive = Naive(desk / "champion", folder / "naive.db")
    await server.start()
    try:
        async with ClientSession(
            connector=TCPConnector(limit=0), timeout=ClientTimeout(total=PATIENCE)
        ) as session:
            return await _all(server, session, naive, repeats)
    finally:
        await server.stop()
        naive.close()


async def _all(server: Server, session: ClientSession, naive: Naive, repeats: int) -> list[Row]:
    """Every repetition measures everything, so that a busier minute of the machine touches all rows."""
    texts = questions()
    ids: Any = itertools.count()
    await Crowd(session, server.url, texts, _chance(0), _ids=ids).closed(8, 48)  # warm
    naive.run(texts[:10])
    runs: list[list[Row]] = []
    for repeat in range(repeats):
        rng = _chance(repeat)
        runs.append([_naive(naive, rng.choices(texts, k=CLIENTS[1]))])
        for clients, messages in CLIENTS.items():
            crowd = Crowd(session, server.url, texts, rng, _ids=ids)
            work = partial(crowd.closed, clients, messages)
            runs[-1].append(await _row(f"{clients} at once", server, crowd, work))
        for rate in OFFERED:
            crowd = Crowd(session, server.url, texts, rng, _ids=ids)
            work = partial(crowd.open, rate, OPEN_FOR)
            runs[-1].append(await _row(f"{rate:.0f}/s offered", server, crowd, work))
    return [_medians(same) for same in zip(*runs, strict=True)]


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - chance that repeats


def _naive(naive: Naive, texts: Sequence[str]) -> Row:
    begun, cpu = time.perf_counter(), time.process_time()
    waited = naive.run(texts)
    seconds = time.perf_counter() - begun
    p50, p99 = _percentiles(waited)
    used = time.process_time() - cpu
    return Row("naive loop", len(texts), 0, len(texts) / seconds, p50, p99, 0.0, used)


async def _row(name: str, server: Server, crowd: Crowd, work: Callable[[], Any]) -> Row:
    begun, server_cpu, own = time.perf_counter(), server.cpu(), time.process_time()
    await work()
    seconds = time.perf_counter() - begun
    assert not crowd.silent, "a visitor whom a person has was answered without the model"
    p50, p99 = _percentiles(crowd.waited)
    answered = len(crowd.waited)
    return Row(
        name=name,
        messages=answered,
        refused=crowd.refused,
        per_second=answered / seconds,
        p50=p50,
        p99=p99,
        server_cpu=server.cpu() - server_cpu,
        client_cpu=time.process_time() - own,
    )


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile (nearest rank) in ms."""
    ordered = sorted(seconds) or [float("nan")]
    return 1000 * statistics.median(ordered), 1000 * ordered[int(0.99 * (len(ordered) - 1) + 0.5)]


def _medians(rows: Sequence[Row]) -> Row:
    def middle(of: Callable[[Row], float]) -> float:
        return statistics.median(map(of, rows))

    return Row(
        name=rows[0].name,
        messages=sum(row.messages for row in rows),
        refused=sum(row.refused for row in rows),
        per_second=middle(lambda row: row.per_second),
        p50=middle(lambda row: row.p50),
        p99=middle(lambda row: row.p99),
        server_cpu=middle(lambda row: row.server_cpu),
        client_cpu=middle(lambda row: row.client_cpu),
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="turns through the HTTP API")
    parser.add_argument("--desk", type=Path, help="a demo desk that is trained already")
    parser.add_argument("--repeats", type=int, choices=range(1, 8), default=3)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
