"""
A table of messages: CSV with a header, one message a row, the rows of a conversation anywhere in it.

Columns, under whatever names: the conversation's id, the time, who speaks, the text; and if there, the customer's id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path

from conversations.exports.lines import csv_rows
from conversations.exports.parts import (
    NotAnExport,
    Problem,
    Read,
    conversation,
    no_time,
    text_of,
    turn,
)
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
        place = f"line {line}"
        found = row if isinstance(row, str) else _turn(row, called)
        if isinstance(found, str) or isinstance(row, str):
            yield Problem(place, str(found))
            continue
        name = row[called["conversation"]].strip()
        places.setdefault(name, place)
        customers.setdefault(name, (row.get(called[CUSTOMER]) or "").strip() or name)
        turns.setdefault(name, []).append(found)
    for name, said in turns.items():
        yield conversation(places[name], name, "table", Customer(customers[name]), said)


def _turn(row: Mapping[str, str], called: Mapping[str, str]) -> Turn | str:
    """Return the turn, or why the row is none."""
    speaker, at = row[called["from"]].strip(), row[called["at"]]
    side = SPEAKERS.get(speaker.casefold())
    if side is None:
        return f"{speaker!r} is neither a customer nor an operator"
    if when(at) is None:
        return no_time(at)
    if not row[called["conversation"]].strip():
        return "names no conversation"
    return turn(side, row[called["text"]], at) or "has no text"


def _rows(path: Path, called: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    """Yield the rows with their lines, a short one padded; of a broken one, why it is none."""
    rows = csv_rows(text_of(path))
    line, there = next(rows, (1, ()))
    if isinstance(there, str):
        raise NotAnExport(f"{path.name}, line {line}: {there}")
    for name in COLUMNS:
        if called[name] not in there:
            raise NotAnExport(
                f"{path.name}: there is no column {called[name]!r}, only {', '.join(there) or 'nothing'}; "
                f"say which it is with --column {name}=NAME"
            )
    for line, cells in rows:
        if isinstance(cells, str):
            yield line, cells
        else:
            yield line, dict(zip(there, chain(cells, repeat("")), strict=False))
