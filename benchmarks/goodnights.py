"""
Twenty good nights at a small desk, one after the other: what is taught is true, and at most one may be refused.

Four kinds of honest news take turns: an operator labels messages, customers rate right answers, the owner writes examples, the owner
words an answer anew while an operator labels. Nothing is taught twice.

    python -m benchmarks.learning --datasets DIR --report DIR --only goodnights
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.badnights import shortened
from benchmarks.parts import Bound, Given, Result, Step
from benchmarks.smalldesk import Texts, asked, make_small_desk, retrained, right, written
from conversations.events import Thumb
from finetune.examples import Example, read_examples, write_examples
from finetune.progress import People

NIGHTS, SMALL_NIGHTS = 20, 2
A_NIGHT = 11  # messages
REFUSED = 1  # night of them, at most


@dataclass(frozen=True, slots=True)
class Row:
    """How a night came out, and how many of the kept questions the champion understood afterwards."""

    news: str
    outcome: str
    why: str
    lessons: int
    right: int


def steps(given: Given) -> Iterator[Step]:
    """Return the one step."""
    nights = SMALL_NIGHTS if given.small else NIGHTS
    run = partial(good_nights, nights, given.seed)
    yield Step("goodnights", "Good nights", run, {"nights": nights, "seed": given.seed})


def good_nights(nights: int, seed: int) -> Result:
    """Live through so many nights at one desk."""
    texts, watch, rows = Texts.of(), People(), []
    messages = list(texts.messages)
    Random(seed).shuffle(messages)  # noqa: S311 - chance that repeats
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        desk = make_small_desk(Path(folder) / "desk", texts)
        first = right(asked(desk, texts.kept))
        for number, (news, teach) in zip(range(nights), cycle(NEWS.items()), strict=False):
            teach(desk, messages[number * A_NIGHT : (number + 1) * A_NIGHT])
            ended = retrained(desk)
            lessons = int(ended.told.get("lessons", 0))
            understood = right(asked(desk, texts.kept))
            rows.append(Row(news, ended.outcome, ended.why, lessons, understood))
            watch.say(f"  night {number + 1}, {news}: {ended.outcome}")
    refused = [row for row in rows if row.outcome != "promoted"]
    measured = f"{len(refused)} of {len(rows)}"
    bound = Bound("not promoted", f"at most {REFUSED} of {nights}", measured, len(refused) <= REFUSED)  # fmt: skip
    told = {"first": first, "kept": len(texts.kept), "nights": [asdict(row) for row in rows]}
    return Result("Good nights", table(first, len(texts.kept), rows), (), [bound], told)


def table(first: int, kept: int, rows: Sequence[Row]) -> str:
    """Return the nights as a table in Markdown."""
    lines = [
        f"Of {kept} questions that no night has seen, the first Release understands {first}.\n"
    ]
    lines += ["| night | news | outcome | lessons | understood | |", "|---|---|---|---|---|---|"]
    for number, row in enumerate(rows, start=1):
        why = "" if row.outcome == "promoted" else shortened(row.why)
        cells = (number, row.news, row.outcome, row.lessons, row.right, why)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _labelled(desk: Path, messages: Sequence[Example]) -> None:
    with written(desk) as log:
        for message in messages:
            log.labelled([message.text], message.intent)


def _rated(desk: Path, messages: Sequence[Example]) -> None:
    with written(desk) as log:
        for message in messages:
            said = log.hear(message.text, address=message.text, network=message.text)
            log.reply(said, message.intent)
            log.rate(said, Thumb.UP)


def _examples_written(desk: Path, messages: Sequence[Example]) -> None:
    file = desk / "examples.csv"
    write_examples(file, [*read_examples(file), *messages])


def _worded_anew(desk: Path, messages: Sequence[Example]) -> None:
    _labelled(desk, messages)
    file = desk / "templates.jsonl"
    first, *others = file.read_text(encoding="utf-8").split("\n")
    answer = json.loads(first)
    answer["text"] += " Just ask if anything is unclear."
    whole = [json.dumps(answer, ensure_ascii=False), *others]
    file.write_text("\n".join(whole), encoding="utf-8")


NEWS: dict[str, Callable[[Path, Sequence[Example]], None]] = {
    "an operator labels": _labelled,
    "customers rate right answers": _rated,
    "the owner writes examples": _examples_written,
    "an answer is worded anew, an operator labels": _worded_anew,
}
