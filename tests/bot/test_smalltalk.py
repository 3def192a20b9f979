"""What customers say that asks for nothing, and what the bot answers to it."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from bot.context import leaned_on
from bot.policy import Reason, Reply, other
from bot.says import CHINESE, Says
from bot.smalltalk import Talk, affirms, declines, talk
from conversations.conversation import Conversation
from conversations.events import HUMAN, NONE_OF_THESE, ActionKind
from retrieval.prediction import Candidate
from tests.bot.house import WORDS, house

SAID = [
    ("ok", Talk.NOTED),
    ("yes", Talk.NOTED),
    ("no thanks", Talk.NOTED),
    ("好的", Talk.NOTED),
    ("👍", Talk.NOTED),
    ("lol", Talk.LAUGH),
    ("哈哈哈", Talk.LAUGH),
    ("what can you do?", Talk.ABILITIES),
    ("你能做什么", Talk.ABILITIES),
    ("are you a bot?", Talk.BOT),
    ("Are you a real person?", Talk.BOT),
    ("你是机器人吗？", Talk.BOT),
    ("good morning", Talk.HELLO),
    ("在吗", Talk.HELLO),
    ("how are you", Talk.HOW_ARE_YOU),
    ("thx", Talk.THANKS),
    ("ok thanks!", Talk.THANKS),
    ("thx bye", Talk.GOODBYE),
    ("never mind", Talk.LEAVES),
    ("算了", Talk.LEAVES),
    ("what about the other one?", Talk.OTHER),
    ("那另一个呢？", Talk.OTHER),
    ("ok, and where is my parcel", None),
    ("what", None),
    ("help me return it", None),
    ("好的，怎么退货", None),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_words_that_ask_for_nothing_are_known_as_a_whole(text: str, said: Talk | None) -> None:
    assert talk(text) is said


def test_a_yes_and_a_no_are_not_mixed_up() -> None:
    assert affirms("Yes, please!")
    assert not affirms("no")
    assert declines("no thanks")
    assert not declines("what?")


@pytest.mark.parametrize("says", [Says(), CHINESE])
def test_every_kind_has_its_sentence(says: Says) -> None:
    for kind in Talk:
        assert says.small_talk(kind)
    assert set(asdict(says)) == {one.name for one in fields(Says)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ok", WORDS.says.noted),
        ("are you a bot?", WORDS.says.bot),
        ("what can you do?", WORDS.says.abilities),
        ("never mind", WORDS.says.form_left),
    ],
)
async def test_small_talk_is_answered_and_what_was_talked_about_stays(
    tmp_path: Path, text: str, sentence: str
) -> None:
    async with house(tmp_path) as desk:
        await desk.say("can I return it")
        said = await desk.say(text)
        again = await desk.say("that's not what I meant")
    assert (said.action, said.reason, said.text) == (ActionKind.REPLY, "small_talk", sentence)
    assert (said.intent, said.template_id) == ("", "")
    assert again.reason == "turned_down"


async def test_a_no_to_a_question_of_small_talk_turns_no_answer_down(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("where can I return it")
        assert (await desk.say("lol")).text.endswith("?")
        said = await desk.say("no")
    assert (said.action, said.text) == (ActionKind.REPLY, WORDS.says.noted)


async def test_a_yes_to_what_an_answer_asks_is_asked_for_more(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        assert (await desk.say("my order")).text.endswith("?")
        assert (await desk.say("yes")).text == WORDS.says.go_on


async def test_a_yes_to_several_choices_is_asked_which(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        first = await desk.say("maybe")
        which = await desk.say("yes")
        person = await desk.say("yes")
    matters = [c.value for c in first.choices if c.value not in (HUMAN, NONE_OF_THESE)]
    assert [c.value for c in which.choices][: len(matters)] == matters
    assert person.action is ActionKind.HANDOFF


async def test_the_other_one_is_asked_about_among_what_was_offered_and_not_taken(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as desk:
        question = await desk.say("maybe")
        taken = question.choices[0].value
        await desk.say("the first one")
        which = await desk.say("what about the other one?")
    matters = [c.value for c in question.choices if c.value not in (HUMAN, NONE_OF_THESE, taken)]
    assert which.action is ActionKind.CLARIFY
    assert [c.value for c in which.choices] == [*matters, NONE_OF_THESE, HUMAN]


async def test_the_other_one_of_nothing_is_asked_about_in_words(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        answer = await desk.say("my order")
        said = await desk.say("what about the other one?")
    assert answer.text != said.text == WORDS.says.which_other


def test_the_only_other_one_is_answered() -> None:
    only = Candidate("a", "A", 1.0)
    assert other([only], Conversation("c")) == Reply(only, Reason.CHOSEN)


def test_what_asks_for_nothing_leans_on_nothing() -> None:
    assert leaned_on(["where is my order", "ok"]) == 0
