"""
Approved answers: Liquid texts keyed by the customer questions they fit.

TemplateError     a template file or text is not usable; the message names the place and the way out
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

VARIABLES = frozenset({"name", "order_number", "repair_number"})
MAX_ANSWER = 4096  # characters; Bot API, sendMessage
MAX_LOOPS = 1000  # iterations; an answer that needs more is a mistake
LIST_SEPARATOR = "|"  # between the questions of one cell, in CSV


class TemplateError(Exception):
    """A template is not usable."""


class _Liquid(Environment):
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = 4 * MAX_ANSWER  # bytes
    context_depth_limit = 10


@dataclass(frozen=True)
class Template:
    """
    One approved answer.

    `title` is what the customer would call the matter, shown on a choice button; `needs` are variables
    without which it does not read; `questions` are what it answers; `hands_off` means a person takes over;
    `on_offer` is false for small talk, which makes no sense as a choice. What is not `approved` was proposed by a program,
    and is said to nobody until a person has read it.
    """

    id: str
    intent: str
    text: str
    title: str = ""
    questions: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    hands_off: bool = False
    on_offer: bool = True
    approved: bool = True

    @cached_property
    def _compiled(self) -> BoundTemplate:
        try:
            return _Liquid().from_string(self.text)
        except LiquidError as error:
            raise TemplateError(
                f"template {self.id!r} is not valid Liquid: {error.message}; check its {{{{ }}}} and {{% %}}"
            ) from error

    def render(self, variables: Mapping[str, str]) -> str:
        """
        Return the answer with its variables filled in; an empty variable counts as unknown.

        Raises:
            TemplateError: the text is broken or runs past its limits.
        """
        known = {name: value for name, value in variables.items() if value}
        try:
            return str(self._compiled.render(**known)).strip()
        except LiquidError as error:
            raise TemplateError(f"template {self.id!r} cannot be rendered: {error}") from error

    def uses(self) -> frozenset[str]:
        """Return the variables that the text names; raises TemplateError where it is not valid Liquid."""
        return self._variables()

    def parse(self) -> None:
        """Raise TemplateError if the text is not valid Liquid, whatever variables it uses."""
        self._variables()

    def check(self) -> None:
        """
        Refuse what a customer would see broken.

        Raises:
            TemplateError: invalid Liquid, an unknown variable, no text, or a text longer than a message.
        """
        unknown = (self._variables() | self.needs) - VARIABLES
        if unknown:
            raise TemplateError(
                f"template {self.id!r} uses {', '.join(sorted(unknown))}, which is not known: "
                f"use {', '.join(sorted(VARIABLES))}"
            )
        if not 0 < len(self.render({v: v for v in VARIABLES})) <= MAX_ANSWER:
            raise TemplateError(
                f"template {self.id!r} must give between 1 and {MAX_ANSWER} characters"
            )

    def _variables(self) -> frozenset[str]:
        try:
            return frozenset(str(v) for v in self._compiled.global_variables())
        except LiquidError as error:  # it includes another template
            raise TemplateError(f"template {self.id!r} cannot be read: {error}") from error


def read_templates(file: Path) -> tuple[Template, ...]:
    """
    Read JSONL or CSV with the columns id, intent, text and optionally title, questions, needs, hands_off, on_offer, approved.

    A proposal (`approved` is false) may use variables that no desk knows: whoever approves it has to settle them.

    Raises:
        TemplateError: naming the file, the line and what to change.
    """
    templates = tuple(template_of(row, f"{file.name}, line {line}") for line, row in _rows(file))
    _refuse_twins(file, templates)
    try:
        for template in templates:
            template.check() if template.approved else template.parse()
    except TemplateError as error:
        raise TemplateError(f"{file.name}: {error}") from error
    return templates


def template_row(template: Template) -> dict[str, Any]:
    """Return the JSON object that `read_templates` reads back."""
    return {
        "id": template.id,
        "intent": template.intent,
        "title": template.title,
        "needs": sorted(template.needs),
        "questions": list(template.questions),
        "hands_off": template.hands_off,
        "on_offer": template.on_offer,
        "text": template.text,
    }


def approved(templates: Iterable[Template]) -> tuple[Template, ...]:
    """Return the templates without those that a program proposed and nobody has approved."""
    return tuple(template for template in templates if template.approved)


def titles_given(templates: Iterable[Template]) -> dict[str, list[str]]:
    """Return the titles that the templates of each intent give it."""
    titles: dict[str, list[str]] = {}
    for template in templates:
        if template.title:
            titles.setdefault(template.intent, []).append(template.title)
    return titles


def titles_of(templates: Iterable[Template], intents: Iterable[str]) -> dict[str, str]:
    """Return what to call each intent on a button: its first template's title, else the intent in words."""
    titles = {intent: intent.replace("_", " ").strip().capitalize() for intent in intents}
    return titles | {intent: given[0] for intent, given in titles_given(templates).items()}


def _rows(file: Path) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{file} cannot be read as UTF-8 text: {error}") from error
    if file.suffix == ".csv":
        return list(_csv_rows(file, text))
    lines = enumerate(text.split("\n"), start=1)  # JSON may hold U+2028, which splitlines breaks at
    return [(number, _object(file, number, line)) for number, line in lines if line.strip()]


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)  # an answer has lines
    line = 2
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise TemplateError(f"{file.name}, line {line}: not valid CSV ({error})") from error


def _object(file: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair fits in no UTF-8 file
    except (ValueError, RecursionError) as error:  # also 5,000 digits, 100,000 brackets
        raise TemplateError(
            f"{file.name}, line {number}: not JSON ({getattr(error, 'msg', error)})"
        ) from error
    if not isinstance(row, dict):
        raise TemplateError(f"{file.name}, line {number}: a template is a JSON object")
    return row


def template_of(row: Mapping[str, Any], place: str) -> Template:
    """
    Return the template of a row, unchecked.

    Args:
        place: where a person finds the row.

    Raises:
        TemplateError: naming the place and the field.
    """
    for key in ("id", "intent", "text"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise TemplateError(f"{place}: {key!r} is missing; give it a text")
    return Template(
        id=row["id"],
        intent=row["intent"],
        text=row["text"],
        title=str(row.get("title") or ""),
        questions=tuple(_listed(row.get("questions"), f"{place}, questions")),
        needs=frozenset(_listed(row.get("needs"), f"{place}, needs")),
        hands_off=_said(row.get("hands_off"), default=False),
        on_offer=_said(row.get("on_offer"), default=True),
        approved=_said(row.get("approved"), default=True),
    )


def _said(value: object, *, default: bool) -> bool:
    """Read a yes or no as JSON and spreadsheets write it."""
    return default if value is None or value == "" else str(value).lower() in {"true", "1", "yes"}


def _listed(value: object, place: str) -> Sequence[str]:
    items = value.split(LIST_SEPARATOR) if isinstance(value, str) else value or []
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise TemplateError(f"{place}: give a list of texts")
    return [item.strip() for item in items if item.strip()]


def _refuse_twins(file: Path, templates: Iterable[Template]) -> None:
    seen: set[str] = set()
    for template in templates:
        if template.id in seen:
            raise TemplateError(f"{file.name}: two templates are called {template.id!r}")
        seen.add(template.id)
