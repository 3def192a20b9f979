"""What a customer takes back: a form, a question, a message that they wrote otherwise a moment later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.intake import decided
from conversations.conversation import fold
from conversations.events import CANCEL, ActionKind, Visitor
from tests.bot.form_desk import forms_in
from tests.bot.house import WORDS, House, Pigeon, house, until
from tests.bot.reader import KeywordReader


@pytest.mark.parametrize("begun", ["my order please", "maybe"])
async def test_cancel_leaves_a_form_or_a_question_in_one_step(tmp_path: Path, begun: str) -> None:
    async with house(tmp_path, forms=forms_in(tmp_path / "desk")) as desk:
        assert (await desk.say(begun)).action is ActionKind.CLARIFY
        left = await desk.say("Cancel", chosen=CANCEL)
        assert (left.action, left.text) == (ActionKind.REPLY, WORDS.says.form_left)
        conversation = await desk.conversation_of()
        now = fold(conversation, await desk.log.history(conversation))
        assert (now.filling, now.forms, now.clarified, now.topic) == (False, (), 0, None)
        assert (await desk.say("return something")).action is ActionKind.CLARIFY  # its own form


async def test_cancel_changes_nothing_where_a_person_has_the_conversation(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("a person please")
        assert (await desk.say("Cancel", chosen=CANCEL)).action is ActionKind.SILENT


async def corrected(desk: House, *, at_once: bool) -> tuple[ActionKind, str, str]:
    """Write, edit, and return what became of the first wording and of the second."""
    first = await desk.turns.hear(desk.utterance("return", external_id="1"))
    if not at_once:
        await asyncio.shield(first.answer)
    edited = replace(desk.utterance("where is my order", external_id="1:e1"), corrects="1")
    second = await desk.turns.hear(edited)
    one, two = decided(await first.answer), decided(await second.answer)
    return one.action, one.intent, two.intent


async def test_a_message_edited_before_it_is_answered_is_answered_as_it_is_now(
    tmp_path: Path,
) -> None:
    slow = KeywordReader(seconds=0.2)
    async with house(tmp_path, slow) as desk:
        await desk.turns.hear(desk.utterance("page"))  # holds up the lane
        assert await corrected(desk, at_once=True) == (ActionKind.SILENT, "", "order_status")
        await until(lambda: len(desk.pigeon.carried) == 2)


async def test_a_message_edited_after_its_answer_is_answered_again(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        assert await corrected(desk, at_once=False) == (
            ActionKind.REPLY,
            "return_item",
            "order_status",
        )


class Typist(Pigeon):
    """Notes when somebody is shown typing."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[float] = []

    async def typing(self, visitor: Visitor) -> None:
        self.typed.append(asyncio.get_running_loop().time())


async def test_a_customer_sees_within_a_moment_and_again_and_again_that_an_answer_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turn.TYPING_EVERY", 0.1)
    typist = Typist()
    async with house(tmp_path, KeywordReader(seconds=0.6), pigeon=typist) as desk:
        began = asyncio.get_running_loop().time()
        await desk.say("where is my order")
        assert typist.typed[0] - began < 0.3
        assert len(typist.typed) >= 3
