"""What a file looks like from which nothing could be imported, and which command to try instead."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.exports.parts import ENVELOPES

TABLE = "--column conversation=NAME --column at=NAME --column from=NAME --column text=NAME"
FIRST = 5  # columns that are named

# What a record of each form holds, and nothing else does; the first that fits.
FORMS = (
    ("conversation_parts", "intercom", "conversations of Intercom"),
    ("comments", "zendesk", "tickets of Zendesk"),
    ("messages", "chatwoot", "conversations of Chatwoot"),
    ("turns", "conversations", "Frontdesk's own conversations"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like, in words; the form of `frontdesk import` that reads it, empty for none; and what else to do."""

    what: str
    form: str = ""
    options: str = ""
    advice: str = ""


def nothing_in(file: Path, tried: str) -> str:
    """Return the sentence for a file of which `frontdesk import` with this form took nothing."""
    look = look_at(file)
    begun = f"Nothing of {file.name} could be taken in: it looks like {look.what}"
    if look.form and look.form != tried:
        return f"{begun}. Try: frontdesk import {look.form} {file}{look.options}"
    if look.form:
        return f"{begun}, but none that can be read is in it; what is wrong stands above."
    return f"{begun}. {look.advice}"


def look_at(file: Path) -> Look:
    """Return what the file looks like."""
    text = file.read_text(encoding="utf-8-sig", errors="replace").strip()
    if not text:
        return Look("an empty file", advice="Export it anew.")
    if text.startswith("PK"):
        return Look("a ZIP archive", "dialogflow")
    if text[0] in "{[":
        return _json(text)
    if text.startswith(("version:", "nlu:")):
        return Look("training data of Rasa", "rasa")
    return _table(text)


def _json(text: str) -> Look:
    try:
        record = _first(json.loads(text))
    except (ValueError, RecursionError) as error:
        try:
            record = json.loads(text.splitlines()[0])
        except (ValueError, RecursionError):
            place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            return Look(f"JSON that is cut short or damaged{place}", advice="Export it anew.")
    held = record if isinstance(record, dict) else {}
    for field, form, what in FORMS:
        if field in held:
            return Look(what, form)
    fields = ", ".join(map(str, list(held)[:FIRST])) or "nothing that has fields"
    looked_for = ", ".join(f"{field} ({form})" for field, form, _ in FORMS)
    return Look(
        f"JSON with {fields}", advice=f"Export the messages, too; what is looked for: {looked_for}."
    )


def _first(whole: Any) -> Any:
    """Return the first record of a list, or of one in an envelope."""
    while isinstance(whole, dict | list):
        if isinstance(whole, list):
            return whole[0] if whole else None
        inner = next((whole[name] for name in ENVELOPES if name in whole), None)
        if not isinstance(inner, list | dict):
            break
        whole = inner
    return whole


def _table(text: str) -> Look:
    columns = next(csv.reader([text.splitlines()[0]]))
    if len(columns) < 2:
        return Look("plain text", advice="See frontdesk import --help for what can be read.")
    what = f"a table with the columns {', '.join(columns[:FIRST])}"
    if {"intent", "label"} & {name.strip().lower() for name in columns}:
        return Look(what, "intents", " --text NAME --intent NAME")
    return Look(what, "table", f" {TABLE}")
