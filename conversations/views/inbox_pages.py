"""What is asked of the inbox: a page of it, how many there are of each kind, one row."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from conversations.handover import Holder
from conversations.views.happened import UNHAPPY
from conversations.views.inbox import INBOX, InboxRow, inbox

STATES = ("waiting", "mine", "open", "bot", "snoozed", "closed", "all")
FILTERS = ("channel", "language", "intent", "owner", "visitor")
SORTS = ("waiting", "mood", "recent")

_BOTS = (Holder.BOT, Holder.RETURNED)
_AWAKE = "(snoozed_until IS NULL OR snoozed_until <= :now)"
_LIVELY = "state IN ('bot', 'returned') AND last_at >= :cut"
_HAD = "(owner = :me AND state = 'operator')"
# Asked to care, by a colleague or by themselves. `:me` is empty for programs that name nobody, whom nobody asks.
_ASKED = f"(assigned = :me AND :me <> '' AND (state IN ('waiting', 'operator') OR ({_LIVELY})))"
# The rows of each state, in parts that have none in common. Within one state of the log an index has them in every order, so that a page is
# merged of the first rows of each part, however many there are.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "waiting": (f"state = 'waiting' AND {_AWAKE}",),
    "mine": (f"({_HAD} OR {_ASKED}) AND {_AWAKE}",),
    "open": (f"state = 'waiting' AND {_AWAKE}", f"state = 'operator' AND {_AWAKE}"),
    "bot": tuple(f"state = '{one}' AND last_at >= :cut" for one in _BOTS),
    "snoozed": ("snoozed_until > :now",),
    "closed": ("state = 'closed'", *(f"state = '{one}' AND last_at < :cut" for one in _BOTS)),
    "all": tuple(f"state = '{one}'" for one in Holder),
}
_LAST = 2**62  # behind every time there is: nobody waits
# The column by which rows are ordered, what counts where it is empty, and whether the largest comes first.
_ORDER: Mapping[str, tuple[str, int | None, bool]] = {
    "waiting": ("waiting_since", _LAST, False),
    "mood": ("mood", 2, False),  # who shows none comes last
    "recent": ("last_at", None, True),
}


class BadCursor(Exception):
    """The place to go on from is none that a page named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now and how long a conversation of the bot's may rest, in microseconds; `me` is who asks."""

    now: int
    idle: int
    me: str = ""

    @property
    def bound(self) -> dict[str, Any]:
        return {"now": self.now, "cut": self.now - self.idle, "me": self.me}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    Which rows, empty for any; `q` is looked for in the last words and the visitor's name.

    `after` is the `next` of the page before.
    """

    state: str = "all"
    channel: str = ""
    language: str = ""
    intent: str = ""
    low_mood: bool = False
    owner: str = ""
    visitor: str = ""
    q: str = ""
    sort: str = "recent"
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Named:
    """A row, with what its visitor is called."""

    row: InboxRow
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Named]
    next: str | None


def page(connection: sqlite3.Connection, wanted: Wanted, moment: Moment) -> Page:
    """
    Return a page of the inbox.

    Raises:
        BadCursor: `after` is no place of it.
    """
    bound = moment.bound | {"limit": wanted.limit + 1}
    narrowed = _narrowed(wanted, bound)
    if wanted.after:
        bound["key"], bound["id"] = _place(wanted.after)
    found = connection.execute(_merged(wanted, narrowed), bound).fetchall()
    rows = [Named(_TABLE.made(values), name) for _, name, *values in found[: wanted.limit]]
    more = len(found) > wanted.limit
    last = found[wanted.limit - 1] if more else None
    return Page(rows, _cursor(last[0], rows[-1].row.conversation_id) if last else None)


def _merged(wanted: Wanted, narrowed: list[str]) -> str:
    """Return the question for a page: the first rows of each part, those without the column that orders them apart, and of these the first."""
    column, without, downward = _ORDER[wanted.sort]
    turn, beyond = ("DESC", "<") if downward else ("ASC", ">")
    keys = {column: "TRUE"}
    if without is not None:
        keys = {column: f"{column} IS NOT NULL", str(without): f"{column} IS NULL"}
    each = []
    for part, (key, half) in product(_PARTS[wanted.state], keys.items()):
        after = [f"({key}, conversation_id) {beyond} (:key, :id)"] if wanted.after else []
        each.append(
            f"SELECT * FROM (SELECT {key} AS key, coalesce(name, ''), {INBOX}.*"  # noqa: S608 - constants
            f" FROM {INBOX} LEFT JOIN people USING (visitor_id)"
            f" WHERE {' AND '.join([part, half, *narrowed, *after])}"
            f" ORDER BY {column} {turn}, conversation_id {turn} LIMIT :limit)"
        )
    return f"{' UNION ALL '.join(each)} ORDER BY key {turn}, conversation_id {turn} LIMIT :limit"


def one(connection: sqlite3.Connection, conversation_id: str) -> Named | None:
    """Return the row of one conversation."""
    found = some(connection, [conversation_id])
    return found[0] if found else None


def some(connection: sqlite3.Connection, conversations: list[str]) -> list[Named]:
    """Return the rows of these conversations, those that there are."""
    found = connection.execute(
        f"SELECT coalesce(name, ''), {INBOX}.* FROM {INBOX} LEFT JOIN people USING (visitor_id)"  # noqa: S608 - a constant
        " WHERE conversation_id IN (SELECT value FROM json_each(?))",
        (json.dumps(conversations),),
    )
    return [Named(_TABLE.made(values), name) for name, *values in found]


def counts(connection: sqlite3.Connection, moment: Moment) -> dict[str, int]:
    """Return how many rows each state has."""
    # Counted by the indexes alone, and taken off each other: looking at each row takes ten times as long. The plus keeps to the few that sleep.
    asked = {
        "mine": _PARTS["mine"][0],
        "bot": _LIVELY,
        "snoozed": "snoozed_until > :now",
        "all": "TRUE",
        "waiting": "state = 'waiting'",
        "held": "state = 'operator'",
        "waiting_asleep": "snoozed_until > :now AND +state = 'waiting'",
        "held_asleep": "snoozed_until > :now AND +state = 'operator'",
    }
    each = ", ".join(f"(SELECT count(*) FROM {INBOX} WHERE {which})" for which in asked.values())  # noqa: S608 - constants
    [row] = connection.execute(f"SELECT {each}", moment.bound)
    many: dict[str, int] = dict(zip(asked, row, strict=True))
    waiting = many["waiting"] - many["waiting_asleep"]
    return {
        "waiting": waiting,
        "open": waiting + many["held"] - many["held_asleep"],
        "mine": many["mine"],
        "bot": many["bot"],
        "snoozed": many["snoozed"],
        "closed": many["all"] - many["waiting"] - many["held"] - many["bot"],
    }


def state_of(row: InboxRow, moment: Moment) -> Holder:
    """Return the state that is shown: what the bot has and nobody touched for long is over."""
    idle = row.last_at < moment.now - moment.idle
    return Holder.CLOSED if idle and not row.standing.with_person else row.state


def _narrowed(wanted: Wanted, bound: dict[str, Any]) -> list[str]:
    """Return the conditions beside the state, and bind what they name."""
    conditions = []
    for name in FILTERS:
        if value := getattr(wanted, name):
            bound[name] = value
            column = "visitor_id" if name == "visitor" else name
            conditions.append(f"{INBOX}.{column} = :{name}")
    if wanted.low_mood:
        conditions.append(f"mood <= {UNHAPPY}")
    if wanted.q:
        bound["q"] = wanted.q.casefold()
        conditions.append("instr(lower(last_text || char(10) || coalesce(name, '')), :q) > 0")
    return conditions


def _cursor(key: float, conversation_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, conversation_id]).encode()).decode()


def _place(cursor: str) -> tuple[float, str]:
    try:
        key, conversation_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError) as error:
        raise BadCursor("This is no place of the inbox: take the 'next' of a page.") from error
    if not isinstance(key, int | float) or not isinstance(conversation_id, str):
        raise BadCursor("This is no place of the inbox: take the 'next' of a page.")
    return max(-_LAST, min(key, _LAST)), conversation_id


_TABLE = inbox()
