"""
Labelled questions: the files, and what makes a set of them fit to train on.

ExamplesError     a file or a set of examples is not usable; the message names the place and the way out
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from conversations.text import printable
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.templates import Template

MAX_TEXT = 4096  # characters; Bot API, sendMessage: no customer can have written more
FEWEST = 2  # examples an intent needs: one to learn from and one to be checked on


class ExamplesError(Exception):
    """These examples cannot be used."""


@dataclass(frozen=True, slots=True)
class Example:
    """
    A customer's question and its intent; OUT_OF_SCOPE where no intent covers it.

    `weight`: how far it is trusted; a curated row is 1. A `hint` is no question: it is what the intent is called, which
    is learned from and never asked. One that is not `fair` was singled out by how sure the bot was of it: what customers praise is
    easier than what they ask, what operators are asked to label is harder.
    """

    text: str
    intent: str
    weight: float = 1.0
    hint: bool = False
    fair: bool = True
    place: str = field(default="", compare=False)  # where a person finds it, where that is known

    @property
    def judges(self) -> bool:
        """Whether a model may be judged by it: how often that is right, and how sure it may be, says something about other questions."""
        return not self.hint and self.fair


def read_examples(file: Path) -> list[Example]:
    """
    Read CSV (`text,intent`, further columns ignored) or JSONL of the same keys.

    A row may have an empty text: a test file's rows all count, and training leaves such a row out (`with_words`).

    Raises:
        ExamplesError: naming file, line and what to change.
    """
    return [
        _example(row, f"{file.name}, line {line}")
        for line, row in read_rows(file, "text", "intent")
    ]


def read_intents(file: Path) -> dict[str, str]:
    """
    Read the columns `intent` and `description`: what each intent is about, in a sentence.

    Raises:
        ExamplesError: naming file, line and what to change.
    """
    return {
        _intent(row, f"{file.name}, line {line}"): printable(str(row["description"] or "")).strip()
        for line, row in read_rows(file, "intent", "description")
    }


def read_texts(file: Path) -> list[str]:
    """Read the column `text` of a CSV or JSONL file."""
    return [_text(row, f"{file.name}, line {line}") for line, row in read_rows(file, "text")]


def read_rows(file: Path, *columns: str) -> list[tuple[int, Mapping[str, Any]]]:
    """
    Read the rows of a CSV or JSONL file with the line each begins on.

    Raises:
        ExamplesError: unreadable, not UTF-8, malformed, or without one of the `columns`.
    """
    text = _read(file)
    rows = list(
        _json_rows(file, text) if file.suffix in {".jsonl", ".ndjson"} else _csv_rows(file, text)
    )
    if not rows:
        raise ExamplesError(f"{file.name} holds no rows below its header")
    for column in columns:
        _, first = rows[0]
        if column not in first:
            found = ", ".join(str(name) for name in first) or "nothing"
            raise ExamplesError(
                f"{file.name}: there is no column {column!r}, only {found}; "
                f"the header must be {','.join(columns)}"
            )
    return rows


def questions_of(templates: Iterable[Template]) -> list[Example]:
    """Return the templates' own questions, which are examples of their intents."""
    return [Example(q, t.intent, place=f"template {t.id}") for t in templates for q in t.questions]


def write_examples(file: Path, examples: Iterable[Example]) -> None:
    """Write the CSV that `read_examples` reads."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["text", "intent"])
        writer.writerows((e.text, e.intent) for e in examples)


def refuse_unteachable(examples: Sequence[Example], described: Collection[str] = ()) -> None:
    """
    Refuse a set that no classifier can be trained and checked on.

    Args:
        described: intents that may have few examples or none, because a sentence says what they are about.

    Raises:
        ExamplesError: fewer than two intents, or an intent with a single example and no description.
    """
    counts = Counter(e.intent for e in examples if e.intent != OUT_OF_SCOPE)
    if (several := len({*counts, *described})) < 2:
        raise ExamplesError(f"there must be at least two intents to tell apart, not {several}")
    lonely = sorted(i for i, count in counts.items() if count < FEWEST and i not in described)
    if lonely:
        names = ", ".join(repr(intent) for intent in lonely[:5])
        raise ExamplesError(
            f"{_these(len(lonely), 'intent')} {names} with a single example: write at least {FEWEST}, "
            "better ten, or drop it"
        )


def with_words(examples: Iterable[Example]) -> list[Example]:
    """Return the examples that have a text; files that grew for years hold a few that lost theirs."""
    return [example for example in examples if example.text]


def distinct(examples: Iterable[Example]) -> list[Example]:
    """Return the examples without repeats of one text under one intent; the most trusted one stays."""
    kept: dict[tuple[str, str], Example] = {}
    for example in examples:
        key = (normalised(example.text), example.intent)
        if key not in kept or kept[key].weight < example.weight:
            kept[key] = example
    return list(kept.values())


def normalised(text: str) -> str:
    """Return what two texts share that differ only in case and white space."""
    return " ".join(text.casefold().split())


def _these(count: int, noun: str) -> str:
    return f"there is 1 {noun}:" if count == 1 else f"there are {count} {noun}s:"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise ExamplesError(
            f"{file.name}, line {line}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except OSError as error:
        raise ExamplesError(f"{file} cannot be read: {error.strerror}") from error


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a cell fits where its file does
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        line = reader.line_num + 1
        for cells in reader:
            if cells:  # a blank line is no row, but it is a line
                yield line, dict(zip(header, chain(cells, repeat(None)), strict=False))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ExamplesError(f"{file.name}, line {line}: not valid CSV ({error})") from error


def _json_rows(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except (ValueError, RecursionError) as error:  # also 5,000 digits, 100,000 brackets
            raise ExamplesError(
                f"{file.name}, line {line}: not JSON ({getattr(error, 'msg', error)})"
            ) from error
        if not isinstance(row, dict):
            raise ExamplesError(f"{file.name}, line {line}: a row is a JSON object")
        yield line, row


def _example(row: Mapping[str, Any], place: str) -> Example:
    intent = row.get("intent")
    if not isinstance(intent, str):
        raise ExamplesError(f"{place}: the row has no intent; an empty one means out of scope")
    return Example(_text(row, place), printable(intent).strip(), place=place)


def _intent(row: Mapping[str, Any], place: str) -> str:
    intent = printable(str(row.get("intent") or "")).strip()
    if not intent:
        raise ExamplesError(f"{place}: the row names no intent; only intents are described")
    return intent


def _text(row: Mapping[str, Any], place: str) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise ExamplesError(f"{place}: the row has no text; write a question or remove the row")
    return printable(text).strip()[:MAX_TEXT]
