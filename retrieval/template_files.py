"""
Answers in a file that a person edits: JSON Lines or CSV, read and written.

In CSV a list is one cell, its items parted by `|`; an attachment is `name = address`, a quick reply `label = what is said`, and
a variant has a column of its own: `text:de`, `text:telegram`, `text:telegram:de`, and perhaps `quick_replies:de` beside it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from retrieval.enclosures import FILES, Attachment, QuickReply
from retrieval.templates import State, Template, TemplateError, unreadable
from retrieval.variables import Variables, variables_of
from retrieval.variants import CHANNELS, Variant

LIST_SEPARATOR = "|"  # between the items of one cell, in CSV
VARIANT = "text:"  # what the name of a variant's column begins with, in CSV
REPLIES = "quick_replies:"  # and that of its quick replies
FIELDS = (
    "id", "intent", "title", "needs", "questions", "hands_off", "on_offer", "text", "variants", "attachments", "quick_replies",
    "valid_from", "valid_until", "not_for", "only_for", "state", "approved", "author", "changed_at",
)  # fmt: skip
PROPOSED = ("said", "to_fill_in")  # what `frontdesk mine` tells of its proposals
STATES = (State.DRAFT, State.APPROVED, State.LIVE)


def read_templates(file: Path, variables: Variables | None = None) -> tuple[Template, ...]:
    """
    Read the answers of a JSONL or CSV file; `FIELDS` are its columns, of which id, intent and text have to be there.

    A draft may use variables that no desk knows: whoever approves it has to settle them.

    Args:
        variables: what the answers may say; if not given, what the desk.toml beside the file defines.

    Raises:
        TemplateError: naming the file, the line and what to change.
    """
    templates = read_rows(file)
    try:
        known = variables or variables_of(file.with_name("desk.toml"))
        for template in templates:
            template.check(known) if template.approved else template.parse()
            refuse_missing_files(template, file.parent)
    except (TemplateError, ValueError) as error:
        raise TemplateError(f"{file.name}: {error}") from error
    return templates


def read_sealed(file: Path) -> tuple[Template, ...]:
    """
    Read the answers of a Release: they were checked when it was sealed, with the variables that its desk had.

    One that a program of then could read and this one cannot is a draft: it keeps its place, and is said to nobody.

    Raises:
        TemplateError: naming the file, the line and what is wrong.
    """
    return tuple(
        replace(template, state=State.DRAFT) if unreadable(template) else template
        for template in read_rows(file)
    )


def read_rows(file: Path) -> tuple[Template, ...]:
    """
    Read the answers of a file without a look at their texts.

    Raises:
        TemplateError: naming the file, the line and what to change.
    """
    templates = tuple(template_of(row, f"{file.name}, line {line}") for line, row in _rows(file))
    _refuse_twins(file, templates)
    return templates


def template_row(template: Template) -> dict[str, Any]:
    """Return the JSON object that `template_of` reads back; what is not set is left out, but for the oldest fields."""
    row: dict[str, Any] = {
        "id": template.id,
        "intent": template.intent,
        "title": template.title,
        "needs": sorted(template.needs),
        "questions": list(template.questions),
        "hands_off": template.hands_off,
        "on_offer": template.on_offer,
        "text": template.text,
    }
    more = {
        "variants": [_variant_row(variant) for variant in template.variants],
        "attachments": [asdict(attachment) for attachment in template.attachments],
        "quick_replies": [asdict(reply) for reply in template.quick_replies],
        "valid_from": template.valid_from.isoformat() if template.valid_from else "",
        "valid_until": template.valid_until.isoformat() if template.valid_until else "",
        "not_for": sorted(template.not_for),
        "only_for": sorted(template.only_for),
        "state": "" if template.state is State.LIVE else str(template.state),
        "author": template.author,
        "changed_at": template.changed_at,
    }
    return row | _without_empty(more)


def template_of(row: Mapping[str, Any], place: str) -> Template:
    """
    Return the template of a row, unchecked.

    Args:
        place: where a person finds the row.

    Raises:
        TemplateError: naming the place and the field.
    """
    _refuse_unknown(row, place)
    for key in ("id", "intent", "text"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise TemplateError(f"{place}: {key!r} is missing; give it a text")
    return Template(
        id=row["id"],
        intent=row["intent"],
        text=row["text"],
        title=str(row.get("title") or ""),
        questions=tuple(_listed(row, "questions", place)),
        needs=frozenset(_listed(row, "needs", place)),
        hands_off=_said(row.get("hands_off"), default=False),
        on_offer=_said(row.get("on_offer"), default=True),
        state=_state(row, place),
        variants=tuple(_variants(row, place)),
        attachments=tuple(Attachment(*p) for p in _pairs(row, "attachments", "name", "url", place)),
        quick_replies=_replies(row, "quick_replies", place),
        valid_from=_date(row, "valid_from", place),
        valid_until=_date(row, "valid_until", place),
        not_for=frozenset(_listed(row, "not_for", place)),
        only_for=frozenset(_listed(row, "only_for", place)),
        author=str(row.get("author") or ""),
        changed_at=_time(row, place),
    )


def saved_template(content: str, author: str, at: datetime) -> Template:
    """
    Return a row that was saved as a JSON text, with who saved it and when.

    Raises:
        TemplateError: it is not what `template_row` makes.
    """
    template = template_of(json.loads(content), f"what {author} saved at {at.isoformat()}")
    return replace(template, author=author, changed_at=at.isoformat())


def _refuse_unknown(row: Mapping[Any, Any], place: str) -> None:
    known = {*FIELDS, *PROPOSED}
    of_variants = (VARIANT, REPLIES)
    odd = [
        f for f in row if f not in known and not (isinstance(f, str) and f.startswith(of_variants))
    ]
    if None in odd:  # as the csv module calls it
        raise TemplateError(f"{place}: there are more cells than columns; quote a text with commas")
    if odd:
        raise TemplateError(
            f"{place}: {', '.join(map(repr, odd))} is no field of a template; "
            f"the fields are {', '.join(FIELDS)}"
        )


def _state(row: Mapping[str, Any], place: str) -> State:
    given, before = row.get("state") or "", row.get("approved")
    if not given:
        return State.LIVE if _said(before, default=True) else State.DRAFT
    if before not in (None, ""):
        raise TemplateError(f"{place}: give either 'state' or 'approved', not both")
    if given not in STATES:
        raise TemplateError(f"{place}, state: {given!r} is none; use {', '.join(STATES)}")
    return State(given)


def _variants(row: Mapping[str, Any], place: str) -> Iterator[Variant]:
    may = ("channel", "language", "quick_replies")
    for one in _objects(row, "variants", ("text",), may, place):
        replies = _replies(one, "quick_replies", f"{place}, variants")
        yield Variant(one["text"], one.get("channel", ""), one.get("language", ""), replies)
    yield from _variant_columns(row, place)


def _variant_columns(row: Mapping[str, Any], place: str) -> Iterator[Variant]:
    for column, text in row.items():
        of = column.removeprefix(REPLIES) if isinstance(column, str) else ""
        if of != column and text and not row.get(f"{VARIANT}{of}"):
            raise TemplateError(f"{place}, {column}: there is no {VARIANT}{of} that it belongs to")
        if isinstance(column, str) and column.startswith(VARIANT) and text:
            first, _, second = column.removeprefix(VARIANT).partition(":")
            on_channel = bool(second) or first in CHANNELS
            channel, language = (first, second) if on_channel else ("", first)
            if not isinstance(text, str):
                raise TemplateError(f"{place}, {column}: give a text")
            replies = _replies(row, f"{REPLIES}{column.removeprefix(VARIANT)}", place)
            yield Variant(text, channel, language, replies)


def _replies(row: Mapping[str, Any], key: str, place: str) -> tuple[QuickReply, ...]:
    return tuple(QuickReply(*pair) for pair in _pairs(row, key, "label", "says", place))


def _pairs(
    row: Mapping[str, Any], key: str, first: str, second: str, place: str
) -> Iterator[tuple[str, str]]:
    given = row.get(key)
    if isinstance(given, str):  # a cell of a table
        for item in _listed(row, key, place):
            left, sign, right = item.partition("=")
            if not sign:
                raise TemplateError(f"{place}, {key}: write {first} = {second}, not {item[:60]!r}")
            yield left.strip(), right.strip()
        return
    for one in _objects(row, key, (first, second), (), place):
        yield one[first], one[second]


def _objects(
    row: Mapping[str, Any], key: str, must: Collection[str], may: Collection[str], place: str
) -> list[dict[str, str]]:
    given = row.get(key) or []
    fields = " and ".join((*must, *(f"perhaps {one}" for one in may)))
    if not isinstance(given, list | tuple) or not all(isinstance(one, dict) for one in given):
        raise TemplateError(f"{place}, {key}: give a list of objects with {fields}")
    for one in given:
        texts = all(isinstance(one[field], str) for field in one if field != "quick_replies")
        if not texts or not set(must) <= one.keys() <= {*must, *may} or not one[min(must)].strip():
            raise TemplateError(f"{place}, {key}: each has {fields}, which are texts")
    return list(given)


def _date(row: Mapping[str, Any], key: str, place: str) -> date | None:
    if not (given := row.get(key)):
        return None
    try:
        return date.fromisoformat(given)
    except (ValueError, TypeError) as error:
        raise TemplateError(
            f"{place}, {key}: {str(given)[:40]!r} is no day; write it like 2026-12-31"
        ) from error


def _time(row: Mapping[str, Any], place: str) -> str:
    if not (given := row.get("changed_at")):
        return ""
    try:
        datetime.fromisoformat(given)
    except (ValueError, TypeError) as error:
        raise TemplateError(
            f"{place}, changed_at: {str(given)[:40]!r} is no time; write it like 2026-12-31T18:00:00+01:00"
        ) from error
    return str(given)


def _variant_row(variant: Variant) -> dict[str, Any]:
    replies = [asdict(reply) for reply in variant.quick_replies]
    return _without_empty(asdict(variant) | {"quick_replies": replies})


def _without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def refuse_missing_files(template: Template, desk: Path) -> None:
    """Raise TemplateError if a template attaches a file that is not in the folder of its desk."""
    for attachment in template.attachments:
        if attachment.url.startswith(f"{FILES}/") and not (desk / attachment.url).is_file():
            raise TemplateError(
                f"template {template.id!r} attaches {attachment.url}, which is not in {desk}"
            )


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


def _said(value: object, *, default: bool) -> bool:
    """Read a yes or no as JSON and spreadsheets write it."""
    return default if value is None or value == "" else str(value).lower() in {"true", "1", "yes"}


def _listed(row: Mapping[str, Any], key: str, place: str) -> Sequence[str]:
    value = row.get(key)
    items = value.split(LIST_SEPARATOR) if isinstance(value, str) else value or []
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise TemplateError(f"{place}, {key}: give a list of texts")
    return [item.strip() for item in items if item.strip()]


def _refuse_twins(file: Path, templates: Iterable[Template]) -> None:
    seen: set[str] = set()
    for template in templates:
        if template.id in seen:
            raise TemplateError(f"{file.name}: two templates are called {template.id!r}")
        seen.add(template.id)
