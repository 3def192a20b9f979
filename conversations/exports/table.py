"""
A table of messages: CSV with a header, one message a row, the rows of a conversation anywhere in it.

Columns, under whatever names: the conversation's id, the time, who speaks, the text; and if there, the customer's id.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from conversations.exports.parts import NotAnExport, Problem, Read, conversation, text_of, turn
from conversations.interchange import Customer, Side, Turn
from conversations.values import when

COLUMNS = ("conversation", "at", "from", "text")
CUSTOMER = "customer"  # a column that may be there
SPEAKERS = {
    **dict.fromkeys(("customer", "user", "visitor", "client", "incoming", "in"), Side.CUSTOMER),
    **dict.fromkeys(("operator", "agent", "admin", "support", "outgoing", "out"), Side.OPERATOR),
}


def read(path: Path, names: Mapping[str, str] | None = None) -> Iterator[Read]:
    """
    Yield the conversations, in the order of their first rows, and what was left out.

    Args:
        names: what the file calls some of COLUMNS or CUSTOMER.

    Raises:
        NotAnExport: not a CSV with these columns.
    """
    called = {name: (names or {}).get(name, name) for name in (*COLUMNS, CUSTOMER)}
    turns: dict[str, list[Turn]] = {}
    customers: dict[str, str] = {}
    places: dict[str, str] = {}
    for line, row in _rows(path, called):
        place, name = f"line {line}", row[called["conversation"]].strip()
        found = _turn(row, called)
        if isinstance(found, str) or not name:
            yield Problem(place, found if isinstance(found, str) else "names no conversation")
            continue
        places.setdefault(name, place)
        customers.setdefault(name, (row.get(called[CUSTOMER]) or "").strip() or name)
        turns.setdefault(name, []).append(found)
    for name, said in turns.items():
        yield conversation(places[name], name, "table", Customer(customers[name]), said)


def _turn(row: Mapping[str, str], called: Mapping[str, str]) -> Turn | str:
    """Return the turn, or why the row is none."""
    speaker = row[called["from"]].strip()
    side = SPEAKERS.get(speaker.casefold())
    if side is None:
        return f"{speaker!r} is neither a customer nor an operator"
    if when(row[called["at"]]) is None:
        return f"{row[called['at']]!r} is no time like 2026-03-01T09:00:00+00:00"
    return turn(side, row[called["text"]], row[called["at"]]) or "has no text"


def _rows(path: Path, called: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows with their lines; a short one is padded."""
    text = text_of(path)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", strict=True)
    line = 2
    try:
        there = list(reader.fieldnames or ())
        for name in COLUMNS:
            if called[name] not in there:
                raise NotAnExport(
                    f"{path.name}: there is no column {called[name]!r}, only {', '.join(there) or 'nothing'}; "
                    f"say which it is with --column {name}=NAME"
                )
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotAnExport(f"{path.name}, line {line}: not valid CSV ({error})") from error
