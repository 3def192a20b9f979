"""
Import: how many past messages `frontdesk import` takes into a desk's log a second, as a process of its own.

6,000 conversations of ten messages each, customer and operator in turn, their texts joined from halves of the demo shop's questions, so that
lengths stay as they are. They are written in Frontdesk's own format, as a table, and as Chatwoot and Zendesk export them; each is
taken into an empty log, and once more. A table of as many labelled texts is taken into examples.csv.

    make bench-import                                 two minutes
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.served import DEMO
from conversations.interchange import Customer, PastConversation, Side, Turn, write
from finetune.examples import read_examples

MESSAGES = 60_000
TURNS = 10  # messages of a conversation
LEAST = 5_000  # messages a second
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One import: seconds by the clock and of processor time, the start of the program in both."""

    form: str
    messages: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def per_cpu_second(self) -> float:
        return self.messages / self.cpu_seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="how quickly past conversations are imported")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--only", nargs="+", choices=FORMS, default=tuple(FORMS), metavar="FORM")
    options = parser.parse_args(arguments)
    past = list(conversations(options.messages))
    rows = []
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as scratch:
        for form in options.only:
            rows += measured(form, past, Path(scratch))
    kept = all(row.per_second >= LEAST for row in rows)
    print(f"load average of the last five minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n")  # fmt: skip
    print(table(rows))
    print(json.dumps({"bench": "import", "held": kept, "rows": [asdict(row) for row in rows]}))
    sys.exit(0 if kept else 1)


def conversations(messages: int) -> Iterator[PastConversation]:
    """Yield conversations that have so many messages together; no two texts of them are the same."""
    chance = Random(0)  # noqa: S311 - the same conversations every time
    texts = [example.text.split() for example in read_examples(DEMO / "examples.csv")]
    for number in range(messages // TURNS):
        started = BEGIN + timedelta(minutes=7 * number)
        turns = []
        for place in range(TURNS):
            one, other = chance.choice(texts), chance.choice(texts)
            said = [*one[: (len(one) + 1) // 2], *other[len(other) // 2 :], f"{number}.{place}"]
            side = Side.OPERATOR if place % 2 else Side.CUSTOMER
            at = started + timedelta(seconds=40 * place)
            turns.append(Turn(at=at, side=side, text=" ".join(said), operator="ann" * (place % 2)))
        who = Customer(f"customer {number}")
        yield PastConversation(id=f"c{number}", channel="mail", started=started, customer=who, turns=tuple(turns))  # fmt: skip


def measured(form: str, past: Sequence[PastConversation], scratch: Path) -> list[Row]:
    """Return what it takes to import the conversations in a form, and to find out that they are there already."""
    folder = scratch / form
    desk, file = folder / "desk", folder / "past"
    desk.mkdir(parents=True)
    (desk / "desk.toml").write_text('name = "Import"\n')
    FORMS[form](file, past)
    count = sum(len(one.turns) for one in past)
    rows = [_run(name, form, file, desk, count) for name in (form, f"{form}, again")]
    print(*rows, sep="\n", file=sys.stderr, flush=True)
    return rows


def table(rows: Sequence[Row]) -> str:
    """Return the imports as a table in Markdown."""
    lines = [
        "| form | messages | seconds | CPU seconds | messages/s | messages/CPU s | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.form} | {r.messages:,} | {r.seconds:.1f} | {r.cpu_seconds:.1f} | {r.per_second:,.0f} "
        f"| {r.per_cpu_second:,.0f} | {r.peak_mb:.0f} |"
        for r in rows
    ]
    return "\n".join(lines)


def _run(name: str, form: str, file: Path, desk: Path, messages: int) -> Row:
    command = (sys.executable, "-m", "bot.cli", "import", form, str(file), "--desk", str(desk))
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)  # its own processor time and memory
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Row(name, messages, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _table(file: Path, past: Sequence[PastConversation]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["conversation", "at", "from", "text"])
        writer.writerows((one.id, t.at.isoformat(), t.side, t.text) for one in past for t in one.turns)  # fmt: skip


def _intents(file: Path, past: Sequence[PastConversation]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "intent"])
        writer.writerows((t.text, f"intent_{n}") for one in past for n, t in enumerate(one.turns))


def _lines(file: Path, records: Iterator[Mapping[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


def _chatwoot(file: Path, past: Sequence[PastConversation]) -> None:
    _lines(
        file,
        (
            {
                "id": one.id,
                "meta": {"sender": {"id": one.customer.id}},
                "messages": [
                    {"message_type": int(t.side is Side.OPERATOR), "created_at": t.at.timestamp(),
                     "content": t.text, "sender": {"name": t.operator}}
                    for t in one.turns
                ],
            }
            for one in past
        ),
    )  # fmt: skip


def _zendesk(file: Path, past: Sequence[PastConversation]) -> None:
    _lines(
        file,
        (
            {
                "id": one.id,
                "requester_id": one.customer.id,
                "comments": [
                    {"public": True, "created_at": t.at.isoformat(), "body": t.text,
                     "author_id": t.operator or one.customer.id}
                    for t in one.turns
                ],
            }
            for one in past
        ),
    )  # fmt: skip


FORMS: Mapping[str, Callable[[Path, Sequence[PastConversation]], None]] = {
    "conversations": write,
    "table": _table,
    "chatwoot": _chatwoot,
    "zendesk": _zendesk,
    "intents": _intents,
}


if __name__ == "__main__":
    main()
