"""The questions under an answer: learned from the log, in curated words, and never what was asked already."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.picking import picked
from bot.suggestions import MOST, SHARE, VISITORS, label_of, suggestions
from bot.whatnext import Course, WhatNext
from conversations.conversation import fold
from conversations.errors import Damaged
from conversations.events import HUMAN, NEXT, ActionKind, Choice, Decided
from conversations.evidence import evidence
from conversations.ledger import Ledger
from conversations.sequels import Segment, Sequel
from conversations.teachings import TAUGHT
from retrieval.templates import Template
from tests.bot.form_desk import forms_in
from tests.bot.house import House, house
from tests.bot.reader import TITLES, KeywordReader
from tests.conversations.facts import heard, log

QUESTIONS = {
    "order_status": ("PP-401776 - any news?", "Where is my order?", "Where is my order now?"),
    "return_item": ("sending it back", "can I return it?", "Where to?"),
    "washing_care": ("How do I wash my Skipper?", "Can I wash my coat?"),
}
BACK = Choice(TITLES["return_item"], NEXT + "return_item")


@dataclass(frozen=True)
class CuratedReader(KeywordReader):
    """The small Release with questions for its templates."""

    def templates_of(self, intent: str) -> tuple[Template, ...]:
        questions = QUESTIONS.get(intent, ())
        return tuple(replace(t, questions=questions) for t in super().templates_of(intent))


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[House]:
    """A desk where as many visitors as are needed have asked for an order and then about a return."""
    async with house(tmp_path, CuratedReader()) as running:
        await others_ask(running, VISITORS)
        yield running


async def others_ask(running: House, visitors: int) -> None:
    for number in range(visitors):
        await running.say(f"my order for Jane Roe of 12 Elm Road, {number}", who=f"v{number}")
        await running.say("and I return it, says Jane Roe", who=f"v{number}")
    await running.whatnext.catch_up()


async def test_an_answer_comes_with_what_others_asked_next_and_the_card_says_why(
    asked: House,
) -> None:
    decision = await asked.say("order")
    assert (decision.action, decision.choices) == (ActionKind.REPLY, (BACK,))
    [why] = json.loads(decision.evidence)["suggested"]
    assert (why["intent"], why["after"], why["visitors"]) == ("return_item", "order_status", 5)
    assert why["share"] > SHARE


async def test_too_few_visitors_suggest_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, CuratedReader()) as running:
        await others_ask(running, VISITORS - 1)
        decision = await running.say("order")
        assert (decision.choices, "suggested" in json.loads(decision.evidence)) == ((), False)


async def test_what_was_read_before_a_page_that_cannot_be_read_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.whatnext.PAGE", 2)
    async with house(tmp_path, CuratedReader()) as running:
        await running.whatnext.catch_up()
        for text, who in (("order", "ann"), ("return", "ann"), ("order", "bob")):
            await running.say(text, who=who)
        latest = await running.say("return", who="bob")
        body = rewritten(tmp_path / "desk.db", latest.message_id, "{")
        for _ in range(VISITORS):
            with pytest.raises(Damaged):
                await running.whatnext.catch_up()
        rewritten(tmp_path / "desk.db", latest.message_id, body)
        await running.whatnext.catch_up()
        anew = WhatNext(running.log, lambda: running.champion.serving, lambda: datetime.now(UTC))
        await anew.catch_up()
    for before in ("order_status", "return_item"):
        course = Course(Segment("pigeon"), [before])
        assert running.whatnext.shares(course) == anew.shares(course) != {}


def rewritten(database: Path, decision: str, body: str) -> str:
    """Replace the body of a decision in the file, and return what it was."""
    select = "SELECT body FROM events WHERE in_reply_to IS NOT NULL AND message_id = ?"
    update = "UPDATE events SET body = ? WHERE in_reply_to IS NOT NULL AND message_id = ?"
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        [(before,)] = db.execute(select, [decision])
        db.execute(update, [body, decision])
    return str(before)


async def test_an_answer_that_was_turned_down_for_the_right_one_suggests_nothing(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, CuratedReader()) as running:
        for number in range(VISITORS):
            await running.say("order", who=f"v{number}")
            meant = await running.say("no, that's not what I meant, return", who=f"v{number}")
            assert (meant.intent, meant.reason) == ("return_item", "confident")
        await running.whatnext.catch_up()
        assert (await running.say("order")).choices == ()


async def test_a_tap_is_answered_and_nothing_is_suggested_again(asked: House) -> None:
    await asked.say("order")
    tapped = await asked.say(BACK.label, chosen=BACK.value)
    assert (tapped.action, tapped.intent, tapped.reason) == ("reply", "return_item", "suggested")
    assert (tapped.confidence, tapped.verdict) == (1.0, "")
    assert (await asked.say("order")).choices == ()
    await asked.whatnext.catch_up()
    assert (await asked.say("order")).choices == ()


async def test_what_the_visitor_asked_in_another_conversation_is_not_suggested(
    asked: House,
) -> None:
    assert (await asked.say("order", who="v0")).choices == ()


async def test_what_was_suggested_once_is_not_suggested_again_in_a_conversation(
    asked: House,
) -> None:
    assert (await asked.say("order")).choices == (BACK,)
    assert (await asked.say("order")).choices == ()


async def test_a_message_that_asks_both_at_once_gets_neither_suggested(asked: House) -> None:
    both = await asked.say("where is my order today? can I return it today?")
    assert "Sixty days" in both.text
    assert both.choices == ()


@pytest.mark.parametrize("text", ["maybe", "page", "person", "hm"])
async def test_only_sure_answers_come_with_suggestions(asked: House, text: str) -> None:
    await asked.say("order")
    decision = await asked.say(text)
    assert not [choice for choice in decision.choices if choice.value.startswith(NEXT)]


async def test_a_form_that_asks_comes_without_suggestions(tmp_path: Path) -> None:
    async with house(tmp_path, CuratedReader()) as running:
        await others_ask(running, VISITORS)
    async with house(tmp_path, CuratedReader(), forms=forms_in(tmp_path / "desk")) as running:
        await running.whatnext.catch_up()
        begun = await running.say("order", external_id="later")
        assert (begun.action, begun.choices) == (ActionKind.CLARIFY, ())


async def test_a_tap_answers_in_the_middle_of_a_form_which_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path, CuratedReader(), forms=forms_in(tmp_path / "desk")) as running:
        asking = (await running.say("order")).forms[-1].asking
        decision = await running.say("Washing", chosen=NEXT + "washing_care")
        assert decision.text.startswith("Cold water.")
        assert decision.forms[-1].asking == asking


async def test_a_tap_leaves_an_open_question_and_teaches_nothing_about_it(asked: House) -> None:
    await asked.say("order")
    question = await asked.say("maybe")
    assert "return_item" in {choice.value for choice in question.choices}
    tapped = await asked.say(BACK.label, chosen=BACK.value)
    assert (tapped.intent, tapped.reason) == ("return_item", "suggested")
    conversation_id = await asked.conversation_of()
    history = await asked.log.history(conversation_id)
    now = fold(conversation_id, history)
    assert now.clarified == 0
    assert now.topic is not None
    assert now.topic.text == BACK.label
    ledger = Ledger.of(history)
    [said] = [one for one in ledger.said.values() if one.heard.chosen]
    assert (said.about, said.taken_up) == (said.heard, False)
    assert list(evidence(ledger)) == []


async def test_a_tap_on_what_the_release_no_longer_has_is_read_as_its_words(asked: House) -> None:
    decision = await asked.say("return", chosen=NEXT + "no_such_intent")
    assert (decision.intent, decision.reason) == ("return_item", "confident")


async def test_what_was_asked_before_orders_a_question_and_never_an_answer(asked: House) -> None:
    plain = await asked.say("maybe", who="ann")
    await asked.say("order", who="bob")
    leaning = await asked.say("maybe", who="bob")
    assert {c.value for c in leaning.choices} == {c.value for c in plain.choices}
    assert "return_item" in json.loads(leaning.evidence)["likely"]
    assert "likely" not in json.loads(plain.evidence)
    sure = await asked.say("order", who="bob")
    assert (sure.intent, "likely" in json.loads(sure.evidence)) == ("order_status", False)


@pytest.mark.parametrize(
    ("intent", "label"),
    [
        ("order_status", "Where is my order?"),  # without a number, and the shortest
        ("return_item", TITLES["return_item"]),  # none is fit for a button
        ("washing_care", "Can I wash my coat?"),
    ],
)
def test_a_suggestion_is_a_plain_question_or_the_title(intent: str, label: str) -> None:
    assert label_of(intent, CuratedReader()) == label


def test_what_an_operator_taught_lends_its_title_and_never_a_customers_words() -> None:
    class Taught(KeywordReader):
        def templates_of(self, intent: str) -> tuple[Template, ...]:
            return (Template(f"{TAUGHT}1", intent, "Yes.", questions=("May Jane Roe return it?",)),)

    assert label_of("return_item", Taught()) == TITLES["return_item"]


SEQUELS = st.builds(
    Sequel,
    intent=st.sampled_from([*TITLES, "gone", HUMAN]),
    share=st.floats(0, 1),
    after=st.sampled_from([*TITLES]),
    visitors=st.integers(0, 2 * VISITORS),
)


@given(st.lists(SEQUELS, max_size=12), st.sets(st.sampled_from([*TITLES]), max_size=3))
def test_suggestions_are_few_fresh_curated_and_the_same_each_time(
    sequels: list[Sequel], but: set[str]
) -> None:
    release = CuratedReader()
    found = suggestions(sequels, release, {}, but)
    assert found == suggestions(sequels, release, {}, but)
    assert len(found) <= MOST
    intents = [one.sequel.intent for one in found]
    assert len(set(intents)) == len(intents)
    assert not set(intents) & {*but, "gone", HUMAN, "talk_to_person", "repair_status"}
    curated = {*TITLES.values(), *(q for of in QUESTIONS.values() for q in of)}
    assert {one.label for one in found} <= curated
    assert all(one.sequel.visitors >= VISITORS and one.sequel.share >= SHARE for one in found)


def test_the_choices_of_an_answer_cannot_be_picked_by_number() -> None:
    """A number under an answer may be an order's, or a quantity."""

    reply = Decided(
        message_id="d", in_reply_to="m", action=ActionKind.REPLY, text="Here.", choices=(BACK,)
    )
    assert picked(heard("n", "1"), log(heard("m"), reply)) == ""
