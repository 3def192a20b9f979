"""
Taking another bot's examples and answers into a desk.

What is there already is not added twice, what contradicts it is left out and named, and the files are replaced by one
rename each, so that an import that is interrupted is simply run again.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from finetune.examples import Example, distinct, normalised, read_examples, read_rows, with_words
from finetune.files import whole
from finetune.names import spoken
from finetune.otherbots.found import Answer, Found
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.template_files import read_templates, template_row
from retrieval.templates import Template, TemplateError
from retrieval.variables import Variables, variables_of


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What an import did: counts of what was added and of what was there before, and in words what was left out.
    """

    examples: int
    answers: int
    intents: int
    known: int
    left_out: Sequence[str]


def take(desk: Path, found: Found) -> Taken:
    """
    Add what was found to the examples and templates of a desk.

    Raises:
        ExamplesError, TemplateError: the desk's own files cannot be read; nothing was changed.
    """
    examples, templates = desk / "examples.csv", desk / "templates.jsonl"
    known = read_examples(examples) if examples.is_file() else []
    answered = read_templates(templates) if templates.is_file() else ()
    fresh, clashes = _fresh(known, found.examples)
    answers, refused = _templates(answered, found.answers, _variables(desk))
    if fresh:
        _append(examples, _csv(examples, fresh))
    if answers:
        _append(templates, "".join(_line(template) for template in answers))
    return Taken(
        examples=len(fresh),
        answers=len(answers),
        intents=len({e.intent for e in fresh} - {e.intent for e in known} - {OUT_OF_SCOPE}),
        known=len(distinct(found.examples)) - len(fresh) - len(clashes),
        left_out=[*found.problems, *clashes, *refused],
    )


def _fresh(known: Sequence[Example], found: Sequence[Example]) -> tuple[list[Example], list[str]]:
    """Return the examples that are new, and in words those whose text stands under another intent already."""
    meant = {normalised(e.text): e.intent for e in known}
    fresh, clashes = [], []
    for example in distinct(with_words(found)):
        key = normalised(example.text)
        if key not in meant:
            meant[key] = example.intent
            fresh.append(example)
        elif meant[key] != example.intent:
            clashes.append(
                f"{example.place}: {example.text!r} is {_called(meant[key])} already, not {_called(example.intent)}"
            )
    return fresh, clashes


def _templates(
    known: Sequence[Template], found: Sequence[Answer], variables: Variables
) -> tuple[list[Template], list[str]]:
    """Return templates of the answers to intents that have none yet, and in words what cannot be one."""
    taken = {template.intent for template in known}
    ids = {template.id for template in known}
    fresh, refused = [], []
    for answer in found:
        if answer.intent in taken:
            continue
        template = _template(answer, ids)
        try:
            template.check(variables)
        except TemplateError as error:
            refused.append(f"{answer.place}: {error}")
            continue
        taken.add(template.intent)
        ids.add(template.id)
        fresh.append(template)
    return fresh, refused


def _variables(desk: Path) -> Variables:
    try:
        return variables_of(desk / "desk.toml")
    except ValueError as error:
        raise TemplateError(str(error)) from error


def _template(answer: Answer, ids: Collection[str]) -> Template:
    """Return the answer as a template that is called like its intent, and unlike any other."""
    words = spoken(answer.intent)
    name = "-".join(words.split()) or answer.intent
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    free = next(one for one in names if one not in ids)
    return Template(free, answer.intent, answer.text, words.capitalize())


def _csv(file: Path, examples: Sequence[Example]) -> str:
    """Return the rows as the file has its columns, with the header where there is no file."""
    columns = list(read_rows(file, "text", "intent")[0][1]) if file.is_file() else []
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns or ["text", "intent"], lineterminator="\n", restval="")
    if not columns:
        writer.writeheader()
    writer.writerows({"text": e.text, "intent": e.intent} for e in examples)
    return out.getvalue()


def _line(template: Template) -> str:
    return json.dumps(template_row(template), ensure_ascii=False) + "\n"


def _append(file: Path, more: str) -> None:
    """Replace the file by itself and more, whole or not at all."""
    before = file.read_bytes() if file.is_file() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    with whole(file) as scratch, scratch.open("wb") as out:
        out.write(before + more.encode("utf-8"))
        out.flush()
        os.fsync(out.fileno())


def _called(intent: str) -> str:
    return repr(intent) if intent else "out of scope"
