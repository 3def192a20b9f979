"""Whole turns, with everything real but the model."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.channel import ChannelError, Undeliverable
from bot.intake import MAX_TEXT, BadInput, Busy
from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Decided,
    Delivered,
    GivenBack,
    Heard,
    OperatorWrote,
    Rated,
)
from conversations.events import Undeliverable as GivenUp
from tests.bot.house import WORDS, Pigeon, event_log, house
from tests.bot.reader import TEMPLATES, KeywordReader

STRANGE = "weather " * 13  # so long that it leans on nothing


async def test_a_confident_reading_is_answered_with_its_template(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("my order please")
    assert decision.action is ActionKind.REPLY
    assert decision.text == "Hello Ada, which order?"
    assert (decision.intent, decision.template_id) == ("order_status", "order-ask")
    assert (decision.verdict, decision.confidence) == ("confident", 0.95)
    assert desk.pigeon.texts == [decision.text]


async def test_what_was_said_before_fills_the_template(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("return of PP-123456")
        decision = await desk.say("my order please")
    assert decision.text == "Order PP-123456 is on its way."


async def test_the_evidence_card_can_be_recomputed(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("my order please")
    card = json.loads(decision.evidence)
    again = KeywordReader().read(["my order please"])[0]
    assert card["confidence"] == again.confidence
    assert card["release"] == again.release == decision.release
    assert [c["intent"] for c in card["candidates"]] == [c.intent for c in again.candidates]
    assert (card["read"], card["reason"]) == (decision.in_reply_to, "confident")


async def test_an_ambiguity_is_asked_about_and_the_choice_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        question = await desk.say("maybe a gift")
        assert question.action is ActionKind.CLARIFY
        values = [choice.value for choice in question.choices]
        # a template of it is about gifts
        assert values == ["return_item", "order_status", "washing_care", NONE_OF_THESE, HUMAN]
        decision = await desk.say("Sending something back", chosen="return_item")
    assert (decision.action, decision.reason) == (ActionKind.REPLY, "chosen")
    assert decision.template_id == "return-gift"  # chosen by the text that was asked about
    assert json.loads(decision.evidence)["read"] == question.in_reply_to


@pytest.mark.parametrize(
    "typed", ["sending something back", "2", " 2. ", "Sending something BACK!"]
)
async def test_a_choice_can_be_typed(tmp_path: Path, typed: str) -> None:
    async with house(tmp_path) as desk:
        await desk.say("maybe")
        decision = await desk.say(typed)
    assert (decision.intent, decision.reason) == ("return_item", "chosen")


async def test_a_number_without_a_question_is_no_choice(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("maybe")
        await desk.say("2")
        decision = await desk.say("2")
    assert decision.reason == "out_of_scope"


async def test_none_of_these_asks_about_the_next_best_and_then_hands_off(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("maybe")
        second = await desk.say("Something else", chosen=NONE_OF_THESE)
        third = await desk.say("Something else", chosen=NONE_OF_THESE)
    assert [c.value for c in second.choices][:2] == ["repair_status", "talk_to_person"]
    assert second.text != ""
    assert (third.action, third.reason) == (ActionKind.HANDOFF, "still_unclear")


async def test_an_answer_that_is_turned_down_brings_the_next_best_and_then_a_person(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as desk:
        answer = await desk.say("where is my order")
        instead = await desk.say("no, that's not it")
        chosen = await desk.say("Sending something back", chosen="return_item")
        person = await desk.say("that's not what I meant")
    values = [choice.value for choice in instead.choices]
    assert answer.intent == "order_status"
    assert (instead.action, instead.reason) == (ActionKind.CLARIFY, "turned_down")
    assert "order_status" not in values
    assert json.loads(instead.evidence)["read"] == answer.in_reply_to
    assert chosen.intent == "return_item"
    assert (person.action, person.reason) == (ActionKind.HANDOFF, "still_unclear")


@pytest.mark.parametrize("no", ["no", "neither", "none of these", "no, that's not it", "???"])
async def test_a_no_to_a_question_is_a_no_to_all_its_choices(tmp_path: Path, no: str) -> None:
    async with house(tmp_path) as desk:
        first = await desk.say("maybe a page")
        second = await desk.say(no)
    assert first.choices
    assert not {c.value for c in first.choices[:2]} & {c.value for c in second.choices}
    assert second.source == ""  # what the page says was not it


async def test_a_choice_can_be_named_by_its_place(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        question = await desk.say("maybe")
        decision = await desk.say("the second one")
    assert (decision.intent, decision.reason) == (question.choices[1].value, "chosen")


async def test_what_was_turned_down_is_not_said_again(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        answer = await desk.say("where is my order")
        said = [await desk.say(no) for no in ("no", "still no", "no", "no")]
    assert all(one.intent != answer.intent or one.action is not ActionKind.REPLY for one in said)
    assert any(one.action is ActionKind.HANDOFF for one in said)


async def test_a_rejection_that_says_what_was_meant_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("where is my order")
        decision = await desk.say("not what I asked, I want to return it")
    assert (decision.action, decision.intent) == (ActionKind.REPLY, "return_item")


async def test_a_rejection_out_of_the_blue_is_read_like_any_other_words(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("no, that's not it")
    assert decision.reason == "out_of_scope"


@pytest.mark.parametrize(
    ("text", "chosen", "reason"),
    [
        ("Talk to a person", HUMAN, "asked_for_person"),
        ("a person", "", "asked_for_person"),
        ("anything", NONE_OF_THESE, "still_unclear"),
        ("Where my repair is", "repair_status", "no_answer"),
        ("boom", "", "failed"),
        ("nan", "", "failed"),
    ],
)
async def test_a_person_takes_over_and_the_customer_is_told(
    tmp_path: Path, text: str, chosen: str, reason: str
) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say(text, chosen=chosen)
        assert (decision.action, decision.reason) == (ActionKind.HANDOFF, reason)
        assert "colleague" in decision.text
        assert await desk.log.waiting() == [await desk.conversation_of()]


@pytest.mark.parametrize(("text", "chosen"), [("weather", ""), ("a choice nobody has", "gone")])
async def test_what_is_not_known_is_said_and_a_person_is_offered(
    tmp_path: Path, text: str, chosen: str
) -> None:
    async with house(tmp_path) as desk:
        offer = await desk.say(text, chosen=chosen)
        assert (offer.action, offer.reason) == (ActionKind.CLARIFY, "out_of_scope")
        assert [choice.value for choice in offer.choices] == [HUMAN]
        assert offer.text == WORDS.says.unknown
        assert await desk.log.waiting() == []
        answer = await desk.say("where is my order")
    assert (answer.action, answer.intent) == (ActionKind.REPLY, "order_status")


async def test_a_second_unknown_message_in_a_row_gets_a_person_and_one_later_an_offer_again(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as desk:
        said = [await desk.say(text) for text in (STRANGE, "my order", STRANGE, STRANGE)]
    actions = [str(one.action) for one in said]
    assert actions == ["clarify", "reply", "clarify", "handoff"]
    assert said[-1].reason == "out_of_scope"


@pytest.mark.parametrize("yes", ["yes", "Yes, please!", "ok", "好的", "ja gerne", "हाँ", "1"])
async def test_a_yes_to_the_offer_of_a_person_takes_it(tmp_path: Path, yes: str) -> None:
    async with house(tmp_path) as desk:
        await desk.say("weather")
        decision = await desk.say(yes)
        assert (decision.action, decision.reason) == (ActionKind.HANDOFF, "asked_for_person")
        assert await desk.log.waiting() == [await desk.conversation_of()]


@pytest.mark.parametrize("no", ["no", "no thanks", "never mind", "不用了", "nein danke"])
async def test_a_no_to_the_offer_of_a_person_leaves_it_and_the_bot_stays(
    tmp_path: Path, no: str
) -> None:
    async with house(tmp_path) as desk:
        await desk.say("my order")
        await desk.say(STRANGE)
        decision = await desk.say(no)
        assert (decision.action, decision.text) == (ActionKind.REPLY, WORDS.says.form_left)
        assert (await desk.say(STRANGE)).action is ActionKind.CLARIFY


async def test_who_offers_a_person_says_when_nobody_is_there(tmp_path: Path) -> None:
    async with house(tmp_path, there=lambda: False) as desk:
        offer = await desk.say("weather")
    assert offer.text == f"{WORDS.says.unknown}\n\n{WORDS.says.nobody_there}"


async def test_a_passage_is_quoted_with_its_page(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("page")
    assert (decision.action, decision.reason) == (ActionKind.REPLY, "from_knowledge")
    assert decision.source == "care"
    assert "\n\nRinse them, dry them slowly.\n" in decision.text
    assert "Looking after things" in decision.text


async def test_what_pages_say_stands_above_a_question_with_its_choices(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("maybe a page")
    assert (decision.action, decision.reason, decision.source) == (
        ActionKind.CLARIFY,
        "ambiguous",
        "care",
    )
    assert "Rinse them, dry them slowly." in decision.text
    assert decision.text.endswith("did you mean one of these?")
    assert len(decision.choices) == 5


async def test_the_bot_is_silent_until_the_conversation_is_given_back(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("a person")
        silent = await desk.say("my order please")
        assert (silent.action, silent.text) == (ActionKind.SILENT, "")
        conversation_id = await desk.conversation_of()
        await desk.log.append(
            conversation_id, OperatorWrote(message_id="o1", operator="eve", text="Hello.")
        )
        assert (await desk.say("order")).action is ActionKind.SILENT
        await desk.log.append(conversation_id, GivenBack(operator="eve"))
        assert (await desk.say("order")).action is ActionKind.REPLY
    assert len(desk.pigeon.carried) == 2  # silence is not sent


async def test_a_repeated_message_has_one_answer(tmp_path: Path) -> None:
    release = KeywordReader(seconds=0.05)
    async with house(tmp_path, release) as desk:
        repeats = [desk.say("order", external_id="x") for _ in range(5)]
        together = await asyncio.gather(*repeats)
        later = await desk.say("order", external_id="x")
        assert {d.message_id for d in (*together, later)} == {later.message_id}
        history = await desk.log.history(await desk.conversation_of())
    assert sum(isinstance(r.event, Heard) for r in history) == 1
    assert sum(isinstance(r.event, Decided) for r in history) == 1
    assert len(desk.pigeon.carried) == 1


async def test_turns_of_a_conversation_keep_their_order(tmp_path: Path) -> None:
    async with house(tmp_path, KeywordReader(seconds=0.005)) as desk:
        texts = [f"{word} {n}" for n in range(10) for word in ("order", "return")]
        hearings = [await desk.turns.hear(desk.utterance(text)) for text in texts]
        answers = [await hearing.answer for hearing in hearings]
    assert [a.seq for a in answers] == sorted(a.seq for a in answers)
    intents = [o.decided.intent for o in desk.pigeon.carried]
    assert intents == ["order_status", "return_item"] * 10


async def test_two_hundred_at_once_are_each_answered_once(tmp_path: Path) -> None:
    release = KeywordReader(seconds=0.002)
    async with house(tmp_path, release) as desk:
        said = [desk.say("order", who=f"v{n % 50}") for n in range(200)]
        decisions = await asyncio.gather(*said)
    assert len({d.in_reply_to for d in decisions}) == 200
    assert len(desk.pigeon.carried) == 200
    assert len(release.passes) < 100  # conversations share a pass
    seqs: dict[str, list[int]] = defaultdict(list)
    for outgoing in desk.pigeon.carried:
        seqs[outgoing.conversation_id].append(outgoing.seq)
    assert all(order == sorted(order) for order in seqs.values())


async def test_too_many_at_once_are_refused_before_anything_is_stored(tmp_path: Path) -> None:
    async with house(tmp_path, KeywordReader(seconds=0.1), in_flight=3) as desk:
        for n in range(3):
            await desk.turns.hear(desk.utterance("order", who=f"v{n}"))
        with pytest.raises(Busy):
            await desk.turns.hear(desk.utterance("order", who="late"))
        assert await desk.log.visitor("pigeon", "late") is None


async def test_a_visitor_who_leaves_is_still_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        task = asyncio.create_task(desk.turns.hear(desk.utterance("order")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(desk.pigeon.carried) == 1


async def test_what_a_crash_left_is_answered_and_sent_at_the_next_start(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        unheard = desk.utterance("order", who="heard-only")
        undelivered = desk.utterance("return", who="decided-only")
    async with event_log(tmp_path) as log:  # a process that died in the middle of two turns
        await log.hear(unheard)
        heeded = await log.hear(undelivered)
        heard = heeded.recorded.event
        assert isinstance(heard, Heard)
        lost = Decided(
            message_id="lost", in_reply_to=heard.message_id, action=ActionKind.REPLY, text="Sure."
        )
        await log.append(heeded.recorded.conversation_id, lost)
    async with house(tmp_path) as desk:
        await desk.turns.recover()
    assert sorted(desk.pigeon.texts) == ["Hello Ada, which order?", "Sure."]
    async with house(tmp_path) as desk:
        await desk.turns.recover()
        assert not await desk.log.unanswered()
        assert not await desk.log.undelivered()
    assert desk.pigeon.carried == []


async def test_a_platform_that_fails_is_tried_again_in_order(tmp_path: Path) -> None:
    pigeon = Pigeon(weather=[ChannelError("rain", retry_after=0.6)])
    async with house(tmp_path, pigeon=pigeon) as desk:
        await desk.say("order")
        await desk.say("return")
        assert pigeon.carried == []
    assert [o.decided.intent for o in pigeon.carried] == ["order_status", "return_item"]


async def test_a_blocked_visitor_is_given_up(tmp_path: Path) -> None:
    pigeon = Pigeon(weather=[Undeliverable("blocked")])
    async with house(tmp_path, pigeon=pigeon) as desk:
        await desk.say("order")
        await desk.say("return")
    async with event_log(tmp_path) as log:
        history = await log.history(desk.pigeon.carried[0].conversation_id)
    ends = [r.event for r in history if isinstance(r.event, (GivenUp, Delivered))]
    assert [isinstance(end, Delivered) for end in ends] == [False, True]
    assert isinstance(ends[0], GivenUp)
    assert ends[0].reason == "blocked"


async def test_a_stalled_model_hands_off(tmp_path: Path) -> None:
    async with house(tmp_path, KeywordReader(seconds=0.3), patience=0.05) as desk:
        decision = await desk.say("order")
    assert (decision.action, decision.reason) == (ActionKind.HANDOFF, "failed")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \t\n ", "empty"),
        ("\u200b\u200d\ufeff", "empty"),
        ("\x00\x07\x1b", "empty"),
        ("\u202e\u2066", "empty"),
        ("\u3164\u2800", "empty"),
        ("\u0301\u0301", "empty"),
        ("x" * (MAX_TEXT + 1), "too_long"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_stored(
    tmp_path: Path, text: str, code: str
) -> None:
    async with house(tmp_path) as desk:
        with pytest.raises(BadInput) as refused:
            await desk.turns.hear(desk.utterance(text))
        assert refused.value.code == code
        assert await desk.log.visitor("pigeon", "ada") is None


@pytest.mark.parametrize(
    "text",
    [
        "x" * MAX_TEXT,
        "\ud800",
        "a\x00b",
        "\u202eorder",
        "👨‍👩‍👧‍👦" * 500,
        "退款",
        "<script>alert(1)</script>",
        "{{ order_number }}{% for i in (1..9999999) %}x{% endfor %}",
        "'; DROP TABLE events; --",
    ],
)
async def test_a_strange_text_has_an_answer(tmp_path: Path, text: str) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say(text)
        assert decision.action is ActionKind.CLARIFY
        assert (await desk.say("order", who="next")).action is ActionKind.REPLY


async def test_a_thumb_is_the_visitors_own(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        decision = await desk.say("order")
        rate = desk.turns.rate
        assert await rate(decision.message_id, "up", "", address="ada")
        assert await rate(decision.message_id, "down", "no", address=None)
        assert not await rate(decision.message_id, "up", "", address="eve")
        assert not await rate("nothing", "up", "", address="ada")
        assert not await rate(decision.in_reply_to, "up", "", address="ada")
        with pytest.raises(BadInput):
            await rate(decision.message_id, "sideways", "", address="ada")
        history = await desk.log.history(await desk.conversation_of())
    thumbs = [r.event for r in history if isinstance(r.event, Rated)]
    assert [(t.value, t.comment) for t in thumbs] == [("up", ""), ("down", "no")]


async def test_an_answer_is_counted(tmp_path: Path) -> None:
    async with house(tmp_path) as desk:
        await desk.say("order")
    value = desk.meters.registry.get_sample_value
    assert value("frontdesk_turns_total", {"action": "reply", "verdict": "confident"}) == 1
    assert value("frontdesk_turn_seconds_count") == 1


async def test_an_answer_that_comes_out_empty_brings_a_person(tmp_path: Path) -> None:
    empty = "{% if order_number %}It is there.{% endif %}"  # refused today, and in Releases of old
    answers = tuple(replace(t, text=empty) if t.id == "order-ask" else t for t in TEMPLATES)
    async with house(tmp_path, KeywordReader(templates=answers)) as desk:
        decision = await desk.say("where is my order")
    assert (decision.action, decision.reason) == (ActionKind.HANDOFF, "no_answer")
