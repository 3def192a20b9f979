"""
What a desk does by itself while a customer waits for a person, or a person has gone. Pure: it follows from the log and the time alone.

| who has it | what happened                                                     | the desk                              |
|------------|-------------------------------------------------------------------|---------------------------------------|
| nobody     | the customer chose a way out                                      | says that it heard, or gives it back  |
| nobody     | the people went home                                              | says so                               |
| nobody     | for `too_long` nobody came, while people were there               | says so, once                         |
| a person   | the customer waits, and for `gone` nobody has seen the person     | lets it wait for anybody again        |
| a person   | for `hand_back` nobody said anything, and nobody waits            | gives it back to the bot              |

Each comes with a sentence, and none is said twice in one wait. What is a day late is not said or done any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.hours import Hours
from conversations.handover import Holder
from conversations.notices import BOT_AGAIN, KEEP_WAITING, LEAVE_MESSAGE, Notice
from conversations.waiting import Waiting

STALE = timedelta(days=1)

_ANSWERS = {
    BOT_AGAIN: Notice.BOT_AGAIN,
    LEAVE_MESSAGE: Notice.LEAVE_MESSAGE,
    KEEP_WAITING: Notice.KEEP_WAITING,
}


class Does(StrEnum):
    """What happens to the conversation itself."""

    NOTHING = "nothing"
    RELEASE = "release"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class Step:
    """What the desk does, and the notice that it tells the customer with it."""

    notice: Notice
    does: Does = Does.NOTHING


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is too long; None never is."""

    too_long: timedelta | None = None
    gone: timedelta | None = None
    hand_back: timedelta | None = None


def due(
    waiting: Waiting,
    now: datetime,
    limits: Limits,
    hours: Hours,
    seen: Callable[[str], datetime | None] = lambda _: None,
    writing: bool = False,
) -> Step | None:
    """
    Return what is to be done in a conversation, None where nothing is.

    Args:
        seen: when an operator was last seen at the console, None where never.
        writing: an operator writes in it at this moment, so that nothing is done by itself.
    """
    match waiting.standing.holder:
        case _ if writing:
            return None
        case Holder.WAITING:
            return _while_nobody_came(waiting, now, limits, hours)
        case Holder.OPERATOR if waiting.snoozed is None or waiting.snoozed <= now:
            return _while_somebody_has_it(waiting, now, limits, seen)
        case _:
            return None


def _while_nobody_came(
    waiting: Waiting, now: datetime, limits: Limits, hours: Hours
) -> Step | None:
    wish = "" if waiting.undecided else waiting.wish  # its own turn comes first, and is silent
    if wish == BOT_AGAIN:
        return Step(Notice.BOT_AGAIN, Does.GIVE_BACK)
    if (answer := _ANSWERS.get(wish)) and answer not in waiting.told:
        return Step(answer)
    if waiting.since is None:
        return None
    if not hours.open_at(now):
        new = hours.open_at(waiting.since) and Notice.CLOSED not in waiting.told
        return Step(Notice.CLOSED) if new and now - waiting.since <= STALE else None
    if limits.too_long is None or {Notice.TOO_LONG, Notice.GONE} & {*waiting.told}:
        return None
    late = hours.later(waiting.since, limits.too_long)
    return Step(Notice.TOO_LONG) if late and late <= now <= late + STALE else None


def _while_somebody_has_it(
    waiting: Waiting,
    now: datetime,
    limits: Limits,
    seen: Callable[[str], datetime | None],
) -> Step | None:
    if waiting.since is None:
        passed = _passed(limits.hand_back, now, waiting.spoken, waiting.acted)
        return Step(Notice.HANDED_BACK, Does.GIVE_BACK) if passed else None
    last = (waiting.since, waiting.acted, seen(waiting.standing.owner))
    gone = _passed(limits.gone, now, *last)
    return Step(Notice.GONE, Does.RELEASE) if gone else None


def _passed(limit: timedelta | None, now: datetime, *marks: datetime | None) -> bool:
    """Whether so long has passed since the last of the marks, and not so much longer that it is of no use to anybody."""
    last = max((mark for mark in marks if mark is not None), default=None)
    return limit is not None and last is not None and limit <= now - last <= limit + STALE
