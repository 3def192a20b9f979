"""Where a conversation ends: a visitor who comes back begins a new one, unless a person has the old one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conversations.events import ActionKind, Closed
from tests.bot.form_desk import forms_in
from tests.bot.house import House, house

QUIET = timedelta(hours=12, minutes=1)


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


Boundary = Callable[[House, Clock], Awaitable[None]]


async def closed(running: House, clock: Clock) -> None:
    await running.log.append(await running.conversation_of(), Closed(reason="solved"))


async def quiet(running: House, clock: Clock) -> None:
    clock.now += QUIET


BOUNDARIES = pytest.mark.parametrize("boundary", [closed, quiet])


@BOUNDARIES
async def test_who_comes_back_is_asked_as_for_the_first_time(
    tmp_path: Path, boundary: Boundary
) -> None:
    clock = Clock()
    async with house(tmp_path, clock=clock) as running:
        first = await running.say("maybe")
        again = await running.say("maybe")
        assert (again.action, again.text) != (first.action, first.text)
        await boundary(running, clock)
        fresh = await running.say("maybe")
        assert (fresh.action, fresh.text, fresh.choices) == (
            first.action,
            first.text,
            first.choices,
        )


@BOUNDARIES
async def test_an_old_question_cannot_be_picked_from_nor_an_old_answer_turned_down(
    tmp_path: Path, boundary: Boundary
) -> None:
    clock = Clock()
    async with house(tmp_path, clock=clock) as running:
        await running.say("maybe")
        await boundary(running, clock)
        assert (await running.say("1")).reason == "out_of_scope"
        await running.say("order", who="eve")
        await running.log.append(await running.conversation_of("eve"), Closed(reason="solved"))
        clock.now += QUIET
        decision = await running.say("no, that's not it", who="eve")
        assert decision.reason != "turned_down"


@BOUNDARIES
async def test_nothing_that_was_said_before_is_known_or_leaned_on(
    tmp_path: Path, boundary: Boundary
) -> None:
    clock = Clock()
    async with house(tmp_path, clock=clock) as running:
        await running.say("order PP-123456")
        assert (await running.say("order")).template_id == "order-known"
        await boundary(running, clock)
        decision = await running.say("order")
        assert (decision.template_id, "leans_on" in decision.evidence) == ("order-ask", False)


@BOUNDARIES
async def test_a_form_that_waited_is_dropped(tmp_path: Path, boundary: Boundary) -> None:
    clock = Clock()
    async with house(tmp_path, clock=clock, forms=forms_in(tmp_path / "desk")) as running:
        assert (await running.say("order")).forms
        await boundary(running, clock)
        decision = await running.say("PP-123456")
        assert (decision.reason, decision.forms) == ("out_of_scope", ())


async def test_a_conversation_that_waits_for_a_person_goes_on_however_long_it_takes(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with house(tmp_path, clock=clock) as running:
        await running.say("person")
        waiting = await running.conversation_of()
        clock.now += 30 * QUIET
        assert (await running.say("order")).action is ActionKind.SILENT
        assert await running.conversation_of() == waiting
