"""A view that has one row a conversation: a pure fold over its events, and the rows that it leaves in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_args, get_type_hints

from sqlite_utils import Database

from conversations.events import Erased
from conversations.views.happened import Happened


class Row(Protocol):
    """What every row has; the other fields are texts, numbers, or None."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def conversation_id(self) -> str: ...

    @property
    def visitor_id(self) -> str: ...


R = TypeVar("R", bound=Row)


class View(Protocol):
    """A part of the file that follows the log."""

    def create(self, db: Database) -> None:
        """Make its tables in an empty file."""
        ...

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        """Take in the next events, within the transaction that their place is written in."""
        ...


@dataclass(frozen=True, slots=True)
class Fold(Generic[R]):
    """
    How rows come about. All three are pure.

    `begun` is the row before the event that it begins with, `after` the row after an event, `forgotten` the row once the visitor is erased:
    what is left must be what a log without their words would have made.
    """

    row: type[R]
    begun: Callable[[Happened], R]
    after: Callable[[R, Happened], R]
    forgotten: Callable[[R], R]


class Table(Generic[R]):
    """
    A fold and its table.

    Args:
        indices: the columns of each, in their order.
    """

    def __init__(self, name: str, fold: Fold[R], indices: Sequence[Sequence[str]] = ()) -> None:
        self.name = name
        self._fold = fold
        self._indices = indices
        columns = [field.name for field in fields(fold.row)]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._select = f"SELECT {names} FROM {name}"  # noqa: S608 - the names are our own
        self._replace = f"REPLACE INTO {name} ({names}) VALUES ({marks})"  # noqa: S608
        self._makers = [_maker(kind) for kind in get_type_hints(fold.row).values()]

    def create(self, db: Database) -> None:
        table = db.table(self.name)
        table.create(columns_of(self._fold.row), pk="conversation_id", strict=True)
        for columns in (("visitor_id",), *self._indices):
            table.create_index(columns)

    def take(self, connection: sqlite3.Connection, happened: Sequence[Happened]) -> None:
        """Fold the events into the rows of their conversations, and write down those that are new or changed."""
        happened = [one for one in happened if one.of_customers]
        rows = {
            row.conversation_id: row
            for row in self.rows(connection, {one.conversation_id for one in happened})
        }
        for one in happened:
            before = rows.get(one.conversation_id) or self._fold.begun(one)
            rows[one.conversation_id] = self._fold.after(before, one)
            if isinstance(one.event, Erased):
                rows |= self._forgotten(connection, rows, one.visitor_id)
        self.put(connection, rows.values())

    def rows(self, connection: sqlite3.Connection, conversations: Collection[str]) -> list[R]:
        """Return the rows of these conversations, those that there are."""
        sql = f"{self._select} WHERE conversation_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - as above
        return self.found(connection, sql, json.dumps([*conversations]))

    def found(self, connection: sqlite3.Connection, sql: str, *parameters: object) -> list[R]:
        """Return the rows of a statement that begins as `selecting`."""
        return [self.made(values) for values in connection.execute(sql, parameters)]

    def made(self, values: Sequence[Any]) -> R:
        """Return the row of the values of its columns, in their order."""
        made = (make(value) for make, value in zip(self._makers, values, strict=True))
        return self._fold.row(*made)

    @property
    def selecting(self) -> str:
        """How a statement begins whose rows are this table's."""
        return self._select

    def put(self, connection: sqlite3.Connection, rows: Iterable[R]) -> None:
        """Write rows in the place of those there were."""
        connection.executemany(self._replace, [values_of(row) for row in rows])

    def _forgotten(
        self, connection: sqlite3.Connection, rows: dict[str, R], visitor_id: str
    ) -> dict[str, R]:
        kept = self.found(connection, f"{self._select} WHERE visitor_id = ?", visitor_id)
        own = {row.conversation_id: row for row in (*kept, *rows.values())}
        return {
            key: self._fold.forgotten(row)
            for key, row in own.items()
            if row.visitor_id == visitor_id
        }


def values_of(row: Row) -> tuple[Any, ...]:
    """Return the values of a row in the order of its columns."""
    return tuple(getattr(row, name) for name in row.__dataclass_fields__)


def columns_of(row: type[Row]) -> dict[str, type]:
    """Return the columns that hold a row, by the types of its fields."""
    return {name: _plain(kind) for name, kind in get_type_hints(row).items()}


def _plain(kind: Any) -> type:
    """Return what SQLite is told of a type: text, whole number or number."""
    [one] = [k for k in get_args(kind) or (kind,) if k is not type(None)]
    return str if issubclass(one, str) else int if issubclass(one, int) else float


def _maker(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a field's value of a column's: SQLite knows neither truth values nor choices."""
    if isinstance(kind, type) and issubclass(kind, (bool, StrEnum)):
        return kind
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
