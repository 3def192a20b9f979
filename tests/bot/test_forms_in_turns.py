"""Forms in whole turns: random orders of everything that a customer can do, with restarts in between."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.forms import Forms
from conversations.conversation import fold
from conversations.events import HUMAN, ActionKind, Decided
from tests.bot.form_desk import forms_in
from tests.bot.house import House, house

ONE, TWO = "PP-111111", "PP-222222"
ANSWERS = {
    "order_number": ONE,
    "email": "a@b.example",
    "reason": "Broken",
    "pieces": "2",
    "day": "3 November 2026",
    "note": "the left one",
}
RESTART = "<restart>"
SAID = (
    "my order please",
    "my return please",
    f"where is order {TWO}",
    "answer",  # the right one to whatever is asked
    "answer",
    ONE,
    TWO,
    "no, the other number",
    f"no, I meant {TWO}",
    "wrong number",
    "a@b.example",
    "Too small",
    "2",
    "hm",
    "I don't know",
    "no",
    "forget it",
    "page please?",
    "what does page say?",
    "maybe",
    "that's not what I asked",
    RESTART,
)


class Customer:
    """Says things, and checks after each what must always hold."""

    def __init__(self, folder: Path, forms: Forms, stack: AsyncExitStack) -> None:
        self.folder, self.forms, self.stack = folder, forms, stack
        self.desk: House | None = None
        self.last: Decided | None = None
        self.told: set[str] = set()
        self.numbers = itertools.count()

    async def restart(self) -> House:
        await self.stack.aclose()
        self.desk = await self.stack.enter_async_context(house(self.folder, forms=self.forms))
        self.desk.count = self.numbers
        return self.desk

    async def say(self, text: str) -> Decided:
        desk = self.desk or await self.restart()
        asked = self.asking
        if text == "answer":
            text = ANSWERS.get(asked, "my order please")
        before = self.last
        said = await desk.say(text)
        self.last = said
        self.remember(text)
        refused = {one.slot for form in said.forms[-1:] for one in form.turned_down}
        assert self.asking not in self.told - refused, "asked for what was said"
        assert said.text or said.action is ActionKind.SILENT
        for form in said.forms:
            assert form.asking not in form.values, "asked for what it has"
            known = self.forms.by_name[form.form]
            assert form.tries <= max(slot.tries for slot in known.slots) + 1
        if before and before.forms and said.forms and before.forms[-1].form == said.forms[-1].form:
            self.keeps(before, said)
        return said

    def remember(self, text: str) -> None:
        """Keep which slots have been said, until it was said that one of them is another."""
        if "other" in text or "wrong" in text:
            self.told.discard("order_number")
        elif "PP-" in text:
            self.told.add("order_number")
        elif "@" in text:
            self.told.add("email")

    @property
    def asking(self) -> str:
        return self.last.forms[-1].asking if self.last and self.last.forms else ""

    def keeps(self, before: Decided, said: Decided) -> None:
        """What was filled is there still, or was taken back in so many words."""
        gone = before.forms[-1].values.keys() - said.forms[-1].values.keys()
        refused = {one.slot for one in said.forms[-1].turned_down}
        begun_anew = not before.forms[-1].asking
        assert begun_anew or gone <= refused

    async def finish(self) -> None:
        """Answer what is asked until nothing is: a form ends, whatever came before."""
        for _ in range(30):
            if not self.asking or (self.last and self.last.action is ActionKind.HANDOFF):
                break
            await self.say("answer")
        assert not self.asking


async def lived(folder: Path, forms: Forms, script: Sequence[str]) -> None:
    async with AsyncExitStack() as stack:
        customer = Customer(folder, forms, stack)
        for text in script:
            if text == RESTART:
                await customer.restart()
            elif (await customer.say(text)).action is ActionKind.HANDOFF:
                return
        await customer.finish()
        desk = await customer.restart()
        conversation_id = await desk.conversation_of()
        now = fold(conversation_id, await desk.log.history(conversation_id))
        assert customer.last is not None
        assert not now.filling
        assert now.forms == (
            () if customer.last.action is ActionKind.HANDOFF else customer.last.forms
        )


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=14))
def test_whatever_a_customer_does_a_form_is_never_stuck_and_asks_for_nothing_twice(
    script: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        asyncio.run(lived(folder, forms_in(folder / "desk"), ["my order please", *script]))


async def test_a_form_survives_a_restart_in_its_middle(tmp_path: Path) -> None:
    forms = forms_in(tmp_path / "desk")
    async with house(tmp_path, forms=forms) as desk:
        first = await desk.say(f"where is order {ONE}")
    async with house(tmp_path, forms=forms) as desk:
        told = await desk.say("a@b.example", external_id="again")
    async with house(tmp_path, forms=forms) as desk:
        right = await desk.say(f"no, I meant {TWO}", external_id="and again")
    assert (first.action, first.text) == (ActionKind.CLARIFY, "Let me look.\nWhich e-mail address?")
    assert (first.verdict, first.intent, first.for_form) == ("confident", "order_status", "")
    assert (told.text, told.for_form) == (f"{ONE} for a@b.example.", "order")
    assert (told.intent, told.verdict, told.reason) == ("order_status", "", "form_filled")
    assert right.text == f"{TWO} for a@b.example."


async def test_what_the_conversation_said_before_is_not_asked_for(tmp_path: Path) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        await desk.say(f"page about {ONE}, I am a@b.example")
        told = await desk.say("my order please")
        other = await desk.say("where is my other order")
    assert told.text == f"{ONE} for a@b.example."
    assert other.forms[-1].asking == "order_number"


async def test_a_page_that_answers_comes_before_the_question_that_waits(tmp_path: Path) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        await desk.say("my order please")
        aside = await desk.say("what does the page say?")
        person = await desk.say("a person please")
    assert aside.text.startswith("Here is what our pages say")
    assert aside.text.endswith("\n\nWhich number?")
    assert (aside.action, aside.source, aside.for_form) == (ActionKind.REPLY, "care", "")
    assert (person.action, person.reason) == (ActionKind.HANDOFF, "asked_for_person")


async def test_a_form_in_the_middle_of_another_comes_back_to_it(tmp_path: Path) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        await desk.say("my return please")
        inner = await desk.say("my order please")
        await desk.say(ONE)
        back = await desk.say("a@b.example")
        chosen = await desk.say("Broken", chosen=back.choices[2].value)
    assert inner.text == "Let me look.\nWhich number?"
    assert back.text == f"{ONE} for a@b.example.\n\nWhy?"  # the number was said in between
    assert chosen.forms[-1].values == {"order_number": ONE, "reason": "Broken"}
    assert [c.label for c in back.choices] == [
        "Too small",
        "Too big",
        "Broken",
        "Talk to a person",
    ]
    assert back.choices[-1].value == HUMAN
    assert chosen.text == "How many pieces?"


async def test_leaving_a_form_leaves_the_conversation_open(tmp_path: Path) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        await desk.say("my order please")
        left = await desk.say("forget it")
        asked = await desk.say("my order please")
    assert (left.action, left.reason, left.forms) == (ActionKind.REPLY, "form_left", ())
    assert asked.text == "Let me look.\nWhich number?"


async def test_an_answer_that_was_turned_down_is_not_the_form_s_fault(tmp_path: Path) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        await desk.say(f"where is order {ONE}")
        await desk.say("a@b.example")
        instead = await desk.say("that's not what I asked")
    assert (instead.action, instead.reason) == (ActionKind.CLARIFY, "turned_down")
    assert "order_status" not in {choice.value for choice in instead.choices}


async def test_a_form_that_was_to_bring_a_person_brings_one_also_without_words(
    tmp_path: Path,
) -> None:
    yaml = """
forms:
  order:
    intent: order_status
    slots: {note: {ask: "Anything else?", optional: true}}
    closing: "{{ note }}"
    hands_off: true
"""
    async with house(tmp_path, forms=forms_in(tmp_path / "desk", yaml)) as desk:
        asked = await desk.say("my order please")
        ended = await desk.say("no")
    assert asked.text == "Anything else?"
    assert (ended.action, ended.reason) == (ActionKind.HANDOFF, "no_answer")
